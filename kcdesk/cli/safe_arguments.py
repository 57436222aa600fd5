"""The words of the commands that keep a workspace safe: second thoughts, erasing, backups, checking, keys, people."""

from __future__ import annotations

from pathlib import Path

from kcdesk.cli import erasing, keys, safety, second_thoughts
from kcdesk.cli.declaring import Subparsers, add_command, add_group, json_option, no_recovery_code


def second_thought_commands(sub: Subparsers) -> None:
    words = "bỏ một hồ sơ vào thùng rác; những gì thuộc về nó được giữ nguyên"
    delete = add_command(sub, "delete", second_thoughts.delete, words)
    delete.add_argument("kind", metavar="KIND")
    delete.add_argument("id", metavar="ID")
    delete.add_argument("--yes", action="store_true", help="không hỏi lại")

    thrown = add_group(sub, "bin", "thùng rác")
    add_command(thrown, "list", second_thoughts.list_bin, "những hồ sơ trong thùng rác")
    take = add_command(thrown, "take", second_thoughts.take_back, "lấy lại một hồ sơ như trước")
    take.add_argument("kind", metavar="KIND")
    take.add_argument("id", metavar="ID")

    words = "hoàn tác một việc đã làm; không có ID: những việc vừa làm trên máy này"
    undo = add_command(sub, "undo", second_thoughts.undo, words)
    which = undo.add_mutually_exclusive_group()
    which.add_argument("id", nargs="?", metavar="ID", help="mã một thay đổi của việc đó")
    which.add_argument("--last", action="store_true", help="việc cuối cùng của máy này")
    undo.add_argument("--dry-run", action="store_true", help="chỉ cho biết sẽ trả lại gì")

    words = "gộp một cơ sở bị ghi trùng vào cơ sở kia"
    merge = add_command(sub, "merge", second_thoughts.merge, words)
    merge.add_argument("id", metavar="ID", help="hồ sơ trùng")
    merge.add_argument("into", metavar="INTO", help="hồ sơ còn lại")
    merge.add_argument(
        "--take",
        action="append",
        default=[],
        metavar="FIELD",
        help="lấy mục này của hồ sơ trùng sang hồ sơ còn lại; dùng được nhiều lần",
    )
    unmerge = add_command(sub, "unmerge", second_thoughts.unmerge, "tách lại một cơ sở đã gộp")
    unmerge.add_argument("id", metavar="ID")

    drafts = add_group(sub, "draft", "những gì đang ghi dở, chưa lưu thành hồ sơ")
    add_command(drafts, "list", second_thoughts.list_drafts, "các phiếu đang ghi dở")
    drop = add_command(drafts, "drop", second_thoughts.drop_draft, "bỏ một phần đang ghi dở")
    drop.add_argument("kind", metavar="KIND")
    drop.add_argument("id", metavar="ID")


def erasing_commands(sub: Subparsers) -> None:
    words = (
        "xoá hẳn dữ liệu cá nhân khỏi lịch sử, theo văn bản; chỉ trung tâm, hoặc người làm một mình"
    )
    erase = add_command(sub, "erase", erasing.erase, words)
    erase.add_argument("kind", metavar="KIND")
    erase.add_argument("id", metavar="ID")
    erase.add_argument(
        "fields",
        nargs="*",
        metavar="FIELD",
        help="các mục cần xoá; của ảnh, tài liệu mà không ghi thì xoá cả tệp",
    )
    erase.add_argument(
        "--reason", required=True, metavar="R", help="lý do, không ghi lại thông tin"
    )
    erase.add_argument("--paper", required=True, metavar="P", help="số văn bản")
    erase.add_argument("--date", required=True, metavar="D", help="ngày văn bản: 05/03/2027")
    erase.add_argument("--yes", action="store_true", help="không hỏi lại")
    add_command(
        sub, "erasures", erasing.list_erasures, "những gì đã xoá theo yêu cầu, theo văn bản nào"
    )


def safety_commands(sub: Subparsers) -> None:
    backup = add_command(
        sub,
        "backup",
        safety.backup,
        "sao lưu ngay vào thư mục dữ liệu, và nếu muốn ra một tệp hoặc một ổ khác",
    )
    where = backup.add_mutually_exclusive_group()
    where.add_argument(
        "-o", dest="output", type=Path, metavar="FILE", help="ghi thêm ra một tệp duy nhất"
    )
    where.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        help="chép thêm sang thư mục này, ví dụ ổ USB: chỉ chép những gì ở đó chưa có",
    )
    where.add_argument("--list", action="store_true", help="các bản sao lưu đang có; không sao lưu")
    backup.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="PLACE",
        help="với --list: ở tệp hoặc thư mục này",
    )
    restore = add_command(
        sub, "restore", safety.restore, "khôi phục từ bản sao lưu; dữ liệu đang có được cất riêng"
    )
    restore.add_argument(
        "source",
        nargs="?",
        type=Path,
        metavar="PLACE",
        help="tệp hoặc thư mục có bản sao lưu; không ghi thì lấy các bản trong thư mục dữ liệu",
    )
    restore.add_argument(
        "--at",
        type=safety.moment,
        metavar="TIME",
        help="bản mới nhất cho đến lúc này: 2027-03-01 14:05, hoặc một ngày: 01/03/2027",
    )
    recover = add_command(
        sub,
        "recover",
        safety.recover,
        "cứu dữ liệu bị hỏng: từ các bản sao lưu và những gì tệp hỏng còn đọc được",
    )
    recover.add_argument(
        "--from", dest="source", type=Path, metavar="PLACE", help="dùng thêm bản sao lưu ở đây"
    )


def key_commands(sub: Subparsers) -> None:
    key = add_group(sub, "key", "những gì mở được dữ liệu: mật khẩu, kho khoá, mã khôi phục")
    code = add_command(
        key, "recovery-code", keys.recovery_code, "lập mã khôi phục mới; mã cũ thôi dùng"
    )
    code.add_argument(
        "-o", dest="output", type=Path, metavar="OUT.pdf", help="ghi trang giấy có mã ra tệp PDF"
    )
    passphrase = add_command(
        key, "passphrase", keys.passphrase, "đặt hoặc đổi mật khẩu, thay cho kho khoá của máy"
    )
    passphrase.add_argument(
        "--new-passphrase-file", type=Path, required=True, metavar="F", help="tệp chứa mật khẩu mới"
    )
    add_command(key, "keyring", keys.keyring, "mở bằng kho khoá của máy, thay cho mật khẩu")
    add_command(key, "new", keys.new, "mã hoá lại dữ liệu bằng khoá mới và mã khôi phục mới")
    after = add_command(
        key, "lock-after", keys.lock_after, "sau bao nhiêu phút không dùng thì cửa sổ tự khoá"
    )
    after.add_argument("minutes", type=int, nargs="?", metavar="MINUTES", help="không ghi: cho xem")

    people = add_group(sub, "people", "những người dùng chung tài khoản máy này")
    words = "ai có dữ liệu ở tài khoản máy này"
    everybody = people.add_parser("list", help=words, description=words)
    json_option(everybody)
    everybody.set_defaults(run=keys.list_people)
    words = "thêm một người có dữ liệu riêng và mật khẩu riêng"
    add = people.add_parser("add", help=words, description=words)
    add.add_argument("--name", required=True, metavar="N", help="họ tên")
    add.add_argument(
        "--area", required=True, action="append", metavar="CODE", help="mã địa bàn, như ở init"
    )
    add.add_argument(
        "--passphrase-file", type=Path, required=True, metavar="F", help="tệp chứa mật khẩu"
    )
    no_recovery_code(add)
    json_option(add)
    add.set_defaults(run=keys.add_person)

"""The words of the command line: every command with its options, and which function runs it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kcdesk import __version__
from kcdesk.cli import (
    attachments,
    checking,
    commands,
    erasing,
    importing,
    keys,
    papers,
    province,
    records,
    safety,
    second_thoughts,
)

Subparsers = Any  # argparse's own type for this is private


def parser() -> argparse.ArgumentParser:
    """The whole command line; each command sets `run`."""
    top = argparse.ArgumentParser(
        prog="kcdesk",
        description="Khuyến công: sổ cơ sở, phiếu khảo sát, đơn đề nghị, đồng bộ với tỉnh. Không có lệnh: mở cửa sổ.",
    )
    top.add_argument(
        "--version", action="version", version=f"kcdesk {__version__}", help="phiên bản"
    )
    top.set_defaults(run=commands.window)
    _workspace(top, top_level=True)
    sub = top.add_subparsers(metavar="LỆNH")
    _workspace_commands(sub)
    _key_commands(sub)
    _safety_commands(sub)
    _record_commands(sub)
    _second_thought_commands(sub)
    _erasing_commands(sub)
    _attachment_commands(sub)
    _paper_commands(sub)
    _province_commands(sub)
    return top


def _workspace_commands(sub: Subparsers) -> None:
    words = "dữ liệu thử và máy chủ thử; mở cửa sổ, hoặc tự kiểm tra với --check"
    demo = sub.add_parser("demo", help=words, description=words)
    demo.add_argument(
        "--check",
        action="store_true",
        help="làm cả chuỗi việc chính không cần cửa sổ, in từng bước",
    )
    demo.add_argument("--keep", type=Path, metavar="DIR", help="giữ dữ liệu thử trong thư mục này")
    demo.add_argument(
        "--register",
        type=Path,
        metavar="FILE",
        help="dùng danh sách cơ sở này thay cho danh sách mẫu",
    )
    _json(demo)
    demo.set_defaults(run=commands.demo)

    init = _command(
        sub, "init", commands.init, "tạo dữ liệu mới cho một người và địa bàn của người đó"
    )
    init.add_argument("--name", required=True, metavar="N", help="họ tên người dùng")
    init.add_argument(
        "--area",
        required=True,
        action="append",
        metavar="CODE",
        help="mã địa bàn: xã (02728), tỉnh (15), tỉnh cũ (old:10), huyện cũ (old:082); dùng được nhiều lần",
    )
    _no_recovery_code(init)

    _command(sub, "status", commands.status, "dữ liệu đang ở đâu, còn bao nhiêu chưa gửi")
    words = "kiểm tra toàn bộ dữ liệu; có chỗ không đúng thì liệt kê và kết thúc với mã 1"
    check = _command(sub, "check", checking.check_all, words)
    check.add_argument(
        "--repair", action="store_true", help="làm lại những chỗ không đúng từ các thay đổi đã ghi"
    )
    words = "bản cài đặt tự kiểm tra"
    test = sub.add_parser("self-test", help=words, description=words)
    _json(test)
    test.set_defaults(run=commands.self_test)


def _record_commands(sub: Subparsers) -> None:
    imports = _command(sub, "import", importing.import_list, "nhập danh sách từ tệp Excel")
    imports.add_argument("kind", metavar="KIND", choices=["establishments"])
    imports.add_argument("file", type=Path, metavar="FILE")
    imports.add_argument(
        "--sheet", metavar="S", help="tên trang; không ghi thì lấy trang đầu có danh sách"
    )
    imports.add_argument(
        "--year", type=int, metavar="Y", help="năm của số liệu, khi tên danh sách không ghi"
    )
    imports.add_argument(
        "--update",
        action="store_true",
        help="cơ sở đã có: ghi những gì danh sách ghi khác; ô để trống không xoá gì",
    )
    imports.add_argument(
        "--row",
        action="append",
        default=[],
        type=_row_decision,
        metavar="N=DECISION",
        help="quyết định cho dòng N: add (thêm mới), update (cập nhật cơ sở đã có), skip (bỏ qua); dùng được nhiều lần",
    )
    imports.add_argument(
        "--map", type=Path, metavar="FILE", help="tệp nói mỗi cột ghi gì, lập bằng --save-map"
    )
    imports.add_argument(
        "--save-map",
        type=Path,
        metavar="FILE",
        help="ghi lại mỗi cột đã được hiểu là gì, để dùng với --map cho danh sách cùng mẫu",
    )
    imports.add_argument(
        "--encoding",
        action="append",
        default=[],
        type=_column_encoding,
        metavar="COLUMN=ENCODING",
        help="chữ của một cột gõ bằng bảng mã nào: TCVN3, VNI, DECOMPOSED (Unicode tổ hợp), UNICODE; "
        "ví dụ B=TCVN3; dùng được nhiều lần",
    )
    imports.add_argument(
        "--accept",
        choices=["proposed"],
        help="nhận cả những đề xuất chưa chắc chắn về cột và bảng mã",
    )
    imports.add_argument(
        "--all-or-nothing", action="store_true", help="một dòng không nhập được thì không nhập gì"
    )
    imports.add_argument("--dry-run", action="store_true", help="chỉ cho biết sẽ nhập gì")

    lists = _command(sub, "list", records.list_kind, "danh sách một loại hồ sơ")
    lists.add_argument("kind", metavar="KIND")
    lists.add_argument(
        "--search", default="", help="tên, không dấu cũng được; mã số thuế; điện thoại; thôn, xã"
    )
    lists.add_argument(
        "--where",
        action="append",
        default=[],
        type=_pair,
        metavar="FIELD=VALUE",
        help="chỉ các hồ sơ có trường này đúng như vậy; dùng được nhiều lần",
    )
    lists.add_argument(
        "--limit", type=int, default=50, metavar="N", help="số hồ sơ của một trang (mặc định 50)"
    )
    lists.add_argument("--after", metavar="CURSOR", help="“next” của trang trước")

    export = _command(
        sub,
        "export",
        records.export,
        "ghi một danh sách ra tệp Excel hoặc .csv thường, không mã hoá",
    )
    export.add_argument("kind", metavar="KIND")
    export.add_argument(
        "-o", dest="output", type=Path, required=True, metavar="FILE", help="tệp .xlsx hoặc .csv"
    )
    export.add_argument("--search", default="", help="như của lệnh list")
    export.add_argument(
        "--where",
        action="append",
        default=[],
        type=_pair,
        metavar="FIELD=VALUE",
        help="như của lệnh list; dùng được nhiều lần",
    )

    show = _command(sub, "show", records.show, "một hồ sơ")
    show.add_argument("kind", metavar="KIND")
    show.add_argument("id", metavar="ID")
    show.add_argument("--history", action="store_true", help="ai đã ghi gì, lúc nào, trên máy nào")
    show.add_argument("--field", default="", metavar="F", help="lịch sử của riêng mục này")

    sets = _command(sub, "set", records.set_record, "sửa một hồ sơ")
    sets.add_argument("kind", metavar="KIND")
    sets.add_argument("id", metavar="ID")
    sets.add_argument("fields", nargs="+", type=_pair, metavar="FIELD=VALUE")

    add = _command(sub, "add", records.add, "thêm một hồ sơ")
    add.add_argument("kind", metavar="KIND")
    add.add_argument("fields", nargs="+", type=_pair, metavar="FIELD=VALUE")

    twice = _command(
        sub, "duplicates", importing.duplicates, "các cơ sở có thể trùng nhau, và vì sao"
    )
    twice.add_argument(
        "--different",
        nargs=2,
        metavar="ID",
        help="hai mã: xác nhận đây là hai cơ sở khác nhau, lần sau không hỏi lại",
    )

    _command(sub, "conflicts", records.conflicts, "các trường nhiều người ghi khác nhau, chờ chọn")
    resolve = _command(
        sub, "resolve", records.resolve, "chọn giá trị cho một trường đang khác nhau"
    )
    resolve.add_argument("kind", metavar="KIND")
    resolve.add_argument("id", metavar="ID")
    resolve.add_argument("field", metavar="FIELD")
    choice = resolve.add_mutually_exclusive_group(required=True)
    choice.add_argument(
        "--pick", metavar="CHANGE_ID", help="lấy giá trị của thay đổi này (xem kcdesk conflicts)"
    )
    choice.add_argument("--value", metavar="V", help="ghi một giá trị khác")

    communes = _group(sub, "communes", "cơ sở chưa rõ xã, phường hiện nay")
    _command(communes, "list", records.communes, "các cơ sở đang chờ và các xã, phường có thể")
    decide = _command(communes, "decide", records.decide_commune, "chọn xã, phường cho một cơ sở")
    decide.add_argument("id", metavar="ID")
    decide.add_argument("commune", metavar="CODE")


def _second_thought_commands(sub: Subparsers) -> None:
    words = "bỏ một hồ sơ vào thùng rác; những gì thuộc về nó được giữ nguyên"
    delete = _command(sub, "delete", second_thoughts.delete, words)
    delete.add_argument("kind", metavar="KIND")
    delete.add_argument("id", metavar="ID")
    delete.add_argument("--yes", action="store_true", help="không hỏi lại")

    thrown = _group(sub, "bin", "thùng rác")
    _command(thrown, "list", second_thoughts.list_bin, "những hồ sơ trong thùng rác")
    take = _command(thrown, "take", second_thoughts.take_back, "lấy lại một hồ sơ như trước")
    take.add_argument("kind", metavar="KIND")
    take.add_argument("id", metavar="ID")

    words = "hoàn tác một việc đã làm; không có ID: những việc vừa làm trên máy này"
    undo = _command(sub, "undo", second_thoughts.undo, words)
    which = undo.add_mutually_exclusive_group()
    which.add_argument("id", nargs="?", metavar="ID", help="mã một thay đổi của việc đó")
    which.add_argument("--last", action="store_true", help="việc cuối cùng của máy này")
    undo.add_argument("--dry-run", action="store_true", help="chỉ cho biết sẽ trả lại gì")

    words = "gộp một cơ sở bị ghi trùng vào cơ sở kia"
    merge = _command(sub, "merge", second_thoughts.merge, words)
    merge.add_argument("id", metavar="ID", help="hồ sơ trùng")
    merge.add_argument("into", metavar="INTO", help="hồ sơ còn lại")
    merge.add_argument(
        "--take",
        action="append",
        default=[],
        metavar="FIELD",
        help="lấy mục này của hồ sơ trùng sang hồ sơ còn lại; dùng được nhiều lần",
    )
    unmerge = _command(sub, "unmerge", second_thoughts.unmerge, "tách lại một cơ sở đã gộp")
    unmerge.add_argument("id", metavar="ID")

    drafts = _group(sub, "draft", "những gì đang ghi dở, chưa lưu thành hồ sơ")
    _command(drafts, "list", second_thoughts.list_drafts, "các phiếu đang ghi dở")
    drop = _command(drafts, "drop", second_thoughts.drop_draft, "bỏ một phần đang ghi dở")
    drop.add_argument("kind", metavar="KIND")
    drop.add_argument("id", metavar="ID")


def _erasing_commands(sub: Subparsers) -> None:
    words = (
        "xoá hẳn dữ liệu cá nhân khỏi lịch sử, theo văn bản; chỉ trung tâm, hoặc người làm một mình"
    )
    erase = _command(sub, "erase", erasing.erase, words)
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
    _command(
        sub, "erasures", erasing.list_erasures, "những gì đã xoá theo yêu cầu, theo văn bản nào"
    )


def _attachment_commands(sub: Subparsers) -> None:
    group = _group(sub, "attachment", "ảnh và tài liệu quét của một cơ sở")
    add = _command(
        group,
        "add",
        attachments.add,
        "thêm ảnh (JPEG, PNG, HEIC) và tài liệu PDF, một lần nhiều tệp",
    )
    add.add_argument("establishment", metavar="ESTABLISHMENT")
    add.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add.add_argument("--title", default="", metavar="T", help="tên; không ghi thì theo tên tệp")
    add.add_argument(
        "--purpose", default="", metavar="P", help="là gì: mã hoặc tên, ví dụ PHOTO_BEFORE"
    )
    add.add_argument("--of", default="", metavar="ID", help="phiếu hoặc đăng ký mà tệp kèm theo")
    add.add_argument(
        "--keep-original", action="store_true", help="giữ cả bản gốc của ảnh, chỉ trên máy này"
    )
    lists = _command(group, "list", attachments.list_of, "ảnh và tài liệu của một cơ sở")
    lists.add_argument("establishment", metavar="ESTABLISHMENT")
    lists.add_argument("--of", default="", metavar="ID", help="chỉ của phiếu hoặc đăng ký này")
    save = _command(group, "save", attachments.save, "ghi ra một tệp thường, không mã hoá")
    save.add_argument("id", metavar="ID")
    save.add_argument("-o", dest="output", type=Path, required=True, metavar="FILE")
    save.add_argument("--original", action="store_true", help="bản gốc đã giữ lại")
    remove = _command(group, "remove", attachments.remove, "bỏ vào thùng rác")
    remove.add_argument("id", metavar="ID")


def _paper_commands(sub: Subparsers) -> None:
    forms = _group(sub, "questionnaire", "mẫu phiếu khảo sát (XLSForm)")
    _command(forms, "list", papers.questionnaires, "các mẫu phiếu có sẵn")
    check = _command(
        forms, "check", papers.check_questionnaire, "kiểm tra một tệp mẫu phiếu, nêu mọi lỗi"
    )
    check.add_argument("file", type=Path, metavar="FILE")
    fill = _command(forms, "fill", papers.fill, "ghi một phiếu từ tệp JSON các câu trả lời")
    fill.add_argument("questionnaire", metavar="ID")
    fill.add_argument("answers", type=Path, metavar="ANSWERS.json")
    fill.add_argument("--establishment", required=True, metavar="ID")
    fill.add_argument("--accept", action="store_true", help="nhận luôn các câu trả lời vào hồ sơ")

    documents = _group(sub, "document", "giấy tờ theo mẫu")
    _command(documents, "list", papers.documents, "các mẫu giấy tờ in được")
    print_ = _command(documents, "print", papers.print_document, "in một giấy tờ ra PDF")
    print_.add_argument("form", metavar="FORM")
    source = print_.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--record", metavar="ID", help="mã hồ sơ, hoặc cơ sở có đúng một hồ sơ loại đó"
    )
    source.add_argument("--blank", action="store_true", help="mẫu trống để ghi tay")
    print_.add_argument("-o", dest="output", type=Path, required=True, metavar="OUT.pdf")

    text = _command(
        documents,
        "text",
        papers.document_text,
        "chữ trong một tệp PDF, từng trang: để kiểm tra bản in",
    )
    text.add_argument("file", type=Path, metavar="FILE.pdf")

    report = _command(sub, "report", papers.report, "biểu tổng hợp")
    report.add_argument("table", metavar="TABLE", choices=["B4"])
    report.add_argument("--area", metavar="CODE")


def _province_commands(sub: Subparsers) -> None:
    join = _command(sub, "join", province.join, "nối với máy chủ của tỉnh bằng mã đăng ký")
    join.add_argument("--server", required=True, metavar="URL")
    join.add_argument("--code", required=True, metavar="C")
    sync = _command(sub, "sync", province.sync, "gửi và nhận với máy chủ của tỉnh")
    sync.add_argument("--once", action="store_true", help="một lượt rồi thôi (mặc định)")

    server = _group(sub, "server", "máy chủ của tỉnh")
    run = _server(server, "run", province.server_run, "chạy máy chủ")
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=8480, help="0: tự chọn cổng trống")
    init = _server(server, "init", province.server_init, "tạo cơ sở dữ liệu của tỉnh")
    init.add_argument("name", help="tên của tỉnh, ví dụ: tỉnh Lào Cai")
    user = _server(server, "user", province.server_user, "thêm người dùng")
    user.add_argument("name", help="họ tên")
    user.add_argument(
        "--role", default="officer", choices=["collaborator", "officer", "centre", "administrator"]
    )
    user.add_argument(
        "--area", action="append", default=[], metavar="CODE", help="giao địa bàn cho người này"
    )
    area = _server(server, "area", province.server_area, "thêm địa bàn của tỉnh")
    area.add_argument("code", metavar="CODE")
    enrol = _server(
        server, "enrol", province.server_enrol, "cấp mã đăng ký một lần cho máy của một người"
    )
    enrol.add_argument("user", help="họ tên")
    _server(server, "status", province.server_status, "máy nào đã gửi đến đâu")


def _safety_commands(sub: Subparsers) -> None:
    backup = _command(
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
    restore = _command(
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
    recover = _command(
        sub,
        "recover",
        safety.recover,
        "cứu dữ liệu bị hỏng: từ các bản sao lưu và những gì tệp hỏng còn đọc được",
    )
    recover.add_argument(
        "--from", dest="source", type=Path, metavar="PLACE", help="dùng thêm bản sao lưu ở đây"
    )


def _key_commands(sub: Subparsers) -> None:
    key = _group(sub, "key", "những gì mở được dữ liệu: mật khẩu, kho khoá, mã khôi phục")
    code = _command(
        key, "recovery-code", keys.recovery_code, "lập mã khôi phục mới; mã cũ thôi dùng"
    )
    code.add_argument(
        "-o", dest="output", type=Path, metavar="OUT.pdf", help="ghi trang giấy có mã ra tệp PDF"
    )
    passphrase = _command(
        key, "passphrase", keys.passphrase, "đặt hoặc đổi mật khẩu, thay cho kho khoá của máy"
    )
    passphrase.add_argument(
        "--new-passphrase-file", type=Path, required=True, metavar="F", help="tệp chứa mật khẩu mới"
    )
    _command(key, "keyring", keys.keyring, "mở bằng kho khoá của máy, thay cho mật khẩu")
    _command(key, "new", keys.new, "mã hoá lại dữ liệu bằng khoá mới và mã khôi phục mới")
    after = _command(
        key, "lock-after", keys.lock_after, "sau bao nhiêu phút không dùng thì cửa sổ tự khoá"
    )
    after.add_argument("minutes", type=int, nargs="?", metavar="MINUTES", help="không ghi: cho xem")

    people = _group(sub, "people", "những người dùng chung tài khoản máy này")
    words = "ai có dữ liệu ở tài khoản máy này"
    everybody = people.add_parser("list", help=words, description=words)
    _json(everybody)
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
    _no_recovery_code(add)
    _json(add)
    add.set_defaults(run=keys.add_person)


def _no_recovery_code(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-recovery-code", action="store_true", help="không lập mã khôi phục")


def _pair(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals or not field:
        raise argparse.ArgumentTypeError(f"“{text}” không có dạng FIELD=VALUE")
    return field, value


def _row_decision(text: str) -> tuple[int, str]:
    number, _, action = text.partition("=")
    if not number.isdecimal() or action not in ("add", "update", "skip"):
        raise argparse.ArgumentTypeError(f"“{text}” không có dạng N=add, N=update hoặc N=skip")
    return int(number), action


def _column_encoding(text: str) -> tuple[str, str]:
    letter, _, name = text.upper().partition("=")
    if not letter.isalpha() or name not in ("TCVN3", "VNI", "DECOMPOSED", "UNICODE"):
        raise argparse.ArgumentTypeError(
            f"“{text}” không có dạng COLUMN=TCVN3, COLUMN=VNI, COLUMN=DECOMPOSED hoặc COLUMN=UNICODE"
        )
    return letter, name


def _group(sub: Subparsers, name: str, words: str) -> Subparsers:
    group = sub.add_parser(name, help=words, description=words)
    return group.add_subparsers(metavar="LỆNH", required=True)


def _command(sub: Subparsers, name: str, run: object, words: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = sub.add_parser(name, help=words, description=words)
    _workspace(command)
    _json(command)
    command.set_defaults(run=run)
    return command


def _server(sub: Subparsers, name: str, run: object, words: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = sub.add_parser(name, help=words, description=words)
    command.add_argument(
        "--db", default="sqlite:///kcdesk-province.db", metavar="URL", help="địa chỉ cơ sở dữ liệu"
    )
    _json(command)
    command.set_defaults(run=run)
    return command


def _workspace(command: argparse.ArgumentParser, *, top_level: bool = False) -> None:
    """`--workspace` and what opens it stand before or behind the command; behind wins."""
    default = None if top_level else argparse.SUPPRESS
    command.add_argument(
        "--workspace", type=Path, default=default, metavar="DIR", help="thư mục dữ liệu"
    )
    command.add_argument(
        "--passphrase-file", type=Path, default=default, metavar="F", help="tệp chứa mật khẩu"
    )
    command.add_argument(
        "--recovery-code-file",
        type=Path,
        default=default,
        metavar="F",
        help="tệp chứa mã khôi phục, khi không còn mật khẩu hay kho khoá",
    )
    if top_level:
        command.add_argument("--json", action="store_true", help="in một tài liệu JSON")


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="in một tài liệu JSON"
    )

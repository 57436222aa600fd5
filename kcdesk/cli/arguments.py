"""The words of the command line: every command with its options, and which function runs it."""

from __future__ import annotations

import argparse
from pathlib import Path

from kcdesk import __version__
from kcdesk.actions.contents import PhotosSent
from kcdesk.cli import (
    attachments,
    audit,
    checking,
    commands,
    devices,
    importing,
    papers,
    province,
    publishing,
    records,
    sheet_papers,
    submissions,
)
from kcdesk.cli.declaring import (
    Subparsers,
    add_command,
    add_group,
    add_server_command,
    json_option,
    no_recovery_code,
    pair,
    workspace_options,
)
from kcdesk.cli.device_arguments import server_device_commands
from kcdesk.cli.import_arguments import finding_commands, import_command
from kcdesk.cli.paper_arguments import document_commands, settings_commands
from kcdesk.cli.parcel_arguments import parcel_commands, server_parcel_commands
from kcdesk.cli.refusals import refused_commands
from kcdesk.cli.safe_arguments import (
    erasing_commands,
    key_commands,
    safety_commands,
    second_thought_commands,
)
from kcdesk.cli.support import support_commands
from kcdesk.cli.survey_arguments import survey_commands


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
    workspace_options(top, top_level=True)
    sub = top.add_subparsers(metavar="LỆNH")
    _workspace_commands(sub)
    key_commands(sub)
    safety_commands(sub)
    _record_commands(sub)
    second_thought_commands(sub)
    erasing_commands(sub)
    _attachment_commands(sub)
    _paper_commands(sub)
    settings_commands(sub)
    survey_commands(sub)
    support_commands(sub)
    _province_commands(sub)
    refused_commands(sub)
    parcel_commands(sub)
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
    json_option(demo)
    demo.set_defaults(run=commands.demo)

    init = add_command(
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
    no_recovery_code(init)

    add_command(sub, "status", commands.status, "dữ liệu đang ở đâu, còn bao nhiêu chưa gửi")
    words = "kiểm tra toàn bộ dữ liệu; có chỗ không đúng thì liệt kê và kết thúc với mã 1"
    check = add_command(sub, "check", checking.check_all, words)
    check.add_argument(
        "--repair", action="store_true", help="làm lại những chỗ không đúng từ các thay đổi đã ghi"
    )
    words = "bản cài đặt tự kiểm tra"
    test = sub.add_parser("self-test", help=words, description=words)
    json_option(test)
    test.set_defaults(run=commands.self_test)


def _record_commands(sub: Subparsers) -> None:
    import_command(sub)
    finding_commands(sub)
    lists = add_command(sub, "list", records.list_kind, "danh sách một loại hồ sơ")
    lists.add_argument("kind", metavar="KIND")
    lists.add_argument(
        "--search", default="", help="tên, không dấu cũng được; mã số thuế; điện thoại; thôn, xã"
    )
    lists.add_argument(
        "--where",
        action="append",
        default=[],
        type=pair,
        metavar="FIELD=VALUE",
        help="chỉ các hồ sơ có trường này đúng như vậy; dùng được nhiều lần",
    )
    lists.add_argument(
        "--limit", type=int, default=50, metavar="N", help="số hồ sơ của một trang (mặc định 50)"
    )
    lists.add_argument("--after", metavar="CURSOR", help="“next” của trang trước")

    export = add_command(
        sub,
        "export",
        records.export,
        "ghi một danh sách ra tệp Excel, .csv, PDF hoặc ảnh thường, không mã hoá",
    )
    export.add_argument(
        "kind",
        metavar="KIND",
        help="một loại hồ sơ, hoặc danh sách việc: bin, conflicts, communes, duplicates, rounds, erasures",
    )
    export.add_argument(
        "-o",
        dest="output",
        type=Path,
        required=True,
        metavar="FILE",
        help="tệp .xlsx hoặc .csv; tệp .pdf, .png có các cột chính",
    )
    export.add_argument("--search", default="", help="như của lệnh list")
    export.add_argument(
        "--where",
        action="append",
        default=[],
        type=pair,
        metavar="FIELD=VALUE",
        help="như của lệnh list; dùng được nhiều lần",
    )
    export.add_argument(
        "--without-personal",
        action="store_true",
        help="bỏ cột số CCCD, điện thoại, email, địa chỉ",
    )
    export.add_argument("--to", default="", metavar="WHO", help="gửi cho ai; ghi vào sổ giấy tờ")

    show = add_command(sub, "show", records.show, "một hồ sơ")
    show.add_argument("kind", metavar="KIND")
    show.add_argument("id", metavar="ID")
    show.add_argument("--history", action="store_true", help="ai đã ghi gì, lúc nào, trên máy nào")
    show.add_argument("--field", default="", metavar="F", help="lịch sử của riêng mục này")

    sets = add_command(sub, "set", records.set_record, "sửa một hồ sơ")
    sets.add_argument("kind", metavar="KIND")
    sets.add_argument("id", metavar="ID")
    sets.add_argument("fields", nargs="+", type=pair, metavar="FIELD=VALUE")

    add = add_command(sub, "add", records.add, "thêm một hồ sơ")
    add.add_argument("kind", metavar="KIND")
    add.add_argument("fields", nargs="+", type=pair, metavar="FIELD=VALUE")

    twice = add_command(
        sub, "duplicates", importing.duplicates, "các cơ sở có thể trùng nhau, và vì sao"
    )
    twice.add_argument(
        "--different",
        nargs=2,
        metavar="ID",
        help="hai mã: xác nhận đây là hai cơ sở khác nhau, lần sau không hỏi lại",
    )

    add_command(
        sub, "conflicts", records.conflicts, "các trường nhiều người ghi khác nhau, chờ chọn"
    )
    resolve = add_command(
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

    communes = add_group(sub, "communes", "cơ sở chưa rõ xã, phường hiện nay")
    add_command(communes, "list", records.communes, "các cơ sở đang chờ và các xã, phường có thể")
    decide = add_command(
        communes, "decide", records.decide_commune, "chọn xã, phường cho một cơ sở"
    )
    decide.add_argument("id", metavar="ID")
    decide.add_argument("commune", metavar="CODE")


def _attachment_commands(sub: Subparsers) -> None:
    group = add_group(sub, "attachment", "ảnh và tài liệu quét của một cơ sở")
    add = add_command(
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
    lists = add_command(group, "list", attachments.list_of, "ảnh và tài liệu của một cơ sở")
    lists.add_argument("establishment", metavar="ESTABLISHMENT")
    lists.add_argument("--of", default="", metavar="ID", help="chỉ của phiếu hoặc đăng ký này")
    save = add_command(group, "save", attachments.save, "ghi ra một tệp thường, không mã hoá")
    save.add_argument("id", metavar="ID")
    save.add_argument("-o", dest="output", type=Path, required=True, metavar="FILE")
    save.add_argument("--original", action="store_true", help="bản gốc đã giữ lại")
    fetch = add_command(group, "fetch", attachments.fetch, "tải nội dung ảnh, tài liệu từ tỉnh về")
    fetch.add_argument("ids", nargs="*", metavar="ID")
    fetch.add_argument("--all", action="store_true", help="tất cả những gì chưa có trên máy này")
    sending = add_command(
        group,
        "sending",
        attachments.sending,
        "khi nào nội dung ảnh, tài liệu được gửi lên tỉnh; còn bao nhiêu chưa gửi, chưa tải",
    )
    sending.add_argument(
        "when",
        nargs="?",
        choices=[when.value for when in PhotosSent],
        metavar="WHEN",
        help="always (luôn gửi), unmetered (khi mạng không tính tiền theo dung lượng; mặc định), "
        "ask (chỉ khi gọi sync --photos), never (không gửi)",
    )
    remove = add_command(group, "remove", attachments.remove, "bỏ vào thùng rác")
    remove.add_argument("id", metavar="ID")


def _paper_commands(sub: Subparsers) -> None:
    forms = add_group(sub, "questionnaire", "mẫu phiếu khảo sát (XLSForm)")
    add_command(forms, "list", papers.questionnaires, "các mẫu phiếu có sẵn")
    words = "thêm mẫu phiếu của mình; đã nối với tỉnh thì chỉ là mẫu thử"
    add_own = add_command(forms, "add", papers.add_questionnaire, words)
    add_own.add_argument("file", type=Path, metavar="FILE.xlsx")
    remove = add_command(
        forms,
        "remove",
        papers.remove_questionnaire,
        "bỏ mẫu phiếu đã thêm; phiếu đã ghi vẫn mở được",
    )
    remove.add_argument("questionnaire", metavar="ID")
    check = add_command(
        forms, "check", papers.check_questionnaire, "kiểm tra một tệp mẫu phiếu, nêu mọi lỗi"
    )
    check.add_argument("file", type=Path, metavar="FILE")
    fill = add_command(forms, "fill", papers.fill, "ghi một phiếu từ tệp JSON các câu trả lời")
    fill.add_argument("questionnaire", metavar="ID")
    fill.add_argument("answers", type=Path, metavar="ANSWERS.json")
    fill.add_argument("--establishment", required=True, metavar="ID")
    fill.add_argument("--accept", action="store_true", help="nhận luôn các câu trả lời vào hồ sơ")
    fill.add_argument("--round", default="", metavar="ROUND", help="phiếu của đợt khảo sát này")
    xform = add_command(
        forms, "xform", submissions.write_form, "ghi mẫu phiếu cho điện thoại (ODK Collect)"
    )
    xform.add_argument("questionnaire", metavar="ID")
    xform.add_argument("-o", dest="output", type=Path, required=True, metavar="FOLDER")
    read = add_command(
        forms, "read", submissions.read, "đọc phiếu đã ghi trên điện thoại (ODK Collect)"
    )
    read.add_argument("files", nargs="+", type=Path, metavar="FILE.xml")
    read.add_argument(
        "--establishment",
        default="",
        metavar="ID",
        help="của cơ sở này; không ghi thì theo câu trả lời",
    )
    read.add_argument("--accept", action="store_true", help="nhận luôn các câu trả lời vào hồ sơ")
    blank = add_command(forms, "blank", sheet_papers.blank, "in phiếu trống để ghi tay ra PDF")
    blank.add_argument("questionnaire", metavar="ID")
    print_sheet = add_command(forms, "print", sheet_papers.survey, "in một phiếu đã ghi ra PDF")
    print_sheet.add_argument("survey", metavar="SURVEY")
    for printing in (blank, print_sheet):
        printing.add_argument("-o", dest="output", type=Path, required=True, metavar="OUT.pdf")
        printing.add_argument("--language", default="vi", metavar="CODE", help="vi, en")
    write = add_command(forms, "write", submissions.write_submission, "ghi một phiếu thành tệp ODK")
    write.add_argument("survey", metavar="SURVEY")
    write.add_argument("-o", dest="output", type=Path, required=True, metavar="FILE.xml")

    document_commands(sub)

    report = add_command(sub, "report", papers.report, "biểu tổng hợp")
    report.add_argument("table", metavar="TABLE", choices=["B4"])
    report.add_argument("--area", metavar="CODE")
    report.add_argument(
        "--map",
        choices=["old", "new"],
        help="kê thêm từng địa bàn, theo đơn vị hành chính trước (old) hoặc từ tháng 7/2025 (new)",
    )


def _province_commands(sub: Subparsers) -> None:
    join = add_command(sub, "join", province.join, "nối với tỉnh bằng mã đăng ký hoặc tệp đăng ký")
    where = join.add_mutually_exclusive_group(required=True)
    where.add_argument("--server", metavar="URL", help="địa chỉ máy chủ, khi có mạng")
    where.add_argument("--file", type=Path, metavar="ENROLMENT", help="tệp đăng ký, không cần mạng")
    join.add_argument("--code", required=True, metavar="C", help="mã trung tâm cho biết")
    join.add_argument(
        "--ca",
        type=Path,
        metavar="FILE",
        help="chứng thư (PEM) của nơi cấp chứng thư riêng mà máy chủ của tỉnh dùng",
    )
    sync = add_command(sub, "sync", province.sync, "gửi và nhận với máy chủ của tỉnh")
    photos = sync.add_mutually_exclusive_group()
    photos.add_argument(
        "--photos",
        action="store_true",
        default=None,
        help="sau hồ sơ, gửi cả nội dung ảnh và tài liệu (mặc định: theo attachment sending)",
    )
    photos.add_argument(
        "--no-photos", dest="photos", action="store_false", help="chỉ gửi và nhận hồ sơ"
    )
    sync.add_argument(
        "--metered",
        action="store_true",
        help="mạng tính tiền theo dung lượng: báo trước sẽ gửi bao nhiêu, quá mức đã đặt thì không gửi",
    )
    sync.add_argument("--yes", action="store_true", help="đồng ý gửi dù quá mức đã đặt")
    sync.add_argument("--once", action="store_true", help="một lượt rồi thôi (mặc định)")

    words = "các bản công bố của tỉnh đang có trên máy, và bản nào đang dùng"
    add_command(sub, "editions", publishing.editions, words)
    words = "các máy khác của bạn: đã đến tỉnh đến số nào, số nào chưa bao giờ đến"
    add_command(sub, "devices", devices.own_list, words)

    words = "tình hình các máy và xã, phường của tỉnh, hỏi máy chủ; chỉ dành cho trung tâm"
    add_command(sub, "province", devices.province, words)

    server = add_group(sub, "server", "máy chủ của tỉnh")
    run = add_server_command(server, "run", province.server_run, "chạy máy chủ")
    run.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="tệp thiết lập (TOML); những gì ghi trên dòng lệnh thắng tệp",
    )
    run.add_argument("--host", help="mặc định: 127.0.0.1")
    run.add_argument("--port", type=int, help="mặc định: 8480; 0: tự chọn cổng trống")
    run.set_defaults(db=None)
    run.add_argument(
        "--workers", type=int, default=1, metavar="N", help="số tiến trình (chỉ với PostgreSQL)"
    )
    init = add_server_command(server, "init", province.server_init, "tạo cơ sở dữ liệu của tỉnh")
    init.add_argument("name", help="tên của tỉnh, ví dụ: tỉnh Lào Cai")
    user = add_server_command(server, "user", province.server_user, "thêm người dùng")
    user.add_argument("name", help="họ tên")
    user.add_argument(
        "--role", default="officer", choices=["collaborator", "officer", "centre", "administrator"]
    )
    user.add_argument(
        "--area", action="append", default=[], metavar="CODE", help="giao địa bàn cho người này"
    )
    area = add_server_command(server, "area", province.server_area, "thêm địa bàn của tỉnh")
    area.add_argument("code", metavar="CODE")
    enrol = add_server_command(
        server, "enrol", province.server_enrol, "cấp mã đăng ký một lần cho máy của một người"
    )
    enrol.add_argument("user", help="họ tên")
    enrol.add_argument(
        "-o",
        dest="output",
        type=Path,
        metavar="FILE",
        help="ghi tệp đăng ký cho máy không có mạng; mã để mở thì đọc qua điện thoại",
    )
    enrol.add_argument("--server", default="", metavar="URL", help="địa chỉ ghi trong tệp đăng ký")
    server_parcel_commands(server)
    server_device_commands(server)
    add_server_command(
        server, "status", province.server_status, "các máy và xã, phường đang thế nào"
    )
    words = "sau khi khôi phục cơ sở dữ liệu từ bản sao lưu: để các máy nhận ra và gửi lại"
    add_server_command(server, "restored", province.server_restored, words)
    trail = add_server_command(
        server, "audit", audit.server_audit, "ai đã thay đổi gì: người, địa bàn, mã, máy, công bố"
    )
    trail.add_argument("--since", type=audit.day, metavar="D", help="từ ngày này, ví dụ 2026-03-02")
    publish = add_server_command(
        server,
        "publish",
        publishing.server_publish,
        "kiểm tra một thư mục, ký và công bố: mẫu phiếu, mẫu giấy tờ, mức hỗ trợ, đơn vị hành chính, danh mục",
    )
    publish.add_argument("folder", type=Path, metavar="FOLDER")
    publish.add_argument("--note", default="", metavar="T", help="lời báo cho người dùng các máy")
    publish.add_argument(
        "--dry-run", action="store_true", help="chỉ kiểm tra và cho biết sẽ thêm, thay, bỏ tệp nào"
    )
    add_server_command(
        server, "editions", publishing.server_editions, "các bản đã công bố, bản mới nhất trước"
    )

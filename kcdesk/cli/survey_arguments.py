"""The words of the commands about survey rounds and about sheets that are looked through."""

from __future__ import annotations

import argparse
from pathlib import Path

from kcdesk.cli import answered_sheets, surveying
from kcdesk.cli.declaring import Subparsers, add_command, add_group, pair
from kcdesk.domain.code_lists import RoundResult, SheetState


def survey_commands(sub: Subparsers) -> None:
    rounds = add_group(sub, "round", "đợt khảo sát: cơ sở nào, ai làm, đến đâu")
    words = "tạo một đợt: chọn cơ sở theo mã, hoặc theo --search và --where"
    create = add_command(rounds, "create", surveying.create, words)
    create.add_argument("title", metavar="TITLE")
    create.add_argument("--questionnaire", default="F01", metavar="ID", help="mẫu phiếu (F01)")
    create.add_argument("--due", default="", metavar="D", help="hạn, ví dụ 31/12/2026")
    _which_establishments(create)
    add = add_command(rounds, "add", surveying.add, "thêm cơ sở vào một đợt đã có")
    add.add_argument("round", metavar="ROUND")
    _which_establishments(add)
    add_command(rounds, "list", surveying.lists, "các đợt khảo sát, đã xong bao nhiêu")
    show = add_command(rounds, "show", surveying.show, "một đợt: theo xã, theo người, từng cơ sở")
    show.add_argument("round", metavar="ROUND")
    mine = add_command(rounds, "mine", surveying.mine, "phiếu còn phải làm và phiếu bị trả lại")
    mine.add_argument("--person", default="", metavar="NAME", help="của người này")
    assign = add_command(rounds, "assign", surveying.assign, "giao phiếu của đợt cho một người")
    assign.add_argument("sheets", nargs="+", metavar="SHEET")
    assign.add_argument("--to", required=True, metavar="NAME", help="trống: không giao cho ai")
    close = add_command(
        rounds, "close", surveying.close, "cho biết vì sao một cơ sở của đợt không có phiếu"
    )
    close.add_argument("sheet", metavar="SHEET")
    why = close.add_mutually_exclusive_group(required=True)
    why.add_argument("--result", choices=[each.value for each in RoundResult])
    why.add_argument("--open", action="store_true", help="vẫn còn phải làm")
    close.add_argument("--remark", default="", metavar="TEXT")

    surveys = add_group(sub, "survey", "xét phiếu: nhận vào hồ sơ, hoặc trả lại")
    accept = add_command(surveys, "accept", surveying.accept, "nhận phiếu đã xong vào hồ sơ")
    accept.add_argument("survey", metavar="ID")
    words = "trả lại phiếu, với nhận xét ở từng câu"
    give_back = add_command(surveys, "return", surveying.give_back, words)
    give_back.add_argument("survey", metavar="ID")
    give_back.add_argument(
        "--remark", action="append", default=[], type=pair, metavar="ANSWER=TEXT",
        help="nhận xét ở một câu; dùng được nhiều lần",
    )  # fmt: skip
    give_back.add_argument("--note", default="", metavar="TEXT", help="lý do chung")

    words = "chuyển phiếu sang phiên bản mẫu mới; phiếu cũ còn nguyên"
    carry = add_command(surveys, "carry", answered_sheets.carry, words)
    carry.add_argument("survey", metavar="ID")
    carry.add_argument("--dry-run", action="store_true", help="chỉ cho biết câu nào không còn chỗ")
    lists = add_command(
        surveys, "list", answered_sheets.lists, "các phiếu đã ghi, lọc theo mẫu, trạng thái, ngày"
    )
    _which_sheets(lists)
    export = add_command(
        surveys,
        "export",
        answered_sheets.export,
        "ghi các phiếu của một mẫu ra tệp Excel hoặc .csv thường, không mã hoá",
    )
    export.add_argument(
        "-o", dest="output", type=Path, required=True, metavar="FILE", help="tệp .xlsx hoặc .csv"
    )
    _which_sheets(export)
    export.add_argument(
        "--names", action="store_true", help="tên câu hỏi và tên lựa chọn thay cho nhãn"
    )
    export.add_argument(
        "--choices",
        choices=["one", "each", "both"],
        default="one",
        help="câu chọn nhiều: một cột (one), mỗi lựa chọn một cột 1/0 (each), cả hai (both)",
    )
    export.add_argument(
        "--personal", action="store_true", help="kèm cột số CCCD, điện thoại, email"
    )
    export.add_argument(
        "--language", default="vi", metavar="CODE", help="ngôn ngữ của nhãn: vi, en"
    )


def surveys_settings_command(group: Subparsers) -> None:
    """`kcdesk settings surveys`."""
    words = "phiếu ghi xong thì hỏi rồi mới nhận vào hồ sơ, hay nhận luôn; không ghi gì: xem"
    command = add_command(group, "surveys", surveying.settings, words)
    command.add_argument(
        "--accept",
        choices=["ask", "at-once"],
        help="ask: người dùng quyết định từng mục (mặc định); at-once: nhận luôn, vẫn cho xem đã đổi gì",
    )


def _which_sheets(command: argparse.ArgumentParser) -> None:
    command.add_argument("--questionnaire", default="", metavar="ID", help="của mẫu phiếu này")
    command.add_argument(
        "--state",
        action="append",
        default=[],
        choices=[state.value for state in SheetState],
        help="ở trạng thái này; dùng được nhiều lần",
    )
    command.add_argument("--from", dest="since", default="", metavar="D", help="khảo sát từ ngày")
    command.add_argument("--to", dest="until", default="", metavar="D", help="khảo sát đến ngày")
    command.add_argument("--round", default="", metavar="ROUND", help="của đợt khảo sát này")
    command.add_argument("--search", default="", help="như của lệnh list")
    command.add_argument(
        "--where", action="append", default=[], type=pair, metavar="QUESTION=ANSWER",
        help="câu này được trả lời đúng như vậy; dùng được nhiều lần",
    )  # fmt: skip


def _which_establishments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--establishment", action="append", default=[], metavar="ID", help="dùng được nhiều lần"
    )
    command.add_argument("--search", default="", help="như của lệnh list")
    command.add_argument(
        "--where", action="append", default=[], type=pair, metavar="FIELD=VALUE",
        help="như của lệnh list; dùng được nhiều lần",
    )  # fmt: skip
    command.add_argument("--to", default="", metavar="NAME", help="giao cho người này")

"""`kcdesk support`: what an establishment can get."""

from __future__ import annotations

import argparse
import datetime
from argparse import Namespace
from pathlib import Path

from kcdesk.cli.commands import desk_of
from kcdesk.cli.declaring import Subparsers, add_command
from kcdesk.cli.output import print_json, say, table
from kcdesk.cli.papers import library_of
from kcdesk.domain.clock import local_time, system_clock
from kcdesk.domain.code_lists import Fund
from kcdesk.domain.codes import check_date
from kcdesk.domain.money import check_money
from kcdesk.errors import BadInput


def support_commands(sub: Subparsers) -> None:
    words = "mức hỗ trợ: được bao nhiêu, phải tự bỏ ra bao nhiêu, căn cứ nào; không ghi gì thì liệt kê các mức"
    command = add_command(sub, "support", support, words)
    command.add_argument("--activity", metavar="RULE", help="mã mức hỗ trợ, ví dụ KC3.MACHINERY")
    command.add_argument(
        "--fund", type=_fund, default=Fund.KCQG, metavar="KCQG|KCDP", help="nguồn (mặc định KCQG)"
    )
    command.add_argument(
        "--cost", type=_cost, metavar="VND", help="chi phí hợp lệ, ví dụ 500000000 hoặc “500 triệu”"
    )
    command.add_argument("--units", type=int, default=1, metavar="N", help="số lượng (mặc định 1)")
    command.add_argument(
        "--date", type=_day, metavar="D", help="ngày phê duyệt (mặc định hôm nay), ví dụ 31/12/2026"
    )
    command.add_argument("--registered", type=_day, metavar="D", help="ngày đăng ký nhu cầu")
    command.add_argument("--province", metavar="CODE", help="mã tỉnh, cần cho KCDP")
    command.add_argument(
        "-o", dest="output", type=Path, metavar="OUT.pdf", help="ghi thêm tờ thông tin để in"
    )
    command.add_argument(
        "--establishment", metavar="ID", help="cơ sở: nêu cả những lần đã được hỗ trợ"
    )


def support(options: Namespace) -> int:
    from kcdesk.actions import advising, leaflets  # noqa: PLC0415
    from kcdesk.actions import support as actions  # noqa: PLC0415
    from kcdesk.actions.clear_files import write_clear_file  # noqa: PLC0415
    from kcdesk.actions.desk import shipped_units  # noqa: PLC0415
    from kcdesk.actions.editions import current  # noqa: PLC0415
    from kcdesk.actions.records import get_record  # noqa: PLC0415

    if options.activity is None:
        with library_of(options) as library:
            known = actions.support_rules_of(library)
        if options.json:
            print_json({"rules": [{"rule": rule, "name": name} for rule, name in known.items()]})
        else:
            say(*table(known.items()))
        return 0
    if options.cost is None:
        raise BadInput("Chưa ghi chi phí hợp lệ.", hint="Ghi thêm --cost, ví dụ --cost 500000000.")
    question = actions.SupportQuestion(
        options.activity,
        options.fund,
        options.province,
        options.cost,
        options.date or local_time(system_clock()).date(),
        options.units,
        options.registered,
    )
    if options.establishment is None:
        units = shipped_units()
        with library_of(options) as library:
            answer = actions.ask_support(library, units, question)
        earlier, advice, name = [], None, ""
    else:
        with desk_of(options) as desk:
            units = desk.units
            answer = actions.ask_support(current(desk), units, question)
            earlier = actions.earlier_support(desk, options.establishment)
            cleaner = options.activity in leaflets.CLEANER_PRODUCTION
            advice = advising.advise(
                desk, options.establishment, question.approved_on, cleaner_production=cleaner
            )
            name = str(get_record(desk, "establishments", options.establishment).row.get("name"))
    if options.output is not None:
        write_clear_file(options.output, leaflets.leaflet_of(answer, units, name).pdf)
    if options.json:
        told = {} if advice is None else {"advice": advice.as_json()}
        print_json({**answer.as_json(), "earlier": [one.as_json() for one in earlier], **told})
    else:
        parts = actions.in_words(answer, earlier)
        if advice is not None:
            parts += advising.in_words(advice)
        for heading, sentences in parts:
            say(f"{heading}:", *(f"  {sentence}" for sentence in sentences))
    return 0


def _fund(text: str) -> Fund:
    try:
        return Fund.of(text.upper().replace("Đ", "D"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” không phải KCQG hay KCDP") from None


def _cost(text: str) -> int:
    checked = check_money(text)
    if checked.value is None:
        reason = checked.findings[0].message if checked.findings else "chưa ghi số tiền"
        raise argparse.ArgumentTypeError(reason)
    return checked.value


def _day(text: str) -> datetime.date:
    checked = check_date(text, field="date")
    if checked.value is None:
        reason = checked.findings[0].message if checked.findings else "chưa ghi ngày"
        raise argparse.ArgumentTypeError(reason)
    return datetime.date.fromisoformat(checked.value)

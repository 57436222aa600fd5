"""Commands about what the province refused."""

from __future__ import annotations

from argparse import Namespace

from kcdesk.actions import refusals
from kcdesk.actions.records import Saved
from kcdesk.actions.refusals import RefusedChange
from kcdesk.cli.commands import desk_of
from kcdesk.cli.declaring import Subparsers, add_command, add_group, pair
from kcdesk.cli.output import print_json, say, shown, tell_findings
from kcdesk.errors import BadInput


def refused_commands(sub: Subparsers) -> None:
    group = add_group(sub, "refused", "những mục tỉnh không nhận: xem, sửa, rút lại, gửi lại")
    words = "các mục bị từ chối, lý do và cách xử lý; mới nhất trước"
    listing = add_command(group, "list", show, words)
    listing.add_argument("id", nargs="?", metavar="RECORD", help="chỉ của hồ sơ này")
    words = "ghi lại mục bị từ chối với giá trị đã sửa; phần không sửa giữ nguyên"
    correct_ = add_command(group, "correct", correct, words)
    correct_.add_argument("what", metavar="CHANGE|RECORD")
    correct_.add_argument("fields", nargs="+", type=pair, metavar="FIELD=VALUE")
    words = "bỏ mục bị từ chối; hồ sơ giữ nguyên như ở tỉnh"
    withdraw_ = add_command(group, "withdraw", withdraw, words)
    withdraw_.add_argument("what", nargs="+", metavar="CHANGE|RECORD")
    words = "gửi lại nguyên mục bị từ chối, khi đã được giao thêm quyền hoặc địa bàn"
    again_ = add_command(group, "again", again, words)
    again_.add_argument("what", nargs="*", metavar="CHANGE|RECORD")
    again_.add_argument("--all", action="store_true", help="mọi mục bị từ chối")


def show(options: Namespace) -> None:
    with desk_of(options) as desk:
        found = refusals.list_refused(desk, options.id)
    if options.json:
        print_json({"refused": [one.as_json() for one in found]})
        return
    if not found:
        say("Không có mục nào bị từ chối.")
    for one in found:
        say(f"{one.change}  {one.kind} {one.record}  {one.title}", *_lines(one))


def correct(options: Namespace) -> None:
    with desk_of(options) as desk:
        saved = refusals.correct(desk, options.what, dict(options.fields))
        left = len(refusals.list_refused(desk))
    tell_findings(saved.findings)
    _answer(options, saved, left, "Đã ghi lại")


def withdraw(options: Namespace) -> None:
    with desk_of(options) as desk:
        saved = refusals.withdraw(desk, options.what)
        left = len(refusals.list_refused(desk))
    _answer(options, saved, left, "Đã rút lại")


def again(options: Namespace) -> None:
    if bool(options.what) == options.all:
        raise BadInput(
            "Cần nêu mục nào được gửi lại, hoặc --all.",
            hint="Xem các mục bị từ chối bằng kcdesk refused list.",
        )
    with desk_of(options) as desk:
        saved = refusals.ask_again(desk, None if options.all else options.what)
        left = len(refusals.list_refused(desk))
    _answer(options, saved, left, "Sẽ gửi lại ở lần đồng bộ sau")


def _lines(one: RefusedChange) -> list[str]:
    fields = (f"  {field} = {shown(value)}" for field, value in one.fields.items())
    return [f"  {one.reason}. {one.what_to_do}", *fields]


def _answer(options: Namespace, saved: Saved, left: int, done: str) -> None:
    if options.json:
        records = [{"kind": kind, "id": record} for kind, record in saved.records]
        print_json({"records": records, "refused": left})
        return
    say(f"{done}: {len(saved.records)} hồ sơ. Còn {left} mục bị từ chối.")

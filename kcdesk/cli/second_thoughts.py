"""Commands for second thoughts: delete and take back, undo, merge and part, and what was left half typed."""

from __future__ import annotations

import sys
from argparse import Namespace

from kcdesk.actions import bin as bin_actions
from kcdesk.actions import drafts as draft_actions
from kcdesk.actions import merging, recent
from kcdesk.actions import undo as undo_actions
from kcdesk.actions.records import get_record
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, shown, table, tell
from kcdesk.domain.clock import local_time
from kcdesk.domain.kinds import kind_named
from kcdesk.errors import BadInput, Cancelled


def delete(options: Namespace) -> None:
    with desk_of(options) as desk:
        row = get_record(desk, options.kind, options.id).row
        hanging = bin_actions.hanging_on(desk, options.kind, options.id)
        if not options.yes:
            kind = kind_named(options.kind)
            told = bin_actions.hanging_text(hanging)
            ask(
                f"Bỏ {kind.label.lower()} “{shown(row.get(kind.title))}” vào thùng rác?"
                + (f" Không hiện cùng với nó: {told}." if told else "")
            )
        bin_actions.delete_record(desk, options.kind, options.id)
    if options.json:
        print_json({"id": options.id, "deleted": True, "hanging": hanging})
        return
    say(f"Đã bỏ {options.kind} {options.id} vào thùng rác.")


def ask(question: str) -> None:
    """Raises `BadInput` where nobody can answer, `Cancelled` for a no."""
    if not sys.stdin.isatty():
        raise BadInput(f"{question} Chưa có trả lời.", hint="Thêm --yes để đồng ý.", code="unasked")
    sys.stderr.write(f"{question} [c/K] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().casefold() not in ("c", "co", "có", "y", "yes"):
        raise Cancelled("Không xoá gì.")


def list_bin(options: Namespace) -> None:
    with desk_of(options) as desk:
        found = bin_actions.list_bin(desk)
    if options.json:
        print_json({"records": [one.as_json() for one in found]})
        return
    if not found:
        say("Thùng rác trống.")
        return
    say(
        *table(
            (
                str(one.record.row["kind"]),
                str(one.record.row["id"]),
                f"{local_time(one.at):%d/%m/%Y %H:%M}",
                one.who,
                shown(one.record.row.get(kind_named(str(one.record.row["kind"])).title)),
            )
            for one in found
        )
    )


def take_back(options: Namespace) -> None:
    with desk_of(options) as desk:
        bin_actions.take_back(desk, options.kind, options.id)
        record = get_record(desk, options.kind, options.id).as_json()
    if options.json:
        print_json(record)
    else:
        say(f"Đã lấy lại {options.kind} {options.id}.")


def undo(options: Namespace) -> None:
    with desk_of(options) as desk:
        if options.id is None and not options.last:
            lately = recent.recent_actions(desk)
            if options.json:
                print_json({"actions": [one.as_json() for one in lately]})
            else:
                say(*table((o.id, f"{local_time(o.at):%d/%m/%Y %H:%M}", o.text) for o in lately))
            return
        plan = undo_actions.plan_undo(
            desk, options.id or _last(recent.recent_actions(desk, 1)), progress=_progress
        )
        if not options.dry_run:
            undo_actions.undo(desk, plan)
    if options.json:
        print_json({**plan.as_json(), "undone": not options.dry_run})
        return
    for one in plan.later:
        at = f"{local_time(one.at):%H:%M %d/%m/%Y}"
        say(f"{one.kind} {one.record}: {one.who} đã ghi {one.field} lúc {at}: {shown(one.value)}")
    verb = "Sẽ trả lại" if options.dry_run else "Đã trả lại"
    said = (
        f"{verb} {len(plan.back)} hồ sơ như trước lúc {local_time(plan.action.at):%H:%M %d/%m/%Y}"
    )
    say(f"{said}; trong đó bỏ vào thùng rác: {plan.made}." if plan.made else f"{said}.")
    if plan.hanging:
        tell(f"Không hiện cùng với chúng: {bin_actions.hanging_text(plan.hanging)}.")


def _progress(done: int, total: int) -> None:
    if done:
        tell(f"{done}/{total} hồ sơ")


def _last(actions: list[recent.RecentAction]) -> str:
    if not actions:
        raise BadInput("Chưa có việc nào để hoàn tác.", hint="Máy này chưa ghi gì.", code="nothing")
    return actions[0].id


def merge(options: Namespace) -> None:
    with desk_of(options) as desk:
        merging.merge(desk, options.id, options.into, options.take)
        survivor = str(get_record(desk, "establishments", options.id).row["survivor"])
        record = get_record(desk, "establishments", survivor).as_json()
        hanging = bin_actions.hanging_on(desk, "establishments", survivor)
    if options.json:
        print_json({"merged": options.id, "into": record, "hanging": hanging})
        return
    say(f"Đã gộp {options.id} vào {survivor} ({shown(record.get('name'))}).")
    if hanging:
        say(f"Cơ sở này nay có: {bin_actions.hanging_text(hanging)}.")


def unmerge(options: Namespace) -> None:
    with desk_of(options) as desk:
        merging.unmerge(desk, options.id)
        record = get_record(desk, "establishments", options.id).as_json()
    if options.json:
        print_json(record)
    else:
        say(f"Đã tách {options.id} ({shown(record.get('name'))}) thành cơ sở riêng.")


def list_drafts(options: Namespace) -> None:
    with desk_of(options) as desk:
        found = draft_actions.list_drafts(desk)
    if options.json:
        print_json({"drafts": [one.as_json() for one in found]})
    elif found:
        say(*table((one.kind, one.record, one.since, one.title) for one in found))
    else:
        say("Không có gì đang ghi dở.")


def drop_draft(options: Namespace) -> None:
    with desk_of(options) as desk:
        draft_actions.drop_draft(desk, options.kind, options.id)
    if options.json:
        print_json({"kind": options.kind, "id": options.id, "dropped": True})
    else:
        say("Đã bỏ phần đang ghi dở.")

"""Commands about records: lists, one record, conflicts, communes."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from kcdesk.actions import communes as commune_actions
from kcdesk.actions import conflicts as conflict_actions
from kcdesk.actions import records as record_actions
from kcdesk.actions.contents import where_is_attachment
from kcdesk.actions.desk import Desk
from kcdesk.actions.exporting import export_records
from kcdesk.actions.history import history
from kcdesk.actions.needs import register_need
from kcdesk.actions.records import ListedRecord, Saved
from kcdesk.actions.syncing import delivery_text
from kcdesk.actions.work_lists import WORK_LISTS, export_work_list
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, shown, table, tell, tell_findings
from kcdesk.cli.papers import png_pages
from kcdesk.domain.clock import local_time
from kcdesk.domain.kinds import ATTACHMENTS, kind_named
from kcdesk.errors import BadInput

MAX_LIMIT = 1_000_000


def list_kind(options: Namespace) -> None:
    if not 1 <= options.limit <= MAX_LIMIT:
        raise BadInput(f"--limit từ 1 đến {MAX_LIMIT}.", hint="Đọc tiếp trang sau bằng --after.")
    with desk_of(options) as desk:
        page = record_actions.list_records(
            desk,
            options.kind,
            search=options.search,
            where=dict(options.where),
            limit=options.limit,
            after=options.after,
        )
    if options.json:
        print_json({"records": [record.as_json() for record in page.records], "next": page.next})
    elif page.records:
        say(*table(_line(record) for record in page.records))
    else:
        say("Không có hồ sơ nào phù hợp.")


def export(options: Namespace) -> None:
    def progress(done: int, total: int) -> None:
        if done:
            tell(f"{done}/{total} hồ sơ")

    out, personal = options.output, not options.without_personal
    if options.kind in WORK_LISTS and (options.search or options.where):
        raise BadInput(
            "--search và --where chỉ dùng cho danh sách của một loại hồ sơ.",
            hint=f"Bỏ hai mục đó để xuất cả danh sách {options.kind}.",
        )
    pictures = png_pages if out.suffix.casefold() == ".png" else None
    with desk_of(options) as desk:
        if options.kind in WORK_LISTS:
            count = export_work_list(
                desk,
                options.kind,
                out,
                personal=personal,
                taker=options.to,
                pictures=pictures,
                progress=progress,
            )
        else:
            count = export_records(
                desk,
                options.kind,
                out,
                search=options.search,
                where=dict(options.where),
                personal=personal,
                taker=options.to,
                pictures=pictures,
                progress=progress,
            )
    if options.json:
        print_json({"kind": options.kind, "records": count, "file": str(options.output)})
    else:
        what = "dòng" if options.kind in WORK_LISTS else "hồ sơ"
        say(f"Đã ghi {count} {what} ra “{options.output}”. Tệp này không mã hoá.")


def _line(record: ListedRecord) -> tuple[str, ...]:
    row = record.row
    title = row.get(kind_named(str(row["kind"])).title)
    place = ", ".join(str(row[key]) for key in ("hamlet", "commune_name") if key in row)
    return str(row["id"]), shown(title), place, delivery_text(record.delivery, record.days)


def show(options: Namespace) -> None:
    with desk_of(options) as desk:
        record = record_actions.get_record(desk, options.kind, options.id).as_json()
        if options.kind == ATTACHMENTS.name and record.get("sha256"):
            record |= where_is_attachment(desk, options.id).as_json()
        conflicts = list(record_actions.open_record(desk, options.kind, options.id).conflicts)
        wanted = bool(options.history or options.field)
        entries = history(desk, options.kind, options.id, options.field) if wanted else []
    if options.json:
        past = {"history": [entry.as_json() for entry in entries]} if wanted else {}
        print_json({**record, "conflict_fields": conflicts, **past})
        return
    say(*table((key, shown(value)) for key, value in record.items()))
    for entry in entries:
        at = f"{local_time(entry.at):%d/%m/%Y %H:%M}"
        refused = f"  ({delivery_text(entry.delivery)})" if entry.delivery.reason else ""
        said = f"{entry.field}: {shown(entry.old)} → {entry.erased or shown(entry.new)}"
        say(f"{entry.change}  {at}  {entry.who}  {said}{refused}")


def set_record(options: Namespace) -> None:
    with desk_of(options) as desk:
        saved = record_actions.set_fields(desk, options.kind, options.id, dict(options.fields))
        _answer(options, desk, saved, [(options.kind, options.id)])


def add(options: Namespace) -> None:
    fields = dict(options.fields)
    with desk_of(options) as desk:
        if options.kind == "needs":
            establishment = fields.pop("establishment", "")
            saved = register_need(desk, establishment, fields)
        else:
            saved = record_actions.add_record(desk, options.kind, fields)
        _answer(options, desk, saved, saved.records[:1])


def conflicts(options: Namespace) -> None:
    with desk_of(options) as desk:
        found = conflict_actions.list_conflicts(desk)
    if options.json:
        print_json({"conflicts": [conflict.as_json() for conflict in found]})
        return
    if not found:
        say("Không có trường nào đang khác nhau.")
    for conflict in found:
        say(
            f"{conflict.kind} {conflict.record}  {conflict.title}  {conflict.field} ({conflict.label})"
        )
        say(*(f"  --pick {side.change}  {side.who}: {side.shown}" for side in conflict.sides))


def resolve(options: Namespace) -> None:
    target = options.kind, options.id, options.field
    with desk_of(options) as desk:
        if options.pick is not None:
            saved = conflict_actions.resolve_by_pick(desk, *target, options.pick)
        else:
            saved = conflict_actions.resolve_by_value(desk, *target, options.value)
        _answer(options, desk, saved, [(options.kind, options.id)])


def communes(options: Namespace) -> None:
    with desk_of(options) as desk:
        waiting = commune_actions.work_list(desk)
        names = {
            unit.code: desk.units.display_name(unit) for one in waiting for unit in one.candidates
        }
    if options.json:
        print_json({"undecided": [one.as_json() for one in waiting]})
        return
    if not waiting:
        say("Mọi cơ sở đều đã rõ xã, phường.")
    for one in waiting:
        say(f"{one.record}  {one.name}: {one.address}")
        say(*(f"  {unit.code}  {names[unit.code]}" for unit in one.candidates))


def decide_commune(options: Namespace) -> None:
    with desk_of(options) as desk:
        saved = commune_actions.decide_communes(desk, [options.id], options.commune)
        _answer(options, desk, saved, [("establishments", options.id)])


def _answer(
    options: Namespace, desk: Desk, saved: Saved, records: Sequence[tuple[str, str]]
) -> None:
    """Say what stands now: the record as JSON, or that it was saved."""
    if options.json:
        (kind, record), *_ = records
        findings = [
            {"level": f.level, "code": f.code, "field": f.field, "message": f.message}
            for f in saved.findings
        ]
        print_json(
            {**record_actions.get_record(desk, kind, record).as_json(), "findings": findings}
        )
        return
    tell_findings(saved.findings)
    say(
        *[f"Đã ghi {kind} {record}." for kind, record in saved.records] or ["Không có gì thay đổi."]
    )

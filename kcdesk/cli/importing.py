"""Commands about lists that come in, and about establishments that are there twice."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence

from kcdesk.actions import duplicates as duplicate_actions
from kcdesk.actions import importing as import_actions
from kcdesk.actions.import_report import ImportReport
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, shown, tell
from kcdesk.domain.code_lists import label_of
from kcdesk.domain.kinds import kind_named
from kcdesk.domain.money import format_vnd
from kcdesk.importing.column_map import read_map, write_map
from kcdesk.importing.columns import LABELS
from kcdesk.importing.duplicates import Verdict
from kcdesk.importing.list_kinds import LIST_KINDS
from kcdesk.importing.old_encodings import Encoding
from kcdesk.importing.plan import Action, FieldChange, ImportPlan
from kcdesk.importing.reading import Choices

_NAMED = 20
"""So many establishments of one sort are named to a person; `--json` names all."""


def import_list(options: Namespace) -> None:
    with desk_of(options) as desk:
        report = import_actions.import_list(
            desk,
            options.file,
            kind=LIST_KINDS[options.kind],
            sheet=options.sheet,
            year=options.year,
            choices=Choices(
                columns=read_map(options.map) if options.map is not None else (),
                encodings={letter: Encoding[name] for letter, name in options.encoding},
                proper_case=frozenset(letter.upper() for letter in options.proper_case),
                accept_proposed=options.accept == "proposed",
            ),
            update=options.update,
            decisions={where: Action(action) for where, action in options.row},
            all_or_nothing=options.all_or_nothing,
            dry_run=options.dry_run,
            rejects=options.rejects,
            accepted=dict(options.accept_finding),
            progress=lambda done, total: tell(f"{done}/{total} dòng"),
            reading=lambda done, total: tell(f"đã đọc {done}/{total} dòng") if done else None,
            compared=lambda done, total: tell(f"so với {done}/{total} cơ sở đã có"),
        )
    if options.save_map is not None:
        write_map(options.save_map, report.plan)
    kept = len(report.plan.rejected) if options.rejects is not None else 0
    if options.json:
        print_json(report.as_json() | ({"rejects": str(options.rejects)} if kept else {}))
    else:
        say(*_told(report))
        if kept:
            say(
                f"{kept} dòng chưa nhập được đã đánh dấu trong “{options.rejects}”: sửa các ô được tô màu rồi nhập "
                "lại tệp đó, các dòng đã nhập không bị nhập lần nữa. Tệp này không mã hoá."
            )
        for row in report.plan.rejected:
            tell("\n".join(found.sentence for found in row.findings))


def _told(report: ImportReport) -> Iterator[str]:
    plan = report.plan
    yield (
        f"{'Sẽ nhập' if report.dry_run else 'Đã nhập'} {report.imported} {plan.kind.noun} từ “{plan.source}”,"
        f" trang “{plan.sheet}”; {len(plan.rejected)} dòng không nhập được."
    )
    yield from _told_of_known(report)
    for part in plan.sheets:
        yield from _told_of_columns(part, several=len(plan.sheets) > 1)
    yield "Danh sách có:"
    if plan.kind.by_year:
        years = sorted({str(row.figures["year"]) for row in plan.rows})
        yield f"  số liệu năm {', '.join(years)} của {len(plan.records)} cơ sở"
    for form, count in plan.by_legal_form.items() if not plan.kind.by_year else ():
        yield f"  {label_of('legal_form', form) if form else 'chưa rõ loại hình'}: {count}"
    if plan.year is not None and not plan.kind.by_year:
        yield (
            f"  số liệu năm {plan.year} ({plan.basis.label.lower()}): {format_vnd(plan.sum_of('workers'))} lao động,"
            f" giá trị sản xuất {format_vnd(plan.sum_of('production_value'))} đồng"
        )
    for part in plan.sheets:
        on_sheet = f"Trang “{part.sheet}”: " if plan.parts else ""
        yield from (f"{on_sheet}{total.sentence}" for total in part.totals)
    if plan.undecided:
        yield f"{len(plan.undecided)} cơ sở chờ chọn xã, phường: kcdesk communes list"


def _told_of_columns(plan: ImportPlan, *, several: bool) -> Iterator[str]:
    """How a sheet was read: its encodings, and what its columns mean."""
    if several:
        yield f"Trang “{plan.sheet}”:"
    yield from _told_of_encodings(plan)
    before = ", như lần nhập trước của mẫu danh sách này" if plan.as_before else ""
    yield f"Các cột được hiểu là{before}:"
    for column in plan.columns:
        meant = LABELS[column.meaning] if column.meaning is not None else "không nhập"
        may_be = (
            f" (có thể là {LABELS[column.possible]}, chắc {column.certainty:.0%})"
            if column.possible is not None
            else ""
        )
        sure = f", chắc {column.certainty:.0%}" if column.meaning is not None else may_be
        yield f"  {column.letter} {column.header}: {meant}{sure}"


def _told_of_encodings(plan: ImportPlan) -> Iterator[str]:
    """The columns that were turned into Unicode, before and after; the open ones say so."""
    for typed in plan.encodings:
        asked = "  CẦN QUYẾT ĐỊNH" if typed in plan.open_encodings else ""
        yield f"Cột {typed.letter} gõ bằng {typed.encoding.value} ({typed.reason}).{asked}"
        yield from (f"  {before} → {after}" for before, after in typed.samples)


def _told_of_known(report: ImportReport) -> Iterator[str]:
    """What is there already, what the list says differently of it, what may be there, what is not on the list."""
    plan = report.plan
    noun = plan.kind.noun
    verb = "Sẽ cập nhật" if report.dry_run else "Đã cập nhật"
    if report.updated:
        yield f"{verb} {report.updated} {noun} đã có."
    if report.unchanged:
        yield f"{report.unchanged} {noun} đã có, danh sách không ghi gì khác."
    if report.waiting:
        yield (
            f"{report.waiting} {noun} đã có, danh sách ghi khác hoặc ghi thêm: chưa sửa gì, thêm --update để cập nhật."
        )
    if report.accepted:
        verb = "sẽ được" if report.dry_run else "đã được"
        yield f"Lý do chấp nhận lưu ý {verb} ghi vào {report.accepted} {noun} đã có."
    changed = [row for row in plan.proposed(Action.UPDATE) if row.proposal.changes]
    for row in changed[:_NAMED]:
        name = row.establishment.get("name")
        of = f" năm {row.figures['year']}" if plan.kind.by_year else ""
        on_sheet = f"trang “{row.sheet}”, " if plan.parts else ""
        said = "; ".join(_changes(row.proposal.changes))
        yield f"  {on_sheet}dòng {row.row_number} {name}{of}: {said}"
    if len(changed) > _NAMED:
        yield f"  và {len(changed) - _NAMED} {noun} khác; xem hết bằng --json"
    if not report.imported and not report.updated and not report.waiting and report.unchanged:
        yield f"Mọi {noun} của danh sách đều đã có, không có gì thay đổi."
    told = [
        found
        for row in plan.rows
        for found in row.findings
        if found.finding.code.startswith("V-DUP.")
    ]
    yield from (found.sentence for found in told[:_NAMED])
    if len(told) > _NAMED:
        yield f"  và {len(told) - _NAMED} dòng khác; xem hết bằng --json"
    if plan.missing:
        yield f"{len(plan.missing)} cơ sở đã có nhưng không còn trong danh sách (không sửa gì):"
        yield from (f"  {record}  {name}" for record, name in plan.missing[:_NAMED])
        if len(plan.missing) > _NAMED:
            yield f"  và {len(plan.missing) - _NAMED} cơ sở khác; xem hết bằng --json"


def _changes(changes: Sequence[FieldChange]) -> Iterator[str]:
    """Old beside new, field by field; figures of another year as a whole."""
    new_year = next((c.new for c in changes if c.kind == "figures" and c.field == "year"), None)
    for change in changes:
        if change.kind != "figures" or new_year is None:
            field = kind_named(change.kind).field(change.field)
            label = field.label if field is not None else change.field
            old = shown(change.old) or "chưa có"
            yield f"{label}: {old} → {shown(change.new)}"
    if new_year is not None:
        yield f"thêm số liệu năm {new_year}"


def duplicates(options: Namespace) -> None:
    with desk_of(options) as desk:
        if options.different:
            saved = duplicate_actions.keep_apart(desk, *options.different)
            if options.json:
                print_json({"different": options.different, "changed": bool(saved.records)})
            elif saved.records:
                say("Đã ghi nhận đây là hai cơ sở khác nhau.")
            else:
                say("Hai cơ sở này đã được xác nhận là khác nhau, không có gì thay đổi.")
            return
        pairs = duplicate_actions.list_duplicates(
            desk, lambda done, total: tell(f"{done}/{total} cơ sở")
        )
    if options.json:
        print_json({"duplicates": [pair.as_json() for pair in pairs]})
        return
    if not pairs:
        say("Không thấy cơ sở nào có thể trùng nhau.")
    for pair in pairs:
        sure = "Trùng" if pair.likeness.verdict is Verdict.CERTAIN else "Có thể trùng"
        say(f"{sure} ({round(pair.likeness.score)} điểm): {pair.likeness.sentence}")
        for side in (pair.one, pair.other):
            said = ", ".join(shown(value) for value in side.fields.values())
            say(f"  {side.record}  {said}")

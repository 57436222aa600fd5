"""Taking in other people's lists: one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from kcdesk.actions.desk import Desk
from kcdesk.actions.duplicates import apart_field
from kcdesk.actions.findings import require_reason
from kcdesk.actions.import_report import ImportReport
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.findings import soft
from kcdesk.domain.identifiers import new_record_id
from kcdesk.domain.kinds import ACCEPTED_FINDINGS, figures_id
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, WorkspaceError
from kcdesk.importing.accepted import accepting, without_known_findings
from kcdesk.importing.cells import CellFinding
from kcdesk.importing.column_contents import ColumnContents
from kcdesk.importing.column_map import (
    chosen_columns,
    columns_kept,
    kept_columns,
    layout_of,
    said_over,
)
from kcdesk.importing.figure_matching import match_figures, without_repeats
from kcdesk.importing.list_kinds import ESTABLISHMENT_LIST, ListKind
from kcdesk.importing.matching import Existing, match_plan, with_changes
from kcdesk.importing.plan import Action, FieldChange, ImportPlan, Place, PlannedRow
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.reading import Choices, in_unicode_as_chosen, read_chosen
from kcdesk.importing.rejects import rejects_workbook
from kcdesk.importing.several_sheets import joined
from kcdesk.importing.workbook import Sheet
from kcdesk.storage.bulk import in_groups
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Row

AS_PROPOSED = Choices()

Progress = Callable[[int, int], None]
"""Called with how many rows are done, and of how many."""


NOTHING_ACCEPTED: Mapping[str, str] = {}


Decisions = Mapping[int | Place, Action]
"""What a person decided for rows: ADD, UPDATE (what it certainly or likeliest is) or SKIP.

A row is named by its number, and where several sheets are read by its sheet and number."""


def plan_import(
    desk: Desk,
    path: Path,
    *,
    kind: ListKind = ESTABLISHMENT_LIST,
    sheet: str | None = None,
    year: int | None = None,
    basis: FigureBasis | None = None,
    choices: Choices = AS_PROPOSED,
    reading: Progress | None = None,
    compared: Progress | None = None,
) -> ImportPlan:
    """What importing a list would do, each row with a proposal: new, changed, there already.

    `sheet`: None for the first that has cells, `EVERY_SHEET` for all that are visible.
    `reading`: called with how many rows of a sheet are read, and of how many (0: not known yet); `compared`: with how
    many of the establishments that are there were compared with the list. Both may raise to stop.
    Raises `BadInput` for a file that cannot be read so.
    """
    read = read_chosen(path, sheet)
    plans: list[ImportPlan] = []
    left_out: list[tuple[Sheet, BadInput]] = []
    for each in read:
        try:
            plans.append(
                _plan_sheet(
                    desk,
                    path,
                    each,
                    kind=kind,
                    year=year,
                    basis=basis,
                    choices=choices,
                    reading=reading,
                )
            )
        except BadInput as error:
            if len(read) == 1:
                raise
            if error.code not in _NO_LIST:
                raise _on_sheet(each, error) from error
            left_out.append((each, error))
    if not plans:
        raise _on_sheet(*left_out[0])
    plan = joined(plans)
    plan = replace(plan, findings=(*map(_not_read, left_out), *plan.findings))
    total = desk.workspace.candidates.count()
    match = match_figures if kind.by_year else match_plan
    plan = match(
        plan,
        (
            Existing(str(row.get("survivor", row["id"])), row)
            for row in desk.workspace.candidates.every()
        ),
        None if compared is None else lambda done: compared(done, total),
    )
    if kind.by_year:
        plan = without_repeats(plan)
    rows = _with_changes(desk, plan.rows)
    if kind.by_year:
        rows = tuple(map(_new_figures, rows))
    return without_known_findings(replace(plan, rows=rows), _accepted(desk, rows))


_NO_LIST = frozenset(("no_header", "missing_columns"))
"""Why a sheet is no list of the kind: among others it is passed over."""


def _plan_sheet(
    desk: Desk,
    path: Path,
    sheet: Sheet,
    *,
    kind: ListKind,
    year: int | None,
    basis: FigureBasis | None,
    choices: Choices,
    reading: Progress | None,
) -> ImportPlan:
    """The plan of one sheet by itself, read as its layout was read before."""

    def may_stop() -> None:
        if reading is not None:
            reading(0, 0)

    may_stop()
    read, encodings = in_unicode_as_chosen(path, sheet, choices)
    may_stop()
    layout = layout_of(read, ColumnContents(desk.units, desk.workspace.areas))
    kept = columns_kept(desk.workspace.setting(_kept_as(kind, layout)) or "") if layout else ()
    if kept:
        choices = replace(choices, columns=said_over(kept, choices.columns))
        read, encodings = in_unicode_as_chosen(path, sheet, choices)
        may_stop()
    plan = plan_establishments(
        read,
        desk.units,
        desk.workspace.areas,
        kind=kind,
        year=year,
        basis=basis,
        today=desk.today,
        chosen=chosen_columns(choices.columns),
        accept_possible=choices.accept_proposed,
        progress=reading,
    )
    return replace(plan, encodings=encodings, as_before=bool(kept), layout=layout)


def _on_sheet(sheet: Sheet, error: BadInput) -> BadInput:
    """The error with the sheet that it is about."""
    return BadInput(f"Trang “{sheet.name}”: {error.message}", hint=error.hint, code=error.code)


def _not_read(left_out: tuple[Sheet, BadInput]) -> CellFinding:
    sheet, error = left_out
    message = f"Không phải danh sách cần nhập nên không đọc. {error.message}"
    return CellFinding(sheet.name, 0, "", soft("sheet.no_list", "", message, sheet.name))


def import_list(
    desk: Desk,
    path: Path,
    *,
    kind: ListKind = ESTABLISHMENT_LIST,
    sheet: str | None = None,
    year: int | None = None,
    basis: FigureBasis | None = None,
    choices: Choices = AS_PROPOSED,
    update: bool = False,
    decisions: Decisions | None = None,
    all_or_nothing: bool = False,
    dry_run: bool = False,
    rejects: Path | None = None,
    accepted: Mapping[str, str] = NOTHING_ACCEPTED,
    progress: Progress | None = None,
    reading: Progress | None = None,
    compared: Progress | None = None,
) -> ImportReport:
    """Import a list of establishments with their figures of a year, or one of figures alone, in one transaction.

    Figures of a year that an establishment had none of are new; those that it had are changed with `update` only.
    A row that certainly is an establishment that is there adds nothing; with `update` what the list says differently is
    set, and what it leaves open stays. A row that only may be one is added, and asked about (`actions.duplicates`).
    `decisions` go before both.
    Rows with a hard finding stay out and stand in the report; with `all_or_nothing`, and where no row is left, they
    refuse the whole list. So does a column that is read and of which it is not certain how it was typed, until
    `choices` settle it.
    `rejects`: where `write_rejects` gives those rows back, also when they refuse the whole list.
    `accepted`: code of soft findings -> why they are right for all rows of the list; also without `update` this is
    written to establishments that are there and say the same.
    Raises `BadInput`, `WorkspaceError`; then nothing was imported.
    """
    if rejects is not None:
        require_rejects_name(path, rejects)
    reasons = {code: require_reason(reason) for code, reason in accepted.items()}
    plan = plan_import(
        desk,
        path,
        kind=kind,
        sheet=sheet,
        year=year,
        basis=basis,
        choices=choices,
        reading=reading,
        compared=compared,
    )
    if plan.open_encodings and not choices.accept_proposed and not dry_run:
        raise _undecided_encodings(plan)
    if rejects is not None:
        write_rejects(path, plan, rejects)
    if plan.rejected and (all_or_nothing or not plan.rows):
        first = next(f for f in plan.rejected[0].findings if f.finding.level == "hard")
        others = " hoặc bỏ --all-or-nothing." if plan.rows else ""
        raise BadInput(
            f"{len(plan.rejected)} dòng của danh sách không nhập được nên chưa nhập dòng nào. {first.sentence}",
            hint=f"Sửa các dòng đó rồi nhập lại{',' if others else '.'}{others}",
        )
    decided = _by_place(plan, decisions or {})
    plan = replace(plan, rows=_decided(desk, plan, decided))
    if reasons:
        plan = accepting(plan, reasons)
    updated = [row for row in plan.rows if _is_updated(row, decided, update=update)]
    places = {row.place for row in updated}
    accepted_only = [row for row in plan.rows if row.proposal.accepted and row.place not in places]
    if not dry_run:
        desk.workspace.back_up("import")
        desk.workspace.save(_edits(desk, [*plan.added, *updated], accepted_only, decided, progress))
        for part in plan.sheets if choices != AS_PROPOSED else ():
            if part.layout is not None:
                desk.workspace.set_setting(_kept_as(kind, part.layout), kept_columns(part))
    return ImportReport(
        plan,
        imported=len(plan.added),
        updated=len(updated),
        unchanged=sum(row.place not in places for row in plan.proposed(Action.KEEP)),
        waiting=sum(row.place not in places for row in plan.proposed(Action.UPDATE)),
        accepted=len(accepted_only),
        skipped=len(plan.proposed(Action.SKIP)),
        dry_run=dry_run,
    )


def write_rejects(path: Path, plan: ImportPlan, out: Path) -> int:
    """Write the workbook of a list with the rows marked that stay out; how many these are. Writes none without any.

    Raises `BadInput` for a name that `require_rejects_name` refuses and a list that cannot be read any more,
    `WorkspaceError` when `out` cannot be written.
    """
    require_rejects_name(path, out)
    if plan.rejected:
        content = rejects_workbook(path, plan)
        try:
            out.write_bytes(content)
        except OSError as error:
            raise WorkspaceError(
                f"Không ghi được tệp “{out}”.", hint="Chọn một thư mục ghi được và còn chỗ trống."
            ) from error
    return len(plan.rejected)


def require_rejects_name(path: Path, out: Path) -> None:
    """Raises `BadInput` for a file that is no .xlsx, and for the list itself: what came in stays as it came."""
    if out.suffix.casefold() != ".xlsx":
        raise BadInput(
            f"Tệp cho các dòng chưa nhập được phải là .xlsx, không phải “{out.name}”.",
            hint="Đặt tên tệp có đuôi .xlsx.",
        )
    if out.exists() and path.exists() and out.samefile(path):
        raise BadInput(
            "Tệp cho các dòng chưa nhập được không thể là chính danh sách đang nhập.",
            hint="Chọn một tên tệp khác.",
        )


def _kept_as(kind: ListKind, layout: str) -> str:
    """The setting that holds how columns of lists with this layout are read."""
    return f"import/{kind.name}/{layout}"


def _accepted(desk: Desk, rows: Sequence[PlannedRow]) -> dict[str, Row]:
    """The establishments that rows stand for and of which somebody accepted findings, by id."""
    asked = [r for row in rows if row.findings and (r := _record_of(row)) is not None]
    found: dict[str, Row] = {}
    for group in in_groups(asked, _GROUP):
        there = desk.workspace.candidates.those(group)
        found |= {record: row for record, row in there.items() if ACCEPTED_FINDINGS in row}
    return found


def _undecided_encodings(plan: ImportPlan) -> BadInput:
    part = next(part for part in plan.sheets if part.open_encodings)
    headers = {column.index: column.header for column in part.columns}
    asked = [
        f"{typed.letter} (“{headers[typed.index]}”: “{before}” là “{after}”?)"
        for typed in part.open_encodings
        for before, after in typed.samples[-1:]
    ]
    first = part.open_encodings[0]
    return BadInput(
        f"Chưa chắc chữ trong trang “{part.sheet}” của tệp “{plan.source}” gõ bằng bảng mã nào, "
        f"ở cột {'; '.join(asked)}.",
        hint=f"Xem thử bằng --dry-run rồi quyết định từng cột, ví dụ --encoding {first.letter}={first.encoding.name} "
        f"hoặc --encoding {first.letter}=UNICODE; hoặc nhận mọi đề xuất bằng --accept proposed.",
        code="open_encodings",
    )


def _with_changes(desk: Desk, rows: Iterable[PlannedRow]) -> tuple[PlannedRow, ...]:
    """The rows; those that stand for an establishment that is there with what they say differently of it."""
    out: list[PlannedRow] = []
    for group in in_groups(rows, _GROUP):
        records = [r for row in group if (r := _record_of(row)) is not None]
        there = desk.workspace.candidates.those(records)
        figures = {
            (str(of["establishment"]), of.get("year"), of.get("basis"), str(of["id"])): of
            for of in desk.workspace.lists.of_establishments("figures", records)
        }
        gone = desk.workspace.candidates.in_bin(
            "figures", [own for row in group if (own := _own_figures(row)) is not None]
        )
        by_year = {key[:3]: key for key in sorted(figures)}
        for row in group:
            record, own = _record_of(row), _own_figures(row)
            if record is None:
                out.append(row)
                continue
            key = by_year.get((record, row.figures.get("year"), row.figures.get("basis")))
            said = figures.get((*key[:3], own or ""), figures[key]) if key is not None else None
            if own in gone:  # somebody put them into the bin: the list does not bring them back
                row = replace(row, figures={})  # noqa: PLW2901
            out.append(
                with_changes(
                    row, record, there[record], str(said["id"]) if said else own or "", said
                )
            )
    return tuple(out)


_GROUP = 1_000


def _new_figures(row: PlannedRow) -> PlannedRow:
    """A row of figures of a year that its establishment has none of: they are new, nothing is changed by them."""
    if any(change.field == "year" and change.old is None for change in row.proposal.changes):
        return replace(row, proposal=replace(row.proposal, action=Action.ADD))
    return row


def _record_of(row: PlannedRow) -> str | None:
    """The establishment that is there and that this row stands for."""
    proposal = row.proposal
    if proposal.match is None or proposal.action in (Action.ADD, Action.SKIP):
        return None
    return proposal.match.record


def _own_figures(row: PlannedRow) -> str | None:
    """The id of the figures that this row gives of the establishment that it is."""
    record = _record_of(row)
    year, basis = row.figures.get("year"), row.figures.get("basis")
    if record is None or not isinstance(year, int) or not isinstance(basis, str):
        return None
    return figures_id(record, year, basis)


def _by_place(plan: ImportPlan, decisions: Decisions) -> dict[Place, Action]:
    """The decisions by sheet and row. Raises `BadInput` for a row that is not there, or on which sheet nobody said."""
    places = {row.place for row in plan.rows}
    found: dict[Place, Action] = {}
    for key, action in decisions.items():
        if isinstance(key, int) and len(plan.sheets) > 1:
            raise BadInput(
                f"Đọc nhiều trang nên phải nói dòng {key} của trang nào.",
                hint=f"Ví dụ --row “{plan.sheets[0].sheet}!{key}={action.value}”.",
            )
        place = (plan.sheet, key) if isinstance(key, int) else key
        if place not in places:
            on_sheet = f" ở trang “{place[0]}”" if len(plan.sheets) > 1 else ""
            raise BadInput(
                f"Danh sách không có dòng {place[1]}{on_sheet} để quyết định.",
                hint="Số dòng là số dòng trong trang tính, xem bằng --dry-run.",
            )
        found[place] = action
    return found


def _decided(
    desk: Desk, plan: ImportPlan, decisions: Mapping[Place, Action]
) -> tuple[PlannedRow, ...]:
    """The rows with what a person decided in the place of what was proposed. Raises `BadInput`."""
    added = [place for place, action in decisions.items() if action is Action.ADD]
    if plan.kind.by_year and added:
        raise BadInput(
            f"Dòng {added[0][1]} là số liệu của một cơ sở đã có, không phải một cơ sở để thêm mới.",
            hint="Chọn cập nhật hoặc bỏ qua dòng này; cơ sở mới thì nhập danh sách cơ sở trước.",
        )
    out = [_as_decided(row, decisions.get(row.place)) for row in plan.rows]
    changed = {row.place for row in out if decisions.get(row.place) is Action.UPDATE}
    recomputed = iter(_with_changes(desk, [row for row in out if row.place in changed]))
    return tuple(next(recomputed) if row.place in changed else row for row in out)


def _as_decided(row: PlannedRow, decision: Action | None) -> PlannedRow:
    proposal = row.proposal
    if decision is None:
        return row
    if decision is Action.UPDATE:
        all_matches = (proposal.match, *proposal.questions)
        match = next((m for m in all_matches if m is not None and m.record is not None), None)
        if match is None:
            raise BadInput(
                f"Dòng {row.row_number} không giống cơ sở nào đã có nên không có gì để cập nhật.",
                hint="Chọn thêm mới hoặc bỏ qua dòng này.",
            )
        return replace(row, proposal=replace(proposal, action=Action.UPDATE, match=match))
    return replace(row, proposal=replace(proposal, action=decision, changes=()))


def _edits(
    desk: Desk,
    rows: Sequence[PlannedRow],
    accepted_only: Sequence[PlannedRow],
    decisions: Mapping[Place, Action],
    progress: Progress | None,
) -> Iterator[Edit]:
    for row in accepted_only:
        yield from _set(row, row.proposal.accepted)
    for done, row in enumerate(rows, start=1):
        if row.proposal.action is Action.ADD and not row.proposal.changes:
            yield from _addition(desk, row, apart=row.place in decisions)
        else:
            yield from _set(row, (*row.proposal.changes, *row.proposal.accepted))
        if progress is not None and (done % 500 == 0 or done == len(rows)):
            progress(done, len(rows))


def _addition(desk: Desk, row: PlannedRow, *, apart: bool) -> Iterator[Edit]:
    """A new establishment; `apart`: a person has said that it is none of those it looks like."""
    establishment = new_record_id(desk.clock, desk.randomness)
    alike = (row.proposal.match, *row.proposal.questions) if apart else ()
    others = (match.record for match in alike if match is not None)
    kept_apart: dict[str, Value] = {apart_field(other): True for other in others if other}
    yield Edit("establishments", establishment, row.establishment | kept_apart)
    year, basis = row.figures.get("year"), row.figures.get("basis")
    if isinstance(year, int) and isinstance(basis, str):
        record = figures_id(establishment, year, basis)
        yield Edit("figures", record, {"establishment": establishment, **row.figures})


def _is_updated(row: PlannedRow, decisions: Mapping[Place, Action], *, update: bool) -> bool:
    """Whether what the list says of an establishment that is there is set."""
    if row.proposal.action is Action.UPDATE:
        return update or row.place in decisions
    return update and row.proposal.action is Action.KEEP and bool(row.proposal.accepted)


def _set(row: PlannedRow, changes: Sequence[FieldChange]) -> Iterator[Edit]:
    """These changes of what is there, record by record; new figures say whose they are."""

    def record_of(change: FieldChange) -> tuple[str, str]:
        return change.kind, change.record

    for (kind, record), of_record in groupby(sorted(changes, key=record_of), record_of):
        values = {change.field: change.new for change in of_record}
        if "year" in values:
            match = row.proposal.match
            values["establishment"] = match.record if match is not None else None
        yield Edit(kind, record, values)

"""A list becomes a plan: what would be stored, what would not, and what was found.

Owns the whole list, of whatever kind (`list_kinds`); its rows are read by `establishment_rows`. Which of them are there
already is found by `matching` and `figure_matching`; storing the plan is left to those who have a workspace.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from kcdesk.domain.administrative_units import AdministrativeUnits, AreaCode
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.findings import Finding, any_hard, soft
from kcdesk.errors import BadInput
from kcdesk.importing.capitals import is_in_capitals
from kcdesk.importing.cells import CellFinding, column_letter, text_of
from kcdesk.importing.column_contents import ColumnContents, Guess
from kcdesk.importing.columns import (
    COUNTS,
    LABELS,
    MONEY,
    ChosenColumn,
    Column,
    meaning_of,
    propose_columns,
    require_columns,
)
from kcdesk.importing.establishment_rows import RowReader
from kcdesk.importing.figure_rows import FigureRowReader
from kcdesk.importing.layout import Layout, ListRow, read_layout, unit_of_list, year_and_basis
from kcdesk.importing.list_kinds import ESTABLISHMENT_LIST, ListKind
from kcdesk.importing.plan import CommuneUse, ImportPlan, PlannedRow, RejectedRow
from kcdesk.importing.summed_rows import sum_rows
from kcdesk.importing.totals import compare_totals
from kcdesk.importing.unnamed_totals import with_unnamed_totals
from kcdesk.importing.workbook import Sheet

HIDDEN = "sheet.hidden"
"""Code of the finding that names the sheets that nobody sees."""

CAPITALS = "text.capitals"
"""Code of the finding that offers proper case for a column."""

_TOLD_EACH = 500
"""Rows."""

_NAMES = frozenset(("name", "rep_name", "hamlet", "address", "trade"))


def plan_establishments(
    sheet: Sheet,
    units: AdministrativeUnits,
    within: Sequence[AreaCode],
    *,
    kind: ListKind = ESTABLISHMENT_LIST,
    year: int | None = None,
    basis: FigureBasis | None = None,
    today: datetime.date | None = None,
    chosen: Sequence[ChosenColumn] = (),
    accept_possible: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ImportPlan:
    """The plan for a list of `kind`.

    `within`: codes of the areas whose communes are meant where a name fits several.
    `year`, `basis`: of the figures, where the title does not say them or says them wrongly.
    `today`: no establishment was founded after it.
    `chosen`, `accept_possible`: as `propose_columns` has them.
    `progress`: called with how many rows are read, and of how many; may raise to stop.
    A hard finding keeps its row out, and only its row. Raises BadInput for a sheet that is no such list: no head, a
    column lacking that it needs, or figures of which nobody says the year.
    """
    by_cells = ColumnContents(units, within)
    layout = read_layout(sheet, [choice.header for choice in chosen], by_cells)
    header, guesses = _guessed(layout, by_cells)
    columns = propose_columns(
        header,
        unit_of_list(layout.titles),
        chosen,
        accept_possible=accept_possible,
        reads=kind.reads,
        by_year=kind.by_year,
        contents=guesses,
    )
    require_columns(columns, sheet.source, kind.needed)
    layout = with_unnamed_totals(layout, columns)
    year_of_title, basis_of_title = year_and_basis(layout.titles)
    if year_of_title is None:
        year_of_title, basis_of_title = year_and_basis(
            tuple(c.header for c in columns if c.meaning in COUNTS or c.meaning in MONEY)
        )
    year = year or year_of_title
    basis = basis or basis_of_title
    if kind.by_year:
        _require_year(columns, year, sheet.source)

    findings = [
        CellFinding(sheet.name, layout.head.number, place, finding)
        for place, finding in _findings_of_columns(columns, chosen, year, kind)
    ]
    if sheet.hidden:
        findings.append(CellFinding(sheet.name, 0, "", _hidden_finding(sheet)))
    findings += _findings_of_formulas(sheet, columns)
    findings += [
        CellFinding(sheet.name, layout.head.number, column.letter, _capitals_finding(column))
        for column in columns
        if column.meaning in _NAMES and is_in_capitals(layout.body, column.index)
    ]
    findings += [
        CellFinding(sheet.name, row.number, "", _group_finding(row)) for row in layout.group_sums
    ]
    last = layout.body[-1].number if layout.body else 0
    findings += [
        CellFinding(sheet.name, row.number, "", _heading_finding(row))
        for row in layout.headings
        if row.number < last
    ]
    parts = _parts(columns, year)
    reads_rows = FigureRowReader if kind.by_year else RowReader
    readers = [
        reads_rows(sheet.name, own, units, within, of_year, basis, today) for own, of_year in parts
    ]
    numbers: list[list[tuple[int, dict[str, int]]]] = [[] for _ in parts]
    rows: list[PlannedRow] = []
    rejected: list[RejectedRow] = []
    for done, row in enumerate(layout.body):
        if progress is not None and done % _TOLD_EACH == 0:
            progress(done, len(layout.body))
        planned = []
        for reader, of_part in zip(readers, numbers, strict=True):
            read, amounts = reader.read(row)
            planned.append(read)
            of_part.append((row.number, amounts))
        found = tuple(dict.fromkeys(f for read in planned for f in read.findings))
        findings += found
        if any_hard(each.finding for each in found):
            rejected.append(RejectedRow(row.number, tuple(row.cells), found, sheet.name))
        else:
            rows += [read for read in planned if read.figures or not kind.by_year]
    sums = sum_rows(layout)
    totals = (
        total
        for (own, _), of_part in zip(parts, numbers, strict=True)
        for total in compare_totals(sums, own, of_part)
    )
    return ImportPlan(
        sheet.source,
        sheet.name,
        layout.head.number,
        columns,
        year,
        basis,
        tuple(rows),
        tuple(rejected),
        tuple(findings),
        tuple(totals),
        _communes(rows, units),
        kind=kind,
        cells={(sheet.name, row.number): tuple(row.cells) for row in layout.body}
        if kind.by_year
        else {},
    )


def _guessed(
    layout: Layout, by_cells: ColumnContents
) -> tuple[tuple[str, ...], Mapping[int, Guess]]:
    """The heads, and guesses at the columns whose heads say nothing known; columns without a head that can be told by
    their cells get one: their letter.
    """
    known = [(meaning_of(text) or ("",))[0] for text in layout.header]
    unknown = [index for index, key in enumerate(known) if not key]
    guesses = by_cells.guess([row.cells for row in layout.body], unknown, set(known))
    header = tuple(
        text or (f"cột {column_letter(index)}" if index in guesses else "")
        for index, text in enumerate(layout.header)
    )
    return header, guesses


def _parts(
    columns: Sequence[Column], year: int | None
) -> list[tuple[tuple[Column, ...], int | None]]:
    """The columns of each year with those that all years share; one part where no head names a year."""
    years = sorted({column.year for column in columns if column.year is not None})
    if not years:
        return [(tuple(columns), year)]
    parts: list[tuple[tuple[Column, ...], int | None]] = [
        (tuple(c for c in columns if c.year == of or (c.year is None and not _is_measure(c))), of)
        for of in years
    ]
    if any(_is_measure(column) and column.year is None for column in columns) and year is not None:
        shared = tuple(column for column in columns if column.year is None)
        parts.append((shared, year))
    return parts


def _is_measure(column: Column) -> bool:
    return column.meaning in COUNTS or column.meaning in MONEY


def _require_year(columns: Sequence[Column], year: int | None, source: str) -> None:
    if year is None and not any(c.year is not None or c.meaning == "year" for c in columns):
        raise BadInput(
            f"Danh sách trong tệp “{source}” không ghi số liệu của năm nào.",
            hint="Cho biết năm bằng --year, hoặc thêm cột “Năm”, hoặc ghi năm vào tên cột, ví dụ “Doanh thu 2020”.",
            code="no_year",
        )


def _findings_of_columns(
    columns: Sequence[Column], chosen: Sequence[ChosenColumn], year: int | None, kind: ListKind
) -> list[tuple[str, Finding]]:
    """What the person should know of the list as a whole, with the letter of the column."""
    findings = []
    told = {choice.header for choice in chosen if choice.meaning is None}
    for column in columns:
        if column.meaning is None and column.header not in told:
            message = f"Cột “{column.header}” không được nhập vì không rõ ý nghĩa."
            may_be = LABELS.get(column.possible or "")
            hint = f"Có thể là “{may_be}”; nói rõ nếu đúng vậy." if may_be else ""
            finding = soft("column.unread", "", message, column.header, hint)
            findings.append((column.letter, finding))
    figures = [c.header for c in columns if c.meaning in COUNTS or c.meaning in MONEY]
    if figures and year is None and not kind.by_year:
        named = ", ".join(f"“{header}”" for header in figures)
        message = f"Danh sách không ghi số liệu của năm nào nên các cột {named} không được nhập."
        hint = "Cho biết năm của số liệu rồi nhập lại."
        findings.append(("", soft("figures.no_year", "year", message, "", hint)))
    return findings


def _findings_of_formulas(sheet: Sheet, columns: Sequence[Column]) -> list[CellFinding]:
    """One for each column that is read and has formulas without a value, at the first of them."""
    read = {column.index: column for column in columns if column.meaning is not None}
    rows: dict[int, list[int]] = {}
    for row, index in sheet.no_values:
        if index in read:
            rows.setdefault(index, []).append(row + 1)
    found = []
    for index, numbers in sorted(rows.items()):
        column = read[index]
        message = f"{len(numbers)} ô của cột “{column.header}” là công thức chưa có kết quả nên được đọc như ô trống."
        hint = "Mở tệp bằng Excel hoặc LibreOffice, lưu lại rồi nhập."
        finding = soft("formula.no_value", column.meaning or "", message, "", hint)
        found.append(CellFinding(sheet.name, numbers[0], column.letter, finding))
    return found


def _capitals_finding(column: Column) -> Finding:
    message = f"Cột “{column.header}” viết toàn chữ hoa; chữ được giữ nguyên như trong danh sách."
    hint = (
        f"Muốn viết hoa chữ đầu từng tiếng: --proper-case {column.letter}, hoặc đánh dấu ở cột đó."
    )
    return soft(CAPITALS, column.meaning or "", message, column.header, hint)


def _hidden_finding(sheet: Sheet) -> Finding:
    named = ", ".join(f"“{name}”" for name in sheet.hidden)
    message = f"Tệp có trang tính đang ẩn: {named}, không đọc."
    hint = "Muốn nhập trang đó thì chọn tên trang."
    return soft(HIDDEN, "", message, named, hint)


def _group_finding(row: ListRow) -> Finding:
    text = " ".join(text for cell in row.cells if isinstance(cell, str) and (text := text_of(cell)))
    message = f"Dòng “{text}” được hiểu là dòng cộng của một nhóm, không nhập."
    return soft("row.group_sum", "", message, text)


def _heading_finding(row: ListRow) -> Finding:
    text = next((text for cell in row.cells if (text := text_of(cell))), "")
    message = f"Dòng “{text}” được hiểu là tiêu đề nhóm, không nhập."
    return soft("row.heading", "", message, text)


def _communes(rows: Sequence[PlannedRow], units: AdministrativeUnits) -> tuple[CommuneUse, ...]:
    """Old communes of rows, with the one of today they are all in; rows without a former one are left out."""
    uses: Counter[tuple[str, str | None]] = Counter()
    for row in rows:
        old, new = row.establishment.get("old_commune"), row.establishment.get("commune")
        if isinstance(old, str):
            uses[old, new if isinstance(new, str) else None] += 1
    return tuple(
        CommuneUse(units.old_commune(old), units.new_commune(new) if new else None, count)
        for (old, new), count in uses.items()
    )

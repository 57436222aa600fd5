"""A list of establishments becomes a plan: what would be stored, what would not, and what was found.

Owns the whole list; its rows are read by `establishment_rows`. Which of them are there already is found by `matching`;
storing the plan is left to those who have a workspace.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence

from kcdesk.domain.administrative_units import AdministrativeUnits, AreaCode
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.findings import Finding, any_hard, soft
from kcdesk.importing.cells import CellFinding, text_of
from kcdesk.importing.columns import (
    COUNTS,
    MONEY,
    ChosenColumn,
    Column,
    propose_columns,
    require_columns,
)
from kcdesk.importing.establishment_rows import RowReader
from kcdesk.importing.layout import ListRow, read_layout, unit_of_list, year_and_basis
from kcdesk.importing.plan import CommuneUse, ImportPlan, PlannedRow, RejectedRow
from kcdesk.importing.totals import compare_totals
from kcdesk.importing.workbook import Sheet


def plan_establishments(
    sheet: Sheet,
    units: AdministrativeUnits,
    within: Sequence[AreaCode],
    *,
    year: int | None = None,
    basis: FigureBasis | None = None,
    today: datetime.date | None = None,
    chosen: Sequence[ChosenColumn] = (),
    accept_possible: bool = False,
) -> ImportPlan:
    """The plan for a list of establishments.

    `within`: codes of the areas whose communes are meant where a name fits several.
    `year`, `basis`: of the figures, where the title does not say them or says them wrongly.
    `today`: no establishment was founded after it.
    `chosen`, `accept_possible`: as `propose_columns` has them.
    A hard finding keeps its row out, and only its row. Raises BadInput for a sheet that is no list of
    establishments: no head, or no column of names or communes.
    """
    layout = read_layout(sheet, [choice.header for choice in chosen])
    columns = propose_columns(
        layout.header, unit_of_list(layout.titles), chosen, accept_possible=accept_possible
    )
    require_columns(columns, sheet.source)
    year_of_title, basis_of_title = year_and_basis(layout.titles)
    if year_of_title is None:
        year_of_title, basis_of_title = year_and_basis(
            tuple(c.header for c in columns if c.meaning in COUNTS or c.meaning in MONEY)
        )
    year = year or year_of_title
    basis = basis or basis_of_title

    findings = [
        CellFinding(sheet.name, layout.head.number, place, finding)
        for place, finding in _findings_of_columns(columns, chosen, year)
    ]
    if sheet.hidden:
        findings.append(CellFinding(sheet.name, 0, "", _hidden_finding(sheet)))
    reader = RowReader(sheet.name, columns, units, within, year, basis, today)
    last = layout.body[-1].number if layout.body else 0
    findings += [
        CellFinding(sheet.name, row.number, "", _heading_finding(row))
        for row in layout.headings
        if row.number < last
    ]
    rows: list[PlannedRow] = []
    rejected: list[RejectedRow] = []
    numbers: list[tuple[int, dict[str, int]]] = []
    for row in layout.body:
        planned, amounts = reader.read(row)
        numbers.append((row.number, amounts))
        findings += planned.findings
        if any_hard(found.finding for found in planned.findings):
            rejected.append(RejectedRow(row.number, tuple(row.cells), planned.findings))
        else:
            rows.append(planned)
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
        compare_totals(layout.totals, columns, numbers),
        _communes(rows, units),
    )


def _findings_of_columns(
    columns: Sequence[Column], chosen: Sequence[ChosenColumn], year: int | None
) -> list[tuple[str, Finding]]:
    """What the person should know of the list as a whole, with the letter of the column."""
    findings = []
    told = {choice.header for choice in chosen if choice.meaning is None}
    for column in columns:
        if column.meaning is None and column.header not in told:
            message = f"Cột “{column.header}” không được nhập vì không rõ ý nghĩa."
            findings.append((column.letter, soft("column.unread", "", message, column.header)))
    figures = [c.header for c in columns if c.meaning in COUNTS or c.meaning in MONEY]
    if figures and year is None:
        named = ", ".join(f"“{header}”" for header in figures)
        message = f"Danh sách không ghi số liệu của năm nào nên các cột {named} không được nhập."
        hint = "Cho biết năm của số liệu rồi nhập lại."
        findings.append(("", soft("figures.no_year", "year", message, "", hint)))
    return findings


def _hidden_finding(sheet: Sheet) -> Finding:
    named = ", ".join(f"“{name}”" for name in sheet.hidden)
    message = f"Tệp có trang tính đang ẩn: {named}, không đọc."
    hint = "Muốn nhập trang đó thì chọn tên trang."
    return soft("sheet.hidden", "", message, named, hint)


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

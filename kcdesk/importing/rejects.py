"""The rows of a list that were not taken in, given back: the same workbook with marked cells and a column of remarks.

Owns what the answer looks like, and knowing its remarks again when it is read. All rows stay where they are: those
that were taken in are known again by what they say, so the corrected file can be read without doubling anything.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from kcdesk.domain.text import normalise
from kcdesk.importing.cells import CellFinding, column_index
from kcdesk.importing.formulas import has_formulas
from kcdesk.importing.marked_workbook import SheetMarks, Unmarkable, marked
from kcdesk.importing.plan import ImportPlan, RejectedRow
from kcdesk.importing.workbook import Cell, Sheet, read_sheets

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

REMARKS = "Nhận xét khi nhập (kcdesk)"
"""The head of the column of remarks. A list that is read is read without it."""

_HEAD_WITHIN = 60
_WRONG, _DOUBTFUL = "FFF4B6B6", "FFFCE8A6"
_REMARK_WIDTH = 70
_COLUMNS_OF_XLSX = 16_384


def without_remarks(sheet: Sheet) -> Sheet:
    """The sheet as it was before kcdesk wrote remarks into it."""
    column = remark_column(sheet)
    if column is None:
        return sheet
    rows: list[list[Cell]] = [
        [*row[:column], "", *row[column + 1 :]] if column < len(row) else row for row in sheet.rows
    ]
    return replace(sheet, rows=rows)


def remark_column(sheet: Sheet) -> int | None:
    """The column of remarks, from 0; None when there is none."""
    return next(
        (
            index
            for row in sheet.rows[:_HEAD_WITHIN]
            for index, cell in enumerate(row)
            if isinstance(cell, str) and normalise(cell).startswith(REMARKS)
        ),
        None,
    )


def rejects_workbook(path: Path, plan: ImportPlan) -> bytes:
    """The workbook of the list as .xlsx: each row that stays out has its cells marked and says why at its end.

    An .xlsx keeps everything else; of other files the values are kept. Where the list has formulas its sheets come back
    with the values that were read, and without charts and pictures: a formula that a program writes has no value until
    somebody opens it. Raises `BadInput` when the file cannot be read any more.
    """
    sheets = {sheet.name: sheet for sheet in read_sheets(path)}
    marks = {
        part.sheet: _marks_of(sheets[part.sheet], part.head_row, rows)
        for part in plan.sheets
        if (rows := [row for row in plan.rejected if row.sheet == part.sheet])
    }
    content = path.read_bytes()
    with_formulas = has_formulas(content)
    if content.startswith(b"PK") and not with_formulas:
        try:
            return marked(content, marks)
        except Unmarkable:
            pass
    book = _opened(path)
    if book is None:
        book = _copied(list(sheets.values()))
    elif with_formulas:
        for part in plan.sheets:
            _formulas_as_values(book[part.sheet], sheets[part.sheet])
    for name, of_sheet in marks.items():
        _answer(book[_title(name)], of_sheet)
    book.active = book.sheetnames.index(_title(next(iter(marks), plan.sheets[0].sheet)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _marks_of(sheet: Sheet, head_row: int, all_rejected: Sequence[RejectedRow]) -> SheetMarks:
    """What to mark in a sheet, and what to say at the end of its rows."""
    known = remark_column(sheet)
    width = max(map(len, sheet.rows), default=0)
    column = min(known if known is not None else width, _COLUMNS_OF_XLSX - 1)
    head = max(head_row, 1)  # a list without a head: its first row has the remarks' head, too
    remarks: dict[int, str] = {}
    colours: dict[tuple[int, int], str] = {}
    for rejected in all_rejected:
        number = rejected.row_number
        remarks[number] = _remark(rejected)
        if number == head:
            remarks[number] = f"{REMARKS}: {remarks[number]}"
        for found in sorted(rejected.findings, key=lambda f: f.finding.level == "hard"):
            place = column_index(found.column) if found.column else column
            colours[number, place] = _WRONG if found.finding.level == "hard" else _DOUBTFUL
    return SheetMarks(column, head, REMARKS, _REMARK_WIDTH, remarks, colours)


def _opened(path: Path) -> Workbook | None:
    from openpyxl import load_workbook  # noqa: PLC0415 -- wanted for rejects only

    try:
        return load_workbook(io.BytesIO(path.read_bytes()))
    except (BadZipFile, KeyError, ValueError, TypeError, OSError):  # .xls, .ods, .csv, odd .xlsx
        return None


def _copied(sheets: Sequence[Sheet]) -> Workbook:
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    for old in book.worksheets:
        book.remove(old)
    for sheet in sheets:
        page = book.create_sheet(_title(sheet.name))
        page.sheet_state = "visible" if sheet.visible else "hidden"
        widths: dict[int, int] = {}
        for number, row in enumerate(sheet.rows, 1):
            for index, cell in enumerate(row, 1):
                if cell != "":
                    _write(page, number, index, cell)
                    widths[index] = max(widths.get(index, 0), min(len(str(cell)), 40))
        for index, width in widths.items():
            page.column_dimensions[get_column_letter(index)].width = width + 2
    return book


def _title(name: str) -> str:
    """A name that .xlsx allows for a sheet: a .csv may have any."""
    plain = "".join("_" if letter in r"[]:*?/\\" else letter for letter in name)
    return plain[:31] or "Danh sách"


def _answer(page: Worksheet, marks: SheetMarks) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    looks = _Looks()
    column = marks.column + 1
    for row in range(marks.head_row + 1, page.max_row + 1):
        if column <= page.max_column:  # what was said the last time may have been put right
            _write(page, row, column, "")
    _write(page, marks.head_row, column, marks.head)
    page.cell(marks.head_row, column).font = Font(bold=True)
    page.column_dimensions[get_column_letter(column)].width = marks.width
    for row, remark in marks.remarks.items():
        _write(page, row, column, remark)
        looks.wrap(page.cell(row, column))
    for (row, index), colour in marks.colours.items():
        looks.colour(page.cell(row, index + 1), colour)


def _formulas_as_values(page: Worksheet, sheet: Sheet) -> None:
    for number, values in enumerate(sheet.rows, 1):
        for index, value in enumerate(values, 1):
            if page.cell(number, index).data_type == "f":
                _write(page, number, index, value)


class _Looks:
    """Gives cells a colour, or lines that wrap.

    Cells that looked alike get the same look: working it out for each of a hundred thousand takes longer than anything
    else.
    """

    def __init__(self) -> None:
        self._looks: dict[tuple[str, tuple[int, ...]], Any] = {}

    def colour(self, cell: Any, colour: str) -> None:
        from openpyxl.styles import PatternFill  # noqa: PLC0415

        self._give(cell, colour, lambda: setattr(cell, "fill", PatternFill("solid", colour)))

    def wrap(self, cell: Any) -> None:
        from openpyxl.styles import Alignment  # noqa: PLC0415

        alignment = Alignment(wrap_text=True, vertical="top")
        self._give(cell, "wrap", lambda: setattr(cell, "alignment", alignment))

    def _give(self, cell: Any, what: str, work_out: Callable[[], None]) -> None:
        key = what, tuple(cell._style or ())
        if key in self._looks:
            cell._style = copy(self._looks[key])
        else:
            work_out()
            self._looks[key] = copy(cell._style)


def _remark(rejected: RejectedRow) -> str:
    """Why the row stayed out, and what to do: hard findings first."""
    ordered = sorted(rejected.findings, key=lambda found: found.finding.level != "hard")
    return " ".join(dict.fromkeys(map(_said, ordered)))


def _said(found: CellFinding) -> str:
    return f"{found.finding.message} {found.finding.hint}".strip()


def _write(page: Worksheet, row: int, column: int, value: Cell) -> None:
    """A value and never a formula, whatever a text begins with."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell  # noqa: PLC0415

    cell: Any = page.cell(row, column)
    if isinstance(cell, MergedCell):
        return
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
        if value:
            cell.data_type = "s"
    elif isinstance(value, (datetime.date, datetime.time, datetime.timedelta, int, float)):
        cell.value = value

"""Tables as a file that people open in a spreadsheet: .xlsx with types, frozen heads and filters, or .csv.

Owns the two formats. What stands in the table is left to those who make it. A text never is a formula: a workbook
says of each cell that it is text; in .csv, which cannot say so, an apostrophe stands before what Excel would compute.
`domain.text.unguarded` takes it away again.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kcdesk.domain.text import guarded
from kcdesk.errors import BadInput

OutCell = str | int | Decimal | datetime.date | datetime.datetime | None
"""Texts are kept as texts, however much they look like numbers or formulas; None is an empty cell. Moments are those of
the wall clock: spreadsheets know no time zones."""

Progress = Callable[[int, int], None]
"""Called with how many rows are written, and of how many; may raise to stop."""

_WIDEST = 60
_ROOM = 3
"""Characters a column is wider than its longest text: the arrow of the filter stands there."""
_LONGEST = 32_767
"""Characters that a cell of a workbook holds."""
_TOLD = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
"""What no workbook can hold and nobody can see."""


@dataclass(frozen=True, slots=True)
class OutTable:
    """A table with one head. `title`: names the sheet, at most 31 characters; `name`: among several, for files."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[OutCell, ...]]
    name: str = ""


def as_xlsx(table: OutTable, progress: Progress | None = None) -> bytes:
    """The table as a workbook of one sheet. Raises `BadInput` for a text longer than a cell holds."""
    return as_workbook([table], progress)


def as_workbook(tables: Sequence[OutTable], progress: Progress | None = None) -> bytes:
    """The tables as a workbook with a sheet for each; `progress` counts the rows of all of them.

    Sheets whose titles are the same, or forbidden by Excel, get others. Raises `BadInput` as `as_xlsx` does.
    """
    from openpyxl import Workbook  # noqa: PLC0415 -- loaded when a workbook is written

    book = Workbook(write_only=True)
    total = sum(len(table.rows) for table in tables)
    done = 0
    titles: list[str] = []
    sheets: list[Any] = []
    try:
        for table in tables:
            titles.append(_title(table.title, titles))
            sheets.append(book.create_sheet(titles[-1]))
            _write_sheet(sheets[-1], table, progress, done, total)
            done += len(table.rows)
    except BaseException:  # openpyxl keeps the rows in temporary files, which must not stay behind
        for sheet in sheets:
            sheet.close()
            sheet._writer.cleanup()
        raise
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_LONGEST_TITLE = 31
_NOT_IN_TITLES = re.compile(r"[\\/*?:\[\]]")


def _title(wanted: str, taken: Sequence[str]) -> str:
    """A title of a sheet that Excel takes, unlike those that are taken.

    >>> _title("Máy móc", []), _title("máy móc", ["Máy móc"]), _title("a/b", [])
    ('Máy móc', 'máy móc 2', 'a b')
    """
    plain = _NOT_IN_TITLES.sub(" ", wanted).strip(" '") or "Bảng"
    known = {title.casefold() for title in taken}
    title, number = plain[:_LONGEST_TITLE], 1
    while title.casefold() in known:
        number += 1
        title = f"{plain[: _LONGEST_TITLE - len(str(number)) - 1]} {number}"
    return title


def _write_sheet(
    sheet: Any, table: OutTable, progress: Progress | None, done: int, total: int
) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet.freeze_panes = "A2"
    last = get_column_letter(len(table.head))
    sheet.auto_filter.ref = f"A1:{last}{len(table.rows) + 1}"
    for place, head in enumerate(table.head):
        longest = max((len(_written(row[place])) for row in table.rows), default=0)
        wide = min(max(longest, min(len(head), 20)), _WIDEST) + _ROOM
        sheet.column_dimensions[get_column_letter(place + 1)].width = wide

    heads = [_text_cell(sheet, head) for head in table.head]
    for cell in heads:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.append(heads)
    for number, row in enumerate(table.rows):
        if progress is not None and number % _TOLD == 0:
            progress(done + number, total)
        sheet.append([_cell(sheet, value) for value in row])


def lines_as_xlsx(title: str, lines: Sequence[Sequence[OutCell]]) -> bytes:
    """Lines of cells as a workbook of one sheet, without a head. Raises `BadInput` as `as_xlsx` does."""
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_title(_CONTROL.sub("", title), []))
    for place in range(max(map(len, lines), default=0)):
        texts = [_written(line[place]) for line in lines if len(line) > max(place, 1)]
        wide = min(max(map(len, texts), default=0), _WIDEST) + _ROOM
        sheet.column_dimensions[get_column_letter(place + 1)].width = wide
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    if len(value) > _LONGEST:
        raise BadInput(
            f"Có ô dài {len(value)} ký tự, tệp Excel chỉ giữ được {_LONGEST} ký tự một ô.",
            hint="Xuất ra tệp .csv, hoặc rút ngắn ghi chú đó.",
        )
    cell = WriteOnlyCell(sheet)
    cell.value = _CONTROL.sub("", value)
    cell.data_type = "s"  # a text that begins with = is no formula
    return cell


def _cell(sheet: Any, value: OutCell) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    if value is None:
        return None
    if isinstance(value, str):
        cell = _text_cell(sheet, guarded(value) if value.startswith("'") else value)
        cell.number_format = "@"
        return cell
    cell = WriteOnlyCell(sheet)
    cell.value = value
    if isinstance(value, datetime.datetime):
        cell.number_format = "dd/mm/yyyy hh:mm"
    elif isinstance(value, datetime.date):
        cell.number_format = "dd/mm/yyyy"
    elif isinstance(value, int) and abs(value) >= _GROUPED:
        cell.number_format = "#,##0"
    return cell


_GROUPED = 10_000
"""Numbers from here on are shown with their thousands parted; years are not."""


def as_csv(table: OutTable, progress: Progress | None = None) -> bytes:
    """The table as text, UTF-8 with the mark that tells Excel so, commas between."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(table.head)
    for number, row in enumerate(table.rows):
        if progress is not None and number % _TOLD == 0:
            progress(number, len(table.rows))
        lines.writerow([guarded(v) if isinstance(v, str) else _written(v) for v in row])
    return out.getvalue().encode("utf-8-sig")


def _written(value: OutCell) -> str:
    if isinstance(value, datetime.datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    return "" if value is None else str(value)

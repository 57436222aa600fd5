"""A table as a file that people open in a spreadsheet: .xlsx with types, frozen head and filters, or .csv.

Owns the two formats. What stands in the table is left to those who make it.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

OutCell = str | int | Decimal | datetime.date | None
"""Texts are kept as texts, however much they look like numbers or formulas; None is an empty cell."""

_WIDEST = 60
_ROOM = 3
"""Characters a column is wider than its longest text: the arrow of the filter stands there."""


@dataclass(frozen=True, slots=True)
class OutTable:
    """A table with one head. `title`: names the sheet, at most 31 characters of it."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[OutCell, ...]]


def as_xlsx(table: OutTable) -> bytes:
    """The table as a workbook of one sheet."""
    from openpyxl import Workbook  # noqa: PLC0415 -- loaded when a workbook is written
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title[:31])
    sheet.freeze_panes = "A2"
    last = get_column_letter(len(table.head))
    sheet.auto_filter.ref = f"A1:{last}{len(table.rows) + 1}"
    for place, head in enumerate(table.head):
        longest = max((len(_written(row[place])) for row in table.rows), default=0)
        wide = min(max(longest, min(len(head), 20)), _WIDEST) + _ROOM
        sheet.column_dimensions[get_column_letter(place + 1)].width = wide

    def text(value: str) -> Any:
        cell = WriteOnlyCell(sheet)
        cell.value = value
        cell.data_type = "s"  # a text that begins with = is no formula
        return cell

    def of(value: OutCell) -> Any:
        if value is None:
            return None
        if isinstance(value, str):
            cell = text(value)
            cell.number_format = "@"
            return cell
        cell = WriteOnlyCell(sheet)
        cell.value = value
        if isinstance(value, datetime.date):
            cell.number_format = "dd/mm/yyyy"
        elif isinstance(value, int) and abs(value) >= _GROUPED:
            cell.number_format = "#,##0"
        return cell

    heads = [text(head) for head in table.head]
    for cell in heads:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.append(heads)
    for row in table.rows:
        sheet.append([of(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_GROUPED = 10_000
"""Numbers from here on are shown with their thousands parted; years are not."""


def as_csv(table: OutTable) -> bytes:
    """The table as text, UTF-8 with the mark that tells Excel so, commas between."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(table.head)
    lines.writerows([_written(value) for value in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _written(value: OutCell) -> str:
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    return "" if value is None else str(value)

"""Formulas whose value nobody has worked out yet: a program wrote them, and no spreadsheet has opened the file since.

Their cells are read as empty, so a person is told. Only .xlsx says formulas to us.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from kcdesk.importing.workbook import Sheet

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_WITHOUT_VALUE = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")


def formulas_without_value(path: Path, sheet: Sheet) -> tuple[tuple[int, int], ...]:
    """(row, column), both from 0, of the cells of the sheet that hold a formula and were read as empty."""
    content = path.read_bytes()
    if not _may_have_some(content):
        return ()
    from openpyxl import load_workbook  # noqa: PLC0415 -- wanted for few lists only

    book = load_workbook(io.BytesIO(content), read_only=True)
    try:
        return tuple(
            (row, column)
            for row, cells in enumerate(book[sheet.name].iter_rows(min_row=1, min_col=1))
            for column, cell in enumerate(cells)
            if cell.data_type == "f" and _is_empty(sheet, row, column)
        )
    finally:
        book.close()


def has_formulas(content: bytes) -> bool:
    """Whether some sheet of an .xlsx has a formula: a quick look, for reading formulas is slow."""
    return any(_FORMULA.search(xml) is not None for xml in _sheets(content))


def _may_have_some(content: bytes) -> bool:
    """Whether some sheet of an .xlsx has a formula without a value: a quick look as well."""
    return any(b"<f" in xml and _WITHOUT_VALUE.search(xml) is not None for xml in _sheets(content))


def _sheets(content: bytes) -> Iterator[bytes]:
    """The sheets of an .xlsx as they are written; none of another file."""
    if not content.startswith(b"PK"):
        return
    try:
        with ZipFile(io.BytesIO(content)) as parts:
            for name in parts.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    yield parts.read(name)
    except (BadZipFile, OSError):
        return


def _is_empty(sheet: Sheet, row: int, column: int) -> bool:
    cells = sheet.rows[row] if row < len(sheet.rows) else []
    return column >= len(cells) or cells[column] == ""

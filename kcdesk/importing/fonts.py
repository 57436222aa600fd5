"""The fonts of a workbook's cells, which tell an old encoding and its capitals apart.

All formats but .xlsb and .csv say them to us; reading them costs some ten times as long as reading the values, so they
are asked for only where the texts look old.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from kcdesk.importing.encoding_detection import Fonts
from kcdesk.importing.ods_fonts import fonts_of_ods

_MIMETYPE_WITHIN = 100
"""An OpenDocument file says what it is in its first part, which is not compressed."""

_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")


def read_fonts(path: Path, sheet: str) -> Fonts:
    """(row, column), both from 0 -> name of the font, for the cells with text of that sheet; none for other files."""
    content = path.read_bytes()
    if content.startswith(_COMPOUND_FILE):
        return dict(_of_xls(content, sheet))
    try:
        if content.startswith(b"PK") and b"opendocument" in content[:_MIMETYPE_WITHIN]:
            return dict(fonts_of_ods(content, sheet))
    except (BadZipFile, KeyError, ParseError):
        return {}
    return _of_xlsx(content, sheet)


def _of_xlsx(content: bytes, sheet: str) -> Fonts:
    from openpyxl import load_workbook  # noqa: PLC0415 -- wanted for old lists only

    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True)
    except (
        BadZipFile,
        KeyError,
        ValueError,
    ):  # .xlsb, .csv: their values are read without fonts
        return {}
    try:
        return {
            (cell.row - 1, cell.column - 1): cell.font.name
            for row in workbook[sheet].iter_rows()
            for cell in row
            if isinstance(cell.value, str) and cell.font.name
        }
    finally:
        workbook.close()


def _of_xls(content: bytes, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Fonts of an .xls; none of one that this reader cannot take, though its values were read."""
    import xlrd  # noqa: PLC0415 -- wanted for old lists only
    from xlrd.compdoc import CompDocError  # noqa: PLC0415

    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO()
        )
        page = book.sheet_by_name(sheet)
    except (xlrd.XLRDError, CompDocError, struct.error, ValueError, LookupError, AssertionError):
        return
    for row in range(page.nrows):
        for column, kind in enumerate(page.row_types(row)):
            if kind == xlrd.XL_CELL_TEXT:
                look = book.xf_list[page.cell_xf_index(row, column)]
                yield (row, column), str(book.font_list[look.font_index].name)

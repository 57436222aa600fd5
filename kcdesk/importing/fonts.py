"""The fonts of a workbook's cells, which tell an old encoding and its capitals apart.

Only .xlsx says them to us; reading them costs some ten times as long as reading the values, so they are asked for
only where the texts look old.
"""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import BadZipFile

from kcdesk.importing.encoding_detection import Fonts


def read_fonts(path: Path, sheet: str) -> Fonts:
    """(row, column), both from 0 -> name of the font, for the cells with text of that sheet; none for other files."""
    from openpyxl import load_workbook  # noqa: PLC0415 -- wanted for old lists only

    try:
        workbook = load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
    except (
        BadZipFile,
        KeyError,
        ValueError,
    ):  # .xls, .ods, .csv: their values are read without fonts
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

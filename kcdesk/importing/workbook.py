"""A workbook file as plain cells: xlsx, xls, xlsb, ods and csv, told apart by content and not by name.

Owns opening and what can go wrong with it. What the cells mean is left to `layout`. An error value in a cell
(#REF!) is read as an empty cell.
"""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass, replace
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from kcdesk.errors import BadInput
from kcdesk.importing.text_files import read_rows

Cell = (
    str
    | int
    | float
    | bool
    | datetime.datetime
    | datetime.date
    | datetime.time
    | datetime.timedelta
)
"""An empty cell is the empty text. Numbers of xlsx files are floats."""

_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_WORKBOOKS = (_COMPOUND_FILE, b"PK\x03\x04")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `rows[0]` is row 1 of the sheet and its first cell column A.

    source:  the file's name, without folders
    visible: whether a person sees it who opens the file
    no_values: (row, column) from 0 of formulas without a value (`formulas`); they are read as empty
    hidden:  names of the file's other sheets, which nobody sees
    """

    source: str
    name: str
    rows: list[list[Cell]]
    visible: bool = True
    hidden: tuple[str, ...] = ()
    no_values: tuple[tuple[int, int], ...] = ()


def read_sheet(path: Path, sheet: str | None = None) -> Sheet:
    """The sheet of that name, or the first visible one that has cells.

    Raises BadInput, in one sentence, for a file that is missing, unreadable, locked with a password or no
    workbook, and for a sheet that is not there or empty.
    """
    content = _content(path)
    as_text = None if content.startswith(_WORKBOOKS) else read_rows(content)
    if as_text is not None:
        return _only_sheet(path, sheet, as_text)
    with _open(path, content) as workbook:
        seen = _names(workbook)
        names = [name for name, visible in seen.items() if visible or name == sheet]
        hidden = tuple(name for name, visible in seen.items() if not visible and name != sheet)
        if sheet is not None and sheet not in names:
            raise BadInput(
                f"Tệp “{path.name}” không có trang tính “{sheet}”.",
                hint=f"Các trang tính có thể chọn: {', '.join(names)}." if names else "",
                code="no_sheet",
            )
        for name in names if sheet is None else [sheet]:
            rows = _rows(path, workbook, name)
            if _says_something(rows):
                return Sheet(path.name, name, rows, seen[name], hidden)
    if sheet is not None:
        raise BadInput(f"Trang tính “{sheet}” của tệp “{path.name}” còn trống.", code="no_sheet")
    named = f" Trang đang ẩn: {', '.join(hidden)}; chọn bằng --sheet." if hidden else ""
    raise BadInput(f"Tệp “{path.name}” không có trang tính nào có dữ liệu.{named}", code="no_sheet")


def sheet_names(path: Path) -> tuple[str, ...]:
    """The names of the sheets that a person sees. Raises BadInput as `read_sheet`."""
    content = _content(path)
    if not content.startswith(_WORKBOOKS) and read_rows(content) is not None:
        return (path.stem,)
    with _open(path, content) as workbook:
        return tuple(name for name, visible in _names(workbook).items() if visible)


def read_visible_sheets(path: Path) -> list[Sheet]:
    """All sheets that a person sees and that have cells. Raises BadInput as `read_sheet`, also where there is none."""
    sheets = [sheet for sheet in read_sheets(path) if _says_something(sheet.rows)]
    visible = [sheet for sheet in sheets if sheet.visible]
    if not visible:
        return [read_sheet(path)]  # which says what is wrong
    hidden = tuple(sheet.name for sheet in sheets if not sheet.visible)
    return [replace(sheet, hidden=hidden) for sheet in visible]


def read_sheets(path: Path) -> list[Sheet]:
    """All sheets of a file, hidden and empty ones too. Raises BadInput as `read_sheet`."""
    content = _content(path)
    as_text = None if content.startswith(_WORKBOOKS) else read_rows(content)
    if as_text is not None:
        return [_only_sheet(path, None, as_text)]
    with _open(path, content) as workbook:
        return [
            Sheet(path.name, name, _rows(path, workbook, name), visible)
            for name, visible in _names(workbook).items()
        ]


def _names(workbook: CalamineWorkbook) -> dict[str, bool]:
    """Name of a sheet of cells -> whether it is visible."""
    return {
        entry.name: entry.visible is SheetVisibleEnum.Visible
        for entry in workbook.sheets_metadata
        if entry.typ is SheetTypeEnum.WorkSheet
    }


def _rows(path: Path, workbook: CalamineWorkbook, name: str) -> list[list[Cell]]:
    try:
        return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise _damaged(path) from error


def _says_something(rows: list[list[Cell]]) -> bool:
    return any(cell != "" for row in rows for cell in row)


def _only_sheet(path: Path, sheet: str | None, rows: list[list[str]]) -> Sheet:
    """The one sheet of a text file, named like the file."""
    if sheet not in {None, path.stem}:
        raise BadInput(
            f"Tệp “{path.name}” không có trang tính “{sheet}”.",
            hint=f"Các trang tính có thể chọn: {path.stem}.",
            code="no_sheet",
        )
    return Sheet(path.name, path.stem, [[*row] for row in rows])


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"Không tìm thấy tệp “{path}”.", code="no_file") from None
    except IsADirectoryError:
        raise BadInput(f"“{path}” là thư mục, không phải tệp bảng tính.", code="no_file") from None
    except OSError as error:
        raise BadInput(
            f"Không đọc được tệp “{path}”.",
            hint="Đóng tệp nếu đang mở trong chương trình khác và kiểm tra quyền đọc.",
            code="unreadable",
        ) from error


def _open(path: Path, content: bytes) -> CalamineWorkbook:
    if content.startswith(_COMPOUND_FILE) and _ENCRYPTED_PACKAGE in content:
        raise _locked(path)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        raise _locked(path) from None
    except CalamineError as error:
        if content.startswith(_WORKBOOKS):
            raise _damaged(path) from error
        raise BadInput(
            f"Tệp “{path.name}” không phải bảng tính (.xlsx, .xls, .xlsb, .ods) hoặc danh sách .csv.",
            hint="Mở tệp bằng Excel hoặc LibreOffice rồi lưu lại dạng .xlsx.",
            code="no_workbook",
        ) from error


def _locked(path: Path) -> BadInput:
    return BadInput(
        f"Tệp “{path.name}” bị khóa bằng mật khẩu.",
        hint="Mở tệp bằng Excel, bỏ mật khẩu, lưu lại rồi nhập.",
        code="locked",
    )


def _damaged(path: Path) -> BadInput:
    return BadInput(
        f"Tệp “{path.name}” bị hỏng hoặc không phải bảng tính.",
        hint="Mở tệp bằng Excel hoặc LibreOffice rồi lưu lại dạng .xlsx.",
        code="no_workbook",
    )

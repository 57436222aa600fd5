"""A sheet as its columns are read: opened, and in Unicode where it was typed in an old encoding.

Owns what a person decides on the reading of a list. The guess is `encoding_detection`'s, columns are `columns`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kcdesk.errors import BadInput
from kcdesk.importing.capitals import in_proper_case
from kcdesk.importing.cells import column_letter
from kcdesk.importing.column_map import MappedColumn, encodings_in
from kcdesk.importing.encoding_detection import (
    ColumnEncoding,
    Fonts,
    as_chosen,
    detect_columns,
    in_unicode,
    seems_old,
)
from kcdesk.importing.fonts import read_fonts
from kcdesk.importing.formulas import formulas_without_value
from kcdesk.importing.old_encodings import Encoding
from kcdesk.importing.rejects import without_remarks
from kcdesk.importing.workbook import Sheet, read_sheet, read_visible_sheets


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person said on how a list is to be read.

    columns:         what columns mean, by their heads (`column_map`)
    encodings:       letter of a column -> how it was typed; goes before `columns`
    proper_case:     letters of columns in capitals that are read in proper case
    accept_proposed: what is proposed without being certain is taken
    """

    columns: tuple[MappedColumn, ...] = ()
    encodings: Mapping[str, Encoding] = field(default_factory=dict)
    proper_case: frozenset[str] = frozenset()
    accept_proposed: bool = False


EVERY_SHEET = "all"
"""In the place of a sheet's name: all that a person sees. A sheet that is called so goes before."""


def read_chosen(path: Path, sheet: str | None) -> list[Sheet]:
    """The sheets to be read, as they were typed: that of this name, the first one, or `EVERY_SHEET`.

    Raises `BadInput` for a file that cannot be read, and for a sheet that is not there.
    """
    if sheet != EVERY_SHEET:
        return [read_sheet(path, sheet)]
    sheets = read_visible_sheets(path)
    named = [each for each in sheets if each.name == sheet]
    return named or sheets


def read_in_unicode(
    path: Path, sheet: str | None, choices: Choices
) -> tuple[Sheet, tuple[ColumnEncoding, ...]]:
    """The sheet of that name, or the first one, as `in_unicode_as_chosen` has it."""
    return in_unicode_as_chosen(path, read_sheet(path, sheet), choices)


def in_unicode_as_chosen(
    path: Path, sheet: Sheet, choices: Choices
) -> tuple[Sheet, tuple[ColumnEncoding, ...]]:
    """A sheet of the file with all texts in Unicode, and the columns that were typed in something else.

    Uncertain guesses are followed too: who calls asks a person about them. Raises `BadInput` for a column that is not
    there and for texts in VPS.
    """
    read = without_remarks(sheet)
    read = replace(read, no_values=formulas_without_value(path, read))
    chosen = encodings_in(choices.columns, read)
    letters = {column_letter(i): i for i in range(max(map(len, read.rows), default=0))}
    for letter, encoding in choices.encodings.items():
        if letter not in letters:
            raise BadInput(
                f"Trang “{read.name}” của tệp “{path.name}” không có cột {letter}.",
                hint=f"Các cột có chữ: {', '.join(letters)}.",
                code="no_column",
            )
        chosen[letters[letter]] = encoding
    asked = Encoding.TCVN3 in chosen.values()
    guesses = detect_columns(read)
    fonts: Fonts = {}
    if asked or seems_old(read, guesses):
        fonts = read_fonts(path, read.name)
        guesses = detect_columns(read, fonts)
    found = {column.index: column for column in guesses}
    for index, encoding in chosen.items():
        found[index] = as_chosen(read, index, encoding, fonts)
    columns = tuple(found[index] for index in sorted(found))
    _refuse_vps(columns, read)
    encodings = {column.index: column.encoding for column in columns}
    whole = in_unicode(read, encodings, fonts) if encodings else read
    return in_proper_case(whole, choices.proper_case), columns


def _refuse_vps(columns: tuple[ColumnEncoding, ...], sheet: Sheet) -> None:
    letters = [column.letter for column in columns if column.encoding is Encoding.VPS]
    if letters:
        raise BadInput(
            f"Cột {', '.join(letters)} trong trang “{sheet.name}” của tệp “{sheet.source}” gõ bằng bảng mã VPS; "
            "chương trình chưa đọc được bảng mã này.",
            hint="Chuyển các cột đó sang Unicode (ví dụ bằng UniKey) rồi nhập lại.",
            code="unsupported_encoding",
        )

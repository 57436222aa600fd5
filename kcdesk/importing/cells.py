"""Single cells: the text, count, year or amount in one, with what was found on the way.

Owns what a cell of any type says. The rules for the values themselves are those of `domain`.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from kcdesk.domain.codes import check_date
from kcdesk.domain.findings import Checked, Finding, hard
from kcdesk.domain.money import (
    MoneyUnit,
    check_money,
    exact_decimal,
    money_of_number,
    read_number,
)
from kcdesk.domain.text import normalise, unguarded
from kcdesk.importing.workbook import Cell

_BETWEEN = re.compile(r"[;,/\n]|(?<=[0-9])\s+-\s+(?=[0-9])")
_COUNTED = re.compile(r"(?i)\s*(người|lao động|lđ|ng\.?|hộ|cơ sở|chiếc|máy|cái)\.?$")
"""What was counted, written behind the number."""

_NOTHING = frozenset({"-", "–", "—", "không", "không có", "chưa có", "..."})
"""What people write into a cell to say that there is no number to give."""


@dataclass(frozen=True, slots=True)
class CellFinding:
    """A finding with its place: `column` is the letter of the sheet's column, empty when a whole row is meant."""

    sheet: str
    row: int
    column: str
    finding: Finding

    @property
    def sentence(self) -> str:
        """Place and message in one Vietnamese sentence; row 0 stands for the whole sheet."""
        if not self.row:
            return f"Trang “{self.sheet}”: {self.finding.message}"
        place = f"ô {self.column}{self.row}" if self.column else f"dòng {self.row}"
        return f"Trang “{self.sheet}”, {place}: {self.finding.message}"


def column_letter(index: int) -> str:
    """The name of the column with that index from 0.

    >>> [column_letter(index) for index in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The index from 0 of the column with that name.

    >>> [column_index(letters) for letters in ("A", "Z", "AA", "ZZ", "AAA")]
    [0, 25, 26, 701, 702]
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def text_of(cell: Cell) -> str:
    """The text of a cell in its kept form. Whole numbers have no decimals, days are written `dd/mm/yyyy`.

    >>> text_of(5303026285.0), text_of("  Xã  Cốc Mỳ ")
    ('5303026285', 'Xã Cốc Mỳ')
    """
    if isinstance(cell, str):
        return unguarded(normalise(cell)) if cell else ""
    if isinstance(cell, bool):
        return "có" if cell else "không"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < 10**15:
            return str(int(cell))
        return f"{exact_decimal(cell):f}".replace(".", ",")
    if isinstance(cell, datetime.date):
        return f"{cell:%d/%m/%Y}"
    return str(cell)


def long_text_of(cell: Cell) -> str:
    """The text of a cell that may have several lines, with its line breaks.

    >>> long_text_of("  một \\n\\n hai ")
    'một\\n\\nhai'
    """
    if not isinstance(cell, str):
        return text_of(cell)
    return "\n".join(normalise(line) for line in unguarded(cell.strip()).splitlines())


def number_text(cell: Cell) -> str:
    """The text of a cell that should hold a code or a number: dashes and "không có" are nothing.

    An apostrophe that was typed to keep Excel from making a number of it goes.

    >>> number_text("'0847587030"), number_text(" - ")
    ('0847587030', '')
    """
    text = text_of(cell).lstrip("'’‘")
    return "" if text.casefold() in _NOTHING else text


def several_in(cell: Cell) -> list[str]:
    """The codes and numbers of a cell that holds several, one after the other.

    >>> several_in("'0865.842.388; 5304035998"), several_in("-"), several_in(5304035998.0)
    (['0865.842.388', '5304035998'], [], ['5304035998'])
    """
    parts = (number_text(part) for part in _BETWEEN.split(number_text(cell)))
    return [part for part in parts if part]


def count_of(cell: Cell, field: str) -> Checked[int]:
    """A count of people or things: a whole number, 0 or more. Anything else is a hard finding."""
    if isinstance(cell, float) and cell.is_integer() and 0 <= cell < 10**9:
        return Checked(int(cell))
    text = number_text(cell)
    if not text:
        return Checked(None)
    number = read_number(_COUNTED.sub("", text))
    if number is None or number != number.to_integral_value() or number >= 10**9:
        message = f"“{text}” không phải số nguyên từ 0 trở lên."
        return Checked(None, (hard("V-COUNT.form", field, message, text),))
    return Checked(int(number))


def year_of(cell: Cell, field: str, today: datetime.date | None = None) -> Checked[int]:
    """A year from 1900 (dossier 6.2), not after that of `today`; of a day, its year."""
    text = str(cell.year) if isinstance(cell, datetime.date) else number_text(cell)
    if not text:
        return Checked(None)
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        message = f"“{text}” không phải một năm, viết bằng bốn chữ số."
        return Checked(None, (hard("V-YEAR.form", field, message, text),))
    latest = today.year if today is not None else 2100
    if not 1900 <= int(text) <= latest:
        message = f"Năm {text} không nằm trong khoảng từ 1900 đến {latest}."
        return Checked(None, (hard("V-YEAR.range", field, message, text),))
    return Checked(int(text))


_SERIAL_DAYS = range(10_000, 80_000)
"""Days since 30/12/1899 that a cell without a format of dates may hold: from 1927 on."""
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{2}")


def date_of(cell: Cell, field: str, today: datetime.date | None) -> Checked[str]:
    """A day as ISO text: a cell of Excel with or without its format, or written `dd/mm/yyyy` (V-DATE).

    A year of two digits is a hard finding: nobody but the owner of the list knows the century.

    >>> day = datetime.date(2026, 1, 1)
    >>> date_of(43466.0, "reg_date", day).value, date_of("7/3/2021", "reg_date", day).value
    ('2019-01-01', '2021-03-07')
    """
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, float) and cell.is_integer() and int(cell) in _SERIAL_DAYS:
        cell = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(cell))
    text = cell.isoformat() if isinstance(cell, datetime.date) else number_text(cell)
    if _SHORT_YEAR.fullmatch(text):
        message = f"Ngày “{text}” chỉ ghi hai chữ số của năm (V-DATE)."
        hint = "Ghi đủ bốn chữ số của năm, ví dụ 05/02/2019."
        return Checked(None, (hard("V-DATE.century", field, message, text, hint),))
    return check_date(text, field=field, today=today)


def money_of(cell: Cell, unit: MoneyUnit | None, field: str) -> Checked[int]:
    """An amount in đồng; `unit` is what the column's head says of plain numbers (V-MONEY)."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return money_of_number(cell, unit, field=field)
    return check_money(number_text(cell), unit, field=field)

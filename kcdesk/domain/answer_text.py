"""How people type the answers of a questionnaire, and how stored answers look to them.

The sheet stores what ODK stores: ISO dates, a point in decimals. People write day before month and a comma.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Collection

from kcdesk.domain.money import check_money, format_decimal, read_number

_NUMBERS = frozenset(("integer", "decimal", "range"))
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_MOMENT = re.compile(r"(\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4})[ ,]+(\d{1,2}:\d{2})")
_HANOI = "+07:00"


def stored_answer(question_type: str, typed: str, appearance: Collection[str] = ()) -> str:
    """What is typed in the form the sheet stores; what cannot be read stays, for the sheet to refuse.

    >>> stored_answer("decimal", "1.234,5"), stored_answer("date", "5/2/2026")
    ('1234.5', '2026-02-05')
    >>> stored_answer("decimal", "174 triệu", ["thousands-sep"]), stored_answer("integer", "ba")
    ('174000000', 'ba')
    """
    text = unicodedata.normalize("NFC", typed.strip())
    if question_type in _NUMBERS:
        if "thousands-sep" in appearance and any(letter.isalpha() for letter in text):
            amount = check_money(text).value
            return text if amount is None else str(amount)
        number = read_number(text.removeprefix("-"))
        return text if number is None else f"{'-' if text.startswith('-') else ''}{number:f}"
    if question_type == "date":
        return _iso(text) or text
    if question_type == "datetime" and (match := _MOMENT.fullmatch(text)):
        day = _iso(match[1])
        return f"{day}T{match[2]:0>5}:00.000{_HANOI}" if day else text
    return text


def shown_answer(question_type: str, stored: str, appearance: Collection[str] = ()) -> str:
    """A stored answer as people write it.

    >>> shown_answer("decimal", "1234.5"), shown_answer("integer", "1500000", ["thousands-sep"])
    ('1234,5', '1.500.000')
    """
    if question_type in _NUMBERS:
        number = read_number(stored.removeprefix("-").replace(".", ","))
        if "thousands-sep" in appearance and number is not None:
            return ("-" if stored.startswith("-") else "") + format_decimal(number)
        return stored.replace(".", ",")
    if question_type == "date":
        try:
            return datetime.date.fromisoformat(stored).strftime("%d/%m/%Y")
        except ValueError:
            return stored
    if question_type == "datetime":
        try:
            return datetime.datetime.fromisoformat(stored).strftime("%d/%m/%Y %H:%M")
        except ValueError:
            return stored
    return stored


def _iso(text: str) -> str:
    match = _DAY.fullmatch(text)
    if match is None:
        return ""
    try:
        return datetime.date(int(match[3]), int(match[2]), int(match[1])).isoformat()
    except ValueError:
        return ""

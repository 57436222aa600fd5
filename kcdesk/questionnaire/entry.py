"""What may be written into an answer: text from a person or a file becomes the stored form, or is refused.

Stored forms are those of the ODK XForms specification, "Data Types": ISO dates, a point in decimals, choices
separated by blanks. How people type (commas, day before month) is the window's matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal

from kcdesk.questionnaire import moments
from kcdesk.questionnaire.values import parse_number, to_string

_EXPONENT = re.compile(r"-?[0-9]+(\.[0-9]+)?E[+-]?[0-9]{1,2}")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

ACKNOWLEDGED = "OK"


class NotTaken(Exception):
    """A text that is no answer to the question; `code` is `type` or `choice`, `expected` the type of the question."""

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(f"{code}: {expected}")
        self.code = code
        self.expected = expected


def accept(text: str, question_type: str, data: str, offered: Collection[str]) -> str:
    """The stored form of `text`; blank stays blank. Raises NotTaken.

    data:    data type of the bind
    offered: names of the choices, in order, for the types that have any

    >>> accept("007", "integer", "int", ()), accept("2.55E7", "decimal", "decimal", ())
    ('7', '25500000')
    >>> accept("b a", "select_multiple", "string", ["a", "b"])
    'a b'
    """
    text = unicodedata.normalize("NFC", _NOT_XML.sub("", text))
    if not text.strip():
        return ""
    if question_type in {"select_one", "select_multiple", "rank"}:
        return _choices(text, question_type, offered)
    if question_type == "acknowledge":
        return _acknowledge(text)
    if data in {"int", "decimal"}:
        return _number(text.strip(), data)
    if data in {"date", "time", "dateTime"}:
        return _moment(text.strip(), data)
    if data == "geopoint":
        return _geopoint(text)
    return text


def _choices(text: str, question_type: str, offered: Collection[str]) -> str:
    chosen = [text.strip()] if question_type == "select_one" else text.split()
    if not set(chosen) <= set(offered):
        raise NotTaken("choice", question_type)
    if (
        question_type == "select_multiple"
    ):  # one order, so that two people who choose the same say the same
        chosen = [name for name in offered if name in chosen]
    return " ".join(dict.fromkeys(chosen))


def _acknowledge(text: str) -> str:
    if text.strip() not in {ACKNOWLEDGED, "true", "1"}:
        raise NotTaken("type", "acknowledge")
    return ACKNOWLEDGED


def _number(text: str, data: str) -> str:
    number = parse_number(text)
    if number is None and _EXPONENT.fullmatch(text):  # JavaRosa writes large amounts so
        number = Decimal(text)
    if number is None or (data == "int" and number != number.to_integral_value()):
        raise NotTaken("type", "integer" if data == "int" else "decimal")
    return to_string(number)


def _moment(text: str, data: str) -> str:
    if data == "date":
        day = None if "T" in text else moments.parse_date(text)
        if day is not None:
            return day.isoformat()
        raise NotTaken("type", "date")
    if data == "time":
        if moments.parse_time(text):
            return text
        raise NotTaken("type", "time")
    if "T" not in text or moments.parse_moment(text) is None:
        raise NotTaken("type", "datetime")
    return text


def _geopoint(text: str) -> str:
    parts = text.replace(",", " ").split()
    numbers = [parse_number(part) for part in parts]
    latitude, longitude = (*numbers, None, None)[:2]
    if (
        None in numbers
        or not 2 <= len(parts) <= 4
        or latitude is None
        or longitude is None
        or abs(latitude) > 90
        or abs(longitude) > 180
    ):
        raise NotTaken("type", "geopoint")
    return " ".join([*parts, "0", "0"][:4])

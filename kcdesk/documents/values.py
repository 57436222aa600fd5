"""What a value of a record looks like on paper.

Owns reading a value as the type that the form gives it; what is computed from several is `computing`.
A record is a mapping of the keys of dossier section 6 to JSON values (dates as ISO text, money as
integer đồng, decimals as numbers or plain text); references (commune, province) come as names.
All text leaves here in NFC, without control characters.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeGuard

from kcdesk.documents.form import Column, Condition, Field, FieldType, Form, keys_in
from kcdesk.domain.code_lists import label_of
from kcdesk.domain.words import OFFICIAL, WordStyle, dong_in_words
from kcdesk.errors import BadInput

Record = Mapping[str, object]


def clean(text: str) -> str:
    """NFC, single spaces, no control characters; line breaks stay.

    >>> clean("Vàng  A Páo\\x00 ") == "Vàng A Páo"
    True
    """
    lines = unicodedata.normalize("NFC", text).splitlines()
    kept = (
        "".join(c for c in line if unicodedata.category(c) != "Cc" or c == "\t") for line in lines
    )
    return "\n".join(" ".join(line.split()) for line in kept).strip()


def is_empty(value: object) -> bool:
    """Nothing was said: no value, blank text, empty list. Zero and `False` say something."""
    match value:
        case None:
            return True
        case str():
            return not value.strip()
        case Mapping() | Sequence():
            return len(value) == 0
    return False


def holds(condition: Condition, record: Record) -> bool:
    value = record.get(condition.key)
    if condition.absent:
        return is_empty(value)
    if condition.any_of:
        return value in condition.any_of
    if condition.none_of:
        return value not in condition.none_of
    if condition.negative is not None:
        return not is_empty(value) and (number(value, condition.key) < 0) is condition.negative
    return not is_empty(value)


def is_required(field: Field, record: Record) -> bool:
    when = field.required_when
    return field.required or (when is not None and holds(when, record))


def printed(
    field: Field | Column, value: object, spec: str = "", words: WordStyle = OFFICIAL
) -> str:
    """`value` as it stands on paper; the empty text when there is none.

    Raises BadInput when the value cannot be what the field says.
    """
    if is_empty(value):
        return ""
    label = field.label if isinstance(field, Field) else field.head
    try:
        if isinstance(field, Field) and field.type == "rows":
            return _rows_in_one_line(field, value)
        text = clean(_printed(field.type, field.codes, value, spec, words))
        return text.upper() if spec == "upper" else text
    except (ValueError, TypeError, InvalidOperation) as error:
        raise BadInput(
            f"Không in được “{label}”: giá trị “{value}” không đúng kiểu.",
            hint="Sửa giá trị này trong hồ sơ rồi in lại.",
        ) from error


def day(value: object) -> datetime.date:
    """A date of a record (ISO text, or a date). Raises ValueError or TypeError."""
    if isinstance(value, datetime.date):
        return value
    if not isinstance(value, str):
        raise TypeError("a date is ISO text")
    return datetime.date.fromisoformat(value)


def date_in_words(date: datetime.date) -> str:
    """NĐ 30/2020, Annex I: only days below 10 and the months 1 and 2 get a leading nought.

    >>> date_in_words(datetime.date(2026, 2, 5)), date_in_words(datetime.date(2026, 7, 15))
    ('ngày 05 tháng 02 năm 2026', 'ngày 15 tháng 7 năm 2026')
    """
    month = f"{date.month:02}" if date.month <= 2 else str(date.month)
    return f"ngày {date.day:02} tháng {month} năm {date.year}"


def texts_of(form: Form, record: Record, key: str) -> list[str]:
    """A list of texts of the record. Raises BadInput when it is none."""
    value = record.get(key)
    if is_empty(value):
        return []
    if isinstance(value, list | tuple) and all(isinstance(text, str) for text in value):
        return [clean(text) for text in value]
    raise BadInput(f"Không in được “{form.fields[key].label}”: giá trị không phải là danh sách.")


def rows_of(form: Form, record: Record, key: str) -> list[Record]:
    """The rows of a table of the record. Raises BadInput when it is no list of rows."""
    value = record.get(key)
    if is_empty(value):
        return []
    if _is_rows(value):
        return list(value)
    raise BadInput(f"Không in được “{form.fields[key].label}”: giá trị không phải là bảng.")


def _is_rows(value: object) -> TypeGuard[Sequence[Record]]:
    return isinstance(value, list | tuple) and all(isinstance(row, Mapping) for row in value)


def number(value: object, label: str) -> Decimal:
    """An exact number from a record. Raises BadInput."""
    try:
        return _number(value)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise BadInput(f"Không tính được “{label}”: “{value}” không phải là số.") from error


def _rows_in_one_line(field: Field, value: object) -> str:
    if isinstance(value, str):
        return clean(value)
    if not _is_rows(value):
        raise TypeError("rows are a list of mappings")
    return "; ".join(filter(None, (_row_text(field.item, row) for row in value)))


def _row_text(template: str, row: Record) -> str:
    pieces = list(keys_in(template))
    cells = {key: clean(_cell(row.get(key), spec)) for _, key, spec in pieces if key}
    if all(cells.values()):
        return "".join(literal + cells.get(key, "") for literal, key, _ in pieces)
    return " ".join(filter(None, cells.values()))


def _cell(value: object, spec: str) -> str:
    return grouped(_number(value)) if spec == "number" and not is_empty(value) else _figure(value)


def _printed(field_type: FieldType, codes: str, value: object, spec: str, words: WordStyle) -> str:
    match field_type:
        case "money" if spec in ("words", "abs_words"):
            amount = _integer(value)
            return dong_in_words(abs(amount) if spec == "abs_words" else amount, words)
        case "money" if spec == "abs":
            return grouped(abs(_integer(value)))
        case "money":
            return grouped(_integer(value))
        case "int":
            return str(_integer(value))
        case "decimal":
            return grouped(_number(value))
        case "figure":
            return _figure(value)
        case "date" if spec == "long":
            return date_in_words(day(value))
        case "texts":
            return "; ".join(clean(str(text)) for text in _ticked(value))
        case "date":
            return day(value).strftime("%d/%m/%Y")
        case "bool":
            return "Có" if value else "Không"
        case "code":
            return label_of(codes, str(value))
        case "codes":
            return "; ".join(label_of(codes, code) for code in _ticked(value))
        case "geo":
            return _geo(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise TypeError("not a text")
    return str(value)


def _geo(value: object) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, list | tuple):
        raise TypeError("a place is a pair of numbers")
    latitude, longitude = value
    return f"{grouped(_number(latitude))}; {grouped(_number(longitude))}"


def _ticked(value: object) -> list[str]:
    """Codes of a list, or of a mapping of code to yes or no."""
    if isinstance(value, Mapping):
        return [str(code) for code, yes in value.items() if yes]
    if isinstance(value, list | tuple):
        return [str(code) for code in value]
    raise TypeError("codes are a list")


def _figure(value: object) -> str:
    if is_empty(value):
        return ""
    return str(value) if isinstance(value, str) else grouped(_number(value))


def _integer(value: object) -> int:
    exact = _number(value)
    if exact != int(exact):
        raise ValueError("not a whole number")
    return int(exact)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise TypeError("not a number")
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError("not a finite number")
    return exact


def grouped(value: Decimal | int) -> str:
    """Vietnamese digits: dots between thousands, comma before decimals.

    >>> grouped(1234567), grouped(Decimal("1234.50"))
    ('1.234.567', '1.234,5')
    """
    whole, _, decimals = f"{value:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole.replace(",", ".") + (f",{decimals}" if decimals else "")


_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def roman(number: int) -> str:
    """The number of a section, from 1.

    >>> [roman(number) for number in (1, 4, 9, 14, 28)]
    ['I', 'IV', 'IX', 'XIV', 'XXVIII']
    """
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (number // worth)
        number %= worth
    return text

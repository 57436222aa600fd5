"""What a value of a record looks like on paper, and which values a complete paper still needs.

Owns reading a record through the fields of a form: values that stand in for others, sums, printed text.
A record is a mapping of the keys of dossier section 6 to JSON values (dates as ISO text, money as
integer đồng, decimals as numbers or plain text); references (commune, province) come as names.
All text leaves here in NFC, without control characters.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeGuard

from kcdesk.documents.form import Column, Condition, Field, FieldType, Form, Table, keys_in
from kcdesk.domain.code_lists import label_of
from kcdesk.domain.words import dong_in_words
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
    return not is_empty(value)


def is_required(field: Field, record: Record) -> bool:
    when = field.required_when
    return field.required or (when is not None and holds(when, record))


def has_value(form: Form, record: Record, key: str) -> bool:
    """Whether the paper has something to print for `key`: said, standing in for it, or added up."""
    field = form.fields[key]
    keys = (key, *field.default_from, *field.sum_of)
    return any(not is_empty(record.get(each)) for each in keys)


def value_of(form: Form, record: Record, key: str) -> object:
    """The value to print for `key`; None when there is none.

    Raises BadInput when a value contradicts the parts it is the sum of: such a paper must not be signed.
    """
    field = form.fields[key]
    value = record.get(key)
    if field.sum_of:
        return _sum(form, record, field, value)
    if is_empty(value) and field.default_from:
        parts = (printed(form.fields[other], record.get(other)) for other in field.default_from)
        return ", ".join(filter(None, parts)) or None
    return None if is_empty(value) else value


def printed(field: Field | Column, value: object, spec: str = "") -> str:
    """`value` as it stands on paper; the empty text when there is none.

    Raises BadInput when the value cannot be what the field says.
    """
    if is_empty(value):
        return ""
    label = field.label if isinstance(field, Field) else field.head
    try:
        if isinstance(field, Field) and field.type == "rows":
            return _rows_in_one_line(field, value)
        return clean(_printed(field.type, field.codes, value, spec))
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


def cell_value(column: Column, row: Record) -> object:
    """The value of one cell: computed, or what the row says (several keys joined by commas)."""
    if column.product_of:
        factors = [row.get(key) for key in column.product_of]
        if any(is_empty(factor) for factor in factors):
            return None
        product = Decimal(1)
        for factor in factors:
            product *= number(factor, column.head)
        return int(product) if product == int(product) else product
    if len(column.keys) > 1:
        return ", ".join(clean(str(row[key])) for key in column.keys if not is_empty(row.get(key)))
    return row.get(column.keys[0])


def number(value: object, label: str) -> Decimal:
    """An exact number from a record. Raises BadInput."""
    try:
        return _number(value)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise BadInput(f"Không tính được “{label}”: “{value}” không phải là số.") from error


def missing_keys(form: Form, record: Record) -> list[tuple[str, str]]:
    """What the complete paper still needs, as `(key, Vietnamese label)` in the order of the form.

    A cell is named `table/row/column`; `row` is the row's id, or its number from 1 where it has none.
    Raises BadInput for a table of the record that is no list of rows.
    """
    missing = [
        (key, field.label)
        for key, field in form.fields.items()
        if is_required(field, record) and not has_value(form, record, key)
    ]
    for block in form.body:
        if isinstance(block, Table):
            missing += _missing_cells(form, block, record)
    return missing


def _missing_cells(form: Form, table: Table, record: Record) -> Iterator[tuple[str, str]]:
    for count, row in enumerate(rows_of(form, record, table.key), 1):
        for column in table.columns:
            if column.required and is_empty(row.get(column.keys[0])):
                label = f"{form.fields[table.key].label}, dòng {count}: {column.head}"
                yield f"{table.key}/{row.get('id', count)}/{column.keys[0]}", label


def _sum(form: Form, record: Record, field: Field, typed: object) -> object:
    parts = {key: record.get(key) for key in field.sum_of}
    known = {key: value for key, value in parts.items() if not is_empty(value)}
    added = sum((number(value, form.fields[key].label) for key, value in known.items()), Decimal())
    if is_empty(typed):
        return int(added) if known else None
    total = number(typed, field.label)
    if added > total or (len(known) == len(parts) and added != total):
        raise BadInput(
            f"“{field.label}” ghi {_grouped(total)} nhưng cộng các khoản lại là {_grouped(added)}.",
            hint="Sửa lại các khoản hoặc tổng số trong hồ sơ rồi in lại.",
        )
    return typed


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
    return _grouped(_number(value)) if spec == "number" and not is_empty(value) else _figure(value)


def _printed(field_type: FieldType, codes: str, value: object, spec: str) -> str:
    match field_type:
        case "money" if spec == "words":
            return dong_in_words(_integer(value))
        case "money":
            return _grouped(_integer(value))
        case "int":
            return str(_integer(value))
        case "decimal":
            return _grouped(_number(value))
        case "figure":
            return _figure(value)
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
    return f"{_grouped(_number(latitude))}; {_grouped(_number(longitude))}"


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
    return str(value) if isinstance(value, str) else _grouped(_number(value))


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


def _grouped(value: Decimal | int) -> str:
    """Vietnamese digits: dots between thousands, comma before decimals.

    >>> _grouped(1234567), _grouped(Decimal("1234.50"))
    ('1.234.567', '1.234,5')
    """
    whole, _, decimals = f"{value:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole.replace(",", ".") + (f",{decimals}" if decimals else "")

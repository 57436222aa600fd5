"""What a person types for a field becomes its value, and a value becomes what a person reads.

Owns the way from text to value and back for every type of field, with the rules of dossier section 6.4. Names
of communes are left to the caller, who has the table of units.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from kcdesk.domain import codes
from kcdesk.domain.coordinates import read_coordinates, show_coordinates
from kcdesk.domain.findings import Checked, hard
from kcdesk.domain.kinds import Field, FieldType, Kind
from kcdesk.domain.money import check_money, format_vnd, read_number
from kcdesk.domain.text import fold, normalise
from kcdesk.domain.value import Value

RULES: dict[str, Callable[[str], Checked[str]]] = {
    "tax_code": codes.check_tax_code,
    "rep_id_no": codes.check_personal_number,
    "phone": codes.check_phone,
    "email": codes.check_email,
    "vsic": codes.check_vsic,
}
"""Fields whose text has a rule of its own, by key."""

_YES = frozenset(("co", "true", "1", "x", "yes"))
_NO = frozenset(("khong", "false", "0", "no"))


def field_named(kind: Kind, path: str) -> Field:
    """The field at a path of a record: a field of the kind, or the cell `table/row/cell`; others are plain text.

    `deleted` says of every record and row whether it is gone, `merged_into` of what a record is a duplicate.
    """
    head, _, rest = path.partition("/")
    if path.rpartition("/")[2] == "deleted":
        return Field(path, "Xoá", FieldType.BOOL)
    if path == "merged_into":
        return Field(path, "Gộp vào", FieldType.REF)
    if rest:
        cell = rest.rpartition("/")[2]
        for table in kind.tables:
            if table.key == head:
                return next((f for f in table.columns if f.key == cell), Field(path, cell))
    return kind.field(path) or Field(path, path)


def knows_field(kind: Kind, path: str) -> bool:
    """Whether the kind has a field, or a table with a column, at this path.

    >>> from kcdesk.domain.kinds import NEEDS
    >>> [knows_field(NEEDS, path) for path in ("total", "expected/22abcde/after", "expected/after", "totl")]
    [True, True, False, False]
    """
    if kind.field(path) is not None:
        return True
    parts = path.split("/")
    columns = next((table.columns for table in kind.tables if table.key == parts[0]), ())
    return len(parts) == 3 and any(parts[2] in (column.key, "deleted") for column in columns)


def read_text(field: Field, text: str, *, today: datetime.date) -> Checked[Value]:
    """The value that `text` means for a field, with what was found; no text means no value.

    Dates are `dd/mm/yyyy` or ISO, money names its unit or is written out in đồng, decimals have a comma, a code is
    given as the code or its Vietnamese label, coordinates are degrees with the latitude first, several texts are
    parted by `;`. `today`: facts lie not after it.
    """
    written = normalise(text)
    if not written:
        return Checked(None)
    if field.key in RULES:
        checked = RULES[field.key](written)
        return Checked(checked.value, checked.findings)
    match field.type:
        case FieldType.INT:
            return _integer(field, written)
        case FieldType.MONEY:
            amount = check_money(written, field=field.key)
            return Checked(amount.value, amount.findings)
        case FieldType.DECIMAL:
            number = read_number(written)
            if number is None:
                return _refused(field, "V-NUMBER", f"“{written}” không phải là số.", written)
            return Checked(f"{number:f}")
        case FieldType.DATE:
            fact = field.key not in ("start", "finish")
            day = codes.check_date(written, field=field.key, today=today if fact else None)
            return Checked(day.value, day.findings)
        case FieldType.BOOL:
            return _yes_or_no(field, written)
        case FieldType.CODE:
            return _code(field, written)
        case FieldType.LONG_TEXT:
            return Checked("\n".join(normalise(line) for line in text.strip().splitlines()))
        case FieldType.GEO:
            place = read_coordinates(written, field.key)
            return Checked(list(place.value) if place.value else None, place.findings)
        case FieldType.TEXTS:
            return Checked([part for piece in written.split(";") if (part := piece.strip())])
        case _:
            return Checked(written)


def show_value(field: Field, value: Value) -> str:
    """A value as a person reads it: `1.234.567`, `05/02/2026`, `0912345678`, labels for codes. None is nothing."""
    if value is None:
        return ""
    if field.type is FieldType.MONEY and isinstance(value, int):
        return format_vnd(value)
    if field.type is FieldType.DECIMAL and isinstance(value, str):
        return value.replace(".", ",")
    if field.type is FieldType.DATE and isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value).strftime("%d/%m/%Y")
        except ValueError:
            return value
    if field.type is FieldType.CODE and field.codes is not None:
        return next((code.label for code in field.codes if code == value), str(value))
    if field.key == "phone" and isinstance(value, str):
        return codes.show_phone(value)
    if isinstance(value, bool):
        return "có" if value else "không"
    if field.type is FieldType.GEO and isinstance(value, list):
        return show_coordinates(value)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)


def _integer(field: Field, written: str) -> Checked[Value]:
    number = read_number(written)
    if number is None or number != number.to_integral_value() or number < 0:
        return _refused(field, "V-NUMBER", f"“{written}” không phải là số nguyên.", written)
    return Checked(int(number))


def _yes_or_no(field: Field, written: str) -> Checked[Value]:
    folded = fold(written)
    if folded in _YES | _NO:
        return Checked(folded in _YES)
    return _refused(field, "V-BOOL", f"“{written}”: cần ghi “có” hoặc “không”.", written)


def _code(field: Field, written: str) -> Checked[Value]:
    for code in field.codes or ():
        if written == code.value or fold(written) == fold(code.label):
            return Checked(code.value)
    choices = ", ".join(code.value for code in field.codes or ())
    return _refused(
        field,
        "V-CODE",
        f"“{written}” không có trong danh mục.",
        written,
        f"Chọn một trong: {choices}.",
    )


def _refused(
    field: Field, code: str, sentence: str, written: str, hint: str = ""
) -> Checked[Value]:
    return Checked(None, (hard(code, field.key, f"{field.label}: {sentence}", written, hint),))

"""What a paper computes from a record: values that stand in for others, sums, differences, cells, totals of tables.

A printed total is always computed; one that was typed is compared, and a paper whose numbers contradict each other is
not printed (V-SUM, V-FUND of dossier section 6.4). Which values a complete paper still needs is told here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from kcdesk.documents.form import Column, Field, Form, Table
from kcdesk.documents.values import (
    Record,
    clean,
    grouped,
    is_empty,
    is_required,
    number,
    printed,
    rows_of,
)
from kcdesk.errors import BadInput

_HINT = "Sửa lại các khoản hoặc tổng số trong hồ sơ rồi in lại."


def has_value(form: Form, record: Record, key: str) -> bool:
    """Whether the paper has something to print for `key`: said, standing in for it, or computed."""
    field = form.fields[key]
    keys = (key, *field.default_from, *(k.partition("/")[0] for k in field.sum_of), *field.least_of)
    return any(not is_empty(record.get(each)) for each in keys)


def value_of(form: Form, record: Record, key: str) -> object:
    """The value to print for `key`; None when there is none.

    Raises BadInput when a value contradicts what it is computed from: such a paper must not be signed.
    """
    field = form.fields[key]
    value = record.get(key)
    if field.sum_of:
        return _sum(form, record, field, value)
    if field.least_of and is_empty(value):
        known = [
            number(v, field.label)
            for k in field.least_of
            if (v := _part(form, record, k)) is not None
        ]
        return _plain(min(known)) if len(known) == len(field.least_of) else None
    if is_empty(value) and field.default_from:
        parts = (printed(form.fields[other], record.get(other)) for other in field.default_from)
        return ", ".join(filter(None, parts)) or None
    return None if is_empty(value) else value


def with_computed(form: Form, record: Record) -> Record:
    """The record with the values that its form computes, so that conditions can ask for them."""
    computed = {
        key: value
        for key, field in form.fields.items()
        if (field.sum_of or field.least_of) and (value := value_of(form, record, key)) is not None
    }
    return {**record, **computed}


def _sum(form: Form, record: Record, field: Field, typed: object) -> object:
    parts = [(key, 1) for key in field.sum_of] + [(key, -1) for key in field.minus]
    known = [sign * value for key, sign in parts if (value := _part(form, record, key)) is not None]
    added = sum(known, Decimal())
    complete = len(known) == len(parts)
    if is_empty(typed):
        needed = complete or not field.minus
        return _plain(added) if known and needed else None
    total = number(typed, field.label)
    too_much = not field.minus and added > total
    if too_much or (complete and added != total):
        raise BadInput(
            f"“{field.label}” ghi {grouped(total)} nhưng cộng các khoản lại là {grouped(added)}.",
            hint=_HINT,
        )
    return typed


def _part(form: Form, record: Record, key: str) -> Decimal | None:
    """The number of a key, or the total of a column (`table/column`); None when it is not known."""
    table, _, column = key.partition("/")
    if not column:
        value = value_of(form, record, key)
        return None if is_empty(value) else number(value, form.fields[key].label)
    for block in form.blocks:
        if isinstance(block, Table) and block.key == table:
            for one in block.columns:
                if one.keys == (column,):
                    return total_of(block.columns, one, rows_of(form, record, table))
    return None


def cell_value(columns: Sequence[Column], column: Column, row: Record) -> object:
    """The value of one cell: computed, or what the row says (several keys joined by commas). Raises BadInput."""
    computed = _computed(columns, column, row)
    if computed is not None:
        typed = row.get(column.keys[0]) if column.keys else None
        if not is_empty(typed) and number(typed, column.head) != computed:
            raise BadInput(
                f"“{column.head}” ghi {grouped(number(typed, column.head))} nhưng tính lại là {grouped(computed)}.",
                hint=_HINT,
            )
        return _plain(computed)
    if len(column.keys) > 1:
        return ", ".join(clean(str(row[key])) for key in column.keys if not is_empty(row.get(key)))
    return row.get(column.keys[0]) if column.keys else None


def _computed(columns: Sequence[Column], column: Column, row: Record) -> Decimal | None:
    def value(key: str) -> Decimal | None:
        for other in columns:
            if other is not column and other.keys == (key,):
                cell = cell_value(columns, other, row)
                return None if is_empty(cell) else number(cell, other.head)
        cell = row.get(key)
        return None if is_empty(cell) else number(cell, column.head)

    def all_of(keys: Iterable[str]) -> list[Decimal] | None:
        known = [value(key) for key in keys]
        return [v for v in known if v is not None] if None not in known else None

    if column.product_of and (factors := all_of(column.product_of)):
        product = Decimal(1)
        for factor in factors:
            product *= factor
        return product
    if column.sum_of and (added := all_of(column.sum_of)):
        less = all_of(column.minus)
        return None if less is None else sum(added, Decimal()) - sum(less, Decimal())
    if column.percent_of and (both := all_of(column.percent_of)) and both[1]:
        return (both[0] / both[1] * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return None


def total_of(columns: Sequence[Column], column: Column, rows: Sequence[Record]) -> Decimal | None:
    """The sum (or mean) of a column; None with no rows, or with a hole, for then there is no sum to be believed."""
    amounts = [cell_value(columns, column, row) for row in rows]
    if not amounts or any(is_empty(amount) for amount in amounts):
        return None
    total = sum((number(amount, column.head) for amount in amounts), Decimal())
    return (
        (total / len(amounts)).quantize(Decimal("0.01"), ROUND_HALF_UP) if column.average else total
    )


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
    for block in form.blocks:
        if isinstance(block, Table):
            missing += _missing_cells(form, block, record)
    return missing


def _missing_cells(form: Form, table: Table, record: Record) -> Iterator[tuple[str, str]]:
    for count, row in enumerate(rows_of(form, record, table.key), 1):
        for column in table.columns:
            if column.required and is_empty(row.get(column.keys[0])):
                label = f"{form.fields[table.key].label}, dòng {count}: {column.head}"
                yield f"{table.key}/{row.get('id', count)}/{column.keys[0]}", label


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == int(value) else value

"""Totals that a list states, compared with the sums of its rows (dossier 6.4, V-SUM). They are never imported.

Owns which rows a total covers and how far it may differ. Where totals stand is found by `layout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kcdesk.domain.money import MoneyUnit, exact_decimal, format_decimal, format_in, read_number
from kcdesk.importing.cells import column_letter, text_of
from kcdesk.importing.columns import COUNTS, MONEY, Column
from kcdesk.importing.layout import ListRow
from kcdesk.importing.workbook import Cell

SUMMED = tuple(key for key in (*COUNTS, *MONEY) if key != "avg_wage")
"""What can be added up; a mean cannot."""


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """One cell of a total row beside what its column adds up to.

    row, column: where it stands
    field:       key of the summed field
    header:      head of the column as written
    stated:      as the list says it, in people or đồng
    computed:    the sum of the readable numbers it covers, in people or đồng
    agrees:      equal, or for money of a list in triệu or tỷ within half of the last digit stated
    sentence:    both in one Vietnamese sentence, in the list's own unit
    """

    row: int
    column: str
    field: str
    header: str
    stated: int
    computed: int
    agrees: bool
    sentence: str


def compare_totals(
    totals: Sequence[ListRow],
    columns: Sequence[Column],
    numbers: Sequence[tuple[int, dict[str, int]]],
) -> tuple[StatedTotal, ...]:
    """Each stated total with its sum. `numbers`: for each row of the body its number in the sheet and its
    readable numbers by field.

    "Cộng ..." covers the rows since the total before it, every other total all rows above it; a total that
    stands above all rows covers them all.
    """
    compared: list[StatedTotal] = []
    previous = 0
    for total in totals:
        is_part = _label(total).startswith("cộng")
        start = previous if is_part else 0
        covered = [values for number, values in numbers if start < number < total.number]
        covered = covered or [values for _, values in numbers]
        for column in columns:
            if column.meaning in SUMMED and (
                stated := _stated(total.cells[column.index], column.unit)
            ):
                computed = sum(values.get(column.meaning, 0) for values in covered)
                compared.append(_compare(total.number, column, *stated, computed))
        previous = total.number
    return tuple(compared)


def _label(total: ListRow) -> str:
    return next(text for cell in total.cells if (text := text_of(cell))).casefold()


def _stated(cell: Cell, unit: MoneyUnit | None) -> tuple[int, Decimal] | None:
    """The stated total and the value of half of its last digit, both in people or đồng."""
    if isinstance(cell, (int, float)):
        number: Decimal | None = exact_decimal(cell)
    else:
        number = read_number(text_of(cell))
    if number is None or not number.is_finite():
        return None
    factor = unit.vnd if unit else 1
    exponent = number.as_tuple().exponent
    last_digit = Decimal(1).scaleb(min(exponent, 0)) if isinstance(exponent, int) else Decimal(1)
    return int(number * factor), last_digit * factor / 2 if factor > 1 else Decimal(0)


def _compare(
    row: int, column: Column, stated: int, tolerance: Decimal, computed: int
) -> StatedTotal:
    agrees = abs(stated - computed) <= tolerance
    shown = [_shown(amount, column.unit) for amount in (stated, computed)]
    relation = "khớp với" if agrees else "khác với"
    sentence = (
        f"Dòng {row}, cột “{column.header}”: tổng ghi trong danh sách {shown[0]} {relation} "
        f"tổng cộng từ các dòng {shown[1]} (V-SUM)."
    )
    return StatedTotal(
        row,
        column_letter(column.index),
        column.meaning or "",
        column.header,
        stated,
        computed,
        agrees,
        sentence,
    )


def _shown(amount: int, unit: MoneyUnit | None) -> str:
    return f"{format_in(amount, unit)} {unit.label}" if unit else format_decimal(Decimal(amount))

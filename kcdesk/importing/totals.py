"""Totals that a list states, compared with the sums of its rows (dossier 6.4, V-SUM). They are never imported.

Owns how far a total may differ, and which of the rows that it may cover it does. Where totals stand is found by
`layout`, what they may cover by `summed_rows`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kcdesk.domain.money import MoneyUnit, exact_decimal, format_decimal, format_in, read_number
from kcdesk.importing.cells import column_letter, text_of
from kcdesk.importing.columns import COUNTS, MONEY, Column
from kcdesk.importing.summed_rows import SumRow
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
    covers:      the first and the last row of the list that it was compared with
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
    covers: tuple[int, int] = (0, 0)


def compare_totals(
    sums: Sequence[SumRow],
    columns: Sequence[Column],
    numbers: Sequence[tuple[int, dict[str, int]]],
) -> tuple[StatedTotal, ...]:
    """Each stated total with its sum. `numbers`: for each row of the body its number in the sheet and its
    readable numbers by field, in order.

    Of the spans that a row of sums may cover the first counts with which all its sums agree; the likeliest where none
    does.
    """
    compared: list[StatedTotal] = []
    places = [number for number, _ in numbers]
    for each in sums:
        tried: list[StatedTotal] = []
        for span in each.spans:
            first, end = (bisect_left(places, edge) for edge in (span.start, span.stop))
            with_span = _with_span(each, columns, numbers[first:end])
            tried = tried or with_span
            if all(total.agrees for total in with_span):
                tried = with_span
                break
        compared += tried
    return tuple(compared)


def _with_span(
    sums: SumRow, columns: Sequence[Column], covered: Sequence[tuple[int, dict[str, int]]]
) -> list[StatedTotal]:
    """The sums of a row beside those of the rows that it may cover."""
    rows = (covered[0][0], covered[-1][0]) if covered else (0, 0)
    return [
        _compare(
            sums,
            column,
            *stated,
            sum(values.get(column.meaning, 0) for _, values in covered),
            rows,
        )
        for column in columns
        if column.meaning in SUMMED
        and (stated := _stated(sums.row.cells[column.index], column.unit))
    ]


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
    sums: SumRow,
    column: Column,
    stated: int,
    tolerance: Decimal,
    computed: int,
    covers: tuple[int, int],
) -> StatedTotal:
    row = sums.row.number
    of_group = f" ({sums.name})" if sums.name else ""
    agrees = abs(stated - computed) <= tolerance
    shown = [_shown(amount, column.unit) for amount in (stated, computed)]
    relation = "khớp với" if agrees else "khác với"
    sentence = (
        f"Dòng {row}{of_group}, cột “{column.header}”: tổng ghi trong danh sách {shown[0]} {relation} "
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
        covers,
    )


def _shown(amount: int, unit: MoneyUnit | None) -> str:
    return f"{format_in(amount, unit)} {unit.label}" if unit else format_decimal(Decimal(amount))

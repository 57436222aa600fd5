"""Total rows that carry no word: rows without a name whose numbers are the sums of all rows above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kcdesk.domain.code_lists import FigureBasis
from kcdesk.importing.cells import text_of
from kcdesk.importing.columns import Column
from kcdesk.importing.figure_rows import MeasureReader
from kcdesk.importing.layout import Layout, ListRow
from kcdesk.importing.totals import SUMMED

_NAMING = frozenset(("name", "tax_code", "commune", "address", "rep_name"))
_ROWS = 2
"""The sum of one row is that row again: it would say nothing."""


def with_unnamed_totals(layout: Layout, columns: Sequence[Column]) -> Layout:
    """The layout with such rows among its totals. One number that is no sum makes it a row that lacks its name."""
    naming = [column.index for column in columns if column.meaning in _NAMING]
    nameless = [row for row in layout.body if not any(text_of(row.cells[i]) for i in naming)]
    summed = [column for column in columns if column.meaning in SUMMED]
    if not nameless or not summed:
        return layout
    readers = [MeasureReader([column], FigureBasis.ACTUAL) for column in summed]
    sums = [0] * len(summed)
    above = 0
    found: list[ListRow] = []
    for row in layout.body:
        numbers = [next(iter(reader.read(row)[0].values()), None) for reader in readers]
        said = [(n, total) for n, total in zip(numbers, sums, strict=True) if n is not None]
        is_sum = any(number for number, _ in said) and all(n == total for n, total in said)
        if is_sum and row in nameless and above >= _ROWS:
            found.append(row)
            continue
        above += 1
        sums = [total + (number or 0) for number, total in zip(numbers, sums, strict=True)]
    if not found:
        return layout
    totals = sorted((*layout.totals, *found), key=lambda row: row.number)
    body = tuple(row for row in layout.body if row not in found)
    return replace(layout, body=body, totals=tuple(totals))

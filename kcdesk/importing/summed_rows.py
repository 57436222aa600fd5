"""Which rows of a list a row of sums may stand for: a part since the last sum, a group below its name, or all.

Owns the order in which that is tried. What the sums are and whether they agree is `totals`' business.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kcdesk.domain.text import search_tokens
from kcdesk.importing.cells import text_of
from kcdesk.importing.layout import Layout, ListRow, first_text, is_total, outline_level

_EVERYTHING = range(1 << 31)
_MOST_SPANS = 40
"""So many further spans are tried, the nearest."""


@dataclass(frozen=True, slots=True)
class SumRow:
    """A row of sums.

    name:  what it is the sum of, as written; empty for all of the list
    spans: numbers of rows that it may cover, the likeliest first; each has a row of the body
    """

    row: ListRow
    name: str
    spans: tuple[range, ...]


def sum_rows(layout: Layout) -> tuple[SumRow, ...]:
    """The rows of sums in order, those below their part and those above their group.

    "Cộng ..." covers what came since the last sum of its kind ("Cộng xã" and "Cộng huyện" are two kinds), every other
    total all rows above it; a row that names a group and says its sums covers the rows to the next group of its level.
    A total that stands above all rows covers them all. A list may mean otherwise: the further spans are those between
    other sums and headings. The last total of a list that says no more than "Tổng cộng" is taken at its word.
    """
    numbers = [row.number for row in layout.body]
    heading_groups = {row.number for row in layout.group_sums}
    found = []
    for row in sorted((*layout.totals, *layout.group_sums), key=lambda row: row.number):
        heads_group = row.number in heading_groups and numbers[-1:] > [row.number]
        spans = _below(layout, row) if heads_group else _above(layout, row)
        filled = (span for span in spans if _has_some(numbers, span))
        found.append(SumRow(row, _name(row), tuple(dict.fromkeys(filled)) or (_EVERYTHING,)))
    return tuple(found)


def _above(layout: Layout, row: ListRow) -> Iterator[range]:
    kind = _kind(row)
    totals = [total for total in layout.totals if total.number < row.number]
    alike = [total.number for total in totals if _kind(total) == kind]
    everything = range(row.number)
    if kind[:1] == ("cong",):
        yield range(alike[-1], row.number) if alike else everything
    else:
        yield everything
        is_last = row == max(layout.totals, key=lambda total: total.number, default=None)
        if is_last and not alike and _says_no_more(row):
            return
    marks = chain(layout.totals, layout.group_sums, layout.headings)
    starts = sorted({mark.number for mark in marks if mark.number < row.number}, reverse=True)
    yield from (range(start, row.number) for start in starts[:_MOST_SPANS])
    yield everything


def _below(layout: Layout, row: ListRow) -> Iterator[range]:
    marks = [m for m in (*layout.group_sums, *layout.headings) if m.number > row.number]
    level = outline_level(row)
    same = (mark.number for mark in marks if outline_level(mark) == level)
    to_next = range(row.number, min(same, default=_EVERYTHING.stop))
    yield to_next
    ends = sorted(mark.number for mark in marks)
    yield from (range(row.number, end) for end in ends[:_MOST_SPANS])
    yield range(row.number, _EVERYTHING.stop)
    yield _EVERYTHING


def _has_some(numbers: Sequence[int], span: range) -> bool:
    at = bisect_left(numbers, span.start)
    return at < len(numbers) and numbers[at] < span.stop


def _kind(total: ListRow) -> tuple[str, ...]:
    """The first two words of a total: they tell "Cộng xã ..." from "Cộng huyện ..."."""
    return search_tokens(first_text(total))[:2]


def _name(row: ListRow) -> str:
    if is_total(row):
        return "" if _says_no_more(row) else first_text(row)
    mark = first_text(row) if outline_level(row) else ""
    texts = (text_of(cell) for cell in row.cells if isinstance(cell, str))
    return next((text for text in texts if text and text != mark), "")


def _says_no_more(total: ListRow) -> bool:
    return search_tokens(first_text(total)) in (
        ("tong",),
        ("tong", "cong"),
        ("tong", "so"),
        ("cong",),
    )

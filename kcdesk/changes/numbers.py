"""Ranges of a device's numbers: which have come, which are missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Numbers = tuple[int, int]
"""From the first to the last."""


def joined(ranges: Iterable[Numbers]) -> Iterator[Numbers]:
    """Ordered ranges, those that touch or overlap made one.

    >>> list(joined([(4, 5), (6, 7), (9, 9)]))
    [(4, 7), (9, 9)]
    """
    current: Numbers | None = None
    for first, last in ranges:
        if current is None:
            current = first, last
        elif first <= current[1] + 1:
            current = current[0], max(current[1], last)
        else:
            yield current
            current = first, last
    if current is not None:
        yield current


def beyond(n: int, ranges: Iterable[Numbers]) -> list[Numbers]:
    """What of the ranges, in any order, lies after `n`, joined."""
    return list(joined((max(first, n + 1), last) for first, last in sorted(ranges) if last > n))


def missing(n: int, told_n: int, waits: Iterable[Numbers]) -> list[Numbers]:
    """The numbers up to `told_n` that lie neither in 1 to `n` nor in the ranges `waits`, which are in order.

    >>> missing(40, 60, [(46, 50), (52, 55)])
    [(41, 45), (51, 51), (56, 60)]
    """
    gaps = []
    for first, last in waits:
        if first > n + 1:
            gaps.append((n + 1, first - 1))
        n = max(n, last)
    return [*gaps, (n + 1, told_n)] if told_n > n else gaps

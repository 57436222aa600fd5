"""Reading `Range` headers (RFC 9110, section 14): which bytes of something are wanted."""

from __future__ import annotations

import re
from typing import NamedTuple

_SPAN = re.compile(r"([0-9]{0,15})-([0-9]{0,15})")


class Span(NamedTuple):
    """Bytes `start` to `end`, the last not included; never empty."""

    start: int
    end: int


class Unsatisfiable(Exception):
    """None of the bytes asked for is there."""


def wanted_span(header: str, length: int) -> Span | None:
    """The bytes of `length` that a header asks for; None: all, also for what is no single range of bytes.

    Raises `Unsatisfiable`.

    >>> wanted_span("bytes=2-", 10), wanted_span("bytes=-3", 10), wanted_span("bytes=0-99", 10), wanted_span("", 10)
    (Span(start=2, end=10), Span(start=7, end=10), Span(start=0, end=10), None)
    """
    unit, _, written = header.partition("=")
    found = _SPAN.fullmatch(written.strip())
    if unit.strip().lower() != "bytes" or found is None or found[0] == "-":
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, length - int(last)), length
    elif last and int(last) < int(first):
        return None
    else:
        start, end = int(first), min(length, int(last) + 1) if last else length
    if start >= end:
        raise Unsatisfiable
    return Span(start, end)

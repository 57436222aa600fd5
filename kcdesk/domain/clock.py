"""Time and chance as arguments: nothing in kcdesk asks the machine for them except where a program starts.

Owns the two protocols and their real implementations. Tests pass their own.
"""

from __future__ import annotations

import datetime
import secrets
import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Milliseconds since 1970-01-01 UTC, as the machine believes: for people to read, never trusted."""

Randomness = Callable[[int], bytes]
"""`n` unpredictable bytes, fit for keys and identifiers."""

HANOI = datetime.timezone(datetime.timedelta(hours=7), "+07:00")
"""Vietnam has one time zone and no summer time; a fixed offset needs no time zone database."""


_EPOCH = datetime.datetime(1970, 1, 1, 7, tzinfo=HANOI)
_LAST = (datetime.datetime.max.replace(tzinfo=HANOI) - _EPOCH) // datetime.timedelta(milliseconds=1)


def system_clock() -> int:
    return time.time_ns() // 1_000_000


def system_randomness(size: int) -> bytes:
    return secrets.token_bytes(size)


def local_date(at: int) -> datetime.date:
    """The calendar day in Vietnam of an instant in milliseconds.

    >>> local_date(0)
    datetime.date(1970, 1, 1)
    """
    return local_time(at).date()


def local_time(at: int) -> datetime.datetime:
    """The wall-clock time in Vietnam of an instant in milliseconds; of any later than year 9999, its last moment.

    Other people's clocks say anything, and a record must open all the same.
    """
    return _EPOCH + datetime.timedelta(milliseconds=min(at, _LAST))

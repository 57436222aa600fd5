"""Which backups stay as they grow older: hourly for one day, daily for one month, monthly for one year.

On its first day a backup that was made for an occasion (an import, an upgrade, a restore, a person who asked) stays
besides those of the hours: it is the way back.

Pure: times in, times out. Slots are hours, days and months of the calendar in Vietnam, and the newest backup of a
slot stays, so that what is thinned out today never leaves a hole that shows tomorrow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kcdesk.domain.clock import local_time

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
HOURLY_MS = DAY_MS
DAILY_MS = 31 * DAY_MS
MONTHLY_MS = 366 * DAY_MS


def stay(times: Iterable[int], now: int, occasions: Collection[int] = ()) -> set[int]:
    """The times (milliseconds UTC) of the backups that stay at `now`; the two newest always do, lest one is damaged.

    occasions: those of the times that were not just due
    A time later than now, of a clock that was wrong, counts as now.
    """
    newest_of: dict[tuple[object, ...], int] = {}
    ordered = sorted(set(times))
    for at in ordered:
        slot = _slot(at, now, own=at in occasions)
        if slot is not None:
            newest_of[slot] = at
    return {*newest_of.values(), *ordered[-2:]}


def _slot(at: int, now: int, *, own: bool) -> tuple[object, ...] | None:
    age, time = now - at, local_time(at)
    if age <= HOURLY_MS:
        return ("occasion", at) if own else ("hour", time.date(), time.hour)
    if age <= DAILY_MS:
        return ("day", time.date())
    if age <= MONTHLY_MS:
        return ("month", time.year, time.month)
    return None

"""Thinning keeps hours, days and months, whatever the times, and leaves no holes that show later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.clock import local_time
from kcdesk.storage.backups.thinning import DAILY_MS, DAY_MS, HOUR_MS, MONTHLY_MS, stay

NOW = 1_772_415_000_000

_ages = st.one_of(
    st.integers(0, 2 * DAY_MS), st.integers(0, 40 * DAY_MS), st.integers(0, 500 * DAY_MS)
)
times = st.sets(_ages.map(lambda age: NOW - age), max_size=200)


@given(times)
def test_each_slot_keeps_its_newest(times: set[int]) -> None:
    kept = stay(times, NOW)
    assert kept <= times
    newest = sorted(times)[-2:]
    assert set(newest) <= kept
    for at in times - set(newest):
        age = NOW - at
        if age <= DAY_MS:
            later = [o for o in times if _hour(o) == _hour(at) and NOW - o <= DAY_MS]
        elif age <= DAILY_MS:
            later = [o for o in times if _day(o) == _day(at) and DAY_MS < NOW - o <= DAILY_MS]
        elif age <= MONTHLY_MS:
            later = [
                o for o in times if _month(o) == _month(at) and DAILY_MS < NOW - o <= MONTHLY_MS
            ]
        else:
            assert at not in kept
            continue
        assert (at in kept) == (at == max(later))


@given(times)
def test_there_are_never_many(times: set[int]) -> None:
    assert len(stay(times, NOW)) <= 2 + 25 + 32 + 14


@given(times, st.integers(0, 100 * DAY_MS))
def test_thinning_now_changes_nothing_of_what_stays_later(times: set[int], later: int) -> None:
    assert stay(stay(times, NOW), NOW + later) == stay(times, NOW + later)


@given(times, st.data())
def test_what_was_made_for_an_occasion_stays_its_first_day(
    times: set[int], data: st.DataObject
) -> None:
    occasions = data.draw(st.sets(st.sampled_from(sorted(times)))) if times else set()
    kept = stay(times, NOW, occasions)
    assert {at for at in occasions if NOW - at <= DAY_MS} <= kept


def test_a_year_of_hours_without_a_hole() -> None:
    kept: set[int] = set()
    for hour in range(400 * 24):
        now = NOW + hour * HOUR_MS
        kept = stay({*kept, now}, now)
    days = {_day(at) for at in kept}
    assert {_day(now - day * DAY_MS) for day in range(31)} <= days
    months = {_month(at) for at in kept}
    assert {_month(now - month * 30 * DAY_MS) for month in range(12)} <= months
    assert len([at for at in kept if now - at <= DAY_MS]) == 25


def test_a_time_that_has_not_come_yet_stays() -> None:
    assert stay({NOW, NOW + DAY_MS}, NOW) == {NOW, NOW + DAY_MS}


def _hour(at: int) -> object:
    return local_time(at).strftime("%Y%m%d%H")


def _day(at: int) -> object:
    return local_time(at).date()


def _month(at: int) -> object:
    return local_time(at).strftime("%Y%m")

"""When an exchange is due by itself: a fake clock, chosen chance, no waiting."""

from __future__ import annotations

import itertools

import pytest

from kcdesk.actions.sync_schedule import (
    AFTER_CHANGES_MS,
    AFTER_OPENING_MS,
    FIRST_WAIT_MS,
    FROM_TIME_TO_TIME_MS,
    LONGEST_WAIT_MS,
    Schedule,
)
from tests.conftest import SettableClock


def schedule(clock: SettableClock, chance: int = 0) -> Schedule:
    return Schedule(clock, lambda size: bytes([chance] * size))


def waits(of: Schedule, clock: SettableClock) -> int:
    """For how long nothing is due; the clock stands there afterwards."""
    wait = of.due_at - clock()
    clock.advance(wait - 1)
    assert not of.is_due
    clock.advance(1)
    assert of.is_due
    return wait


def test_after_opening_then_from_time_to_time(clock: SettableClock) -> None:
    of = schedule(clock)
    assert waits(of, clock) == AFTER_OPENING_MS
    of.done()
    assert waits(of, clock) == FROM_TIME_TO_TIME_MS


def test_a_minute_after_the_last_of_several_changes(clock: SettableClock) -> None:
    of = schedule(clock)
    of.done()
    for _ in range(5):
        clock.advance(AFTER_CHANGES_MS - 1)
        assert not of.is_due
        of.changed()
    assert waits(of, clock) == AFTER_CHANGES_MS


def test_each_failure_waits_twice_as_long_up_to_an_hour(clock: SettableClock) -> None:
    of = schedule(clock)
    found = []
    for _ in range(9):
        of.failed()
        found.append(waits(of, clock))
    assert found[:3] == [FIRST_WAIT_MS, 2 * FIRST_WAIT_MS, 4 * FIRST_WAIT_MS]
    assert found[-1] == found[-2] == LONGEST_WAIT_MS
    of.done()
    of.failed()
    assert waits(of, clock) == FIRST_WAIT_MS


def test_a_change_does_not_shorten_the_wait_after_a_failure(clock: SettableClock) -> None:
    of = schedule(clock)
    for _ in range(6):
        of.failed()
    due = of.due_at
    of.changed()
    assert of.due_at == due
    clock.advance(due - clock() - 1)
    of.changed()  # and one that comes at its end still has its quiet minute
    assert of.due_at == clock() + AFTER_CHANGES_MS


@pytest.mark.parametrize("chance", [0, 1, 128, 255])
def test_chance_takes_up_to_a_quarter(clock: SettableClock, chance: int) -> None:
    of = schedule(clock, chance)
    of.done()
    wait = of.due_at - clock()
    assert 0.75 * FROM_TIME_TO_TIME_MS <= wait <= FROM_TIME_TO_TIME_MS
    assert (wait == FROM_TIME_TO_TIME_MS) is (chance == 0)


def test_laptops_that_open_at_once_do_not_call_at_once(clock: SettableClock) -> None:
    chance = itertools.count()
    many = [Schedule(clock, lambda size: bytes([next(chance) % 256] * size)) for _ in range(200)]
    assert len({of.due_at for of in many}) > 150


def test_a_clock_that_was_put_back_for_years_stops_nothing(clock: SettableClock) -> None:
    of = schedule(clock)
    of.done()
    clock.advance(-3 * 365 * 24 * 3_600_000)
    assert of.is_due
    of.done()
    assert not of.is_due

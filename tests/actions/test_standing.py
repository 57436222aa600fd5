"""Where what was written is, per record and in total, and for how long it has not been at the province."""

from __future__ import annotations

import msgspec
import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import add_record, get_record, set_fields
from kcdesk.actions.sync_settings import DAY_MS, SyncSettings, set_sync_settings, sync_settings
from kcdesk.actions.syncing import Status, delivery_text, status
from kcdesk.errors import BadInput
from kcdesk.storage.sync_books import Province
from tests.conftest import SettableClock

KIND = "establishments"


@pytest.fixture
def joined(desk: Desk) -> Desk:
    home = Province("https://tinh.example", "Tỉnh", "1", bytes(32), "", "officer", desk.clock())
    desk.workspace.join_province(home)
    return desk


def totals(now: Status) -> tuple[int, int, int, int]:
    return now.here, now.in_parcels, now.at_province, len(now.refused)


def aged(desk: Desk, record: str) -> tuple[str, int | None, bool]:
    one = get_record(desk, KIND, record)
    return delivery_text(one.delivery, one.days), one.days, one.late


def test_everything_is_counted_where_it_is(joined: Desk, clock: SettableClock) -> None:
    records = [
        str(add_record(joined, KIND, {"name": f"Hộ {n}", "commune": "02989"}).records[0][1])
        for n in range(4)
    ]
    workspace = joined.workspace
    chain = workspace.chain()
    workspace.confirm(4, chain.last_hash, [(4, "no_area")])
    for record in records[:3]:
        set_fields(joined, KIND, record, {"note": "x"})
        clock.advance(DAY_MS + 1_000)
    workspace.parcels.wrote("a", "a.kcgoi", clock(), {workspace.device_id: (5, 6)}, {})
    assert totals(status(joined)) == (1, 2, 3, 1)
    assert [aged(joined, record) for record in records[:3]] == [
        ("Trong gói, 3 ngày", 3, False),
        ("Trong gói, 2 ngày", 2, False),
        ("Trên máy này, 1 ngày", 1, False),
    ]
    document = status(joined).as_json()
    assert [
        document[key] for key in ("on_this_computer", "in_parcels", "at_province", "undelivered")
    ] == [1, 2, 3, 3]
    assert (document["oldest_undelivered_days"], document["late"]) == (3, False)
    workspace.confirm(7, workspace.chain().last_hash, [])
    assert totals(status(joined)) == (0, 0, 6, 1)
    assert status(joined).oldest_days is None
    assert aged(joined, records[0]) == ("Đã ở tỉnh", None, False)
    assert "undelivered_days" not in get_record(joined, KIND, records[0]).as_json()


def test_late_after_the_days_that_are_set(joined: Desk, clock: SettableClock) -> None:
    record = str(add_record(joined, KIND, {"name": "Hộ", "commune": "02989"}).records[0][1])
    clock.advance(14 * DAY_MS - 1)
    assert (status(joined).late, aged(joined, record)[2]) == (False, False)
    clock.advance(1)
    assert (status(joined).oldest_days, status(joined).late) == (14, True)
    assert aged(joined, record) == ("Trên máy này, 14 ngày", 14, True)
    shown = get_record(joined, KIND, record).as_json()
    assert (shown["state"], shown["undelivered_days"], shown["late"]) == ("local", 14, True)
    set_sync_settings(joined, msgspec.structs.replace(sync_settings(joined), late_days=30))
    assert (status(joined).late_days, status(joined).late) == (30, False)
    set_fields(joined, KIND, record, {"note": "x"})
    assert aged(joined, record)[1] == 14  # the oldest counts, not the newest


def test_who_works_alone_is_never_late(
    desk: Desk, establishment: str, clock: SettableClock
) -> None:
    clock.advance(400 * DAY_MS)
    assert (status(desk).oldest_days, status(desk).late) == (400, False)
    assert aged(desk, establishment) == ("Trên máy này", None, False)


def test_a_clock_that_was_ahead_makes_nothing_older(joined: Desk, clock: SettableClock) -> None:
    clock.advance(3650 * DAY_MS)
    record = str(add_record(joined, KIND, {"name": "Hộ", "commune": "02989"}).records[0][1])
    clock.advance(-3650 * DAY_MS)
    assert aged(joined, record) == ("Trên máy này", 0, False)
    assert (status(joined).oldest_days, status(joined).late) == (0, False)


@pytest.mark.parametrize("days", [0, -1, 100_000])
def test_days_without_a_sense_are_refused(desk: Desk, days: int) -> None:
    with pytest.raises(BadInput):
        set_sync_settings(desk, SyncSettings(late_days=days))
    assert sync_settings(desk) == SyncSettings()

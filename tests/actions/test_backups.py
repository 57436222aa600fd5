"""When backups are made, and what the person is told about them."""

from __future__ import annotations

from pathlib import Path

from kcdesk.actions.backups import (
    DUE_AFTER_MS,
    back_up,
    back_up_if_due,
    backup_status,
    backups_in,
)
from kcdesk.actions.desk import Desk
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import set_fields
from tests.conftest import SettableClock
from tests.storage.workspaces import DIVIDED

DAY_MS = 24 * 3_600_000


def rename(desk: Desk, establishment: str, name: str) -> None:
    set_fields(desk, "establishments", establishment, {"name": name})


def test_a_backup_is_due_after_an_hour(
    desk: Desk, establishment: str, clock: SettableClock
) -> None:
    first = back_up_if_due(desk)
    assert first is not None
    assert first.manifest.n == 1
    rename(desk, establishment, "Hộ khác")
    clock.advance(DUE_AFTER_MS - 1)
    assert back_up_if_due(desk) is None
    clock.advance(1)
    second = back_up_if_due(desk)
    assert second is not None
    assert second.manifest.n == 2


def test_a_clock_that_was_turned_back_does_not_stop_backups(
    desk: Desk, establishment: str, clock: SettableClock
) -> None:
    back_up_if_due(desk)
    rename(desk, establishment, "Hộ khác")
    clock.advance(-DAY_MS)
    assert back_up_if_due(desk) is not None


def test_before_an_import(desk: Desk, establishment: str) -> None:
    import_list(desk, DIVIDED, dry_run=True)
    assert backups_in(desk) == []
    import_list(desk, DIVIDED)
    (backup,) = backups_in(desk)
    assert (backup.reason, backup.n) == ("import", 1)


def test_the_second_place_is_asked_for_and_grows_old(
    desk: Desk, tmp_path: Path, clock: SettableClock
) -> None:
    assert backup_status(desk).findings == ()  # nothing to lose yet
    import_list(desk, DIVIDED)
    (finding,) = backup_status(desk).findings
    assert finding.code == "backup.no_second_place"
    stick = tmp_path / "USB"
    stick.mkdir()
    report = back_up(desk, place=stick)
    assert report.output is not None
    assert report.output.parent == stick
    status = backup_status(desk)
    assert (status.second_place, status.second_place_at, status.findings) == (stick, clock.now, ())
    assert [each.n for each in backups_in(desk, stick)] == [report.manifest.n]
    clock.advance(7 * DAY_MS)
    (finding,) = backup_status(desk).findings
    assert finding.message == "Bản sao lưu ở nơi thứ hai đã 7 ngày chưa cập nhật."

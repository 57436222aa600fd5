"""When the areas change under people at work: an officer gains and loses communes, a commune is divided."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import update

from kcdesk.domain.clock import local_date
from kcdesk.server import admin, tables
from kcdesk.server.database import writing
from kcdesk.server.people import LATE
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from tests.conftest import SettableClock
from tests.sync.provinces import Province, states

DAY_MS = 24 * 3_600_000
WEEK = datetime.timedelta(days=7)


def take_away(province: Province, person: str, clock: SettableClock) -> None:
    """End what a person looks after yesterday."""
    yesterday = local_date(clock()) - datetime.timedelta(days=1)
    with writing(province.database) as connection:
        user = connection.execute(tables.users.select().where(tables.users.c.name == person)).one()
        connection.execute(
            update(tables.assignments)
            .where(tables.assignments.c.user == user.id)
            .values(valid_from=yesterday - WEEK, valid_to=yesterday)
        )


@pytest.mark.parametrize("late", [False, True], ids=["within 90 days", "after"])
def test_an_officer_gains_a_commune_and_loses_another_with_undelivered_changes(
    province: Province, clock: SettableClock, late: bool
) -> None:
    lost, gained, elsewhere = province.communes[:3]
    officer = province.joined(province.person("An", area=lost))
    stays = province.joined(province.person("Bình", area=lost))
    there = province.joined(province.person("Chi", area=gained))
    far = province.joined(province.person("Dín", area=elsewhere))
    mine = province.establishment(officer, "Lò rèn", commune=lost)
    theirs = province.establishment(there, "Xưởng chè", commune=gained)
    beyond = province.establishment(far, "Xưởng mộc", commune=elsewhere)
    for workspace in (officer, stays, there, far):
        province.sync(workspace)
    before = far.cursors()
    read = officer.cursors()

    officer.save([Edit("establishments", mine, {"note": "Ghi trên núi, chưa gửi"})])
    take_away(province, "An", clock)
    admin.assign(province.database, "An", gained, province.units, clock=clock)
    if late:
        clock.advance((LATE.days + 1) * DAY_MS)
    report = province.sync(officer)

    assert report.digests_equal
    assert report.waiting == 0
    assert [one.reason_code for one in report.refused] == (["no_area"] if late else [])
    assert officer.state("establishments", theirs).get("name") == "Xưởng chè"
    assert officer.cursors().items() >= read.items()  # no new start: one log more, one less
    assert report.received == 1
    province.sync(stays)
    note = stays.state("establishments", mine).get("note")
    assert note == (None if late else "Ghi trên núi, chưa gửi")
    # what is written there from now on does not come any more
    stays.save([Edit("establishments", mine, {"trade": "Rèn"})])
    province.sync(stays)
    province.sync(officer)
    assert officer.state("establishments", mine).get("trade") is None
    assert province.sync(far).received == 0
    assert far.cursors() == before
    assert beyond in states(far)


def divided(province: Province) -> tuple[str, list[str]]:
    """A former commune that several of today's came from, and their codes, which are areas of the province now."""
    old = next(each for each in province.units.old_communes.values() if each.divided)
    for code in old.successors:
        admin.add_area(province.database, code, province.units)
    return old.code, list(old.successors)


def test_a_commune_is_divided_and_its_records_move_by_the_work_list(province: Province) -> None:
    old, parts = divided(province)
    here, there = (
        province.joined(province.person(name, area=part))
        for name, part in zip(("An", "Bình"), parts[:2], strict=True)
    )
    elsewhere = next(code for code in province.communes if code not in parts)
    far = province.joined(province.person("Chi", area=elsewhere))
    records = [province.establishment(here, f"Hộ {number}", old_commune=old) for number in range(6)]
    province.establishment(far, "Ở xa", commune=elsewhere)

    def all_sync() -> list[int]:
        return [province.sync(workspace).received for workspace in (here, there, far)]

    all_sync()
    all_sync()
    assert set(states(here)) == set(states(there)) == set(records)  # both have to decide
    before = far.cursors()
    # both go through the list: three stay, two go there, and of one they say different things
    for record in records[:3]:
        here.save([Edit("establishments", record, {"commune": parts[0]})])
    for record in records[3:5]:
        there.save([Edit("establishments", record, {"commune": parts[1]})])
    disputed = records[5]
    here.save([Edit("establishments", disputed, {"commune": parts[0]})])
    there.save([Edit("establishments", disputed, {"commune": parts[1]})])
    all_sync()
    all_sync()
    assert far.cursors() == before
    for workspace in (here, there):
        assert workspace.state("establishments", disputed).conflicts == ("commune",)
    here.save([Edit("establishments", disputed, {"commune": parts[1]})])
    all_sync()
    all_sync()
    assert there.state("establishments", disputed).conflicts == ()
    # what comes later is read where the record is now, and only there
    there.save([Edit("establishments", records[3], {"note": "Máy mới"})])
    here.save([Edit("establishments", records[0], {"note": "Lò mới"})])
    all_sync()
    all_sync()
    assert _note(there, records[3]) == "Máy mới"
    assert _note(here, records[3]) is None
    assert _note(here, records[0]) == "Lò mới"
    assert _note(there, records[0]) is None
    assert far.cursors() == before
    assert all_sync() == [0, 0, 0]
    assert province.status().double_changes == 0


def _note(workspace: Workspace, record: str) -> object:
    return workspace.state("establishments", record).get("note")

"""Workspaces in which something was erased still prove what they made, and nothing of it is sent twice."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from kcdesk.actions.erasing import erase, plan_erasure
from kcdesk.changes import Change
from kcdesk.changes.erasing import KIND
from kcdesk.domain.value import Value
from kcdesk.server import tables
from kcdesk.storage.backups.repository import Repository
from kcdesk.storage.backups.sealing import Seal
from kcdesk.storage.edits import Edit
from kcdesk.storage.safety.replacing import restore
from tests.storage.workspaces import desk_on
from tests.sync.laptops import FIELD, Laptop
from tests.sync.provinces import Province
from tests.sync.test_recovered import place, record_of


def test_what_was_erased_by_somebody_alone_never_reaches_the_province(province: Province) -> None:
    a = Laptop.new(province, "An", joins=False)
    b = Laptop.new(province, "Bình", "b")
    record = record_of(a)
    a.write(record, "one")
    a.write(record, "two")
    at = place(a)
    a.workspace.back_up("asked")
    desk = desk_on(a.workspace, clock=province.clock)
    plan = plan_erasure(desk, "establishments", record, [FIELD])
    erase(desk, plan, reason="theo yêu cầu", paper="12/QĐ", paper_date="01/03/2026")
    a.workspace.close()
    restore(at, Repository(a.folder, Seal(at.key)), None)
    a.open()
    a.write(record, "three")
    a.join()
    for laptop in (a, b, a):
        report = laptop.sync()
        assert (report.waiting, report.digests_equal) == (0, True)
    assert said_at(province, FIELD) == [None, None, None, "three"]  # the third is the eraser's
    assert a.values(record) == b.values(record) == {"three"}


def said_at(province: Province, field: str) -> list[object]:
    """What the province's changes say of a field, each one."""
    with province.database.connect() as connection:
        found = connection.scalars(select(tables.changes.c.set)).all()
    sets = [msgspec.json.decode(one) for one in found]
    return [one[field] for one in sets if field in one]


@pytest.mark.parametrize("sent", [1, 2, 3])
def test_what_the_province_has_and_was_erased_here_is_not_sent_again(
    province: Province, sent: int
) -> None:
    """`sent`: how many of three changes the province had when the workspace was put back to a backup."""
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    for number in range(1, 4):
        a.workspace.save(
            [Edit("establishments", record, {FIELD: f"{number}", "email": f"{number}"})]
        )
        if number == 3:
            a.workspace.back_up("asked")
        elif number == sent:
            a.sync()
    if sent == 3:
        a.sync()
    said: dict[str, Value] = {"of_kind": "establishments", "of": record, "fields": [FIELD]}
    a.workspace.receive([Change("00000000000000b2", 1, KIND, record, 1, said, {})], {})
    at = place(a)
    a.workspace.close()
    restore(at, Repository(a.folder, Seal(at.key)), None)
    a.open()
    for _ in range(2):
        report = a.sync()
        assert (report.waiting, report.digests_equal) == (0, True)
    assert said_at(province, "email") == ["1", "2", "3"]
    assert said_at(province, FIELD) == [str(n) if n <= sent else None for n in range(1, 4)]
    assert a.values(record) == {None}
    assert a.workspace.lists.get("establishments", record)["email"] == "3"
    assert a.workspace.lists.in_conflict() == []
    assert province.status().double_changes == 0

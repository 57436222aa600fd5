"""What a revoked device delivers late: nobody notices it until the centre takes it in, and then it is as if in time."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from kcdesk.changes import chain_start, extend
from kcdesk.errors import NotFound, Unreachable
from kcdesk.server import apart, apart_decisions, intake, revoking, tables
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync.client import Revoked
from tests.conftest import SettableClock
from tests.sync.in_process import Cut
from tests.sync.laptops import Laptop
from tests.sync.provinces import Province, states
from tests.sync.test_parcels import Post

DAY = 24 * 3600 * 1000


@pytest.fixture
def post(province: Province, tmp_path: Path) -> Post:
    (tmp_path / "stick").mkdir()
    return Post(province, tmp_path / "stick")


@pytest.fixture
def an(province: Province) -> Workspace:
    """An's laptop, which has synced once."""
    workspace = province.joined(province.person("An"))
    province.establishment(workspace, "Một")
    province.sync(workspace)
    return workspace


@pytest.fixture
def binh(province: Province) -> Workspace:
    """A colleague of the same area, who goes on working."""
    return province.joined(province.person("Bình"))


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many changes a device puts into one group of a parcel."""
    monkeypatch.setattr(packing, "GROUP_CHANGES", 3)
    return 3


def revoke(province: Province, workspace: Workspace) -> str:
    device = str(workspace.device_id)
    revoking.revoke(province.database, device, clock=province.clock)
    return device


def take(province: Province, device: str, up_to: int | None = None) -> apart_decisions.Decided:
    return apart_decisions.take(province.database, device, up_to=up_to)


def leave(province: Province, device: str, up_to: int | None = None) -> apart_decisions.Decided:
    return apart_decisions.leave(province.database, device, up_to=up_to)


def numbers(province: Province, device: str) -> list[list[int]]:
    """The numbers of the changes in each thing that is held."""
    return [[c.n for c in one.changes] for one in apart_decisions.show(province.database, device)]


def logs(province: Province) -> dict[str, int]:
    """Positions of all logs; each has exactly the numbers 1 to there."""
    with province.database.connect() as connection:
        positions = {
            row.id: row.position
            for row in connection.execute(select(tables.logs.c.id, tables.logs.c.position))
        }
        entries = tables.log_entries.c
        found = connection.execute(
            select(entries.log, func.count(), func.max(entries.number)).group_by(entries.log)
        )
        counted = {log: (count, highest) for log, count, highest in found}
    assert counted == {log: (n, n) for log, n in positions.items() if n}
    return positions


def assert_chain(province: Province, workspace: Workspace, n: int) -> None:
    """The province holds this device's changes up to n, with the chain that the laptop has there."""
    device = str(workspace.device_id)
    with province.database.connect() as connection:
        held = intake.held_of(connection, device)
    assert held == (n, extend(chain_start(device), workspace.own_changes(0, n)))


def same_as_at_the_province(province: Province, workspace: Workspace) -> None:
    report = province.sync(workspace)
    assert report.digests_equal
    assert report.waiting == 0


def test_a_parcel_written_before_waits_for_the_centre_and_costs_nobody_anything(
    province: Province, post: Post, an: Workspace, binh: Workspace, clock: SettableClock
) -> None:
    province.establishment(an, "Hai")
    (late,) = post.write(an)
    clock.advance(DAY)
    device = revoke(province, an)
    before = logs(province)
    clock.advance(3 * DAY)
    (answer,) = post.take(late)
    assert post.taken[-1].apart
    read = post.read(an, answer)
    assert read.problem is not None
    assert read.problem.code == "revoked"
    post.take(late)  # brought once more by somebody else
    assert logs(province) == before
    assert_chain(province, an, 1)
    province.establishment(binh, "Của Bình")
    same_as_at_the_province(province, binh)
    assert len(states(binh)) == 2

    (shown,) = apart_decisions.show(province.database)
    assert (shown.device, shown.source, shown.whole, shown.next_n) == (device, "parcel", True, 2)
    assert shown.written_at == clock() - 4 * DAY
    assert [change.set["name"] for change in shown.changes] == ["Hai"]
    assert province.status().devices[0].held == 1

    decided = take(province, device)
    assert decided == apart_decisions.Decided(1, 0, 2, 0, [])
    assert take(province, device) == apart_decisions.Decided(0, 0, 2, 0, [])
    assert_chain(province, an, 2)
    logs(province)
    same_as_at_the_province(province, binh)
    assert len(states(binh)) == 3
    post.take(late)  # and once more: all of it was decided
    assert not post.taken[-1].apart
    with pytest.raises(NotFound):
        take(province, "f" * 16)


def test_a_parcel_written_after_that_day_is_refused(
    province: Province, post: Post, an: Workspace, clock: SettableClock
) -> None:
    device = revoke(province, an)
    province.establishment(an, "Hai")
    (same_day,) = post.write(an)
    clock.advance(DAY)
    province.establishment(an, "Ba")
    (after,) = post.write(an)
    (answer,) = post.take(after)
    assert not post.taken[-1].apart
    read = post.read(an, answer)
    assert read.problem is not None
    assert read.problem.code == "revoked"
    assert numbers(province, device) == []
    post.take(same_day)
    assert numbers(province, device) == [[2]]


def test_taken_up_to_a_number_and_left_after_it(
    province: Province, post: Post, an: Workspace, binh: Workspace
) -> None:
    for name in ("Hai", "Ba", "Bốn", "Năm"):
        province.establishment(an, name)
    (late,) = post.write(an)
    device = revoke(province, an)
    post.take(late)
    assert take(province, device, 3) == apart_decisions.Decided(2, 0, 3, 1, [])
    assert numbers(province, device) == [[4, 5]]
    assert leave(province, device, 4) == apart_decisions.Decided(0, 1, 4, 1, [])
    assert take(province, device) == apart_decisions.Decided(1, 0, 5, 0, [])
    assert_chain(province, an, 5)
    with province.database.connect() as connection:
        refused = connection.execute(
            select(tables.refusals).where(tables.refusals.c.device == device)
        ).all()
    assert [(row.n, row.reason_code) for row in refused] == [(4, "left")]
    logs(province)
    same_as_at_the_province(province, binh)
    names = {state.get("name") for state in states(binh).values()}
    assert names == {"Một", "Hai", "Ba", "Năm"}


def test_what_was_left_is_not_held_again(province: Province, post: Post, an: Workspace) -> None:
    province.establishment(an, "Hai")
    (late,) = post.write(an)
    device = revoke(province, an)
    post.take(late)
    assert leave(province, device) == apart_decisions.Decided(0, 1, 2, 0, [])
    assert_chain(province, an, 2)
    post.take(late)
    assert not post.taken[-1].apart
    assert numbers(province, device) == []
    assert province.status().changes == 1


def test_what_came_early_waits_for_what_was_before_it(
    province: Province, post: Post, an: Workspace, small_groups: int
) -> None:
    """Parcels of parts: the later ones had come before the device was revoked, the first one comes after."""
    province.many(an, 3 * small_groups)
    first, *rest = post.write(an, largest=1)
    assert len(rest) == 2
    post.take(*rest)
    device = revoke(province, an)
    held = numbers(province, device)
    assert len(held) == len(rest)
    (shown, *_) = apart_decisions.show(province.database, device)
    assert (shown.next_n, shown.changes[0].n) == (2, 2 + small_groups)
    assert take(province, device) == apart_decisions.Decided(0, 0, 1, len(rest), [])
    post.take(first)
    decided = take(province, device)
    assert (decided.taken, decided.waiting, decided.problems) == (3 * small_groups, 0, [])
    assert_chain(province, an, 1 + 3 * small_groups)


def test_left_without_what_was_before_it_is_dropped(
    province: Province, post: Post, an: Workspace, small_groups: int
) -> None:
    province.many(an, 2 * small_groups)
    _first, *rest = post.write(an, largest=1)
    device = revoke(province, an)
    post.take(*rest)
    decided = leave(province, device)
    assert (decided.taken, decided.refused, decided.n, decided.waiting) == (0, 0, 1, 0)
    assert_chain(province, an, 1)


def test_an_exchange_that_was_cut_before_is_held_as_far_as_it_came(
    province: Province, an: Workspace, binh: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "GROUP_CHANGES", 200)
    province.many(an, 900)
    line = province.transport(Cut("body", 40_000))
    line.breaks_at(1, "request")
    with pytest.raises(Unreachable):
        province.sync(an, line)
    with province.database.connect() as connection:
        arrived, length = connection.execute(
            select(tables.exchanges.c.arrived, tables.exchanges.c.length)
        ).one()
    assert 0 < arrived < length
    device = revoke(province, an)
    before = logs(province)
    with pytest.raises(Revoked):
        province.sync(an)
    (shown,) = apart_decisions.show(province.database, device)
    assert (shown.source, shown.whole) == ("exchange", False)
    n = shown.changes[-1].n
    assert n in range(201, 900, 200)
    assert logs(province) == before
    decided = take(province, device)
    assert (decided.taken, decided.n, decided.waiting) == (n - 1, n, 0)
    assert_chain(province, an, n)
    logs(province)
    same_as_at_the_province(province, binh)


def test_a_device_that_is_revoked_while_it_sends(
    province: Province, an: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two groups of a body: what was committed stays, the whole body is held, nothing is taken twice."""
    monkeypatch.setattr(packing, "GROUP_CHANGES", 20)
    province.many(an, 50)
    device = str(an.device_id)
    real = intake.take_in
    groups = 0

    def then_revoked(*arguments: object, **more: object) -> intake.Taken:
        nonlocal groups
        groups += 1
        if groups == 2:
            revoking.revoke(province.database, device, clock=province.clock)
        return real(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "take_in", then_revoked)
    with pytest.raises(Revoked):
        province.sync(an)
    monkeypatch.undo()
    assert_chain(province, an, 21)
    assert numbers(province, device) == [list(range(22, 52))]
    assert take(province, device) == apart_decisions.Decided(30, 0, 51, 0, [])
    assert_chain(province, an, 51)
    logs(province)


def test_a_former_device_and_the_one_after_it(province: Province, post: Post) -> None:
    """The folder went on as a new device and wrote a parcel; then the laptop was stolen. Neither speaks any more."""
    laptop = Laptop.new(province, "An")
    province.establishment(laptop.workspace, "Một")
    laptop.sync()
    former = str(laptop.workspace.device_id)
    saved = laptop.saved(post.folder / "saved")
    province.establishment(laptop.workspace, "Hai")
    laptop.sync()
    laptop.put_back(saved)
    after = str(laptop.workspace.device_id)
    assert after != former
    province.establishment(laptop.workspace, "Ba")
    (late,) = post.write(laptop.workspace)
    revoking.revoke(province.database, former, clock=province.clock)
    post.take(late)
    decided = take(province, former)
    assert (decided.taken, decided.waiting, decided.problems) == (1, 0, [])
    standing = {one.device: one for one in province.status().devices}
    assert standing[former].continued_as == [after]
    assert standing[after].revoked_at == standing[former].revoked_at
    assert standing[after].n == 1
    with pytest.raises(Revoked):
        laptop.sync()


def test_a_thief_pushes_nothing_out(
    province: Province,
    post: Post,
    an: Workspace,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "KEPT", 2)
    province.establishment(an, "Hai")
    honest = post.write(an)
    device = revoke(province, an)
    post.take(*honest)
    for name in ("Ba", "Bốn", "Năm"):
        clock.advance(1)
        province.establishment(an, name)
        post.take(*post.write(an))
    assert numbers(province, device) == [[2], [2, 3]]


def test_rights_are_those_of_the_day_it_came(
    province: Province, post: Post, an: Workspace, clock: SettableClock
) -> None:
    """The centre decides months later, when An looks after nothing any more."""
    province.establishment(an, "Hai")
    (late,) = post.write(an)
    device = revoke(province, an)
    post.take(late)
    with province.database.begin() as connection:
        today = connection.scalar(select(func.max(tables.assignments.c.valid_from)))
        connection.execute(tables.assignments.update().values(valid_to=today))
    clock.advance(200 * DAY)
    assert take(province, device) == apart_decisions.Decided(1, 0, 2, 0, [])


def test_what_is_none_is_said_and_stays(province: Province, post: Post, an: Workspace) -> None:
    """The province holds something else under that number."""
    province.establishment(an, "Hai")
    device = str(an.device_id)
    (late,) = post.write(an)
    with province.database.begin() as connection:
        connection.execute(
            tables.devices.update().where(tables.devices.c.id == device).values(h=bytes(32))
        )
    revoking.revoke(province.database, device, clock=province.clock)
    post.take(late)
    decided = take(province, device)
    assert (decided.taken, decided.waiting, len(decided.problems)) == (0, 1, 1)
    assert leave(province, device).waiting == 0

"""A new laptop: it has all that the province holds, and is told which numbers of the old one never arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcdesk.server import apart_decisions, revoking
from kcdesk.storage.former_devices import Former
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync.client import Unreachable
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
def old(province: Province) -> Workspace:
    """An's old laptop, of which three changes are at the province."""
    workspace = province.joined(province.person("An"))
    for name in ("Một", "Hai", "Ba"):
        province.establishment(workspace, name)
    province.sync(workspace)
    return workspace


def told(province: Province, workspace: Workspace) -> Former:
    """What the province tells a laptop of An's other one."""
    report = province.sync(workspace)
    assert report.digests_equal
    (one,) = workspace.former_devices.every()
    return one


def test_it_has_everything_and_knows_what_never_came(
    province: Province, post: Post, old: Workspace, clock: SettableClock
) -> None:
    before = states(old)
    device = str(old.device_id)
    enrolled_at = clock()
    new = province.joined("An")
    one = told(province, new)
    assert states(new) == before
    assert one == Former(device, enrolled_at, clock(), 3, 3, None, (), ())
    assert one.missing == []

    clock.advance(DAY)
    for name in ("Bốn", "Năm"):
        province.establishment(old, name)
    (lost,) = post.write(old)  # this stick is lost
    (late,) = post.write(old)
    revoking.revoke(province.database, device, clock=province.clock)
    post.take(late)
    one = told(province, new)
    assert (one.n, one.told_n, one.waits, one.missing) == (3, 5, ((4, 5),), [])
    assert one.revoked_at == clock()
    assert apart_decisions.take(province.database, device, up_to=4).taken == 1
    apart_decisions.leave(province.database, device)
    one = told(province, new)
    assert (one.n, one.told_n, one.waits, one.left_out, one.missing) == (5, 5, (), ((5, 5),), [])
    assert len(states(new)) == 4
    assert lost.exists()


def test_gaps_are_named(
    province: Province, post: Post, old: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three parcels the second arrives, and tells how far the device's numbers go."""
    monkeypatch.setattr(packing, "GROUP_CHANGES", 2)
    province.many(old, 6)
    _first, second, third = post.write(old, largest=1)
    post.take(second)
    new = province.joined("An")
    one = told(province, new)
    assert (one.n, one.told_n, one.waits, one.missing) == (3, 9, ((6, 7),), [(4, 5), (8, 9)])
    revoking.revoke(province.database, str(old.device_id), clock=province.clock)
    assert told(province, new).missing == [(4, 5), (8, 9)]
    post.take(third)
    assert told(province, new).missing == [(4, 5)]
    assert told(province, new).waits == ((6, 9),)


def test_a_body_that_was_cut_tells_how_far_it_would_have_gone(
    province: Province, old: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "GROUP_CHANGES", 200)
    province.many(old, 900)
    line = province.transport(Cut("body", 40_000))
    line.breaks_at(1, "request")
    with pytest.raises(Unreachable):
        province.sync(old, line)
    device = str(old.device_id)
    revoking.revoke(province.database, device, clock=province.clock)
    (held,) = apart_decisions.show(province.database, device)
    last = held.changes[-1].n
    one = told(province, province.joined("An"))
    assert (one.n, one.told_n) == (3, 903)
    assert one.waits == ((4, last),)
    assert one.missing == [(last + 1, 903)]


def test_without_a_network_the_answer_tells_too(
    province: Province, post: Post, old: Workspace
) -> None:
    new = post.enrolled("An2")  # another person: is told nothing of An's
    province.establishment(new, "Của người khác")
    post.round(new)
    assert new.former_devices.every() == []
    home = province.joined("An")
    province.establishment(home, "Ở nhà")
    post.round(home)
    (one,) = home.former_devices.every()
    assert (one.device, one.n) == (str(old.device_id), 3)


def test_what_a_workspace_was_itself_is_none_of_them(province: Province) -> None:
    laptop = Laptop.new(province, "An")
    province.establishment(laptop.workspace, "Một")
    copy = laptop.copied("b")
    copy.sync()
    assert copy.workspace.former_devices.every() == []
    laptop.sync()  # goes on as another device, after the same one
    laptop.sync()
    (one,) = laptop.workspace.former_devices.every()
    assert one.device == str(copy.workspace.device_id)

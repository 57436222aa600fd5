"""What a workspace holds is a function of the set of changes it holds: through real files, in any order.

The histories are those of tests/changes; here every device is a workspace, and the province a list of changes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.changes import Change, ChangeId, State, fold
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Place
from kcdesk.storage.sync_books import Cursor
from kcdesk.storage.workspace import Workspace
from tests.changes.histories import DEVICES, RECORDS, Open, Save, Step, Sync, said, steps
from tests.storage.workspaces import NOW, make, rows_of

KIND = "establishments"
REASON = "no_right"


@dataclass
class Laptop:
    """A device: its workspace, its clock, the forms it has open, and how far it has read the province's log."""

    folder: Path
    workspace: Workspace
    time: list[int]
    forms: dict[str, tuple[State, frozenset[ChangeId]]] = field(default_factory=dict)
    read: int = 0


class World:
    """Devices as workspaces; the province takes in order, refuses some changes, and hands on the rest as a log."""

    def __init__(self, base: Path, refuse: frozenset[ChangeId]) -> None:
        self.log: list[Change] = []
        self.refuse = refuse
        self.refused: set[ChangeId] = set()
        self.knew: dict[ChangeId, frozenset[ChangeId]] = {}
        self.devices = [self._device(base / str(number), number) for number in range(len(DEVICES))]

    def _device(self, folder: Path, number: int) -> Laptop:
        time = [NOW]
        return Laptop(folder, make(folder, seed=str(number), clock=lambda: time[0]), time)

    def run(self, history: Iterable[Step]) -> None:
        for step in history:
            device = self.devices[step.device]
            match step:
                case Open():
                    self._open(device, RECORDS[step.record])
                case Save():
                    self._save(device, RECORDS[step.record], step)
                case Sync():
                    self._sync(device)

    def heads(self, record: str) -> dict[str, set[ChangeId]]:
        """field -> changes that no other has replaced knowing them, without looking at `seen`."""
        taken = [change for change in self.log if change.record == record]
        return {
            name: {
                c.id
                for c in taken
                if name in c.set
                and not any(name in d.set and c.id in self.knew[d.id] for d in taken)
            }
            for name in {name for change in taken for name in change.set}
        }

    def close(self) -> None:
        for device in self.devices:
            device.workspace.close()

    def _open(self, device: Laptop, record: str) -> None:
        if known := self._known(device, record):
            device.forms[record] = device.workspace.state(KIND, record), known

    def _known(self, device: Laptop, record: str) -> frozenset[ChangeId]:
        return frozenset(change.id for change in device.workspace._changes_of(KIND, record))

    def _save(self, device: Laptop, record: str, step: Save) -> None:
        device.time[0] = NOW + step.clock
        state, known = device.forms.pop(record, (None, self._known(device, record)))
        seen = state.seen if state is not None else None
        own = frozenset(change.id for change in device.workspace.own_changes(0, 1 << 40))
        (change,) = device.workspace.save([Edit(KIND, record, dict(step.fields), seen)])
        self.knew[change.id] = known | own

    def _sync(self, device: Laptop) -> None:
        workspace = device.workspace
        chain = workspace.chain()
        sent = list(workspace.own_changes(chain.confirmed_n, chain.last_n))
        refused = [
            change for change in sent if (self.devices.index(device), change.n) in self.refuse
        ]
        self.refused |= {change.id for change in refused}
        self.log += [change for change in sent if change not in refused]
        workspace.confirm(chain.last_n, chain.last_hash, [(change.n, REASON) for change in refused])
        workspace.receive(self.log[device.read :], {"open": Cursor(len(self.log), bytes(16))})
        device.read = len(self.log)

    def quiesce(self) -> None:
        for _ in range(2):
            self.run(Sync(place) for place in range(len(self.devices)))


# Changes are refused by the place of their device and their number: the id of a workspace's device is its own.
refusals = st.frozensets(st.tuples(st.integers(0, len(DEVICES) - 1), st.integers(1, 4)), max_size=3)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, refusals, st.randoms(use_true_random=False))
def test_every_device_ends_with_the_fold_of_what_the_province_took(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[Step],
    refuse: frozenset[ChangeId],
    chance: random.Random,
) -> None:
    base = tmp_path_factory.mktemp("world")
    world = World(base, refuse)
    try:
        world.run(history)
        world.quiesce()
        truth = {
            record: said(fold(changes))
            for record in RECORDS
            if (changes := [change for change in world.log if change.record == record])
        }
        for device in world.devices:
            workspace = device.workspace
            assert {c.id for c in workspace.changes()} - world.refused == {c.id for c in world.log}
            for record in RECORDS:
                changes = workspace._changes_of(KIND, record)
                assert (said(fold(changes)) if changes else None) == truth.get(record)
                heads = fold(changes).heads.items() if changes else ()
                found = {name: {head.change.id for head in each} for name, each in heads}
                assert found == world.heads(record)
            place = workspace.lists.deliveries(RECORDS)
            assert all(delivery.place is not Place.LOCAL for delivery in place.values())
        rows = [rows_of(device.folder) for device in world.devices]
        assert rows[0] == rows[1] == rows[2] == projected_anew(base / "anew", world.log, chance)
    finally:
        world.close()


def projected_anew(folder: Path, changes: list[Change], chance: random.Random) -> object:
    """The rows of a workspace that receives these changes in another order, cut anew, some of them twice."""
    with make(folder, seed="anew") as workspace:
        again = changes + chance.sample(changes, len(changes) // 2)
        chance.shuffle(again)
        while again:
            size = chance.randint(1, len(again))
            workspace.receive(again[:size], {})
            del again[:size]
        assert list(workspace.own_changes(0, 1 << 40)) == []
    return rows_of(folder)


ONE = RECORDS[0]
OTHER = "00000000000000b2"


def theirs(n: int, fields: dict[str, object], seen: dict[str, int] | None = None) -> Change:
    return Change(OTHER, n, KIND, ONE, NOW + n, fields, seen or {})


def test_what_is_received_stands_in_lists_and_cursors(workspace: Workspace) -> None:
    workspace.receive(
        [theirs(1, {"name": "Hộ Đức"})],
        {"open-1": Cursor(1, b"a" * 16), "rules": Cursor(7, b"b" * 16)},
    )
    workspace.receive([theirs(2, {"phone": "+84912345678"})], {"open-1": Cursor(2, b"c" * 16)})
    assert workspace.cursors() == {"open-1": Cursor(2, b"c" * 16), "rules": Cursor(7, b"b" * 16)}
    (found,) = workspace.lists.page(KIND, search="duc").records
    assert found["phone"] == "+84912345678"
    assert workspace.chain().last_n == 0


def test_own_changes_that_come_back_are_left_alone(workspace: Workspace) -> None:
    (own,) = workspace.save([Edit(KIND, ONE, {"name": "mine"})])
    forged = msgspec.structs.replace(own, set={"name": "forged"})
    ahead = msgspec.structs.replace(own, n=2, set={"name": "ahead"})
    workspace.receive([own, forged, ahead], {})
    assert list(workspace.changes()) == [own]
    assert workspace.lists.get(KIND, ONE)["name"] == "mine"


def test_receiving_is_all_or_nothing(workspace: Workspace, folder: Path) -> None:
    def cut() -> Iterable[Change]:
        yield theirs(1, {"name": "x"})
        raise ConnectionError

    with pytest.raises(ConnectionError):
        workspace.receive(cut(), {"open": Cursor(1, b"")})
    assert list(workspace.changes()) == []
    assert workspace.cursors() == {}
    assert rows_of(folder)[KIND] == []


def test_kinds_and_fields_of_a_newer_version_are_kept(workspace: Workspace) -> None:
    later = Change(OTHER, 1, "drones", RECORDS[1], NOW, {"speed": 2.5}, {})
    workspace.receive([later, theirs(2, {"name": "Hộ A", "smell": ["hoa", None]})], {})
    assert later in list(workspace.changes())
    assert workspace.state("drones", RECORDS[1]).get("speed") == 2.5
    assert workspace.lists.get(KIND, ONE)["smell"] == ["hoa", None]


# Where a record is


def test_a_record_is_local_until_the_province_has_confirmed_it(workspace: Workspace) -> None:
    one, two, foreign = RECORDS[0], RECORDS[1], "01900000-0000-7000-8000-000000000003"
    workspace.save([Edit(KIND, one, {"name": "a"}), Edit(KIND, two, {"name": "b"})])
    workspace.receive([Change(OTHER, 1, KIND, foreign, NOW, {"name": "c"}, {})], {})

    def places() -> list[tuple[str, str]]:
        found = workspace.lists.deliveries([one, two, foreign])
        return [(found[record].place.value, found[record].reason) for record in (one, two, foreign)]

    assert places() == [("local", ""), ("local", ""), ("province", "")]
    workspace.confirm(2, workspace.chain().last_hash, [(2, REASON)])
    assert places() == [("province", ""), ("refused", REASON), ("province", "")]
    workspace.save([Edit(KIND, one, {"phone": "1"}), Edit(KIND, foreign, {"phone": "2"})])
    assert places() == [("local", ""), ("refused", REASON), ("local", "")]
    workspace.confirm(4, workspace.chain().last_hash, [])
    assert places() == [("province", ""), ("refused", REASON), ("province", "")]
    assert workspace.lists.refused() == [(workspace.device_id, 2, KIND, two, REASON)]


def test_many_records_are_looked_up_at_once(workspace: Workspace) -> None:
    """More than SQLite takes as arguments of one statement."""
    records = [f"01900000-0000-7000-8000-{n:012d}" for n in range(40_000)]
    assert len(workspace.lists.deliveries(records)) == 40_000
    assert workspace.lists.of_establishments("figures", records) == []


def test_a_refused_change_leaves_the_state_it_found(workspace: Workspace) -> None:
    workspace.receive([theirs(1, {"name": "đúng"})], {})
    workspace.save([Edit(KIND, ONE, {"name": "sai"}), Edit(KIND, RECORDS[1], {"name": "mới"})])
    assert workspace.lists.get(KIND, ONE)["name"] == "sai"
    workspace.confirm(2, workspace.chain().last_hash, [(1, REASON), (2, REASON)])
    assert workspace.lists.get(KIND, ONE)["name"] == "đúng"
    assert workspace.state(KIND, ONE).get("name") == "đúng"
    assert workspace.lists.count(KIND) == 1
    assert workspace.lists.page(KIND, search="sai").records == []
    assert workspace.lists.page(KIND, search="moi").records == []
    assert len(list(workspace.changes())) == 3  # the changes themselves stay


def test_a_confirmation_never_goes_back(workspace: Workspace) -> None:
    workspace.save([Edit(KIND, ONE, {"name": "a"})])
    workspace.save([Edit(KIND, ONE, {"name": "b"})])
    workspace.confirm(2, b"two", [])
    workspace.confirm(1, b"one", [])
    assert (workspace.chain().confirmed_n, workspace.chain().confirmed_hash) == (2, b"two")


def test_what_arrives_while_a_form_is_open_is_not_covered_unseen(workspace: Workspace) -> None:
    workspace.receive([theirs(1, {"name": "cũ"})], {})
    opened = workspace.state(KIND, ONE)
    workspace.receive([theirs(2, {"name": "của họ", "phone": "1"})], {})
    workspace.save([Edit(KIND, ONE, {"name": "của tôi"}, opened.seen)])
    state = workspace.state(KIND, ONE)
    assert state.conflicts == ("name",)
    assert {head.value for head in state.heads["name"]} == {"của họ", "của tôi"}
    assert workspace.lists.get(KIND, ONE)["conflicts"] == 1
    assert [row["id"] for row in workspace.lists.in_conflict()] == [ONE]
    workspace.save([Edit(KIND, ONE, {"name": "của tôi"})])  # with both before one's eyes
    assert workspace.state(KIND, ONE).conflicts == ()
    assert workspace.lists.in_conflict() == []

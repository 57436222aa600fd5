"""Random histories of several people editing the same records, and what must come of them.

A history is a list of steps on a `World`. The world remembers for each change exactly which changes lay before its
author, so that `World.heads` says which values nobody has replaced knowingly, without looking at `seen`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from kcdesk.changes import Change, ChangeId, State, fold

RECORDS = ("01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002")
FIELDS = ("name", "phone", "machines/22aaaaa/price", "machines/22aaaaa/deleted", "deleted")
DEVICES = ("00000000000000a1", "00000000000000b2", "00000000000000c3")


@dataclass(frozen=True)
class Open:
    """A person opens a record's form and leaves it open."""

    device: int
    record: int


@dataclass(frozen=True)
class Save:
    """A person saves what they typed: into the form left open, or into one opened just now."""

    device: int
    record: int
    fields: Mapping[str, object]
    clock: int


@dataclass(frozen=True)
class Sync:
    """A device sends all it has and receives all there is."""

    device: int


Step = Open | Save | Sync

_value = st.sampled_from(["x", "y", 1, True, None])
_fields = st.dictionaries(st.sampled_from(FIELDS[:3]), _value, min_size=1, max_size=2)
_deletion = st.sampled_from(FIELDS[3:]).map(lambda name: {name: True})
_merging = st.sampled_from((*RECORDS, None)).map(lambda into: {"merged_into": into})
_device = st.integers(0, len(DEVICES) - 1)
_record = st.integers(0, len(RECORDS) - 1)
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.builds(Open, _device, _record),
        st.builds(
            Save, _device, _record, _fields | _fields | _deletion | _merging, st.integers(0, 5)
        ),
        st.builds(Save, _device, _record, _fields, st.integers(0, 5)),
        st.builds(Sync, _device),
    ),
    max_size=25,
)


@dataclass
class _Device:
    id: str
    last_at: int = 0
    held: dict[ChangeId, Change] = field(default_factory=dict)
    own: list[Change] = field(default_factory=list)
    forms: dict[str, tuple[Mapping[str, int], frozenset[ChangeId]]] = field(default_factory=dict)


class World:
    """Devices that learn from the province only, and a province that takes each device's changes in order.

    refuses: what the province leaves out; the device that made it learns so when it syncs
    """

    def __init__(
        self,
        devices: Sequence[str] = DEVICES,
        refuses: Callable[[Change], bool] = lambda change: False,
    ) -> None:
        self.devices = [_Device(id_) for id_ in devices]
        self.refuses = refuses
        self.province: dict[ChangeId, Change] = {}
        self.knew: dict[ChangeId, frozenset[ChangeId]] = {}

    def run(self, history: list[Step]) -> None:
        for step in history:
            device = self.devices[step.device]
            match step:
                case Open():
                    record = RECORDS[step.record]
                    device.forms[record] = self._look(device, record)
                case Save():
                    self._save(device, RECORDS[step.record], step)
                case Sync():
                    self.province |= {c.id: c for c in device.own if not self.refuses(c)}
                    device.held = {**self.province}

    def quiesce(self) -> None:
        for _ in range(2):
            self.run([Sync(place) for place in range(len(self.devices))])

    def heads(self, record: str) -> dict[str, set[ChangeId]]:
        """field -> changes that no other has replaced knowing them; the truth `fold` is held against."""
        of_record = [change for change in self.province.values() if change.record == record]
        return {
            name: {
                c.id
                for c in of_record
                if name in c.set
                and not any(name in d.set and c.id in self.knew[d.id] for d in of_record)
            }
            for name in {name for change in of_record for name in change.set}
        }

    def _look(self, device: _Device, record: str) -> tuple[Mapping[str, int], frozenset[ChangeId]]:
        changes = [change for change in device.held.values() if change.record == record]
        seen = fold(changes).seen if changes else {}
        return {d: n for d, n in seen.items() if d != device.id}, frozenset(c.id for c in changes)

    def _save(self, device: _Device, record: str, step: Save) -> None:
        seen, known = device.forms.pop(record, None) or self._look(device, record)
        n = len(device.own) + 1
        at = device.last_at = max(step.clock, device.last_at + 1)
        said = dict(step.fields)
        change = Change(device.id, n, "establishments", record, at, said, dict(seen))
        self.knew[change.id] = known | {own.id for own in device.own}
        device.own.append(change)
        device.held[change.id] = change


def said(state: State) -> tuple[object, ...]:
    """All that a state says, whichever form its changes are in."""
    heads = {
        name: [(head.change.id, head.value) for head in heads]
        for name, heads in state.heads.items()
    }
    return (
        state.kind,
        state.record,
        heads,
        state.conflicts,
        state.deleted,
        state.rows("machines"),
        state.seen,
    )

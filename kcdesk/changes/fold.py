"""`fold`: the state of a record as a pure function of the set of its changes.

Order, repeats and wrong clocks do not matter. A change *covers* another of a field when both set it and it
has seen the other; the *heads* of a field are its changes that no other covers. One head, or several that say
the same, is the value; several values are a conflict that a person decides.

Covered changes can be left out (`trim`): as long as a set of changes is causally closed (it holds whatever its
changes have seen, as every device's does, for devices learn from the province only), its heads, each cut down
to the fields it heads, give the same state now and after anything that comes later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from kcdesk.changes.model import Change, ChangeId, same
from kcdesk.domain.value import Value

DELETED = "deleted"
"""The field of a record, and the cell of a row, that says it is gone."""
OWN = "own"
"""The key under which `State.seen` says when the reader's own newest head was made (`Change.at`); no device's id."""


class Head(NamedTuple):
    """A value that nobody who knew it has replaced, and the change that says it."""

    change: Change
    value: Value


@dataclass(frozen=True, slots=True)
class State:
    """A record as its changes make it.

    heads:     field -> its heads, the latest by (at, device, n) last; that one shows in forms and lists
    conflicts: fields with several values, sorted; `deleted` among them when a deletion has not seen a head of
               what it deletes (and that head has not seen the deletion)
    own:       devices of whoever reads, which go without saying in `seen`
    """

    kind: str
    record: str
    heads: Mapping[str, tuple[Head, ...]]
    conflicts: tuple[str, ...]
    own: frozenset[str] = frozenset()

    def get(self, field: str, default: Value = None) -> Value:
        """The value of a field; of a field in conflict the provisional one."""
        heads = self.heads.get(field)
        return heads[-1].value if heads else default

    @property
    def values(self) -> dict[str, Value]:
        """field -> value, cells of tables as `table/row/cell`."""
        return {field: heads[-1].value for field, heads in self.heads.items()}

    @property
    def deleted(self) -> bool:
        """Deleted for certain; while the deletion is in conflict the record stays."""
        return self.get(DELETED) is True and DELETED not in self.conflicts

    def rows(self, table: str) -> dict[str, dict[str, Value]]:
        """The rows of a table that are not deleted, in the order of their ids: row -> cell -> value."""
        rows: dict[str, dict[str, Value]] = defaultdict(dict)
        for field, heads in self.heads.items():
            name, _, rest = field.partition("/")
            row, _, cell = rest.partition("/")
            if name == table and cell:
                rows[row][cell] = heads[-1].value
        gone = {
            row
            for row, cells in rows.items()
            if cells.pop(DELETED, None) is True and f"{table}/{row}/{DELETED}" not in self.conflicts
        }
        return {row: rows[row] for row in sorted(rows) if row not in gone}

    @property
    def seen(self) -> dict[str, int]:
        """device -> newest n among the heads: what lies before somebody who opens the record now.

        Together with the chain of what those changes have seen themselves this names every change that the
        state rests on, for whoever holds a change also holds what it has seen. What the reader said is named by no
        number, which may yet change: under `OWN` stands the time of the newest.
        """
        seen: dict[str, int] = {}
        for heads in self.heads.values():
            for head in heads:
                if head.change.device in self.own:
                    seen[OWN] = max(head.change.at, seen.get(OWN, 0))
                for device, n in ((head.change.device, head.change.n), *head.change.seen.items()):
                    if device not in self.own:
                        seen[device] = max(n, seen.get(device, 0))
        return seen


def fold(changes: Iterable[Change]) -> State:
    """The state of one record from any collection of its changes. Raises ValueError for none, or several records."""
    unique = {(change.device, change.n): change for change in changes}
    if len({(change.kind, change.record) for change in unique.values()}) != 1:
        raise ValueError("fold takes the changes of exactly one record")
    if len(unique) == 1:  # it knows itself, so nothing can differ
        (change,) = unique.values()
        only = {field: (Head(change, change.set[field]),) for field in sorted(change.set)}
        return State(change.kind, change.record, only, ())
    by_field: dict[str, list[Change]] = {}
    for change in unique.values():
        for field in change.set:
            if field in by_field:
                by_field[field].append(change)
            else:
                by_field[field] = [change]
    heads = {field: _heads(field, by_field[field]) for field in sorted(by_field)}
    conflicts = {field for field, found in heads.items() if _differ(found)}
    conflicts.update(_open_deletions(heads))
    return State(change.kind, change.record, heads, tuple(sorted(conflicts)))


def trim(changes: Iterable[Change]) -> list[Change]:
    """The changes of one record that are still heads, each cut down to the fields it heads, in order of (device, n)."""
    kept: dict[ChangeId, tuple[Change, dict[str, Value]]] = {}
    for field, heads in fold(changes).heads.items():
        for change, value in heads:
            kept.setdefault(change.id, (change, {}))[1][field] = value
    return [
        msgspec.structs.replace(change, set=fields)
        for _, (change, fields) in sorted(kept.items(), key=lambda item: item[0])
    ]


def _heads(field: str, changes: list[Change]) -> tuple[Head, ...]:
    if len(changes) == 1:
        return (Head(changes[0], changes[0].set[field]),)
    changes = [c for c in changes if not any(d.has_seen(c) for d in changes)]
    changes.sort(key=lambda c: (c.at, c.device, c.n))
    return tuple(Head(c, c.set[field]) for c in changes)


def _differ(heads: tuple[Head, ...]) -> bool:
    return len(heads) > 1 and any(not same(heads[0].value, head.value) for head in heads[1:])


def _open_deletions(heads: Mapping[str, tuple[Head, ...]]) -> Iterator[str]:
    """The `deleted` fields whose deletion and some head of what it deletes do not know of each other."""
    for field, deletions in heads.items():
        prefix, _, last = field.rpartition("/")
        if last != DELETED or deletions[-1].value is not True:
            continue
        inside = f"{prefix}/" if prefix else ""
        if any(
            not (d.change.has_seen(h.change) or h.change.has_seen(d.change) or d.change is h.change)
            for d in deletions
            if d.value is True
            for other, found in heads.items()
            if other != field and other.startswith(inside)
            for h in found
        ):
            yield field

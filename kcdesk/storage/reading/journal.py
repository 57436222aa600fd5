"""What was done: the changes of a record with what became of them, and actions as people remember them.

An action is what one device did at one moment, `(device, at)`: its changes follow each other in number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import takewhile

from kcdesk.changes import Change, ChangeId
from kcdesk.storage import change_table
from kcdesk.storage.change_table import RecordKey
from kcdesk.storage.reading.lists import Delivery, Place
from kcdesk.storage.sqlite import Database


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change, and where it is: a refused one has its number and its reason, and no part in the state."""

    change: Change
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Action:
    """The changes `first_n` to `last_n` of a device, all made at `at`."""

    device: str
    at: int
    first_n: int
    last_n: int


class Journal:
    """Reads the table of changes over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of_record(self, kind: str, record: str) -> list[Recorded]:
        """Every change of a record in the order of (at, device, n), refused ones too."""
        changes = change_table.read(self._db, "record = ? AND kind = ?", (record, kind))
        own, confirmed, packed = self._db.execute(
            "SELECT id, confirmed_n, coalesce((SELECT max(last_n) FROM parcel_changes WHERE device = id), 0)"
            " FROM device"
        ).fetchone()
        reasons = {
            (device, n): reason
            for device, n, reason in self._db.execute(
                "SELECT refusals.device, refusals.n, reason FROM refusals JOIN changes USING (device, n)"
                " WHERE record = ? AND kind = ?",
                (record, kind),
            )
        }

        def delivery(change: Change) -> Delivery:
            if change.id in reasons:
                return Delivery(Place.REFUSED, reasons[change.id])
            if change.device != own or change.n <= confirmed:
                return Delivery(Place.PROVINCE)
            return Delivery(Place.PARCEL if change.n <= packed else Place.LOCAL)

        return [
            Recorded(change, delivery(change))
            for change in sorted(changes, key=lambda c: (c.at, c.device, c.n))
        ]

    def of_records(self, records: Collection[str]) -> dict[RecordKey, list[Change]]:
        """The changes of these records that count, by (kind, record)."""
        return change_table.of_records(self._db, records)

    def action_of(self, change: ChangeId) -> Action | None:
        """The action that a change is part of; None where there is no such change."""
        found = self._db.execute(
            "SELECT at FROM changes WHERE device = ? AND n = ?", (change.device, change.n)
        ).fetchone()
        if found is None:
            return None
        ends = []
        for beyond, order in (("<=", "DESC"), (">=", "ASC")):
            rows = self._db.execute(
                f"SELECT n, at FROM changes WHERE device = ? AND n {beyond} ? ORDER BY n {order}",  # noqa: S608
                (change.device, change.n),
            )
            ends.append([n for n, _ in takewhile(lambda row: row[1] == found[0], rows)][-1])
        return Action(change.device, found[0], *ends)

    def actions(self, device: str) -> Iterator[Action]:
        """The actions of a device, the latest first, read as they are asked for."""
        (last,) = self._db.execute(
            "SELECT max(n) FROM changes WHERE device = ?", (device,)
        ).fetchone()
        while last:
            at, first = self._begin_of(device, last)
            yield Action(device, at, first, last)
            last = first - 1

    def changes_of(self, action: Action, limit: int = -1) -> Iterator[Change]:
        """The changes of an action in order; refused ones too."""
        return change_table.read(
            self._db,
            "device = ? AND n BETWEEN ? AND ? ORDER BY n LIMIT ?",
            (action.device, action.first_n, action.last_n, limit),
        )

    def _begin_of(self, device: str, last: int) -> tuple[int, int]:
        """`at` and the first number of the action that ends with `last`.

        An import is an action of a hundred thousand changes, and `at` rises from action to action: halve instead of
        walking down.
        """

        def at(n: int) -> int:
            row = self._db.execute(
                "SELECT at FROM changes WHERE device = ? AND n <= ? ORDER BY n DESC LIMIT 1",
                (device, n),
            ).fetchone()
            return int(row[0]) if row else -1

        of_last = at(last)
        before, inside = 0, last
        while inside - before > 1:
            middle = (before + inside) // 2
            if at(middle) == of_last:
                inside = middle
            else:
                before = middle
        return of_last, inside

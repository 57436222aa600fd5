"""The history of a record: who said what, when, on which device, what stood there before, and whether it counts."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.changes import Change, ChangeId
from kcdesk.changes.erasing import Erasure
from kcdesk.domain.clock import local_time
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.storage.reading.lists import Delivery


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One field of one change: what it said before on that author's screen, and what it says since.

    `old` is None where nothing was said before. `at` is the author's clock, for reading only. A change whose
    `delivery` is refused has never counted. `erased` says on which paper the value was erased; empty: it was not.
    """

    change: ChangeId
    at: int
    who: str
    field: str
    old: Value
    new: Value
    delivery: Delivery
    erased: str = ""

    def as_json(self) -> dict[str, Value]:
        out: dict[str, Value] = {
            "change": str(self.change),
            "at": local_time(self.at).isoformat(timespec="seconds"),
            "who": self.who,
            "device": self.change.device,
            "state": self.delivery.place.value,
            "field": self.field,
            "old": self.old,
            "new": self.new,
        }
        if self.erased:
            out["erased"] = self.erased
        return {**out, "reason": self.delivery.reason} if self.delivery.reason else out


def history(desk: Desk, kind: str, record: str, field: str = "") -> list[HistoryEntry]:
    """Everything ever said about a record, oldest first, field by field. Raises `NotFound`.

    field: of one field only; the name of a table stands for all its cells
    """
    recorded = desk.workspace.journal.of_record(kind, record)
    if not recorded:
        raise NotFound(f"Không có hồ sơ {record}.", hint="Kiểm tra lại mã hồ sơ.")
    refused = {one.change.id for one in recorded if one.delivery.reason}
    before = Before(one.change for one in recorded if one.change.id not in refused)
    persons = desk.workspace.devices()
    erasures = desk.workspace.erasing.of_record(kind, record)
    return [
        HistoryEntry(
            one.change.id,
            one.change.at,
            persons.get(one.change.device, one.change.device),
            name,
            before.value(one.change, name),
            value,
            one.delivery,
            _erased(erasures, one.change, name),
        )
        for one in recorded
        for name, value in one.change.set.items()
        if not field or name == field or name.startswith(f"{field}/")
    ]


def _erased(erasures: Iterable[Erasure], change: Change, field: str) -> str:
    for erasure in erasures:
        if change.set[field] is None and erasure.names(field) and erasure.covers(change):
            said = erasure.by.set
            return f"đã xoá theo văn bản {said.get('paper')} ngày {said.get('paper_date')}"
    return ""


class Before:
    """What stood on the screen of each author, by what they had seen and not by the clock: clocks of laptops are wrong.

    Of each device only its newest change that the author had seen can be a head, so this takes as long as there are
    devices, and not changes.
    """

    def __init__(self, changes: Iterable[Change]) -> None:
        self._said: dict[str, dict[str, list[Change]]] = defaultdict(lambda: defaultdict(list))
        for change in sorted(changes, key=lambda c: c.n):
            for field in change.set:
                self._said[field][change.device].append(change)

    def change(self, author: Change, field: str) -> Change | None:
        """The change whose value showed when `author` was made; None where nothing was said."""
        known = []
        for device, said in self._said.get(field, {}).items():
            upto = author.n - 1 if device == author.device else author.seen.get(device, 0)
            place = bisect_right(said, upto, key=lambda c: c.n)
            if place:
                known.append(said[place - 1])
        heads = [c for c in known if not any(d.has_seen(c) for d in known)]
        return max(heads, key=lambda c: (c.at, c.device, c.n), default=None)

    def value(self, author: Change, field: str) -> Value:
        """The value that showed when `author` was made; None where nothing was said."""
        before = self.change(author, field)
        return before.set[field] if before is not None else None

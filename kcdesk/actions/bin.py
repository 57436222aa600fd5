"""The bin: what is deleted lies there with everything that hangs on it, and comes back whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import ListedRecord, Saved, get_record
from kcdesk.changes.fold import DELETED
from kcdesk.domain.clock import local_time
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import ESTABLISHMENTS, KINDS
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput
from kcdesk.storage.edits import Edit

SHOWN = 500
"""Records of a kind that a look into the bin reads: an import that was taken back may lie there."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """A record in the bin: who put it there, when (that author's clock), and how many records it keeps from lists."""

    record: ListedRecord
    who: str
    at: int
    hanging: Mapping[str, int]

    def as_json(self) -> dict[str, Value]:
        return {
            **self.record.as_json(),
            "deleted_by": self.who,
            "deleted_at": local_time(self.at).isoformat(timespec="seconds"),
            "hanging": dict(self.hanging),
        }


def hanging_on(desk: Desk, kind: str, record: str) -> dict[str, int]:
    """How many records of each kind belong to an establishment; nothing hangs on records of other kinds."""
    if kind != ESTABLISHMENTS.name:
        return {}
    lists = desk.workspace.lists
    found = {name: len(lists.of_establishments(name, [record])) for name in KINDS if name != kind}
    return {name: count for name, count in found.items() if count}


def hanging_text(hanging: Mapping[str, int]) -> str:
    """`3 phiếu khảo sát, 1 đăng ký nhu cầu`; empty where nothing hangs."""
    return ", ".join(f"{count} {KINDS[name].label.lower()}" for name, count in hanging.items())


def delete_record(
    desk: Desk, kind: str, record: str, *, seen: Mapping[str, int] | None = None
) -> Saved:
    """Put a record into the bin; what hangs on it stays as it is, and is not listed until it comes back.

    `seen` is that of the form's `State`; without it the record is read now. Raises `NotFound`, and `BadInput` for one
    that is there already.
    """
    state = desk.workspace.state(kind, record)
    if state.deleted:
        raise BadInput(
            "Hồ sơ này đã ở trong thùng rác.", hint="Xem bằng kcdesk bin list.", code="deleted"
        )
    desk.workspace.save([Edit(kind, record, {DELETED: True}, state.seen if seen is None else seen)])
    return Saved(((kind, RecordId(record)),))


def take_back(desk: Desk, kind: str, record: str) -> Saved:
    """Take a record out of the bin, as it was and with all that hangs on it. Raises `NotFound`, `BadInput`."""
    state = desk.workspace.state(kind, record)
    if state.get(DELETED) is not True:
        raise BadInput(
            "Hồ sơ này không ở trong thùng rác.",
            hint="Xem bằng kcdesk bin list.",
            code="not_deleted",
        )
    desk.workspace.save([Edit(kind, record, {DELETED: False}, state.seen)])
    return Saved(((kind, RecordId(record)),))


def list_bin(desk: Desk, *, limit: int = SHOWN) -> list[Thrown]:
    """What lies in the bin, the last thrown first; of each kind at most `limit` records."""
    persons = desk.workspace.devices()
    found = []
    for kind in KINDS:
        for row in desk.workspace.lists.page(kind, deleted=True, limit=limit).records:
            record = str(row["id"])
            by = desk.workspace.state(kind, record).heads[DELETED][-1].change
            found.append(
                Thrown(
                    get_record(desk, kind, record),
                    persons.get(by.device, by.device),
                    by.at,
                    hanging_on(desk, kind, record),
                )
            )
    return sorted(found, key=lambda one: one.at, reverse=True)

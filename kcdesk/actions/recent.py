"""What was done lately, as people remember it: one line for each action, to look at and to take back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import islice

from kcdesk.actions.desk import Desk
from kcdesk.changes import MERGED_INTO, Change
from kcdesk.changes.fold import DELETED
from kcdesk.domain.clock import local_time
from kcdesk.domain.kinds import ERASURES, ESTABLISHMENTS, KINDS
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.storage.reading.journal import Action

_NAMED = 3
"""Records of an action that are named; the others are counted."""


class Deed(Enum):
    """What kind of action it was."""

    ADDED = "Thêm"
    CHANGED = "Sửa"
    DELETED = "Xoá"
    TAKEN_BACK = "Lấy lại từ thùng rác"
    MERGED = "Gộp"
    PARTED = "Tách"
    ERASED = "Xoá hẳn theo yêu cầu"


@dataclass(frozen=True, slots=True)
class RecentAction:
    """One action.

    id:      one of its changes (`device-n`), by which it is taken back
    kind:    that of its first record;  records: how many it touched
    titles:  of the first of them
    """

    id: str
    at: int
    who: str
    deed: Deed
    kind: str
    records: int
    titles: tuple[str, ...]

    @property
    def text(self) -> str:
        """`Sửa cơ sở công nghiệp nông thôn: Hộ Vàng A Páo`."""
        label = KINDS[self.kind].label.lower() if self.kind in KINDS else self.kind
        named = "; ".join(title for title in self.titles if title)
        more = self.records - len(self.titles)
        rest = f" và {more} hồ sơ khác" if more > 0 else ""
        return f"{self.deed.value} {label}: {named or '(chưa có tên)'}{rest}"

    def as_json(self) -> dict[str, Value]:
        return {
            "id": self.id,
            "at": local_time(self.at).isoformat(timespec="seconds"),
            "who": self.who,
            "action": self.deed.name.lower(),
            "kind": self.kind,
            "records": self.records,
            "text": self.text,
        }


def recent_actions(desk: Desk, limit: int = 50) -> list[RecentAction]:
    """What this device did, the latest first."""
    persons = desk.workspace.devices()
    actions = desk.workspace.journal.actions(desk.workspace.device_id)
    return [
        _described(desk, action, persons.get(action.device, action.device))
        for action in islice(actions, limit)
    ]


def _described(desk: Desk, action: Action, who: str) -> RecentAction:
    first = list(desk.workspace.journal.changes_of(action, _NAMED))
    deed, records = _deed(desk, first), action.last_n - action.first_n + 1
    if deed is Deed.ERASED:  # people know the record, and not the entry of the list
        first, records = first[1:], 1
    return RecentAction(
        f"{action.device}-{action.last_n}",
        action.at,
        who,
        deed,
        first[0].kind,
        records,
        tuple(_title(desk, change) for change in first),
    )


def _deed(desk: Desk, first: list[Change]) -> Deed:
    if first[0].kind == ERASURES.name:
        return Deed.ERASED
    said = {field: value for change in reversed(first) for field, value in change.set.items()}
    if MERGED_INTO in said:
        return Deed.PARTED if said[MERGED_INTO] is None else Deed.MERGED
    if DELETED in said:
        return Deed.DELETED if said[DELETED] is True else Deed.TAKEN_BACK
    change = first[0]
    known = desk.workspace.journal.of_records([change.record]).get((change.kind, change.record), [])
    return Deed.CHANGED if any(change.has_seen(other) for other in known) else Deed.ADDED


def _title(desk: Desk, change: Change) -> str:
    """What a record is called; one that belongs to an establishment with the name of that."""
    kind = KINDS.get(change.kind)
    if kind is None:
        return ""
    try:
        row = desk.workspace.lists.get(change.kind, change.record)
        if kind is ESTABLISHMENTS:
            return str(row.get(kind.title, ""))
        of = desk.workspace.lists.get(ESTABLISHMENTS.name, str(row.get(kind.parent or "")))
        return f"{of.get('name', '')} ({row.get(kind.title, '')})"
    except NotFound:  # refused since, or of an establishment that is not here
        return str(change.set.get(kind.title, ""))

"""Taking back an action, as one more action: each field it set goes back to what its author saw there before.

An action is what one device did at one moment; anybody's may be taken back. It is offered only while nobody has said
anything else of those fields since: otherwise the plan tells who did, and what they said. A record that the action made
goes to the bin. What was taken back can be taken back in turn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kcdesk.actions.desk import Desk
from kcdesk.actions.history import Before
from kcdesk.actions.records import Saved
from kcdesk.changes import Change, ChangeId, State, fold, same
from kcdesk.changes.fold import DELETED
from kcdesk.domain.clock import local_time
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import ERASURES, ESTABLISHMENTS, KINDS
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.journal import Action

Progress = Callable[[int, int], None]
"""Called with the changes looked at and how many there are; what it raises stops the work."""

_AT_ONCE = 500
_CHANGE_ID = re.compile(r"([0-9a-f]{16})-([1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Later:
    """Something said of a field besides the action: it stands in the way of taking the action back."""

    kind: str
    record: str
    field: str
    change: ChangeId
    who: str
    at: int
    value: Value

    def as_json(self) -> dict[str, Value]:
        return {
            "kind": self.kind,
            "id": self.record,
            "field": self.field,
            "change": str(self.change),
            "who": self.who,
            "at": local_time(self.at).isoformat(timespec="seconds"),
            "value": self.value,
        }


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What taking back an action would do.

    back:    what goes back to what stood before; a record the action made gets `deleted`
    made:    how many records it made, which go to the bin
    hanging: how many records of each kind, made by other actions, hang on those (kind -> count)
    later:   what others, or the same person, said of those fields since; while there is any it cannot be taken back
    """

    action: Action
    who: str
    back: tuple[Edit, ...]
    made: int
    hanging: Mapping[str, int]
    later: tuple[Later, ...]

    def as_json(self) -> dict[str, Value]:
        return {
            "action": f"{self.action.device}-{self.action.last_n}",
            "who": self.who,
            "at": local_time(self.action.at).isoformat(timespec="seconds"),
            "records": [
                {"kind": edit.kind, "id": edit.record, "set": dict(edit.set)} for edit in self.back
            ],
            "to_bin": self.made,
            "hanging": dict(self.hanging),
            "changed_since": [one.as_json() for one in self.later],
        }


@dataclass(slots=True)
class _Findings:
    """What looking at the records of an action gathers."""

    back: list[Edit] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)


def plan_undo(desk: Desk, change: str, *, progress: Progress | None = None) -> UndoPlan:
    """What taking back the action that `change` (`device-n`) is part of would do. Raises `NotFound`, `BadInput`."""
    action = _action(desk, change)
    persons = desk.workspace.devices()
    found = _Findings()
    of_record: dict[tuple[str, str], list[Change]] = {}
    for each in desk.workspace.journal.changes_of(action):
        of_record.setdefault((each.kind, each.record), []).append(each)
    if any(kind == ERASURES.name for kind, _ in of_record):
        raise BadInput(
            "Việc xoá hẳn theo yêu cầu không hoàn tác được: dữ liệu không còn ở đâu nữa.",
            hint="Cần thì ghi lại vào hồ sơ.",
            code="erased",
        )
    records = list(of_record)
    for start in range(0, len(records), _AT_ONCE):
        if progress is not None:
            progress(start, len(records))
        some = records[start : start + _AT_ONCE]
        known = desk.workspace.journal.of_records({record for _, record in some})
        for key in some:
            _look(of_record[key], known.get(key, []), persons, found)
    return UndoPlan(
        action,
        persons.get(action.device, action.device),
        tuple(found.back),
        len(found.made),
        _hanging(desk, found.made),
        tuple(found.later),
    )


def undo(desk: Desk, plan: UndoPlan) -> Saved:
    """Take an action back. Raises `BadInput`: `changed_since` when something was said since, `nothing` when it says
    nothing any more."""
    if plan.later:
        one = plan.later[0]
        raise BadInput(
            f"Không hoàn tác được: {one.who} đã ghi mục {one.field} sau đó, lúc"
            f" {local_time(one.at):%H:%M %d/%m/%Y}"
            + (f", và {len(plan.later) - 1} mục khác." if len(plan.later) > 1 else "."),
            hint="Sửa trực tiếp trên hồ sơ, hoặc hoàn tác thay đổi sau trước.",
            code="changed_since",
        )
    if not plan.back:
        raise BadInput(
            "Việc này không còn gì để hoàn tác.",
            hint="Tỉnh đã từ chối những gì nó ghi.",
            code="nothing",
        )
    desk.workspace.save(plan.back)
    return Saved(tuple((edit.kind, RecordId(edit.record)) for edit in plan.back))


def _action(desk: Desk, change: str) -> Action:
    parts = _CHANGE_ID.fullmatch(change)
    found = (
        desk.workspace.journal.action_of(ChangeId(parts[1], int(parts[2])))
        if parts is not None
        else None
    )
    if found is None:
        raise NotFound(
            f"Không có thay đổi “{change}”.", hint="Xem các việc vừa làm bằng kcdesk undo."
        )
    return found


def _hanging(desk: Desk, made: list[tuple[str, str]]) -> dict[str, int]:
    going = set(made)
    establishments = [record for kind, record in made if kind == ESTABLISHMENTS.name]
    found: Counter[str] = Counter()
    for start in range(0, len(establishments), _AT_ONCE):
        some = establishments[start : start + _AT_ONCE]
        for kind in KINDS.keys() - {ESTABLISHMENTS.name}:
            rows = desk.workspace.lists.of_establishments(kind, some)
            found[kind] += sum((kind, row["id"]) not in going for row in rows)
    return {kind: found[kind] for kind in KINDS if found[kind]}


def _look(
    of_action: list[Change], known: list[Change], persons: Mapping[str, str], found: _Findings
) -> None:
    """What taking back the changes of one record needs. `known`: all its changes that count."""
    counted = {change.id for change in known}
    mine = [change for change in of_action if change.id in counted]
    if not mine:
        return  # refused: it never counted
    state, ids, first = fold(known), {change.id for change in mine}, mine[0]
    if not any(first.has_seen(change) for change in known):
        found.later += _others(state, list(state.heads), ids, persons)
        found.made.append((state.kind, state.record))
        found.back.append(Edit(state.kind, state.record, {DELETED: True}, state.seen))
        return
    before = Before(known)
    fields = {name: change for change in reversed(mine) for name in change.set}
    found.later += _others(state, list(fields), ids, persons)
    back = {name: before.value(change, name) for name, change in fields.items()}
    changed = {name: value for name, value in back.items() if not same(value, state.get(name))}
    if changed:
        found.back.append(Edit(state.kind, state.record, changed, state.seen))


def _others(
    state: State, fields: list[str], mine: set[ChangeId], persons: Mapping[str, str]
) -> list[Later]:
    return [
        Later(
            state.kind,
            state.record,
            name,
            head.change.id,
            persons.get(head.change.device, head.change.device),
            head.change.at,
            head.value,
        )
        for name in fields
        for head in state.heads[name]
        if head.change.id not in mine
    ]

"""Conflicts: fields of which people said different things without knowing of each other. A person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved, read_fields
from kcdesk.changes import MERGED_INTO, Change, ChangeId, State
from kcdesk.changes.fold import DELETED
from kcdesk.domain.clock import local_time
from kcdesk.domain.field_text import field_named, show_value
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import kind_named
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Row


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values, and who said it when (`at`: the author's clock, for reading only)."""

    change: ChangeId
    who: str
    at: int
    value: Value
    shown: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field of a record with several values; the last side is the one that shows until somebody decides.

    Where one person deleted what another changed meanwhile, the field is `deleted` and the change's side is False.
    circle: establishments were merged into each other; each side says who was merged into whom
    """

    kind: str
    record: str
    title: str
    field: str
    label: str
    sides: tuple[Side, ...]
    circle: bool = False

    def as_json(self) -> dict[str, Value]:
        return {
            "kind": self.kind,
            "id": self.record,
            "title": self.title,
            "field": self.field,
            "label": self.label,
            "values": [
                {
                    "change": str(side.change),
                    "who": side.who,
                    "at": local_time(side.at).isoformat(timespec="seconds"),
                    "value": side.value,
                }
                for side in self.sides
            ],
        }


def list_conflicts(desk: Desk) -> list[Conflict]:
    """Every field in conflict, record by record."""
    persons = desk.workspace.devices()
    return [
        conflict
        for row in desk.workspace.lists.in_conflict()
        for conflict in _of_record(desk, row, persons)
    ]


def resolve_by_pick(desk: Desk, kind: str, record: str, field: str, change: str) -> Saved:
    """Decide a conflict for the value of one of its changes (`device-n`). Raises `NotFound`, `BadInput`.

    Of establishments merged in a circle, the one that the picked change merges into stands for itself from now on.
    """
    found = [
        (conflict, side)
        for conflict in _of_record(desk, desk.workspace.lists.get(kind, record), {})
        for side in conflict.sides
        if conflict.field == field and str(side.change) == change
    ]
    if found:
        conflict, side = found[0]
        if conflict.circle:
            return _decide(desk, desk.workspace.state(kind, str(side.value)), field, None)
        return _decide(desk, desk.workspace.state(kind, record), field, side.value)
    _in_conflict(desk, kind, record, field)
    raise NotFound(
        f"“{change}” không phải là một trong các giá trị đang khác nhau của trường {field}.",
        hint="Xem danh sách bằng kcdesk conflicts.",
    )


def resolve_by_value(desk: Desk, kind: str, record: str, field: str, text: str) -> Saved:
    """Decide a conflict for a value that nobody had said. Raises `NotFound`, `BadInput`."""
    state = _in_conflict(desk, kind, record, field)
    values, findings = read_fields(desk, kind, {field: text}, state)
    saved = _decide(desk, state, field, values[field])
    return Saved(saved.records, findings)


def _of_record(desk: Desk, row: Row, persons: Mapping[str, str]) -> list[Conflict]:
    state = desk.workspace.state(str(row["kind"]), str(row["id"]))
    found = [_conflict(state, field, persons) for field in state.conflicts]
    if isinstance(row.get(MERGED_INTO), str) and "survivor" not in row and not found:
        found.append(_circle(desk, state, persons))
    return found


def _circle(desk: Desk, smallest: State, persons: Mapping[str, str]) -> Conflict:
    """Who merged whom, along a circle of establishments that were merged into each other."""
    sides: list[Side] = []
    state = smallest
    while not sides or state.record != smallest.record:
        change, into = state.heads[MERGED_INTO][-1]
        following = desk.workspace.state(state.kind, str(into))
        shown = f"{state.get('name') or ''} → {following.get('name') or ''}"
        who = persons.get(change.device, change.device)
        sides.append(Side(change.id, who, change.at, into, shown))
        state = following
    return Conflict(
        smallest.kind,
        smallest.record,
        str(smallest.get("name") or ""),
        MERGED_INTO,
        field_named(kind_named(smallest.kind), MERGED_INTO).label,
        tuple(sides),
        circle=True,
    )


def _in_conflict(desk: Desk, kind: str, record: str, field: str) -> State:
    state = desk.workspace.state(kind, record)
    if field not in state.conflicts:
        raise BadInput(
            f"Trường {field} của hồ sơ này không có giá trị khác nhau nào cần chọn.",
            hint="Xem danh sách bằng kcdesk conflicts.",
        )
    return state


def _decide(desk: Desk, state: State, field: str, value: Value) -> Saved:
    """Deciding is one more change, which has seen both sides."""
    desk.workspace.save([Edit(state.kind, state.record, {field: value}, state.seen)])
    return Saved(((state.kind, RecordId(state.record)),))


def _conflict(state: State, field: str, persons: Mapping[str, str]) -> Conflict:
    kind = kind_named(state.kind)
    spec = field_named(kind, field)
    said = [(head.change, head.value) for head in state.heads[field]]
    if field.rpartition("/")[2] == DELETED:
        said = [(change, False) for change in _edits_beside(state, field)] + said
    sides = tuple(
        Side(
            change.id,
            persons.get(change.device, change.device),
            change.at,
            value,
            show_value(spec, value),
        )
        for change, value in said
    )
    title = str(state.get(kind.title) or "")
    return Conflict(state.kind, state.record, title, field, spec.label, sides)


def _edits_beside(state: State, deletion: str) -> list[Change]:
    """The changes inside what a deletion deletes that did not know of it, nor it of them: they say "keep it"."""
    inside = deletion.removesuffix(DELETED)
    found = {
        head.change.id: head.change
        for field, heads in state.heads.items()
        if field != deletion and field.startswith(inside)
        for head in heads
        for delete in state.heads[deletion]
        if delete.value is True and head.change is not delete.change
        if not (delete.change.has_seen(head.change) or head.change.has_seen(delete.change))
    }
    return sorted(found.values(), key=lambda change: (change.at, change.id))

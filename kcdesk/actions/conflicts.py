"""Conflicts: fields of which people said different things without knowing of each other. A person decides."""

from __future__ import annotations

from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved, read_fields
from kcdesk.changes import Change, ChangeId, State
from kcdesk.changes.fold import DELETED
from kcdesk.domain.clock import local_time
from kcdesk.domain.field_text import field_named, show_value
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import kind_named
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.workspace import Edit


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
    """

    kind: str
    record: str
    title: str
    field: str
    label: str
    sides: tuple[Side, ...]

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
    states = (
        desk.workspace.state(str(row["kind"]), str(row["id"]))
        for row in desk.workspace.lists.in_conflict()
    )
    return [_conflict(state, field, persons) for state in states for field in state.conflicts]


def resolve_by_pick(desk: Desk, kind: str, record: str, field: str, change: str) -> Saved:
    """Decide a conflict for the value of one of its changes (`device-n`). Raises `NotFound`, `BadInput`."""
    state = _in_conflict(desk, kind, record, field)
    for side in _conflict(state, field, {}).sides:
        if str(side.change) == change:
            return _decide(desk, state, field, side.value)
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


def _conflict(state: State, field: str, persons: dict[str, str]) -> Conflict:
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

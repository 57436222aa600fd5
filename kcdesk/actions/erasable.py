"""What of an establishment can be erased: its records, and in each what was ever said, for a person to choose from."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.changes import MERGED_INTO, State
from kcdesk.changes.fold import DELETED
from kcdesk.domain.field_text import show_value
from kcdesk.domain.kinds import ATTACHMENTS, ESTABLISHMENTS, KINDS, SHEET_FIELDS, SURVEYS, Kind
from kcdesk.domain.text import normalise
from kcdesk.errors import NotFound

_COMMUNES = ("commune", "old_commune")
_LONGEST = 80
"""Letters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class ErasableField:
    """A field or a whole table: `value` as it stands now, empty where only the history has one."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ErasableRecord:
    """A record with all of it that can be erased; an attachment has no fields: its file goes with all read from it."""

    kind: str
    record: str
    label: str
    title: str
    fields: tuple[ErasableField, ...]


def erasable(desk: Desk, establishment: str) -> list[ErasableRecord]:
    """The establishment first, then what belongs to it, kind by kind. Raises `NotFound`."""
    found = [_record(desk, ESTABLISHMENTS, establishment)]
    for kind in KINDS.values():
        if kind.parent is not None:
            for row in desk.workspace.lists.of_establishments(kind.name, [establishment]):
                found.append(_record(desk, kind, str(row["id"])))
    return [one for one in found if one.fields or one.kind == ATTACHMENTS.name]


def _record(desk: Desk, kind: Kind, record: str) -> ErasableRecord:
    state = desk.workspace.state(kind.name, record)
    title = str(state.get(kind.title) or "")
    if kind is ATTACHMENTS:
        return ErasableRecord(kind.name, record, kind.label, title, ())
    kept = {DELETED, MERGED_INTO, kind.parent} | (SHEET_FIELDS if kind is SURVEYS else set())
    said: dict[str, None] = {}
    for change in desk.workspace.history(kind.name, record):
        for field, value in change.set.items():
            if value is not None and field.rpartition("/")[2] != DELETED:
                said.setdefault(field.partition("/")[0])
    order = [field.key for field in kind.fields] + [table.key for table in kind.tables]
    names = sorted(
        said.keys() - kept,
        key=lambda name: (order.index(name) if name in order else len(order), name),
    )
    fields = tuple(
        ErasableField(name, _label(kind, name), _shown(desk, kind, state, name)) for name in names
    )
    return ErasableRecord(kind.name, record, kind.label, title, fields)


def _label(kind: Kind, name: str) -> str:
    field = kind.field(name)
    if field is not None:
        return field.label
    return next((table.label for table in kind.tables if table.key == name), name)


def _shown(desk: Desk, kind: Kind, state: State, name: str) -> str:
    rows = state.rows(name)
    code = str(state.get(name) or "")
    if name in _COMMUNES and code:
        with suppress(NotFound):
            find = desk.units.new_commune if name == "commune" else desk.units.old_commune
            return desk.units.display_name(find(code))
    if rows:
        said = (str(value) for cells in rows.values() for value in cells.values() if value)
        text = "; ".join(said)
    else:
        field, value = kind.field(name), state.get(name)
        text = show_value(field, value) if field is not None else str(value or "")
    text = normalise(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

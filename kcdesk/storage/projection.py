"""Records as rows: the tables that lists, search and reports read, written from folded states.

Any state can be projected: a value that does not fit its column stays in the row's `rest` (JSON), and the
column is empty. Nothing here is the truth: `project` may be repeated for every record at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kcdesk.changes import State, Value
from kcdesk.changes.fold import DELETED
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.kinds import KINDS, Kind
from kcdesk.domain.text import sort_key
from kcdesk.errors import NotFound
from kcdesk.storage.sqlite import Database

_OURS = frozenset(("key", "id", "conflicts", "deleted", "sort_key", "rest", "place"))
_OF_THE_ROW = frozenset(("id", "kind", "conflicts"))
"""What a listed record says of itself: a field that takes such a name stays in the changes only."""
_MAX_INT = 1 << 63
_encode = msgspec.json.Encoder(order="deterministic").encode


class Projection:
    """Writes folded states into the tables of their kinds."""

    def __init__(self, db: Database, units: AdministrativeUnits) -> None:
        self._db = db
        self._units = units
        self._tables = {name: _Table(db, kind) for name, kind in KINDS.items()}

    def project(self, states: Iterable[State]) -> None:
        """Write the rows of `states`; a kind this version does not know has no table and only its changes."""
        for state in states:
            table = self._tables.get(state.kind)
            if table is not None:
                place = self._place(state) if table.has_place else ""
                self._db.conn.execute(table.upsert, table.row(state, place))

    def forget(self, kind: str, record: str) -> None:
        """Take away the row of a record that has no change left in its state."""
        if kind in self._tables:
            self._db.conn.execute(f"DELETE FROM {kind} WHERE id = ?", (record,))  # noqa: S608

    def columns(self, kind: str) -> frozenset[str]:
        """The fields of a kind that are columns."""
        return frozenset(self._tables[kind].types)

    def _place(self, state: State) -> str:
        parts = [state.get("hamlet"), state.get("address")]
        commune, old = state.get("commune"), state.get("old_commune")
        try:
            if isinstance(commune, str):
                unit = self._units.new_commune(commune)
                parts.append(f"{unit.kind} {unit.name}")
            if isinstance(old, str):
                before = self._units.old_commune(old)
                parts.append(f"{before.kind} {before.name}")
        except (
            NotFound
        ):  # a code of a newer list: the record keeps it, search does without its name
            pass
        return ", ".join(part for part in parts if isinstance(part, str))


class _Table:
    def __init__(self, db: Database, kind: Kind) -> None:
        info = list(db.query(f"PRAGMA table_info({kind.name})"))
        self.types = {row["name"]: row["type"] for row in info if row["name"] not in _OURS}
        self.has_place = any(row["name"] == "place" for row in info)
        self._title = kind.title
        names = ["id", "conflicts", "deleted", "sort_key", *self.types, "rest"]
        if self.has_place:
            names.append("place")
        self.upsert = (
            f"INSERT INTO {kind.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
            f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in names[1:])}"
        )

    def row(self, state: State, place: str) -> list[object]:
        values = state.values
        values.pop(DELETED, None)
        columns = [
            values.pop(name) if _fits(values.get(name), type_) else None
            for name, type_ in self.types.items()
        ]
        title = state.get(self._title)
        row: list[object] = [
            state.record,
            len(state.conflicts),
            int(state.deleted),
            sort_key(str(title)) if title is not None else "",
            *columns,
            _encode(_visible(values, state)).decode(),
        ]
        if self.has_place:
            row.append(place)
        return row


def _fits(value: Value, column: str) -> bool:
    if column == "TEXT":
        return isinstance(value, str)
    return isinstance(value, int) and not isinstance(value, bool) and -_MAX_INT <= value < _MAX_INT


def _visible(values: Mapping[str, Value], state: State) -> dict[str, Value]:
    """What is said, without cells of deleted rows; tables as lists of their rows, each with its `row` id."""
    out: dict[str, Value] = {}
    for field, value in values.items():
        table = field.partition("/")[0]
        if "/" in field:
            if table not in out:
                out[table] = [
                    _said(cells) | {"row": row} for row, cells in state.rows(table).items()
                ]
        elif field not in _OF_THE_ROW and value is not None:
            out[field] = value
    return out


def _said(cells: Mapping[str, Value]) -> dict[str, Value]:
    """The cells without those that were cleared."""
    return {cell: value for cell, value in cells.items() if value is not None}

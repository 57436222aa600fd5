"""Records as rows: the tables that lists, search and reports read, written from folded states.

Any state can be projected: a value that does not fit its column stays in the row's `rest` (JSON), and the
column is empty. Nothing here is the truth: `project` may be repeated for every record at any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from kcdesk.changes import State, Value
from kcdesk.changes.fold import DELETED
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.kinds import ESTABLISHMENTS, KINDS, Kind
from kcdesk.domain.text import person_sort_key, sort_key
from kcdesk.errors import NotFound
from kcdesk.storage.bulk import insert_rows
from kcdesk.storage.merged import settle_merged
from kcdesk.storage.sqlite import Database

_OURS = frozenset(
    ("key", "id", "conflicts", "deleted", "sort_key", "rest", "place", "survivor", "person_key")
)
_OF_THE_ROW = frozenset(("id", "kind", "conflicts", "survivor", "merged_from"))
"""What a listed record says of itself: a field that takes such a name stays in the changes only."""
_NOBODY = "~"
"""Where no person is named: after all names."""
_MAX_INT = 1 << 63
_encode = msgspec.json.Encoder(order="deterministic").encode


class Projection:
    """Writes folded states into the tables of their kinds."""

    def __init__(self, db: Database, units: AdministrativeUnits) -> None:
        self._db = db
        self._units = units
        self._tables = {name: _Table(db, kind) for name, kind in KINDS.items()}

    def follow(self, units: AdministrativeUnits) -> None:
        """Take places from another table of units from now on."""
        self._units = units

    def project(self, states: Iterable[State]) -> None:
        """Write the rows of `states`; a kind this version does not know has no table and only its changes."""
        rows: dict[str, list[list[object]]] = defaultdict(list)
        for state in states:
            if state.kind in self._tables:
                rows[state.kind].append(self.row(state))
        for kind, of_kind in rows.items():
            table = self._tables[kind]
            insert_rows(self._db, table.insert, of_kind, table.or_update)
        if ESTABLISHMENTS.name in rows:
            settle_merged(self._db, [str(row[0]) for row in rows[ESTABLISHMENTS.name]])

    def forget(self, kind: str, record: str) -> None:
        """Take away the row of a record that has no change left in its state."""
        if kind in self._tables:
            self._db.conn.execute(f"DELETE FROM {kind} WHERE id = ?", (record,))  # noqa: S608
        if kind == ESTABLISHMENTS.name:
            settle_merged(self._db, [record])

    def columns(self, kind: str) -> tuple[str, ...]:
        """The columns of a kind's table that follow from one record, its id first."""
        return self._tables[kind].columns

    def row(self, state: State) -> list[object]:
        """The row of a state, in the order of `columns`."""
        table = self._tables[state.kind]
        return table.row(state, self._place(state) if table.has_place else "")

    def _place(self, state: State) -> str:
        parts = [state.get("hamlet"), state.get("address")]
        commune, old = state.get("commune"), state.get("old_commune")
        try:
            if isinstance(commune, str):
                named = (self._units.new_commune(commune), *self._units.standing(commune))
                parts += dict.fromkeys(f"{unit.kind} {unit.name}" for unit in named)
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
        self._has_person = any(row["name"] == "person_key" for row in info)
        self._title = kind.title
        names = ["id", "conflicts", "deleted", "sort_key", *self.types, "rest"]
        if self.has_place:
            names.append("place")
        if self._has_person:
            names.append("person_key")
        self.columns = tuple(names)
        self.insert = f"INSERT INTO {kind.name} ({', '.join(names)})"
        changed = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        self.or_update = f"ON CONFLICT (id) DO UPDATE SET {changed}"

    def row(self, state: State, place: str) -> list[object]:
        values = state.values
        values.pop(DELETED, None)
        title, person = values.get(self._title), values.get("rep_name")
        columns: list[Value] = []
        for name, type_ in self.types.items():
            value = values.get(name)
            if value is not None and (
                isinstance(value, str) if type_ == "TEXT" else _fits_integer(value)
            ):
                del values[name]
                columns.append(value)
            else:
                columns.append(None)
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
        if self._has_person:
            row.append(person_sort_key(person) if isinstance(person, str) and person else _NOBODY)
        return row


def _fits_integer(value: Value) -> bool:
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

"""Reading lists of records from their projected rows: filters, search as people type, pages by key.

Pages never count from the beginning: a page says where the next one starts. What is read here may have been
rebuilt from changes a moment ago; forms read the folded state instead (`workspace`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain, islice
from typing import NamedTuple

import msgspec

from kcdesk.changes import Value
from kcdesk.domain.kinds import ESTABLISHMENTS, KINDS, SURVEYS, Kind, kind_named
from kcdesk.domain.text import fold, normalise, search_tokens
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.bulk import ANY_OF
from kcdesk.storage.merged import HIDDEN, IN_CIRCLE, STANDS, followed
from kcdesk.storage.reading.cursors import Int, cursor, read_cursor
from kcdesk.storage.reading.refused import Refused
from kcdesk.storage.reading.search import Match, forms_of, words_match
from kcdesk.storage.reading.search import establishments as establishments_found
from kcdesk.storage.sqlite import Database

_WITH_MERGED = "(SELECT ? UNION ALL SELECT id FROM establishments WHERE survivor = ?)"
"""An establishment, and those that were merged into it."""

Row = dict[str, Value]
"""A record as lists show it: `id`, `kind`, `conflicts` (count) and its values; tables as lists of rows.

`establishment` is the one that the record is read under; where its own was merged into that one, `merged_from` is its
own. An establishment that was merged has `survivor`, the one that stands for it.
"""


class _AtRow(NamedTuple):
    """The last row of a page."""

    sort_key: str
    key: Int


_FIRST = _AtRow("", 0)


class Place(Enum):
    """Where the newest of what this device said about a record is now."""

    LOCAL = "local"
    PARCEL = "parcel"  # in a parcel, of which the province has not said yet that it came
    PROVINCE = "province"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a record is, and why the province refused it where it did.

    since: when the oldest change of it was made that the province has not confirmed (ms UTC); None: it has all
    """

    place: Place
    reason: str = ""
    since: int | None = None


_AT_PROVINCE = Delivery(Place.PROVINCE)


@dataclass(frozen=True, slots=True)
class Page:
    records: list[Row]
    next: str | None


class Lists:
    def __init__(self, db: Database) -> None:
        self._db = db
        db.register_function(fold, name="folded", deterministic=True)
        self._columns = {
            name: {
                row["name"]: row["type"]
                for row in db.query(f"PRAGMA table_info({name})")
                if row["name"] not in ("key", "deleted", "sort_key", "place", "person_key")
            }
            for name in KINDS
        }

    def page(
        self,
        kind: str,
        *,
        search: str = "",
        where: Mapping[str, str] | None = None,
        limit: int = 50,
        after: str | None = None,
        deleted: bool = False,
        by_person: bool = False,
    ) -> Page:
        """One page of a list, in Vietnamese order, or best match first when searching.

        `where`: field -> the value it has, as text. `after` is the `next` of the page before. `by_person`:
        establishments in the order of their persons, by given name. Raises `NotFound` for an unknown kind,
        `BadInput` for a field the kind does not have and a cursor that is not ours.
        """
        condition, arguments = self._condition(kind, where or {}, deleted=deleted)
        if normalise(search):
            return self._found(kind, search, condition, arguments, limit, after)
        order = "person_key" if by_person and kind == ESTABLISHMENTS.name else "sort_key"
        if after is not None:
            condition += f" AND ({order}, key) > (?, ?)"
            arguments = [*arguments, *read_cursor(after, _AtRow)]
        rows = self._db.execute(
            f"SELECT key, {order}, {self._select(kind)} FROM {kind} WHERE {condition}"  # noqa: S608
            f" ORDER BY {order}, key LIMIT ?",
            [*arguments, limit + 1],
        ).fetchall()
        following = cursor((rows[limit - 1][1], rows[limit - 1][0])) if len(rows) > limit else None
        return Page([self._record(kind, row[2:]) for row in rows[:limit]], following)

    def page_ends(self, kind: str, *, size: int, after: str, pages: int = 200) -> list[str]:
        """The `next` of the pages of `size` after the cursor `after`, at most so many; read from the index alone."""
        condition, arguments = self._condition(kind, {}, deleted=False)
        rows = self._db.execute(
            "SELECT sort_key, key FROM (SELECT sort_key, key, row_number() OVER (ORDER BY sort_key, key) AS number"  # noqa: S608
            f" FROM (SELECT sort_key, key FROM {kind} WHERE {condition} AND (sort_key, key) > (?, ?)"
            " ORDER BY sort_key, key LIMIT ?)) WHERE number % ? = 0",
            [*arguments, *read_cursor(after, _AtRow), size * pages, size],
        )
        return [cursor(row) for row in rows]

    def count(
        self, kind: str, where: Mapping[str, str] | None = None, *, deleted: bool = False
    ) -> int:
        """How many records of a kind lists show, or how many are in the bin."""
        condition, arguments = self._condition(kind, where or {}, deleted=deleted)
        query = f"SELECT count(*) FROM {kind} WHERE {condition}"  # noqa: S608
        return int(self._db.execute(query, arguments).fetchone()[0])

    def every(self, kind: str, *, deleted: bool = False) -> Iterator[Row]:
        """All records of a kind, or all of them that are in the bin, read as they are asked for."""
        condition, arguments = self._condition(kind, {}, deleted=deleted)
        query = f"SELECT {self._select(kind)} FROM {kind} WHERE {condition} ORDER BY sort_key, key"  # noqa: S608
        for row in self._db.execute(query, arguments):
            yield self._record(kind, row)

    def values(self, kind: str, column: str) -> Iterator[Value]:
        """What the records of a kind say in a column, those in the bin and of merged establishments too."""
        _require_field(kind_named(kind), column)
        query = f"SELECT {column} FROM {kind} WHERE {column} IS NOT NULL"  # noqa: S608
        return (value for (value,) in self._db.execute(query))

    def hamlets(self, commune: str) -> list[str]:
        """The hamlets that establishments of a commune are said to be in, in no particular order."""
        rows = self._db.execute(
            f"SELECT DISTINCT hamlet FROM establishments WHERE {STANDS} AND commune = ? AND hamlet <> ''",  # noqa: S608
            (commune,),
        )
        return [hamlet for (hamlet,) in rows]

    def get(self, kind: str, record: str) -> Row:
        """One record's row, also from the bin, and of a merged one. Raises `NotFound`."""
        query = f"SELECT {self._select(kind_named(kind).name)} FROM {kind} WHERE id = ?"  # noqa: S608
        row = self._db.execute(query, (record,)).fetchone()
        if row is None:
            raise NotFound(f"Không có hồ sơ {record}.", hint="Kiểm tra lại mã hồ sơ.")
        return self._record(kind, row)

    def stands_for(self, establishment: str) -> str:
        """The establishment that this one is read under: itself, or the one it was merged into."""
        row = self._db.execute(
            "SELECT survivor FROM establishments WHERE id = ? AND survivor IS NOT NULL",
            (establishment,),
        ).fetchone()
        return str(row[0]) if row else establishment

    def merged_under(self, establishment: str) -> list[Row]:
        """The establishments that are read under this one because they were merged."""
        rows = self._db.execute(
            f"SELECT {self._select(ESTABLISHMENTS.name)} FROM establishments"  # noqa: S608
            " WHERE survivor = ? AND deleted = 0 ORDER BY id",
            (establishment,),
        )
        return [self._record(ESTABLISHMENTS.name, row) for row in rows]

    def of_establishments(self, kind: str, establishments: Sequence[str]) -> list[Row]:
        """The records of `kind` that belong to any of these establishments, or to one that was merged into them."""
        these = _encode(establishments)
        rows = self._db.execute(
            f"SELECT {self._select(kind)} FROM {kind} WHERE deleted = 0 AND establishment IN ("  # noqa: S608
            "SELECT value FROM json_each(?) UNION ALL"
            f" SELECT id FROM establishments WHERE survivor IN {ANY_OF} AND deleted = 0)",
            (these, these),
        )
        return [self._record(kind, row) for row in rows]

    def in_conflict(self) -> list[Row]:
        """The records of all kinds that have a field in conflict; of establishments merged in a circle one."""
        return [
            self._record(kind, row)
            for kind in KINDS
            for row in self._db.execute(
                f"SELECT {self._select(kind)} FROM {kind} WHERE conflicts > 0"  # noqa: S608
                f"{f' OR {IN_CIRCLE}' if kind == ESTABLISHMENTS.name else ''} ORDER BY sort_key, key"
            )
        ]

    def undecided_communes(self) -> list[Row]:
        """Establishments whose commune of today nobody has decided yet."""
        rows = self._db.execute(
            f"SELECT {self._select('establishments')} FROM establishments"  # noqa: S608
            f" WHERE commune IS NULL AND {STANDS} ORDER BY sort_key, key"
        )
        return [self._record("establishments", row) for row in rows]

    def deliveries(self, records: Sequence[str]) -> dict[str, Delivery]:
        """Where each of these records is: by the newest change to it of this device, and of those it was before.

        A record of which a refusal stands is refused, unless something newer is on its way.
        """
        rows = self._db.execute(
            "WITH ours AS (SELECT id, last_n, confirmed_n, generation, fork FROM predecessors"  # noqa: S608
            " UNION ALL SELECT id, last_n, confirmed_n, 1 << 53, 0 FROM device)"
            " SELECT record, newest > confirmed_n,"
            " newest <= (SELECT max(last_n) FROM parcel_changes WHERE device = own.id), since FROM ("
            " SELECT record, max(changes.n) AS newest, ours.*,"
            " min(CASE WHEN changes.n > confirmed_n THEN changes.at END) AS since FROM ours"
            f" JOIN changes ON changes.device = ours.id AND changes.n <= last_n AND record IN {ANY_OF}"
            " GROUP BY record, ours.id"
            ") AS own ORDER BY generation, fork",
            (_encode(records),),
        ).fetchall()
        found: dict[str, Delivery] = {}
        for record, unconfirmed, packed, since in rows:
            if not unconfirmed:
                continue
            known = found.get(record)
            if known is not None and known.since is not None:
                since = min(since, known.since)  # noqa: PLW2901
                packed = packed and known.place is Place.PARCEL  # noqa: PLW2901
            found[record] = Delivery(Place.PARCEL if packed else Place.LOCAL, since=since)
        for record, reason in Refused(self._db).reasons(records).items():
            found.setdefault(record, Delivery(Place.REFUSED, reason))
        return {record: found.get(record, _AT_PROVINCE) for record in records}

    def refused(self) -> list[tuple[str, int, str, str, str]]:
        """Refused changes of this device and of those it was: (device, n, kind, record, reason), newest first."""
        return self._db.execute(
            "SELECT changes.device, changes.n, kind, record, reason FROM refusals JOIN changes USING (device, n)"
            " ORDER BY at DESC, device, n DESC"
        ).fetchall()

    def _found(
        self,
        kind: str,
        search: str,
        condition: str,
        arguments: list[object],
        limit: int,
        after: str | None,
    ) -> Page:
        if kind == ESTABLISHMENTS.name:
            matches = establishments_found(self._db, search, condition, arguments, after)
        else:
            matches = self._others_found(kind, search, condition, arguments, after)
        some = list(islice(matches, limit + 1))
        keys = _encode([match.key for match in some[:limit]])
        query = f"SELECT key, {self._select(kind)} FROM {kind} WHERE key IN {ANY_OF}"  # noqa: S608
        rows = {row[0]: self._record(kind, row[1:]) for row in self._db.execute(query, (keys,))}
        following = cursor(some[limit - 1].position) if len(some) > limit else None
        return Page([rows[match.key] for match in some[:limit]], following)

    def _others_found(
        self, kind: str, search: str, condition: str, arguments: list[object], after: str | None
    ) -> Iterator[Match]:
        """The rows that say all of it themselves, or belong to an establishment that is found so, in their order."""
        last = read_cursor(after, _AtRow) if after is not None else _FIRST
        tokens = search_tokens(search)
        if not tokens:
            return
        texts = [name for name, type_ in self._columns[kind].items() if type_ == "TEXT"]
        texts[texts.index("rest")] = "(SELECT group_concat(atom, ' ') FROM json_tree(rest))"
        forms = [forms_of(token) for token in tokens]
        own = " AND ".join(f"({' OR '.join('instr(said, ?)' for _ in each)})" for each in forms)
        query = (
            f"SELECT key, sort_key FROM (SELECT *, folded(concat_ws(' ', {', '.join(texts)})) AS said"  # noqa: S608
            f" FROM {kind} WHERE {condition} AND (sort_key, key) > (?, ?)) AS {kind}"
            f" WHERE {own} OR {followed(kind)} IN ("
            "SELECT id FROM establishments_search JOIN establishments ON key = establishments_search.rowid"
            f" WHERE establishments_search MATCH ? AND {STANDS}) ORDER BY sort_key, key"
        )
        for key, sort_key in self._db.execute(
            query, [*arguments, *last, *chain.from_iterable(forms), words_match(tokens)]
        ):
            yield Match(key, _AtRow(sort_key, key))

    def _condition(
        self, kind: str, where: Mapping[str, str], *, deleted: bool
    ) -> tuple[str, list[object]]:
        of_kind = kind_named(kind)
        if deleted:
            clauses = ["deleted = 1"]
        elif of_kind is ESTABLISHMENTS:
            clauses = [STANDS]
        else:
            clauses = ["deleted = 0", f"coalesce(establishment, '') NOT IN {HIDDEN}"]
        arguments = list[object]()
        for field, value in where.items():
            _require_field(of_kind, field)
            if field == "establishment":
                clauses.append(f"establishment IN {_WITH_MERGED}")
                arguments += [value, value]
            elif field in self._columns[kind] and field != "rest":
                clauses.append(f"{field} = ?")  # an INTEGER column takes the text as a number
                arguments.append(value)
            else:
                clauses.append(
                    "EXISTS (SELECT 1 FROM json_each(rest) WHERE json_each.key = ?"
                    " AND CAST(json_each.value AS TEXT) = ?)"
                )
                arguments += [field, value]
        return " AND ".join(clauses), arguments

    def _select(self, kind: str) -> str:
        if kind == ESTABLISHMENTS.name:
            return ", ".join([*self._columns[kind], "NULL"])
        of = {"establishment": followed(kind)}
        return ", ".join([*(of.get(name, name) for name in self._columns[kind]), "establishment"])

    def _record(self, kind: str, row: Sequence[object]) -> Row:
        columns = dict(zip([*self._columns[kind], "merged_from"], row, strict=True))
        rest = _decode_rest(columns.pop("rest"))
        if columns["merged_from"] == columns.get("establishment"):
            del columns["merged_from"]
        present = {name: value for name, value in columns.items() if value is not None}
        return {"id": present.pop("id"), "kind": kind, **present, **rest}


def _require_field(kind: Kind, name: str) -> None:
    """Raise `BadInput` for a field the kind does not have; an answer sheet has whatever its questionnaire asks."""
    if kind is SURVEYS or kind.field(name) is not None or name in ("id", "conflicts"):
        return
    raise BadInput(
        f"Loại hồ sơ {kind.name} không có trường “{name}” để lọc.",
        hint="Các trường: " + ", ".join(field.key for field in kind.fields) + ".",
        code="no_field",
    )


_encode = msgspec.json.Encoder().encode
_decode_rest = msgspec.json.Decoder(dict[str, Value]).decode

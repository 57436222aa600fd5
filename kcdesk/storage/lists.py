"""Reading lists of records from their projected rows: filters, search as people type, pages by key.

Pages never count from the beginning: a page says where the next one starts. What is read here may have been
rebuilt from changes a moment ago; forms read the folded state instead (`workspace`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, TypeVar

import msgspec

from kcdesk.changes import Value
from kcdesk.domain.kinds import KINDS, SURVEYS, Kind, kind_named
from kcdesk.domain.text import fold, normalise, search_tokens
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.sqlite import Database

T = TypeVar("T")

SEARCH_CAP = 5_000
"""Rows of one search that are ranked; nobody reads on after that, they type another letter."""

_ANY_OF = "(SELECT value FROM json_each(?))"
"""A list in one argument: SQLite bounds how many arguments a statement takes."""
_Place = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]

Row = dict[str, Value]
"""A record as lists show it: `id`, `kind`, `conflicts` (count) and its values; tables as lists of rows."""


class Place(Enum):
    """Where the newest of what this device said about a record is now."""

    LOCAL = "local"
    PROVINCE = "province"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a record is, and why the province refused it where it did."""

    place: Place
    reason: str = ""


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
                if row["name"] not in ("key", "deleted", "sort_key", "place")
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
    ) -> Page:
        """One page of a list, in Vietnamese order, or best match first when searching.

        `where`: field -> the value it has, as text. `after` is the `next` of the page before. Raises `NotFound`
        for an unknown kind, `BadInput` for a field the kind does not have and a cursor that is not ours.
        """
        condition, arguments = self._condition(kind, where or {}, deleted=deleted)
        if normalise(search):
            return self._found(kind, search, condition, arguments, limit, after)
        if after is not None:
            sort_key, key = _read_cursor(after, tuple[str, _Place])
            condition += " AND (sort_key, key) > (?, ?)"
            arguments = [*arguments, sort_key, key]
        rows = self._db.execute(
            f"SELECT key, sort_key, {self._select(kind)} FROM {kind} WHERE {condition}"  # noqa: S608
            " ORDER BY sort_key, key LIMIT ?",
            [*arguments, limit + 1],
        ).fetchall()
        following = _cursor((rows[limit - 1][1], rows[limit - 1][0])) if len(rows) > limit else None
        return Page([self._record(kind, row[2:]) for row in rows[:limit]], following)

    def count(self, kind: str, where: Mapping[str, str] | None = None) -> int:
        """How many records of a kind there are, without those in the bin."""
        condition, arguments = self._condition(kind, where or {}, deleted=False)
        query = f"SELECT count(*) FROM {kind} WHERE {condition}"  # noqa: S608
        return int(self._db.execute(query, arguments).fetchone()[0])

    def every(self, kind: str, *, deleted: bool = False) -> Iterator[Row]:
        """All records of a kind, or all of them that are in the bin, read as they are asked for."""
        condition, arguments = self._condition(kind, {}, deleted=deleted)
        query = f"SELECT {self._select(kind)} FROM {kind} WHERE {condition} ORDER BY sort_key, key"  # noqa: S608
        for row in self._db.execute(query, arguments):
            yield self._record(kind, row)

    def get(self, kind: str, record: str) -> Row:
        """One record's row, also from the bin. Raises `NotFound`."""
        query = f"SELECT {self._select(kind_named(kind).name)} FROM {kind} WHERE id = ?"  # noqa: S608
        row = self._db.execute(query, (record,)).fetchone()
        if row is None:
            raise NotFound(f"Không có hồ sơ {record}.", hint="Kiểm tra lại mã hồ sơ.")
        return self._record(kind, row)

    def of_establishments(self, kind: str, establishments: Sequence[str]) -> list[Row]:
        """The records of `kind` that belong to any of these establishments."""
        rows = self._db.execute(
            f"SELECT {self._select(kind)} FROM {kind} WHERE establishment IN {_ANY_OF} AND deleted = 0",  # noqa: S608
            (_encode(establishments),),
        )
        return [self._record(kind, row) for row in rows]

    def in_conflict(self) -> list[Row]:
        """The records of all kinds that have a field in conflict."""
        return [
            self._record(kind, row)
            for kind in KINDS
            for row in self._db.execute(
                f"SELECT {self._select(kind)} FROM {kind} WHERE conflicts > 0 ORDER BY sort_key, key"  # noqa: S608
            )
        ]

    def undecided_communes(self) -> list[Row]:
        """Establishments whose commune of today nobody has decided yet."""
        rows = self._db.execute(
            f"SELECT {self._select('establishments')} FROM establishments"  # noqa: S608
            " WHERE commune IS NULL AND deleted = 0 ORDER BY sort_key, key"
        )
        return [self._record("establishments", row) for row in rows]

    def deliveries(self, records: Sequence[str]) -> dict[str, Delivery]:
        """Where each of these records is: by the newest change that this device made to it."""
        rows = self._db.execute(
            "SELECT record, newest > confirmed_n, reason FROM ("  # noqa: S608
            " SELECT record, max(changes.n) AS newest, device.id AS device, confirmed_n"
            " FROM changes JOIN device ON changes.device = device.id"
            f" WHERE record IN {_ANY_OF} GROUP BY record"
            ") AS own LEFT JOIN refusals ON refusals.device = own.device AND refusals.n = newest",
            (_encode(records),),
        ).fetchall()
        found = {record: _delivery(unconfirmed, reason) for record, unconfirmed, reason in rows}
        return {record: found.get(record, Delivery(Place.PROVINCE)) for record in records}

    def refused(self) -> list[tuple[int, str, str, str]]:
        """This device's refused changes: (n, kind, record, reason), newest first."""
        return self._db.execute(
            "SELECT changes.n, kind, record, reason FROM refusals JOIN changes USING (device, n) ORDER BY n DESC"
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
        ranked = self._rank(kind, search, condition, arguments)
        start = _read_cursor(after, _Place) if after is not None else 0
        keys = ranked[start : start + limit]
        query = f"SELECT key, {self._select(kind)} FROM {kind} WHERE key IN {_ANY_OF}"  # noqa: S608
        found = self._db.execute(query, (_encode(keys),))
        rows = {row[0]: self._record(kind, row[1:]) for row in found}
        following = _cursor(start + limit) if len(ranked) > start + limit else None
        return Page([rows[key] for key in keys], following)

    def _rank(self, kind: str, search: str, condition: str, arguments: list[object]) -> list[int]:
        """Keys of the rows that match, best first."""
        tokens = list(search_tokens(search))
        if not tokens:
            return []
        words = " ".join(f'"{token}"' for token in tokens[:-1]) + f' "{tokens[-1]}"*'
        if kind != "establishments":
            return self._rank_others(kind, tokens, words, condition, arguments)
        number = re.sub(r"[\s.\-+]", "", search)
        if number.isdigit():
            clause, more = _number_clause(number)
            query = f"SELECT key FROM establishments WHERE {condition} AND {clause} ORDER BY sort_key, key LIMIT ?"  # noqa: S608
            return [key for (key,) in self._db.execute(query, [*arguments, *more, SEARCH_CAP])]
        query = (
            "SELECT key, name, sort_key FROM establishments"  # noqa: S608
            " WHERE key IN (SELECT rowid FROM establishments_search WHERE establishments_search MATCH ?)"
            f" AND {condition} LIMIT ?"
        )
        rows = self._db.execute(query, [words, *arguments, SEARCH_CAP]).fetchall()
        wanted = _Wanted(search, tokens)
        return [
            key
            for key, _, _ in sorted(
                rows, key=lambda row: (*wanted.rank(row[1] or ""), row[2], row[0])
            )
        ]

    def _rank_others(
        self, kind: str, tokens: list[str], words: str, condition: str, arguments: list[object]
    ) -> list[int]:
        """Keys of the rows that say all of it themselves, or belong to an establishment that is found so."""
        texts = [name for name, type_ in self._columns[kind].items() if type_ == "TEXT"]
        texts[texts.index("rest")] = "(SELECT group_concat(atom, ' ') FROM json_tree(rest))"
        own = " AND ".join("instr(said, ?)" for _ in tokens)
        query = (
            f"SELECT key FROM (SELECT *, folded(concat_ws(' ', {', '.join(texts)})) AS said"  # noqa: S608
            f" FROM {kind} WHERE {condition}) WHERE {own} OR establishment IN ("
            "SELECT id FROM establishments_search JOIN establishments ON key = establishments_search.rowid"
            " WHERE establishments_search MATCH ?) ORDER BY sort_key, key LIMIT ?"
        )
        rows = self._db.execute(query, [*arguments, *tokens, words, SEARCH_CAP])
        return [key for (key,) in rows]

    def _condition(
        self, kind: str, where: Mapping[str, str], *, deleted: bool
    ) -> tuple[str, list[object]]:
        of_kind = kind_named(kind)
        clauses, arguments = [f"deleted = {int(deleted)}"], list[object]()
        for field, value in where.items():
            _require_field(of_kind, field)
            if field in self._columns[kind] and field != "rest":
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
        return ", ".join(self._columns[kind])

    def _record(self, kind: str, row: Sequence[object]) -> Row:
        columns = dict(zip(self._columns[kind], row, strict=True))
        rest = _decode_rest(columns.pop("rest"))
        present = {name: value for name, value in columns.items() if value is not None}
        return {"id": present.pop("id"), "kind": kind, **present, **rest}


class _Wanted:
    """How well a name answers a search: 0 the words as a phrase with these marks ... 3 found elsewhere."""

    def __init__(self, search: str, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._phrase = " ".join(tokens)
        self._marked = normalise(search).casefold()
        self._has_marks = fold(search) != self._marked

    def rank(self, name: str) -> tuple[int, int]:
        words = search_tokens(name)
        as_typed = int(self._has_marks and self._marked not in normalise(name).casefold())
        text = " ".join(words)
        if f" {self._phrase} " in f" {text} ":
            return 0, as_typed
        if f" {self._phrase}" in f" {text}":
            return 1, as_typed
        last = self._tokens[-1]
        if all(token in words for token in self._tokens[:-1]) and any(
            word.startswith(last) for word in words
        ):
            return 2, as_typed
        return 3, as_typed


def _require_field(kind: Kind, name: str) -> None:
    """Raise `BadInput` for a field the kind does not have; an answer sheet has whatever its questionnaire asks."""
    if kind is SURVEYS or kind.field(name) is not None or name in ("id", "conflicts"):
        return
    raise BadInput(
        f"Loại hồ sơ {kind.name} không có trường “{name}” để lọc.",
        hint="Các trường: " + ", ".join(field.key for field in kind.fields) + ".",
        code="no_field",
    )


def _number_clause(number: str) -> tuple[str, list[object]]:
    """Rows whose tax code, personal number or telephone begins with these digits, as people say them."""
    ranges = [("tax_code", number), ("rep_id_no", number)]
    if number.startswith("0"):
        ranges.append(("phone", "+84" + number[1:]))
    elif number.startswith("84"):
        ranges.append(("phone", "+" + number))
    elif len(number) >= 9:  # a telephone number that lost its leading zero
        ranges.append(("phone", "+84" + number))
    clause = " OR ".join(f"({column} >= ? AND {column} < ?)" for column, _ in ranges)
    return f"({clause})", [bound for _, prefix in ranges for bound in (prefix, prefix + ":")]


def _delivery(unconfirmed: int, reason: str | None) -> Delivery:
    if unconfirmed:
        return Delivery(Place.LOCAL)
    return Delivery(Place.REFUSED, reason) if reason is not None else Delivery(Place.PROVINCE)


def _cursor(value: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def _read_cursor(text: str, type_: type[T]) -> T:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(raw, type=type_)
    except (ValueError, msgspec.DecodeError):
        raise BadInput(
            "Dấu trang danh sách không đúng.", hint="Đọc lại danh sách từ đầu."
        ) from None


_encode = msgspec.json.Encoder().encode
_decode_rest = msgspec.json.Decoder(dict[str, Value]).decode

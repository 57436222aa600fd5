"""The table of changes: many in at once, and those of many records out at once.

Nothing here knows what a change means; numbering, hashing and folding is `workspace`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from kcdesk.changes import Change, Value
from kcdesk.storage.bulk import ANY_OF, insert_rows
from kcdesk.storage.sqlite import Database

RecordKey = tuple[str, str]
"""Kind and id of a record."""


def insert(db: Database, changes: Iterable[Change]) -> None:
    """Add the changes; one that is there already stays as it is."""
    rows = [
        (c.device, c.n, c.kind, c.record, c.at, _encode(c.set), _encode(c.seen)) for c in changes
    ]
    insert_rows(db, "INSERT OR IGNORE INTO changes", rows)


def read(db: Database, where: str, arguments: Sequence[object]) -> Iterator[Change]:
    """The changes that fulfil `where` (SQL; may say the order), read as they are asked for."""
    rows = db.execute(
        f'SELECT device, n, kind, record, at, "set", seen FROM changes WHERE {where}',  # noqa: S608
        arguments,
    )
    yield from decoded(rows)


def decoded(rows: Iterable[Sequence[Any]]) -> Iterator[Change]:
    """Rows as the table has them, all columns in its order, as changes."""
    for device, n, kind, record, at, set_, seen in rows:
        yield Change(device, n, kind, record, at, _decode_set(set_), _decode_seen(seen))


def say_instead(db: Database, changes: Iterable[Change]) -> None:
    """Let changes that are there say what these of the same numbers do: for what is erased, and for nothing else."""
    db.conn.executemany(
        'UPDATE changes SET "set" = ? WHERE device = ? AND n = ?',
        [(_encode(change.set), change.device, change.n) for change in changes],
    )


def encoded(values: Mapping[str, Value]) -> bytes:
    """What a change sets, as its column holds it."""
    return _encode(values)


def of_records(db: Database, records: Collection[str]) -> dict[RecordKey, list[Change]]:
    """The changes of these records by (kind, record), without refused ones; a record without any is left out."""
    found: dict[RecordKey, list[Change]] = defaultdict(list)
    for change in read(db, f"record IN {ANY_OF} AND {_NOT_REFUSED}", (_encode(list(records)),)):
        found[change.kind, change.record].append(change)
    return found


def refused(db: Database) -> set[tuple[str, int]]:
    """(device, n) of every refused change."""
    return set(db.execute("SELECT device, n FROM refusals").fetchall())


_NOT_REFUSED = "NOT EXISTS (SELECT 1 FROM refusals WHERE refusals.device = changes.device AND refusals.n = changes.n)"

_encode = msgspec.json.Encoder().encode
_decode_set = msgspec.json.Decoder(dict[str, Value]).decode
_decode_seen = msgspec.json.Decoder(dict[str, int]).decode

"""Tables of a workspace cut into pieces, and pieces put back as rows.

A piece holds rows of one table, in columns: of `changes` those of one device whose numbers stand in one block of
2,000, so that a block that is full never changes again. Which tables there are is read from the file, so that a
file of any schema can be backed up; what follows from changes, and bytes that are under way, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count, groupby
from typing import Any

import msgspec
import zstandard

from kcdesk.changes import Change
from kcdesk.domain.kinds import KINDS
from kcdesk.storage import change_table
from kcdesk.storage.backups.sealing import Damaged
from kcdesk.storage.sqlite import Database

BLOCK = 2_000
"""Numbers of a device, or rows of another table, in one piece."""
MAX_BYTES = 4 << 20
"""Text and bytes of one piece, about: a block of large changes becomes several pieces."""

_LEVEL = 9
CHANGES = "changes"
_NOT_KEPT = frozenset(
    (*KINDS, "exchange", "exchange_bytes", "arriving_bytes", "erasing", "_sqlite_migrations")
)
_COLUMNS_NOT_KEPT = frozenset([("device", "instance")])
"""Another one each time the workspace is opened, and of no use to a backup."""

_Row = Sequence[object]


class Rows(msgspec.Struct, frozen=True, array_like=True):
    """Some rows of a table: for each column its values, in the same order of rows."""

    table: str
    columns: dict[str, list[Any]]

    @property
    def count(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def kept_tables(db: Database) -> list[str]:
    """The tables that a backup holds: ordinary ones that nothing else can give back."""
    return sorted(
        name
        for schema, name, kind, *_ in db.execute("PRAGMA table_list").fetchall()
        if schema == "main"
        and kind == "table"
        and name not in _NOT_KEPT
        and not name.startswith("sqlite_")
    )


def cut(db: Database) -> Iterator[Rows]:
    """All pieces of the open file, table by table; one is in memory at a time. To be read inside a transaction."""
    for table in kept_tables(db):
        yield from cut_table(db, table)


def cut_table(db: Database, table: str) -> Iterator[Rows]:
    """The pieces of one table."""
    columns = _columns(db, table)
    names = ", ".join(f'"{name}"' for name in columns)
    order = " ORDER BY device, n" if table == CHANGES else ""
    rows = db.execute(f'SELECT {names} FROM "{table}"{order}')  # noqa: S608
    for _, block in groupby(rows, _block_of(table, columns)):
        for part in _parts(block):
            yield Rows(table, dict(zip(columns, map(list, zip(*part, strict=True)), strict=True)))


def put(db: Database, rows: Rows, *, replace: bool = True) -> None:
    """Write rows back into a table that has at least their columns; `replace`: over what it has of them."""
    names = ", ".join(f'"{name}"' for name in rows.columns)
    marks = ", ".join("?" * len(rows.columns))
    db.conn.executemany(
        f'INSERT OR {"REPLACE" if replace else "IGNORE"} INTO "{rows.table}" ({names}) VALUES ({marks})',  # noqa: S608
        zip(*rows.columns.values(), strict=True),
    )


def changes_in(rows: Rows) -> Iterator[Change]:
    """The rows of a piece of changes as changes."""
    columns = ("device", "n", "kind", "record", "at", "set", "seen")
    yield from change_table.decoded(zip(*(rows.columns[name] for name in columns), strict=True))


def packed(content: bytes) -> bytes:
    return zstandard.compress(content, _LEVEL)


def encoded(rows: Rows) -> bytes:
    return _encode(rows)


def unpacked(data: bytes) -> Rows:
    """Rows from packed bytes. Raises `Damaged` for anything else."""
    try:
        return _decode(zstandard.decompress(data))
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise Damaged(
            "Phiên bản kcdesk này không đọc được một tệp của bản sao lưu.",
            hint="Cài phiên bản kcdesk mới nhất, hoặc dùng bản sao lưu khác.",
        ) from error


def _block_of(table: str, columns: Sequence[str]) -> Callable[[_Row], object]:
    if table != CHANGES:
        numbers = count()
        return lambda _row: next(numbers) // BLOCK
    device, n = columns.index("device"), columns.index("n")
    return lambda row: (row[device], (int(row[n]) - 1) // BLOCK)  # type: ignore[call-overload]


def _parts(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    part: list[_Row] = []
    size = 0
    for row in rows:
        part.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if size > MAX_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _columns(db: Database, table: str) -> list[str]:
    """The columns that are kept: a generated one is not."""
    return [
        row["name"]
        for row in db.query(f'PRAGMA table_xinfo("{table}")')
        if row["hidden"] == 0 and (table, row["name"]) not in _COLUMNS_NOT_KEPT
    ]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Rows).decode

"""Many rows in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from kcdesk.storage.sqlite import Database

T = TypeVar("T")

ANY_OF = "(SELECT value FROM json_each(?))"
"""A list in one argument, as JSON: SQLite bounds how many arguments a statement takes."""

_ROWS = 200
"""Rows of one statement. FTS5 writes its index out after every statement that can fail half-way, so rows that come
one by one cost three times as much; beyond some hundred nothing is gained."""


def insert_rows(db: Database, into: str, rows: Sequence[Sequence[object]], then: str = "") -> None:
    """`into` (`INSERT INTO ...`), then the rows as its VALUES, then `then` (`ON CONFLICT ...`)."""
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        row = f"({', '.join('?' * len(some[0]))})"
        values = ", ".join([row] * len(some))
        db.conn.execute(f"{into} VALUES {values} {then}", list(chain.from_iterable(some)))


def in_groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    remaining = iter(items)
    while group := list(islice(remaining, size)):
        yield group

"""Bytes that lie in a table in pieces: reading them from any place on."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Engine, Table, select

from kcdesk.server.database import reading


def bytes_from(
    engine: Engine, table: Table, which: ColumnElement[bool], offset: int = 0
) -> Iterator[bytes]:
    """The bytes of the rows of `which`, from `offset` on, piece by piece, each read for itself.

    table: with `position` and `bytes`; pieces lie one after the other, without a gap
    """
    position = offset
    while True:
        with reading(engine) as connection:
            row = connection.execute(
                select(table.c.position, table.c.bytes)
                .where(which, table.c.position <= position)
                .order_by(table.c.position.desc())
                .limit(1)
            ).one_or_none()
        piece = b"" if row is None else bytes(row.bytes[position - row.position :])
        if not piece:
            return
        yield piece
        position += len(piece)

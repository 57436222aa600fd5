"""The bytes of exchanges under way, kept until the device begins its next one.

Any worker can go on where another ended, also after a restart. Losing them costs bytes and nothing else. An exchange
has one answer for ever: the first that was kept whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, Engine, delete, select, update

from kcdesk.server import pieces
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.tables import exchange_bytes, exchanges
from kcdesk.sync.format import PIECE

BODY, ANSWER = "body", "answer"
TOGETHER = 64
"""Pieces of an answer that are written at once."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange of a device: `arrived` of `length` bytes of its body, and its answer's length once there is one."""

    id: str
    length: int
    arrived: int
    answer_bytes: int | None


class Superseded(Exception):
    """Another request for the same exchange has gone on meanwhile; this one must not write."""


def find(engine: Engine, exchange: str, device: str) -> Exchange | None:
    """A device's exchange; somebody else's is as good as none."""
    with reading(engine) as connection:
        row = connection.execute(
            select(
                exchanges.c.id,
                exchanges.c.length,
                exchanges.c.arrived,
                exchanges.c.answer_bytes,
            ).where(exchanges.c.id == exchange, exchanges.c.device == device)
        ).one_or_none()
    return None if row is None else Exchange(*row)


def begin(engine: Engine, exchange: str, device: str, length: int) -> bool:
    """Note a new exchange and forget the device's older ones; False: there is one with this id already."""
    with writing(engine) as connection:
        row = (exchange, device, length, 0, None)
        if not insert_rows(connection, exchanges, [row], or_leave=True):
            return False
        older = select(exchanges.c.id).where(
            exchanges.c.device == device, exchanges.c.id != exchange
        )
        for name in sorted(connection.scalars(older)):
            _forget(connection, name)
        return True


def keep(engine: Engine, exchange: str, position: int, data: bytes) -> None:
    """Keep bytes of a body that arrived at `position`. Raises `Superseded` when that is not where it ended."""
    with writing(engine) as connection:
        moved = connection.execute(
            update(exchanges)
            .where(exchanges.c.id == exchange, exchanges.c.arrived == position)
            .values(arrived=position + len(data))
        )
        if moved.rowcount != 1:
            raise Superseded
        starts = range(0, len(data), PIECE)
        rows = [(exchange, BODY, position + start, data[start : start + PIECE]) for start in starts]
        insert_rows(connection, exchange_bytes, rows)


def keep_answer(engine: Engine, exchange: str, answer: Iterable[bytes]) -> None:
    """Keep a whole answer, unless there is one. The body has done its work and goes."""
    with writing(engine) as connection:
        known = connection.execute(
            select(exchanges.c.answer_bytes).where(exchanges.c.id == exchange).with_for_update()
        ).one_or_none()
        if known is None or known.answer_bytes is not None:
            return
        position = 0
        rest = iter(answer)
        while batch := list(islice(rest, TOGETHER)):
            rows = []
            for piece in batch:
                rows.append((exchange, ANSWER, position, piece))
                position += len(piece)
            insert_rows(connection, exchange_bytes, rows)
        connection.execute(
            update(exchanges).where(exchanges.c.id == exchange).values(answer_bytes=position)
        )
        held = exchange_bytes.c
        body = (held.exchange == exchange) & (held.direction == BODY)
        connection.execute(delete(exchange_bytes).where(body))


def is_answered(engine: Engine, exchange: str) -> bool:
    """Whether the answer of an exchange is kept."""
    with reading(engine) as connection:
        length = select(exchanges.c.answer_bytes).where(exchanges.c.id == exchange)
        return connection.scalar(length) is not None


def bytes_from(engine: Engine, exchange: str, direction: str, offset: int = 0) -> Iterator[bytes]:
    """The kept bytes of one direction from `offset` on, piece by piece, each read for itself."""
    held = exchange_bytes
    which = (held.c.exchange == exchange) & (held.c.direction == direction)
    return pieces.bytes_from(engine, held, which, offset)


def forget(engine: Engine, exchange: str) -> None:
    """Drop an exchange that cannot be carried on."""
    with writing(engine) as connection:
        _forget(connection, exchange)


def _forget(connection: Connection, exchange: str) -> None:
    # Locked first: bytes that a call is keeping at this moment are there before they are deleted.
    locked = select(exchanges.c.id).where(exchanges.c.id == exchange).with_for_update()
    if connection.scalar(locked) is None:
        return
    connection.execute(delete(exchange_bytes).where(exchange_bytes.c.exchange == exchange))
    connection.execute(delete(exchanges).where(exchanges.c.id == exchange))

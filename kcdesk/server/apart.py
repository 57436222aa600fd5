"""What a revoked device delivered late: kept as it came, apart from everything, until the centre decides.

It has no number in any log and moves nobody's cursor. Held are bodies of exchanges that were under way when the device
was revoked, as far as they had arrived, and parcels that say they were written until that day. An erasure does not
reach into them; it does when they are taken in. Leaves to others: what is in them, taking and leaving
(`apart_decisions`).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    delete,
    func,
    literal,
    null,
    select,
    update,
)

from kcdesk.server import pieces
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.exchanges import BODY
from kcdesk.server.tables import (
    exchange_bytes,
    exchanges,
    held_apart,
    held_apart_bytes,
    waiting_parcel_bytes,
    waiting_parcels,
)

log = logging.getLogger("kcdesk.server")

KEPT = 64
"""Bodies and parcels of a device; later ones are not kept, so that nobody pushes out what is honest."""
_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class HeldApart:
    """Something a revoked device delivered late. Instants in ms UTC.

    written_at: of a parcel, by the device's own clock; None: not told
    whole:      False: an exchange that was cut
    first_n, last_n: numbers of the device in it; None: not known yet
    """

    id: str
    device: str
    source: Literal["exchange", "parcel"]
    arrived_at: int
    written_at: int | None
    whole: bool
    first_n: int | None
    last_n: int | None


def gather(connection: Connection, devices: Collection[str], now: int) -> None:
    """Put aside what has arrived of these devices and was not taken in: bodies under way, parcels that came early."""
    under_way = exchanges.c.device.in_(devices) & exchanges.c.answer_bytes.is_(None)
    connection.execute(
        held_apart.insert().from_select(
            held_apart.columns.keys(),
            select(
                exchanges.c.id,
                exchanges.c.device,
                literal("exchange"),
                literal(now, BigInteger),
                null(),
                exchanges.c.arrived == exchanges.c.length,
                null(),
                null(),
            ).where(under_way, exchanges.c.arrived > 0),
        )
    )
    _move(
        connection,
        select(exchange_bytes.c.exchange, exchange_bytes.c.position, exchange_bytes.c.bytes)
        .join(exchanges, exchanges.c.id == exchange_bytes.c.exchange)
        .where(under_way, exchange_bytes.c.direction == BODY),
    )
    gone = select(exchanges.c.id).where(exchanges.c.device.in_(devices))
    connection.execute(delete(exchange_bytes).where(exchange_bytes.c.exchange.in_(gone)))
    connection.execute(delete(exchanges).where(exchanges.c.device.in_(devices)))

    early = waiting_parcels.c.device.in_(devices)
    wanted = waiting_parcels.c
    connection.execute(
        held_apart.insert().from_select(
            held_apart.columns.keys(),
            select(
                wanted.id,
                wanted.device,
                literal("parcel"),
                wanted.kept_at,
                null(),
                literal(True),
                wanted.first_n,
                wanted.last_n,
            ).where(early),
        )
    )
    held = waiting_parcel_bytes
    _move(
        connection,
        select(held.c.parcel, held.c.position, held.c.bytes)
        .join(waiting_parcels, waiting_parcels.c.id == held.c.parcel)
        .where(early),
    )
    names = select(waiting_parcels.c.id).where(early)
    connection.execute(delete(held).where(held.c.parcel.in_(names)))
    connection.execute(delete(waiting_parcels).where(early))


def keep_parcel(
    engine: Engine,
    parcel: str,
    device: str,
    numbers: tuple[int, int] | None,
    data: Iterable[bytes],
    *,
    written_at: int,
    now: int,
) -> bool:
    """Keep a parcel that somebody brought, as long as there is room for its device; whether it is kept."""
    with writing(engine) as connection:
        same = select(held_apart.c.id).where(held_apart.c.id == parcel)
        if connection.scalar(same) is not None:
            return True
        count = select(func.count()).where(held_apart.c.device == device)
        if connection.execute(count).scalar_one() >= KEPT:
            log.warning("parcel %s of revoked device %s is not kept: too many", parcel, device)
            return False
        row = (parcel, device, "parcel", now, written_at, True, *(numbers or (None, None)))
        insert_rows(connection, held_apart, [row])
        position = 0
        rest = iter(data)
        while batch := list(islice(rest, _TOGETHER)):
            rows = []
            for piece in batch:
                rows.append((parcel, position, piece))
                position += len(piece)
            insert_rows(connection, held_apart_bytes, rows)
    return True


def of_device(engine: Engine, device: str | None = None) -> list[HeldApart]:
    """What is held of a device, or of all, in the order in which it came; of what came at once, by its numbers."""
    first_n = func.coalesce(held_apart.c.first_n, 0)
    wanted = select(held_apart).order_by(held_apart.c.arrived_at, first_n, held_apart.c.id)
    if device is not None:
        wanted = wanted.where(held_apart.c.device == device)
    with reading(engine) as connection:
        return [HeldApart(*row) for row in connection.execute(wanted)]


def counts(connection: Connection) -> dict[str, int]:
    """Device -> how much is held of it."""
    rows = connection.execute(
        select(held_apart.c.device, func.count()).group_by(held_apart.c.device)
    )
    return {device: count for device, count in rows}  # noqa: C416 -- rows are no pairs to mypy


def bytes_of(engine: Engine, one: HeldApart) -> Iterator[bytes]:
    """Its bytes, as they came."""
    which: ColumnElement[bool] = held_apart_bytes.c.held == one.id
    return pieces.bytes_from(engine, held_apart_bytes, which)


def forget(engine: Engine, one: HeldApart) -> None:
    """Drop what was decided."""
    with writing(engine) as connection:
        connection.execute(delete(held_apart_bytes).where(held_apart_bytes.c.held == one.id))
        connection.execute(delete(held_apart).where(held_apart.c.id == one.id))


def note_numbers(engine: Engine, one: HeldApart, numbers: tuple[int, int]) -> None:
    """Keep which numbers of its device are in it."""
    with writing(engine) as connection:
        connection.execute(
            update(held_apart)
            .where(held_apart.c.id == one.id)
            .values(first_n=numbers[0], last_n=numbers[1])
        )


def _move(connection: Connection, rows: object) -> None:
    columns = held_apart_bytes.columns.keys()
    connection.execute(held_apart_bytes.insert().from_select(columns, rows))  # type: ignore[arg-type]

"""Parcels that came early: kept as they came, encrypted, until what is missing before them is there.

Losing one costs nothing for ever, the device sends its changes again until it has a receipt; so only the newest KEPT of
a device are kept. Leaves to others: what is in them, and when to try again (`parcels`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice

from sqlalchemy import Connection, Engine, delete, select

from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.tables import waiting_parcel_bytes, waiting_parcels

KEPT = 16
"""Parcels of a device that may wait."""
_TOGETHER = 32


def keep(
    engine: Engine,
    parcel: str,
    device: str,
    numbers: tuple[int, int],
    pieces: Iterable[bytes],
    now: int,
) -> None:
    """Keep a parcel of a device with these numbers in it; one that is kept already stays as it is."""
    held = waiting_parcels
    with writing(engine) as connection:
        if not insert_rows(connection, held, [(parcel, device, now, *numbers)], or_leave=True):
            return
        position = 0
        rest = iter(pieces)
        while first := list(islice(rest, 1)):
            rows = []
            for piece in chain(first, islice(rest, _TOGETHER - 1)):
                rows.append((parcel, position, piece))
                position += len(piece)
            insert_rows(connection, waiting_parcel_bytes, rows)
        older = select(held.c.id).where(held.c.device == device)
        newest_first = older.order_by(held.c.kept_at.desc(), held.c.id).offset(KEPT)
        for name in list(connection.scalars(newest_first)):
            _forget(connection, name)


def every(engine: Engine) -> list[str]:
    """The ids of all parcels that wait, those that came first first."""
    held = waiting_parcels
    with reading(engine) as connection:
        return list(connection.scalars(select(held.c.id).order_by(held.c.kept_at, held.c.id)))


def pieces_of(engine: Engine, parcel: str) -> Iterator[bytes]:
    """The bytes of a parcel that waits."""
    held = waiting_parcel_bytes
    position = 0
    while True:
        with reading(engine) as connection:
            piece = connection.scalar(
                select(held.c.bytes).where(held.c.parcel == parcel, held.c.position == position)
            )
        if not piece:
            return
        yield bytes(piece)
        position += len(piece)


def forget(engine: Engine, parcel: str, devices: Collection[str] | None = None) -> None:
    """Drop a parcel that has been taken, or cannot be; only if it is of one of `devices`, where they are given."""
    with writing(engine) as connection:
        of = select(waiting_parcels.c.device).where(waiting_parcels.c.id == parcel)
        if devices is None or connection.scalar(of) in devices:
            _forget(connection, parcel)


def _forget(connection: Connection, parcel: str) -> None:
    held = waiting_parcel_bytes
    connection.execute(delete(held).where(held.c.parcel == parcel))
    connection.execute(delete(waiting_parcels).where(waiting_parcels.c.id == parcel))

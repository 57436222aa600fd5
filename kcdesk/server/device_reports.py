"""What devices tell of themselves: how far their numbers go, which program and edition they use, what is undelivered.

It is their word and only shown: nothing is judged by it. Told with each exchange and parcel. Leaves to others: what is
made of it (`former`, `standing`).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, select, update

from kcdesk.server.database import insert_rows, writing
from kcdesk.server.tables import device_reports, devices
from kcdesk.sync.protocol import SentHeader, is_own_word

LARGEST_N = 1 << 53
"""No device has such a number; more than this is nonsense."""
LONGEST = 40
"""Letters of a program's version that are kept."""


def note(connection: Connection, header: SentHeader, now: int) -> None:
    """Keep what the header of a body tells. The header has been proved to be its device's."""
    said = header.report
    told_n = min(max(header.last_n, said.last_n if said is not None else 0), LARGEST_N)
    held = device_reports
    insert_rows(connection, held, [(header.device, told_n, now, "", None, None)], or_leave=True)
    connection.execute(
        update(held)
        .where(held.c.device == header.device, held.c.told_n < told_n)
        .values(told_n=told_n)
    )
    if said is not None:
        connection.execute(
            update(held)
            .where(held.c.device == header.device)
            .values(
                told_at=now,
                program=said.program[:LONGEST],
                edition=min(max(said.edition, 0), LARGEST_N),
                oldest_at=said.oldest_at,
            )
        )


def note_numbers(engine: Engine, headers: Iterable[SentHeader], now: int) -> None:
    """Keep how far numbers go that came with something that is not taken in yet; only a device's own word counts."""
    with writing(engine) as connection:
        for header in headers:
            key = connection.scalar(
                select(devices.c.public_key).where(devices.c.id == header.device)
            )
            if is_own_word(key, header):
                note(connection, header, now)

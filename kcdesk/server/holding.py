"""What the province holds of a device, told to that device: for a workspace that goes on as another one.

Owns the one answer. Leaves to others: who may ask (`app`), what the device makes of it (`sync.settling`).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, select

from kcdesk.server import erasing
from kcdesk.server.database import reading
from kcdesk.server.history import change_of
from kcdesk.server.intake import held_of, is_closed
from kcdesk.server.people import Caller
from kcdesk.server.tables import changes, refusals
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.protocol import Held, Received, Refusal


def held(engine: Engine, caller: Caller, after: int) -> bytes:
    """The packed `Held` of the caller, and its accepted changes after number `after`, the first 20,000 of them."""
    with reading(engine) as connection:
        return b"".join(packing.pack(_sections(connection, caller.device, after)))


def _sections(connection: Connection, device: str, after: int) -> Iterator[bytes]:
    n, h = held_of(connection, device)
    refused = connection.execute(
        select(refusals.c.n, refusals.c.reason_code, refusals.c.detail)
        .where(refusals.c.device == device, refusals.c.n > after)
        .order_by(refusals.c.n)
    )
    said = [Refusal(*row) for row in refused]
    erased = erasing.of_device(connection, device, after)
    yield protocol.encode(Held(n, h, is_closed(connection, device), said, erased))
    rows = connection.execute(
        select(changes)
        .where(changes.c.device == device, changes.c.n > after)
        .order_by(changes.c.n)
        .limit(protocol.EXCHANGE_CHANGES)
    )
    size = 0
    for group in packing.grouped(map(change_of, rows), lambda change: len(change.canonical())):
        section = protocol.encode(Received([], packing.to_columns(group), {}))
        size += len(section)
        yield section
        if size >= protocol.EXCHANGE_BYTES:
            return

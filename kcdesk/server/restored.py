"""After the province's database was put back from a backup: a new epoch, by which every device notices.

A device then sends again what the database has forgotten of it, and reads again the logs that are not as it knew them.
What administrators did since the backup nobody sends again. Leaves to others: making and putting back backups of the
database, which is its own tools' work.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Engine, delete, func, select, update

from kcdesk.domain.clock import Randomness
from kcdesk.server import tables
from kcdesk.server.database import writing

EPOCH_BYTES = 8


class Restored(msgspec.Struct, frozen=True):
    """The new epoch, how many changes the database holds, and when a device was last heard of in it (ms UTC)."""

    epoch: str
    changes: int
    last_contact_at: int | None


def begin_epoch(engine: Engine, *, randomness: Randomness) -> Restored:
    """Give the database a new epoch. Doing so without need costs devices a little reading and nothing else."""
    epoch = randomness(EPOCH_BYTES).hex()
    with writing(engine) as connection:
        # Exchanges under way speak of what was held before; without them devices begin new ones.
        connection.execute(delete(tables.exchange_bytes))
        connection.execute(delete(tables.exchanges))
        connection.execute(update(tables.province).values(epoch=epoch))
        held = select(func.count()).select_from(tables.changes)
        heard = select(func.max(tables.devices.c.last_contact_at))
        return Restored(epoch, connection.scalar(held) or 0, connection.scalar(heard))

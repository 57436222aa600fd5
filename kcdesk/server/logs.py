"""The logs that devices read: numbering what goes in, and what of it somebody may read.

A log is named `open:AREA` or `office:AREA`. Its numbers are given last, directly before the commit, under a lock taken
in order of name: they commit in order, so a reader never skips one. Beside each stands the digest of all up to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select, update
from sqlalchemy.sql import bindparam

from kcdesk.changes import ChangeId
from kcdesk.server.database import insert_rows
from kcdesk.server.people import Person
from kcdesk.server.rights import READS_OFFICE, READS_OPEN
from kcdesk.server.tables import log_entries, logs
from kcdesk.sync.protocol import NO_DIGEST, add_to_digest


def log_name(log: str, area: int) -> str:
    return f"{log}:{area}"


def enter(connection: Connection, entries: Mapping[str, Iterable[ChangeId]]) -> int:
    """Number changes into logs, each in the order given; returns how many entries that made.

    Call it last in a transaction: from here to the commit the logs are locked.
    """
    names = sorted(entries)
    insert_rows(connection, logs, [(name, 0, NO_DIGEST) for name in names], or_leave=True)
    locked = connection.execute(
        select(logs).where(logs.c.id.in_(names)).order_by(logs.c.id).with_for_update()
    ).all()
    rows: list[tuple[str, int, str, int, bytes]] = []
    ends = []
    for log, position, digest in locked:
        for device, n in entries[log]:
            position += 1  # noqa: PLW2901
            digest = add_to_digest(digest, log, position, device, n)  # noqa: PLW2901
            rows.append((log, position, device, n, digest))
        ends.append({"log": log, "position": position, "digest": digest})
    insert_rows(connection, log_entries, rows)
    if ends:
        connection.execute(update(logs).where(logs.c.id == bindparam("log")), ends)
    return len(rows)


def readable(connection: Connection, person: Person) -> dict[str, tuple[int, bytes]]:
    """The logs that a person reads and that hold something: name -> (position, digest)."""
    found = {
        log: (position, digest)
        for log, position, digest in connection.execute(select(logs).order_by(logs.c.id))
    }
    return {log: end for log, end in found.items() if _reads(person, log)}


def _reads(person: Person, log: str) -> bool:
    sort, _, area = log.partition(":")
    if sort == "published":
        return True
    if person.role == "centre":
        return True
    if not area or int(area) not in person.areas:
        return False
    return person.role in (READS_OPEN if sort == "open" else READS_OFFICE)

"""What a person's other devices delivered and what never arrived, told to the one that asks.

For somebody with a new laptop: which numbers of the old one the province has, which it has been told of, which wait or
were left. Leaves to others: what a device makes of its own past (`sync.settling`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, select

from kcdesk.changes.numbers import Numbers, beyond, joined
from kcdesk.server.people import Caller
from kcdesk.server.tables import (
    continuations,
    device_reports,
    devices,
    held_apart,
    refusals,
    waiting_parcels,
)
from kcdesk.sync.protocol import FormerDevice


def former_devices(connection: Connection, caller: Caller) -> list[FormerDevice]:
    """The other devices of the caller's person, oldest first; not those that the caller's own workspace was."""
    rows = connection.execute(
        select(devices, device_reports.c.told_n)
        .outerjoin(device_reports, device_reports.c.device == devices.c.id)
        .where(devices.c.user == caller.person.user, devices.c.id != caller.device)
        .order_by(devices.c.enrolled_at, devices.c.id)
    ).all()
    if not rows:
        return []
    own = _before(connection, caller.device, [row.id for row in rows])
    others = [row for row in rows if row.id not in own]
    waits = waiting_numbers(connection, [row.id for row in others])
    return [
        FormerDevice(
            row.id,
            row.enrolled_at,
            row.last_contact_at,
            row.n,
            max(row.n, row.told_n or 0, *(last for _, last in waits[row.id])),
            row.revoked_at,
            beyond(row.n, waits[row.id]),
            _left(connection, row.id),
        )
        for row in others
    ]


def _before(connection: Connection, device: str, known: list[str]) -> set[str]:
    """The devices before this one, among those that are known."""
    before: defaultdict[str, list[str]] = defaultdict(list)
    after = continuations
    for one, successor in connection.execute(
        select(after.c.device, after.c.successor).where(after.c.device.in_(known))
    ):
        before[successor].append(one)
    found: list[str] = [device]
    for one in found:
        found += [each for each in before[one] if each not in found]
    return set(found)


def waiting_numbers(
    connection: Connection, known: Collection[str] | None = None
) -> defaultdict[str, list[Numbers]]:
    """Device -> the numbers in parcels and bodies of it that have come and are not taken in; None: of every device."""
    found: defaultdict[str, list[Numbers]] = defaultdict(list)
    for table in (held_apart, waiting_parcels):
        wanted = select(table.c.device, table.c.first_n, table.c.last_n).where(
            table.c.first_n.is_not(None)
        )
        if known is not None:
            wanted = wanted.where(table.c.device.in_(known))
        for row in connection.execute(wanted):
            found[row.device].append((row.first_n, row.last_n))
    return found


def _left(connection: Connection, device: str) -> list[Numbers]:
    numbers = connection.scalars(
        select(refusals.c.n)
        .where(refusals.c.device == device, refusals.c.reason_code == "left")
        .order_by(refusals.c.n)
    )
    return list(joined((n, n) for n in numbers))

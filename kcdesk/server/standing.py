"""How the devices and communes of a province stand: for its own machine, and for a device of the centre.

What devices tell of themselves is their word (`device_reports`). Leaves to others: the counts of changes and records
(`admin`).
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, Engine, select

from kcdesk.changes.numbers import beyond, missing
from kcdesk.domain.clock import local_date
from kcdesk.errors import Rejected
from kcdesk.server import apart
from kcdesk.server.activity import last_at
from kcdesk.server.database import reading
from kcdesk.server.former import waiting_numbers
from kcdesk.server.people import Caller
from kcdesk.server.rights import SEES_STANDING
from kcdesk.server.tables import area_codes, areas, continuations, device_reports, devices, users
from kcdesk.sync.protocol import CommuneStanding, DeviceStanding, ProvinceStanding


def province_standing(engine: Engine, now: int) -> ProvinceStanding:
    """Every device and commune at this moment."""
    with reading(engine) as connection:
        return ProvinceStanding(now, of_devices(connection), of_communes(connection, now))


def told_to(engine: Engine, caller: Caller, now: int) -> ProvinceStanding:
    """The same for a device that asks. Raises `Rejected` (`no_right`)."""
    if caller.person.role not in SEES_STANDING:
        raise Rejected(
            "Chỉ trung tâm xem được tình hình các máy và xã, phường của tỉnh.",
            hint="Nhờ trung tâm khuyến công của tỉnh.",
            code="no_right",
        )
    return province_standing(engine, now)


def of_devices(connection: Connection) -> list[DeviceStanding]:
    """Every device, by person."""
    after, held = followers(connection), apart.counts(connection)
    told = device_reports.c
    rows = connection.execute(
        select(
            devices,
            users.c.name,
            users.c.role,
            told.told_n,
            told.program,
            told.edition,
            told.oldest_at,
        )
        .join(users, users.c.id == devices.c.user)
        .outerjoin(device_reports, told.device == devices.c.id)
        .order_by(users.c.name, devices.c.enrolled_at, devices.c.id)
    ).all()
    waiting = waiting_numbers(connection)
    found = []
    for row in rows:
        waits = beyond(row.n, waiting[row.id])
        told_n = max(row.n, row.told_n or 0, *(last for _, last in waits))
        found.append(
            DeviceStanding(
                row.id,
                row.name,
                row.role,
                row.n,
                row.last_contact_at,
                told_n,
                missing(row.n, told_n, waits),
                waits,
                row.oldest_at if told_n > row.n else None,
                row.program or "",
                row.edition,
                after.get(row.id, []),
                row.revoked_at,
                row.key_destroyed_at,
                held.get(row.id, 0),
            )
        )
    return found


def of_communes(connection: Connection, now: int) -> list[CommuneStanding]:
    """Every area by its code of today, with the days since anything of it arrived."""
    today = local_date(now)
    came = last_at(connection)
    current = (area_codes.c.era == "new") & area_codes.c.valid_to.is_(None)
    rows = connection.execute(
        select(areas.c.id, areas.c.name, area_codes.c.code)
        .outerjoin(area_codes, (area_codes.c.area == areas.c.id) & current)
        .order_by(area_codes.c.code, areas.c.id)
    )
    return [
        CommuneStanding(
            row.code or "",
            row.name,
            at := came.get(row.id),
            None if at is None else max(0, (today - local_date(at)).days),
        )
        for row in rows
    ]


def followers(connection: Connection) -> dict[str, list[str]]:
    """Device -> those that come directly after it, the first first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for device, successor in connection.execute(
        select(continuations.c.device, continuations.c.successor).order_by(
            continuations.c.at, continuations.c.successor
        )
    ):
        found[device].append(successor)
    return dict(found)

"""Devices that were stolen or lost: taking their rights, and what they say of it.

A revoked device is told so with the province's signature and destroys its key. With it go the devices that its
workspace was before, for their keys lie in the same file. Leaves to others: refusing it (`people`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Engine, select, update

from kcdesk.domain.clock import Clock
from kcdesk.errors import NotFound, Rejected
from kcdesk.server import apart, apart_decisions, audit
from kcdesk.server.database import writing
from kcdesk.server.standing import followers
from kcdesk.server.tables import devices
from kcdesk.sync import protocol
from kcdesk.sync.protocol import KeyDestroyed


class Revoked(msgspec.Struct, frozen=True):
    """devices: those that may do nothing more now;  later: devices that come after them and still may."""

    devices: list[str]
    later: list[str]


def revoke(engine: Engine, device: str, *, later: bool = False, clock: Clock) -> Revoked:
    """Let a device, and those its workspace was before, do nothing more. Repeating it changes nothing.

    later: those that come after it, too; a copy of the folder on another laptop may be one

    Raises `NotFound`.
    """
    with writing(engine) as connection:
        if connection.scalar(select(devices.c.id).where(devices.c.id == device)) is None:
            raise NotFound(
                f"Tỉnh không có máy nào mang số {device}.",
                hint="Xem số của các máy: kcdesk server device list.",
            )
        after = followers(connection)
        before = _turned(after)
        gone = _all_from([device], before)
        if later:
            gone = _all_from(gone, after)
        fresh = devices.c.id.in_(gone) & devices.c.revoked_at.is_(None)
        if revoked := sorted(connection.scalars(select(devices.c.id).where(fresh))):
            connection.execute(update(devices).where(fresh).values(revoked_at=clock()))
            audit.note(connection, "device.revoked", devices=revoked)
        apart.gather(connection, gone, clock())
        following = set(_all_from(gone, after)) - set(gone)
        may_speak = select(devices.c.id).where(
            devices.c.id.in_(following), devices.c.revoked_at.is_(None)
        )
        done = Revoked(sorted(gone), sorted(connection.scalars(may_speak)))
    apart_decisions.look_into(engine, gone, clock())
    return done


def note_destroyed(engine: Engine, said: KeyDestroyed, now: int) -> None:
    """Believe a revoked device that its key is gone. Raises `Rejected` for any other word."""
    with writing(engine) as connection:
        row = connection.execute(
            select(devices.c.public_key, devices.c.revoked_at)
            .where(devices.c.id == said.device)
            .with_for_update()
        ).one_or_none()
        statement = protocol.destroyed_statement(said.device, said.revoked_at)
        if (
            row is None
            or row.revoked_at != said.revoked_at
            or not protocol.is_signed(row.public_key, said.signature, statement)
        ):
            raise Rejected("Lời báo đã huỷ khoá không phải của máy bị thu hồi.", code="signature")
        destroyed = connection.execute(
            update(devices)
            .where(devices.c.id == said.device, devices.c.key_destroyed_at.is_(None))
            .values(key_destroyed_at=now)
        )
        if destroyed.rowcount:
            audit.note(connection, "device.key_destroyed", device=said.device)


def _turned(links: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one, others in links.items():
        for other in others:
            found[other].append(one)
    return dict(found)


def _all_from(start: Iterable[str], links: Mapping[str, Iterable[str]]) -> list[str]:
    """Those in `start` and all that can be reached from them."""
    found = list(dict.fromkeys(start))
    for device in found:
        found += [one for one in links.get(device, ()) if one not in found]
    return found

"""Enrolment files: the province's keys, what it publishes, a person's areas and their records.

A code said by telephone opens one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.server import admin, people, tables
from kcdesk.server.answer import everything
from kcdesk.server.database import reading
from kcdesk.server.parcels import Keys, published
from kcdesk.server.people import FILE_CODE_MS, Caller
from kcdesk.sync.parcels import contents, envelope
from kcdesk.sync.parcels.contents import EnrolmentHead
from kcdesk.sync.parcels.envelope import Header
from kcdesk.sync.parcels.keys import code_identity, recipient_of
from kcdesk.sync.protocol import SentHeader

SALT_BYTES = 16


def write(
    engine: Engine, user: str, path: Path, *, url: str, clock: Clock, randomness: Randomness
) -> tuple[str, int]:
    """Write an enrolment file for a new device of this person; returns the code that opens it, and the file's bytes.

    url: the server's address, when the device may use it later. Raises `NotFound`, `BadInput`. The code is kept hashed
    and is valid for 90 days: it comes back in the first parcel.
    """
    code = admin.enrol(engine, user, clock=clock, randomness=randomness, valid_ms=FILE_CODE_MS)
    salt = randomness(SALT_BYTES)
    with reading(engine) as connection:
        keys = Keys.load(connection)
        header = Header(randomness(16).hex(), "enrolment", keys.fingerprint, salt=salt)
        recipient = recipient_of(code_identity(code, salt))
        sections = _sections(connection, keys, user, url, clock())
        size = envelope.write_file(path, header, recipient, sections, keys.signing.sign)
    return code, size


def _sections(connection: Connection, keys: Keys, user: str, url: str, now: int) -> Iterator[bytes]:
    home = connection.execute(select(tables.province)).one()
    row = connection.execute(select(tables.users).where(tables.users.c.name == user)).one()
    person = people.person_of(connection, row.id, row.name, row.role, now)
    codes = tables.area_codes
    areas = connection.scalars(
        select(codes.c.code)
        .where(codes.c.area.in_(person.areas), codes.c.era == "new", codes.c.valid_to.is_(None))
        .order_by(codes.c.code)
    )
    public_key = keys.signing.public_key().public_bytes_raw()
    yield contents.encode(
        EnrolmentHead(
            home.name,
            home.epoch,
            public_key,
            recipient_of(keys.identity),
            url.rstrip("/"),
            person.name,
            person.role,
            list(areas),
        )
    )
    yield from published(connection, None)
    nobody = Caller("", b"", person, closed=False)  # no device yet, so no change is its own
    from_the_start = SentHeader("", home.epoch, 1, 0, b"", b"", b"", {})
    yield from everything(connection, nobody, from_the_start)

"""Erasing at the province: what an erasure covers is null in the changes that are held, and in those that still come.

An erasure is a change of the kind `erasures` (`kcdesk.changes.erasing`) that the centre writes and everybody reads.
Taken in, it makes null what it covers in the same transaction, and the kept bytes of all other exchanges go with it:
they may say the same, and losing them costs bytes. What no transaction reaches stands in the table `erasing` until it
is done: pages and write-ahead log of SQLite, dead rows of PostgreSQL (docs/decisions/0018-erasure.md).

Leaves to others: who may erase (`rights`), and what devices do with the entry.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing

import msgspec
from sqlalchemy import Connection, Engine, bindparam, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from kcdesk.changes import Change
from kcdesk.changes.erasing import Erasure, erasure_of, without_erased
from kcdesk.domain.kinds import ATTACHMENTS
from kcdesk.server import contents
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.history import change_of
from kcdesk.server.tables import changes, erasing, erasures, exchange_bytes, exchanges

log = logging.getLogger("kcdesk.server")

_LOCK_TIMEOUT_MS = 5_000
"""So long PostgreSQL may wait for a table that it writes anew; all others who want the table wait behind it."""
_REWRITTEN = (changes.name, exchange_bytes.name)
"""Tables whose rows may have said something that was erased."""


def of_records(connection: Connection, records: Collection[str]) -> list[Erasure]:
    """The erasures that are held of these records."""
    rows = connection.execute(
        select(changes)
        .join(erasures, (erasures.c.device == changes.c.device) & (erasures.c.n == changes.c.n))
        .where(erasures.c.record.in_(records))
        .order_by(changes.c.device, changes.c.n)
    )
    return [erasure for row in rows if (erasure := erasure_of(change_of(row))) is not None]


def of_device(connection: Connection, device: str, after: int) -> list[Change]:
    """The erasures that may have taken something out of a device's changes after number `after`."""
    spoken = select(changes.c.record).where(changes.c.device == device, changes.c.n > after)
    return [erasure.by for erasure in of_records(connection, list(connection.scalars(spoken)))]


def cleaned(connection: Connection, arrived: Sequence[Change]) -> Sequence[Change]:
    """Changes that are about to be taken in, without what an erasure covers that is held."""
    known = of_records(connection, {change.record for change in arrived})
    if not known:
        return arrived
    clean = [without_erased(change, known) for change in arrived]
    changed = (before for before, after in zip(arrived, clean, strict=True) if after is not before)
    if (first := next(changed, None)) is not None:
        _leave_to_do(connection, first)  # the bytes they came in
    return clean


def erase(connection: Connection, taken: Iterable[Change]) -> None:
    """Apply the erasures among the changes just written. Their records have to be locked; `finish` comes after it."""
    fresh = [erasure for change in taken if (erasure := erasure_of(change)) is not None]
    if not fresh:
        return
    rows = [(one.by.device, one.by.n, one.record) for one in fresh]
    insert_rows(connection, erasures, rows, or_leave=True)
    for one in fresh:
        if one.kind == ATTACHMENTS.name and one.names("sha256"):
            contents.unname(connection, one.record)
    records = {one.record for one in fresh}
    known = of_records(connection, records)
    held = map(change_of, connection.execute(select(changes).where(changes.c.record.in_(records))))
    gone = [
        {"of": change.device, "number": change.n, "said": msgspec.json.encode(clean.set).decode()}
        for change in held
        if (clean := without_erased(change, known)) is not change
    ]
    if gone:
        of_one = (changes.c.device == bindparam("of")) & (changes.c.n == bindparam("number"))
        connection.execute(update(changes).where(of_one).values(set=bindparam("said")), gone)
    # Locked first: a call that is keeping bytes of one has locked it, too.
    others = connection.scalars(
        select(exchanges.c.id)
        .where(exchanges.c.device.not_in({one.by.device for one in fresh}))
        .order_by(exchanges.c.id)
        .with_for_update()
    ).all()
    connection.execute(delete(exchange_bytes).where(exchange_bytes.c.exchange.in_(others)))
    connection.execute(delete(exchanges).where(exchanges.c.id.in_(others)))
    _leave_to_do(connection, fresh[0].by)


def finish(engine: Engine) -> bool:
    """Write anew what may still hold erased values below the rows; whether nothing is left to do.

    SQLite: the whole file, then its log is emptied. PostgreSQL: the tables, whose old files go; its own log keeps what
    was until it is recycled. What cannot be done now (the file is in use) is done after the next exchange.
    """
    with reading(engine) as connection:
        to_do = connection.scalars(select(erasing.c.what)).all()
    if not to_do:
        return True
    try:
        done = _rewrite_sqlite(engine) if engine.dialect.name == "sqlite" else _rewrite(engine)
    except DBAPIError as error:
        log.warning("erasing is not finished: %s", type(error.orig).__name__)
        return False
    if done:
        with writing(engine) as connection:
            connection.execute(delete(erasing).where(erasing.c.what.in_(to_do)))
    return done


def _rewrite_sqlite(engine: Engine) -> bool:
    with closing(engine.raw_connection()) as pooled:
        cursor = pooled.cursor()
        cursor.execute("VACUUM")
        (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    return not busy


def _rewrite(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = {_LOCK_TIMEOUT_MS}"))
        try:
            for name in _REWRITTEN:
                connection.execute(text(f"VACUUM FULL {name}"))
        finally:
            connection.execute(text("RESET lock_timeout"))
    return True


def _leave_to_do(connection: Connection, change: Change) -> None:
    """Each has a row of its own: one that comes while files are written anew has them written once more."""
    insert_rows(connection, erasing, [(str(change.id),)], or_leave=True)

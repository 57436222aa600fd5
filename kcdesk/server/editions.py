"""The editions a province has published, read: which there are, and what a device lacks of them.

Leaves to others: publishing (`publishing`), the form of a bundle (`kcdesk.sync.bundle`), HTTP (`ranges`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, select

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.published.editions import (
    UNITS_PATH,
    EditionMark,
    Manifest,
    decode_manifest,
)
from kcdesk.resources import resource_path
from kcdesk.server.database import reading
from kcdesk.server.tables import edition_files, editions, file_contents
from kcdesk.sync.bundle import Published, last_of, mark_of, pack_bundle


@dataclass(frozen=True, slots=True)
class PublishedEdition:
    """An edition as the database keeps it."""

    manifest: Manifest
    signed: Published

    @property
    def mark(self) -> EditionMark:
        return mark_of(self.manifest.number, self.signed.manifest)


def latest(connection: Connection) -> PublishedEdition | None:
    """The edition that applies; None: nothing was published yet."""
    newest = select(editions).order_by(editions.c.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return None if row is None else _edition(row)


def latest_mark(connection: Connection) -> EditionMark | None:
    """What tells devices whether they lack something."""
    found = latest(connection)
    return None if found is None else found.mark


def every_edition(engine: Engine) -> list[PublishedEdition]:
    """All editions, the newest first."""
    with reading(engine) as connection:
        rows = connection.execute(select(editions).order_by(editions.c.number.desc()))
        return [_edition(row) for row in rows]


def units_of(engine: Engine) -> AdministrativeUnits:
    """The administrative units that apply: of the newest edition, or where it has none the shipped ones."""
    with reading(engine) as connection:
        found = latest(connection)
        files = found.manifest.files if found is not None else ()
        file = next((file for file in files if file.path == UNITS_PATH), None)
        if file is None:
            return AdministrativeUnits.read(resource_path(*UNITS_PATH.split("/")))
        return AdministrativeUnits(_content(connection, file.sha256).decode("utf-8"))


def bundle_for(engine: Engine, have: EditionMark | None) -> bytes:
    """The bundle of what somebody lacks who has the edition `have`, and with it all before; empty: nothing.

    Who has one that this province does not know (it went back to a backup, say) is sent everything.
    """
    with reading(engine) as connection:
        return _bundle_for(connection, have)


def bundles_for(connection: Connection, have: EditionMark | None) -> Iterator[bytes]:
    """As many such bundles as it takes until nothing is lacking."""
    while bundle := _bundle_for(connection, have):
        yield bundle
        have = last_of(bundle)


def _bundle_for(connection: Connection, have: EditionMark | None) -> bytes:
    known = [
        _edition(row) for row in connection.execute(select(editions).order_by(editions.c.number))
    ]
    has = have is not None and any(one.mark == have for one in known)
    number = have.number if have is not None and has else 0
    had = {f.sha256 for one in known if one.manifest.number <= number for f in one.manifest.files}
    lacking = [one.signed for one in known if one.manifest.number > number]
    if not lacking:
        return b""
    return pack_bundle(lacking, had, lambda sha256: _content(connection, sha256))


def contents_of(connection: Connection, manifest: Manifest) -> dict[str, bytes]:
    """Path -> content of all files of an edition."""
    rows = connection.execute(
        select(edition_files.c.path, file_contents.c.bytes)
        .join(file_contents, file_contents.c.sha256 == edition_files.c.sha256)
        .where(edition_files.c.edition == manifest.number)
    )
    return {row.path: bytes(row.bytes) for row in rows}


def _content(connection: Connection, sha256: str) -> bytes:
    wanted = select(file_contents.c.bytes).where(file_contents.c.sha256 == sha256)
    return bytes(connection.execute(wanted).scalar_one())


def _edition(row: Row[tuple[int, int, bytes, bytes]]) -> PublishedEdition:
    signed = Published(bytes(row.manifest), bytes(row.signature))
    manifest = decode_manifest(signed.manifest)
    assert manifest is not None, "only sound manifests are published"
    return PublishedEdition(manifest, signed)

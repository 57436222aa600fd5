"""What the province has published, kept in the workspace: editions, their contents, and the bundle under way.

Owns the tables of editions, and which table of units the workspace reads by. Leaves to others: whether an edition is
the province's (`kcdesk.sync.bundle`), and what its files mean (`kcdesk.actions.editions`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.published.editions import (
    UNITS_PATH,
    EditionFile,
    EditionMark,
    Manifest,
    decode_manifest,
)
from kcdesk.storage.projection import Projection
from kcdesk.storage.safety.catching_up import project_again
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class HeldEdition:
    """An edition that is here, since `received_at` (this device's clock, milliseconds UTC)."""

    manifest: Manifest
    signed: bytes
    signature: bytes
    received_at: int

    @property
    def number(self) -> int:
        return self.manifest.number

    @property
    def mark(self) -> EditionMark:
        return EditionMark(self.number, hashlib.sha256(self.signed).hexdigest())

    def file(self, path: str) -> EditionFile | None:
        return next((file for file in self.manifest.files if file.path == path), None)


class NewEdition(NamedTuple):
    """An edition that was proved: its manifest, read and as it was signed, and the contents that came with it."""

    manifest: Manifest
    signed: bytes
    signature: bytes
    contents: Mapping[str, bytes]


class Editions:
    """Reads and writes editions over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def every(self) -> list[HeldEdition]:
        """The editions that are here, the newest first."""
        rows = self._db.execute(
            "SELECT manifest, signature, received_at FROM editions ORDER BY number DESC"
        ).fetchall()
        return [held for row in rows if (held := _held(row)) is not None]

    def newest(self) -> HeldEdition | None:
        """The one that is in use; None: edition 0, what the program ships with."""
        row = self._db.execute(
            "SELECT manifest, signature, received_at FROM editions ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return _held(row) if row else None

    def get(self, number: int) -> HeldEdition | None:
        row = self._db.execute(
            "SELECT manifest, signature, received_at FROM editions WHERE number = ?", (number,)
        ).fetchone()
        return _held(row) if row else None

    def has_content(self, sha256: str) -> bool:
        found = self._db.execute("SELECT 1 FROM edition_contents WHERE sha256 = ?", (sha256,))
        return found.fetchone() is not None

    def content(self, file: EditionFile) -> bytes:
        """What is in a file of an edition that is here."""
        (content,) = self._db.execute(
            "SELECT bytes FROM edition_contents WHERE sha256 = ?", (file.sha256,)
        ).fetchone()
        return bytes(content)

    def keep(
        self,
        manifest: Manifest,
        signed: bytes,
        signature: bytes,
        contents: Mapping[str, bytes],
        at: int,
    ) -> None:
        """Keep an edition that was proved; one of the same number goes. Call it in a transaction."""
        self._db.conn.executemany(
            "INSERT OR IGNORE INTO edition_contents VALUES (?, ?)", contents.items()
        )
        self._db.execute(
            "INSERT OR REPLACE INTO editions VALUES (?, ?, ?, ?, ?)",
            (manifest.number, manifest.published_at, signed, signature, at),
        )

    # What is known of the province's, and the bundle under way

    def told(self) -> EditionMark | None:
        """The newest edition that the province has told of."""
        row = self._db.execute("SELECT number, sha256 FROM edition_told").fetchone()
        return EditionMark(*row) if row else None

    def tell(self, mark: EditionMark) -> None:
        with transaction(self._db):
            self._db.execute(
                "INSERT OR REPLACE INTO edition_told VALUES (1, ?, ?)", (mark.number, mark.sha256)
            )

    def lacks(self, mark: EditionMark | None) -> bool:
        """Whether the edition that `mark` names is newer than what is here, or another one of the same number."""
        newest = self.newest()
        if mark is None or newest is None:
            return mark is not None
        return mark.number >= newest.number and mark != newest.mark

    def arrived(self) -> tuple[str, int]:
        """Name and size of what has come of a bundle."""
        row = self._db.execute(
            "SELECT etag, position + length(bytes) FROM edition_arriving ORDER BY position DESC LIMIT 1"
        ).fetchone()
        return (str(row[0]), int(row[1])) if row else ("", 0)

    def keep_arrived(self, etag: str, position: int, data: bytes) -> None:
        """Keep bytes of the bundle `etag`; another one's go. Raises ValueError at a gap."""
        with transaction(self._db):
            known, end = self.arrived()
            if known != etag:
                self._db.execute("DELETE FROM edition_arriving")
                end = 0
            if position != end:
                raise ValueError("bytes of a bundle are kept in order")
            self._db.execute(
                "INSERT INTO edition_arriving VALUES (?, ?, ?)", (etag, position, data)
            )

    def arrived_bytes(self) -> Iterator[bytes]:
        rows = self._db.execute("SELECT bytes FROM edition_arriving ORDER BY position").fetchall()
        return (bytes(piece) for (piece,) in rows)

    def drop_arrived(self) -> None:
        with transaction(self._db):
            self._db.execute("DELETE FROM edition_arriving")


class Units:
    """The table of units by which a workspace reads: the newest edition's, or the shipped one."""

    def __init__(self, db: Database, shipped: AdministrativeUnits) -> None:
        self._db = db
        self._shipped = shipped
        self._newest: tuple[int, int] | None = None
        self._sha256 = ""
        self.table = shipped
        self.follow()

    def follow(self) -> bool:
        """Take the table of the newest edition; whether that is another than before."""
        row = self._db.execute(
            "SELECT number, published_at FROM editions ORDER BY number DESC LIMIT 1"
        ).fetchone()
        if row == self._newest:
            return False
        editions, before = Editions(self._db), self.table
        self._newest, self.table, self._sha256 = row, self._shipped, ""
        newest = editions.newest()
        file = newest.file(UNITS_PATH) if newest is not None else None
        if file is not None:
            read = _read_units(editions.content(file))
            if read is not None:
                self.table, self._sha256 = read, file.sha256
        return self.table is not before

    @property
    def placed(self) -> bool:
        """Whether the rows' places were written with this table."""
        (made,) = self._db.execute("SELECT sha256 FROM places_made").fetchone()
        return bool(made == self._sha256)

    def place_again(self, projection: Projection) -> None:
        """Write the rows anew whose places another table of units has named. Call it in a transaction."""
        placed = self._db.execute(
            f"SELECT id FROM {ESTABLISHMENTS.name} WHERE commune IS NOT NULL OR old_commune IS NOT NULL"  # noqa: S608
        ).fetchall()
        project_again(self._db, projection, ESTABLISHMENTS.name, [record for (record,) in placed])
        self._db.execute("UPDATE places_made SET sha256 = ?", (self._sha256,))


@lru_cache(maxsize=2)
def _read_units(content: bytes) -> AdministrativeUnits | None:
    """The table, or None for one that this version cannot read: the shipped one is used then."""
    try:
        return AdministrativeUnits(content.decode("utf-8"))
    except (ValueError, KeyError, RecursionError):
        return None


def _held(row: tuple[bytes, bytes, int]) -> HeldEdition | None:
    signed, signature, received_at = row
    manifest = decode_manifest(bytes(signed))
    if manifest is None:
        return None
    return HeldEdition(manifest, bytes(signed), bytes(signature), received_at)

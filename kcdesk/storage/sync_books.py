"""What a workspace remembers of its dealings with the province, inside the encrypted file.

Owns the tables province, devices, cursors and exchange. Leaves to others: what travels (`sync`), and the
changes themselves (`workspace`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Literal

from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction

PIECE_BYTES = 64 * 1024
_FORMER = "former epoch "
"""How the settings are called that say which epochs of the province are over."""


@dataclass(frozen=True, slots=True)
class Province:
    """The province a device has joined; `public_key` is its pinned Ed25519 key (32 bytes).

    url:            empty: nothing is known but parcels
    recipient:      pinned too, the age recipient of parcels for it; empty: joined before there were parcels
    enrolment_code: the one-time code of an enrolment file, until the province has answered
    token_expires_at: when the token ends, ms UTC; None: not known
    """

    url: str
    name: str
    epoch: str
    public_key: bytes
    token: str
    role: str
    joined_at: int
    synced_at: int | None = None
    recipient: str = ""
    enrolment_code: str = ""
    token_expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a log was read: the number of its last entry, and the sum of its entries' hashes mod 2^128 (16 bytes)."""

    position: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange under way: it sends changes up to `last_n`, `body_bytes` long."""

    id: str
    last_n: int
    last_hash: bytes
    body_bytes: int


class SyncBooks:
    """Reads and writes the tables of sync over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def province(self) -> Province | None:
        row = self._db.execute(
            "SELECT url, name, epoch, public_key, token, role, joined_at, synced_at, recipient, enrolment_code,"
            " token_expires_at FROM province"
        ).fetchone()
        return Province(*row) if row else None

    def join_province(self, province: Province) -> None:
        with transaction(self._db):
            self._db.execute(
                "INSERT OR REPLACE INTO province VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                astuple(province),
            )

    def enrolled(self) -> None:
        """The province has answered: the one-time code has done its work."""
        with transaction(self._db):
            self._db.execute("UPDATE province SET enrolment_code = ''")

    def synced(self, at: int) -> None:
        with transaction(self._db):
            self._db.execute("UPDATE province SET synced_at = ?", (at,))

    def follow_epoch(self, epoch: str) -> None:
        """The province has come back from a backup and counts a new epoch; it never goes back to the one before."""
        with transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO settings SELECT ? || epoch, '' FROM province", (_FORMER,)
            )
            self._db.execute("UPDATE province SET epoch = ?", (epoch,))

    def former_epochs(self) -> set[str]:
        """Epochs of the province that are over."""
        rows = self._db.execute(
            "SELECT substr(name, ?) FROM settings WHERE name LIKE ? || '%'",
            (len(_FORMER) + 1, _FORMER),
        )
        return {epoch for (epoch,) in rows}

    def know_devices(self, persons: Mapping[str, str]) -> None:
        """Remember whose device is whose: device id -> person."""
        with transaction(self._db):
            self._db.conn.executemany(
                "INSERT INTO devices VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET person = excluded.person",
                persons.items(),
            )

    def devices(self) -> dict[str, str]:
        """Device id -> person, as far as known."""
        return dict(self._db.execute("SELECT id, person FROM devices").fetchall())

    def cursors(self) -> dict[str, Cursor]:
        return {
            log: Cursor(position, digest)
            for log, position, digest in self._db.execute(
                "SELECT log, position, digest FROM cursors"
            )
        }

    def begin_exchange(
        self, exchange: str, last_n: int, last_hash: bytes, pieces: Iterable[bytes]
    ) -> None:
        """Keep the body of a new exchange; whatever was left of an older one is dropped."""
        with transaction(self._db):
            self._clear_exchange()
            position = 0
            for piece in pieces:
                position = self._keep("body", position, piece)
            self._db.execute(
                "INSERT INTO exchange VALUES (1, ?, ?, ?, ?)",
                (exchange, last_n, last_hash, position),
            )

    def exchange(self) -> Exchange | None:
        row = self._db.execute("SELECT id, last_n, last_hash, body_bytes FROM exchange").fetchone()
        return Exchange(*row) if row else None

    def body_from(self, offset: int) -> Iterator[bytes]:
        return self._from("body", offset)

    def answer_bytes(self) -> int:
        """How many bytes of the answer have arrived, without a gap."""
        row = self._db.execute(
            "SELECT max(position + length(bytes)) FROM exchange_bytes WHERE direction = 'answer'"
        ).fetchone()
        return int(row[0] or 0)

    def keep_answer(self, position: int, data: bytes) -> None:
        """Keep bytes that arrived; `position` is the number of bytes before them. Raises ValueError at a gap."""
        if position != self.answer_bytes():
            raise ValueError("bytes of an answer are kept in order")
        with transaction(self._db):
            self._keep("answer", position, data)

    def answer_from(self, offset: int) -> Iterator[bytes]:
        return self._from("answer", offset)

    def end_exchange(self) -> None:
        with transaction(self._db):
            self._clear_exchange()

    def _clear_exchange(self) -> None:
        self._db.execute("DELETE FROM exchange")
        self._db.execute("DELETE FROM exchange_bytes")

    def _keep(self, direction: Literal["body", "answer"], position: int, data: bytes) -> int:
        for start in range(0, len(data), PIECE_BYTES):
            piece = data[start : start + PIECE_BYTES]
            self._db.execute(
                "INSERT INTO exchange_bytes VALUES (?, ?, ?)", (direction, position, bytes(piece))
            )
            position += len(piece)
        return position

    def _from(self, direction: Literal["body", "answer"], offset: int) -> Iterator[bytes]:
        position = offset
        while True:
            row = self._db.execute(
                "SELECT position, bytes FROM exchange_bytes WHERE direction = ? AND position <= ?"
                " ORDER BY position DESC LIMIT 1",
                (direction, position),
            ).fetchone()
            piece = row[1][position - row[0] :] if row else b""
            if not piece:
                return
            yield piece
            position += len(piece)

"""What a workspace remembers of parcels: those it wrote, and other people's that it carries, bytes and all.

Owns the tables parcels, parcel_changes, parcel_contents, carried and carried_bytes. Leaves to others: what is in a
parcel (`sync`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction

KEPT_MS = 30 * 24 * 3600 * 1000
"""So long an answer that was written to a stick can be written once more."""

CarriedState = Literal["waits", "answered", "refused"]


@dataclass(frozen=True, slots=True)
class OwnParcel:
    """A parcel that was written here. Instants in ms UTC.

    first_n, last_n: the changes in it, those of former devices counted by number too
    count:           how many they are
    photos:          contents of pictures and scans in it, `photo_bytes` long
    photos_waiting:  of these, those of which the province has said nothing yet
    delivered:       the province has confirmed all changes, and said of all contents what became of them
    answered_at:     when an answer to it was read; problem: why the province did not take it
    """

    id: str
    file: str
    written_at: int
    first_n: int
    last_n: int
    count: int
    photos: int
    photo_bytes: int
    photos_waiting: int
    delivered: bool
    answered_at: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class CarriedParcel:
    """Somebody else's parcel, or an answer to one.

    reason:     why the province did not take it
    written_at: when its answer, or while it waits the parcel itself, was put on a stick
    """

    id: str
    name: str
    length: int
    taken_at: int
    state: CarriedState
    reason: str
    answered_at: int | None
    written_at: int | None


class ParcelBooks:
    """Reads and writes these tables over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # Own ones

    def wrote(
        self,
        parcel: str,
        file: str,
        at: int,
        ranges: Mapping[str, tuple[int, int]],
        contents: Mapping[str, int],
    ) -> None:
        """Note a parcel that is on disk.

        ranges: device -> first and last number in it;  contents: SHA-256 -> bytes of pictures and scans in it
        """
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO parcels (id, file, written_at) VALUES (?, ?, ?)", (parcel, file, at)
            )
            self._db.conn.executemany(
                "INSERT INTO parcel_changes VALUES (?, ?, ?, ?)",
                [(parcel, device, first, last) for device, (first, last) in ranges.items()],
            )
            self._db.conn.executemany(
                "INSERT INTO parcel_contents VALUES (?, ?, ?)",
                [(parcel, sha256, length) for sha256, length in contents.items()],
            )

    def answered(self, parcels: Iterable[str], at: int, problem: str) -> None:
        with transaction(self._db):
            self._db.conn.executemany(
                "UPDATE parcels SET answered_at = ?, problem = ? WHERE id = ?",
                [(at, problem, parcel) for parcel in parcels],
            )

    def forget_answered(self, device: str, n: int) -> None:
        """What was in answered parcels of a device's changes after `n` has to go into a new one."""
        with transaction(self._db):
            self._db.execute(
                "DELETE FROM parcel_changes WHERE device = ? AND last_n > ?"
                " AND parcel IN (SELECT id FROM parcels WHERE answered_at IS NOT NULL)",
                (device, n),
            )

    def own(self) -> list[OwnParcel]:
        """Those written here, newest first."""
        rows = self._db.execute(
            "WITH ours AS (SELECT id, confirmed_n FROM predecessors UNION ALL SELECT id, confirmed_n FROM device)"
            " SELECT parcels.id, file, written_at, coalesce(min(first_n), 0), coalesce(max(last_n), 0),"
            " coalesce(sum(last_n - first_n + 1), 0), coalesce(max(last_n > confirmed_n), 0) = 0, answered_at, problem"
            " FROM parcels LEFT JOIN parcel_changes ON parcel = parcels.id LEFT JOIN ours ON ours.id = device"
            " GROUP BY parcels.id ORDER BY written_at DESC, parcels.id"
        ).fetchall()
        photos = {
            parcel: (count, length, waiting)
            for parcel, count, length, waiting in self._db.execute(
                "SELECT parcel, count(*), sum(bytes), sum(sha256 NOT IN"
                " (SELECT sha256 FROM content_places WHERE epoch = (SELECT epoch FROM province)))"
                " FROM parcel_contents GROUP BY parcel"
            )
        }
        found = []
        for row in rows:
            held = photos.get(row[0], (0, 0, 0))
            delivered = bool(row[6]) and not held[2]
            found.append(OwnParcel(*(*row[:6], *held, delivered, *row[7:])))
        return found

    def in_parcels(self) -> int:
        """How many changes of this workspace are in a parcel and not confirmed by the province."""
        row = self._db.execute(
            "WITH ours AS (SELECT id, last_n, confirmed_n FROM predecessors"
            " UNION ALL SELECT id, last_n, confirmed_n FROM device)"
            " SELECT sum(max(0, min(ours.last_n, packed) - confirmed_n)) FROM ours"
            " JOIN (SELECT device, max(last_n) AS packed FROM parcel_changes GROUP BY device) ON device = ours.id"
        ).fetchone()
        return int(row[0] or 0)

    # Carried ones

    def take(self, parcel: str, name: str, pieces: Iterable[bytes], at: int) -> bool:
        """Keep somebody's parcel to carry it; False: it is here already. What the province refused is taken again."""
        with transaction(self._db):
            known = self._db.execute("SELECT state FROM carried WHERE id = ?", (parcel,)).fetchone()
            if known is not None and known[0] != "refused":
                return False
            self._forget(parcel)
            self._db.execute(
                "INSERT INTO carried (id, name, length, taken_at, state) VALUES (?, ?, 0, ?, 'waits')",
                (parcel, name, at),
            )
            length = 0
            for piece in pieces:
                length = self._keep(parcel, "up", length, piece)
            self._db.execute("UPDATE carried SET length = ? WHERE id = ?", (length, parcel))
            return True

    def take_answer(
        self, parcel: str, name: str, pieces: Iterable[bytes], at: int, answers: Iterable[str]
    ) -> bool:
        """Keep an answer to parcels of others, to bring it back; False: it is here already.

        answers: ids of the parcels that it answers; those that wait here have arrived, and go
        """
        with transaction(self._db):
            if self._db.execute("SELECT 1 FROM carried WHERE id = ?", (parcel,)).fetchone():
                return False
            self._db.execute(
                "INSERT INTO carried (id, name, length, taken_at, state, answered_at)"
                " VALUES (?, ?, 0, ?, 'answered', ?)",
                (parcel, name, at, at),
            )
            length = 0
            for piece in pieces:
                length = self._keep(parcel, "down", length, piece)
            self._db.execute("UPDATE carried SET length = ? WHERE id = ?", (length, parcel))
            for each in answers:
                if self._db.execute(
                    "SELECT 1 FROM carried WHERE id = ? AND state <> 'answered'", (each,)
                ).fetchone():
                    self._forget(each)
            return True

    def carried(self) -> list[CarriedParcel]:
        """Those taken along, newest first."""
        rows = self._db.execute(
            "SELECT id, name, length, taken_at, state, reason, answered_at, written_at FROM carried"
            " ORDER BY taken_at DESC, id"
        )
        return [CarriedParcel(*row) for row in rows.fetchall()]

    def bytes_of(
        self, parcel: str, direction: Literal["up", "down"], offset: int = 0
    ) -> Iterator[bytes]:
        """The bytes of a carried parcel, or of the answer to it, from `offset` on."""
        while True:
            row = self._db.execute(
                "SELECT position, bytes FROM carried_bytes WHERE parcel = ? AND direction = ? AND position <= ?"
                " ORDER BY position DESC LIMIT 1",
                (parcel, direction, offset),
            ).fetchone()
            piece = row[1][offset - row[0] :] if row else b""
            if not piece:
                return
            yield piece
            offset += len(piece)

    def answer_bytes(self, parcel: str) -> int:
        """How many bytes of the answer to a carried parcel have come."""
        row = self._db.execute(
            "SELECT max(position + length(bytes)) FROM carried_bytes WHERE parcel = ? AND direction = 'down'",
            (parcel,),
        ).fetchone()
        return int(row[0] or 0)

    def keep_answer(self, parcel: str, data: bytes) -> None:
        """Keep more bytes of the answer, behind those that are there."""
        with transaction(self._db):
            self._keep(parcel, "down", self.answer_bytes(parcel), data)

    def drop_answer(self, parcel: str) -> None:
        """Forget the bytes of an answer that cannot be gone on with."""
        with transaction(self._db):
            self._db.execute(
                "DELETE FROM carried_bytes WHERE parcel = ? AND direction = 'down'", (parcel,)
            )

    def has_answer(self, parcel: str, at: int) -> None:
        """The answer is whole; the parcel itself has arrived and goes."""
        with transaction(self._db):
            self._db.execute(
                "DELETE FROM carried_bytes WHERE parcel = ? AND direction = 'up'", (parcel,)
            )
            self._db.execute(
                "UPDATE carried SET state = 'answered', reason = '', answered_at = ?, written_at = NULL"
                " WHERE id = ?",
                (at, parcel),
            )

    def not_taken(self, parcel: str, reason: str, *, for_good: bool) -> None:
        """The province said no; `for_good`: asking again would not help."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE carried SET state = ?, reason = ? WHERE id = ?",
                ("refused" if for_good else "waits", reason, parcel),
            )

    def put_on_stick(self, parcel: str, at: int) -> None:
        """Note that the answer to a parcel, or while it waits the parcel itself, was written to a stick."""
        with transaction(self._db):
            self._db.execute("UPDATE carried SET written_at = ? WHERE id = ?", (at, parcel))

    def forget_old(self, now: int) -> None:
        """Let go of what was handed on long ago."""
        with transaction(self._db):
            for (parcel,) in self._db.execute(
                "SELECT id FROM carried WHERE written_at < ? AND state <> 'waits'",
                (now - KEPT_MS,),
            ).fetchall():
                self._forget(parcel)

    def _forget(self, parcel: str) -> None:
        self._db.execute("DELETE FROM carried_bytes WHERE parcel = ?", (parcel,))
        self._db.execute("DELETE FROM carried WHERE id = ?", (parcel,))

    def _keep(self, parcel: str, direction: str, position: int, data: bytes) -> int:
        self._db.execute(
            "INSERT INTO carried_bytes VALUES (?, ?, ?, ?)",
            (parcel, direction, position, bytes(data)),
        )
        return position + len(data)

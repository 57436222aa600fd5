"""The person's other devices and what of theirs arrived, as the province last told: the table former_devices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from kcdesk.changes.numbers import Numbers, missing
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class Former:
    """Another device of the person. Instants in ms UTC, of the province's clock.

    n:        all its changes up to here have arrived and are decided on
    told_n:   how far its numbers go, as far as the province has been told
    waits:    what has come and is not taken in: early, or held apart
    left_out: numbers up to n that the centre did not take in
    """

    device: str
    enrolled_at: int
    last_contact_at: int
    n: int
    told_n: int
    revoked_at: int | None
    waits: tuple[Numbers, ...]
    left_out: tuple[Numbers, ...]

    @property
    def missing(self) -> list[Numbers]:
        """Numbers that are told of and never arrived."""
        return missing(self.n, self.told_n, self.waits)


class FormerDevices:
    """Reads and writes the table over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def every(self) -> list[Former]:
        """Those that the province told of, oldest first."""
        rows = self._db.execute("SELECT * FROM former_devices ORDER BY enrolled_at, device")
        return [
            Former(
                *row[:6], *(msgspec.json.decode(text, type=tuple[Numbers, ...]) for text in row[6:])
            )
            for row in rows.fetchall()
        ]

    def replace(self, told: Iterable[Former]) -> None:
        """Keep what the province tells now in place of what it told before."""
        told = list(told)
        if told == self.every():
            return
        with transaction(self._db):
            self._db.execute("DELETE FROM former_devices")
            self._db.conn.executemany(
                "INSERT INTO former_devices VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        one.device,
                        one.enrolled_at,
                        one.last_contact_at,
                        one.n,
                        one.told_n,
                        one.revoked_at,
                        msgspec.json.encode(one.waits).decode(),
                        msgspec.json.encode(one.left_out).decode(),
                    )
                    for one in told
                ],
            )

"""Papers that left the program and what came back of them; pages of scans that wait for somebody to say what they are.

Nothing here is a change: it is this computer's book of its papers, encrypted with everything else and in every backup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from kcdesk.domain.kinds import KINDS
from kcdesk.domain.page_codes import short_code
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class PaperNote:
    """One paper that left.

    how:      `printed`, `file`, `protected`, `copy`, `word`, `blank`
    record:   what it was printed from, or will be about; empty of a list
    taker:    to whom it was given;  left_out: keys that were not on it
    at, back_at: milliseconds UTC, as the clock says;  attachment: the signed copy that came back
    """

    id: int
    at: int
    how: str
    form: str
    record: str
    establishment: str
    version: str
    file_name: str
    taker: str
    left_out: tuple[str, ...]
    back_at: int | None
    attachment: str


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """A page of a scan that nobody could file; `picture` is a JPEG, `page` counts from 1.

    record: whose code was read on it, though it is not here; empty when none was read
    """

    id: int
    at: int
    file_name: str
    page: int
    picture: bytes
    record: str = ""


_COLUMNS = tuple(field.name for field in fields(PaperNote))


def _named(row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(_COLUMNS, row, strict=True))


class Papers:
    """Reads and writes the book over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def note(
        self,
        at: int,
        how: str,
        form: str,
        *,
        record: str = "",
        establishment: str = "",
        version: str = "",
        file_name: str = "",
        taker: str = "",
        left_out: tuple[str, ...] = (),
    ) -> None:
        """Write down that a paper left, durably."""
        row = (
            at,
            how,
            form,
            record,
            establishment,
            version,
            file_name,
            taker,
            msgspec.json.encode(left_out).decode(),
        )
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO papers (at, how, form, record, establishment, version, file_name, taker, left_out)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def all(self, *, out: bool = False, establishment: str = "") -> list[PaperNote]:
        """The papers, newest first. `out`: only what was handed to somebody and has not come back."""
        rows = self._db.execute(
            "SELECT id, at, how, form, record, establishment, version, file_name, taker, left_out, back_at, attachment"
            " FROM papers WHERE (NOT ? OR (taker != '' AND back_at IS NULL)) AND (? = '' OR establishment = ?)"
            " ORDER BY id DESC",
            (out, establishment, establishment),
        )
        return [
            PaperNote(**{**_named(row), "left_out": tuple(msgspec.json.decode(row[9]))})
            for row in rows
        ]

    def came_back(self, at: int, form: str, record: str, attachment: str) -> None:
        """The signed copy of a paper is here: note it at every copy of it that is still out."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE papers SET back_at = ?, attachment = ? WHERE form = ? AND record = ? AND back_at IS NULL",
                (at, attachment, form, record),
            )

    def mark_back(self, at: int, number: int) -> bool:
        """A paper came back without a scan; whether there is such a paper."""
        with transaction(self._db):
            done = self._db.execute("UPDATE papers SET back_at = ? WHERE id = ?", (at, number))
        return bool(done.rowcount)

    def handed_out_for(self, record: str) -> str:
        """The establishment that a paper for a record to come was handed out for; empty when there is none."""
        row = self._db.execute(
            "SELECT establishment FROM papers WHERE record = ? AND establishment != '' LIMIT 1",
            (record,),
        ).fetchone()
        return str(row[0]) if row else ""

    def with_code(self, code: str) -> list[tuple[str, str]]:
        """The records `(kind, id)` that have this short code (`page_codes.short_code`); kind is empty of a paper for
        a record that is still to come."""
        found = [
            (kind, record)
            for kind in KINDS
            for record in self._ids(kind)
            if short_code(record) == code
        ]
        if found:
            return found
        coming = self._db.execute("SELECT DISTINCT record FROM papers WHERE record != ''")
        return [("", record) for (record,) in coming if short_code(record) == code]

    def kind_of(self, record: str) -> str | None:
        """The kind of a record that is here and not in the bin."""
        for kind in KINDS:
            query = f"SELECT 1 FROM {kind} WHERE id = ? AND deleted = 0"  # noqa: S608
            if self._db.execute(query, (record,)).fetchone():
                return kind
        return None

    def _ids(self, kind: str) -> Iterator[str]:
        for (record,) in self._db.execute(f"SELECT id FROM {kind} WHERE deleted = 0"):  # noqa: S608
            yield str(record)

    def keep_unread(
        self, at: int, file_name: str, page: int, picture: bytes, record: str = ""
    ) -> None:
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO unread_pages (at, file_name, page, picture, record)"
                " VALUES (?, ?, ?, ?, ?)",
                (at, file_name, page, picture, record),
            )

    def unread(self) -> list[UnreadPage]:
        rows = self._db.execute(
            "SELECT id, at, file_name, page, picture, record FROM unread_pages ORDER BY id"
        )
        return [UnreadPage(*row) for row in rows]

    def forget_unread(self, number: int) -> None:
        with transaction(self._db):
            self._db.execute("DELETE FROM unread_pages WHERE id = ?", (number,))

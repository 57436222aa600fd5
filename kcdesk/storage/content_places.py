"""Which contents the province holds, which are still to be sent or fetched, and the bytes of those on their way here.

Owns the tables content_places and arriving_bytes. What this computer holds is `attachments`; sending and fetching is
`sync.contents`; which lie in parcels is `parcel_books`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction


class ContentPlace(Enum):
    """What the province has said of a content. Values are those of the table."""

    PROVINCE = "province"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Travelling:
    """A content that is to be sent or fetched; `size` in bytes, 0 where nobody has told it."""

    sha256: str
    media_type: str
    size: int


class ContentPlaces:
    """The books of contents in one open workspace; belongs to its thread."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def to_send(self) -> list[Travelling]:
        """What is here, named by a record that is not in the bin, and neither at the province nor refused by it.

        In the order in which the records were made.
        """
        return self._travelling(
            "JOIN contents AS c ON c.sha256 = a.sha256 WHERE a.deleted = 0 AND a.sha256 NOT IN"
            " (SELECT sha256 FROM content_places WHERE epoch = (SELECT epoch FROM province))",
            size="c.bytes",
        )

    def to_fetch(self) -> list[Travelling]:
        """What a record that is not in the bin names and this computer does not have."""
        return self._travelling(
            "WHERE a.deleted = 0 AND a.sha256 IS NOT NULL AND a.sha256 NOT IN (SELECT sha256 FROM contents)",
            size="json_extract(a.rest, '$.bytes')",
        )

    def _travelling(self, where: str, *, size: str) -> list[Travelling]:
        rows = self._db.execute(
            f"SELECT a.sha256, max(coalesce(a.media_type, '')), max(coalesce({size}, 0)), min(a.id)"  # noqa: S608
            f" FROM attachments AS a {where} GROUP BY a.sha256 ORDER BY min(a.id)"
        )
        return [
            Travelling(sha256, media_type, size if isinstance(size, int) else 0)
            for sha256, media_type, size, _ in rows
        ]

    def place(self, sha256: str) -> tuple[ContentPlace | None, str]:
        """What the province has said of a content, and the reason where it refused it; None: nothing yet."""
        row = self._db.execute(
            "SELECT place, reason FROM content_places"
            " WHERE sha256 = ? AND epoch = (SELECT epoch FROM province)",
            (sha256,),
        ).fetchone()
        return (ContentPlace(row[0]), row[1]) if row else (None, "")

    def note(self, sha256: str, place: ContentPlace, reason: str = "") -> None:
        """Remember what the province has said of a content."""
        self.note_all([(sha256, place, reason)])

    def note_all(self, said: Iterable[tuple[str, ContentPlace, str]]) -> None:
        """Remember what the province has said of contents: each with its place and reason."""
        with transaction(self._db):
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO content_places SELECT ?, epoch, ?, ? FROM province",
                [(sha256, place.value, reason) for sha256, place, reason in said],
            )

    def in_parcel(self, sha256: str) -> bool:
        """Whether a content lies in a parcel that was written here."""
        query = "SELECT 1 FROM parcel_contents WHERE sha256 = ? LIMIT 1"
        return self._db.execute(query, (sha256,)).fetchone() is not None

    # What is arriving

    def arriving(self, sha256: str) -> int:
        """How many bytes of a content have arrived."""
        row = self._db.execute(
            "SELECT max(position + length(bytes)) FROM arriving_bytes WHERE sha256 = ?", (sha256,)
        ).fetchone()
        return int(row[0] or 0)

    def keep(self, sha256: str, position: int, data: bytes) -> None:
        """Keep bytes that arrived behind the first `position`. Raises ValueError at a gap."""
        if position != self.arriving(sha256):
            raise ValueError("bytes of a content are kept in order")
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO arriving_bytes VALUES (?, ?, ?)", (sha256, position, data)
            )

    def arrived(self, sha256: str) -> bytes:
        """All bytes of a content that have arrived."""
        rows = self._db.execute(
            "SELECT bytes FROM arriving_bytes WHERE sha256 = ? ORDER BY position", (sha256,)
        )
        return b"".join(piece for (piece,) in rows)

    def drop(self, sha256: str) -> None:
        """Forget what has arrived of a content."""
        with transaction(self._db):
            self._db.execute("DELETE FROM arriving_bytes WHERE sha256 = ?", (sha256,))


def forget_content(db: Database, sha256: str) -> None:
    """Forget all that is known of a content. Call it in a transaction."""
    for table in ("contents", "content_places", "arriving_bytes", "parcel_contents"):
        db.execute(f"DELETE FROM {table} WHERE sha256 = ?", (sha256,))  # noqa: S608

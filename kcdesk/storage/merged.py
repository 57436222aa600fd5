"""Under which establishment a merged duplicate is read: the column `survivor`, kept right across records.

What `merged_into` means is `changes.merging`. A duplicate of something that is not held here stands for itself until
that arrives. SQL of lists that follows links from other kinds is here too.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from kcdesk.changes import survivors
from kcdesk.storage.bulk import ANY_OF
from kcdesk.storage.sqlite import Database

STANDS = "deleted = 0 AND survivor IS NULL"
"""SQL: an establishment that lists and search show."""

IN_CIRCLE = (
    "merged_into IS NOT NULL AND survivor IS NULL"
    " AND EXISTS (SELECT 1 FROM establishments AS target WHERE target.id = establishments.merged_into)"
)
"""SQL: the one of a circle of duplicates that survives until a person decides."""

HIDDEN = (
    "(SELECT id FROM establishments WHERE deleted = 1 UNION ALL"
    " SELECT merged.id FROM establishments AS merged JOIN establishments AS stands ON stands.id = merged.survivor"
    " WHERE merged.survivor IS NOT NULL AND stands.deleted = 1)"
)
"""SQL: the establishments in the bin, and those read under one that is: what hangs on them is not listed."""


def followed(kind: str) -> str:
    """SQL: the establishment that a record of another kind is read under."""
    return (
        "coalesce((SELECT survivor FROM establishments"  # noqa: S608
        f" WHERE id = {kind}.establishment AND survivor IS NOT NULL), {kind}.establishment)"
    )


def settle_merged(db: Database, records: Collection[str]) -> None:
    """Set `survivor` anew for these establishments and all that lead to them or away from them."""
    if not db.execute(_ANYTHING_MERGED).fetchone()[0]:
        return
    rows = db.execute(_CONNECTED, (_encode(list(records)),)).fetchall()
    held = {record for record, _, _ in rows}
    wanted = survivors({record: into for record, into, _ in rows if into in held})
    db.conn.executemany(
        "UPDATE establishments SET survivor = ? WHERE id = ?",
        [
            (wanted.get(record), record)
            for record, _, survivor in rows
            if survivor != wanted.get(record)
        ],
    )


_ANYTHING_MERGED = (
    "SELECT EXISTS (SELECT 1 FROM establishments WHERE merged_into IS NOT NULL"
    " UNION ALL SELECT 1 FROM establishments WHERE survivor IS NOT NULL)"
)
_CONNECTED = (
    f"WITH RECURSIVE near (id) AS (SELECT value FROM {ANY_OF}"  # noqa: S608
    " UNION SELECT merged_into FROM near JOIN establishments USING (id) WHERE merged_into IS NOT NULL"
    " UNION SELECT establishments.id FROM near JOIN establishments ON merged_into = near.id)"
    " SELECT id, merged_into, survivor FROM near JOIN establishments USING (id)"
)
_encode = msgspec.json.Encoder().encode

"""Establishments to compare with others: all of them one after the other, or the few that may be one that is typed.

Owns the queries only; how alike two are is judged elsewhere. Merged establishments are among them, for a list may
still name what was merged; each says under which it is read (`survivor`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec

from kcdesk.changes import Value
from kcdesk.storage.bulk import ANY_OF
from kcdesk.storage.merged import HIDDEN
from kcdesk.storage.sqlite import Database

Row = dict[str, Value]

_FIELDS = (
    *("id", "survivor", "name", "legal_form", "tax_code", "phone", "rep_name", "rep_id_no"),
    *("hamlet", "commune", "old_commune", "vsic", "founded_year"),
)
MOST = 200
"""Namesakes that are looked at while somebody types."""


class Candidates:
    """Reads establishments for comparing."""

    def __init__(self, db: Database) -> None:
        self._db = db
        columns = ", ".join(f"e.{field}" for field in _FIELDS)
        self._select = f"SELECT {columns}, e.rest FROM establishments AS e"  # noqa: S608

    def every(self) -> Iterator[Row]:
        """All establishments but those in the bin, in no order, read as they are asked for."""
        return map(_row, self._db.execute(f"{self._select} WHERE e.id NOT IN {HIDDEN}"))

    def count(self) -> int:
        query = "SELECT count(*) FROM establishments WHERE deleted = 0"
        return int(self._db.execute(query).fetchone()[0])

    def those(self, records: Collection[str]) -> dict[str, Row]:
        """The establishments with these ids, by id."""
        rows = self._db.execute(f"{self._select} WHERE e.id IN {ANY_OF}", (_encode(list(records)),))
        return {str(row["id"]): row for row in map(_row, rows)}

    def in_bin(self, kind: str, records: Collection[str]) -> set[str]:
        """Which of these records of a kind are in the bin."""
        query = f"SELECT id FROM {kind} WHERE deleted = 1 AND id IN {ANY_OF}"  # noqa: S608
        return {record for (record,) in self._db.execute(query, (_encode(list(records)),))}

    def near(
        self,
        *,
        tax_code: str,
        numbers: Collection[str],
        phones: Collection[str],
        communes: Collection[str],
        name: Sequence[str],
        parts: Sequence[Sequence[str]],
        hamlet: Sequence[str],
        everywhere: bool,
    ) -> list[Row]:
        """Establishments that share a number (the first ten digits of a tax code) or a name.

        name, parts: folded words that a name, or its owner's, has in one of the communes: all of `name`, or of one of
                     the parts and in the place all of `hamlet`
        everywhere:  `name` is looked for outside of the communes too
        """
        keys: set[int] = set()
        if tax_code:
            keys |= self._keys("tax_code >= ? AND tax_code < ?", tax_code[:10], f"{tax_code[:10]}:")
        if numbers:
            these = _encode(list(numbers))
            keys |= self._keys(f"rep_id_no IN {ANY_OF} OR tax_code IN {ANY_OF}", these, these)
        if phones:
            keys |= self._keys(f"phone IN {ANY_OF}", _encode(list(phones)))
        if name and everywhere:
            keys |= self._keys(_FOUND, _in_names([name]))
        if name and communes:
            match = _in_names([name])
            if parts:
                there = f" AND {{place_folded}} : ({_all(hamlet)})" if hamlet else ""
                match = f"({match}) OR ({_in_names(parts)}{there})"
            keys |= self._keys(f"commune IN {ANY_OF} AND {_FOUND}", _encode(list(communes)), match)
        rows = self._db.execute(
            f"{self._select} WHERE e.id NOT IN {HIDDEN} AND e.key IN {ANY_OF}",
            (_encode(sorted(keys)),),
        )
        return [_row(row) for row in rows]

    def _keys(self, condition: str, *arguments: object) -> set[int]:
        query = f"SELECT key FROM establishments WHERE {condition} LIMIT {MOST}"  # noqa: S608
        return {key for (key,) in self._db.execute(query, arguments)}


_FOUND = "key IN (SELECT rowid FROM establishments_search WHERE establishments_search MATCH ?)"


def _in_names(names: Sequence[Sequence[str]]) -> str:
    """The query of FTS5 for rows that have all words of one of these in their name or owner."""
    return (
        f"{{name_folded rep_name_folded}} : ({' OR '.join(f'({_all(words)})' for words in names)})"
    )


def _all(words: Sequence[str]) -> str:
    return " AND ".join(f'"{word}"' for word in words)


def _row(columns: Sequence[Any]) -> Row:
    row: Row = {f: value for f, value in zip(_FIELDS, columns, strict=False) if value is not None}
    row.update(_decode_rest(columns[-1]))
    return row


_encode = msgspec.json.Encoder().encode
_decode_rest = msgspec.json.Decoder(dict[str, Value]).decode

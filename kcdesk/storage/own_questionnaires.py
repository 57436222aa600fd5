"""Questionnaires that people of this workspace have added themselves: workbooks with their lists, version by version.

Nothing here is a change: it stays on this computer, encrypted with everything else and in every backup. What a workbook
means is left to `questionnaire`, when it may be used to `actions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class OwnQuestionnaire:
    """One version. removed: taken away again, kept for the sheets that were filled in by it"""

    id: str
    version: str
    title: str
    added_at: int
    removed: bool


class OwnQuestionnaires:
    """Reads and writes own questionnaires over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def every(self) -> list[OwnQuestionnaire]:
        """All of them, in order of id, the newest version first."""
        rows = self._db.execute(
            "SELECT id, version, title, added_at, removed_at IS NOT NULL FROM own_questionnaires"
            " ORDER BY id, added_at DESC, version DESC"
        ).fetchall()
        return [
            OwnQuestionnaire(name, version, title, added_at, bool(removed))
            for name, version, title, added_at, removed in rows
        ]

    def newest(self, name: str) -> OwnQuestionnaire | None:
        """The version that new sheets are filled in by; None: there is none, or it was taken away."""
        return next((each for each in self.every() if each.id == name and not each.removed), None)

    def content(self, name: str, version: str) -> tuple[bytes, dict[str, bytes]] | None:
        """The workbook of a version, also of one that was taken away, and its lists by file name."""
        row = self._db.execute(
            "SELECT workbook FROM own_questionnaires WHERE id = ? AND version = ?", (name, version)
        ).fetchone()
        if row is None:
            return None
        lists = self._db.execute(
            "SELECT file_name, content FROM own_questionnaire_lists WHERE id = ? AND version = ?"
            " ORDER BY file_name",
            (name, version),
        ).fetchall()
        return bytes(row[0]), {file_name: bytes(content) for file_name, content in lists}

    def add(
        self,
        name: str,
        version: str,
        title: str,
        workbook: bytes,
        lists: Mapping[str, bytes],
        *,
        at: int,
    ) -> None:
        """Keep a version, durably, in place of the same one; it is the newest from now on."""
        with transaction(self._db):
            self._forget(name, version)
            self._db.execute(
                "INSERT INTO own_questionnaires VALUES (?, ?, ?, ?, NULL, ?)",
                (name, version, title, at, workbook),
            )
            self._db.conn.executemany(
                "INSERT INTO own_questionnaire_lists VALUES (?, ?, ?, ?)",
                [(name, version, file_name, content) for file_name, content in lists.items()],
            )

    def remove(self, name: str, *, keep: frozenset[str], at: int) -> None:
        """Take all versions away; those of `keep` stay for their sheets."""
        with transaction(self._db):
            for each in self.every():
                if each.id == name and each.version not in keep:
                    self._forget(name, each.version)
            self._db.execute(
                "UPDATE own_questionnaires SET removed_at = ? WHERE id = ? AND removed_at IS NULL",
                (at, name),
            )

    def _forget(self, name: str, version: str) -> None:
        for table in ("own_questionnaire_lists", "own_questionnaires"):
            self._db.execute(
                f"DELETE FROM {table} WHERE id = ? AND version = ?",  # noqa: S608
                (name, version),
            )

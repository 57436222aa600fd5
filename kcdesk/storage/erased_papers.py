"""What an erasure takes out of the book of papers and of the pages that wait (docs/decisions/0018-erasure.md).

A paper of the erased record, or of anything of the erased establishment, loses its file name, for that is made of
names; any paper loses its taker where that has one of the erased texts in it. Waiting pages of such a paper go. Of a
page without a code nobody can know whose it is: where a value was erased all of those go, as files set aside do.

The same rule for the open file and for pieces of backups: plain rows in, plain rows out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from kcdesk.changes import Change
from kcdesk.changes.erasing import Erasure
from kcdesk.domain.text import fold
from kcdesk.storage.sqlite import Database

PAPERS, UNREAD = "papers", "unread_pages"
GONE = "(đã xoá theo yêu cầu)"
SHORTEST = 5
"""Letters of an erased text that is looked for in the names of takers."""


@dataclass
class Forgotten:
    """What was found to be erased: the records meant, and the texts that were in them.

    papers: records that papers of the erased establishments were printed from, or are to come of
    """

    records: frozenset[str]
    papers: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    erased: bool = False

    @classmethod
    def of(cls, erasures: Iterable[Erasure]) -> Forgotten:
        return cls(frozenset(erasure.record for erasure in erasures))

    def learn(self, before: Change, clean: Change) -> None:
        """A change before and after it was made clean."""
        for name, value in before.set.items():
            if value is not None and clean.set[name] is None:
                self.erased = True
                self.learn_text(value)

    def learn_text(self, value: object) -> None:
        """A value that is erased."""
        if isinstance(value, str) and len(value) >= SHORTEST:
            self.texts.add(fold(value))

    def of_paper(self, row: Mapping[str, str]) -> tuple[str, str]:
        """File name and taker of a row of the book, as they stay."""
        file_name, said = row["file_name"], fold(row["taker"])
        if self.records & {row["record"], row["establishment"]}:
            self.papers.add(row["record"])
            file_name = ""
        return file_name, GONE if any(text in said for text in self.texts) else row["taker"]

    def keeps_page(self, record: str) -> bool:
        """Whether a waiting page stays. record: whose code was on it; empty when none was read."""
        if not record:
            return not self.erased
        return record not in self.records and record not in self.papers


def forget_papers(db: Database, forgotten: Forgotten) -> None:
    """Apply that to the open file, in the caller's transaction."""
    rows = db.query(f"SELECT id, record, establishment, file_name, taker FROM {PAPERS}")  # noqa: S608
    changed = [
        (*stays, row["id"])
        for row in rows
        if (stays := forgotten.of_paper(row)) != (row["file_name"], row["taker"])
    ]
    db.conn.executemany(f"UPDATE {PAPERS} SET file_name = ?, taker = ? WHERE id = ?", changed)  # noqa: S608
    pages = db.execute(f"SELECT id, record FROM {UNREAD}").fetchall()  # noqa: S608
    going = [(number,) for number, record in pages if not forgotten.keeps_page(record)]
    db.conn.executemany(f"DELETE FROM {UNREAD} WHERE id = ?", going)  # noqa: S608


def papers_without(columns: Mapping[str, list[str]], forgotten: Forgotten) -> dict[str, list[str]]:
    """The columns of some rows of the book, as they stay."""
    names = ("record", "establishment", "file_name", "taker")
    rows = [
        dict(zip(names, row, strict=True))
        for row in zip(*(columns[name] for name in names), strict=True)
    ]
    stays = [forgotten.of_paper(row) for row in rows]
    return {
        **columns,
        "file_name": [name for name, _ in stays],
        "taker": [taker for _, taker in stays],
    }


def pages_staying(columns: Mapping[str, Collection[str]], forgotten: Forgotten) -> list[bool]:
    """For some waiting pages whether each stays; older backups do not say whose they were."""
    count = len(columns["id"])
    records = columns.get("record", [""] * count)
    return [forgotten.keeps_page(record) for record in records]

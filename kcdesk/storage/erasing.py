"""Erasing on this computer: in the same transaction from changes and drafts, right after it from everything else.

An erasure that is saved or arrives makes null what it covers (`kcdesk.changes.erasing`) in the changes that are held,
and takes the fields out of drafts. What is left to do stands in the table `erasing` until it is done, also after a cut:
contents of attachments, kept backups, files set aside, and the pages and log of the file, where SQLite leaves what was
overwritten (docs/decisions/0018-erasure.md).

The chain of what the province has confirmed stays as it is, for it is proved by its end. What it has not confirmed
nobody else knows: its hashes are made anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from kcdesk.changes import Change, extend
from kcdesk.changes.erasing import KIND, Erasure, erasure_of, without_erased
from kcdesk.domain.findings import Finding, soft
from kcdesk.domain.kinds import named_contents
from kcdesk.errors import WorkspaceError
from kcdesk.storage import change_table
from kcdesk.storage.attachments import Attachments
from kcdesk.storage.backups.forgetting import forget_in_backups, forget_in_second_place
from kcdesk.storage.backups.repository import WritableRepository
from kcdesk.storage.backups.sealing import Seal
from kcdesk.storage.bulk import ANY_OF
from kcdesk.storage.change_table import RecordKey
from kcdesk.storage.erased_papers import Forgotten, forget_papers
from kcdesk.storage.folder.swap import SET_ASIDE
from kcdesk.storage.safety.check import Difference
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import told_plainly, transaction

_FILE, _BACKUPS = "file", "backups"
_OF = "json_extract(CAST(\"set\" AS TEXT), '$.of')"
_SEARCH = "establishments_search"


def erasures(db: Database, records: Collection[str] | None = None) -> list[Erasure]:
    """The erasures that are held, of these records or of all."""
    where, arguments = f"kind = '{KIND}'", []
    if records is not None:
        where, arguments = f"{where} AND {_OF} IN {ANY_OF}", [_as_json(records)]
    return _among(change_table.read(db, where, arguments))


def ready(db: Database, changes: Iterable[Change]) -> list[Change]:
    """Changes that are about to be written, without what an erasure covers that is held or comes with them."""
    changes = list(changes)
    known = [*erasures(db, {change.record for change in changes}), *_among(changes)]
    if not known:
        return changes
    clean = [without_erased(change, known) for change in changes]
    if any(after is not before for before, after in zip(changes, clean, strict=True)):
        _leave_contents(db, zip(changes, clean, strict=True))
        _leave_to_do(db, _FILE)  # the bytes they came in lie there
    return clean


def erase(db: Database, new: Iterable[Change]) -> set[RecordKey]:
    """Apply the erasures among the changes `new`, just written, to all that is held; the records to fold again.

    Call it in their transaction, and `finish` after it.
    """
    fresh = _among(new)
    if not fresh:
        return set()
    forgotten = Forgotten.of(fresh)
    touched = _erase_changes(db, forgotten)
    for erasure in fresh:
        _erase_drafts(db, erasure)
    forget_papers(db, forgotten)
    _chain_anew(db)
    for what in (_FILE, _BACKUPS, SET_ASIDE):
        _leave_to_do(db, what)
    return touched


def erase_all(db: Database) -> None:
    """Apply all erasures to a file that was made from backups or pages, before its rows are made.

    The hashes of what is not confirmed are made anew in any case: a backup may have been erased after it was written.
    """
    with transaction(db):
        known = erasures(db)
        forgotten = Forgotten.of(known)
        _erase_changes(db, forgotten)
        for erasure in known:
            _erase_drafts(db, erasure)
        if known:
            forget_papers(db, forgotten)
        _chain_anew(db)
        if known:
            _leave_to_do(db, _FILE)


def left_to_do(db: Database) -> list[str]:
    """What erasures have left to do in this file and beside it."""
    return [what for (what,) in db.execute("SELECT what FROM erasing ORDER BY what")]


def _among(changes: Iterable[Change]) -> list[Erasure]:
    return [erasure for change in changes if (erasure := erasure_of(change)) is not None]


def _erase_changes(db: Database, forgotten: Forgotten) -> set[RecordKey]:
    """Make null what the held erasures of these records cover in the changes that are held; it learns what went."""
    known = erasures(db, forgotten.records)
    where = f"record IN {ANY_OF}"
    before = list(change_table.read(db, where, [_as_json(forgotten.records)])) if known else []
    pairs = [(change, without_erased(change, known)) for change in before]
    changed = [clean for change, clean in pairs if clean is not change]
    for change, clean in pairs:
        if clean is not change:
            forgotten.learn(change, clean)
    change_table.say_instead(db, changed)
    _leave_contents(db, pairs)
    return {(change.kind, change.record) for change in changed}


def _leave_contents(db: Database, pairs: Iterable[tuple[Change, Change]]) -> None:
    """Note the contents that changes named before they were made clean."""
    for before, clean in pairs:
        if clean is not before:
            named = named_contents(before.kind, before.set)
            for name in named - named_contents(clean.kind, clean.set):
                _leave_to_do(db, name)


def _erase_drafts(db: Database, erasure: Erasure) -> None:
    of = (erasure.kind, erasure.record)
    fields = db.execute(
        "SELECT field FROM draft_fields WHERE kind = ? AND record = ?", of
    ).fetchall()
    db.conn.executemany(
        "DELETE FROM draft_fields WHERE kind = ? AND record = ? AND field = ?",
        [(*of, field) for (field,) in fields if erasure.names(field)],
    )
    db.execute(
        "DELETE FROM drafts WHERE (kind, record) = (?, ?)"
        " AND (kind, record) NOT IN (SELECT kind, record FROM draft_fields)",
        of,
    )


def _chain_anew(db: Database) -> None:
    """The hashes of what the province has not confirmed, of this device and of those it was before.

    Where changes are missing after a recovery the hash stays: it speaks of what was there.
    """
    for table in ("device", "predecessors"):
        unconfirmed = db.execute(
            f"SELECT id, last_n, confirmed_n, confirmed_hash FROM {table} WHERE last_n > confirmed_n"  # noqa: S608
        ).fetchall()
        for device, last_n, confirmed_n, confirmed_hash in unconfirmed:
            span = "device = ? AND n > ? AND n <= ?"
            arguments = (device, confirmed_n, last_n)
            (held,) = db.execute(
                f"SELECT count(*) FROM changes WHERE {span}",  # noqa: S608
                arguments,
            ).fetchone()
            if held == last_n - confirmed_n:
                later = change_table.read(db, f"{span} ORDER BY n", arguments)
                db.execute(
                    f"UPDATE {table} SET last_hash = ? WHERE id = ?",  # noqa: S608
                    (extend(confirmed_hash, later), device),
                )


def _leave_to_do(db: Database, what: str) -> None:
    db.execute("INSERT OR IGNORE INTO erasing VALUES (?)", (what,))


def _as_json(texts: Collection[str]) -> str:
    return msgspec.json.encode(list(texts)).decode()


class Erasing:
    """What erasures have left to do in one open workspace; belongs to its thread."""

    def __init__(self, db: Database, folder: Path, contents: Attachments, key: bytes) -> None:
        self._db = db
        self._folder = folder
        self._contents = contents
        self._key = key

    def every(self) -> list[Erasure]:
        """All erasures that are held."""
        return erasures(self._db)

    def of_record(self, kind: str, record: str) -> list[Erasure]:
        """The erasures of one record."""
        return [erasure for erasure in erasures(self._db, [record]) if erasure.kind == kind]

    def finish(self, *, set_aside: bool = True) -> bool:
        """Do what erasures have left to do; whether files that were set aside had to go for it.

        Nobody may be exchanging with the province meanwhile: the bytes of an exchange that was cut off go too.
        set_aside: False where nobody can be told that such files go; they wait for the next time then
        Raises `WorkspaceError`; what could not be done waits for the next time.
        """
        left = left_to_do(self._db)
        went = False
        with told_plainly():
            for name in left:
                if name not in (_FILE, _BACKUPS, SET_ASIDE):
                    if name not in self._contents.named():
                        self._contents.remove(name)
                    self._done(name)
            if _BACKUPS in left:
                backups = WritableRepository(self._folder, Seal(self._key))
                forget_in_backups(backups, self.every(), self._contents.named())
                self._done(_BACKUPS)
            if SET_ASIDE in left and set_aside:
                went = (self._folder / SET_ASIDE).is_dir()
                if went:
                    shutil.rmtree(self._folder / SET_ASIDE)
                self._done(SET_ASIDE)
            if _FILE in left:
                self._clean_file()
        return went

    def finish_if_possible(self) -> None:
        """`finish` where nobody is told: what does not go now is done when the workspace is opened next."""
        with suppress(WorkspaceError):
            self.finish(set_aside=False)

    def finish_and_tell(self) -> tuple[Finding, ...]:
        """`finish`; findings: what a person should know of it."""
        try:
            went = self.finish()
        except WorkspaceError as error:
            what = f"Việc xoá dữ liệu theo yêu cầu chưa xong. {error.message}"
            return (soft("erasing.unfinished", "", what, hint=error.hint),)
        if not went:
            return ()
        what = "Các tệp cũ cất riêng sau lần khôi phục trước đã bị xoá theo yêu cầu xoá dữ liệu cá nhân."
        return (soft("erasing.set_aside", "", what),)

    def forget_in_second_place(self, home: Path) -> None:
        """Take what is erased out of the backups in another folder. Raises `WorkspaceError`."""
        if known := self.every():
            there = WritableRepository(home, Seal(self._key))
            forget_in_second_place(there, known, self._contents.named())

    def check(self) -> Iterator[Difference]:
        """Values that should be gone, and what is left to do."""
        known: dict[str, list[Erasure]] = {}
        for erasure in self.every():
            known.setdefault(erasure.record, []).append(erasure)
        where = f"record IN {ANY_OF}"
        for change in change_table.read(self._db, where, [_as_json(known)]):
            clean = without_erased(change, known[change.record])
            for field in change.set if clean is not change else ():
                if change.set[field] is not clean.set[field]:
                    what = f"Mục {field} phải xoá vẫn còn trong thay đổi {change.id}."
                    yield Difference(change.kind, change.record, field, what)
        if left_to_do(self._db):
            yield Difference(
                KIND, "", "", "Việc xoá theo yêu cầu chưa xong: mở lại dữ liệu để làm tiếp."
            )

    def _clean_file(self) -> None:
        """Write the whole file anew: what was overwritten still lies between its rows, in its index and in its log."""
        with transaction(self._db):
            for table in ("exchange", "exchange_bytes"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608
            self._db.execute(f"INSERT INTO {_SEARCH} ({_SEARCH}) VALUES ('rebuild')")  # noqa: S608
        self._db.execute("VACUUM")
        (busy, *_) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            self._done(_FILE)

    def _done(self, what: str) -> None:
        with transaction(self._db):
            self._db.execute("DELETE FROM erasing WHERE what = ?", (what,))

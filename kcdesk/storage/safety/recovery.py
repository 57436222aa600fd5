"""A damaged workspace made whole again, as far as anything still knows its changes, and what is missing named.

The damaged files are copied, read and set aside, never written to. The books (areas, province, drafts ...) come from
the file where SQLite still reads all of them, otherwise from the newest good backup. Changes come from everywhere:
from backups and from every readable page of the file (`carving`). What the province holds comes with the next sync.
The workspace goes on as a new device, whose numbers nobody has seen.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kcdesk.changes import chain_start, extend
from kcdesk.domain.clock import local_time
from kcdesk.errors import WorkspaceError
from kcdesk.storage import change_table
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.backups.pieces import CHANGES, Rows, cut_table, kept_tables, put
from kcdesk.storage.backups.repository import Progress, Repository, stop_if
from kcdesk.storage.backups.restoring import fill, new_database, other_changes
from kcdesk.storage.backups.sealing import Damaged, Seal
from kcdesk.storage.bulk import in_groups, insert_rows
from kcdesk.storage.devices.identity import WentOn
from kcdesk.storage.folder import swap
from kcdesk.storage.folder.description import DATABASE_FILE
from kcdesk.storage.safety.carving import Carved, carve
from kcdesk.storage.safety.replacing import Place, finished, made_anew
from kcdesk.storage.schema import applied_steps, migrate
from kcdesk.storage.sqlite import Database, connect, sqlite3
from kcdesk.storage.transactions import transaction

_COPY = "copy"
_TYPED = ("drafts", "draft_fields")
"""What only the damaged file can have: taken from it also where its other books are lost."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Changes of this device that were made and that nothing here knows any more: numbers, and between which times.

    from_at, to_at: when the ones before and after were made (ms UTC); None where nothing says
    """

    first_n: int
    last_n: int
    from_at: int | None
    to_at: int | None

    @property
    def sentence(self) -> str:
        """Which, and of which hours.

        >>> Gap(41, 57, 1_772_415_000_000, 1_772_415_900_000).sentence
        'thay đổi số 41–57, từ 08:30 ngày 02/03/2026 đến 08:45 ngày 02/03/2026'
        """
        which = (
            str(self.first_n) if self.first_n == self.last_n else f"{self.first_n}–{self.last_n}"
        )
        since = "" if self.from_at is None else f" từ {_when(self.from_at)}"
        until = "" if self.to_at is None else f" đến {_when(self.to_at)}"
        return f"thay đổi số {which}" + (f",{since}{until}" if since or until else "")


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery found where.

    backup:       the backup it started from, None where the file's own books were whole
    from_backups: changes that backups had;  from_file: further ones in readable pages of the damaged file
    pages, bad_pages: of the damaged file
    gaps:         what is missing of this device
    """

    backup: Manifest | None
    from_backups: int
    from_file: int
    pages: int
    bad_pages: int
    gaps: tuple[Gap, ...]
    device: str
    went_on: WentOn
    set_aside: Path | None


@dataclass
class _Books:
    """What SQLite still reads of the damaged file besides changes; `whole`: all of it."""

    steps: list[str]
    rows: list[Rows]
    whole: bool

    @property
    def device(self) -> dict[str, object] | None:
        for rows in self.rows:
            if rows.table == "device" and rows.count == 1:
                return {name: values[0] for name, values in rows.columns.items()}
        return None


def recover(
    place: Place,
    others: Iterable[Repository] = (),
    *,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Recovered:
    """Make the workspace in `place` whole again; `others`: backups in further places.

    Killed on the way, the old files are still there or the swap is ended by the next opening. Raises `WorkspaceError`
    when neither the file nor any backup says whose workspace it is, `WorkspaceBusy`, `Cancelled`.
    """
    with made_anew(place) as new:
        database, wal = _copies(place.folder, new / _COPY)
        books = _readable_books(database, place.key)
        repositories = [Repository(place.folder, Seal(place.key)), *others]
        good = _newest_good(repositories, cancel)
        met = Carved()
        with new_database(new / DATABASE_FILE, place.key) as db:
            backup = _lay_base(db, books, good, progress, cancel)
            for repository in repositories:
                other_changes(db, repository, _worth_reading(repository, good), cancel)
            from_backups = _count(db)
            salts = [each.salt for repository in repositories for each in repository.kept()]
            _take_in(db, carve(database, wal, place.key, dict.fromkeys(salts), met), cancel)
            from_file = _count(db) - from_backups
            _cursors_of(db, good)
            device, gaps, newest_at = _end_of_chain(db, place)
            went_on = finished(db, place, at=newest_at, progress=progress, cancel=cancel)
        shutil.rmtree(new / _COPY)
        aside = swap.commit(place.folder, place.clock())
    return Recovered(
        backup, from_backups, from_file, met.pages, met.bad_pages, gaps, device, went_on, aside
    )


def _copies(folder: Path, into: Path) -> tuple[Path, Path]:
    """The database and its log, copied: SQLite writes to what it opens."""
    into.mkdir()
    copies = []
    for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal"):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, into / name)
            shutil.copyfile(folder / name, into / f"read-{name}")
        copies.append(into / name)
    return copies[0], copies[1]


def _readable_books(database: Path, key: bytes) -> _Books | None:
    """What SQLite reads of a second copy; after one bad page SQLCipher gives up, so each table has its own try."""
    path = database.with_name(f"read-{database.name}")
    if not path.is_file():
        return None
    try:
        db = connect(path, key)
        try:
            books = _Books(applied_steps(db), [], whole=True)
            tables = [table for table in kept_tables(db) if table != CHANGES]
        finally:
            db.close()
    except sqlite3.DatabaseError:
        return None
    for table in tables:
        try:
            db = connect(path, key)
            try:
                books.rows.extend(cut_table(db, table))
            finally:
                db.close()
        except sqlite3.DatabaseError:
            books.whole = False
    return books


def _newest_good(
    repositories: Iterable[Repository], cancel: threading.Event | None
) -> tuple[Repository, Manifest] | None:
    """The newest backup of which every piece is right, wherever it lies."""
    found = [(repository, each) for repository in repositories for each in repository.kept()]
    for repository, manifest in sorted(found, key=lambda pair: pair[1].at, reverse=True):
        with suppress(Damaged):
            repository.verify(manifest, cancel=cancel)
            return repository, manifest
    return None


def _worth_reading(
    repository: Repository, good: tuple[Repository, Manifest] | None
) -> list[Manifest]:
    """The backups that may have changes which the newest good one lacks: it, and later ones that are damaged."""
    if good is None:
        return repository.kept()
    return [each for each in repository.kept() if each.at >= good[1].at]


def _lay_base(
    db: Database,
    books: _Books | None,
    good: tuple[Repository, Manifest] | None,
    progress: Progress | None,
    cancel: threading.Event | None,
) -> Manifest | None:
    """Put the books into the new file; the backup they are from, if so."""
    device = books.device if books is not None and books.whole else None
    if books is not None and device is not None:
        migrate(db, only=books.steps)
        with transaction(db):
            for rows in books.rows:
                put(db, rows)
        migrate(db)
        return None
    if good is None:
        raise WorkspaceError(
            "Không tìm thấy bản sao lưu nào còn tốt, và tệp dữ liệu không cho biết là của ai.",
            hint="Cắm ổ có bản sao lưu rồi chạy lại: kcdesk recover --from THƯ_MỤC. Các tệp hỏng vẫn để nguyên.",
            code="nothing_to_recover",
        )
    repository, manifest = good
    fill(db, repository, manifest, progress=progress, cancel=cancel)
    if books is not None:
        with transaction(db):
            for rows in books.rows:
                if rows.table in _TYPED:
                    put(db, rows)
    return manifest


def _take_in(
    db: Database,
    rows: Iterable[tuple[object, ...]],
    cancel: threading.Event | None,
) -> None:
    for group in in_groups(rows, 500):
        stop_if(cancel)
        with transaction(db):
            insert_rows(
                db,
                'INSERT OR IGNORE INTO changes (device, n, kind, record, at, "set", seen)',
                group,
            )


def _cursors_of(db: Database, good: tuple[Repository, Manifest] | None) -> None:
    """Read the province's logs again from where the newest good backup had them: what came later may be lost."""
    with transaction(db):
        db.execute("DELETE FROM cursors")
        if good is not None:
            repository, manifest = good
            for piece in manifest.pieces:
                if piece.table == "cursors":
                    put(db, repository.rows(piece))


def _end_of_chain(db: Database, place: Place) -> tuple[str, tuple[Gap, ...], int]:
    """Let the device end where its changes have their first gap; the device, the gaps, and the newest time known.

    Changes behind a gap stay and are read. What the province confirmed of them it is asked for again.
    """
    device, last_n, last_at, confirmed_n = db.execute(
        "SELECT id, last_n, last_at, confirmed_n FROM device"
    ).fetchone()
    mark = place.marks.if_readable(place.id, device)
    held = db.execute("SELECT n, at FROM changes WHERE device = ? ORDER BY n", (device,)).fetchall()
    known = max(last_n, confirmed_n, mark.n if mark is not None else 0)
    last_known_at = mark.at if mark is not None and mark.n >= known else None
    gaps = tuple(_gaps(held, known, last_known_at))
    whole = gaps[0].first_n - 1 if gaps else max([known, *(n for n, _ in held[-1:])])
    newest_at = max([last_at, mark.at if mark is not None else 0, *(at for _, at in held[-1:])])
    chain_hash = extend(
        chain_start(device),
        change_table.read(db, "device = ? AND n <= ? ORDER BY n", (device, whole)),
    )
    with transaction(db):
        db.execute(
            "UPDATE device SET last_n = ?, last_hash = ?, last_at = ?",
            (whole, chain_hash, newest_at),
        )
        db.execute(
            "UPDATE device SET confirmed_n = last_n, confirmed_hash = last_hash WHERE confirmed_n > last_n"
        )
    return device, gaps, newest_at


def _gaps(held: Sequence[tuple[int, int]], known: int, known_at: int | None) -> Iterator[Gap]:
    """What is missing among numbers 1 to `known`, and between those that are held: (n, at), in order."""
    n, at = 0, None
    for number, made_at in held:
        if number > n + 1:
            yield Gap(n + 1, number - 1, at, made_at)
        n, at = number, made_at
    if known > n:
        yield Gap(n + 1, known, at, known_at)


def _count(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM changes").fetchone()[0])


def _when(at: int) -> str:
    return f"{local_time(at):%H:%M ngày %d/%m/%Y}"

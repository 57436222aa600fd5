"""A backup made into a database again: an empty file of the schema it had, its rows, then today's schema and rows.

Owns the making of one new file. What it takes the place of is `storage.swap`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kcdesk.changes import Change
from kcdesk.changes.erasing import KIND as ERASURES
from kcdesk.storage import change_table
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.backups.pieces import CHANGES, changes_in, put
from kcdesk.storage.backups.repository import (
    Progress,
    Repository,
    stop_if,
    with_progress,
)
from kcdesk.storage.backups.sealing import Damaged
from kcdesk.storage.schema import migrate
from kcdesk.storage.sqlite import Database, connect
from kcdesk.storage.transactions import told_plainly, transaction


@contextmanager
def new_database(path: Path, key: bytes) -> Iterator[Database]:
    """A new file at `path`, in which nothing is durable before the end, where it is one whole file on the disk.

    Raises `WorkspaceError`; the file is to be thrown away then.
    """
    with told_plainly():
        db = connect(path, key, create=True)
        try:
            db.execute("PRAGMA synchronous = OFF")
            yield db
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            db.close()


def fill(
    db: Database,
    repository: Repository,
    manifest: Manifest,
    *,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Put the rows of a backup into a new file, and bring it to today's schema; nothing is projected yet.

    Raises `Damaged`, `WorkspaceError` (a newer schema; a disk that cannot be read), `Cancelled`.
    """
    migrate(db, only=manifest.steps)
    for piece in with_progress(manifest.pieces, progress, cancel):
        rows = repository.rows(piece)
        with transaction(db):
            put(db, rows)
    migrate(db)
    (held,) = db.execute("SELECT count(*) FROM changes").fetchone()
    if held != manifest.changes:
        raise Damaged(
            f"Bản sao lưu chỉ có {held} trong {manifest.changes} thay đổi.",
            hint="Dùng bản sao lưu khác: kcdesk backup --list.",
        )


def later_erasures(db: Database, repository: Repository) -> None:
    """Add the erasures that the newest backup of `repository` knows: what they name must not come back.

    With each comes the rest of its action, by which what is written from now on has seen it.
    """
    newest = repository.newest()

    def changes() -> Iterator[Change]:
        for piece in newest.pieces if newest is not None else ():
            if piece.table == CHANGES:
                with suppress(Damaged):
                    yield from changes_in(repository.rows(piece))

    actions = {(change.device, change.at) for change in changes() if change.kind == ERASURES}
    if actions:
        with transaction(db):
            change_table.insert(db, (c for c in changes() if (c.device, c.at) in actions))


def other_changes(
    db: Database,
    repository: Repository,
    manifests: Iterable[Manifest],
    cancel: threading.Event | None,
) -> int:
    """Add the changes that other backups have and the file does not, as far as they can be read; how many."""
    before = db.conn.total_changes
    seen = set()
    for manifest in manifests:
        for piece in manifest.pieces:
            if piece.table != CHANGES or piece.name in seen:
                continue
            seen.add(piece.name)
            stop_if(cancel)
            try:
                rows = repository.rows(piece)
            except Damaged:
                continue
            with transaction(db):
                put(db, rows, replace=False)
    return db.conn.total_changes - before

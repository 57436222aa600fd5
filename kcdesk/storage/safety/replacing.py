"""A workspace made from a backup takes the place of the one in a folder, or stands in an empty one.

Owns the order: what is there is backed up while it opens, the new one is made beside it, goes on as a new device, and
then the two are swapped (`swap`). Leaves to others: which backup, and where the key comes from.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import BadInput, NotFound, WorkspaceBusy, WorkspaceError
from kcdesk.storage.attachments import FOLDER as ATTACHMENTS
from kcdesk.storage.backups.copying import SMALL_FILES, copy_attachments
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.backups.repository import (
    BACKUPS_FOLDER,
    Progress,
    Repository,
    WritableRepository,
    cannot_write,
)
from kcdesk.storage.backups.restoring import fill, later_erasures, new_database
from kcdesk.storage.backups.sealing import Seal
from kcdesk.storage.devices.identity import WentOn, go_on_as_new_device
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.erasing import erase_all
from kcdesk.storage.folder import swap
from kcdesk.storage.folder.description import DATABASE_FILE, describe
from kcdesk.storage.folder.instance_lock import hold
from kcdesk.storage.safety.rebuilding import project_all
from kcdesk.storage.sqlite import Database, connect
from kcdesk.storage.transactions import told_plainly


@dataclass(frozen=True, slots=True)
class Place:
    """Where a workspace is made anew, and what it needs for that.

    id, key: of the workspace;  marks: this computer's
    """

    folder: Path
    id: str
    key: bytes
    marks: Marks
    units: AdministrativeUnits
    clock: Clock
    randomness: Randomness


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: from which backup, as which device it goes on, where the files that were there are now."""

    manifest: Manifest
    went_on: WentOn
    set_aside: Path | None


def restore(
    place: Place,
    source: Repository,
    moment: int | None,
    *,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Restored:
    """Make the workspace as the newest backup of `source` up to `moment` (ms UTC, None: of all) has it.

    Until the very end the old workspace is the one that counts, from then on the new one; killed in between, the next
    opening ends the swap. Raises `NotFound`, `Damaged`, `WorkspaceError`, `WorkspaceBusy`, `Cancelled`.
    """
    with made_anew(place) as new:
        manifest = source.at(moment)
        _back_up_what_is_there(place)
        source.verify(manifest, cancel=cancel)
        with new_database(new / DATABASE_FILE, place.key) as db:
            fill(db, source, manifest, progress=progress, cancel=cancel)
            for known in (Repository(place.folder, Seal(place.key)), source):
                later_erasures(db, known)
            went_on = finished(db, place, at=manifest.at, progress=progress, cancel=cancel)
        besides = _of_another_key(place)
        if source.home != place.folder:
            for name in SMALL_FILES:
                if (source.home / name).is_file():
                    (new / name).write_bytes((source.home / name).read_bytes())
            attachments = new if ATTACHMENTS in besides else place.folder
            copy_attachments(source.home, attachments, progress=progress, cancel=cancel)
        aside = swap.commit(place.folder, place.clock(), besides=besides)
    return Restored(manifest, went_on, aside)


@contextmanager
def made_anew(place: Place) -> Iterator[Path]:
    """The folder to make a new workspace in, while nobody else works on the one that is there.

    Raises `WorkspaceBusy`, and `BadInput` when the folder holds another workspace.
    """
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        held = hold(place.folder, clock=place.clock)
        try:
            if not held.alone:
                raise WorkspaceBusy(
                    "Dữ liệu này đang được dùng nên chưa khôi phục được.",
                    hint="Đợi việc đang chạy xong rồi thử lại.",
                )
            swap.finish(place.folder)
            _require_same(place)
            yield swap.begin(place.folder)
        finally:
            swap.drop(place.folder)
            held.release()
    except OSError as error:
        raise cannot_write(place.folder) from error


def finished(
    db: Database,
    place: Place,
    *,
    at: int,
    progress: Progress | None,
    cancel: threading.Event | None,
) -> WentOn:
    """Bring a file that has its changes to its end: rows for all records, and a device of its own.

    at: when the newest change that is known was made
    """
    erase_all(db)
    project_all(db, place.units, progress=progress, cancel=cancel)
    (device,) = db.execute("SELECT id FROM device").fetchone()
    mark = place.marks.if_readable(place.id, device)
    return go_on_as_new_device(
        db,
        reason="restored",
        marks=place.marks,
        workspace=place.id,
        randomness=place.randomness,
        at=max(at, place.clock(), mark.at if mark is not None else 0),
    )


def _require_same(place: Place) -> None:
    try:
        there = describe(place.folder)
    except (NotFound, WorkspaceError):
        return
    if there.id != place.id:
        raise BadInput(
            f"Thư mục “{place.folder}” đang giữ một bộ dữ liệu khác với bản sao lưu.",
            hint="Khôi phục vào một thư mục trống: --workspace THƯ_MỤC.",
            code="other_workspace",
        )


def _back_up_what_is_there(place: Place) -> None:
    """Keep the state that is about to be replaced, when its file still opens and is whole."""
    path = place.folder / DATABASE_FILE
    if not path.is_file():
        return
    try:
        with told_plainly():
            db = connect(path, place.key)
            try:
                own = WritableRepository(place.folder, Seal(place.key))
                own.write(db, place.id, at=place.clock(), reason="restore")
            finally:
                db.close()
    except WorkspaceError as error:
        if error.code not in ("damaged", "wrong_key"):
            raise


def _of_another_key(place: Place) -> Sequence[str]:
    """The folders that are sealed with another key than the restored workspace has: they go aside with it."""
    own = Repository(place.folder, Seal(place.key))
    if own.names() and own.newest() is None:
        return (BACKUPS_FOLDER, ATTACHMENTS)
    return ()

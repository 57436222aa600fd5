"""From a folder to an open database of one device, and the folder made in the first place.

Owns the order: who holds the folder, what a cut left half done, the key, the schema, whether this is the file that this
computer knows. What can be done with the open database is `workspace`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.domain.findings import Finding
from kcdesk.errors import WorkspaceError
from kcdesk.storage.backups.repository import WritableRepository
from kcdesk.storage.backups.sealing import Seal
from kcdesk.storage.devices.identity import WentOn, make_device, mark_device, recognise
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.folder import swap
from kcdesk.storage.folder.description import (
    DATABASE_FILE,
    DESCRIPTION_FILE,
    FORMAT,
    Description,
    describe,
    describe_as,
)
from kcdesk.storage.folder.instance_lock import Hold, hold
from kcdesk.storage.keys import KEY_BYTES, Keys, KeySource
from kcdesk.storage.keys.change import settle
from kcdesk.storage.keys.destroying import require_key
from kcdesk.storage.keys.resealing import reseal
from kcdesk.storage.schema import migrate, outdated
from kcdesk.storage.sqlite import Database, connect, opens
from kcdesk.storage.transactions import told_plainly, transaction


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database with what belongs to it.

    id, key:  of the workspace;  held: the hold on its folder;  marks: this computer's
    went_on:  that opening it made it a new device;  findings: what was found that stops nothing
    """

    db: Database
    folder: Path
    id: str
    key: bytes
    held: Hold
    marks: Marks
    went_on: WentOn | None
    findings: tuple[Finding, ...]

    def close(self) -> None:
        self.db.close()
        self.held.release()


def make_folder(
    folder: Path,
    keys: Keys,
    marks: Marks,
    *,
    person: str,
    areas: Sequence[str],
    clock: Clock,
    randomness: Randomness,
    wait_s: float,
) -> Opened:
    """Make the files of a workspace, all or none. Raises what `Workspace.create` says."""
    workspace, key = randomness(16).hex(), randomness(KEY_BYTES)
    with ExitStack() as undo:
        try:
            _empty_folder(folder, undo)
            held = hold(folder, clock=clock, wait_s=wait_s)
            undo.callback(held.release)
            with told_plainly():
                db = connect(folder / DATABASE_FILE, key, create=True)
                undo.callback(db.close)
                migrate(db)
            with transaction(db):
                make_device(db, person, randomness)
                db.conn.executemany(
                    "INSERT OR IGNORE INTO areas VALUES (?)", [(area,) for area in areas]
                )
            keys.write(folder, workspace, key)
            findings = mark_device(db, marks=marks, workspace=workspace, at=clock())
            describe_as(folder, Description(workspace, keys.mode, FORMAT, person))
        except OSError as error:
            raise WorkspaceError(
                f"Không tạo được dữ liệu trong thư mục “{folder}”.",
                hint="Kiểm tra quyền ghi và chỗ trống của ổ đĩa.",
                code="read_only",
            ) from error
        undo.pop_all()
    return Opened(db, folder, workspace, key, held, marks, None, findings)


def open_folder(
    folder: Path,
    keys: KeySource,
    marks: Marks,
    *,
    clock: Clock,
    randomness: Randomness,
    missing_accepted: bool,
    wait_s: float,
) -> Opened:
    """Open the files of a workspace. Raises what `Workspace.open` says."""
    require_key(folder)
    description = describe(folder)
    path = folder / DATABASE_FILE
    with ExitStack() as undo, told_plainly(folder):
        held = hold(folder, clock=clock, wait_s=wait_s)
        undo.callback(held.release)
        swap.finish(folder)
        key = keys.read(folder, description.id)
        if not path.is_file() or path.stat().st_size == 0:
            raise WorkspaceError(
                f"Tệp dữ liệu {path.name} trong thư mục “{folder}” không còn, hoặc trống rỗng.",
                hint="Khôi phục bằng lệnh: kcdesk recover.",
                code="damaged",
            )
        key = settle(
            folder,
            description.id,
            key,
            keys,
            opens=partial(opens, path),
            reseal=partial(reseal, folder, randomness=randomness),
        )
        db = connect(path, key)
        undo.callback(db.close)
        if outdated(db):
            backups = WritableRepository(folder, Seal(key))
            backups.write(db, description.id, at=clock(), reason="upgrade")
        migrate(db)
        went_on, findings = recognise(
            db,
            marks=marks,
            workspace=description.id,
            clock=clock,
            randomness=randomness,
            missing_accepted=missing_accepted,
        )
        undo.pop_all()
    return Opened(db, folder, description.id, key, held, marks, went_on, findings)


def _empty_folder(folder: Path, undo: ExitStack) -> None:
    """Make `folder` where it is absent; what is made in it from now on goes again when the stack unwinds."""
    if (folder / DESCRIPTION_FILE).exists() or (folder / DATABASE_FILE).exists():
        raise WorkspaceError(
            f"Thư mục “{folder}” đã có dữ liệu kcdesk.", hint="Chọn thư mục khác.", code="exists"
        )
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    there = set(folder.iterdir())

    def clear() -> None:
        for file in set(folder.iterdir()) - there:
            file.unlink()
        for each in made:
            each.rmdir()

    undo.callback(clear)

"""Workspaces for tests: real encrypted files, with a key place that needs neither a keyring nor scrypt."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kcdesk.actions.desk import Desk, shipped_units
from kcdesk.actions.importing import import_list
from kcdesk.domain.clock import Clock
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.folder.description import DATABASE_FILE
from kcdesk.storage.folder.instance_lock import PATIENCE_S
from kcdesk.storage.keys import KeyMode
from kcdesk.storage.sqlite import Database, connect
from kcdesk.storage.workspace import Workspace

RESOURCES = Path(__file__).parents[2] / "resources"
REGISTER = RESOURCES / "samples" / "lao-cai-register.xlsx"
DIVIDED = RESOURCES / "samples" / "dia-ban-chia-tach.xlsx"
NOW = 1_772_415_000_000
"""2026-03-02 08:30 in Vietnam, where the clock of tests stands."""


class FileKeys:
    """A third place for keys beside keyring and passphrase: the bare key in a file."""

    mode: KeyMode = "passphrase"

    def write(self, folder: Path, workspace: str, key: bytes) -> None:
        (folder / "bare.key").write_bytes(key)

    def read(self, folder: Path, workspace: str) -> bytes:
        return (folder / "bare.key").read_bytes()


def marks_of(folder: Path) -> Marks:
    """The marks of tests stand beside each workspace; a copy without them is a copy on another computer."""
    return Marks(folder.with_name(f"{folder.name}.marks"))


def make(
    folder: Path,
    *,
    person: str = "Lan",
    areas: Sequence[str] = ("old:10",),
    clock: Clock = lambda: NOW,
    seed: str = "kcdesk",
) -> Workspace:
    return Workspace.create(
        folder,
        FileKeys(),
        marks_of(folder),
        person=person,
        areas=areas,
        units=shipped_units(),
        clock=clock,
        randomness=random.Random(seed).randbytes,
    )


def reopen(folder: Path, *, clock: Clock = lambda: NOW, wait_s: float = PATIENCE_S) -> Workspace:
    return Workspace.open(
        folder,
        FileKeys(),
        marks_of(folder),
        units=shipped_units(),
        clock=clock,
        randomness=random.Random("reopened").randbytes,
        wait_s=wait_s,
    )


def desk_on(workspace: Workspace, *, clock: Clock = lambda: NOW, seed: str = "desk") -> Desk:
    return Desk(workspace, clock, random.Random(seed).randbytes)


def raw(folder: Path) -> Database:
    """A second connection to the file of a workspace, below everything of ours."""
    return connect(folder / DATABASE_FILE, (folder / "bare.key").read_bytes())


@cache
def _imported(base: Path) -> Path:
    folder = base / "register"
    with make(folder, seed="register") as workspace:
        import_list(desk_on(workspace, seed="register desk"), REGISTER)
    return folder


def register_copy(base: Path, folder: Path) -> Path:
    """A copy in `folder` of a workspace that holds the whole register; it is imported once per process."""
    imported = _imported(base)
    shutil.copytree(imported.with_name("register.marks"), folder.with_name(f"{folder.name}.marks"))
    return Path(shutil.copytree(imported, folder))


def rows_of(folder: Path, *, but: Sequence[str] = ("key",)) -> dict[str, list[dict[str, object]]]:
    """All projected rows, table by table, in the order of their ids, without the columns `but`."""
    db = raw(folder)
    try:
        return {
            table: [
                {name: value for name, value in row.items() if name not in but}
                for row in db.query(f"SELECT * FROM {table} ORDER BY id")
            ]
            for table in ("establishments", "figures", "surveys", "needs")
        }
    finally:
        db.close()

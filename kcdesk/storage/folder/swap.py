"""Putting a restored workspace in the place of the one that is there, which is set aside untouched.

What is new is made in the folder `restoring`. Once it is whole, the file `ready` in it says so, durably, and from then
on the new workspace is the one that counts: `finish` brings the swap to its end after any cut, and nothing of the old
one is ever deleted. Before that the old one counts, and `restoring` is a left-over.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kcdesk.domain.clock import local_time
from kcdesk.errors import WorkspaceError
from kcdesk.storage.folder.durable import remove_durably, sync_folder, write_durably

RESTORING = "restoring"
SET_ASIDE = "set-aside"
_READY = "ready"

_SMALL = ("workspace.json", "key.json")
"""Always there, the old one or the new one: they say whether a folder holds a workspace."""
_OLD = ("workspace.db", "workspace.db-wal", "workspace.db-shm", "key-next.json")


class _Plan(msgspec.Struct, frozen=True):
    """aside: the folder under `set-aside`;  old: what goes there;  new: what takes its place."""

    aside: str
    old: list[str]
    new: list[str]


def begin(folder: Path) -> Path:
    """An empty folder to make the new workspace in. Raises OSError."""
    new = folder / RESTORING
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    return new


def drop(folder: Path) -> None:
    """Throw away what was made in `begin`; after `commit` it is too late."""
    if not (folder / RESTORING / _READY).exists():
        shutil.rmtree(folder / RESTORING, ignore_errors=True)


def commit(folder: Path, at: int, *, besides: Sequence[str] = ()) -> Path | None:
    """Let what is in `restoring` take the place of what is in `folder`; where the old files went, None: nowhere.

    at: milliseconds UTC, names the folder they are set aside in
    besides: further files and folders to set aside
    """
    new = folder / RESTORING
    aside = _free_name(folder, at)
    plan = _Plan(
        aside,
        [name for name in (*_SMALL, *_OLD, *besides) if (folder / name).exists()],
        sorted(file.name for file in new.iterdir()),
    )
    sync_folder(new)
    write_durably(new / _READY, msgspec.json.encode(plan))
    finish(folder)
    return folder / SET_ASIDE / aside if plan.old else None


def finish(folder: Path) -> None:
    """End a swap that was cut off. Whoever calls holds the workspace. Raises `WorkspaceError`."""
    new = folder / RESTORING
    ready = new / _READY
    if not ready.exists():
        return
    try:
        plan = msgspec.json.decode(ready.read_bytes(), type=_Plan)
        aside = folder / SET_ASIDE / plan.aside
        if plan.old:
            aside.mkdir(parents=True, exist_ok=True)
        for name in plan.old:
            if not (aside / name).exists():
                if name in _SMALL:
                    write_durably(aside / name, (folder / name).read_bytes())
                else:
                    (folder / name).rename(aside / name)
        if plan.old:
            sync_folder(aside)
        for name in [*_SMALL, *plan.new]:
            if (new / name).exists():
                (new / name).replace(folder / name)
        sync_folder(folder)
        remove_durably(ready)
        new.rmdir()
    except OSError as error:
        raise WorkspaceError(
            f"Chưa đưa được dữ liệu đã khôi phục vào thư mục “{folder}”.",
            hint="Đóng các chương trình đang dùng thư mục ấy, kiểm tra quyền ghi, rồi mở lại kcdesk.",
            code="read_only",
        ) from error


def _free_name(folder: Path, at: int) -> str:
    name = f"{local_time(at):%Y-%m-%d-%H%M%S}"
    taken = {file.name for file in (folder / SET_ASIDE).glob("*")}
    return next(
        each
        for n in range(1, len(taken) + 2)
        if (each := name if n == 1 else f"{name}-{n}") not in taken
    )

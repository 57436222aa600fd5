"""One process at a time on a workspace: the file `workspace.lock`, locked by the operating system.

Within one process every open connection shares the lock; it is given back with the last of them. The system gives it
back when a process dies, so there is no stale one. The file's own time says since when it is held.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from kcdesk.domain.clock import Clock, local_time
from kcdesk.errors import WorkspaceBusy, WorkspaceError

LOCK_FILE = "workspace.lock"
PATIENCE_S = 5.0
"""How long a command waits for the one before it to end."""


@dataclass
class _Held:
    lock: BaseFileLock
    holders: int


_of_this_process: dict[Path, _Held] = {}
_turn = threading.Lock()


class Hold:
    """The right of this process to work on the workspace in `folder`, until `release`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._released = False

    @property
    def alone(self) -> bool:
        """Whether no other part of this process holds the workspace."""
        with _turn:
            return _of_this_process[self._folder].holders == 1

    def release(self) -> None:
        """Give it back; a second time does nothing."""
        with _turn:
            if self._released:
                return
            self._released = True
            held = _of_this_process[self._folder]
            held.holders -= 1
            if held.holders == 0:
                del _of_this_process[self._folder]
                held.lock.release()


def hold(folder: Path, *, clock: Clock, wait_s: float = PATIENCE_S) -> Hold:
    """Hold the workspace in `folder`, waiting up to `wait_s` seconds for another process to leave it.

    Raises `WorkspaceBusy` with the time since when the other has it, `WorkspaceError` for a folder that cannot be
    written or cannot lock.
    """
    folder = folder.resolve()
    with _turn:
        held = _of_this_process.get(folder)
        if held is None:
            held = _of_this_process[folder] = _Held(_lock(folder, clock, wait_s), 0)
        held.holders += 1
    return Hold(folder)


def _lock(folder: Path, clock: Clock, wait_s: float) -> BaseFileLock:
    path = folder / LOCK_FILE
    lock = FileLock(
        path, timeout=wait_s, thread_local=False, fallback_to_soft=False, preserve_lock_file=True
    )
    try:
        lock.acquire()
    except Timeout:
        raise _busy(path) from None
    except PermissionError:
        raise WorkspaceError(
            "Không ghi được vào thư mục dữ liệu.",
            hint="Kiểm tra quyền ghi của thư mục, hoặc chọn thư mục khác.",
            code="read_only",
        ) from None
    except OSError as error:
        raise WorkspaceError(
            f"Thư mục “{folder}” không cho khoá tệp, nên hai cửa sổ có thể ghi đè lên nhau.",
            hint="Để dữ liệu trong một thư mục trên ổ đĩa của máy, không phải thư mục mạng.",
            code="no_lock",
        ) from error
    at = clock() * 1_000_000
    os.utime(path, ns=(at, at))
    return lock


def _busy(path: Path) -> WorkspaceBusy:
    since = local_time(path.stat().st_mtime_ns // 1_000_000).strftime("%H:%M")
    return WorkspaceBusy(
        f"Dữ liệu này đang được mở ở một cửa sổ kcdesk khác trên máy này (từ {since}).",
        hint="Làm tiếp ở cửa sổ ấy, hoặc đóng nó rồi thử lại.",
    )

"""A process that is killed while it backs up, restores or recovers: at each file it renames or removes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kcdesk.storage.safety.recovery import recover
from kcdesk.storage.safety.replacing import restore
from kcdesk.storage.workspace import Workspace
from tests.conftest import SettableClock
from tests.storage.test_backups import edit, place
from tests.storage.workspaces import make, raw, reopen

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="killed processes are forked here")

EVENTS = frozenset(("os.rename", "os.remove", "os.mkdir", "os.rmdir"))


def killed_at(count: int, inside: Path, work: Callable[[], object]) -> bool:
    """Do `work` in a process that dies at its event number `count` on files in `inside`; whether it came so far."""
    child = os.fork()
    if child == 0:
        left = count

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in EVENTS and str(arguments[0]).startswith(str(inside)):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def each_kill(
    base: Path,
    clock: SettableClock,
    inside: str,
    work: Callable[[Path], object],
    check: Callable[[Path, str], None],
) -> int:
    """Kill `work` at each of its events below `inside`, on a fresh workspace each; how many there were.

    The workspace has two changes, the first of them in a backup. `check` gets it with its device.
    """
    count, killed = 0, True
    while killed:
        folder = base / str(count)
        with make(folder, clock=clock) as workspace:
            edit(workspace, "một")
            workspace.back_up("due")
            clock.advance(1)
            edit(workspace, "hai")
            device = workspace.device_id
        killed = killed_at(count, folder / inside, lambda folder=folder: work(folder))  # type: ignore[misc]
        check(folder, device)
        count += killed
    return count


def opened(folder: Path, clock: SettableClock) -> Workspace:
    return reopen(folder, clock=clock)


def test_while_backing_up(tmp_path: Path, clock: SettableClock) -> None:
    def work(folder: Path) -> None:
        with opened(folder, clock) as workspace:
            workspace.back_up("asked")

    def check(folder: Path, _: str) -> None:
        with opened(folder, clock) as workspace:
            for manifest in workspace.backups.kept():
                workspace.backups.verify(manifest)
            edit(workspace, "ba")
            last = workspace.back_up("asked").manifest
            workspace.backups.verify(last)
            assert last.n == 3

    assert each_kill(tmp_path, clock, "backups", work, check) > 5


@pytest.mark.parametrize("kind", ["restore", "recover"])
def test_while_restoring(tmp_path: Path, clock: SettableClock, kind: str) -> None:
    """Either the old workspace opens, or the new one; the old one is never gone."""
    seen = set()

    def work(folder: Path) -> None:
        with opened(folder, clock) as workspace:
            at, source = place(folder, workspace, clock), workspace.backups
        if kind == "restore":
            restore(at, source, None)
        else:
            recover(at)

    def check(folder: Path, before: str) -> None:
        with opened(folder, clock) as workspace:
            new = workspace.device_id != before
            seen.add(new)
            held = len(list(workspace.changes()))
            assert held == (1 if new and kind == "restore" else 2)
            assert edit(workspace, "ba").n == (1 if new else 3)
        if new:
            (aside,) = (folder / "set-aside").iterdir()
            (aside / "bare.key").write_bytes((folder / "bare.key").read_bytes())
            db = raw(aside)
            assert db.execute("SELECT count(*) FROM changes").fetchone() == (2,)
            db.close()
        assert not (folder / "restoring" / "ready").exists()

    assert each_kill(tmp_path, clock, "", work, check) > 10
    assert seen == {False, True}

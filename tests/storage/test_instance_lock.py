"""One process at a time on a workspace: the second waits a moment and is refused politely."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kcdesk.errors import WorkspaceBusy, WorkspaceError
from kcdesk.storage.folder.instance_lock import LOCK_FILE, hold
from tests.conftest import SettableClock
from tests.storage.workspaces import NOW, make, reopen

HOLDING = """
import sys
from pathlib import Path
from kcdesk.storage.folder.instance_lock import hold
held = hold(Path(sys.argv[1]), clock=lambda: int(sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def other_process(folder: Path, at: int = NOW) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the workspace in `folder` until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(folder), str(at)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        assert process.stdin is not None
        process.stdin.close()


def test_a_second_process_is_refused_with_the_time_of_the_first(
    folder: Path, clock: SettableClock
) -> None:
    make(folder).close()
    clock.advance(3_600_000)
    with other_process(folder):
        with pytest.raises(WorkspaceBusy, match=r"đang được mở .* \(từ 08:30\)") as caught:
            hold(folder, clock=clock, wait_s=0)
        assert caught.value.hint.endswith(".")
        with pytest.raises(WorkspaceBusy):
            reopen(folder, wait_s=0)


def test_who_waits_gets_it_when_the_first_leaves(folder: Path, clock: SettableClock) -> None:
    make(folder).close()
    with other_process(folder) as process:
        got: list[object] = []

        def wait() -> None:
            got.append(hold(folder, clock=clock, wait_s=30))

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert process.stdin is not None
        process.stdin.close()
        waiting.join(30)
        assert len(got) == 1
        got[0].release()  # type: ignore[attr-defined]


def test_a_process_that_was_killed_leaves_nothing_behind(folder: Path) -> None:
    make(folder).close()
    with other_process(folder) as process:
        process.kill()
        process.wait()
        reopen(folder, wait_s=0).close()
    assert (folder / LOCK_FILE).exists()


def test_one_process_shares_it_among_its_connections(folder: Path, clock: SettableClock) -> None:
    first = make(folder)
    with reopen(folder, wait_s=0) as second:
        with pytest.raises(WorkspaceBusy):
            second.require_alone()
        first.close()
        second.require_alone()
        assert refused_elsewhere(folder)
        first.close()  # a second time changes nothing
        assert refused_elsewhere(folder)
    assert not refused_elsewhere(folder)


def test_a_workspace_that_does_not_open_is_not_held(folder: Path) -> None:
    make(folder).close()
    (folder / "bare.key").write_bytes(bytes(32))
    with pytest.raises(WorkspaceError):
        reopen(folder)
    assert not refused_elsewhere(folder)


def test_a_folder_that_cannot_be_written_is_a_sentence(folder: Path, clock: SettableClock) -> None:
    folder.mkdir()
    (folder / LOCK_FILE).mkdir()
    with pytest.raises(WorkspaceError) as caught:
        hold(folder, clock=clock, wait_s=0)
    assert caught.value.code in {"no_lock", "read_only"}
    assert caught.value.hint.endswith(".")


def refused_elsewhere(folder: Path) -> bool:
    """Whether another process is refused."""
    program = (
        "import sys; from pathlib import Path\n"
        "from kcdesk.errors import WorkspaceBusy; from kcdesk.storage.folder.instance_lock import hold\n"
        "try: hold(Path(sys.argv[1]), clock=lambda: 0, wait_s=0)\n"
        "except WorkspaceBusy: sys.exit(3)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert done.returncode in {0, 3}
    return done.returncode == 3

"""Processes that can be stopped at any system call: a server that forks them, and strace that watches and stops them.

Python with everything loaded takes a second to start, so one process loads it once (`python -m tests.faults.rig`) and
forks one child for each run. A child waits until strace is attached. Orders and replies are lines of JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
ATTACHED = "attached"
REFUSED = 3
"""Exit status of a part that ended with a `KcdeskError`; what it said stands in the last line."""
DAY_MS = 24 * 3_600_000
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
PR_SET_PTRACER = 0x59616D61
ANYBODY = -1
CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True)
class Ran:
    """How a run ended (`-9`: killed), what it said, and the traceback of one that broke."""

    status: int
    said: list[dict[str, Any]]
    broken: str


class Rig:
    """The forking process, from outside; its own folder keeps a keyring that all runs share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        environment = {
            **os.environ,
            "PYTHON_KEYRING_BACKEND": "tests.cli.file_keyring.Keyring",
            "KCDESK_TEST_KEYRING": str(folder / "keyring.json"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.faults.rig"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )

    def run(
        self,
        function: str,
        *arguments: Any,
        watch: list[str] | None = None,
        humble: bool = False,
    ) -> Ran:
        """Run a function of `day`. `watch`: arguments for strace; `humble`: without what root may do beyond others."""
        self._count += 1
        said, broken = self.folder / f"said-{self._count}", self.folder / f"broken-{self._count}"
        status = self._order(
            do="run",
            function=function,
            arguments=[str(each) if isinstance(each, Path) else each for each in arguments],
            said=str(said),
            broken=str(broken),
            watch=watch,
            humble=humble,
        )
        lines = [json.loads(line) for line in said.read_text("utf-8").splitlines()]
        ran = Ran(status, lines, broken.read_text("utf-8"))
        said.unlink()
        broken.unlink()
        return ran

    def serve(self, folder: Path) -> None:
        """Start the province in `folder` as a process of its own; the file `address` there says where it listens."""
        port = self._order(do="serve", database=f"sqlite:///{folder / 'province.db'}")
        (folder / "address").write_text(f"http://127.0.0.1:{port}")

    def end_serving(self) -> None:
        self._order(do="end serving")

    def _order(self, **order: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=20)


# In the forking process


def serve_orders() -> None:
    _warm_up()
    province = 0
    for line in sys.stdin:
        order = json.loads(line)
        reply = 0
        match order.pop("do"):
            case "run":
                reply = _run(**order)
            case "serve":
                province, reply = _serve(**order)
            case "end serving":
                os.kill(province, signal.SIGKILL)
                os.waitpid(province, 0)
        sys.stdout.write(f"{json.dumps(reply)}\n")
        sys.stdout.flush()
    os._exit(0)


def _warm_up() -> None:
    """Live through the day once, so that everything is loaded: what is forked afterwards starts at once and opens the
    same files in the same order each time.
    """
    from tests.faults import day
    from tests.faults.recording import OLDEST

    def nothing(line: dict[str, Any]) -> None:
        pass

    with tempfile.TemporaryDirectory() as folder:
        root, old = f"{folder}/computer", f"{folder}/old computer"
        day.prepare(root, nothing)
        day.prepare_old(old, OLDEST, nothing)
        province, port = _serve(f"sqlite:///{root}/province/province.db")
        Path(root, "province", "address").write_text(f"http://127.0.0.1:{port}")
        for part in day.PARTS:
            day.run(part, f"{old if part == 'migrate' else root}/home", nothing)
        day.check_all(f"{root}/home", nothing)
        os.kill(province, signal.SIGKILL)
        os.waitpid(province, 0)


def _run(
    function: str,
    arguments: list[Any],
    said: str,
    broken: str,
    watch: list[str] | None,
    humble: bool,
) -> int:
    wait, go = os.pipe()

    def child() -> None:
        os.close(go)
        LIBC.prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
        if humble:
            _give_up_capabilities()
        os.read(wait, 1)
        _call(function, arguments, lines)

    lines = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    errors = os.open(broken, os.O_WRONLY | os.O_CREAT)
    process = _fork(child, errors)
    for fd in (wait, lines, errors):
        os.close(fd)
    watcher = _watch(process, watch) if watch is not None else None
    os.close(go)
    _, status = os.waitpid(process, 0)
    if watcher is not None:
        watcher.communicate(timeout=60)
    return os.waitstatus_to_exitcode(status)


def _call(function: str, arguments: list[Any], lines: int) -> None:
    from kcdesk.errors import KcdeskError
    from tests.faults import day

    def say(what: dict[str, Any]) -> None:
        # by another system call than those that are made to fail
        os.writev(lines, [json.dumps(what, ensure_ascii=False).encode() + b"\n"])

    try:
        getattr(day, function)(*arguments, say)
    except KcdeskError as error:
        say({"code": error.code, "message": error.message, "hint": error.hint})
        os._exit(REFUSED)


def _give_up_capabilities() -> None:
    """So that the permissions of files hold for root too (capset(2))."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    if LIBC.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _watch(process: int, arguments: list[str]) -> subprocess.Popen[str]:
    watcher = subprocess.Popen(
        ["strace", "-f", "-p", str(process), *arguments], stderr=subprocess.PIPE, text=True
    )
    assert watcher.stderr is not None
    line = watcher.stderr.readline()
    if ATTACHED not in line:
        raise RuntimeError(line + watcher.stderr.read())
    return watcher


def _serve(database: str) -> tuple[int, int]:
    from kcdesk.domain.clock import system_randomness
    from kcdesk.server.run import run
    from tests.storage.workspaces import NOW

    wait, go = os.pipe()

    def child() -> None:
        run(
            database,
            host="127.0.0.1",
            port=0,
            clock=lambda: NOW + DAY_MS,
            randomness=system_randomness,
            ready=lambda listening: _tell(go, listening.url.rpartition(":")[2]),
        )

    process = _fork(child, 2)
    os.close(go)
    with os.fdopen(wait) as ready:
        return process, int(ready.readline())


def _tell(fd: int, line: str) -> None:
    os.write(fd, f"{line}\n".encode())


def _fork(body: Callable[[], None], errors: int) -> int:
    process = os.fork()
    if process == 0:
        _child(body, errors)
    return process


def _child(body: Callable[[], None], errors: int) -> NoReturn:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(errors, 2)
    try:
        body()
    except BaseException:  # noqa: BLE001 -- the border of a process
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    serve_orders()

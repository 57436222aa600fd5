"""A table window over the model of long lists, in a bare program: start to first paint, and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import population
from benchmarks.measuring import Figure, Ground, median, taking_turns
from kcdesk.actions.desk import keys_for
from kcdesk.storage.folder.description import DATABASE_FILE, describe

ROUNDS = 15
MEMORY_MB = 120.0
MORE_MB = 10.0


def measure(ground: Ground) -> Iterable[Figure]:
    file, key = _opened(ground.workspace())
    empty, ours = taking_turns(ROUNDS, _start("", ""), _start(file, key))
    yield Figure(
        "window, start to first paint",
        ground.size,
        median(ours) * 1e3,
        "ms",
        1.15,
        median(empty) * 1e3,
    )
    held = _memory(file, key)
    yield Figure(
        "window, memory scrolled to the end",
        ground.size,
        held,
        "MB",
        MEMORY_MB if ground.size == 100_000 else None,
    )
    if ground.size > 100_000:
        more = held - _memory(*_opened(ground.workspace(100_000)))
        yield Figure("  more than at 100,000", ground.size, more, "MB", MORE_MB)


def _opened(folder: Path) -> tuple[str, str]:
    """The database in a kept workspace, and its key."""
    workspace = folder / population.WORKSPACE
    keys = keys_for(folder / population.PASSPHRASE_FILE)
    return str(workspace / DATABASE_FILE), keys.read(workspace, describe(workspace).id).hex()


def _start(file: str, key: str) -> Callable[[], object]:
    """From the start of the process until it says that it has painted."""

    def work() -> None:
        with _program(file, key, scroll=False) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == "painted\n"
            program.kill()

    return work


def _memory(file: str, key: str) -> float:
    with _program(file, key, scroll=True) as program:
        assert program.stdout is not None
        painted, held = program.stdout.read().splitlines()
    assert painted == "painted"
    return float(held)


def _program(file: str, key: str, *, scroll: bool) -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._table_program"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None
    program.stdin.write(json.dumps({"file": file, "key": key, "scroll": scroll}) + "\n")
    program.stdin.flush()
    return program

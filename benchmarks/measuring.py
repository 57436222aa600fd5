"""What every measurement uses: the figures of the table, the ground to measure on, and taking turns."""

from __future__ import annotations

import hashlib
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import kcdesk.storage
from benchmarks import population
from kcdesk.actions.desk import Desk


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    ours:  median, in `unit` (s, ms, µs, MB)
    floor: what the least program needs for it, measured in turns with ours; then `goal` is a ratio of the two
    goal:  at most; None: shown, not judged
    """

    what: str
    size: int
    ours: float
    unit: str
    goal: float | None = None
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.floor is None else self.ours / self.floor

    @property
    def met(self) -> bool | None:
        judged = self.ours if self.ratio is None else self.ratio
        return None if self.goal is None else judged <= self.goal


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a measurement stands: its size, and workspaces of that size."""

    size: int
    cache: Path
    scratch: Path = field(
        default_factory=lambda: Path(tempfile.mkdtemp(prefix="kcdesk-benchmark-"))
    )

    def workspace(self, size: int | None = None) -> Path:
        """The folder of the kept workspace with `size` establishments (default: the size asked for); read only.

        Generated when it is not there yet; the passphrase lies beside it (`population.PASSPHRASE_FILE`).
        """
        size = self.size if size is None else size
        folder = self.cache / f"{size}-{_edition()}"
        if not folder.is_dir():
            self.say(f"generating {size:,} establishments")
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            population.make_workspace(unfinished, size, self.say)
            unfinished.rename(folder)
        return folder

    def folder(self) -> Path:
        """An empty folder."""
        return Path(tempfile.mkdtemp(dir=self.scratch))

    @contextmanager
    def desk(self, size: int | None = None) -> Iterator[Desk]:
        """A copy of the workspace with `size` establishments, open."""
        copy = self.folder() / "copy"
        shutil.copytree(self.workspace(size), copy)
        try:
            with population.open_desk_in(copy) as desk:
                yield desk
        finally:
            shutil.rmtree(copy)

    def say(self, text: str) -> None:
        print(f"  {text} ...", file=sys.stderr, flush=True)


def _edition() -> str:
    """Changes with the generator and the schema, so that an old kept workspace is never measured."""
    sources = (Path(population.__file__), Path(kcdesk.storage.__file__).with_name("schema.sql"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    return digest.hexdigest()[:8]


def taking_turns(rounds: int, *works: Callable[[], object]) -> list[list[float]]:
    """Seconds of each of the works in each round, run in turns so that all see the same machine."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, seconds, strict=True):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    return seconds


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that so many percent of them do not exceed.

    >>> percentile([3.0, 1.0, 2.0, 4.0], 75)
    3.0
    """
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]

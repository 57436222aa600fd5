"""The day recorded: each part with the folder before it, all it did to its files, and what it said.

`root` is a computer: `home` is what the laptop keeps, `province` the province's folder.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.faults import power
from tests.faults.rig import Ran, Rig
from tests.faults.trace import Disk, Op, follow, kill_at, operations

OLDEST = "0001"
MANY = 10
"""More writes of one kind are frequent."""
NAMES_OF_CHANCE = re.compile(r"(?<=/)[0-9a-f-]{2,}(?=[./]|$)|(?<=/)[^/]*(?=\.backup)")
"""Parts of a path that are digests, ids or moments."""


@dataclass(frozen=True)
class Part:
    """One part of the day, run to its end. `before`, `after`: the computer then, never to be changed."""

    name: str
    before: Path
    after: Path
    ops: list[Op]
    said: list[dict[str, Any]]
    promised: dict[str, Any]
    """What had been said before this part began."""
    groups: dict[str, int]

    def disk(self) -> Disk:
        return Disk.read(self.before / "home")

    def writes(self) -> list[Op]:
        return [op for op in self.ops if op.kind != "said"]

    def promised_after(self, ops: int) -> dict[str, Any]:
        """The last line that had been said when so many operations were made."""
        lines = sum(op.kind == "said" for op in self.ops[:ops])
        return self.said[lines - 1] if lines else self.promised


@contextmanager
def computer(rig: Rig, part: Part, root: Path) -> Iterator[Path]:
    """The computer in `root` as it was before a part, with its province running if the part needs one; its home."""
    shutil.copytree(part.before, root)
    with province(rig, part.name, root):
        yield root / "home"
    shutil.rmtree(root)


@contextmanager
def province(rig: Rig, name: str, root: Path) -> Iterator[None]:
    if name != "sync":
        yield
        return
    rig.serve(root / "province")
    try:
        yield
    finally:
        rig.end_serving()


def record_day(rig: Rig, folder: Path, parts: Sequence[str]) -> dict[str, Part]:
    """Run the parts one after the other, each watched."""
    root = folder / "computer"
    _well(rig.run("prepare", root))
    recorded: dict[str, Part] = {}
    promised: dict[str, Any] = {}
    for name in parts:
        where = root
        if name == "migrate":
            where = folder / "old computer"
            promised = {}
            _well(rig.run("prepare_old", where, OLDEST))
        recorded[name] = _record(rig, name, where, folder, promised)
        promised = recorded[name].said[-1]
    return recorded


def _record(rig: Rig, name: str, root: Path, folder: Path, promised: dict[str, Any]) -> Part:
    before = Path(shutil.copytree(root, folder / f"before {name}"))
    home, trace = root / "home", folder / f"trace {name}"
    with province(rig, name, root):
        said = _well(rig.run("run", name, home, watch=follow(trace))).said
    lines = [json.dumps(line, ensure_ascii=False) for line in said]
    disk = Disk.read(before / "home")
    ops = operations(trace.read_text(), home, disk, lines)
    # the recording holds every write: made again, it leads to the same files
    assert disk.files() == Disk.read(home).files()
    (groups,) = _well(rig.run("groups", home)).said
    after = Path(shutil.copytree(root, folder / f"after {name}"))
    return Part(name, before, after, ops, said, promised, groups)


def places(ops: Iterable[Op]) -> dict[tuple[str, str], list[Op]]:
    """Operations by kind of file and system call."""
    found: dict[tuple[str, str], list[Op]] = defaultdict(list)
    for op in ops:
        found[_kind_of_file(op.to or op.path), op.call].append(op)
    return found


def spread(day: Mapping[str, Part]) -> dict[str, list[Op]]:
    """Writes over the whole day, by part: the first of each kind; of frequent kinds the last, and one of each part."""
    chosen: dict[str, list[Op]] = {name: [] for name in day}
    kinds: dict[tuple[str, str], list[tuple[str, Op]]] = defaultdict(list)
    for name, part in day.items():
        for kind, ops in places(part.writes()).items():
            kinds[kind] += [(name, op) for op in ops]
            if len(ops) > MANY:
                chosen[name].append(ops[len(ops) // 2])
    for found in kinds.values():
        for name, op in (found[0], *(found[-1:] if len(found) > MANY else ())):
            chosen[name].append(op)
    return chosen


def kill(rig: Rig, part: Part, op: Op, root: Path) -> list[str]:
    """Run a part, kill it at a write, go on; all that is wrong then."""
    with computer(rig, part, root) as home:
        ran = rig.run("run", part.name, home, watch=kill_at(op))
        if ran.status != -9:
            return [f"not killed: {ran}"]
        promised = ran.said[-1] if ran.said else part.promised
        return afterwards(rig, part, home, promised)


@dataclass(frozen=True)
class Moment:
    """A moment at which the power goes, and what becomes of what was not synced yet."""

    ops: int
    loss: Literal["all lost", "zeros", "some"]


def cuts(part: Part) -> list[Moment]:
    """All moments of a part that matter."""
    return [
        Moment(ops, loss)
        for ops in sorted(set(power.cut_points(part.ops)))
        for loss in ("all lost", "zeros", "some")
    ]


def cut(rig: Rig, part: Part, moment: Moment, root: Path) -> list[str]:
    """Let the power go at a moment of a part, go on; all that is wrong then.

    A laptop that has lost something meets the province as it is now, at the end of the part.
    """
    ops = part.ops[: moment.ops]
    chance = random.Random(moment.ops)
    names = chance.randint(0, power.pending_names(ops))
    loss = {"all lost": power.all_lost, "zeros": power.zeros, "some": power.some(chance)}
    disk = power.after_cut(
        part.disk(), ops, loss[moment.loss], names if moment.loss != "all lost" else 0
    )
    shutil.copytree(part.after / "province", root / "province")
    power.put(disk, root / "home")
    with province(rig, part.name, root):
        promised, known = part.promised_after(moment.ops), sum(part.groups.values())
        wrong = afterwards(rig, part, root / "home", promised, known)
    shutil.rmtree(root)
    return wrong


def afterwards(
    rig: Rig, part: Part, home: Path, promised: dict[str, Any], known: int = 0
) -> list[str]:
    """Open and use the workspace once more; all that is wrong. `known`: as `day.verify` takes it."""
    verified = rig.run("verify", part.name, home, promised, part.groups, known)
    return verified.said[-1]["wrong"] if verified.status == 0 else [repr(verified)]


def _well(ran: Ran) -> Ran:
    assert ran.status == 0, ran
    return ran


def _kind_of_file(path: str) -> str:
    """A path without the names that differ from day to day."""
    return NAMES_OF_CHANCE.sub("*", path)

"""A short day of an officer, killed at every one of its writes and cut off at every moment that matters.

Not a measurement of time: the figures count what went wrong, and the goal is nothing. The size plays no part.
What is simulated stands in docs/faults.md; tests/faults does a part of it in every test run.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from benchmarks.measuring import Figure, Ground
from tests.faults.day import PARTS
from tests.faults.recording import cut, cuts, kill, record_day
from tests.faults.rig import Rig


def measure(ground: Ground) -> Iterable[Figure]:
    folder = ground.folder()
    with closing(Rig(ground.folder())) as rig:
        for part in record_day(rig, folder, list(PARTS)).values():
            writes, moments = part.writes(), cuts(part)
            ground.say(f"{part.name}: {len(writes)} writes, {len(moments)} power cuts")
            killed = [(op, kill(rig, part, op, folder / "killed")) for op in writes]
            dark = [(moment, cut(rig, part, moment, folder / "dark")) for moment in moments]
            for place, wrong in (*killed, *dark):
                if wrong:
                    ground.say(f"{part.name}: {place}: {wrong}")
            yield _count(f"{part.name}: wrong after a kill", [wrong for _, wrong in killed])
            yield _count(f"{part.name}: wrong after a power cut", [wrong for _, wrong in dark])


def _count(what: str, found: list[list[str]]) -> Figure:
    return Figure(what, len(found), sum(map(bool, found)), "", 0)

"""The program is killed at its writes: it opens again, nothing that it said is gone, and it goes on.

A few writes of each kind here; benchmarks/faults.py does all of them.
"""

from __future__ import annotations

from pathlib import Path

from tests.faults.recording import Part, kill, places, spread
from tests.faults.rig import Rig


def test_killed_at_a_write(rig: Rig, day: dict[str, Part], part: Part, tmp_path: Path) -> None:
    wrong = {
        f"{op.call} {op.ordinal} {op.path}": found
        for op in spread(day)[part.name]
        if (found := kill(rig, part, op, tmp_path / "computer"))
    }
    assert not wrong


def test_all_kinds_of_writes_are_among_them(day: dict[str, Part]) -> None:
    chosen = [op for ops in spread(day).values() for op in ops]
    every = [op for part in day.values() for op in part.writes()]
    assert places(chosen).keys() == places(every).keys()
    assert 50 <= len(chosen) <= 90


def test_every_action_of_the_day_writes(day: dict[str, Part]) -> None:
    """Otherwise there would be nothing to kill it at."""
    for part in day.values():
        kinds = [op.kind for op in part.ops]
        words = [place for place, kind in enumerate(kinds) if kind == "said"]
        for start, end in zip([0, *words], words, strict=False):
            assert "sync" in kinds[start:end], (part.name, start)

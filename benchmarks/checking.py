"""`check`: every record folded from its changes and compared with what lists show, and the file itself."""

from __future__ import annotations

import time
from collections.abc import Iterable

from benchmarks.measuring import Figure, Ground
from kcdesk.actions.checking import check

GOALS_S = {100_000: 20.0}


def measure(ground: Ground) -> Iterable[Figure]:
    told: list[tuple[str, int, int]] = []
    with ground.desk() as desk:
        start = time.perf_counter()
        report = check(desk, progress=lambda *how_far: told.append(how_far))
        seconds = time.perf_counter() - start
    assert report.clean
    goal = GOALS_S.get(ground.size)
    yield Figure(f"check, {report.changes:,} changes", ground.size, seconds, "s", goal)
    yield Figure("  times progress was told", ground.size, len(told), "")

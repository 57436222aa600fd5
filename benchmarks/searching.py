"""Search as people type, two letters and more: what the list screen asks, with figures and delivery."""

from __future__ import annotations

import time
from collections.abc import Iterable

from benchmarks.measuring import Figure, Ground, median, percentile
from benchmarks.population import queries
from kcdesk.actions.records import list_records
from kcdesk.ui.screens.establishments import PAGE

QUERIES = 1_000
GOALS_MS = {100_000: 16.0, 1_000_000: 50.0}


def measure(ground: Ground) -> Iterable[Figure]:
    """In a workspace that has been open for a while: the first 50 queries are not counted."""
    times: list[float] = []
    with ground.desk() as desk:
        for search in queries(QUERIES + 50):
            start = time.perf_counter()
            list_records(desk, "establishments", search=search, limit=PAGE)
            times.append((time.perf_counter() - start) * 1e3)
    counted, goal = times[50:], GOALS_MS.get(ground.size)
    yield Figure("search as you type, median", ground.size, median(counted), "ms")
    yield Figure("search as you type, p99", ground.size, percentile(counted, 99), "ms", goal)

"""Search as people type, two letters and more: what the list screen asks, with figures and delivery."""

from __future__ import annotations

import time
from collections.abc import Iterable

from benchmarks.measuring import Figure, Ground, median, percentile
from benchmarks.population import new_desk, queries
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import list_records
from kcdesk.ui.screens.establishments import PAGE
from tests.storage.typed_queries import typed_queries
from tests.storage.workspaces import REGISTER

QUERIES = 1_000
DRAWN = 2_000
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
    yield from _found(ground)


def _found(ground: Ground) -> Iterable[Figure]:
    """Whether queries that carry what makes a row of the sample register the only one find it, and how far up."""
    missed: dict[str, list[bool]] = {}
    late: dict[str, list[bool]] = {}
    with new_desk(ground.folder()) as desk:
        import_list(desk, REGISTER)
        for query in typed_queries(DRAWN):
            page = list_records(desk, "establishments", search=query.typed, limit=PAGE)
            names = [str(record.row["name"]) for record in page.records]
            missed.setdefault(query.what, []).append(query.name not in names)
            late.setdefault(query.what, []).append(query.name not in names[:5])
    for what, wrong in missed.items():
        yield Figure(f"  not found: {what}", len(wrong), 100 * sum(wrong) / len(wrong), "%")
    for title, lists, goal in (
        (f"{DRAWN:,} queries: not found", missed, 0.0),
        (f"{DRAWN:,} queries: not among the first five", late, 5.0),
    ):
        wrong = [each for of in lists.values() for each in of]
        yield Figure(title, len(wrong), 100 * sum(wrong) / len(wrong), "%", goal)

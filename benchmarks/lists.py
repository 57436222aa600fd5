"""Lists: the first page as the window asks for it, moving from page to page, and the count."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from benchmarks.measuring import Figure, Ground, median, percentile
from kcdesk.actions.records import count_records, list_records
from kcdesk.ui.screens.establishments import KIND, PAGE

PAGES = 40


def measure(ground: Ground) -> Iterable[Figure]:
    with ground.desk() as desk:
        opening: list[float] = []
        _time(opening, lambda: list_records(desk, KIND, limit=PAGE))
        yield Figure(f"first page of {PAGE}, just opened", ground.size, opening[0], "ms")

        turning: list[float] = []
        after = None
        for _ in range(PAGES):
            page = _time(
                turning,
                lambda after=after: list_records(desk, KIND, limit=PAGE, after=after),
            )
            after = page.next
            if after is None:
                break
        yield Figure("page to page, median", ground.size, median(turning), "ms")
        yield Figure("page to page, worst", ground.size, percentile(turning, 100), "ms")

        persons: list[float] = []
        for _ in range(5):
            _time(persons, lambda: list_records(desk, KIND, limit=PAGE, by_person=True))
        yield Figure("first page by given name of persons", ground.size, median(persons), "ms")

        counting: list[float] = []
        for _ in range(5):
            _time(counting, lambda: count_records(desk, KIND))
        yield Figure("count", ground.size, median(counting), "ms")


def _time(times: list[float], work: Callable[[], object]) -> object:
    start = time.perf_counter()
    result = work()
    times.append((time.perf_counter() - start) * 1e3)
    return result

"""Recognising what is there already: how well on labelled pairs, how fast over many, and while somebody types."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks import population
from benchmarks.measuring import Figure, Ground, percentile, taking_turns
from kcdesk.actions.duplicates import list_duplicates, similar_to
from kcdesk.actions.importing import plan_import
from kcdesk.importing.duplicates import Index, Verdict, compare_likely, profile_of
from tests.importing.labelled_pairs import labelled_pairs, register_records

TYPED = 500


def measure(ground: Ground) -> Iterator[Figure]:
    yield from _quality(ground)
    with ground.desk() as desk:
        known = [fields for fields, _ in population.establishments(ground.size)]
        times = []
        for fields in known[:: max(1, len(known) // TYPED)]:
            typed = {
                key: fields[key] for key in ("name", "phone", "hamlet", "commune", "legal_form")
            }
            start = time.perf_counter()
            found = similar_to(desk, typed)
            times.append((time.perf_counter() - start) * 1000)
            assert found, "a record is like itself"
        yield Figure(
            "candidates while typing, 95th percentile", ground.size, percentile(times, 95), "ms", 20
        )
        ((seconds,),) = taking_turns(1, lambda: list_duplicates(desk))
        yield Figure("kcdesk duplicates, the whole workspace", ground.size, seconds, "s")
        path = ground.folder() / "list.xlsx"
        population.write_list(path, ground.size)
        ((seconds,),) = taking_turns(1, lambda: plan_import(desk, path))
        yield Figure(
            "a list as long as the workspace, planned",
            ground.size,
            seconds,
            "s",
            60 * max(1, ground.size / 100_000),
        )


def _quality(ground: Ground) -> Iterator[Figure]:
    pairs = labelled_pairs(register_records())
    asked: dict[str, list[bool]] = {}
    sure: list[bool] = []
    for pair in pairs:
        one, other = profile_of(pair.one), profile_of(pair.other)
        found = compare_likely(one, other) if Index([one]).near(other) else None
        asked.setdefault(pair.kind, []).append((found is not None) != pair.same)
        if found is not None and found.verdict is Verdict.CERTAIN:
            sure.append(pair.same)
    same = {pair.kind for pair in pairs if pair.same}
    for kind, wrong in asked.items():
        words = "missed" if kind in same else "taken for one"
        yield Figure(f"{words}: {kind}", len(wrong), 100 * sum(wrong) / len(wrong), "%")
    right = sum(not wrong for kind in same for wrong in asked[kind])
    strangers = sum(wrong for kind in asked.keys() - same for wrong in asked[kind])
    recall, precision = 2 * right / len(pairs), right / (right + strangers)
    ground.say(
        f"precision {precision:.2%}, recall {recall:.2%}; certain ones right {sum(sure) / len(sure):.2%}"
    )
    yield Figure(
        "labelled pairs: wrong among those found (100 - precision)",
        len(pairs),
        100 * (1 - precision),
        "%",
        5,
    )
    yield Figure("labelled pairs: not found (100 - recall)", len(pairs), 100 * (1 - recall), "%", 5)

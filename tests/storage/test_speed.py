"""A save costs little more than the plainest insert: the short form of `benchmarks/saving.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.measuring import median, taking_turns
from benchmarks.population import make_workspace, open_desk_in
from benchmarks.saving import GOAL, raw_insert, save_of_a_form

pytestmark = pytest.mark.alone


def test_saving_a_form(tmp_path: Path) -> None:
    """Both take turns, so both see the same disk; of three runs the best counts, for machines are shared."""
    make_workspace(tmp_path / "one", 1_000, lambda _: None)
    ratios = []
    with open_desk_in(tmp_path / "one") as desk:
        save = save_of_a_form(desk)
        for run in range(3):
            floor, ours = taking_turns(150, raw_insert(tmp_path / f"floor{run}.db"), save)
            ratios.append(median(ours) / median(floor))
            if ratios[-1] <= GOAL:
                return
    raise AssertionError(f"a save took so many times a raw insert: {ratios}")

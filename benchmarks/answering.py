"""A sheet of 300 questions: until it is on screen, and one answer with all that it changes there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable

from benchmarks.measuring import Figure, Ground, median, percentile

OPEN_MS = 300.0
ANSWER_MS = 16.0


def measure(ground: Ground) -> Iterable[Figure]:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks._sheet_program"],
        env={"QT_QPA_PLATFORM": "offscreen", **os.environ},
        stdout=subprocess.PIPE,
        check=True,
    )
    ms = {what: [1e3 * s for s in seconds] for what, seconds in json.loads(run.stdout).items()}
    opened, answered = median(ms["open"]), median(ms["answer"])
    yield Figure("sheet of 300 questions, on screen", ground.size, opened, "ms", OPEN_MS)
    yield Figure("  against 300 bare lines", ground.size, opened, "ms", None, median(ms["bare"]))
    yield Figure("  one answer", ground.size, answered, "ms", ANSWER_MS)
    yield Figure("  one answer, p95", ground.size, percentile(ms["answer"], 95), "ms")
    yield Figure(
        "  against setting one bare line", ground.size, answered, "ms", None, median(ms["set"])
    )

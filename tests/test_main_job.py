"""The whole way once, as the demonstration does it: every number read back by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys


def test_the_demonstration_does_the_main_job_and_verifies_each_step() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kcdesk", "demo", "--check", "--json"],
        capture_output=True,
        check=False,
        timeout=280,
    )
    report = json.loads(done.stdout)
    wrong = [check for step in report["steps"] for check in step["checks"] if not check["ok"]]
    assert wrong == []
    assert len(report["steps"]) == 8
    assert report["ok"]
    assert done.returncode == 0

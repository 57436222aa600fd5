"""Qt methods that return nothing must not use up None (kcdesk.ui.immortal)."""

from __future__ import annotations

import subprocess
import sys


def test_more_calls_than_none_has_references_do_no_harm() -> None:
    program = """
import sys
import kcdesk.ui
from PySide6.QtWidgets import QApplication, QLineEdit
app = QApplication([])
line = QLineEdit()
for _ in range(4 * 20_000):
    line.setText("")
assert sys.getrefcount(None) > 1 << 31
kcdesk.ui.guard_singletons()
print("alive", kcdesk.ui.immortal.ENOUGH < sys.getrefcount(None) < 2 * kcdesk.ui.immortal.ENOUGH)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    alive = "alive True" if sys.version_info < (3, 12) else "alive"
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(alive)

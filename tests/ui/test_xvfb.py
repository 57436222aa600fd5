"""The real window in a real X server: it opens, shows the list and closes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kcdesk.ui.sample import Sample

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed"),
]

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from kcdesk.app import run_window

def opened(window):
    def look():
        if window.list.model.rows and window.tasks.idle and window.isVisible():
            print(QGuiApplication.platformName(), len(window.list.model.rows), window.title.text())
            timer.stop()
            window.close()
    timer = QTimer(window, interval=20)
    timer.timeout.connect(look)
    timer.start()

sys.stdout.reconfigure(encoding="utf-8")
sys.exit(run_window(Path(sys.argv[1]), passphrase_file=Path(sys.argv[2]), opened=opened))
"""


@pytest.fixture
def display() -> Iterator[str]:
    """An X server on a display that it chose itself."""
    read, write = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1366x768x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
        process.terminate()


def test_the_window_opens_shows_the_list_and_closes(display: str, place: Sample) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(place.workspace), str(place.passphrase_file)],
        env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "xcb 3 Cơ sở công nghiệp nông thôn"

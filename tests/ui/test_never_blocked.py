"""While the machine works, the window stays awake: a 10 ms timer in it keeps ticking.

A control runs beside it, a process that only ticks: what stood still in both was the machine, not us. Machines are
shared, so the best of three runs counts.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from kcdesk.ui import sample
from kcdesk.ui.screens.blank_forms import BlankFormsDialog
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Settle
from tests.ui.servers import province

pytestmark = pytest.mark.alone

STALL_S = 0.1
RUNS = 3

CONTROL = """
import sys, threading, time
done = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
print("ready", flush=True)
while not done.wait(0.01):
    print(time.monotonic(), flush=True)
"""


@dataclass
class Ticks:
    mine: list[float] = field(default_factory=list)
    control: list[float] = field(default_factory=list)

    def stalls(self) -> list[float]:
        """Lengths of the gaps over STALL_S of the window during which the control did tick."""
        return [
            later - earlier
            for earlier, later in pairwise(self.mine)
            if later - earlier > STALL_S and self._control_was_awake(earlier, later)
        ]

    def _control_was_awake(self, start: float, end: float) -> bool:
        inside = [start, *(tick for tick in self.control if start < tick < end), end]
        return max(later - earlier for earlier, later in pairwise(inside)) < STALL_S / 2


@contextmanager
def ticking() -> Iterator[Ticks]:
    ticks = Ticks()
    timer = QTimer(interval=10)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.mine.append(time.monotonic()))
    with subprocess.Popen(
        [sys.executable, "-c", CONTROL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as control:
        assert control.stdout is not None
        control.stdout.readline()
        timer.start()
        yield ticks
        timer.stop()
        printed, _ = control.communicate("")
        ticks.control = [float(line) for line in printed.split()]


def stays_awake(work: Callable[[], None], before: Callable[[], None] | None = None) -> None:
    """Assert that `work` has a run in which the window never stood still alone.

    before: what each run needs first.
    """
    seen: list[list[float]] = []
    for _ in range(RUNS):
        if before is not None:
            before()
        with ticking() as ticks:
            work()
        assert len(ticks.mine) > 5
        seen.append(ticks.stalls())
        if not seen[-1]:
            return
    raise AssertionError(f"the window stood still in every run: {seen}")


def test_a_stall_would_be_seen(qtbot: QtBot) -> None:
    with ticking() as ticks:
        qtbot.waitUntil(lambda: len(ticks.mine) > 3)
        asleep = time.monotonic() + 3 * STALL_S
        while time.monotonic() < asleep:
            pass
        seen = len(ticks.mine)
        qtbot.waitUntil(lambda: len(ticks.mine) > seen + 3)
    assert max(b - a for a, b in pairwise(ticks.mine)) > 2 * STALL_S


def test_importing_the_register(qtbot: QtBot, window: MainWindow, settle: Settle) -> None:
    def work() -> None:
        window.go(window.imports)
        settle(window.tasks)
        window.imports.read(sample.REGISTER)
        settle(window.tasks)
        window.imports.confirm()
        settle(window.tasks)
        assert window.banner.message == "Đã nhập 6.534 cơ sở."

    stays_awake(work)


def test_syncing_the_register(
    qtbot: QtBot, window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    def take_in() -> None:
        window.go(window.imports)
        settle(window.tasks)
        window.imports.read(sample.REGISTER)
        settle(window.tasks)
        window.imports.confirm()
        settle(window.tasks)
        window.go(window.sync)
        settle(window.tasks)

    with province(tmp_path, enrolments=1) as (url, codes):
        window.sync.server.setText(url)
        window.sync.code.setText(codes[0])

        def work() -> None:
            if window.sync._join.isVisible():
                window.sync.join()
            else:
                window.sync.sync()
            settle(window.tasks)
            assert window.banner.message.startswith("Đồng bộ xong: gửi ")

        stays_awake(work, before=take_in)


def test_drawing_a_pile(qtbot: QtBot, window: MainWindow, settle: Settle, tmp_path: Path) -> None:
    dialog = BlankFormsDialog(window.context, window)
    qtbot.addWidget(dialog)
    settle(window.tasks)
    dialog.form.setCurrentIndex(dialog.form.findData("F02"))
    dialog.prefilled.setChecked(False)
    dialog.copies.setValue(60)

    def work() -> None:
        dialog.make(tmp_path / "don.pdf")
        settle(window.tasks)
        assert dialog.trouble.text() == ""

    stays_awake(work)
    assert (tmp_path / "don.pdf").stat().st_size > 100_000

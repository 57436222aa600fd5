"""The laptop is found and opened: the window syncs, is told that it was revoked, says so and is gone for good."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from sqlalchemy import Engine

from kcdesk.actions.desk import shipped_units
from kcdesk.actions.syncing import join
from kcdesk.app import WorkspaceDoor
from kcdesk.demo.program import command
from kcdesk.domain.clock import system_clock, system_randomness
from kcdesk.server import admin, revoking
from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.start import Start
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Settle


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'tinh.db'}"
    engine = admin.init_province(url, "Tỉnh Lào Cai", randomness=system_randomness)
    admin.add_area(engine, "02683", shipped_units())
    admin.add_user(engine, sample.PERSON, "officer")
    admin.assign(engine, sample.PERSON, "02683", shipped_units(), clock=system_clock)
    yield engine
    engine.dispose()


@pytest.fixture
def url(database: Engine) -> Iterator[str]:
    with subprocess.Popen(
        command("server", "run", "--db", str(database.url), "--port", "0", "--json"),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        yield str(json.loads(running.stdout.readline())["url"])
        running.terminate()


def opened(qtbot: QtBot, place: sample.Sample) -> Start:
    """The program, started with a passphrase that was typed before."""
    door = WorkspaceDoor(place.workspace, passphrase_file=place.passphrase_file, clock=Ticking())
    start = Start(door, clock=Ticking(), server="", opened=None)
    start.begin()
    qtbot.waitUntil(lambda: start.window is not None or hasattr(start, "_box"), timeout=10_000)
    return start


def test_the_window_goes_and_says_why(
    qtbot: QtBot, place: sample.Sample, database: Engine, url: str, settle: Settle
) -> None:
    code = admin.enrol(database, sample.PERSON, clock=system_clock, randomness=system_randomness)
    with place.open() as desk:
        join(desk, url, code)
        device = desk.workspace.device_id
    revoking.revoke(database, device, clock=system_clock)
    start = opened(qtbot, place)
    window = start.window
    assert isinstance(window, MainWindow)
    qtbot.waitUntil(window.isVisible, timeout=10_000)
    settle(start.tasks)
    qtbot.keyClick(window, Qt.Key.Key_F9)  # goes to the screen
    settle(start.tasks)
    qtbot.keyClick(window, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: hasattr(start, "_box") and start._box.isVisible(), timeout=10_000)
    assert not window.isVisible()
    assert start.tasks.shut
    box = start._box
    assert isinstance(box, QMessageBox)
    assert "đã thu hồi máy này" in box.text()
    assert "Liên hệ trung tâm" in box.informativeText()
    (standing,) = admin.status(database, 0).devices
    assert standing.key_destroyed_at is not None
    assert not (place.workspace / "key.json").exists()
    box.hide()
    start.close()

    again = opened(qtbot, place)
    qtbot.waitUntil(lambda: hasattr(again, "_box") and again._box.isVisible(), timeout=10_000)
    assert again.window is None
    assert again._box.text() == box.text()
    again._box.hide()
    again.close()
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, MainWindow):
            widget.deleteLater()

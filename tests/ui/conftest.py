"""Real windows, offscreen, on real workspaces. Tests wait until the task runner is idle, never for a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import add_record
from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.screens.base import Context
from kcdesk.ui.start import application
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow

THREE = (
    {"name": "Hộ Vàng A Páo", "phone": "0983111222", "commune": "02683", "trade": "Rèn"},
    {"name": "HTX Đức Thịnh", "tax_code": "", "commune": "02728", "trade": "Chế biến chè"},
    {"name": "Công ty TNHH Bản Sen", "commune": "02683", "legal_form": "DOANH_NGHIEP"},
)


@pytest.fixture(scope="session", autouse=True)
def _look(qapp: object) -> None:
    application()


@pytest.fixture(scope="session")
def small_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace of three establishments; tests work on copies."""
    folder = tmp_path_factory.mktemp("small")
    desk = sample.Sample(folder, Ticking()).create()
    for typed in THREE:
        add_record(desk, "establishments", typed)
    desk.workspace.close()
    return folder


@pytest.fixture(scope="session")
def full_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace that holds the sample lists; read only."""
    folder = tmp_path_factory.mktemp("full")
    desk = sample.Sample(folder, Ticking()).create()
    sample.fill(desk)
    desk.workspace.close()
    return folder


@pytest.fixture
def place(small_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sample.Sample:
    """A workspace of one's own, with three establishments, and what the computer knows of it."""
    shutil.copytree(os.environ["XDG_STATE_HOME"], tmp_path / "state")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shutil.copytree(small_workspace, tmp_path / "place")
    return sample.Sample(tmp_path / "place", Ticking())


@pytest.fixture
def tasks(place: sample.Sample) -> Iterator[Tasks]:
    runner = Tasks(place.open)
    yield runner
    runner.close()


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[Tasks], None]:
    """Wait until every piece of work is done and shown, and what that started in turn."""

    def until_idle(tasks: Tasks) -> None:
        qtbot.waitUntil(lambda: tasks.idle, timeout=30_000)

    return until_idle


@pytest.fixture
def window(qtbot: QtBot, tasks: Tasks, settle: Callable[[Tasks], None]) -> Iterator[MainWindow]:
    """The window on `place`, with its list shown."""
    made = MainWindow(Context(tasks, Ticking()))
    qtbot.addWidget(made)
    made.refresh_standing()
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    settle(tasks)
    yield made
    tasks.close()
    made._may_close = True


@pytest.fixture
def ask(tasks: Tasks, qtbot: QtBot) -> Callable[[Callable[[Desk], object]], object]:
    """Run something with the window's desk and give its result."""

    def run(work: Callable[[Desk], object]) -> object:
        answers: list[object] = []
        tasks.ask(tasks, work, answers.append)
        qtbot.waitUntil(lambda: bool(answers), timeout=10_000)
        return answers[0]

    return run

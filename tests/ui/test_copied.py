"""A folder that was copied from another computer: the person is told when it opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.screens.base import Context
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Settle


@pytest.mark.parametrize("copied", [True, False])
def test_a_copied_folder_is_told_of(
    qtbot: QtBot,
    place: sample.Sample,
    settle: Settle,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    copied: bool,
) -> None:
    if copied:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another computer"))
    for told in (copied, False):  # once: not when it is opened again
        tasks = Tasks(place.open)
        window = MainWindow(Context(tasks, Ticking()))
        qtbot.addWidget(window)
        window.show()
        settle(tasks)
        assert window.banner.isVisible() == told
        if told:
            assert "bản chép từ máy khác" in window.banner.message
        tasks.close()
        window._may_close = True

"""A sheet of an older version says so, and goes over to the newer one after what has no place was shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.surveys import fill_in, open_survey, save_survey
from kcdesk.ui.screens.carrying import CarryDialog
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.window import MainWindow
from tests.actions.test_carrying import ANSWERS, FIRST, SECOND, publish
from tests.ui.hands import Ask, Settle
from tests.ui.test_rounds import establishments


def test_carried_over_by_hand(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    def begun(desk: Desk) -> tuple[str, str]:
        publish(desk, tmp_path, "1", FIRST)
        of = establishments(desk)[0]
        survey = open_survey(desk, "DO", of)
        fill_in(survey.sheet, ANSWERS)
        save_survey(desk, survey)
        publish(desk, tmp_path, "2", SECOND)
        return of, survey.record

    of, old = ask(begun)  # type: ignore[misc]
    window.open_survey(Wanted(of, old))
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    assert screen.newer_line.isVisible()
    assert "phiên bản 1; nay đã có phiên bản 2" in screen.newer_line.text()
    screen.answer("name_", "Bình")
    qtbot.mouseClick(screen.carry_button, Qt.MouseButton.LeftButton)
    settle(window.tasks)
    (dialog,) = screen.findChildren(CarryDialog)
    assert "gone" in [one.path for one in dialog.left.rows]
    go = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    qtbot.mouseClick(go, Qt.MouseButton.LeftButton)
    settle(window.tasks)
    newer = window.up
    assert isinstance(newer, SurveyScreen)
    assert newer is not screen
    assert newer.survey is not None
    assert newer.survey.questionnaire.version == "2"
    assert newer.sheet.answers()["name_"] == "Bình"
    assert not newer.newer_line.isVisible()


def test_a_sheet_of_today_has_nothing_to_carry(
    window: MainWindow, settle: Settle, ask: Ask
) -> None:
    of = ask(establishments)
    assert isinstance(of, list)
    window.open_survey(Wanted(of[0], "", "F28"))
    settle(window.tasks)
    assert isinstance(window.up, SurveyScreen)
    assert not window.up.newer_line.isVisible()

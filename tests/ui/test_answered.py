"""Answered sheets in the window: found, opened again, given out as a workbook."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.survey_proposals import finish_survey
from kcdesk.actions.surveys import fill_in, open_survey, save_survey
from kcdesk.ui.screens.answered import AnsweredPage
from kcdesk.ui.screens.sheet_exporting import SheetExportDialog
from kcdesk.ui.screens.survey import SurveyScreen
from kcdesk.ui.window import MainWindow
from tests.actions.test_surveys import ANSWERS
from tests.ui.hands import Ask, Settle
from tests.ui.test_rounds import establishments

MORE = {"legal_form": "DOANH_NGHIEP", "rep_name": "Lý A Sử", "trade": "Mộc"}


@pytest.fixture
def page(window: MainWindow, ask: Ask, settle: Settle) -> AnsweredPage:
    """A finished F01 and a begun F28, on the page of answered sheets."""

    def fill(desk: Desk) -> None:
        one, two, _ = establishments(desk)
        survey = open_survey(desk, "F01", one)
        fill_in(survey.sheet, {**ANSWERS, **MORE})
        finish_survey(desk, survey)
        save_survey(desk, open_survey(desk, "F28", two))

    ask(fill)
    window.go(window.rounds)
    window.rounds.tabs.setCurrentWidget(window.rounds.answered)
    settle(window.tasks)
    return window.rounds.answered


def shown(page: AnsweredPage) -> list[str]:
    return [sheet.said("questionnaire") for sheet in page.model.rows]


def test_filtered_and_opened(
    qtbot: QtBot, window: MainWindow, page: AnsweredPage, settle: Settle
) -> None:
    assert sorted(shown(page)) == ["F01", "F28"]
    page.questionnaire.setCurrentIndex(page.questionnaire.findData("F01"))
    settle(window.tasks)
    assert shown(page) == ["F01"]
    page.questionnaire.setCurrentIndex(0)
    page.state.setCurrentIndex(page.state.findData("DRAFT"))
    settle(window.tasks)
    assert shown(page) == ["F28"]
    page.search.setText("không có đâu")
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    settle(window.tasks)
    assert shown(page) == []
    assert not page.export_button.isEnabled()
    page.search.clear()
    page.read()
    settle(window.tasks)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    settle(window.tasks)
    assert isinstance(window.up, SurveyScreen)
    assert window.up.survey is not None
    assert window.up.survey.questionnaire.id == "F28"


def test_given_out_as_a_workbook(
    qtbot: QtBot, window: MainWindow, page: AnsweredPage, settle: Settle, tmp_path: Path
) -> None:
    page.questionnaire.setCurrentIndex(page.questionnaire.findData("F01"))
    settle(window.tasks)
    qtbot.keyClick(page.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = window.rounds.findChildren(SheetExportDialog)
    assert not dialog.personal.isChecked()
    dialog.words.setCurrentIndex(1)
    dialog.several.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.told) as told:
        dialog.write(tmp_path / "phieu.xlsx")
    assert told.args is not None
    assert told.args[:2] == ["good", "Đã ghi 1 phiếu ra tệp phieu.xlsx."]
    heads = [cell.value for cell in openpyxl.load_workbook(tmp_path / "phieu.xlsx")["F01"][1]]
    assert "markets/COMMUNE" in heads
    assert "phone" not in heads
    assert not dialog.isVisible()


def test_of_several_questionnaires_it_says_so(
    qtbot: QtBot, window: MainWindow, page: AnsweredPage, tmp_path: Path
) -> None:
    page.export()
    (dialog,) = window.rounds.findChildren(SheetExportDialog)
    with qtbot.waitSignal(dialog.told) as told:
        dialog.write(tmp_path / "phieu.xlsx")
    assert told.args is not None
    assert told.args[0] == "error"
    assert "F01, F28" in told.args[1]

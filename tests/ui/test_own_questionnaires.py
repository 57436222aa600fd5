"""Workbooks are added in the window, refused with everything that is wrong, and filled in as trials in a province."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from kcdesk.ui.screens.proposals import ProposalsScreen
from kcdesk.ui.screens.questionnaires import ProblemsDialog, QuestionnairesPage
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.window import MainWindow
from tests.actions.test_own_questionnaires import ANSWERS, join, workbook
from tests.questionnaire.books import book, q
from tests.ui.hands import Ask, Settle
from tests.ui.test_rounds import establishments


@pytest.fixture
def page(window: MainWindow, settle: Settle) -> QuestionnairesPage:
    window.go(window.rounds)
    window.rounds.tabs.setCurrentWidget(window.rounds.questionnaires)
    settle(window.tasks)
    return window.rounds.questionnaires


def shown(page: QuestionnairesPage) -> dict[str, str]:
    """Id -> how it is used, as the list says."""
    model = page.table.model()
    return {
        str(model.index(row, 0).data()): str(model.index(row, 3).data())
        for row in range(model.rowCount())
    }


def test_added_and_taken_away(
    qtbot: QtBot, window: MainWindow, page: QuestionnairesPage, settle: Settle, tmp_path: Path
) -> None:
    assert not page.remove_button.isEnabled()
    with qtbot.waitSignal(window.rounds.told) as told:
        page.add(workbook(tmp_path))
    assert told.args == ["good", "Đã thêm mẫu phiếu LANG, phiên bản 1.", ""]
    settle(window.tasks)
    assert shown(page)["LANG"] == "Tự thêm"
    page.table.selectRow(list(shown(page)).index("LANG"))
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    (box,) = window.rounds.findChildren(QMessageBox)
    qtbot.mouseClick(box.button(QMessageBox.StandardButton.Yes), Qt.MouseButton.LeftButton)
    settle(window.tasks)
    assert "LANG" not in shown(page)


def test_every_problem_is_shown(
    qtbot: QtBot, window: MainWindow, page: QuestionnairesPage, settle: Settle, tmp_path: Path
) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(book([q("text", "a", relevant="${nobody} = 1"), q("audio", "b")]))
    page.add(path)
    settle(window.tasks)
    (dialog,) = window.rounds.findChildren(ProblemsDialog)
    first, second = dialog.text.toPlainText().splitlines()
    assert first.startswith("Trang survey, dòng 2, cột relevant:")
    assert second.startswith("Trang survey, dòng 3, cột type:")
    dialog.reject()


def test_a_trial_says_so_and_proposes_nothing(
    qtbot: QtBot,
    window: MainWindow,
    page: QuestionnairesPage,
    settle: Settle,
    ask: Ask,
    tmp_path: Path,
) -> None:
    ask(join)
    with qtbot.waitSignal(window.rounds.told) as told:
        page.add(workbook(tmp_path))
    assert told.args is not None
    assert told.args[0] == "warning"
    settle(window.tasks)
    assert shown(page)["LANG"] == "Mẫu thử, không vào báo cáo"
    of = ask(establishments)
    assert isinstance(of, list)
    window.open_survey(Wanted(of[0], "", "LANG"))
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    assert screen.state.text().startswith("MẪU THỬ")
    screen.answer("trade", str(ANSWERS["trade"]))
    screen._finish()
    settle(window.tasks)
    done = window.up
    assert isinstance(done, ProposalsScreen)
    assert done.choices == []
    qtbot.keyClick(done, Qt.Key.Key_Return)
    settle(window.tasks)
    assert not isinstance(window.up, ProposalsScreen)
    window.go(window.rounds)
    settle(window.tasks)
    (sheet,) = window.rounds.answered.model.rows
    assert sheet.trial
    assert sheet.said("sheet_state") == "FINISHED"

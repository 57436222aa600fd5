"""Survey rounds in the window: given out, filled in from the list, put right after a return; by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import add_record, list_records
from kcdesk.actions.reviewing import return_survey
from kcdesk.actions.rounds import Progress, Round, give_out, rounds
from kcdesk.actions.survey_proposals import finish_survey
from kcdesk.actions.surveys import fill_in, open_survey
from kcdesk.ui import sample
from kcdesk.ui.screens.round import RoundScreen
from kcdesk.ui.screens.round_dialog import RoundDialog
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.widgets.questions import QuestionWidget
from kcdesk.ui.window import MainWindow
from tests.actions.test_surveys import ANSWERS
from tests.ui.hands import Ask, Settle


def establishments(desk: Desk) -> list[str]:
    return [str(each.row["id"]) for each in list_records(desk, "establishments").records]


@pytest.fixture
def given(window: MainWindow, ask: Ask, settle: Settle) -> str:
    """A round over the three establishments, given to whoever works here."""

    def give(desk: Desk) -> str:
        return give_out(desk, "Quý IV", "F28", establishments(desk), assigned_to=sample.PERSON)[0]

    made = str(ask(give))
    settle(window.tasks)
    return made


def only(ask: Ask) -> Round:
    found = ask(rounds)
    assert isinstance(found, list)
    (one,) = found
    assert isinstance(one, Round)
    return one


def test_a_round_is_made_by_keyboard(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F10)
    settle(window.tasks)
    assert not window.rounds.list.table.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    if not window.rounds.new_button.isVisible():  # the button is on the other page
        window.rounds.tabs.setCurrentIndex(1)
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = window.rounds.findChildren(RoundDialog)
    settle(window.tasks)
    assert [dialog.communes.item(n).text() for n in range(2)] == [
        "Xã Bát Xát, tỉnh Lào Cai (2)",
        "Xã Mường Hum, tỉnh Lào Cai (1)",
    ]
    save = dialog.buttons.button(QDialogButtonBox.StandardButton.Save)
    qtbot.keyClicks(dialog.name, "Khao sat 2027")
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    settle(window.tasks)
    assert dialog.isVisible(), "no establishment is chosen yet"
    dialog.communes.setCurrentRow(0)
    qtbot.keyClick(dialog.communes, Qt.Key.Key_Space)
    assert dialog.chosen == ["02683"]
    qtbot.keyClicks(dialog.due, "mai")
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    assert dialog.due.hasFocus()
    dialog.due.setText("31/12/2026")
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    settle(window.tasks)
    assert not dialog.isVisible()
    one = only(ask)
    assert (one.title, one.questionnaire, one.due_on) == ("Khao sat 2027", "F01", "2026-12-31")
    assert (one.tally.total, len(window.rounds.list.model.rows)) == (2, 1)


def test_a_sheet_of_the_round_is_filled_in_from_the_list(
    qtbot: QtBot, window: MainWindow, given: str, settle: Settle, ask: Ask
) -> None:
    window.go(window.rounds)
    settle(window.tasks)
    assert window.rounds.tabs.tabText(0) == "Phiếu phải làm (3)"
    first = window.rounds.duties.model.rows[0]
    qtbot.keyClick(window.rounds.duties.table, Qt.Key.Key_Return)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    assert screen.survey is not None
    assert (screen.survey.questionnaire.id, screen.survey.round) == ("F28", given)
    screen.save(lambda: None)
    settle(window.tasks)
    window.back()
    settle(window.tasks)
    sheets = {sheet.given.name: sheet.progress for sheet in only(ask).sheets}
    assert sheets[first.name] is Progress.BEGUN
    assert "(đang ghi)" in next(
        duty.what for duty in window.rounds.duties.model.rows if duty.name == first.name
    )


def test_what_is_typed_and_not_saved_is_found_again_for_its_round(
    qtbot: QtBot, window: MainWindow, given: str, settle: Settle, ask: Ask
) -> None:
    establishment = str(only(ask).sheets[0].given.establishment)
    wanted = Wanted(establishment, "", "F28", given)
    window.open_survey(wanted)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    screen.answer("next_step", "Máy mới")
    window.back()
    settle(window.tasks)
    for again, begun in ((wanted, True), (Wanted(establishment, "", "F28"), False)):
        window.open_survey(again)
        settle(window.tasks)
        screen = window.up
        assert isinstance(screen, SurveyScreen)
        assert (screen.sheet.answers().get("next_step") == "Máy mới") is begun
        window.back()
        settle(window.tasks)


def test_the_round_shows_communes_and_takes_what_is_said(
    qtbot: QtBot, window: MainWindow, given: str, settle: Settle, ask: Ask
) -> None:
    window.open_round(given)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, RoundScreen)
    assert screen.summary.text() == "Mẫu F28, không hạn. Đã xong 0 trên 3 cơ sở."
    assert [tally.total for tally in screen.by_commune.rows] == [2, 1]
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(screen.table, Qt.Key.Key_K, control)
    settle(window.tasks)
    qtbot.keyClick(screen.table, Qt.Key.Key_Down)
    qtbot.keyClick(screen.table, Qt.Key.Key_T, control)
    settle(window.tasks)
    qtbot.keyClick(screen.table, Qt.Key.Key_Down)
    screen.person.setFocus()
    screen.person.setText("Lò Văn Sơn")
    qtbot.keyClick(screen.person, Qt.Key.Key_Return)
    settle(window.tasks)
    assert [sheet.progress for sheet in screen.sheets.rows] == [
        Progress.NOT_FOUND,
        Progress.REFUSED,
        Progress.LEFT,
    ]
    assert screen.sheets.rows[2].given.assigned_to == "Lò Văn Sơn"
    assert screen.summary.text().endswith("Đã xong 2 trên 3 cơ sở.")


def test_a_returned_sheet_says_what_is_wrong_beside_the_question(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    def returned(desk: Desk) -> str:
        said = {"legal_form": "HO_KINH_DOANH", "rep_name": "Lý A Sử", "trade": "Mộc"}
        of = add_record(desk, "establishments", {"name": "An", "commune": "02683", **said})
        survey = open_survey(desk, "F01", of.records[0][1])
        fill_in(survey.sheet, ANSWERS)
        finish_survey(desk, survey)
        return_survey(desk, survey.record, {"area_m2": "Đo lại nhà xưởng"}, "Xem lại mục 3")
        return survey.record

    survey = str(ask(returned))
    window.go(window.rounds)
    settle(window.tasks)
    (duty,) = window.rounds.duties.model.rows
    assert duty.what == "Bị trả lại: Xem lại mục 3"
    qtbot.keyClick(window.rounds.duties.table, Qt.Key.Key_Return)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    assert screen.survey is not None
    assert screen.survey.record == survey
    assert screen.state.text() == "Phiếu bị trả lại. Xem lại mục 3"
    question = screen.widgets["area_m2"]
    assert isinstance(question, QuestionWidget)
    assert question.note_text == "Trả lại: Đo lại nhà xưởng"


def test_another_questionnaire_is_chosen_from_the_record(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    establishment = ask(establishments)
    assert isinstance(establishment, list)
    window.open_record(establishment[0])
    settle(window.tasks)
    screen = window.up
    menu = screen._other_survey  # type: ignore[attr-defined]
    menu.open()
    settle(window.tasks)
    actions = {action.text().split()[0]: action for action in menu.offered.actions()}
    assert sorted(actions) == ["CCN", "CNHT", "F01", "F20", "F28", "SXSH"]
    menu.offered.close()
    actions["F28"].trigger()
    settle(window.tasks)
    assert isinstance(window.up, SurveyScreen)
    assert window.up.survey is not None
    assert window.up.survey.questionnaire.id == "F28"

"""Filling an answer sheet, and taking its answers into the records."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QRadioButton
from pytestqt.qtbot import QtBot

from kcdesk.actions.accepting_at_once import accepts_at_once, set_accepts_at_once
from kcdesk.actions.records import get_record
from kcdesk.actions.surveys import surveys_of
from kcdesk.storage.drafts import Draft
from kcdesk.ui.gallery import answer
from kcdesk.ui.screens.drafting import DRAFT_PAUSE_MS
from kcdesk.ui.screens.proposals import ProposalsScreen
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.widgets.questions import QuestionWidget
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, first, write


@pytest.fixture
def screen(window: MainWindow, settle: Settle) -> SurveyScreen:
    window.open_record(first(window))
    settle(window.tasks)
    window.open_survey(Wanted(first(window)))
    settle(window.tasks)
    assert isinstance(window.up, SurveyScreen)
    return window.up


def question(screen: SurveyScreen, path: str) -> QuestionWidget:
    widget = screen.widgets[path]
    assert isinstance(widget, QuestionWidget)
    return widget


def line(screen: SurveyScreen, path: str) -> QLineEdit:
    editor = question(screen, path).editor.widget
    assert isinstance(editor, QLineEdit)
    return editor


def typed(qtbot: QtBot, screen: SurveyScreen, path: str, text: str) -> None:
    editor = line(screen, path)
    editor.setFocus()
    editor.selectAll()
    write(editor, text)
    question(screen, path).editor.flush()


def choose(screen: SurveyScreen, path: str, label: str) -> None:
    editor = question(screen, path).editor.widget
    buttons = [*editor.findChildren(QRadioButton), *editor.findChildren(QCheckBox)]
    next(button for button in buttons if button.text() == label).click()


def _drafts(ask: Ask) -> list[Draft]:
    found = ask(lambda desk: desk.workspace.drafts.every())
    assert isinstance(found, list)
    return found


def test_the_sheet_opens_with_what_the_record_says(screen: SurveyScreen) -> None:
    assert line(screen, "name").text() == "Công ty TNHH Bản Sen"
    assert line(screen, "survey_date").text() == "02/03/2026"
    assert screen.state.text() == "Phiếu mới, chưa lưu."


def test_questions_come_and_go_with_the_answers(qtbot: QtBot, screen: SurveyScreen) -> None:
    assert "machines" not in screen.widgets
    choose(screen, "has_machines", "Có")
    qtbot.waitUntil(screen.widgets["machines"].isVisible)
    choose(screen, "has_machines", "Không")
    assert "machines" not in screen.widgets
    typed(qtbot, screen, "area_m2", "120,5")
    assert "area_owned" in screen.widgets
    order = [view.path for view in screen.sheet.walk()]
    assert set(order) == set(screen.widgets)

    def heights() -> list[int]:
        return [screen.widgets[path].mapTo(screen, QPoint()).y() for path in order]

    qtbot.waitUntil(lambda: heights() == sorted(heights()))


def test_people_type_commas_and_days_before_months(qtbot: QtBot, screen: SurveyScreen) -> None:
    typed(qtbot, screen, "area_m2", "1.120,5")
    typed(qtbot, screen, "survey_date", "5/2/2026")
    typed(qtbot, screen, "revenue", "1,2 tỷ")
    answers = screen.sheet.answers()
    assert answers["area_m2"] == "1120.5"
    assert answers["survey_date"] == "2026-02-05"
    assert answers["revenue"] == "1200000000"
    line(screen, "phone").setFocus()
    typed(qtbot, screen, "hamlet", "Bản Vược")
    assert line(screen, "revenue").text() == "1.200.000.000"
    assert line(screen, "survey_date").text() == "05/02/2026"


def test_a_constraint_speaks_beside_its_question(qtbot: QtBot, screen: SurveyScreen) -> None:
    typed(qtbot, screen, "workers_total", "5")
    typed(qtbot, screen, "workers_female", "6")
    female = question(screen, "workers_female")
    assert female.note_text == "Lao động nữ không được nhiều hơn tổng số lao động."
    assert female.editor.widget.property("wrong") is True
    typed(qtbot, screen, "workers_total", "8")
    assert female.note_text == ""


def test_what_is_no_answer_stays_on_screen_with_the_reason(
    qtbot: QtBot, screen: SurveyScreen
) -> None:
    typed(qtbot, screen, "workers_total", "năm người")
    assert "số nguyên" in question(screen, "workers_total").note_text
    assert line(screen, "workers_total").text() == "năm người"
    assert "workers_total" not in screen.sheet.answers()


def test_rows_are_added_and_removed(screen: SurveyScreen) -> None:
    choose(screen, "has_machines", "Có")
    rows = len(screen.sheet.node("machines").rows)
    screen.add_row("machines")
    shown = [path for path in screen.widgets if path.count("/") == 1 and "machines/" in path]
    assert len(shown) == rows + 1
    screen.remove_row(shown[0])
    assert shown[0] not in screen.widgets
    assert len(screen.sheet.node("machines").rows) == rows


def test_the_draft_is_kept_while_typing_and_opens_again(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle, ask: Ask
) -> None:
    made = ask(lambda desk: desk.workspace.chain().last_n)
    typed(qtbot, screen, "area_m2", "88")
    assert screen.unsaved
    qtbot.waitUntil(lambda: not screen.unsaved, timeout=DRAFT_PAUSE_MS + 5_000)
    assert screen.state.text() == "Đang ghi dở, đã giữ trên máy này"
    assert ask(lambda desk: desk.workspace.chain().last_n) == made  # a draft is no change
    window.back()
    settle(window.tasks)
    record = window.up
    assert isinstance(record, RecordScreen)
    drafts = record.surveys.model.rows
    assert [record.surveys.model.index(0, 4).data()] == ["Đang ghi"]
    record._reopen_survey(drafts[0])
    settle(window.tasks)
    again = window.up
    assert isinstance(again, SurveyScreen)
    assert line(again, "area_m2").text() == "88"
    assert again.draft_line.text.startswith("Đang làm dở từ 08:")
    again.save(lambda: None)
    settle(window.tasks)
    assert ask(lambda desk: desk.workspace.drafts.every()) == []
    rows = ask(lambda desk: [one.row for one in surveys_of(desk, first(window))])
    assert isinstance(rows, list)
    assert [(row["area_m2"], row["sheet_state"]) for row in rows] == [("88", "DRAFT")]
    assert not again.unsaved
    assert not again.draft_line.isVisible()


def test_what_is_typed_but_no_answer_is_there_again(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle
) -> None:
    typed(qtbot, screen, "workers_total", "năm người")
    choose(screen, "has_machines", "Có")
    screen.add_row("machines")
    rows = [row.row_id for row in screen.sheet.node("machines").rows]
    window.back()
    settle(window.tasks)
    window.open_survey(Wanted(first(window)))
    settle(window.tasks)
    again = window.up
    assert isinstance(again, SurveyScreen)
    assert line(again, "workers_total").text() == "năm người"
    assert "số nguyên" in question(again, "workers_total").note_text
    assert [row.row_id for row in again.sheet.node("machines").rows] == rows


def test_a_draft_that_is_dropped_leaves_an_empty_sheet(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle, ask: Ask
) -> None:
    typed(qtbot, screen, "area_m2", "88")
    window.back()
    settle(window.tasks)
    window.open_survey(Wanted(first(window)))
    settle(window.tasks)
    again = window.up
    assert isinstance(again, SurveyScreen)
    again.draft_line.drop.click()
    settle(window.tasks)
    assert line(again, "area_m2").text() == ""
    assert line(again, "name").text() == "Công ty TNHH Bản Sen"
    assert not again.draft_line.isVisible()
    assert ask(lambda desk: desk.workspace.drafts.every()) == []


def test_leaving_keeps_the_draft_without_asking(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle, ask: Ask
) -> None:
    establishment = first(window)
    line(screen, "hamlet").setFocus()
    write(line(screen, "hamlet"), "Thôn Giữa")  # still being typed
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    settle(window.tasks)
    (draft,) = _drafts(ask)
    assert draft.form.establishment == establishment
    assert draft.values["hamlet"] == "Thôn Giữa"


def test_answers_wait_while_the_sheet_is_being_kept(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle
) -> None:
    go = threading.Event()
    window.tasks.ask(window, lambda _: go.wait(10), lambda _: None)
    typed(qtbot, screen, "area_m2", "70")
    screen.save(lambda: None)
    typed(qtbot, screen, "area_m2", "75")
    assert screen.sheet.answers()["area_m2"] == "70"
    go.set()
    settle(window.tasks)
    assert screen.sheet.answers()["area_m2"] == "75"
    assert screen.unsaved


def test_finishing_names_the_first_question_in_the_way(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle
) -> None:
    missing = question(screen, "status")
    assert missing.note_text == ""
    screen.finish_button.click()
    settle(window.tasks)
    assert window.up is screen
    assert window.banner.message.startswith("Chưa kết thúc được phiếu")
    assert question(screen, "rep_name").note_text == "Câu này bắt buộc phải trả lời."
    assert missing.note_text == "Câu này bắt buộc phải trả lời."


def test_one_key_takes_the_answers_into_the_records(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle, ask: Ask
) -> None:
    establishment = first(window)
    answer(screen)
    typed(qtbot, screen, "rep_name", "Lò Thị Mẩy")
    typed(qtbot, screen, "tax_code", "5300123456")
    screen.finish_button.click()
    settle(window.tasks)
    proposals = window.up
    assert isinstance(proposals, ProposalsScreen), window.banner.message
    labels = [choice.text() for choice, _ in proposals.choices]
    assert "Diện tích nhà xưởng (m²)" in labels
    not_wanted = next(choice for choice, p in proposals.choices if p.field == "electricity_kwh")
    not_wanted.click()
    qtbot.keyClick(proposals, Qt.Key.Key_Return)
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    assert window.banner.message.startswith("Đã nhận")
    row = ask(lambda desk: get_record(desk, "establishments", establishment).row)
    assert isinstance(row, dict)
    assert (row["area_m2"], row["workers_total"]) == ("120.5", 6)
    assert "electricity_kwh" not in row
    assert window.up.fields["area_m2"].text == "120,5"


def test_accepted_at_once_when_it_is_set_and_shown(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle, ask: Ask
) -> None:
    establishment = first(window)
    ask(lambda desk: set_accepts_at_once(desk, True))
    answer(screen)
    typed(qtbot, screen, "rep_name", "Lò Thị Mẩy")
    typed(qtbot, screen, "tax_code", "5300123456")
    screen.finish_button.click()
    settle(window.tasks)
    shown = window.up
    assert isinstance(shown, ProposalsScreen), window.banner.message
    row = ask(lambda desk: get_record(desk, "establishments", establishment).row)
    assert isinstance(row, dict)
    assert row["area_m2"] == "120.5"
    assert "Diện tích nhà xưởng (m²)" in [choice.text() for choice, _ in shown.choices]
    assert not any(choice.isEnabled() for choice, _ in shown.choices)
    assert shown.at_once.isChecked()
    shown.at_once.click()
    settle(window.tasks)
    assert ask(accepts_at_once) is False, "from the next one on a person decides again"
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)

"""A sheet is filled in by keyboard alone: on and back, choosing, tables, one question at a time, languages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import add_record
from kcdesk.actions.surveys import fill_in, open_survey, save_survey
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.widgets.questions import QuestionWidget
from kcdesk.ui.widgets.rows_table import RowsTable
from kcdesk.ui.window import MainWindow
from tests.actions.test_surveys import ANSWERS
from tests.ui.hands import Ask, Settle, first


@pytest.fixture
def screen(window: MainWindow, settle: Settle) -> SurveyScreen:
    window.open_survey(Wanted(first(window)))
    settle(window.tasks)
    assert isinstance(window.up, SurveyScreen)
    return window.up


def cursor() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def at(screen: SurveyScreen) -> str:
    assert screen.page.current is not None
    return screen.page.current.path


def press(qtbot: QtBot, *keys: Qt.Key, shift: bool = False, alt: bool = False) -> None:
    held = Qt.KeyboardModifier
    modifier = held.ShiftModifier if shift else held.AltModifier if alt else held.NoModifier
    for key in keys:
        qtbot.keyClick(cursor(), key, modifier)


def go(screen: SurveyScreen, path: str) -> None:
    screen.page.go_to(path)
    assert at(screen) == path


def test_enter_passes_every_question_and_ends_at_finish(qtbot: QtBot, screen: SurveyScreen) -> None:
    asked = [
        view.path
        for view in screen.sheet.walk()
        if view.kind == "question" and view.type != "note" and not view.read_only
    ]
    passed = [at(screen)]
    while not screen.finish_button.hasFocus() and len(passed) < 200:
        several_lines = isinstance(cursor(), QPlainTextEdit)  # where Enter is a new line
        press(qtbot, Qt.Key.Key_Tab if several_lines else Qt.Key.Key_Return)
        if screen.page.current is not None:
            passed.append(at(screen))
    assert screen.finish_button.hasFocus()
    assert [path for path in dict.fromkeys(passed) if path in asked] == asked


def test_shift_enter_goes_back(qtbot: QtBot, screen: SurveyScreen) -> None:
    go(screen, "rep_name")
    press(qtbot, Qt.Key.Key_Return)
    assert at(screen) == "rep_position"
    press(qtbot, Qt.Key.Key_Return, shift=True)
    assert at(screen) == "rep_name"


def test_digits_choose(qtbot: QtBot, screen: SurveyScreen) -> None:
    go(screen, "status")
    press(qtbot, Qt.Key.Key_2)
    assert screen.sheet.node("status").value == "SEASONAL"
    press(qtbot, Qt.Key.Key_1, alt=True)
    assert screen.sheet.node("status").value == "ACTIVE"
    press(qtbot, Qt.Key.Key_9)
    assert screen.sheet.node("status").value == "ACTIVE", "there is no ninth"
    go(screen, "legal_form")
    press(qtbot, Qt.Key.Key_2, alt=True)
    assert screen.sheet.node("legal_form").value == "HTX"
    go(screen, "markets")
    press(qtbot, Qt.Key.Key_1, Qt.Key.Key_3)
    assert len(screen.sheet.node("markets").value.split()) == 2
    go(screen, "workers_total")
    press(qtbot, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_Return)
    assert screen.sheet.node("workers_total").value == "12", "in a line digits are written"


def test_rows_are_a_table_that_the_keyboard_fills(qtbot: QtBot, screen: SurveyScreen) -> None:
    table = screen.widgets["main_products"]
    assert isinstance(table, RowsTable)
    (row,) = screen.sheet.node("main_products").rows
    go(screen, f"{row.path}/product_name")
    assert cursor().accessibleName() == "Tên sản phẩm, dòng 1"
    qtbot.keyClicks(cursor(), "Gach")
    press(qtbot, Qt.Key.Key_Return)
    qtbot.keyClicks(cursor(), "vien")
    press(qtbot, Qt.Key.Key_Return)
    qtbot.keyClicks(cursor(), "350")
    press(qtbot, Qt.Key.Key_Return)
    assert table.add.hasFocus()
    press(qtbot, Qt.Key.Key_Space)
    rows = screen.sheet.node("main_products").rows
    assert len(rows) == 2
    assert at(screen) == f"{rows[1].path}/product_name"
    qtbot.keyClicks(cursor(), "Ngoi")
    press(qtbot, Qt.Key.Key_Return, Qt.Key.Key_Return, Qt.Key.Key_Return, Qt.Key.Key_Return)
    assert at(screen) == "status", "Enter at the link goes on"
    said = {path.rpartition("/")[2]: text for path, text in screen.sheet.answers().items()}
    assert (said["product_unit"], said["product_output"]) == ("vien", "350")
    screen.remove_row(rows[0].path)
    assert [view.path for view in screen.sheet.node("main_products").rows] == [rows[1].path]
    assert all(not path.startswith(rows[0].path) for path in screen.widgets)


def test_a_row_is_taken_out_by_keyboard(qtbot: QtBot, screen: SurveyScreen) -> None:
    screen.add_row("main_products")
    first_row, second = screen.sheet.node("main_products").rows
    go(screen, f"{first_row.path}/product_unit")
    qtbot.keyClick(cursor(), Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert [row.path for row in screen.sheet.node("main_products").rows] == [second.path]
    go(screen, "rep_name")
    qtbot.keyClick(cursor(), Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert len(screen.sheet.node("main_products").rows) == 1


def test_tab_goes_the_way_of_the_sheet_and_out_of_it(qtbot: QtBot, screen: SurveyScreen) -> None:
    go(screen, "area_m2")
    qtbot.keyClicks(cursor(), "120")
    press(qtbot, Qt.Key.Key_Tab)
    assert at(screen) == "area_owned", "which came only now"
    qtbot.keyClick(cursor(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert at(screen) == "area_m2"
    go(screen, "consent")
    press(qtbot, Qt.Key.Key_Tab)
    assert screen.finish_button.hasFocus()


def test_a_table_with_long_texts_stays_row_by_row(screen: SurveyScreen) -> None:
    screen.answer("has_needs", "yes")
    assert screen.sheet.node("needs").columns == ()
    assert not isinstance(screen.widgets["needs"], RowsTable)


def test_one_question_at_a_time(qtbot: QtBot, screen: SurveyScreen) -> None:
    go(screen, "legal_form")
    qtbot.keyClick(cursor(), Qt.Key.Key_F3)
    assert at(screen) == "legal_form"

    def shown() -> list[str]:
        asked = (w for w in screen.page.questions if w.isVisibleTo(screen))
        return sorted(w.path for w in asked)

    assert shown() == ["legal_form"]
    press(qtbot, Qt.Key.Key_Return)
    assert (at(screen), shown()) == ("tax_code", ["tax_code"])
    go(screen, "founded_year")
    press(qtbot, Qt.Key.Key_Return)
    assert len(shown()) == 3, "a table is one stop with its cells"
    qtbot.keyClick(cursor(), Qt.Key.Key_F3)
    assert len(shown()) > 40


def test_the_sheet_before_answers_again(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    def before(desk: Desk) -> None:
        of = window.list.model.rows[1].row["id"]
        survey = open_survey(desk, "F01", str(of))
        fill_in(survey.sheet, {**ANSWERS, "main_products": [{"product_name": "Gạch"}]})
        save_survey(desk, survey)

    window.open_survey(Wanted(first(window)))
    settle(window.tasks)
    assert isinstance(window.up, SurveyScreen)
    assert not window.up.copy_button.isEnabled(), "there is no sheet before"
    window.back()
    ask(before)
    window.open_survey(Wanted(first(window)))
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    for path in ("area_m2", "status"):
        go(screen, path)
        qtbot.keyClick(cursor(), Qt.Key.Key_F4)
    assert screen.sheet.node("area_m2").value == "120.5"
    assert screen.sheet.node("status").value == "ACTIVE"
    asked = screen.widgets["area_m2"]
    assert isinstance(asked, QuestionWidget)
    assert asked.text == "120,5"
    (row,) = screen.sheet.node("main_products").rows
    go(screen, f"{row.path}/product_name")
    qtbot.keyClick(cursor(), Qt.Key.Key_F4)
    assert screen.sheet.node(f"{row.path}/product_name").value == "Gạch"


def test_another_language(qtbot: QtBot, screen: SurveyScreen) -> None:
    assert screen.language_button.text().startswith("English")
    qtbot.keyClick(cursor(), Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    asked = screen.widgets["rep_name"]
    assert isinstance(asked, QuestionWidget)
    assert asked.editor.widget.accessibleName() == "Representative"
    assert screen.language_button.text().startswith("Tiếng Việt")
    screen.switch_language()
    assert asked.editor.widget.accessibleName() == "Người đại diện"


def test_what_is_missing_is_listed_and_led_to(
    qtbot: QtBot, window: MainWindow, screen: SurveyScreen, settle: Settle
) -> None:
    screen.finish_button.click()
    settle(window.tasks)
    missing = screen.missing.list
    texts = [missing.item(number).text() for number in range(missing.count())]
    assert "Tình trạng hoạt động: Câu này bắt buộc phải trả lời." in texts
    missing.setFocus()
    missing.setCurrentRow(texts.index("Tình trạng hoạt động: Câu này bắt buộc phải trả lời."))
    press(qtbot, Qt.Key.Key_Return)
    assert at(screen) == "status"
    press(qtbot, Qt.Key.Key_1)
    assert missing.count() == len(texts) - 1


def test_progress_counts_what_is_asked(screen: SurveyScreen) -> None:
    answered, asked = screen.progress.text().removesuffix(" câu").split("/")
    screen.answer("area_m2", "10")
    now, more = screen.progress.text().removesuffix(" câu").split("/")
    assert int(now) == int(answered) + 1
    assert int(more) == int(asked) + 1, "the question about the premises has come"


def test_hamlets_of_the_commune_are_suggested(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    def known(desk: Desk) -> None:
        for name, commune, hamlet in (
            ("An", "02683", "Bản Vược"),
            ("Ân", "02683", "Bản Qua"),
            ("Bình", "02728", "Ky Quan San"),
        ):
            add_record(desk, "establishments", {"name": name, "commune": commune, "hamlet": hamlet})

    ask(known)
    window.open_survey(Wanted(first(window)))  # in 02683
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    assert screen.page.suggestions["hamlet"] == ["Bản Qua", "Bản Vược"]
    go(screen, "hamlet")
    editor = cursor()
    assert isinstance(editor, QLineEdit)
    qtbot.keyClicks(editor, "qua")
    completer = editor.completer()
    assert completer.completionCount() == 1
    completer.activated[str].emit(completer.currentCompletion())
    assert screen.sheet.node("hamlet").value == "Bản Qua"

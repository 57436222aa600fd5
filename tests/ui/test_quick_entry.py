"""Sheets that were filled in by hand are typed in quickly: keyboard events only, in the order of the paper."""

from __future__ import annotations

import random
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from kcdesk.actions.records import list_records
from kcdesk.actions.surveys import surveys_of
from kcdesk.ui.screens.preview import PreviewScreen
from kcdesk.ui.screens.proposals import ProposalsScreen
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.widgets.questions import QuestionWidget
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, first

SHEETS = 20
PEOPLE = ("Ly A Su", "Vang Thi May", "Giang Seo Phin", "Lo Van Son")


def answers(number: int) -> dict[str, str]:
    """What stands on the paper of a collaborator's note; typed without marks, as keys of a keyboard."""
    chance = random.Random(number)
    found = chance.random() < 0.6
    said = {
        "survey_date": f"{chance.randint(1, 28):02}/02/2026",
        "visit_place": f"Thon {chance.randint(1, 9)}",
        "person_met": chance.choice(PEOPLE),
        "topics": " ".join(sorted(chance.sample("123", chance.randint(1, 2)))),
        "topics_text": "Hoi ve may moc",
        "need_found": "1" if found else "2",
        "document_handed_over": chance.choice(["To roi", "Mau don F02"]),
        "next_step": "",
    }
    if found:
        said |= {"need_activity": "3", "need_text": "Mua may moi"}
    return said


def type_sheet(qtbot: QtBot, screen: SurveyScreen, said: dict[str, str]) -> list[tuple[str, int]]:
    """Go through the sheet from its first question on; keystrokes of each question that the paper answers."""
    strokes: list[tuple[str, int]] = []
    for _ in range(60):
        current = screen.page.current
        if not isinstance(current, QuestionWidget):
            break
        answer = said.get(current.path)
        used = 0
        if answer is not None:
            used = _answer(qtbot, current, answer)
        editor = current.editor.widget
        leave = Qt.Key.Key_Tab if isinstance(editor, QPlainTextEdit) else Qt.Key.Key_Return
        qtbot.keyClick(QApplication.focusWidget(), leave)
        if answer is not None:
            strokes.append((current.path, used + 1))
    return strokes


def _answer(qtbot: QtBot, question: QuestionWidget, answer: str) -> int:
    editor = QApplication.focusWidget()
    assert editor is not None
    if isinstance(editor, QComboBox):
        qtbot.keyClick(editor, answer, Qt.KeyboardModifier.AltModifier)
        return 1
    if hasattr(editor, "selectAll"):
        editor.selectAll()
        qtbot.keyClicks(editor, answer)
        return len(answer)
    for digit in answer.split():
        qtbot.keyClick(QApplication.focusWidget(), digit)
    return len(answer.split())


def test_twenty_sheets_are_typed_in(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    establishment = first(window)
    total = characters = questions = 0
    for number in range(SHEETS):
        said = answers(number)
        window.open_survey(Wanted(establishment, "", "F28"))
        settle(window.tasks)
        screen = window.up
        assert isinstance(screen, SurveyScreen)
        strokes = type_sheet(qtbot, screen, said)
        assert [path for path, _ in strokes] == [path for path in _in_order(screen) if path in said]
        for path, used in strokes:
            assert used <= max(len(said[path]), 1) + 1, path
            total, questions = total + used, questions + 1
            characters += len(said[path])
        assert screen.finish_button.hasFocus()
        qtbot.keyClick(screen.finish_button, Qt.Key.Key_Space)
        settle(window.tasks)
        assert isinstance(window.up, ProposalsScreen), (number, window.banner.message)
        qtbot.keyClick(window.up, Qt.Key.Key_Return)
        settle(window.tasks)
    done = ask(lambda desk: [one.row for one in surveys_of(desk, establishment)])
    assert isinstance(done, list)
    assert len(done) == SHEETS
    assert {row["sheet_state"] for row in done} == {"ACCEPTED"}
    assert sorted(row["person_met"] for row in done) == sorted(
        answers(number)["person_met"] for number in range(SHEETS)
    )
    with capsys.disabled():
        sys.stdout.write(
            f" {total / questions:.1f} keys, {characters / questions:.1f} characters an answer "
        )
    assert total / questions <= characters / questions + 1


def _in_order(screen: SurveyScreen) -> list[str]:
    return [view.path for view in screen.sheet.walk() if view.kind == "question"]


def test_a_sheet_is_shown_on_paper(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    window.open_survey(Wanted(first(window), "", "F28"))
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    screen.answer("person_met", "Lý A Sử")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    settle(window.tasks)
    preview = window.up
    assert isinstance(preview, PreviewScreen)
    assert preview.printed is not None
    assert "Lý A Sử" in preview.pdf.getAllText(0).text()
    assert preview.printed.file_name.startswith("F28_")
    saved = ask(lambda desk: list_records(desk, "surveys").records)
    assert isinstance(saved, list)
    assert len(saved) == 1

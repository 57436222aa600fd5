"""No letter is lost while Vietnamese is typed fast, with validators, completers and the draft timer running."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.widgets.answer_editors import TYPING_PAUSE_MS
from kcdesk.ui.widgets.questions import QuestionWidget
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Settle, first
from tests.ui.vietnamese_typing import blank, compose, decomposed, retype, states, words

Typing = Callable[..., None]
MANY = " ".join(words())


def text_of(editor: QWidget) -> str:
    text = editor.toPlainText() if isinstance(editor, QPlainTextEdit) else editor.text()  # type: ignore[attr-defined]
    return str(text)


@pytest.fixture
def survey(window: MainWindow, settle: Settle) -> SurveyScreen:
    window.open_survey(Wanted(first(window)))
    settle(window.tasks)
    assert isinstance(window.up, SurveyScreen)
    return window.up


@pytest.fixture
def record(window: MainWindow, settle: Settle) -> RecordScreen:
    window.open_record(first(window))
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    return window.up


def question(screen: SurveyScreen, path: str) -> QuestionWidget:
    widget = screen.widgets[path]
    assert isinstance(widget, QuestionWidget)
    return widget


def a_line(screen: SurveyScreen) -> QuestionWidget:
    return question(screen, "hamlet")


def a_paragraph(screen: SurveyScreen) -> QuestionWidget:
    return question(screen, "waste")


def a_cell(screen: SurveyScreen) -> QuestionWidget:
    row = screen.sheet.node("main_products").rows[0].path
    return question(screen, f"{row}/product_name")


def test_there_are_words_enough() -> None:
    letters = {letter for word in words() for letter in word}
    marked = [c for c in map(chr, range(0xC0, 0x1EFA)) if _is_vietnamese(c)]
    assert len(words()) >= 200
    assert len(marked) == 134
    assert set(marked) <= letters | {c.swapcase() for c in letters}
    assert states("đường", vni=False)[-1] == "đường"


def _is_vietnamese(letter: str) -> bool:
    """Whether it is one of the 134 letters with marks: a shape that the vowel takes, at most one tone."""
    if letter in "đĐ":
        return True
    vowel, *marks = unicodedata.normalize("NFD", letter)
    shapes = {"\u0302": "aeo", "\u0306": "a", "\u031b": "ou"}
    tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
    shaped = [mark for mark in marks if vowel.lower() in shapes.get(mark, "")]
    whole = len(tones) + len(shaped) == len(marks)
    return (
        vowel.lower() in "aeiouy"
        and whole
        and len(marks) > 0
        and len(tones) < 2
        and len(shaped) < 2
    )


@pytest.mark.parametrize("vni", [False, True], ids=["telex", "vni"])
@pytest.mark.parametrize("method", [compose, retype, decomposed])
@pytest.mark.parametrize("which", [a_line, a_paragraph, a_cell])
def test_into_a_sheet(
    qtbot: QtBot,
    window: MainWindow,
    survey: SurveyScreen,
    settle: Settle,
    which: Callable[[SurveyScreen], QuestionWidget],
    method: Typing,
    vni: bool,
) -> None:
    """The answer is taken in pauses, the draft is written meanwhile; what stands there is never touched."""
    asked = which(survey)
    editor = asked.editor.widget
    editor.setFocus()
    for place, word in enumerate(words()):
        method(editor, word, vni=vni)
        blank(editor)
        if place % 40 == 7:  # a pause: the answer goes into the sheet while the cursor stays
            asked.editor.flush()
            survey.keeper.keep(lambda: None)
            QApplication.processEvents()
    assert unicodedata.normalize("NFC", text_of(editor)).strip() == MANY
    survey.page.go_on()
    settle(window.tasks)
    assert survey.sheet.node(asked.path).value == MANY
    assert text_of(editor).strip() == MANY, "composed once the cursor has left"


@pytest.mark.parametrize("method", [compose, retype])
@pytest.mark.parametrize("key", ["name", "note", "commune"])
def test_into_the_page_of_an_establishment(
    qtbot: QtBot, window: MainWindow, record: RecordScreen, key: str, method: Typing
) -> None:
    """A line with a rule, a text of several lines, a line with a list that narrows at each key."""
    editor = record.fields[key].editor
    assert not isinstance(editor, QComboBox)
    editor.setFocus()
    if isinstance(editor, QLineEdit):
        editor.clear()
    for word in words():
        method(editor, word, vni=False)
        blank(editor)
    assert text_of(editor).strip() == MANY


@pytest.mark.parametrize("method", [compose, retype])
def test_into_the_search(qtbot: QtBot, window: MainWindow, settle: Settle, method: Typing) -> None:
    search = window.list.search
    search.setFocus()
    for place, word in enumerate(words()):
        method(search, word, vni=False)
        blank(search)
        if place % 40 == 7:
            window.list._ask()
            QApplication.processEvents()
    assert search.text().strip() == MANY
    settle(window.tasks)
    assert search.text().strip() == MANY


def test_a_comma_is_a_decimal_comma(qtbot: QtBot, survey: SurveyScreen) -> None:
    asked = question(survey, "area_m2")
    editor = asked.editor.widget
    editor.setFocus()
    qtbot.keyClicks(editor, "1.120,5")
    with qtbot.waitSignal(asked.answered, timeout=TYPING_PAUSE_MS + 5_000):
        pass
    assert text_of(editor) == "1.120,5", "not exchanged under the cursor"
    survey.page.go_on()
    assert survey.sheet.node("area_m2").value == "1120.5"

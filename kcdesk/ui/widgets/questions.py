"""The nodes of an answer sheet on screen: questions, groups, tables and their rows.

A widget is made once per node and told to look (`refresh`) then and after every answer. It never changes the sheet:
it emits what was answered.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QCompleter,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from kcdesk.domain.answer_text import shown_answer, stored_answer
from kcdesk.questionnaire import Choice, NodeView, Problem
from kcdesk.ui import theme
from kcdesk.ui.widgets.fields import lay_out
from kcdesk.ui.widgets.parts import clear, column, heading, label, link, restyle, row

TYPING_PAUSE_MS = 250
MOST_RADIOS = 5

_EXAMPLES = {
    "date": "dd/mm/yyyy",
    "time": "08:30",
    "datetime": "dd/mm/yyyy 08:30",
    "geopoint": "22.4856 103.9707",
}


class Editor(Protocol):
    """What answers a question: shows a stored answer, and calls back with a new one."""

    @property
    def widget(self) -> QWidget: ...

    def show(self, view: NodeView) -> None: ...

    def flush(self) -> None: ...

    def choose(self, number: int) -> bool:
        """Choose the choice with that number, from 1; whether there is one."""
        ...


Answered = Callable[[str], None]


class QuestionWidget(QWidget):
    """One question. `answered`: path and the answer in stored form."""

    answered = Signal(str, str)
    typing = Signal()
    """Comes with each keystroke, `answered` when there is a pause."""

    def __init__(self, view: NodeView, *, cell: bool = False) -> None:
        super().__init__()
        self.path = view.path
        self._cell = cell
        self.problem: Problem | None = None
        """What is wrong with an answer that the sheet did not take."""
        self.remark = ""
        """What is to be put right here, when the sheet came back."""
        self._caption = label(wrap=True)
        self._note = label(wrap=True)
        self.editor = _editor(view, self._answer, cell=cell)
        # Before the style sheet first looks: styling anew takes longer than all else of a question.
        self._note.setProperty("note", "hint")
        self.editor.widget.setProperty("wrong", False)
        self._caption.setBuddy(self.editor.widget)
        if cell:
            self._caption.hide()
            self.setLayout(column(self.editor.widget, self._note, gap=0))
        else:
            lay_out(self, self._caption, self.editor.widget, self._note)
        if isinstance(self.editor.widget, QLineEdit):
            self.editor.widget.textEdited.connect(self.typing)
        elif isinstance(self.editor.widget, QPlainTextEdit):
            self.editor.widget.textChanged.connect(self.typing)

    @property
    def text(self) -> str:
        """What is typed; of a question that is answered by choosing nothing."""
        editor = self.editor.widget
        return editor.text() if isinstance(editor, QLineEdit) else ""

    def type(self, text: str) -> None:
        """Put a text that is no answer back into its line."""
        if isinstance(self.editor.widget, QLineEdit):
            self.editor.widget.setText(text)
            self._answer(text)

    def suggest(self, texts: Sequence[str]) -> None:
        """Offer these while somebody types into a line; anything else may be written too."""
        editor = self.editor.widget
        if texts and isinstance(editor, QLineEdit):
            completer = QCompleter(list(texts), editor)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.activated.connect(self._answer)
            editor.setCompleter(completer)

    def refresh(self, view: NodeView, *, strict: bool) -> None:
        """Look at the sheet again. `strict`: also say which answers are missing. A cell is named by its table."""
        mark = " *" if view.required else ""
        self._caption.setText(f"{view.label}{mark}")
        self.editor.widget.setAccessibleName(view.label)
        self.editor.widget.setEnabled(not view.read_only)
        if self.problem is None:
            self.editor.show(view)
        wrong = self.problem or view.error
        if wrong is not None and (strict or wrong.kind != "required"):
            self._say("error", wrong.message)
        elif self.remark:
            self._say("warning", self.tr("Trả lại: {0}").format(self.remark))
        else:
            self._say("hint", view.hint)

    def show_answer(self, view: NodeView) -> None:
        """Show what the sheet has now, also while the cursor is in it."""
        self.editor.widget.clearFocus()
        self.editor.show(view)
        self.editor.widget.setFocus()

    @property
    def note_text(self) -> str:
        return self._note.text()

    def _say(self, tone: str, text: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text) and (not self._cell or tone != "hint"))
        restyle(self._note, "note", tone)
        restyle(self.editor.widget, "wrong", tone == "error")
        self.editor.widget.setAccessibleDescription(text)

    def name_cell(self, name: str) -> None:
        """Of a cell: what the cursor is in, for who hears the screen."""
        self.editor.widget.setAccessibleName(name)

    def _answer(self, stored: str) -> None:
        self.answered.emit(self.path, stored)


class NoteWidget(QWidget):
    """A sentence that people read."""

    def __init__(self, view: NodeView) -> None:
        super().__init__()
        self.path = view.path
        self._text = label(wrap=True)
        self.setLayout(column(self._text))

    def refresh(self, view: NodeView, *, strict: bool) -> None:  # noqa: ARG002
        self._text.setText(view.label)


class Section(QFrame):
    """A group, a table, or a row of one: a heading and what it holds."""

    row_wanted = Signal(str)
    row_unwanted = Signal(str)

    def __init__(self, view: NodeView) -> None:
        super().__init__()
        self.path = view.path
        self._kind = view.kind
        self.setProperty("card", view.kind != "repeat" and view.depth == 0)
        margin = theme.SPACE if view.depth == 0 else 0
        self.inside: QVBoxLayout = column(gap=theme.GAP)
        self._title: QLabel = heading("", theme.HEADING_PT if view.depth == 0 else theme.BODY_PT)
        self._add = link(self.tr("Thêm dòng"), lambda: self.row_wanted.emit(self.path))
        self._remove = link(self.tr("Bỏ dòng này"), lambda: self.row_unwanted.emit(self.path))
        head = row(self._title, self._remove, None)
        self.setLayout(column(head, self.inside, row(self._add, None), margin=margin))
        # Only now: a part without a parent would show as a window of its own.
        self._add.setVisible(view.kind == "repeat")
        self._remove.setVisible(view.kind == "row")

    def refresh(self, view: NodeView, *, strict: bool) -> None:  # noqa: ARG002
        self._title.setText(view.label)
        self._title.setVisible(bool(view.label))
        if self._kind == "repeat":
            self._add.setEnabled(view.can_add)
            self._add.setAccessibleName(self.tr("Thêm dòng vào {0}").format(view.label))

    def number(self, place: int, label_of_table: str, *, removable: bool) -> None:
        """Of a row: say which one it is."""
        self._title.setText(self.tr("Dòng {0}").format(place))
        self._title.show()
        self._remove.setVisible(removable)
        self._remove.setAccessibleName(self.tr("Bỏ dòng {0} của {1}").format(place, label_of_table))


SheetWidget = QuestionWidget | NoteWidget | Section


def widget_for(view: NodeView) -> SheetWidget:
    """The widget of a node."""
    if view.kind != "question":
        return Section(view)
    return NoteWidget(view) if view.type == "note" else QuestionWidget(view)


def _editor(view: NodeView, answer: Answered, *, cell: bool) -> Editor:
    match view.type:
        case "select_one" if (
            cell or "minimal" in view.appearance or len(view.choices) > MOST_RADIOS
        ):
            return _Combo(answer)
        case "select_one":
            return _Buttons(answer, several=False)
        case "select_multiple":
            return _Buttons(answer, several=True)
        case "acknowledge":
            return _Tick(answer)
        case "text" if "multiline" in view.appearance:
            return _Paragraph(answer)
        case _:
            return _Line(view, answer)


class _Typed(QObject):
    """Typing is answered after a short pause, and at once when the cursor leaves; then letters are composed (NFC)."""

    def __init__(
        self, widget: QWidget, answer: Callable[[], None], compose: Callable[[], None]
    ) -> None:
        super().__init__(widget)
        self._answer = answer
        self._compose = compose
        self._timer = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._timer.timeout.connect(answer)
        widget.installEventFilter(self)

    def typing(self) -> None:
        self._timer.start()

    def flush(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._answer()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        if event.type() is QEvent.Type.FocusOut:
            self.flush()
            self._compose()
        return False


class _Line:
    def __init__(self, view: NodeView, answer: Answered) -> None:
        self._type, self._appearance = view.type, view.appearance
        self.widget = QLineEdit()
        self.widget.setPlaceholderText(_EXAMPLES.get(view.type, ""))
        self._typed = _Typed(self.widget, lambda: answer(self._stored()), self._compose)
        self.widget.textEdited.connect(self._typed.typing)

    def show(self, view: NodeView) -> None:
        # What is being typed is not rewritten under the cursor as long as it means the same.
        if self._stored() != view.value or not self.widget.hasFocus():
            text = shown_answer(view.type, view.value, view.appearance)
            if text != self.widget.text():
                self.widget.setText(text)
                self.widget.setCursorPosition(0)

    def flush(self) -> None:
        self._typed.flush()

    def choose(self, number: int) -> bool:  # noqa: ARG002
        return False

    def _compose(self) -> None:
        composed = unicodedata.normalize("NFC", self.widget.text())
        if composed != self.widget.text():
            self.widget.setText(composed)

    def _stored(self) -> str:
        return stored_answer(self._type, self.widget.text(), self._appearance)


class _Paragraph:
    def __init__(self, answer: Answered) -> None:
        self.widget = QPlainTextEdit()
        self.widget.setFixedHeight(84)
        self.widget.setTabChangesFocus(True)
        self._typed = _Typed(self.widget, lambda: answer(self._stored()), self._compose)
        self.widget.textChanged.connect(self._typed.typing)

    def _compose(self) -> None:
        composed = unicodedata.normalize("NFC", self.widget.toPlainText())
        if composed != self.widget.toPlainText():
            self._write(composed)

    def _write(self, text: str) -> None:
        self.widget.blockSignals(True)
        self.widget.setPlainText(text)
        self.widget.blockSignals(False)

    def _stored(self) -> str:
        return stored_answer("text", self.widget.toPlainText())

    def show(self, view: NodeView) -> None:
        # As with a line: decomposed letters mean the same, and are not exchanged under the cursor.
        if self._stored() != view.value.strip():
            self._write(view.value)

    def flush(self) -> None:
        self._typed.flush()

    def choose(self, number: int) -> bool:  # noqa: ARG002
        return False


class _Combo:
    def __init__(self, answer: Answered) -> None:
        self._answer = answer
        self.widget = QComboBox()
        self.widget.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._choices: tuple[Choice, ...] | None = None
        self.widget.activated.connect(lambda _: answer(str(self.widget.currentData() or "")))

    def show(self, view: NodeView) -> None:
        if view.choices != self._choices:
            self._choices = view.choices
            self.widget.clear()
            self.widget.addItem("", "")
            for choice in self._choices:
                self.widget.addItem(choice.label, choice.name)
        self.widget.setCurrentIndex(self.widget.findData(view.value))

    def flush(self) -> None:
        """A choice is answered when it is made."""

    def choose(self, number: int) -> bool:
        if not 0 < number < self.widget.count():
            return False
        self.widget.setCurrentIndex(number)
        self._answer(str(self.widget.currentData()))
        return True


class _Buttons:
    """Radio buttons or check boxes below each other."""

    def __init__(self, answer: Answered, *, several: bool) -> None:
        self.widget = QWidget()
        self._inside = column(gap=2)
        self.widget.setLayout(self._inside)
        self._group = QButtonGroup(self.widget)
        self._group.setExclusive(not several)
        self._several = several
        self._answer = answer
        self._choices: tuple[Choice, ...] | None = None
        self._buttons: dict[str, QRadioButton | QCheckBox] = {}

    def show(self, view: NodeView) -> None:
        if view.choices != self._choices:
            self._build(view.choices)
        chosen = set(view.value.split())
        self._group.setExclusive(False)  # an exclusive group cannot be cleared
        for name, button in self._buttons.items():
            button.setChecked(name in chosen)
        self._group.setExclusive(not self._several)

    def flush(self) -> None:
        """A choice is answered when it is made."""

    def choose(self, number: int) -> bool:
        if not 0 < number <= len(self._buttons):
            return False
        made = list(self._buttons.values())[number - 1]
        made.setFocus()
        made.click()
        return True

    def _build(self, choices: tuple[Choice, ...]) -> None:
        self._choices = choices
        clear(self._inside)
        self._buttons = {}
        for choice in choices:
            made = QCheckBox(choice.label) if self._several else QRadioButton(choice.label)
            made.clicked.connect(lambda _: self._clicked())
            self._group.addButton(made)
            self._buttons[choice.name] = made
            self._inside.addWidget(made)
        if self._buttons:
            self.widget.setFocusProxy(next(iter(self._buttons.values())))

    def _clicked(self) -> None:
        self._answer(" ".join(name for name, b in self._buttons.items() if b.isChecked()))


class _Tick:
    def __init__(self, answer: Answered) -> None:
        self.widget = QCheckBox()
        self.widget.setText(self.widget.tr("Đã xác nhận"))
        self.widget.clicked.connect(lambda on: answer("OK" if on else ""))

    def show(self, view: NodeView) -> None:
        self.widget.setChecked(bool(view.value))

    def flush(self) -> None:
        """A tick is answered when it is made."""

    def choose(self, number: int) -> bool:
        if number != 1:
            return False
        self.widget.click()
        return True

"""The nodes of an answer sheet on screen: questions, groups, tables and their rows.

A widget is made once per node and told to look (`refresh`) then and after every answer. It never changes the sheet:
it emits what was answered.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCompleter,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from kcdesk.questionnaire import NodeView, Problem
from kcdesk.ui import theme
from kcdesk.ui.widgets.answer_editors import editor_for
from kcdesk.ui.widgets.fields import lay_out
from kcdesk.ui.widgets.parts import column, heading, label, link, restyle, row


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
        self.editor = editor_for(view, self._answer, cell=cell)
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

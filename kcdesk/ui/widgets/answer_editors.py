"""What answers a question on screen: a line, a text, a list to choose from, boxes, a picture.

An editor shows a stored answer and calls back with a new one; it never changes the sheet.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QWidget,
)

from kcdesk.domain.answer_text import shown_answer, stored_answer
from kcdesk.questionnaire import Choice, NodeView
from kcdesk.ui import theme
from kcdesk.ui.widgets.parts import button, clear, column, link, row

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


def editor_for(view: NodeView, answer: Answered, *, cell: bool) -> Editor:
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
        case "image" | "file":
            return PictureEditor(view, answer)
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
        for name, made in self._buttons.items():
            made.setChecked(name in chosen)
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


class PictureEditor:
    """A picture: chosen from a file, shown small, taken away. Keeping it is for others (`wanted`)."""

    def __init__(self, view: NodeView, answer: Answered) -> None:
        self.path = view.path
        self.widget = _PictureWidget()
        self.widget.removed.connect(lambda: answer(""))

    def show(self, view: NodeView) -> None:
        self.widget.show_name(view.value)

    def flush(self) -> None:
        """A picture is answered when it is kept."""

    def choose(self, number: int) -> bool:
        if number == 1:
            self.widget.wanted.emit()
        return number == 1


class _PictureWidget(QWidget):
    """Events: a file is to be chosen; the picture is to go."""

    wanted = Signal()
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self._picture = QLabel()
        self._picture.hide()
        self.choose = button(self.tr("Chọn ảnh…"), self.wanted.emit)
        self.remove = link(self.tr("Bỏ ảnh"), self.removed.emit)
        self.remove.hide()
        self.setLayout(column(self._picture, row(self.choose, self.remove, None), gap=theme.TIGHT))
        self.setFocusProxy(self.choose)

    def show_name(self, name: str) -> None:
        """There is a picture of that name, or none."""
        if name != self.name:
            self.name = name
            self._picture.hide()
        self.remove.setVisible(bool(name))
        self.choose.setText(self.tr("Đổi ảnh…") if name else self.tr("Chọn ảnh…"))

    def show_picture(self, thumbnail: bytes | None) -> None:
        """What it looks like; None: it is not on this computer."""
        picture = QPixmap()
        if thumbnail is not None and picture.loadFromData(thumbnail):
            self._picture.setPixmap(picture)
            self._picture.setAccessibleName(self.tr("Ảnh đã chọn"))
        else:
            self._picture.setText(self.tr("(ảnh {0} không có trên máy này)").format(self.name))
        self._picture.show()


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

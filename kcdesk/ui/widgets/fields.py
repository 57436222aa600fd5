"""A field of a record on screen: its label, an editor for its type, and what its rule says beside it.

Owns how each type of field is typed. What a typed text means, and whether it is right, is `domain.field_text`'s;
which fields stand on which screen is the screen's.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.field_text import read_text, show_value
from kcdesk.domain.kinds import Field, FieldType
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.ui import theme
from kcdesk.ui.widgets.parts import label, restyle
from kcdesk.ui.widgets.search_choice import Option, SearchChoice

NO_OPTIONS: Sequence[Option] = ()

_BY_CODE = frozenset((FieldType.CODE, FieldType.COMMUNE))
_SHOWN_ONLY = frozenset((FieldType.OLD_COMMUNE, FieldType.JSON, FieldType.REF))


class FieldRow(QWidget):
    """One field: label, editor, and a note to its right. `edited` comes with each keystroke, `checked` when a text is
    left or something was chosen and the note says what the rule of the field alone says.

    communes: what a field of type commune offers;  units: names the communes of other areas, and former ones
    """

    edited = Signal()
    checked = Signal()

    def __init__(
        self,
        field: Field,
        *,
        today: datetime.date,
        communes: Sequence[Option] = NO_OPTIONS,
        units: AdministrativeUnits | None = None,
        caption: str = "",
        required: bool = False,
    ) -> None:
        super().__init__()
        self.field = field
        self._today = today
        self._units = units
        self._required = required
        self._opened = ""
        self._caption = label(caption or field.label, wrap=True)
        self.editor = _editor(field, communes)
        self.editor.setAccessibleName(caption or field.label)
        self._caption.setBuddy(self.editor)
        self._note = label(wrap=True)
        lay_out(self, self._caption, self.editor, self._note)
        self._connect()

    def open(self, value: Value) -> None:
        """Show a value; from now on `changed` compares with it."""
        if value is not None and self.field.type in _BY_CODE:
            self._opened = str(value)
        else:
            self._opened = show(self.field, value, self._units)
        self._show(self._opened)
        self.note("hint", "")

    def settle(self, saved: str | None) -> None:
        """What was saved counts as opened; what was typed after that stays changed."""
        if saved is not None:
            self._opened = saved

    @property
    def text(self) -> str:
        """What is typed, as `read_text` takes it: of choices the code."""
        editor = self.editor
        if isinstance(editor, SearchChoice):
            return editor.code
        if isinstance(editor, QComboBox):
            return str(editor.currentData() or "")
        if isinstance(editor, QPlainTextEdit):
            return editor.toPlainText()
        assert isinstance(editor, QLineEdit)
        return editor.text()

    def type(self, text: str) -> None:
        """What a person would type."""
        self._show(text)
        self._check()
        self.edited.emit()

    @property
    def changed(self) -> bool:
        return self.text.strip() != self._opened.strip()

    @property
    def note_text(self) -> str:
        return self._note.text()

    def set_read_only(self, shown_only: bool) -> None:
        """Whether a text can only be read."""
        if isinstance(self.editor, QLineEdit):
            self.editor.setReadOnly(shown_only)

    def note(self, tone: str, text: str) -> None:
        """Say something beside the field: tone `error`, `warning` or `hint`."""
        self._note.setText(text)
        restyle(self._note, "note", tone)
        restyle(self.editor, "wrong", tone == "error" and bool(text))
        self.editor.setAccessibleDescription(text)

    def check(self) -> bool:
        """Whether what is typed can be taken; the rule's sentence stands beside the field."""
        self._check()
        return not self.editor.property("wrong")

    def _show(self, text: str) -> None:
        editor = self.editor
        if isinstance(editor, SearchChoice):
            editor.set_code(text, show(self.field, text, self._units))
        elif isinstance(editor, QComboBox):
            number = editor.findData(text)
            if number < 0:  # a code that a newer version wrote is kept and shown as it is
                editor.addItem(text, text)
                number = editor.count() - 1
            editor.setCurrentIndex(number)
        elif isinstance(editor, QPlainTextEdit):
            editor.setPlainText(text)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)
            editor.setCursorPosition(0)

    def _connect(self) -> None:
        editor = self.editor
        if isinstance(editor, SearchChoice):
            editor.picked.connect(self._edited)
        elif isinstance(editor, QComboBox):
            editor.activated.connect(self._edited)
        elif isinstance(editor, QPlainTextEdit):
            editor.textChanged.connect(self._edited)
        elif isinstance(editor, QLineEdit):
            editor.textEdited.connect(self.edited)
            editor.editingFinished.connect(self._check)

    def _edited(self) -> None:
        self._check()
        self.edited.emit()

    def _check(self) -> None:
        self._judge()
        self.checked.emit()

    def _judge(self) -> None:
        if self._required and not self.text.strip():
            self.note("error", self.tr("Mục này cần ghi."))
            return
        if not self.changed and not self._required:
            self.note("hint", "")
            return
        findings = read_text(self.field, self.text, today=self._today).findings
        hard = [finding for finding in findings if finding.level == "hard"]
        said = " ".join(f"{f.message} {f.hint}".strip() for f in hard or findings)
        self.note("error" if hard else "warning", said)


def lay_out(whole: QWidget, caption: QLabel, editor: QWidget, note: QLabel) -> None:
    """Label, editor and note in three columns of the same widths everywhere."""
    grid = QGridLayout(whole)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.SPACE)
    grid.setColumnMinimumWidth(0, theme.LABEL_WIDTH)
    caption.setFixedWidth(theme.LABEL_WIDTH)
    editor.setMinimumWidth(theme.FIELD_WIDTH)
    editor.setMaximumWidth(theme.FIELD_WIDTH)
    grid.addWidget(caption, 0, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(editor, 0, 1, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(note, 0, 2, Qt.AlignmentFlag.AlignTop)
    grid.setColumnStretch(2, 1)
    for part in (caption, note):
        part.setContentsMargins(0, 5, 0, 0)


def show(field: Field, value: Value, units: AdministrativeUnits | None) -> str:
    """A value as a person reads it, names for codes of communes."""
    if field.key == "phone" and isinstance(value, str):
        return shown_phone(value)
    if units is not None and isinstance(value, str):
        try:
            if field.type is FieldType.COMMUNE:
                return units.display_name(units.new_commune(value))
            if field.type is FieldType.OLD_COMMUNE:
                return units.display_name(units.old_commune(value))
        except NotFound:
            return value
    return show_value(field, value)


def shown_phone(stored: str) -> str:
    """A telephone number as people dial it at home.

    >>> shown_phone("+84865842388")
    '0865842388'
    """
    return "0" + stored[3:] if stored.startswith("+84") else stored


def _editor(field: Field, communes: Iterable[Option]) -> QWidget:
    match field.type:
        case FieldType.CODE if field.codes is not None:
            return _combo([Option(code.value, code.label) for code in field.codes])
        case FieldType.BOOL:
            return _combo([Option("có", "có"), Option("không", "không")])
        case FieldType.COMMUNE:
            return SearchChoice(communes)
        case FieldType.LONG_TEXT:
            text = QPlainTextEdit()
            text.setTabChangesFocus(True)
            text.setFixedHeight(84)
            return text
    line = QLineEdit()
    line.setReadOnly(field.type in _SHOWN_ONLY)
    line.setPlaceholderText(_example(field.type))
    return line


def _combo(options: Iterable[Option]) -> QComboBox:
    combo = QComboBox()
    combo.addItem("", "")
    for option in options:
        combo.addItem(option.name, option.code)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo


def _example(of_type: FieldType) -> str:
    return {
        FieldType.DATE: "dd/mm/yyyy",
        FieldType.MONEY: "1,2 tỷ; 174 triệu; 20.000.000",
        FieldType.DECIMAL: "1.234,5",
        FieldType.GEO: "22,4856; 103,9707",
        FieldType.TEXTS: "cách nhau bằng dấu chấm phẩy",
    }.get(of_type, "")

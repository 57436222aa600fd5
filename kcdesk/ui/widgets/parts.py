"""Small parts that all screens are made of: buttons, headings, tables, empty states, the banner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from kcdesk.ui import theme
from kcdesk.ui.models.table import TableModel

Tone = Literal["error", "warning", "good"]


def button(
    text: str, on_click: Callable[[], object], *, key: str = "", main: bool = False, tip: str = ""
) -> QPushButton:
    """A push button; its key stands behind the text and in the tooltip. `main`: the one that goes on."""
    shown_key = key.replace("Return", "Enter")
    made = QPushButton(f"{text}  ({shown_key})" if key else text)
    made.setProperty("main", main)
    made.setAutoDefault(False)
    made.clicked.connect(lambda _: on_click())
    if key:
        shortcut(made, key, on_click)  # a button's own shortcut waits 100 ms to look pressed
    made.setToolTip(tip or made.text())
    return made


def link(text: str, on_click: Callable[[], object]) -> QPushButton:
    """A button that looks like a link."""
    made = button(text, on_click)
    made.setProperty("flat_link", True)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return made


def shortcut(owner: QWidget, key: str, on_press: Callable[[], object]) -> QShortcut:
    """A key that works while `owner` is on screen."""
    made = QShortcut(QKeySequence(key), owner)
    made.activated.connect(on_press)
    return made


def label(text: str = "", *, quiet: bool = False, wrap: bool = False) -> QLabel:
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("quiet", quiet)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


class OneLine(QLabel):
    """A quiet line that ends with an ellipsis where there is no room for it; the whole of it is its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("quiet", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        inside = self.contentsRect()
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, inside.width()
        )
        role, enabled = self.foregroundRole(), self.isEnabled()
        self.style().drawItemText(
            painter, inside, self.alignment(), self.palette(), enabled, shown, role
        )


def heading(text: str, points: float = theme.HEADING_PT) -> QLabel:
    made = label(text)
    made.setFont(theme.sized(made.font(), points, bold=True))
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return made


def column(*parts: QWidget | QLayout | None, gap: int = theme.GAP, margin: int = 0) -> QVBoxLayout:
    """Parts below each other; None stretches."""
    layout = QVBoxLayout()
    _fill(layout, parts, gap, margin)
    return layout


def row(*parts: QWidget | QLayout | None, gap: int = theme.GAP, margin: int = 0) -> QHBoxLayout:
    """Parts beside each other; None stretches."""
    layout = QHBoxLayout()
    _fill(layout, parts, gap, margin)
    return layout


def _fill(
    layout: QBoxLayout, parts: tuple[QWidget | QLayout | None, ...], gap: int, margin: int
) -> None:
    layout.setSpacing(gap)
    layout.setContentsMargins(margin, margin, margin, margin)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)


def captioned(*pairs: tuple[str, QWidget]) -> QFormLayout:
    """Editors below each other with what they are beside them; each is told its name."""
    layout = QFormLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setVerticalSpacing(theme.SPACE)
    layout.setHorizontalSpacing(theme.SPACE)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for text, editor in pairs:
        editor.setAccessibleName(text)
        name = label(text)
        name.setMinimumWidth(theme.CAPTION_WIDTH)
        layout.addRow(name, editor)
    return layout


def card(*parts: QWidget | QLayout | None, gap: int = theme.GAP) -> QFrame:
    """Parts below each other on a white sheet with a thin line around."""
    frame = QFrame()
    frame.setProperty("card", True)
    frame.setLayout(column(*parts, gap=gap, margin=theme.SPACE))
    return frame


def scrolled(content: QWidget) -> QScrollArea:
    """`content` in an area that scrolls down only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    for part in (area.viewport(), content):
        part.setAutoFillBackground(False)
    return area


def reveal(area: QScrollArea, widget: QWidget) -> None:
    """Put the cursor into a widget and scroll to it, once the layout has settled (a message may come above)."""
    widget.setFocus()
    QTimer.singleShot(0, area, lambda: area.ensureWidgetVisible(widget, 0, 60))


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Table(QTableView):
    """Rows to choose from by arrow keys and Enter; `chosen` tells the row that was opened."""

    chosen = Signal(object)

    def __init__(self, model: TableModel[Any], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setMinimumSectionSize(60)
        for number, of_model in enumerate(model.columns):
            if of_model.width:
                self.setColumnWidth(number, of_model.width)
            else:
                head.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self._open)

    def current(self) -> Any:
        """The row under the cursor, or None."""
        return self._rows.row_at(self.currentIndex())

    def choose_first(self) -> None:
        if self._rows.rowCount():
            self.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        found = self._rows.row_at(index)
        if found is not None:
            self.chosen.emit(found)


class Empty(QWidget):
    """What stands where nothing is yet: what this place is for, and what to do."""

    def __init__(self, title: str, what_to_do: str, *actions: QPushButton) -> None:
        super().__init__()
        self._title = heading(title)
        self._text = label(what_to_do, quiet=True, wrap=True)
        for part in (self._title, self._text):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setFixedWidth(560)
        inner = column(self._title, gap=theme.SPACE)
        inner.addWidget(self._text, 0, Qt.AlignmentFlag.AlignHCenter)
        if actions:
            inner.addLayout(row(None, *actions, None))
        self.setLayout(column(None, inner, None, None, margin=theme.WIDE))
        self.setMinimumHeight(140)
        self._fit()

    def say(self, title: str, what_to_do: str) -> None:
        self._title.setText(title)
        self._text.setText(what_to_do)
        self._fit()

    def _fit(self) -> None:
        # A wrapped label that is centred by its layout is given the height of one line.
        self._text.setFixedHeight(max(0, self._text.heightForWidth(self._text.width())))


class Banner(QFrame):
    """One message above the screen; it goes when it is closed or the next one comes."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._message = label(wrap=True)
        self._hint = label(quiet=True, wrap=True)
        self._close = link(self.tr("Đóng"), self.hide)
        texts = column(self._message, self._hint, gap=theme.TIGHT)
        layout = row(gap=theme.SPACE, margin=theme.GAP + theme.TIGHT)
        layout.addLayout(texts, 1)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        self.hide()

    @property
    def message(self) -> str:
        return self._message.text()

    @property
    def hint(self) -> str:
        return self._hint.text()

    def show_message(self, tone: Tone, message: str, hint: str = "") -> None:
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        restyle(self, "tone", tone)
        self.setAccessibleName(message)
        self.show()


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while layout.count() and (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)

"""What is still wrong with a sheet, in one list: a line for each question, Enter goes there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from kcdesk.ui import theme
from kcdesk.ui.widgets.parts import column, label

_MOST_LINES = 4


class OpenQuestion(NamedTuple):
    """A question that stands in the way of finishing the sheet, and why."""

    path: str
    label: str
    message: str

    @property
    def sentence(self) -> str:
        return f"{self.label}: {self.message}"


class MissingList(QWidget):
    """Hidden while nothing is wrong. Event: a question to go to (its path)."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._head = label()
        self._head.setProperty("note", "error")
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Các câu còn thiếu hoặc chưa đúng"))
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.setLayout(column(self._head, self.list, gap=theme.TIGHT))
        self.hide()

    def show_problems(self, problems: Sequence[OpenQuestion]) -> None:
        """Name these questions; none hides the list."""
        self.setVisible(bool(problems))
        self._head.setText(self.tr("Còn {0} câu thiếu hoặc chưa đúng:").format(len(problems)))
        at = max(self.list.currentRow(), 0)
        self.list.clear()
        for problem in problems:
            item = QListWidgetItem(problem.sentence)
            item.setData(Qt.ItemDataRole.UserRole, problem.path)
            self.list.addItem(item)
        self.list.setCurrentRow(min(at, len(problems) - 1))
        if problems:
            lines = min(len(problems), _MOST_LINES)
            self.list.setFixedHeight(lines * self.list.sizeHintForRow(0) + theme.GAP)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

"""The rows of a repeat as a table: a head, a cell for each question, and a way to take each row out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QWidget

from kcdesk.questionnaire import NodeView
from kcdesk.ui import theme
from kcdesk.ui.widgets.parts import column, heading, label, link, row
from kcdesk.ui.widgets.questions import QuestionWidget


class RowsTable(QFrame):
    """A repeat. `arrange` brings it in line with the sheet; it never changes the sheet."""

    row_wanted = Signal(str)
    row_unwanted = Signal(str)

    def __init__(self, view: NodeView) -> None:
        super().__init__()
        self.path = view.path
        self._title = heading(view.label, theme.BODY_PT)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(theme.TIGHT)
        self._heads: list[QLabel] = []
        self.add = link(self.tr("Thêm dòng"), lambda: self.row_wanted.emit(self.path))
        self.setLayout(column(self._title, self._grid, row(self.add, None), gap=theme.TIGHT))

    def refresh(self, view: NodeView, *, strict: bool) -> None:  # noqa: ARG002
        self._title.setText(view.label)
        self._title.setVisible(bool(view.label))
        self.add.setVisible(view.can_add)
        self.add.setAccessibleName(self.tr("Thêm dòng vào {0}").format(view.label))

    def arrange(
        self,
        view: NodeView,
        rows: list[tuple[NodeView, list[NodeView]]],
        widget_of: Callable[[NodeView], QWidget],
    ) -> None:
        """Put the row's cells where they belong. `widget_of` makes the widget of a row's end and of a question."""
        names = view.columns
        for head in self._heads:
            self._grid.removeWidget(head)
            head.deleteLater()
        self._heads = []
        labels = {cell.name: cell.label for _, cells in rows for cell in cells}
        for place, name in enumerate(names):
            if name in labels:
                head = label(labels[name], quiet=True, wrap=True)
                self._heads.append(head)
                self._grid.addWidget(head, 0, place, Qt.AlignmentFlag.AlignBottom)
                head.show()
            self._grid.setColumnStretch(place, 1)
        for line, (of_row, cells) in enumerate(rows, start=1):
            for cell in cells:
                made = widget_of(cell)
                self._put(made, line, names.index(cell.name))
                if isinstance(made, QuestionWidget):
                    made.name_cell(self.tr("{0}, dòng {1}").format(cell.label, line))
            end = widget_of(of_row)
            self._put(end, line, len(names))
            if isinstance(end, RowEnd):
                end.number(line, view.label, removable=view.can_add)

    def _put(self, widget: QWidget, line: int, place: int) -> None:
        at = self._grid.indexOf(widget)
        if at < 0 or self._grid.getItemPosition(at)[:2] != (line, place):  # type: ignore[index]
            self._grid.addWidget(widget, line, place, Qt.AlignmentFlag.AlignTop)


class RowEnd(QWidget):
    """What stands at the end of a row: its way out."""

    row_unwanted = Signal(str)

    def __init__(self, view: NodeView) -> None:
        super().__init__()
        self.path = view.path
        self._remove: QPushButton = link(self.tr("Bỏ"), lambda: self.row_unwanted.emit(self.path))
        self.setLayout(row(self._remove))

    def refresh(self, view: NodeView, *, strict: bool) -> None:
        """A row says nothing of its own."""

    def number(self, place: int, label_of_table: str, *, removable: bool) -> None:
        """Say which row it is."""
        self._remove.setVisible(removable)
        self._remove.setAccessibleName(self.tr("Bỏ dòng {0} của {1}").format(place, label_of_table))
        self._remove.setToolTip(self._remove.accessibleName())

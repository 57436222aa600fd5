"""A small table that people fill in cell by cell: machines to buy, main products."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from kcdesk.domain.field_text import read_text, show_value
from kcdesk.domain.kinds import Table
from kcdesk.domain.value import Value
from kcdesk.ui import theme
from kcdesk.ui.widgets.parts import column, label, link, restyle, row


class RowsEditor(QWidget):
    """The rows of a record's table. `typed` gives paths and texts; new rows are numbered 1, 2, 3 ..."""

    edited = Signal()

    def __init__(self, table: Table, *, today: datetime.date) -> None:
        super().__init__()
        self.table = table
        self._today = today
        self._opened: dict[str, str] = {}
        self._cells: dict[str, QLineEdit] = {}
        self._rows = 0
        self._new = 0
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(theme.TIGHT)
        for number, of in enumerate(table.columns):
            self._grid.addWidget(label(of.label, quiet=True), 0, number)
        self._note = label(wrap=True)
        self._note.setProperty("note", "error")
        add = link(self.tr("Thêm dòng"), self.add_row)
        add.setAccessibleName(self.tr("Thêm dòng vào bảng {0}").format(table.label))
        self.setLayout(column(self._grid, self._note, row(add, None), gap=theme.TIGHT))
        self._note.hide()

    def open(self, rows: Mapping[str, Mapping[str, Value]]) -> None:
        """Show these rows: row id -> cell -> value."""
        for cell in self._cells.values():
            self._grid.removeWidget(cell)
            cell.deleteLater()
        self._cells, self._opened, self._rows, self._new = {}, {}, 0, 0
        for row_id, cells in rows.items():
            self._add(row_id, {c.key: show_value(c, cells.get(c.key)) for c in self.table.columns})

    def add_row(self) -> None:
        """An empty row at the end, with the cursor in it."""
        self._new += 1
        first = self._add(str(self._new), {})
        first.setFocus()

    def type(self, path: str, text: str) -> None:
        """What a person would type into the cell at `path`; a new row that is not there yet is added."""
        _, row_id, cell = path.split("/")
        while path not in self._cells and row_id.isdigit() and int(row_id) > self._new:
            self._new += 1
            self._add(str(self._new), {})
        if path in self._cells:
            self.cell(row_id, cell).setText(text)
            self.check()
            self.edited.emit()

    @property
    def typed(self) -> dict[str, str]:
        """path -> text of the cells that say something else than when they were opened."""
        return {
            path: cell.text()
            for path, cell in self._cells.items()
            if cell.text().strip() != self._opened.get(path, "")
        }

    def settle(self) -> None:
        """What is typed now counts as opened."""
        self._opened = {path: cell.text().strip() for path, cell in self._cells.items()}

    def cell(self, row_id: str, key: str) -> QLineEdit:
        return self._cells[f"{self.table.key}/{row_id}/{key}"]

    def check(self) -> bool:
        """Whether all cells can be taken; the first wrong one is named below the table."""
        said = ""
        for path, cell in self._cells.items():
            of = next(c for c in self.table.columns if c.key == path.rpartition("/")[2])
            hard = [
                finding
                for finding in read_text(of, cell.text(), today=self._today).findings
                if finding.level == "hard"
            ]
            restyle(cell, "wrong", bool(hard))
            said = said or " ".join(f"{f.message} {f.hint}".strip() for f in hard)
        self._note.setText(said)
        self._note.setVisible(bool(said))
        return not said

    def _add(self, row_id: str, texts: Mapping[str, str]) -> QLineEdit:
        self._rows += 1
        made: list[QLineEdit] = []
        for number, of in enumerate(self.table.columns):
            cell = QLineEdit(texts.get(of.key, ""))
            cell.setAccessibleName(
                self.tr("{0}, dòng {1}: {2}").format(self.table.label, self._rows, of.label)
            )
            cell.textEdited.connect(self.edited)
            cell.editingFinished.connect(self.check)
            path = f"{self.table.key}/{row_id}/{of.key}"
            self._cells[path] = cell
            self._opened[path] = texts.get(of.key, "")
            self._grid.addWidget(cell, self._rows, number)
            made.append(cell)
        return made[0]

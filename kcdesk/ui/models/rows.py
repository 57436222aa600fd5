"""A table model over plain rows: what a column shows is a function of the row.

Owns showing and growing page by page. Leaves to screens where rows come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

_NO_PARENT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its head, and what it shows of a row.

    width:  in pixels; 0 takes what is left
    number: right-aligned
    colour: of the text, by row; None for the usual one
    """

    head: str
    text: Callable[[Row], str]
    width: int = 0
    number: bool = False
    colour: Callable[[Row], str | None] | None = None


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows of one type under given columns; `more_wanted` asks for the next page."""

    more_wanted = Signal()

    def __init__(self, columns: Sequence[Column[Row]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        self._more = False
        self._asked = False

    def set_rows(self, rows: Iterable[Row], *, more: bool = False) -> None:
        """Show these rows instead. `more`: another page exists."""
        self.beginResetModel()
        self.rows = list(rows)
        self._more, self._asked = more, False
        self.endResetModel()

    def append_rows(self, rows: Sequence[Row], *, more: bool = False) -> None:
        """Show these rows below the others."""
        self._more, self._asked = more, False
        if rows:
            start = len(self.rows)
            self.beginInsertRows(QModelIndex(), start, start + len(rows) - 1)
            self.rows += rows
            self.endInsertRows()

    def row_at(self, index: Index) -> Row | None:
        return self.rows[index.row()] if index.isValid() else None

    # What Qt asks

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, row = self.columns[index.column()], self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole if column.number:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case Qt.ItemDataRole.ForegroundRole if column.colour is not None:
                colour = column.colour(row)
                return None if colour is None else QColor(colour)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].head
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = (
                    Qt.AlignmentFlag.AlignRight
                    if self.columns[section].number
                    else Qt.AlignmentFlag.AlignLeft
                )
                return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._more and not self._asked

    def fetchMore(self, parent: Index) -> None:  # noqa: ARG002 -- Qt's signature
        self._asked = True
        self.more_wanted.emit()

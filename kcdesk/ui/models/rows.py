"""A table model over plain rows that are all here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject

from kcdesk.ui.models.table import NO_PARENT, Column, Index, Row, TableModel

__all__ = ["Column", "RowsModel"]


class RowsModel(TableModel[Row]):
    """Rows of one type under given columns."""

    def __init__(self, columns: Sequence[Column[Row]], parent: QObject | None = None) -> None:
        super().__init__(columns, parent)
        self.rows: list[Row] = []

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Show these rows instead."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def row_of(self, number: int) -> Row | None:
        return self.rows[number]

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.rows)

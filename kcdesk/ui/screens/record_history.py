"""The history of a record, all of it or that of one field, and the way to take an action back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from kcdesk.actions.history import HistoryEntry
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.ui.screens.record_parts import ListPage, field_label, history_columns
from kcdesk.ui.widgets.parts import button

EVERY_FIELD = ""


class HistoryPage(ListPage):
    """Event: an entry whose action is to be taken back."""

    undo_wanted = Signal(object)

    def __init__(self, screen: QWidget, units: Callable[[], AdministrativeUnits | None]) -> None:
        self.of_field = QComboBox()
        self.undo_button = button(screen.tr("Hoàn tác việc này…"), self._want_undo)
        super().__init__(
            screen.tr("Lịch sử"),
            history_columns(screen, units),
            screen.tr("Chưa có thay đổi nào."),
            self.of_field,
            self.undo_button,
        )
        self._all: list[HistoryEntry] = []
        self.of_field.setAccessibleName(self.tr("Lịch sử của mục"))
        self.of_field.setMinimumWidth(300)
        self.of_field.currentIndexChanged.connect(lambda _: self._filter())
        self.table.chosen.connect(self.undo_wanted)

    def set_rows(self, rows: Iterable[HistoryEntry]) -> None:
        """The entries, the latest first."""
        self._all = list(rows)
        chosen = self.of_field.currentData()
        self.of_field.blockSignals(True)
        self.of_field.clear()
        self.of_field.addItem(self.tr("Tất cả các mục"), EVERY_FIELD)
        labels = {one.field: field_label(ESTABLISHMENTS, one.field) for one in self._all}
        for field, text in sorted(labels.items(), key=lambda pair: pair[1]):
            self.of_field.addItem(text, field)
        self.of_field.setCurrentIndex(max(self.of_field.findData(chosen), 0))
        self.of_field.blockSignals(False)
        self._filter()

    def show_field(self, field: str) -> None:
        """The history of one field; of all when nothing was ever said of it."""
        self.of_field.setCurrentIndex(max(self.of_field.findData(field), 0))
        self.table.setFocus()

    @property
    def tab_title(self) -> str:
        return f"{self.title} ({len(self._all)})" if self._all else self.title

    def _filter(self) -> None:
        field = self.of_field.currentData()
        super().set_rows(one for one in self._all if field in (EVERY_FIELD, one.field))
        self.table.choose_first()
        self.undo_button.setEnabled(bool(self.model.rows))

    def _want_undo(self) -> None:
        entry = self.table.current()
        if entry is not None:
            self.undo_wanted.emit(entry)

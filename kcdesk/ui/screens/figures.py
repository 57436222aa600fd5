"""The figures of one year, added or corrected in a small dialog."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import ListedRecord, Saved, add_record, set_fields
from kcdesk.domain.kinds import FIGURES
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context
from kcdesk.ui.widgets.fields import FieldRow
from kcdesk.ui.widgets.parts import column, label, scrolled

_KEY = ("year", "basis")
_NOT_TYPED = frozenset(("establishment",))


class FiguresDialog(QDialog):
    """Asks for the figures of a year; without `figures` new ones. Closes when they are saved."""

    told = Signal(str, str, str)

    def __init__(
        self, context: Context, establishment: str, figures: ListedRecord | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._establishment = establishment
        self._figures = figures
        self.setWindowTitle(self.tr("Số liệu theo năm"))
        self.resize(theme.LABEL_WIDTH + theme.FIELD_WIDTH + theme.NOTE_WIDTH, 600)
        self.fields = {
            field.key: FieldRow(field, today=context.today, required=field.key in _KEY)
            for field in FIGURES.fields
            if field.key not in _NOT_TYPED
        }
        for key, made in self.fields.items():
            made.open(figures.row.get(key) if figures is not None else None)
            if figures is not None and key in _KEY:
                made.setEnabled(False)  # they name the record
        self._trouble = label(wrap=True)
        self._trouble.setProperty("note", "error")
        self._trouble.hide()
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        self.buttons.accepted.connect(self._save)
        self.buttons.rejected.connect(self.reject)
        form = QWidget()
        form.setLayout(column(*self.fields.values(), None))
        self.setLayout(column(scrolled(form), self._trouble, self.buttons, margin=theme.SPACE))

    def _save(self) -> None:
        wrong = [made for made in self.fields.values() if not made.check()]
        if wrong:
            wrong[0].editor.setFocus()
            return
        typed = {key: made.text for key, made in self.fields.items() if made.changed}
        figures, establishment = self._figures, self._establishment

        def work(desk: Desk) -> Saved:
            if figures is not None:
                return set_fields(desk, FIGURES.name, str(figures.row["id"]), typed)
            return add_record(desk, FIGURES.name, {"establishment": establishment, **typed})

        def done(_: Saved) -> None:
            self.told.emit("good", self.tr("Đã lưu số liệu trên máy này."), "")
            self.accept()

        def failed(error: KcdeskError) -> None:
            self._trouble.setText(f"{error.message} {error.hint}")
            self._trouble.show()

        self._context.tasks.ask(self, work, done, failed=failed)

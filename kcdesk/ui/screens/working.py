"""A dialog that makes something for a while: a bar that says how far it is, and a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QProgressBar, QWidget

from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.ui.screens.base import Context
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.parts import button


class WorkingDialog(QDialog):
    """`progress` and `cancel_button` are laid out by whoever inherits it."""

    told = Signal(str, str, str)
    """Tone, message and hint for the banner."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks = context.tasks
        self._running: Running | None = None
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Đang làm"))
        self.progress.hide()
        self.cancel_button = button(self.tr("Thôi"), self.reject, key="Esc")

    def begin(self) -> None:
        """Show that work is under way, before it says how far it is."""
        self.cancel_button.setText(self.tr("Dừng  (Esc)"))
        self.progress.setRange(0, 0)
        self.progress.show()

    def follow(self, running: Running) -> None:
        """Show how far this piece of work is; Esc stops it from now on."""
        self._running = running
        running.progressed.connect(self.show_progress)

    def show_progress(self, _phase: str, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def ended(self) -> None:
        """Nothing is under way any more."""
        self._running = None
        self.progress.hide()

    def failed(self, error: KcdeskError) -> None:
        """Say what went wrong, or that it was stopped, above the screen; and go."""
        self.ended()
        stopped = isinstance(error, Cancelled)
        hint = self.tr("Không có tệp nào được ghi.") if stopped else error.hint
        self.told.emit("warning" if stopped else "error", error.message, hint)
        super().reject()

    def reject(self) -> None:
        """Esc: stop what is being made; with nothing under way, go."""
        if self._running is None:
            super().reject()
        else:
            self._running.cancel()
            self.cancel_button.setEnabled(False)

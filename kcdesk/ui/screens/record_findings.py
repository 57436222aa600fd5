"""The line above a record that says what the rules find doubtful in it; accepted with a reason, or left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from kcdesk.actions.findings import RecordFinding, accept_finding
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.widgets.parts import button, label, restyle, row

_TOUCHES = frozenset((ESTABLISHMENTS.name,))


class FindingsLine(QWidget):
    """Says the first open finding and how many more there are. Events: one was accepted; it could not be."""

    accepted = Signal()
    failed = Signal(object)

    def __init__(self, tasks: Tasks, record: Callable[[], str | None]) -> None:
        super().__init__()
        self._tasks = tasks
        self._record = record
        self._open: list[RecordFinding] = []
        self._text = label(wrap=True)
        restyle(self._text, "note", "warning")
        self.accept_button = button(self.tr("Vẫn đúng, ghi lý do…"), self._ask, key="Ctrl+Shift+L")
        line = row(gap=theme.SPACE)
        line.addWidget(self._text, 1)
        line.addWidget(self.accept_button)
        line.setContentsMargins(0, 0, 0, 0)
        self.setLayout(line)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def show_findings(self, findings: Sequence[RecordFinding]) -> None:
        """Show the open ones of these; nothing is shown when all are accepted."""
        self._open = [one for one in findings if one.reason is None]
        if self._open:
            first, *others = self._open
            more = self.tr(" (còn {0} lưu ý khác)").format(len(others)) if others else ""
            self._text.setText(f"{first.label}: {first.finding.message}{more}")
        self.setVisible(bool(self._open))

    def accept(self, reason: str) -> None:
        """Accept the finding that is shown."""
        record, first = self._record(), self._open[0].finding
        if record is None:
            return
        self._tasks.ask(
            self,
            lambda desk: accept_finding(
                desk, ESTABLISHMENTS.name, record, first.field, first.code, reason
            ),
            lambda _: self.accepted.emit(),
            failed=self._failed,
            touches=_TOUCHES,
        )

    def _failed(self, error: KcdeskError) -> None:
        self.failed.emit(error)

    def _ask(self) -> None:
        if not self._open:
            return
        first = self._open[0]
        dialog = QInputDialog(self)
        dialog.setWindowTitle(self.tr("Vì sao vẫn đúng?"))
        dialog.setLabelText(
            self.tr("{0}\nLý do được ghi vào hồ sơ; lần sau không hỏi lại:").format(
                first.finding.message
            )
        )
        dialog.setOkButtonText(self.tr("Chấp nhận"))
        dialog.setCancelButtonText(self.tr("Thôi"))
        dialog.textValueSelected.connect(self.accept)
        dialog.open()

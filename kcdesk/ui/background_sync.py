"""Exchanging with the province by itself while the window is open: when, and what is said of it.

Trouble with the line is said quietly below the window; what needs the person is told once. Leaves to others: deciding
when it is due (`actions.sync_schedule`), doing it (`sync_runner`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from kcdesk.actions.metered import TooMuch
from kcdesk.actions.sync_schedule import Schedule
from kcdesk.actions.syncing import Status, went_on_text
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import Cancelled, KcdeskError, Unreachable
from kcdesk.ui.sync_runner import Outcome, SyncRunner
from kcdesk.ui.tasks import Tasks

if TYPE_CHECKING:
    from kcdesk.sync.engine import SyncReport

LOOK_EVERY_MS = 15_000


class BackgroundSync(QObject):
    """Looks four times a minute whether it is time, there is a province to call, and nobody has locked the window."""

    needs_person = Signal(object)
    """An error (KcdeskError) that will not go away by itself; told once until an exchange succeeds."""
    remark = Signal(str)
    """A sentence about an exchange that went well and still needs the person."""
    brought = Signal()
    """Something came or went by itself: what screens show may be different."""
    line = Signal(str, str)
    """What is said of the line below the window, in short and in full; nothing when all is well."""

    def __init__(
        self,
        tasks: Tasks,
        runner: SyncRunner,
        clock: Clock,
        randomness: Randomness,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._runner = runner
        self._schedule = Schedule(clock, randomness)
        self._status: Status | None = None
        self._told_of_error = ""
        self._remarked: set[str] = set()
        runner.ended.connect(self._ended)
        timer = QTimer(self, interval=LOOK_EVERY_MS)
        timer.timeout.connect(self.look)
        timer.start()

    def know(self, status: Status) -> None:
        """How the workspace stands now: whether there is a province to call, and something new to send."""
        before, self._status = self._status, status
        if before is not None and status.changes > before.changes:
            self._schedule.changed()

    def look(self) -> None:
        """Exchange when it is time."""
        if not self._may_run or self._runner.running is not None or not self._schedule.is_due:
            return
        self._runner.run(asked=False)

    @property
    def _may_run(self) -> bool:
        status = self._status
        if status is None or self._tasks.locked:
            return False
        return status.background and bool(status.server)

    def _ended(self, outcome: Outcome) -> None:
        error = outcome.error
        if error is None:
            self._schedule.done()
            self._told_of_error = ""
            self.line.emit("", "")
        elif isinstance(error, Cancelled):
            self._schedule.done()  # somebody wanted it to stop: not at once again
            self.line.emit("", "")
        else:
            self._schedule.failed()
            self._say(error, asked=outcome.asked)
        if outcome.asked:
            return  # who asked is told by the page of sync
        if outcome.brought_something:
            self.brought.emit()
        if outcome.report is not None:
            new = [said for said in self._remarks(outcome.report) if said not in self._remarked]
            self._remarked.update(new)
            if new:
                self.remark.emit(" ".join(new))

    def _say(self, error: KcdeskError, *, asked: bool) -> None:
        quiet = isinstance(error, Unreachable) and error.code != "bad_url"
        if isinstance(error, TooMuch):  # whoever sits there decides, when they want to sync
            waits = self.tr("Mạng tính tiền: chờ bạn đồng ý gửi (F9)")
            self.line.emit(waits, error.message)
            return
        said = self.tr("Chưa gọi được máy chủ của tỉnh, sẽ tự thử lại")
        self.line.emit(*((said, f"{error.message} {error.hint}") if quiet else ("", "")))
        if quiet or self._told_of_error == error.code:
            return
        self._told_of_error = error.code
        if not asked:
            self.needs_person.emit(error)

    def _remarks(self, report: SyncReport) -> list[str]:
        said = [went_on_text(went_on) for went_on in report.went_on]
        if report.refused:
            self._remarked.discard(refused := self._of_refused(len(report.refused)))
            said.append(refused)
        if report.bad_edition:
            said.append(report.bad_edition)
        return said

    def _of_refused(self, count: int) -> str:
        return self.tr("Tỉnh từ chối {0} mục: xem lý do và cách xử lý ở Đồng bộ (F9).").format(
            count
        )

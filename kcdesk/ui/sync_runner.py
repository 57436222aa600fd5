"""The one exchange with the province that may be under way, whoever asked for it: a person, or the window by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kcdesk.actions import contents
from kcdesk.actions.desk import Desk
from kcdesk.actions.metered import line_is_metered
from kcdesk.errors import KcdeskError
from kcdesk.ui.metered import is_metered
from kcdesk.ui.tasks import EVERYTHING, NOTHING, Running, Tasks

if TYPE_CHECKING:
    from kcdesk.sync.contents import ContentsReport
    from kcdesk.sync.engine import SyncReport


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an exchange came to: reports, or why there are none.

    asked: a person asked for it, or came to ask while it ran
    photos: None where none were to be sent
    """

    asked: bool
    report: SyncReport | None = None
    photos: ContentsReport | None = None
    error: KcdeskError | None = None

    @property
    def brought_something(self) -> bool:
        """Whether what screens show may be different now."""
        report = self.report
        if report is None:
            return True  # what had come through until then stays
        moved = report.changes_sent or report.received or report.refused or report.went_on
        return bool(moved or (self.photos is not None and self.photos.sent))


class SyncRunner(QObject):
    """Runs exchanges on the network's thread, one at a time."""

    began = Signal()
    progressed = Signal(str, int, int)
    ended = Signal(object)
    """The outcome (Outcome)."""

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.running: Running | None = None
        self._asked = False

    def run(self, *, asked: bool, agreed: bool = False, photos: bool | None = None) -> bool:
        """Begin one, unless one is under way; that counts as asked for then. False: the window is locked.

        agreed, photos: as for `contents.exchange`
        """
        if self._tasks.locked:
            return False
        self._asked = asked or (self.running is not None and self._asked)
        if self.running is not None:
            return True
        told = is_metered()

        def work(desk: Desk, running: Running) -> tuple[SyncReport, ContentsReport | None]:
            return contents.exchange(
                desk,
                photos=photos,
                metered=line_is_metered(desk, told),
                agreed=agreed,
                progress=running.progress,
                cancel=running.cancelled,
            )

        self.running = self._tasks.network(
            self, work, self._done, failed=self._failed, touches=NOTHING
        )
        self.running.progressed.connect(self.progressed)
        self.began.emit()
        return True

    def cancel(self) -> None:
        """Ask the one under way to stop; what has come through stays."""
        if self.running is not None:
            self.running.cancel()

    def _done(self, reports: tuple[SyncReport, ContentsReport | None]) -> None:
        self._end(Outcome(self._asked, *reports))

    def _failed(self, error: KcdeskError) -> None:
        self._end(Outcome(self._asked, error=error))

    def _end(self, outcome: Outcome) -> None:
        self.running = None
        self._asked = False
        self.ended.emit(outcome)
        if outcome.asked:
            self._tasks.changed.emit(EVERYTHING)

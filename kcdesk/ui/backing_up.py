"""The backup that is made by itself while the window runs, when the newest one is an hour old."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from kcdesk.actions.backups import DUE_AFTER_MS, BackupStatus, back_up_if_due, backup_status
from kcdesk.actions.desk import Desk
from kcdesk.domain.clock import Clock
from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.ui.tasks import Running, Tasks

LOOK_EVERY_MS = 60_000


class BackupWatch(QObject):
    """Looks every minute, the first time a minute after the window opened: a laptop that starts has enough to do.

    It works on the network's thread, with a desk of its own, so that nobody waits for it.
    """

    known = Signal(object)
    """How safe the workspace is (BackupStatus); told at the beginning and after each backup."""
    failed = Signal(object)
    """A backup that could not be made (KcdeskError); told once until one succeeds."""

    def __init__(self, tasks: Tasks, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._clock = clock
        self._status: BackupStatus | None = None
        self._running: Running | None = None
        self._told_of_failure = False
        self._last_done_at: int | None = None
        timer = QTimer(self, interval=LOOK_EVERY_MS)
        timer.timeout.connect(self.look)
        timer.start()

    def learn(self) -> None:
        """Ask how old the newest backup is."""
        self._tasks.ask(self, backup_status, self._know)

    def look(self) -> None:
        """Back up when it is time, unless that is under way or the window is locked."""
        if self._running is not None or self._tasks.locked or not self._due:
            return

        def work(desk: Desk, running: Running) -> BackupStatus:
            back_up_if_due(desk, cancel=running.cancelled)
            return backup_status(desk)

        self._running = self._tasks.network(self, work, self._done, failed=self._not_done)

    @property
    def _due(self) -> bool:
        if self._status is None:
            return False
        # While nothing is new no backup is written, and the newest one grows old: then the last look counts.
        last = self._status.newest_at if self._last_done_at is None else self._last_done_at
        return last is None or not 0 <= self._clock() - last < DUE_AFTER_MS

    def _done(self, status: BackupStatus) -> None:
        self._running = None
        self._told_of_failure = False
        self._last_done_at = self._clock()
        self._know(status)

    def _not_done(self, error: KcdeskError) -> None:
        self._running = None
        if not isinstance(error, Cancelled) and not self._told_of_failure:
            self._told_of_failure = True
            self.failed.emit(error)

    def _know(self, status: BackupStatus) -> None:
        self._status = status
        self.known.emit(status)

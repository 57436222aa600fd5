"""Opening the window of a workspace: who is there, first start, passphrase, window; locking it; until it is closed."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from shiboken6 import isValid

from kcdesk import __version__
from kcdesk.actions.keys import idle_minutes, recovery_page
from kcdesk.actions.people import Person
from kcdesk.domain.clock import Clock, local_date
from kcdesk.errors import (
    ChangesMissing,
    KcdeskError,
    KeyDestroyed,
    WorkspaceBusy,
    WorkspaceError,
    WrongKey,
)
from kcdesk.resources import resource_path
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.keys import FORGOT
from kcdesk.ui.idle import IdleWatch
from kcdesk.ui.language import speak_vietnamese
from kcdesk.ui.screens.asking import Asking, Door
from kcdesk.ui.screens.backup_list import RestoreWish
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.first_start import FirstStart, RecoveryCode
from kcdesk.ui.screens.rebuilding import Rescue, Restoring
from kcdesk.ui.screens.unlock import Protect, Recover, Unlock, WhoIsThere
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.theme import apply_theme
from kcdesk.ui.trouble import refusal
from kcdesk.ui.window import MainWindow

log = logging.getLogger(__name__)

Opened = Callable[[MainWindow], None]

SHUT_LOOK_MS = 50


def application() -> QApplication:
    """The application with our language and looks; the one that exists, when there is one."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("kcdesk")
    app.setApplicationVersion(__version__)
    app.setWindowIcon(QIcon(str(resource_path("icons", "kcdesk.svg"))))
    speak_vietnamese(app)
    apply_theme(app)
    keep_out_of_collections()
    return app


def keep_out_of_collections() -> None:
    """What is loaded now stays until the end: walking through it again and again stops the window for up to 0.1 s."""
    gc.collect()
    gc.freeze()


def run(door: Door, *, clock: Clock, server: str = "", opened: Opened | None = None) -> int:
    """Show the window until it is closed; the exit status. Raises `KcdeskError` without a display.

    `opened` is called with the window once its workspace is open and the list asked for.
    """
    if not _has_display():
        raise KcdeskError(
            "Không có màn hình nào để mở cửa sổ.",
            hint="Chạy trong phiên có giao diện, hoặc dùng các lệnh của kcdesk (kcdesk --help).",
            code="no_display",
        )
    app = application()
    start = Start(door, clock=clock, server=server, opened=opened)
    sys.excepthook = start.unexpected
    QTimer.singleShot(0, start.begin)
    app.setQuitOnLastWindowClosed(False)
    status = app.exec()
    start.close()
    return status


@dataclass(eq=False)
class _Seat:
    """One person at the computer: the way to the workspace, its threads, and its window once it is open."""

    door: Door
    tasks: Tasks
    window: MainWindow | None = None
    idle_ms: int = 0
    dialogs: list[QDialog] = field(default_factory=list)
    """Dialogs of the window that were open when it was locked."""


class Start(QObject):
    """The way from nothing to an open window, and from one person to the next."""

    def __init__(self, door: Door, *, clock: Clock, server: str, opened: Opened | None) -> None:
        super().__init__()
        self._clock = clock
        self._server = server
        self._opened = opened
        self._asleep: dict[Path | None, _Seat] = {}
        self._watch: IdleWatch | None = None
        self._dialog: Asking | None = None
        self._sit(door)

    @property
    def window(self) -> MainWindow | None:
        return self.seat.window

    @property
    def tasks(self) -> Tasks:
        return self.seat.tasks

    @property
    def door(self) -> Door:
        return self.seat.door

    def begin(self) -> None:
        if len(self.door.people()) > 1:
            self._ask_who()
        else:
            self._enter()

    def close(self) -> None:
        """Wait for all threads, at the end of the program."""
        for seat in (self.seat, *self._asleep.values()):
            seat.tasks.close()

    # Who is there

    def _sit(self, door: Door) -> None:
        self.seat = _Seat(door, Tasks(door.open, self))
        self.seat.tasks.key_destroyed.connect(self._end)

    def _ask_who(self) -> None:
        who = WhoIsThere(self.tasks, self.door)
        who.chosen.connect(self._change_person)
        who.rejected.connect(self._quit)
        self._show(who)

    def _change_person(self, person: Person | None) -> None:
        """Somebody else sits down; None: somebody who is new here."""
        folder = person.folder if person is not None else None
        if folder is not None and folder == self.door.folder:
            self._enter()
            return
        if person is None and (first := self.door.unprotected()) is not None:
            self._protect(first)
            return
        self._leave()
        if folder in self._asleep:
            self.seat = self._asleep.pop(folder)
        else:
            self._sit(self.door.of(person))
        self._enter()

    def _protect(self, first: Person) -> None:
        dialog = Protect(self.tasks, self.door, first)
        dialog.accepted.connect(lambda: self._change_person(None))
        dialog.rejected.connect(self.begin)
        self._show(dialog)

    def _leave(self) -> None:
        """Put the seat aside when something typed there is not saved yet; otherwise its window goes."""
        seat = self.seat
        if seat.window is not None and seat.window.unsaved:
            seat.door.lock()
            seat.tasks.lock()
            self._asleep[seat.door.folder] = seat
            return
        if seat.window is not None:
            seat.window.deleteLater()
        seat.tasks.close(wait=False)

    # What opens the workspace

    def _enter(self) -> None:
        match self.door.state:
            case "new":
                dialog = FirstStart(self.tasks, self.door)
                dialog.accepted.connect(lambda: self._offer_code(dialog.person.text(), dialog.code))
                dialog.rejected.connect(self._quit)
                self._show(dialog)
            case "locked":
                self._ask_passphrase()
            case "open":
                self._open()

    def _offer_code(self, person: str, code: str) -> None:
        """Show the recovery code of a new workspace before it is opened."""

        def drawn(page: bytes) -> None:
            dialog = RecoveryCode(self.tasks, self.door, code, page)
            dialog.finished.connect(lambda _: self._open())
            self._show(dialog)

        on = local_date(self._clock())
        self.tasks.outside(self, lambda: recovery_page(person.strip(), code, on), drawn)

    def _ask_passphrase(self) -> None:
        dialog = Unlock(self.tasks, self.door)
        dialog.accepted.connect(self._open)
        dialog.rejected.connect(self._quit)
        dialog.recovery_wanted.connect(self._ask_code)
        dialog.other_wanted.connect(self._ask_who)
        self._show(dialog)

    def _ask_code(self) -> None:
        dialog = Recover(self.tasks, self.door)
        dialog.accepted.connect(self._open)
        dialog.rejected.connect(self._quit)
        self._show(dialog)

    def _open(self) -> None:
        self.tasks.unlock()
        if self.window is not None:
            for part in (self.window, *self.seat.dialogs):
                if isValid(part):
                    part.show()
            self.window.refresh_standing()
            self._watch_idle()
            QApplication.setQuitOnLastWindowClosed(True)
            return

        def ready(minutes: int) -> None:
            window = self.seat.window = MainWindow(
                Context(self.tasks, self._clock), server=self._server
            )
            window.lock_wanted.connect(self.lock)
            window.other_person_wanted.connect(self.other_person)
            window.restore_wanted.connect(self.restore)
            window.rescue_wanted.connect(self.rescue)
            window.offer_people(shared=self._lists_people, locks=self.door.has_passphrase)
            window.refresh_standing()
            self.seat.idle_ms = minutes * 60_000
            self._watch_idle()
            QApplication.setQuitOnLastWindowClosed(True)
            keep_out_of_collections()
            window.show()
            if self._opened is not None:
                self._opened(window)

        self.tasks.ask(self, idle_minutes, ready, failed=self._refused)

    def _refused(self, error: KcdeskError) -> None:
        if error.code == FORGOT:
            self._ask_code()
        elif isinstance(error, WorkspaceBusy):
            self._say(error, again=self._open)
        elif isinstance(error, ChangesMissing | WrongKey) or error.code == "damaged":
            self._offer_rescue(error)
        else:
            self._say(error)

    def _say(self, error: KcdeskError, *, again: Callable[[], None] | None = None) -> None:
        """Say why the window does not open, and leave, or try `again`."""

        def answered(number: int) -> None:
            if again is not None and number == QMessageBox.StandardButton.Retry.value:
                again()
            else:
                QApplication.exit(1)

        self._box = refusal(error, again=again is not None)
        self._box.finished.connect(answered)
        self._box.open()

    def _end(self, error: KeyDestroyed) -> None:
        """The province has revoked this device: the open window goes, and why is said."""
        if self.window is None or not self.window.isVisible():
            return
        self._hide_window()
        self.door.lock()
        self._when_nobody_is_inside(lambda: self._say(error))

    # Files made anew

    def restore(self, wish: RestoreWish) -> None:
        """Put a backup in the place of the workspace, and open that."""

        def begin() -> None:
            dialog = Restoring(self.tasks, self.door, wish)
            dialog.accepted.connect(
                lambda: self._open_anew() if dialog.restored is not None else self._open()
            )
            dialog.rejected.connect(self._quit)
            self._show(dialog)

        self._hide_window()
        self._when_nobody_is_inside(begin)

    def rescue(self) -> None:
        """Make the workspace of the open window whole again: it is damaged."""
        self._hide_window()
        self._offer_rescue(WorkspaceError("Tệp dữ liệu bị hỏng.", code="damaged"))

    def _offer_rescue(self, error: KcdeskError) -> None:
        def ready(kept: Sequence[Manifest]) -> None:
            dialog = Rescue(self.tasks, self.door, error, kept)
            dialog.accepted.connect(self._open_anew)
            dialog.rejected.connect(self._quit)
            self._show(dialog)

        self._when_nobody_is_inside(
            lambda: self.tasks.outside(self, self.door.backups, ready, failed=self._say)
        )

    def _open_anew(self) -> None:
        """The files are others now: what the window showed is past."""
        if self.window is not None:
            self.window.deleteLater()
            self.seat.window, self.seat.dialogs = None, []
        self._open()

    def _when_nobody_is_inside(self, then: Callable[[], object]) -> None:
        """Close the workspace in all threads, then go on; `_open` lets them in again."""
        waiting = QTimer(self, interval=SHUT_LOOK_MS)

        def look() -> None:
            if self.tasks.shut:
                waiting.stop()
                waiting.deleteLater()
                then()

        self.tasks.lock()
        waiting.timeout.connect(look)
        waiting.start()

    # Locking

    def lock(self) -> None:
        """Close the workspace, forget its keys, and ask for the passphrase. What was typed stays in the window."""
        if self.window is None or not self.window.isVisible() or not self.door.has_passphrase:
            return
        self._put_away()
        self._ask_passphrase()

    def other_person(self) -> None:
        """Lock, and ask who is there."""
        if self.door.has_passphrase:
            self._put_away()
        else:
            self._hide_window()
        self._ask_who()

    def _put_away(self) -> None:
        self._hide_window()
        self.door.lock()
        self.tasks.lock()

    def _hide_window(self) -> None:
        QApplication.setQuitOnLastWindowClosed(False)
        if self._watch is not None:
            self._watch.deleteLater()
            self._watch = None
        assert self.window is not None
        # Dialogs are windows of their own and would stay on screen with what they show.
        self.seat.dialogs = [one for one in self.window.findChildren(QDialog) if one.isVisible()]
        for part in (*self.seat.dialogs, self.window):
            part.hide()

    def _watch_idle(self) -> None:
        if self.door.has_passphrase:
            self._watch = IdleWatch(self._clock, self.seat.idle_ms, self)
            self._watch.left.connect(self.lock)
            app = QApplication.instance()
            assert app is not None
            app.installEventFilter(self._watch)

    @property
    def _lists_people(self) -> bool:
        """Whether people are chosen from: the folder was not named."""
        return bool(self.door.people())

    def _show(self, dialog: Asking) -> None:
        self._dialog = dialog
        dialog.open()

    def _quit(self) -> None:
        """Leave the program, unless something typed is still waiting in a locked window."""
        waiting = [self.seat, *self._asleep.values()]
        unsaved = [seat.window for seat in waiting if seat.window and seat.window.unsaved]
        if not unsaved or self._dialog is None:
            QApplication.exit(0)
            return
        self._dialog.open()
        self._dialog.say(
            self.tr("{0} còn nội dung chưa lưu: mở khoá và lưu trước khi thoát.").format(
                unsaved[0].person.text()
            )
        )

    def unexpected(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """A bug of ours in the window's thread: keep its trace, tell the person, go on."""
        log.error("unexpected", exc_info=(kind, error, trace))
        if self.window is not None:
            self.window.show_trouble(error)
        else:
            sys.__excepthook__(kind, error, trace)


def _has_display() -> bool:
    """Whether a window can be shown at all."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))

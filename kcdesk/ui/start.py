"""Opening the window of a workspace: first start, passphrase, window, until it is closed."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from kcdesk import __version__
from kcdesk.actions.desk import Desk
from kcdesk.domain.clock import Clock
from kcdesk.errors import KcdeskError
from kcdesk.resources import resource_path
from kcdesk.ui.language import speak_vietnamese
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.first_start import Door, FirstStart, Unlock
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.theme import apply_theme
from kcdesk.ui.window import MainWindow

log = logging.getLogger(__name__)

Opened = Callable[[MainWindow], None]


def application() -> QApplication:
    """The application with our language and looks; the one that exists, when there is one."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("kcdesk")
    app.setApplicationVersion(__version__)
    app.setWindowIcon(QIcon(str(resource_path("icons", "kcdesk.svg"))))
    speak_vietnamese(app)
    apply_theme(app)
    return app


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
    start.tasks.close()
    return status


class Start(QObject):
    """The way from nothing to an open window."""

    def __init__(self, door: Door, *, clock: Clock, server: str, opened: Opened | None) -> None:
        super().__init__()
        self.door = door
        self.tasks = Tasks(door.open, self)
        self.window: MainWindow | None = None
        self._context = Context(self.tasks, clock)
        self._server = server
        self._opened = opened

    def begin(self) -> None:
        match self.door.state:
            case "new":
                self._ask(FirstStart(self.tasks, self.door))
            case "locked":
                self._ask(Unlock(self.tasks, self.door))
            case "open":
                self._open()

    def _ask(self, dialog: FirstStart | Unlock) -> None:
        dialog.setParent(None)
        self._dialog = dialog
        dialog.accepted.connect(self._open)
        dialog.rejected.connect(lambda: QApplication.exit(0))
        dialog.open()

    def _open(self) -> None:
        def ready(_: None) -> None:
            self.window = window = MainWindow(self._context, server=self._server)
            window.refresh_standing()
            QApplication.setQuitOnLastWindowClosed(True)
            window.show()
            if self._opened is not None:
                self._opened(window)

        def refused(error: KcdeskError) -> None:
            box = QMessageBox(QMessageBox.Icon.Critical, "kcdesk", error.message)
            box.setInformativeText(error.hint)
            box.finished.connect(lambda _: QApplication.exit(1))
            self._box = box
            box.open()

        def touch(_: Desk) -> None:
            """Opening the desk is all there is to do."""

        self.tasks.ask(self, touch, ready, failed=refused)

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

"""What people do with their hands: type, look."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow

Settle = Callable[[Tasks], None]
"""Waits until a task runner is idle."""
Ask = Callable[[Callable[[Desk], object]], object]
"""Runs something with the window's desk and gives its result."""


def write(editor: QWidget, text: str) -> None:
    """Type through an input method, as people type Vietnamese; QTest knows Latin letters only."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(editor, event)


def first(window: MainWindow) -> str:
    """The id of the establishment in the first row of the list."""
    return str(window.list.model.rows[0].row["id"])

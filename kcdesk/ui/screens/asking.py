"""The dialogs before the window have this in common: a door to a workspace, and saying what went wrong with it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, Protocol, Self

from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QLineEdit, QProgressBar, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.people import Person
from kcdesk.domain.findings import Finding
from kcdesk.errors import KcdeskError
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.backups.repository import Progress
from kcdesk.storage.safety.recovery import Recovered
from kcdesk.storage.safety.replacing import Restored
from kcdesk.ui import theme
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.widgets.parts import label

SHORTEST_PASSPHRASE = 8


class Door(Protocol):
    """The way to a workspace, which may not exist yet or be locked. Whatever raises is called from worker threads."""

    @property
    def folder(self) -> Path | None: ...

    @property
    def state(self) -> Literal["new", "locked", "open"]: ...

    @property
    def has_passphrase(self) -> bool: ...

    @property
    def findings(self) -> Sequence[Finding]:
        """What speaks against the folder in which the workspace would be made."""
        ...

    def people(self) -> Sequence[Person]:
        """Who can be chosen from; nobody where the folder was named."""
        ...

    def of(self, person: Person | None) -> Self:
        """The way to the workspace of somebody else; None: of somebody who has none yet."""
        ...

    def unprotected(self) -> Person | None:
        """Somebody whose workspace opens without a passphrase."""
        ...

    def protect(self, person: Person, passphrase: str) -> None:
        """Give that workspace a passphrase. Raises `KcdeskError`."""

    def create(self, person: str, areas: Sequence[str], passphrase: str) -> str:
        """Make the workspace; its recovery code. With an empty passphrase its key goes into the keyring.

        Raises `KcdeskError`.
        """
        ...

    def unlock(self, passphrase: str) -> None:
        """Raises `WrongKey`."""

    def recover(self, code: str, passphrase: str) -> None:
        """Open by the recovery code, and by `passphrase` from now on where there is one. Raises `WrongKey`."""

    def lock(self) -> None:
        """Forget what was typed."""

    def backups(self) -> Sequence[Manifest]:
        """The backups kept beside the workspace, which may be damaged; oldest first. Raises `KcdeskError`."""
        ...

    def restore(
        self, source: Path | None, moment: int, progress: Progress, cancel: threading.Event
    ) -> Restored:
        """Put the backup of that moment in the place of the workspace, which nobody has open. Raises `KcdeskError`.

        source: where it lies; None: beside the workspace
        """
        ...

    def rescue(self, others: Path | None, progress: Progress, cancel: threading.Event) -> Recovered:
        """Make the damaged workspace whole again; `others`: a place with more backups. Raises `KcdeskError`."""
        ...

    def open(self) -> AbstractContextManager[Desk]: ...


class Asking(QDialog):
    """A dialog that works away from the window's thread and says below what went wrong."""

    def __init__(self, tasks: Tasks, door: Door) -> None:
        super().__init__()
        self.tasks = tasks
        self.door = door
        self.trouble = label(wrap=True)
        self.trouble.setProperty("note", "error")
        self.trouble.hide()
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setAccessibleName(self.tr("Đang làm"))
        self.progress.hide()
        self.setMinimumWidth(600)

    def say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def set_busy(self, busy: bool) -> None:
        self.progress.setVisible(busy)
        for part in self.findChildren(QWidget):
            if part.property("main") or isinstance(part, QLineEdit):
                part.setEnabled(not busy)

    def failed(self, error: KcdeskError) -> None:
        self.set_busy(False)
        self.say(f"{error.message} {error.hint}".strip())


class NewPassphrase(QWidget):
    """Two lines for a passphrase that is new: typed, and typed again."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.again = QLineEdit(), QLineEdit()
        for line in (self.first, self.again):
            line.setEchoMode(QLineEdit.EchoMode.Password)
        self.rows = QFormLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setVerticalSpacing(theme.GAP)
        self.rows.setHorizontalSpacing(theme.SPACE)
        self.rows.addRow(caption(self.tr("Mật khẩu")), self.first)
        self.rows.addRow(caption(self.tr("Gõ lại mật khẩu")), self.again)

    @property
    def text(self) -> str:
        return self.first.text()

    def problem(self) -> str:
        """What is wrong with what was typed; nothing when it is good."""
        if len(self.first.text()) < SHORTEST_PASSPHRASE:
            return self.tr("Mật khẩu cần ít nhất {0} ký tự.").format(SHORTEST_PASSPHRASE)
        if self.first.text() != self.again.text():
            return self.tr("Hai lần gõ mật khẩu không giống nhau.")
        return ""


def caption(text: str) -> QLabel:
    made = label(text)
    made.setMinimumWidth(170)
    return made

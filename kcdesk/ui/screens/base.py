"""What every screen is, and what the window gives it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from kcdesk.domain.clock import Clock, Randomness, local_date, local_time, system_randomness
from kcdesk.domain.kinds import KINDS
from kcdesk.ui.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Context:
    """What a screen works with: the task runner, the clock and chance."""

    tasks: Tasks
    clock: Clock
    randomness: Randomness = system_randomness

    @property
    def today(self) -> datetime.date:
        return local_date(self.clock())


class Screen(QWidget):
    """A page of the window. It asks for its data when entered, and again when kinds it shows were touched."""

    told = Signal(str, str, str)
    """Tone, message and hint for the banner."""
    retitled = Signal()
    finished = Signal()
    """This screen has done its work; the window goes back."""

    shows: frozenset[str] = frozenset()
    """Kinds of record that this screen shows."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.tasks = context.tasks
        self._title = ""

    @property
    def title(self) -> str:
        return self._title

    def entitle(self, title: str) -> None:
        self._title = title
        self.retitled.emit()

    def entered(self) -> None:
        """The screen comes up: read what it shows."""

    def take_focus(self) -> None:
        """The screen comes up: put the cursor where work begins."""
        self.setFocus()

    def touched(self, kinds: frozenset[str]) -> None:
        """Some records changed: read again when they are ours."""
        if kinds & self.shows:
            self.entered()

    def news(self) -> None:
        """Something came from the province by itself. Nothing moves under the hands of whoever works here, so a screen
        reads it when it is entered again, unless it can do better."""

    @property
    def unsaved(self) -> bool:
        """Whether leaving now would lose something typed."""
        return False

    def save(self, then: Callable[[], None]) -> None:
        """Keep what was typed, then go on; does not go on when it cannot be kept."""
        then()

    def keep(self, then: Callable[[], None]) -> None:
        """Go on once what is being typed is on disk as a draft."""
        then()

    def discard(self, go: Callable[[], None]) -> None:
        """Forget what was typed, then go on."""
        go()

    def leave(self, go: Callable[[], None]) -> None:
        """Go on, after asking about what was typed and not saved."""
        if not self.unsaved:
            go()
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Chưa lưu"))
        box.setText(self.tr("Những gì vừa ghi trên màn hình này chưa được lưu."))
        box.setInformativeText(self.tr("Lưu rồi đi tiếp?"))
        kinds = QMessageBox.StandardButton
        box.setStandardButtons(kinds.Save | kinds.Discard | kinds.Cancel)
        box.setDefaultButton(kinds.Save)

        def answered(number: int) -> None:
            if number == kinds.Save.value:
                self.save(go)
            elif number == kinds.Discard.value:
                self.discard(go)

        box.finished.connect(answered)
        box.open()


def kind_label(kind: str) -> str:
    """The Vietnamese name of a kind of record; a kind of a newer version keeps its word."""
    return KINDS[kind].label if kind in KINDS else kind


def moment(at: int) -> str:
    """A device's time as people read it: `02/03/2026 08:30`."""
    return local_time(at).strftime("%d/%m/%Y %H:%M")

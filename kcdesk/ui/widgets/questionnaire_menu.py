"""A button with the questionnaires that can be filled in; their titles are read when it is first opened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current
from kcdesk.actions.questionnaires import QuestionnaireInfo
from kcdesk.ui.screens.base import Screen


class QuestionnaireMenu(QPushButton):
    """Event: a questionnaire was chosen (its id)."""

    chosen = Signal(str)

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen.tr("Phiếu khác"))
        self.setAutoDefault(False)
        self._screen = screen
        self.offered = QMenu(self)
        self.clicked.connect(lambda _: self.open())

    def open(self) -> None:
        """Read the titles, then show the menu."""

        def read(desk: Desk) -> Sequence[QuestionnaireInfo]:
            return current(desk).questionnaires()

        self._screen.tasks.ask(self, read, self._show)

    def _show(self, found: Sequence[QuestionnaireInfo]) -> None:
        self.offered.clear()
        for one in found:
            action = self.offered.addAction(one.name)
            action.triggered.connect(partial(self._choose, one.id))
        self.offered.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _choose(self, questionnaire: str, _checked: bool = False) -> None:
        self.chosen.emit(questionnaire)

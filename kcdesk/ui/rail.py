"""The rail at the left of the window: the places one can go to, each with its key and how much waits there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from kcdesk.domain.money import format_vnd
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Screen
from kcdesk.ui.widgets.parts import column, heading, shortcut


class RailPlace(NamedTuple):
    """A screen to go to, its name, and the key that leads there."""

    screen: Screen
    text: str
    key: str


class Rail(QFrame):
    """Event: a place was chosen (its screen). `below`: what stands at the foot."""

    chosen = Signal(object)

    def __init__(self, places: Sequence[RailPlace], *below: QWidget) -> None:
        super().__init__()
        self._buttons: dict[Screen, tuple[RailPlace, QPushButton]] = {}
        self.setObjectName("rail")
        self.setFixedWidth(theme.RAIL_WIDTH)
        layout = column(heading("kcdesk", theme.TITLE_PT), gap=theme.TIGHT, margin=theme.SPACE)
        layout.addSpacing(theme.GAP)
        for place in places:
            made = QPushButton()
            made.setCheckable(True)
            made.setAutoExclusive(True)
            made.setToolTip(f"{place.text} ({place.key})")
            made.setAccessibleName(place.text)
            choose = partial(self.chosen.emit, place.screen)
            made.clicked.connect(lambda _, choose=choose: choose())
            shortcut(made, place.key, choose)
            self._buttons[place.screen] = (place, made)
            layout.addWidget(made)
        layout.addStretch(1)
        for part in below:
            layout.addWidget(part)
        self.setLayout(layout)
        self.show_waiting({})

    @property
    def screens(self) -> Sequence[Screen]:
        """The places, from above."""
        return list(self._buttons)

    def button_of(self, screen: Screen) -> QPushButton:
        """The button that leads to a place."""
        return self._buttons[screen][1]

    def mark(self, screen: Screen) -> None:
        """Show where one is; nowhere here, for a screen that is no place of the rail."""
        for of, (_, made) in self._buttons.items():
            made.setAutoExclusive(False)  # or the last one could not be unchecked
            made.setChecked(of is screen)
            made.setAutoExclusive(True)

    def show_waiting(self, counts: Mapping[Screen, int]) -> None:
        """Show how much waits at the places that have something waiting."""
        for screen, (place, made) in self._buttons.items():
            count = counts.get(screen, 0)
            waiting = f" ({format_vnd(count)})" if count else ""
            made.setText(f"{place.key}  {place.text}{waiting}")

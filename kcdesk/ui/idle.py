"""Noticing that nobody is there any more: no key, no click, no wheel for a while."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from kcdesk.domain.clock import Clock

LOOK_EVERY_MS = 15_000

_SIGNS_OF_LIFE = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.InputMethod,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    )
)


class IdleWatch(QObject):
    """Installed on the application, it tells when nobody has touched it for `after_ms` of the clock."""

    left = Signal()
    """Nobody has been there for that long; told once until somebody comes back."""

    def __init__(self, clock: Clock, after_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.after_ms = after_ms
        self._clock = clock
        self._seen_at = clock()
        self._told = False
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _SIGNS_OF_LIFE:
            self._seen_at = self._clock()
            self._told = False
        return False

    def look(self) -> None:
        """Tell `left` when it is time; the timer does so every quarter of a minute."""
        if not self._told and self._clock() - self._seen_at >= self.after_ms:
            self._told = True
            self.left.emit()

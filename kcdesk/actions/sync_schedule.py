"""When the window exchanges with the province by itself: after changes, from time to time, less often while it fails.

A plain clock of decisions: time and chance are arguments, nothing waits here. Chance keeps a province's laptops, which
are opened at eight o'clock, from calling all at once. Leaves to others: doing it (`ui.sync_runner`), and when it must
not be done at all (`ui.background_sync`).
"""

from __future__ import annotations

from kcdesk.domain.clock import Clock, Randomness

MINUTE_MS = 60_000
AFTER_OPENING_MS = MINUTE_MS
AFTER_CHANGES_MS = MINUTE_MS
"""So long nothing new has been written: who fills in a sheet is not finished."""
FROM_TIME_TO_TIME_MS = 15 * MINUTE_MS
FIRST_WAIT_MS = MINUTE_MS
LONGEST_WAIT_MS = 60 * MINUTE_MS


class Schedule:
    """When the next exchange is due. It begins when the window opens."""

    def __init__(self, clock: Clock, randomness: Randomness) -> None:
        self._clock = clock
        self._randomness = randomness
        self._failures = 0
        self._not_before = 0
        self.due_at = clock() + self._about(AFTER_OPENING_MS)

    @property
    def is_due(self) -> bool:
        """Whether it is time. A clock that was put back does not stop it for ever."""
        now = self._clock()
        return now >= self.due_at or self.due_at - now > 2 * LONGEST_WAIT_MS

    def changed(self) -> None:
        """Something was written: soon, but not while it is still being written, and not sooner than after a failure."""
        soon = self._clock() + self._about(AFTER_CHANGES_MS)
        self.due_at = max(soon, self._not_before) if self._failures else soon

    def done(self) -> None:
        """An exchange came to its end, whoever asked for it."""
        self._failures = 0
        self.due_at = self._clock() + self._about(FROM_TIME_TO_TIME_MS)

    def failed(self) -> None:
        """It did not: each time the wait is twice as long, up to an hour."""
        wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(self._failures, 16))
        self._failures += 1
        self._not_before = self.due_at = self._clock() + self._about(wait)

    def _about(self, wait_ms: int) -> int:
        """Between three quarters and all of it."""
        return wait_ms - wait_ms * self._randomness(1)[0] // 1020

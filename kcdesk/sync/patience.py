"""How often something is tried again on a bad line, and how long one waits in between.

Owns counting failures without progress, the growing wait with chance in it, and stopping when somebody cancels.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kcdesk.domain.clock import Randomness
from kcdesk.errors import Cancelled, KcdeskError, Unreachable

TRIES = 8
"""Calls in a row that may fail without one more byte arriving on either side."""
LONGEST_WAIT_S = 30.0

LONGEST_ASKED_S = 120.0
"""So long the province may ask to be left alone within a pass; when it asks for more, the pass ends with its words."""

Wait = Callable[[float], None]
"""Wait so many seconds; returns early when the pass is cancelled."""


class Patience:
    """The patience of one pass. `wait` replaces really waiting."""

    def __init__(
        self, randomness: Randomness, cancel: threading.Event | None, wait: Wait | None
    ) -> None:
        self._randomness = randomness
        self._cancel = cancel or threading.Event()
        self._wait = wait or self._really_wait
        self._failures = 0

    def moved(self) -> None:
        """Something has arrived: count from the start again."""
        self._failures = 0

    def failed(self, error: KcdeskError) -> None:
        """Let one more try be made, after a while that grows, or as long as who answered asked for.

        Raises `error` when nothing has moved for TRIES tries, and `Cancelled`.
        """
        self._failures += 1
        asked = error.wait_s if isinstance(error, Unreachable) else 0.0
        if self._failures >= TRIES or asked > LONGEST_ASKED_S:
            raise error
        longest = min(LONGEST_WAIT_S, 2.0 ** (self._failures - 1))
        jitter = self._randomness(1)[0] / 255
        self._wait(max(asked, longest * (0.5 + jitter / 2)))
        self.stop_if_cancelled()

    def stop_if_cancelled(self) -> None:
        """Raises `Cancelled` once somebody has asked for that."""
        if self._cancel.is_set():
            raise Cancelled("Đã dừng đồng bộ.", hint="Lần đồng bộ sau sẽ tiếp tục từ chỗ đang dở.")

    def _really_wait(self, seconds: float) -> None:
        self._cancel.wait(seconds)

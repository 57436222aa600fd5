"""How often somebody may do something: counting by device and by address, in the memory of one server process.

Each process counts for itself, so n of them let n times as much through: the limits are there against noise and
mistakes, not for exact accounts. Owns the counting; leaves to others: what is counted (`app`).
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from kcdesk.errors import Rejected

REMEMBERED = 20_000
"""Devices or addresses that are counted at the same moment; the one not heard of for longest is forgotten first."""

Seconds = Callable[[], float]
"""Seconds that only go forward, from wherever."""


class TooOften(Rejected):
    """Come back in `wait_s` seconds."""

    code = "too_often"

    def __init__(self, wait_s: float) -> None:
        self.wait_s = int(wait_s) + 1
        super().__init__(
            "Máy chủ của tỉnh nhận quá nhiều yêu cầu từ máy này hoặc từ mạng này trong một lúc.",
            hint=f"Thử lại sau {self.wait_s} giây. Dữ liệu trên máy vẫn đầy đủ.",
        )


class Pace:
    """Lets `times` within `period_s` through for each name, and after that as many as the time allows; 0: any number.

    >>> pace = Pace(2, 10.0, lambda: 0.0)
    >>> pace.take("a"), pace.take("a"), pace.take("a"), pace.take("b")
    (0.0, 0.0, 5.0, 0.0)
    """

    def __init__(self, times: int, period_s: float, now: Seconds = time.monotonic) -> None:
        self._times = times
        self._period_s = period_s
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Seconds until one more may be; 0 when it may be now."""
        if not self._times:
            return 0.0
        return max(0.0, (1.0 - self._of(name)) * self._period_s / self._times)

    def take(self, name: str) -> float:
        """Count one more, if it may be; the seconds to wait, 0 when it was counted."""
        wait = self.wait(name)
        if self._times and not wait:
            self._left[name] = (self._of(name) - 1.0, self._now())
            self._left.move_to_end(name)
            if len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
        return wait

    def _of(self, name: str) -> float:
        left, at = self._left.get(name, (float(self._times), self._now()))
        return min(self._times, left + (self._now() - at) * self._times / self._period_s)


def network_of(address: str) -> str:
    """What is counted as one caller: an IPv4 address, or the IPv6 network of one subscriber.

    >>> network_of("192.0.2.7"), network_of("2001:db8::1:2:3"), network_of("unix")
    ('192.0.2.7', '2001:db8::/64', 'unix')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found), 64), strict=False))

"""A line with the rate and the delay of a real one: the proxy that cuts, with bytes that take their time.

Bytes stand in a queue behind each other at the rate of their direction, and arrive half a round trip later; a new
connection costs a round trip. It stands above TCP, so it knows no lost packets.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass

from kcdesk.demo.cutting_proxy import CuttingProxy, Direction

SEGMENT = 1_400
QUEUED = 32
"""Segments that stand in the queue or are on their way, as routers hold them; then the sender waits."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a line is like. Rates in bits a second; round_trip_s: there and back."""

    name: str
    up_bps: float
    down_bps: float
    round_trip_s: float

    def rate(self, direction: Direction) -> float:
        return self.up_bps if direction == "up" else self.down_bps


TELEPHONE = Shape("384 kbit/s up, 1 Mbit/s down, 150 ms", 384_000, 1_000_000, 0.150)
MOUNTAIN = Shape("64 kbit/s, 600 ms", 64_000, 64_000, 0.600)


class ShapedLine(CuttingProxy):
    """A proxy in front of the server at `url`, as slow as `shape` says. A context manager."""

    def __init__(self, url: str, shape: Shape) -> None:
        super().__init__(url)
        self._shape = shape

    async def _carry(self, device: socket.socket) -> None:
        await asyncio.sleep(
            self._shape.round_trip_s
        )  # the handshake, which this machine answers at once
        await super()._carry(device)

    async def _pass_on(
        self, direction: Direction, source: socket.socket, sink: socket.socket
    ) -> None:
        on_its_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUED)
        arriving = self._loop.create_task(self._take(direction, source, on_its_way))
        try:
            while True:
                ready, data = await on_its_way.get()
                await asyncio.sleep(max(0.0, ready - self._loop.time()))
                if not data or not await self._pass_piece(direction, data, sink):
                    return
        finally:
            arriving.cancel()

    async def _take(
        self,
        direction: Direction,
        source: socket.socket,
        on_its_way: asyncio.Queue[tuple[float, bytes]],
    ) -> None:
        """Read from one end; what has come may go out at the other when its time is there. Nothing: the end."""
        rate, delay = self._shape.rate(direction), self._shape.round_trip_s / 2
        free = self._loop.time()
        data = b"."
        while data:
            data = await self._loop.sock_recv(source, SEGMENT)
            free = max(free, self._loop.time()) + len(data) * 8 / rate
            await on_its_way.put((free + delay, data))

"""A line that can be cut: a TCP proxy on this machine that counts bytes and breaks off where it is told to.

The demonstration and the tests put it between a device and the provincial server. It knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Literal, Self
from urllib.parse import urlsplit

Direction = Literal["up", "down"]
"""`up`: from the device to the server; `down`: back."""

BUFFER = 16 << 10
"""Bytes that may stand in the proxy; small, so that what it has counted is nearly what has been sent."""


class CuttingProxy:
    """A context manager; while open, `url` leads to the server. Runs on a thread of its own.

    passed: direction -> bytes passed on since it was opened
    """

    def __init__(self, url: str) -> None:
        """`url` of the server, like `http://127.0.0.1:8000`."""
        self.lead_to(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._left: dict[Direction, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.passed: dict[Direction, int] = {"up": 0, "down": 0}
        self.cuts = 0

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def lead_to(self, url: str) -> None:
        """Where connections go from now on: a server may come back on another port."""
        server = urlsplit(url)
        self._target = (server.hostname or "127.0.0.1", server.port or 80)
        self._held: dict[Direction, tuple[int, threading.Event]] = {}

    def cut_after(self, direction: Direction, count: int) -> None:
        """Cut once: as soon as `count` bytes, headers included, have passed in that direction from now on."""
        self._left[direction] = count

    def hold_after(self, direction: Direction, count: int) -> threading.Event:
        """Let nothing more pass in that direction once `count` bytes have from now on; set when that is so.

        Until a call of `lead_to`: the line is dead and nobody has been told.
        """
        held = threading.Event()
        self._held[direction] = (count, held)
        return held

    async def _open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        if hasattr(socket, "TCP_MAXSEG"):  # loopback's are 64 kB, those of a real line 1,400 bytes
            self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_400)
        self._listener.setblocking(False)
        self._start(self._accept())

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listener.close()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        while True:
            device, _ = await self._loop.sock_accept(self._listener)
            self._start(self._carry(device))

    async def _carry(self, device: socket.socket) -> None:
        """One connection, until either side ends it or the cut."""
        with device, socket.socket() as server:
            server.setblocking(False)
            try:
                await self._loop.sock_connect(server, self._target)
            except OSError:
                return
            ways = [
                self._loop.create_task(self._pass_on("up", device, server)),
                self._loop.create_task(self._pass_on("down", server, device)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(
        self, direction: Direction, source: socket.socket, sink: socket.socket
    ) -> None:
        # plain sockets: asyncio's streams read 256 kB ahead, which would count as sent and be lost in the cut
        while data := await self._loop.sock_recv(source, BUFFER):
            if not await self._pass_piece(direction, data, sink):
                return

    async def _pass_piece(self, direction: Direction, data: bytes, sink: socket.socket) -> bool:
        """Pass bytes on, as far as nothing is to be cut; False: the line is cut now."""
        left = self._left.get(direction)
        cut = left is not None and left <= len(data)
        if left is not None:
            data = data[:left]
            self._left[direction] = left - len(data)
        await self._loop.sock_sendall(sink, data)
        self.passed[direction] += len(data)
        if direction in self._held:
            count, held = self._held[direction]
            self._held[direction] = (count - len(data), held)
            if count <= len(data):
                held.set()
                await self._loop.create_future()  # for as long as the connection is there
        if cut:
            del self._left[direction]
            self.cuts += 1
        return not cut

"""A line that can be cut: a TCP proxy on this machine that counts bytes and breaks off where it is told to.

The demonstration and the tests put it between a device and the provincial server. It knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
import socket
import threading
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
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
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
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def lead_to(self, url: str) -> None:
        """Where connections go from now on: a server may come back on another port."""
        server = urlsplit(url)
        self._target = (server.hostname or "127.0.0.1", server.port or 80)

    def cut_after(self, direction: Direction, count: int) -> None:
        """Cut once: as soon as `count` bytes, headers included, have passed in that direction from now on."""
        self._left[direction] = count

    async def _open(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._server = await asyncio.start_server(self._connected, sock=listener, limit=BUFFER)

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(
        self, device: asyncio.StreamReader, to_device: asyncio.StreamWriter
    ) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            await self._carry(device, to_device)
        except OSError:
            to_device.transport.abort()
        finally:
            self._lines.discard(line)

    async def _carry(self, device: asyncio.StreamReader, to_device: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(*self._target, limit=BUFFER)
        ways = [
            asyncio.create_task(self._pass_on("up", device, to_server)),
            asyncio.create_task(self._pass_on("down", server, to_device)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            to_server.close()
            to_device.close()
            await asyncio.gather(
                to_server.wait_closed(), to_device.wait_closed(), return_exceptions=True
            )

    async def _pass_on(
        self, direction: Direction, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        """Until either side ends, or the cut."""
        while data := await source.read(BUFFER):
            left = self._left.get(direction)
            if left is not None and left <= len(data):
                data = data[:left]
                del self._left[direction]
                self.cuts += 1
                left = 0
            elif left is not None:
                self._left[direction] = left - len(data)
            sink.write(data)
            await sink.drain()
            self.passed[direction] += len(data)
            if left == 0:
                return

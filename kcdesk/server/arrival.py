"""Receiving a request's body so that a cut costs next to nothing.

Owns the buffer between the line and the disk. Leaves to others: where the bytes are kept (`exchanges`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request

from kcdesk.sync.format import PIECE

DISCARDED = 64 << 20
"""Bytes of a refused body that are read away."""
UNWRITTEN = 1 << 20
"""Bytes of a body that may wait for the disk in memory."""
DEAD_LINE_S = 2.0
"""How long a device that calls again waits for its older line to end before that is given up."""


class Arrival:
    """A request's body on its way to the disk. A context manager: reading begins at once and ends with it.

    Reading runs ahead of everything else, also of knowing who calls, by UNWRITTEN bytes at most: what the server
    program still holds of a body when the line is cut would be lost.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._held = bytearray()
        self._ended = False
        self._moved = asyncio.Condition()
        self._done = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.cancel()
        self._done.set()

    async def write(self, keep: Callable[[bytes], None], expected: int, skip: int) -> None:
        """Read `skip` bytes away and `keep` the next `expected`, or what comes of them before a cut or `stop`.

        Raises `Superseded`.
        """
        try:
            while data := await self._take():
                wanted = data[skip : skip + expected]
                skip -= min(skip, len(data))
                expected -= len(wanted)
                if wanted:
                    await run_sync(keep, wanted)
        finally:
            self._done.set()

    async def discard(self) -> None:
        """Read a body away: closing on a sender who is not done would cost him the answer that says why."""
        left = DISCARDED
        while left > 0 and (data := await self._take()):
            left -= len(data)

    async def stop(self) -> None:
        """Take nothing more, and return when everything that came is kept."""
        self._reader.cancel()
        await self._end()
        await self._done.wait()

    async def _read(self) -> None:
        with suppress(ClientDisconnect):
            async for chunk in self._request.stream():
                async with self._moved:
                    self._held += chunk
                    self._moved.notify_all()
                    await self._moved.wait_for(lambda: len(self._held) < UNWRITTEN)
        await self._end()

    async def _end(self) -> None:
        async with self._moved:
            self._ended = True
            self._moved.notify_all()

    async def _take(self) -> bytes:
        """What has come, a piece or more; less only at the end; nothing after it."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._ended or len(self._held) >= PIECE)
            data, self._held = bytes(self._held), bytearray()
            self._moved.notify_all()
            return data


class Arrivals:
    """The bodies that are arriving in this process, by the name of what they belong to."""

    def __init__(self) -> None:
        self._under_way: dict[str, Arrival] = {}

    @contextmanager
    def noted(self, name: str, arrival: Arrival) -> Iterator[None]:
        """For as long as `arrival` brings bytes of what is called so."""
        self._under_way[name] = arrival
        try:
            yield
        finally:
            if self._under_way.get(name) is arrival:
                del self._under_way[name]

    async def stop(self, name: str) -> bool:
        """Have a call that still waits for bytes on an older, perhaps dead line keep what it has; was there one?"""
        arrival = self._under_way.get(name)
        if arrival is not None:
            await arrival.stop()
        return arrival is not None

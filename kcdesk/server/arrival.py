"""Receiving a request's body so that a cut costs next to nothing.

Owns the buffer between the line and the disk. Leaves to others: where the bytes are kept (`exchanges`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Self
from weakref import WeakValueDictionary

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request

from kcdesk.sync.format import PIECE

DISCARDED = 64 << 20
"""Bytes of a refused body that are read away."""
UNWRITTEN = 1 << 20
"""Bytes of a body that may wait for the disk in memory."""


class Overtaken(Exception):
    """The device has called again for the same meanwhile: this call's line is dead, and it must not write."""


class Arrival:
    """A request's body on its way to the disk. A context manager: reading begins at once and ends with it.

    Reading runs ahead of everything else, also of knowing who calls, by UNWRITTEN bytes at most: what the server
    program still holds of a body when the line is cut would be lost.
    """

    def __init__(self, request: Request, number: int) -> None:
        """`number`: of the call, in the order in which they came."""
        self.number = number
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

    @property
    def is_done(self) -> bool:
        """Whether everything that came is kept."""
        return self._done.is_set()

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
    """The calls of this process that bring bytes, by the name of what they belong to."""

    def __init__(self) -> None:
        self._numbers = count()
        # weak: a call leaves by ending
        self._under_way: WeakValueDictionary[str, Arrival] = WeakValueDictionary()

    def begun(self, request: Request) -> Arrival:
        """The body of a call that begins now."""
        return Arrival(request, next(self._numbers))

    async def take_over(self, name: str, arrival: Arrival) -> bool:
        """Let this call be the one that brings bytes of what is called so; was there another?

        An older call, which perhaps waits for bytes on a dead line, keeps what it has before this returns. Raises
        `Overtaken` when a newer one is there: a call can come to this point late, long after its line was cut.
        """
        other = self._under_way.get(name)
        if other is arrival or other is None or other.is_done:
            self._under_way[name] = arrival
            return False
        if other.number > arrival.number:
            raise Overtaken
        self._under_way[name] = arrival
        await other.stop()
        return True

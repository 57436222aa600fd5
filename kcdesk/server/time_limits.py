"""How long a caller may take: with a body that stands still, for the whole body, for reading an answer.

What has arrived of a body when its time is over is kept as after a cut, and the device goes on there. Time in which the
server itself is slow does not count. Owns ending such calls; leaves to others: how long (`settings`), and lines on
which no headers come (`connections`).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from http import HTTPStatus

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kcdesk.server.pace import Seconds
from kcdesk.server.settings import Limits
from kcdesk.sync.protocol import ErrorBody, ErrorDocument

_LATE = msgspec.json.encode(
    ErrorDocument(
        ErrorBody(
            "timeout",
            "Dữ liệu gửi lên không đến kịp trong thời gian máy chủ chờ.",
            "Gửi tiếp từ chỗ đang dở. Phần đã đến không phải gửi lại.",
        )
    )
)


class TimeLimits:
    """Around the application: answers 408 to a body that comes too slowly, drops a line that takes no answer."""

    def __init__(self, app: ASGIApp, limits: Limits, now: Seconds = time.monotonic) -> None:
        self._app = app
        self._limits = limits
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = _Call(self._limits, self._now, receive, send)
        with suppress(ClientDisconnect, _NotRead):  # nobody is there to be answered
            await self._app(scope, call.receive, call.send)
        if call.late and not call.answered:
            await call.say_late()


class _NotRead(Exception):
    """The caller takes no more of the answer."""


class _Call:
    """One request. late: its body did not come in time; answered: an answer has begun."""

    def __init__(self, limits: Limits, now: Seconds, receive: Receive, send: Send) -> None:
        self.late = self.answered = False
        self._limits = limits
        self._now = now
        self._ends = now() + limits.request_s
        self._receive, self._send = receive, send
        self._whole = False  # the body is there, or will never be

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        left = min(self._limits.idle_s, self._ends - self._now())
        try:
            if left <= 0:
                raise TimeoutError
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            self.late = self._whole = True
            return {"type": "http.disconnect"}
        self._whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self.late and not self.answered:
            return  # what the application says of a body that broke off: the reason is another
        self.answered = True
        try:
            async with asyncio.timeout(self._limits.idle_s):
                await self._send(message)
        except TimeoutError:
            raise _NotRead from None

    async def say_late(self) -> None:
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(_LATE)).encode()),
            (b"connection", b"close"),
        ]
        await self._send(
            {
                "type": "http.response.start",
                "status": HTTPStatus.REQUEST_TIMEOUT.value,
                "headers": headers,
            }
        )
        await self._send({"type": "http.response.body", "body": _LATE})

"""The provincial server without a socket: an httpx transport that calls the application, and can cut the line.

For tests that want many passes a second; what only a real network shows is tested over one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import httpx
from anyio.from_thread import BlockingPortal
from starlette.types import ASGIApp, Message


class Cut(NamedTuple):
    """One call of the client is cut: after `after` bytes of its body, or of the answer.

    `answer` with `after` None: everything arrives at the server, nothing of the answer comes back.
    """

    where: Literal["body", "answer"]
    after: int | None


class InProcess(httpx.BaseTransport):
    """Calls `app` on the portal's loop. Calls with a body are cut as `cuts` say, in turn; None lets one through."""

    def __init__(
        self, app: ASGIApp, portal: BlockingPortal, cuts: Sequence[Cut | None] = ()
    ) -> None:
        self.app = app
        self.portal = portal
        self.cuts = list(cuts)
        self.calls: list[str] = []
        self.body_bytes = 0  # of requests, as far as they arrived
        self.broken = False
        self._breaks_at: tuple[int, str] | None = None

    def breaks_at(self, number: int, lost: Literal["request", "answer"]) -> None:
        """Lose the request or the answer of the call with this number, whatever it is, and all later ones."""
        self._breaks_at = number, lost

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        body = b"".join(request.stream)
        self.calls.append(request.method)
        lost = None
        if self._breaks_at is not None and len(self.calls) > self._breaks_at[0]:
            lost = self._breaks_at[1] if not self.broken else "request"
            self.broken = True
        if lost == "request":
            raise httpx.ConnectError("lost", request=request)
        sync = request.method in {"POST", "PATCH", "GET"} and any(
            part in request.url.path for part in ("/sync/", "/editions/")
        )
        cut = self.cuts.pop(0) if sync and self.cuts else None
        if sync:
            self.body_bytes += len(
                body if cut is None or cut.where == "answer" else body[: cut.after]
            )
        return self._answer(request, body, cut, lost=lost is not None)

    def handle_cut(self, request: httpx.Request, cut: Cut | None) -> httpx.Response:
        """One call, whatever it is about, with this cut."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        self.calls.append(request.method)
        return self._answer(request, b"".join(request.stream), cut, lost=False)

    def _answer(
        self, request: httpx.Request, body: bytes, cut: Cut | None, *, lost: bool
    ) -> httpx.Response:
        whole = True
        if cut is not None and cut.where == "body" and cut.after is not None:
            whole = cut.after >= len(body)
            body = body[: cut.after]
        status, headers, answer = self.portal.call(self._call, request, body, whole)
        if status is None or lost:
            raise httpx.ReadError("cut", request=request)
        end = None
        if cut is not None and cut.where == "answer":
            if cut.after is None:
                raise httpx.ReadError("cut", request=request)
            end = cut.after if cut.after < len(answer) else None
        return httpx.Response(status, headers=headers, stream=_Stream(answer, end))

    async def _call(
        self, request: httpx.Request, body: bytes, whole: bool
    ) -> tuple[int | None, list[tuple[bytes, bytes]], bytes]:
        url = request.url
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path,
            "query_string": url.query,
            "root_path": "",
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 1),
        }
        size = 10_000
        parts = [body[start : start + size] for start in range(0, len(body), size)]
        messages: list[Message] = [
            {"type": "http.request", "body": part, "more_body": True} for part in parts
        ]
        if whole:
            messages.append({"type": "http.request", "body": b"", "more_body": False})
        messages.reverse()
        status: int | None = None
        headers: list[tuple[bytes, bytes]] = []
        answer = bytearray()
        answered = asyncio.Event()

        async def receive() -> Message:
            if not messages and whole:
                await answered.wait()
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message["headers"])
                return
            if request.method != "HEAD":
                answer.extend(message.get("body", b""))
            if not message.get("more_body", False):
                answered.set()

        await self.app(scope, receive, send)
        return (status if whole else None), headers, bytes(answer)


class _Stream(httpx.SyncByteStream):
    def __init__(self, content: bytes, end: int | None) -> None:
        self._content = content
        self._end = end

    def __iter__(self) -> Iterator[bytes]:
        content = self._content if self._end is None else self._content[: self._end]
        for start in range(0, len(content), 10_000):
            yield content[start : start + 10_000]
        if self._end is not None:
            raise httpx.ReadError("cut")

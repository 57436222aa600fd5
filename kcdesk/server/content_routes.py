"""Contents of pictures and scans over HTTP: tus 1.0 on the way in, ranges of bytes on the way out.

    POST   /v1/uploads            announce a content by its SHA-256, perhaps with its first bytes
    HEAD   /v1/uploads/ID         how much has arrived
    PATCH  /v1/uploads/ID         the next bytes
    DELETE /v1/uploads/ID         forget it
    HEAD, GET /v1/contents/SHA256 a content, or bytes of it

Of tus: creation, creation-with-upload, checksum, expiration, termination. An upload is the device's for that content:
announced again, it is the same one, as far as it came; of a content that is here already it is complete at once. Owns
requests and answers; leaves to others: who may, and the bytes (`contents`).
"""

from __future__ import annotations

import email.utils
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from http import HTTPStatus

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy import Engine
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import Rejected
from kcdesk.server import contents
from kcdesk.server.arrival import Arrival, Arrivals, Overtaken
from kcdesk.server.contents import Mismatch, Superseded, Upload
from kcdesk.server.people import Caller
from kcdesk.server.ranges import Span, Unsatisfiable, wanted_span
from kcdesk.sync import tus
from kcdesk.sync.protocol import LENGTH_HEADER, OFFSET_HEADER

JUDGED_AT_ONCE = 2
"""Contents that a worker decodes at the same moment: each may take 150 MB for a while."""

_UPLOAD = re.compile("[0-9a-f]{32}")
WhoCalls = Callable[[Request], Awaitable[Caller]]


def content_routes(
    engine: Engine, who_calls: WhoCalls, *, clock: Clock, randomness: Randomness
) -> list[Route]:
    """The routes. `who_calls` knows a device by its request, or raises `Rejected`."""
    served = _Contents(engine, who_calls, clock, randomness)
    marked = [Middleware(_TusVersion)]
    upload = f"{tus.UPLOADS_PATH}/{{upload}}"
    return [
        Route(tus.UPLOADS_PATH, _abilities, methods=["OPTIONS"], middleware=marked),
        Route(tus.UPLOADS_PATH, served.create, methods=["POST"], middleware=marked),
        Route(
            upload, served.upload, methods=["HEAD", "PATCH", "DELETE", "POST"], middleware=marked
        ),
        Route(f"{tus.CONTENTS_PATH}/{{sha256}}", served.fetch, methods=["GET"]),  # and HEAD
    ]


class _TusVersion:
    """Puts the version on every answer of tus, also on one that refuses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                version = tus.TUS_VERSION.encode()
                names = (tus.RESUMABLE_HEADER, tus.VERSION_HEADER)
                message["headers"] = [
                    *message.get("headers", ()),
                    *((name.lower().encode(), version) for name in names),
                ]
            await send(message)

        await self._app(scope, receive, send_with_version)


async def _abilities(_request: Request) -> Response:
    headers = {
        "Tus-Extension": ",".join(tus.EXTENSIONS),
        "Tus-Max-Size": str(tus.CONTENT_BYTES),
        "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUMS),
    }
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)


class _Contents:
    def __init__(
        self, engine: Engine, who_calls: WhoCalls, clock: Clock, randomness: Randomness
    ) -> None:
        self._engine = engine
        self._who_calls = who_calls
        self._clock = clock
        self._randomness = randomness
        self._arrivals = Arrivals()
        self._judging = CapacityLimiter(JUDGED_AT_ONCE)

    async def create(self, request: Request) -> Response:
        """Announce a content; what comes in the body are its first bytes, unless some have arrived already."""
        async with self._arrivals.begun(request) as arrival:
            try:
                _require_version(request)
                caller = await self._who_calls(request)
                sha256, length = _announced(request)
                begin = partial(
                    contents.begin,
                    self._engine,
                    caller,
                    sha256,
                    length,
                    now=self._clock(),
                    randomness=self._randomness,
                )
                found = await run_sync(begin)
                found = await self._taken_over(arrival, found, caller)
                found = await self._settled(found, caller)
                if request.headers.get("Content-Type") == tus.CHUNK_TYPE and found.arrived == 0:
                    found = await self._receive(request, arrival, found, caller)
            except Rejected:
                await arrival.discard()
                raise
            await arrival.discard()
        # relative, for a proxy in front may show the server under another name and path
        return _told(found, HTTPStatus.CREATED, {"Location": f"uploads/{found.id}"})

    async def upload(self, request: Request) -> Response:
        """What is asked of an upload that was announced."""
        method = request.method
        if method == "POST":  # for lines that let no other methods through
            method = request.headers.get("X-HTTP-Method-Override", "").upper()
        async with self._arrivals.begun(request) as arrival:
            try:
                _require_version(request)
                caller = await self._who_calls(request)
                name = str(request.path_params["upload"])
                found = await self._taken_over(arrival, await self._known(name, caller), caller)
                match method:
                    case "HEAD":
                        found = await self._settled(found, caller)
                        return _told(found, HTTPStatus.OK, {LENGTH_HEADER: str(found.length)})
                    case "DELETE":
                        await run_sync(contents.terminate, self._engine, found.id)
                        return Response(status_code=HTTPStatus.NO_CONTENT)
                    case "PATCH":
                        return await self._patch(request, arrival, found, caller)
                raise Rejected("Không làm được việc này với một tệp đang gửi.", code="form")
            except Rejected:
                await arrival.discard()
                raise

    async def fetch(self, request: Request) -> Response:
        """A content, or the bytes of it that are wanted."""
        caller = await self._who_calls(request)
        sha256 = str(request.path_params["sha256"])
        if not tus.SHA256.fullmatch(sha256):
            sha256 = ""  # the name of no content
        found = await run_sync(contents.content_for, self._engine, caller, sha256)
        tag = f'"{sha256}"'
        headers = {
            "Accept-Ranges": "bytes",
            "ETag": tag,
            "Content-Disposition": "attachment",
        }
        try:
            wanted = request.headers.get("Range", "")
            span = wanted_span(wanted, found.length)
        except Unsatisfiable:
            headers["Content-Range"] = f"bytes */{found.length}"
            return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
        if request.headers.get("If-Range", tag) != tag:
            span = None
        start, end = span or Span(0, found.length)
        headers["Content-Length"] = str(end - start)
        if span is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.length}"
        status = HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers, media_type=found.media_type)
        pieces = contents.bytes_of(self._engine, found, start)
        return StreamingResponse(
            _first(pieces, end - start), status, headers, media_type=found.media_type
        )

    async def _patch(
        self, request: Request, arrival: Arrival, found: Upload, caller: Caller
    ) -> Response:
        if request.headers.get("Content-Type") != tus.CHUNK_TYPE:
            raise Rejected(f"Nội dung phải được gửi là {tus.CHUNK_TYPE}.", code="chunk_type")
        found = await self._settled(found, caller)
        if _number(request, OFFSET_HEADER) != found.arrived:
            raise _elsewhere()
        if found.arrived < found.length:
            found = await self._receive(request, arrival, found, caller)
        return _told(found, HTTPStatus.NO_CONTENT)

    async def _receive(
        self, request: Request, arrival: Arrival, found: Upload, caller: Caller
    ) -> Upload:
        """Keep the bytes of a request behind those that have arrived, and what they make whole."""
        checksum = _checksum(request)
        told = hashlib.new(checksum[0]) if checksum else None
        start = position = found.arrived
        if int(request.headers.get("Content-Length") or 0) > found.length - start:
            raise _too_large(found.length)

        def keep(data: bytes) -> None:
            nonlocal position
            contents.keep(self._engine, found.id, position, data, self._clock())
            position += len(data)
            if told is not None:
                told.update(data)

        try:
            await arrival.write(keep, found.length - start, 0)
        except Superseded:
            raise _elsewhere() from None
        announced = request.headers.get("Content-Length")
        is_whole_chunk = announced is None or int(announced) == position - start
        if checksum and told and is_whole_chunk and told.digest() != checksum[1]:
            await run_sync(contents.take_back, self._engine, found.id, start, position)
            raise Mismatch(
                "Một đoạn của tệp đến nơi không còn nguyên vẹn.", hint="Gửi lại đoạn đó."
            )
        found = await self._known(found.id, caller)
        if found.whole:  # by another device, while these bytes were on their way
            await run_sync(contents.drop_spare, self._engine, found)
        return await self._settled(found, caller)

    async def _taken_over(self, arrival: Arrival, found: Upload, caller: Caller) -> Upload:
        """The upload as it is once this call alone brings bytes of it."""
        try:
            stopped = await self._arrivals.take_over(found.id, arrival)
        except Overtaken:
            raise _elsewhere() from None
        return await self._known(found.id, caller) if stopped else found

    async def _settled(self, found: Upload, caller: Caller) -> Upload:
        """The upload; made a content where all its bytes have arrived, also when a worker was killed at that moment."""
        if found.whole or found.arrived < found.length:
            return found
        await run_sync(contents.complete, self._engine, found, limiter=self._judging)
        return await self._known(found.id, caller)

    async def _known(self, upload: str, caller: Caller) -> Upload:
        found = None
        if _UPLOAD.fullmatch(upload):
            found = await run_sync(contents.find, self._engine, upload, caller.device)
        if found is None:
            raise Rejected(
                "Máy chủ không giữ lần gửi tệp này, hoặc không còn giữ.",
                hint="Gửi lại từ đầu.",
                code="gone",
            )
        return found


def _told(found: Upload, status: HTTPStatus, more: dict[str, str] | None = None) -> Response:
    headers = {OFFSET_HEADER: str(found.arrived), **(more or {})}
    if not found.whole:
        headers[tus.EXPIRES_HEADER] = email.utils.formatdate(found.expires_at / 1000, usegmt=True)
    return Response(status_code=status, headers=headers)


async def _first(pieces: Iterator[bytes], count: int) -> AsyncIterator[bytes]:
    while count > 0 and (piece := await run_sync(next, pieces, b"")):
        yield piece[:count]
        count -= len(piece)


def _announced(request: Request) -> tuple[str, int]:
    """The SHA-256 and length of the content that is to come. Raises `Rejected`."""
    length = _number(request, LENGTH_HEADER)
    if length > tus.CONTENT_BYTES:
        raise _too_large(tus.CONTENT_BYTES)
    try:
        told = tus.read_metadata(request.headers.get(tus.METADATA_HEADER, ""))
    except ValueError:
        told = {}
    sha256 = told.get("sha256", "")
    if not tus.SHA256.fullmatch(sha256) or length == 0:
        raise Rejected("Yêu cầu gửi tệp phải nói mã SHA-256 và độ dài của nội dung.", code="form")
    return sha256, length


def _checksum(request: Request) -> tuple[str, bytes] | None:
    header = request.headers.get(tus.CHECKSUM_HEADER)
    if header is None:
        return None
    try:
        return tus.read_checksum(header)
    except ValueError:
        raise Rejected("Mã kiểm của đoạn gửi lên không đúng định dạng.", code="form") from None


def _number(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise Rejected(f"Yêu cầu thiếu {header}.", code="form")
    return int(value)


def _require_version(request: Request) -> None:
    if request.headers.get(tus.RESUMABLE_HEADER) != tus.TUS_VERSION:
        raise Rejected(
            f"Máy chủ của tỉnh nhận tệp theo quy ước tus {tus.TUS_VERSION}.",
            hint="Cài phiên bản kcdesk cùng thời với máy chủ.",
            code="tus_version",
        )


def _too_large(limit: int) -> Rejected:
    return Rejected(f"Nội dung dài hơn {limit} byte.", code="too_large")


def _elsewhere() -> Rejected:
    return Rejected("Tệp này đang được gửi dở ở chỗ khác; hỏi lại bằng HEAD.", code="offset")

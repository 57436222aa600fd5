"""The ASGI application: HTTP in, the protocol's calls out. Stateless, so any number of workers may run it.

Owns methods, headers, status codes and the receiving of bytes. Leaves to others what they mean (`service`).
Blocking work runs on threads; the event loop only moves bytes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import msgspec
from anyio.to_thread import run_sync
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import KcdeskError, Rejected
from kcdesk.server import (
    exchanges,
    holding,
    parcels,
    people,
    renewing,
    revoking,
    service,
    standing,
)
from kcdesk.server.arrival import Arrival, Arrivals, Overtaken
from kcdesk.server.content_routes import content_routes
from kcdesk.server.database import reading
from kcdesk.server.edition_answers import EditionAnswers, range_start
from kcdesk.server.openapi import docs_page, openapi_document
from kcdesk.server.pace import Pace, TooOften, network_of
from kcdesk.server.people import Caller, RevokedDevice
from kcdesk.server.settings import Rates, Settings
from kcdesk.server.time_limits import TimeLimits
from kcdesk.server.unavailable import PASSING, unavailable
from kcdesk.server.watching import DEVICE, METRICS_PATH, Figures, MetricsPage, Watching
from kcdesk.sync import protocol
from kcdesk.sync.protocol import ErrorBody, ErrorDocument
from kcdesk.sync.tus import CHECKSUM_MISMATCH

REQUEST_LIMIT = 4_096
"""Bytes of a request that is no exchange."""
T = TypeVar("T")

_STATUS: dict[str, int] = {
    "token": HTTPStatus.UNAUTHORIZED,
    "token_expired": HTTPStatus.UNAUTHORIZED,
    "token_replaced": HTTPStatus.UNAUTHORIZED,
    "revoked": HTTPStatus.FORBIDDEN,
    "code": HTTPStatus.FORBIDDEN,
    "code_used": HTTPStatus.FORBIDDEN,
    "other_person": HTTPStatus.FORBIDDEN,
    "signature": HTTPStatus.FORBIDDEN,
    "other_chain": HTTPStatus.CONFLICT,
    "continued": HTTPStatus.CONFLICT,
    "offset": HTTPStatus.CONFLICT,
    "gone": HTTPStatus.NOT_FOUND,
    "not_found": HTTPStatus.NOT_FOUND,
    "version": HTTPStatus.NOT_IMPLEMENTED,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "not_named": HTTPStatus.FORBIDDEN,
    "no_right": HTTPStatus.FORBIDDEN,
    "content": HTTPStatus.UNPROCESSABLE_ENTITY,
    "chunk_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "tus_version": HTTPStatus.PRECONDITION_FAILED,
    "checksum": CHECKSUM_MISMATCH,
    "quota": HTTPStatus.TOO_MANY_REQUESTS,
    "length": HTTPStatus.LENGTH_REQUIRED,
    "too_often": HTTPStatus.TOO_MANY_REQUESTS,
}


def create_app(
    engine: Engine,
    *,
    clock: Clock,
    randomness: Randomness,
    settings: Settings | None = None,
) -> Starlette:
    """The application over a database that is up to date."""
    settings = settings or Settings()
    paces, figures = _Paces(settings.rates), Figures()
    server = _Server(engine, clock, randomness, settings.limits.body_bytes, paces)
    carried = _Carried(engine, clock, randomness, settings.limits.parcel_bytes, paces)
    exchange_path = f"{protocol.SYNC_PATH}/{{exchange}}"
    parcel_path = f"{protocol.PARCELS_PATH}/{{exchange}}"
    app = Starlette(
        routes=[
            Route(protocol.ENROL_PATH, server.enrol, methods=["POST"]),
            Route(protocol.CONTINUE_PATH, server.continue_as, methods=["POST"]),
            Route(protocol.TOKEN_PATH, server.renew, methods=["POST"]),
            Route(f"{protocol.DEVICES_PATH}/{{device}}/changes", server.held, methods=["GET"]),
            Route(protocol.DESTROYED_PATH, server.key_destroyed, methods=["POST"]),
            Route(protocol.STANDING_PATH, server.standing, methods=["GET"]),
            Route(protocol.EDITIONS_PATH, server.editions, methods=["GET"]),
            Route(exchange_path, server.post, methods=["POST"]),
            Route(exchange_path, server.patch, methods=["PATCH"]),
            Route(exchange_path, server.head_or_get, methods=["GET"]),  # and HEAD
            Route(parcel_path, carried.post, methods=["POST"]),
            Route(parcel_path, carried.patch, methods=["PATCH"]),
            Route(parcel_path, carried.head_or_get, methods=["GET"]),  # and HEAD
            *content_routes(engine, server.caller, clock=clock, randomness=randomness),
            Route("/healthz", server.healthz),
            Route(METRICS_PATH, MetricsPage(figures, settings).answer),
            Route("/openapi.json", _openapi),
            Route("/docs", _docs),
            Route("/v{version}/{rest:path}", _other_version, methods=_METHODS),
        ],
        exception_handlers={
            KcdeskError: _refused,
            HTTPException: _not_found,
            **dict.fromkeys(PASSING, unavailable),
        },
        middleware=[
            Middleware(Watching, figures=figures, randomness=randomness),
            Middleware(_SafeHeaders),
            Middleware(TimeLimits, limits=settings.limits),
        ],
    )
    app.router.redirect_slashes = False
    return app


class _Paces:
    """How often what may be done by whom; see `settings.Rates`."""

    def __init__(self, rates: Rates) -> None:
        self.requests = Pace(rates.requests_per_minute, 60.0)
        self.refused_tokens = Pace(rates.refused_tokens_per_minute, 60.0)
        self.refused_codes = Pace(rates.refused_codes_per_hour, 3_600.0)


class _Server:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        randomness: Randomness,
        body_limit: int,
        paces: _Paces,
    ) -> None:
        self._paces = paces
        self._engine = engine
        self._clock = clock
        self._randomness = randomness
        self._body_limit = body_limit
        self._arrivals = Arrivals()
        self._editions = EditionAnswers(engine)

    async def enrol(self, request: Request) -> Response:
        asked = await _content(request, protocol.EnrolRequest)
        pace, network = self._paces.refused_codes, _network(request)
        if wait := pace.wait(network):
            raise TooOften(wait)
        work = partial(
            people.enrol, self._engine, asked, now=self._clock(), randomness=self._randomness
        )
        try:
            return _json(await run_sync(work))
        except Rejected:
            pace.take(network)
            raise

    async def continue_as(self, request: Request) -> Response:
        """Make another device the one after the caller's."""
        caller = await self.caller(request, closed_too=True)
        asked = await _content(request, protocol.ContinueRequest)
        work = partial(people.continue_as, self._engine, caller, asked, self._clock())
        return _json(await run_sync(work))

    async def renew(self, request: Request) -> Response:
        """Know the caller's next token."""
        caller = await self.caller(request, closed_too=True, replaced_too=True)
        asked = await _content(request, protocol.RenewRequest)
        token = request.headers["Authorization"].partition(" ")[2]
        work = partial(renewing.renew, self._engine, caller, token, asked, self._clock())
        return _json(await run_sync(work))

    async def held(self, request: Request) -> Response:
        """What is held of the caller, and its changes after a number."""
        caller = await self.caller(request, closed_too=True)
        device, after = request.path_params["device"], request.query_params.get("after", "")
        if not (after.isascii() and after.isdigit() and len(after) < 16):
            raise Rejected("Yêu cầu thiếu số thứ tự.", code="form")
        signature = request.headers.get(protocol.SIGNATURE_HEADER, "")
        statement = protocol.held_statement(device, int(after))
        if device != caller.device or not protocol.is_signed(
            caller.public_key, _bytes_of(signature), statement
        ):
            raise Rejected("Chữ ký của yêu cầu không phải của máy này.", code="signature")
        content = await run_sync(holding.held, self._engine, caller, int(after))
        return Response(content, media_type=protocol.BODY_TYPE)

    async def key_destroyed(self, request: Request) -> Response:
        """A revoked device, which has no token any more, says that its key is gone."""
        said = await _content(request, protocol.KeyDestroyed)
        await run_sync(revoking.note_destroyed, self._engine, said, self._clock())
        return _json(protocol.Noted())

    async def standing(self, request: Request) -> Response:
        """How devices and communes stand, for the centre."""
        caller = await self.caller(request)
        return _json(await run_sync(standing.told_to, self._engine, caller, self._clock()))

    async def editions(self, request: Request) -> Response:
        """What the caller lacks of what is published."""
        await self.caller(request)
        return await self._editions.answer(request)

    async def post(self, request: Request) -> Response:
        """Begin an exchange and receive its body.

        Sent once more, because the device could not know that the first call had come through, it goes on as well: what
        has arrived is read away.
        """
        async with self._arrivals.begun(request) as arrival:
            try:
                caller = await self.caller(request)
                exchange = _exchange_id(request)
                length = _number(request, "Content-Length")
                if length > self._body_limit:
                    raise _Limit(self._body_limit)
                await run_sync(exchanges.begin, self._engine, exchange, caller.device, length)
                found = await self._taken_over(arrival, exchange, caller)
                if found.length != length:
                    raise _elsewhere()
            except KcdeskError:
                await arrival.discard()
                raise
            return await self._receive(arrival, caller, found, skip=found.arrived)

    async def patch(self, request: Request) -> Response:
        """Go on with a body at the offset where it ended."""
        async with self._arrivals.begun(request) as arrival:
            try:
                caller = await self.caller(request)
                found = await self._taken_over(arrival, _exchange_id(request), caller)
                offset = _number(request, protocol.OFFSET_HEADER)
                length = _number(request, protocol.LENGTH_HEADER)
                if (offset, length) != (found.arrived, found.length):
                    raise _elsewhere()
            except KcdeskError:
                await arrival.discard()
                raise
            return await self._receive(arrival, caller, found)

    async def head_or_get(self, request: Request) -> Response:
        """What has arrived; or the answer, from an offset on."""
        async with self._arrivals.begun(request) as arrival:
            caller = await self.caller(request)
            exchange = _exchange_id(request)
            if request.method == "HEAD":
                found = await self._taken_over(arrival, exchange, caller)
            else:
                found = await self._known(exchange, caller)
        if request.method == "HEAD":
            headers = {protocol.OFFSET_HEADER: str(found.arrived)}
            if found.answer_bytes is not None:
                headers[protocol.ANSWER_HEADER] = str(found.answer_bytes)
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
        if found.answer_bytes is None:
            raise _elsewhere()
        return self._answer(found.id, found.answer_bytes, range_start(request))

    async def healthz(self, _request: Request) -> Response:
        def ask() -> None:
            with reading(self._engine) as connection:
                connection.execute(text("SELECT 1"))

        await run_sync(ask)
        return _json({"status": "ok"})

    async def caller(
        self, request: Request, *, closed_too: bool = False, replaced_too: bool = False
    ) -> Caller:
        """The device that sent a request. Raises `Rejected`."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")

        recognise = partial(
            renewing.recognise,
            self._engine,
            token if scheme == "Bearer" else "",
            self._clock(),
            replaced_too=replaced_too,
        )
        try:
            caller = await run_sync(recognise)
        except Rejected:
            if wait := self._paces.refused_tokens.take(_network(request)):
                raise TooOften(wait) from None
            raise
        request.scope[DEVICE] = caller.device
        if wait := self._paces.requests.take(caller.device):
            raise TooOften(wait)
        if caller.closed and not closed_too:
            raise people.continued()
        return caller

    async def _known(self, exchange: str, caller: Caller) -> exchanges.Exchange:
        found = await run_sync(exchanges.find, self._engine, exchange, caller.device)
        if found is None:
            raise Rejected("Máy chủ không giữ lần trao đổi này.", code="gone")
        return found

    async def _receive(
        self,
        arrival: Arrival,
        caller: Caller,
        found: exchanges.Exchange,
        skip: int = 0,
    ) -> Response:
        position = found.arrived

        def keep(data: bytes) -> None:
            nonlocal position
            try:
                exchanges.keep(self._engine, found.id, position, data)
            except exchanges.Superseded:
                # a dead call at another worker has kept the first of these very bytes meanwhile
                now = exchanges.find(self._engine, found.id, caller.device)
                known = 0 if now is None else now.arrived - position
                if not 0 < known <= len(data):
                    raise
                exchanges.keep(self._engine, found.id, position + known, data[known:])
            position += len(data)

        try:
            await arrival.write(keep, found.length - position, skip)
        except exchanges.Superseded:
            raise _elsewhere() from None
        if position < found.length:
            raise _elsewhere()
        await run_sync(self._carry_out, caller, found.id)
        found = await self._known(found.id, caller)
        if found.answer_bytes is None:
            raise _elsewhere()
        return self._answer(found.id, found.answer_bytes, None)

    def _carry_out(self, caller: Caller, exchange: str) -> None:
        """Do what the body that has arrived asks for."""
        service.carry_out(self._engine, caller, exchange, self._clock())

    async def _taken_over(
        self, arrival: Arrival, exchange: str, caller: Caller
    ) -> exchanges.Exchange:
        """The exchange as it is once this call alone brings bytes of it: an older one may have kept some just now."""
        try:
            await self._arrivals.take_over(f"{caller.device} {exchange}", arrival)
        except Overtaken:
            raise _elsewhere() from None
        return await self._known(exchange, caller)

    def _answer(self, exchange: str, length: int, start: int | None) -> Response:
        if start is not None and start >= length:
            return Response(
                status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                headers={"Content-Range": f"bytes */{length}"},
            )
        headers = {"Content-Length": str(length - (start or 0)), "Accept-Ranges": "bytes"}
        if start is not None:
            headers["Content-Range"] = f"bytes {start}-{length - 1}/{length}"
        pieces = exchanges.bytes_from(self._engine, exchange, exchanges.ANSWER, start or 0)
        return StreamingResponse(
            _one_by_one(pieces),
            status_code=HTTPStatus.OK if start is None else HTTPStatus.PARTIAL_CONTENT,
            headers=headers,
            media_type=protocol.BODY_TYPE,
        )


class _Carried(_Server):
    """Exchanges whose body is a parcel of another device; any device of the province may carry it."""

    def _carry_out(self, caller: Caller, exchange: str) -> None:  # noqa: ARG002 -- any may carry
        parcels.carry_out(self._engine, exchange, clock=self._clock, randomness=self._randomness)


def _network(request: Request) -> str:
    return network_of(request.client.host if request.client else "")


async def _one_by_one(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while piece := await run_sync(next, pieces, b""):
        yield piece


class _SafeHeaders:
    """Puts on every answer what browsers and proxies should know: nothing here is to be kept or framed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),  # means something over TLS only
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ),
]
_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


async def _content(request: Request, kind: type[T]) -> T:
    """A small request's content. Raises `Rejected` (`too_large`, `form`)."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > REQUEST_LIMIT:
            raise _Limit(REQUEST_LIMIT)
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Rejected("Yêu cầu không đúng định dạng.", code="form") from None


def _bytes_of(text: str) -> bytes:
    """Hexadecimal as bytes; nonsense is no bytes."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _exchange_id(request: Request) -> str:
    exchange = str(request.path_params["exchange"])
    if len(exchange) != 32 or not set(exchange) <= set("0123456789abcdef"):
        raise Rejected("Mã lần trao đổi không hợp lệ.", code="form")
    return exchange


def _number(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise Rejected(f"Yêu cầu thiếu {header}.", code="length")
    return int(value)


class _Limit(Rejected):
    code = "too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Máy chủ chỉ nhận tối đa {limit} byte một lần.")
        self.limit = limit


def _elsewhere() -> Rejected:
    return Rejected("Lần trao đổi này đang dở ở chỗ khác; hỏi lại bằng HEAD.", code="offset")


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, KcdeskError)
    limit = error.limit if isinstance(error, _Limit) else None
    revocation = error.revocation if isinstance(error, RevokedDevice) else None
    document = ErrorDocument(ErrorBody(error.code, error.message, error.hint, limit, revocation))
    answer = _json(document, _STATUS.get(error.code, HTTPStatus.BAD_REQUEST))
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


async def _not_found(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    document = ErrorDocument(ErrorBody("not_found", "Máy chủ kcdesk không có địa chỉ này."))
    return _json(document, error.status_code)


async def _other_version(request: Request) -> Response:
    version = request.path_params["version"]
    if version == str(protocol.VERSION) or not version.isdecimal():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    raise Rejected(
        f"Máy chủ của tỉnh chỉ dùng quy ước trao đổi phiên bản {protocol.VERSION}.",
        hint="Cài phiên bản kcdesk cùng thời với máy chủ, hoặc báo cho trung tâm.",
        code="version",
    )


async def _openapi(_request: Request) -> Response:
    return _json(openapi_document())


async def _docs(_request: Request) -> Response:
    return HTMLResponse(docs_page())


def _json(content: object, status: int = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")

"""Each request in one line of the log and in the figures: which route, status, bytes, how long, which device.

Never a path as it was called, a query, a header, a name or a value: a route's template and the device's id say enough.
The figures are those of one process, in the text format of Prometheus. Leaves to others: the look of lines
(`logging_lines`).
"""

from __future__ import annotations

import ipaddress
import itertools
import logging
import time
from collections.abc import Iterator
from http import HTTPStatus

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kcdesk.domain.clock import Randomness
from kcdesk.server.logging_lines import FIELDS
from kcdesk.server.pace import Seconds
from kcdesk.server.settings import Settings
from kcdesk.sync.protocol import ErrorBody, ErrorDocument

DEVICE = "kcdesk.device"
"""Key of the scope under which the application says whose request it is, once it knows."""
METRICS_PATH = "/metrics"
_METHODS = frozenset(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"))
_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
log = logging.getLogger("kcdesk.requests")


class Figures:
    """What has been counted since this process began."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        names = ("route", "method", "status")
        self.requests = Counter(
            "kcdesk_requests", "Requests answered", names, registry=self.registry
        )
        self.seconds = Histogram(
            "kcdesk_request_seconds",
            "Time until the answer was handed over",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.received = Counter(
            "kcdesk_received_bytes", "Bytes of bodies", ("route",), registry=self.registry
        )
        self.sent = Counter(
            "kcdesk_sent_bytes", "Bytes of answers", ("route",), registry=self.registry
        )
        self.running = Gauge(
            "kcdesk_running_requests", "Requests being answered", registry=self.registry
        )


class Watching:
    """Around everything else: counts, logs, names each request, and answers where the application broke."""

    def __init__(
        self,
        app: ASGIApp,
        figures: Figures,
        randomness: Randomness,
        now: Seconds = time.monotonic,
    ) -> None:
        self._app = app
        self._figures = figures
        self._now = now
        boot = randomness(4).hex()
        self._names: Iterator[str] = (f"{boot}-{number}" for number in itertools.count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name, began, status, got, sent = next(self._names), self._now(), 0, 0, 0

        async def counted_receive() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.get("headers", ())
                message["headers"] = [*headers, (b"x-request-id", name.encode())]
            await send(message)
            sent += len(message.get("body", b""))

        self._figures.running.inc()
        try:
            await self._app(scope, counted_receive, counted_send)
        except Exception:
            if not status:
                for message in _broken(name):
                    await counted_send(message)
            raise  # the server program logs where it broke
        finally:
            self._figures.running.dec()
            self._tell(scope, name, status, got, sent, self._now() - began)

    def _tell(
        self, scope: Scope, name: str, status: int, got: int, sent: int, seconds: float
    ) -> None:
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        fields: dict[str, object] = {
            "request": name,
            "method": method,
            "route": route,
            "status": status or None,  # none: nobody was there to be answered
            "bytes_in": got,
            "bytes_out": sent,
            "ms": round(seconds * 1000, 1),
        }
        if (device := scope.get(DEVICE)) is not None:
            fields["device"] = device
        self._figures.requests.labels(route, method, str(status)).inc()
        self._figures.seconds.labels(route).observe(seconds)
        self._figures.received.labels(route).inc(got)
        self._figures.sent.labels(route).inc(sent)
        text = " ".join(f"{key}={value}" for key, value in fields.items())
        log.info("%s", text, extra={FIELDS: fields})


class MetricsPage:
    """The figures, for the addresses that the settings name; for everybody else there is no such page."""

    def __init__(self, figures: Figures, settings: Settings) -> None:
        self._figures = figures
        self._from = settings.metrics_from
        self._proxies = bool(settings.trusted_proxies)

    async def answer(self, request: Request) -> Response:
        if not self._may(request):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(
            generate_latest(self._figures.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    def _may(self, request: Request) -> bool:
        if not self._proxies and "X-Forwarded-For" in request.headers:
            return False  # somebody else's request, through a proxy that nobody has named
        try:
            address = ipaddress.ip_address(request.client.host if request.client else "")
        except ValueError:
            return False
        return any(address in network for network in self._from)


def _broken(name: str) -> tuple[Message, Message]:
    error = ErrorBody(
        "broken",
        "Máy chủ của tỉnh gặp lỗi khi trả lời.",
        f"Thử lại sau; nếu vẫn vậy, báo cho trung tâm mã {name}.",
    )
    body = msgspec.json.encode(ErrorDocument(error))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    return (
        {"type": "http.response.start", "status": 500, "headers": headers},
        {"type": "http.response.body", "body": body},
    )

"""Starting the server program: a socket, uvicorn on it, one line that says where it listens, a clean end.

Owns the process; the application itself is `app`.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from types import FrameType

import msgspec
import uvicorn

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import ServerError
from kcdesk.server.admin import open_province
from kcdesk.server.app import create_app
from kcdesk.server.audit import Actor, act_as, this_account
from kcdesk.server.connections import protocol_with
from kcdesk.server.logging_lines import logging_to
from kcdesk.server.settings import TRYING_OUT, Settings
from kcdesk.server.workers import require_possible, run_workers

SHUTDOWN_S = 5
"""Requests still running get so long at the end; what has arrived of their bodies is kept."""


class Listening(msgspec.Struct, frozen=True):
    """The line of JSON that says the server is ready."""

    url: str


def run(
    url: str,
    *,
    host: str,
    port: int,
    clock: Clock,
    randomness: Randomness,
    ready: Callable[[Listening], None],
    workers: int = 1,
    settings: Settings | None = None,
) -> None:
    """Serve the province's database at `url` until SIGTERM or Ctrl-C. Port 0: any free one.

    workers: processes that serve, more than one over PostgreSQL only;  settings: for all that the others do not say

    `ready` is called once connections are taken. Raises `ServerError`.
    """
    settings = settings or TRYING_OUT
    engine = open_province(url)
    try:
        require_possible(engine.dialect.name, workers)
        listener = _listen(host, port)
    except ServerError:
        engine.dispose()
        raise
    act_as(engine, Actor(this_account(), clock))
    app = create_app(engine, clock=clock, randomness=randomness, settings=settings)
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if settings.tls else "http"
    address = f"{scheme}://{shown}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
        http=protocol_with(settings.limits.header_s),
        limit_concurrency=settings.limits.connections,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=[str(each) for each in settings.trusted_proxies],
        ssl_certfile=settings.tls.certificate if settings.tls else None,
        ssl_keyfile=settings.tls.key if settings.tls else None,
        ssl_context_factory=_modern if settings.tls else None,
    )

    def serve(told: Callable[[], None]) -> None:
        _Server(config, told).run(sockets=[listener])

    try:
        with logging_to(settings.log_format, settings.log_level):
            if workers == 1:
                serve(lambda: ready(Listening(address)))
            else:
                engine.dispose()  # a connection belongs to one process; each worker opens its own
                run_workers(workers, serve, lambda: ready(Listening(address)))
    finally:
        listener.close()
        engine.dispose()


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready, and ends by returning instead of raising the signal once more."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        def end(number: int, frame: FrameType | None) -> None:
            self.handle_exit(number, frame)

        before = {number: signal.signal(number, end) for number in _signals()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _modern(_config: uvicorn.Config, standard: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS 1.2 and newer, which every Windows 10 speaks."""
    context = standard()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _signals() -> list[signal.Signals]:
    names = (
        "SIGINT",
        "SIGTERM",
        "SIGBREAK",
    )  # the last is Ctrl-Break and closing the console on Windows
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ServerError(
            f"Không mở được cổng {port} trên {host}.",
            hint="Cổng đang được chương trình khác dùng, hoặc địa chỉ không thuộc máy này.",
            code="port",
        ) from error
    return listener

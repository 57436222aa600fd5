"""Several worker processes that share one socket, and the process that minds them.

Owns starting, counting and ending them: one that dies is replaced, and all end with the one that started them.
Leaves to others: what a worker does (`run`). Workers know nothing of each other; all they share is the database.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from kcdesk.errors import ServerError

log = logging.getLogger("kcdesk.server")

Serve = Callable[[Callable[[], None]], None]
"""Serves until SIGTERM; calls what it is given once connections are taken."""


def require_possible(backend: str, count: int) -> None:
    """Whether so many workers can run over such a database, on this system. Raises `ServerError`."""
    if count == 1:
        return
    if count < 1:
        raise ServerError("Số tiến trình phải từ 1 trở lên.", code="workers")
    if backend != "postgresql":
        raise ServerError(
            "Cơ sở dữ liệu SQLite chỉ dùng được với một tiến trình.",
            hint="Bỏ --workers, hoặc chuyển sang PostgreSQL: --db postgresql+psycopg://…",
            code="workers",
        )
    if not hasattr(os, "fork"):
        raise ServerError(
            "Trên hệ điều hành này máy chủ chỉ chạy được một tiến trình.",
            hint="Bỏ --workers; máy chủ cấp tỉnh nên chạy trên Linux.",
            code="workers",
        )


def run_workers(count: int, serve: Serve, ready: Callable[[], None]) -> None:
    """Have `count` processes serve until SIGTERM or Ctrl-C; `ready` is called once all of them do.

    A worker that ends by itself is replaced, unless it never came to serve. Raises `ServerError` then.
    """
    _Workers(serve).run(count, ready)


class _Workers:
    """running: the processes that were started and have not ended."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._ending = False
        self.running: set[int] = set()
        self._alive_read, self._alive_write = os.pipe()  # the second end closes with this process

    def run(self, count: int, ready: Callable[[], None]) -> None:
        before = {number: signal.signal(number, self._end) for number in _ENDING}
        try:
            for told in [self._start() for _ in range(count)]:
                self._wait_until_it_serves(told)
            if not self._ending:
                ready()
            while self.running:
                worker, status = os.wait()
                self.running.discard(worker)
                if not self._ending:
                    log.error("worker %d ended by itself, status %d", worker, status)
                    self._wait_until_it_serves(self._start())
        finally:
            self._end()
            for worker in self.running:
                os.waitpid(worker, 0)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._alive_read)
            os.close(self._alive_write)

    def _start(self) -> int:
        """Start a worker; the end of a pipe on which it tells that it serves."""
        told_read, told_write = os.pipe()
        worker = os.fork()
        if worker == 0:
            os.close(told_read)
            self._work(told_write)
        self.running.add(worker)
        os.close(told_write)
        if self._ending:  # the signal came while it was being started
            _end_process(worker)
        return told_read

    def _wait_until_it_serves(self, told: int) -> None:
        try:
            if not os.read(told, 1) and not self._ending:
                raise ServerError(
                    "Một tiến trình của máy chủ kết thúc ngay khi khởi động.",
                    hint="Xem nhật ký của máy chủ.",
                    code="workers",
                )
        finally:
            os.close(told)

    def _work(self, told: int) -> NoReturn:
        """Be a worker."""
        status = 1
        try:
            for number in _ENDING:
                signal.signal(number, signal.SIG_DFL)
            os.close(self._alive_write)
            threading.Thread(target=self._end_with_the_other, daemon=True).start()
            self._serve(lambda: _tell(told))
            status = 0
        except BaseException:
            log.exception("a worker failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _end_with_the_other(self) -> None:
        """Nobody is left to end this worker once the process that minds it was killed."""
        os.read(self._alive_read, 1)
        _end_process(os.getpid())

    def _end(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self._ending = True
        for worker in self.running:
            _end_process(worker)


def _tell(told: int) -> None:
    os.write(told, b".")
    os.close(told)


def _end_process(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)


_ENDING = (signal.SIGTERM, signal.SIGINT)

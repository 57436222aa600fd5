"""Where threads live. Nothing else in the window may wait for a disk, a file or the network.

Three executors with one worker each: one owns the desk (it is opened there, and every action runs there), one is for
the network and opens a desk of its own for each piece of work, one is for what needs no desk. Results come back to
the window's thread by a queued signal. A result whose owner is gone is dropped.

While the window is locked the desk is closed, and whatever needs one waits on its thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from typing import Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.domain.kinds import KINDS
from kcdesk.errors import Cancelled, KcdeskError, KeyDestroyed

T = TypeVar("T")

OpenDesk = Callable[[], AbstractContextManager[Desk]]
EVERYTHING = frozenset(KINDS)
NOTHING: frozenset[str] = frozenset()

log = logging.getLogger(__name__)


class Running(QObject):
    """A piece of work under way: it tells how far it is, and can be asked to stop."""

    progressed = Signal(str, int, int)
    """Phase, done, of how many; arrives in the window's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled = threading.Event()

    def cancel(self) -> None:
        self.cancelled.set()

    def progress(self, phase: str, done: int, total: int) -> None:
        """Called by the work, on its thread. Raises `Cancelled` when it was asked to stop."""
        if self.cancelled.is_set():
            raise Cancelled("Đã dừng theo yêu cầu.", hint="Chưa có gì thay đổi.")
        self.progressed.emit(phase, done, total)


class _Reply(Generic[T]):
    """What goes back to the window: an outcome and who waits for it."""

    def __init__(
        self,
        owner: QObject,
        running: Running,
        done: Callable[[T], None],
        failed: Callable[[KcdeskError], None] | None,
        touches: frozenset[str],
    ) -> None:
        self.owner = owner
        self.running = running
        self.done = done
        self.failed = failed
        self.touches = touches
        self.result: T | None = None
        self.error: BaseException | None = None


class Tasks(QObject):
    """The one task runner of the window. `open_desk` is called on the worker that will own the desk."""

    changed = Signal(object)
    """Kinds of record (frozenset of names) that some work has touched."""
    trouble = Signal(object)
    """An error (KcdeskError or a bug of ours) that nobody handles."""
    key_destroyed = Signal(object)
    """Some work has met that the workspace's key is gone for good (KeyDestroyed)."""
    busy = Signal(bool)

    _arrived = Signal(object)

    def __init__(self, open_desk: OpenDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_desk = open_desk
        self._desk_worker = ThreadPoolExecutor(1, "desk")
        self._network_worker = ThreadPoolExecutor(1, "network")
        self._other_worker = ThreadPoolExecutor(1, "outside")
        self._on_network: set[Running] = set()
        self._gate = threading.Condition()
        self._locked = False
        self._desk_shut = False
        self._stack = ExitStack()
        self._desk: Desk | None = None
        self._under_way: set[Running] = set()
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way and every result has been delivered."""
        return not self._under_way

    def ask(
        self,
        owner: QObject,
        work: Callable[[Desk], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[KcdeskError], None] | None = None,
        touches: frozenset[str] = NOTHING,
    ) -> Running:
        """Run `work` with the desk on its thread, then `done` (or `failed`) here. `touches`: kinds it changes."""
        return self.long(owner, lambda desk, _: work(desk), done, failed=failed, touches=touches)

    def long(
        self,
        owner: QObject,
        work: Callable[[Desk, Running], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[KcdeskError], None] | None = None,
        touches: frozenset[str] = NOTHING,
    ) -> Running:
        """Like `ask`, for work that shows progress and can be cancelled."""

        def at_own_desk(running: Running) -> T:
            desk = self._own_desk()
            with desk.workspace.at_work():
                return work(desk, running)

        reply = _Reply(owner, Running(), done, failed, touches)
        return self._start(self._desk_worker, at_own_desk, reply)

    def network(
        self,
        owner: QObject,
        work: Callable[[Desk, Running], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[KcdeskError], None] | None = None,
        touches: frozenset[str] = NOTHING,
    ) -> Running:
        """Run `work` on the network's thread with a desk of its own, opened and closed around it."""

        def with_own_desk(running: Running) -> T:
            self._wait_until(lambda: not self._locked)
            with self._open_desk() as desk:
                return work(desk, running)

        reply = _Reply(owner, Running(), done, failed, touches)
        self._on_network.add(reply.running)
        return self._start(self._network_worker, with_own_desk, reply)

    def outside(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[KcdeskError], None] | None = None,
    ) -> Running:
        """Run `work`, which needs no desk, away from the window's thread."""
        return self.long_outside(owner, lambda _: work(), done, failed=failed)

    def long_outside(
        self,
        owner: QObject,
        work: Callable[[Running], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[KcdeskError], None] | None = None,
    ) -> Running:
        """Like `outside`, for work that shows progress and can be cancelled."""
        reply = _Reply(owner, Running(), done, failed, NOTHING)
        return self._start(self._other_worker, work, reply)

    @property
    def locked(self) -> bool:
        """Whether work that needs a desk would wait for `unlock`."""
        return self._locked

    @property
    def shut(self) -> bool:
        """Whether the window is locked and nothing holds the workspace any more."""
        return self._desk_shut and not self._on_network

    def lock(self) -> None:
        """Close the desk as soon as what was asked of it is done; the network is asked to stop. Until `unlock`."""
        with self._gate:
            self._locked = True
        for running in self._on_network:
            running.cancel()
        self._desk_worker.submit(self._shut_desk)

    def unlock(self) -> None:
        """Go on with what waits; the desk is opened again."""
        with self._gate:
            self._locked = self._desk_shut = False
            self._gate.notify_all()

    def _shut_desk(self) -> None:
        self._desk = None
        self._stack.close()
        with self._gate:
            self._desk_shut = self._locked

    def _wait_until(self, free: Callable[[], bool]) -> None:
        """On a worker: wait for `unlock`. Raises `Cancelled` when the program ends instead."""
        with self._gate:
            self._gate.wait_for(lambda: free() or self._closed)
        if self._closed:
            raise Cancelled("Chương trình đang đóng.")

    def close(self, *, wait: bool = True) -> None:
        """Ask everything to stop, wait for it, close the desk. Results on the way are dropped.

        Without `wait` the threads end by themselves, at the latest when the program does.
        """
        if self._closed:
            return
        with self._gate:
            self._closed = True
            self._gate.notify_all()
        for running in self._under_way:
            running.cancel()
        self._desk_worker.submit(self._stack.close)
        for worker in (self._network_worker, self._other_worker, self._desk_worker):
            worker.shutdown(wait=wait)

    def _own_desk(self) -> Desk:
        """On the desk's thread: the desk, opened when first asked for."""
        if self._desk is None:
            self._wait_until(lambda: not self._desk_shut)
            self._desk = self._stack.enter_context(self._open_desk())
        self._desk.workspace.follow_edition()  # the network's thread may have brought one
        return self._desk

    def _start(
        self, worker: ThreadPoolExecutor, work: Callable[[Running], T], reply: _Reply[T]
    ) -> Running:
        def finished(future: Future[T]) -> None:
            reply.error = future.exception()
            if reply.error is None:
                reply.result = future.result()
            self._arrived.emit(reply)

        running = reply.running
        if self._closed:  # a timer of a window on its way out: nobody waits for the answer
            running.cancel()
            return running
        self._under_way.add(running)
        if len(self._under_way) == 1:
            self.busy.emit(True)
        worker.submit(work, running).add_done_callback(finished)
        return running

    @Slot(object)
    def _deliver(self, reply: _Reply[object]) -> None:
        if self._closed:
            return
        self._under_way.discard(reply.running)
        self._on_network.discard(reply.running)
        if not self._under_way:
            self.busy.emit(False)
        error = reply.error
        if isinstance(error, KeyDestroyed):
            self.key_destroyed.emit(error)
        if error is None and isinstance(reply.result, Saved):
            reply.touches |= {kind for kind, _ in reply.result.records}
        if shiboken6.isValid(reply.owner):
            if error is None:
                reply.done(reply.result)
            elif isinstance(error, KcdeskError) and reply.failed is not None:
                reply.failed(error)
            else:
                self._report(error)
        if reply.touches:
            self.changed.emit(reply.touches)

    def _report(self, error: BaseException) -> None:
        if not isinstance(error, KcdeskError):
            log.error("work failed", exc_info=error)
        self.trouble.emit(error)

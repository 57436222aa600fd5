"""The task runner: what runs where, what comes back, what is dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import add_record
from kcdesk.errors import Cancelled, KcdeskError, NoKey
from kcdesk.ui.sample import Sample
from kcdesk.ui.tasks import Running, Tasks


def test_work_runs_on_one_thread_and_its_result_comes_back_to_ours(
    qtbot: QtBot, tasks: Tasks, settle: Callable[[Tasks], None]
) -> None:
    here, there, back = threading.get_ident(), set[int](), list[int]()

    def work(desk: Desk) -> str:
        there.add(threading.get_ident())
        return desk.workspace.person

    for _ in range(5):
        tasks.ask(tasks, work, lambda _: back.append(threading.get_ident()))
    settle(tasks)
    assert len(there) == 1
    assert here not in there
    assert back == [here] * 5


def test_the_network_has_a_thread_and_a_desk_of_its_own(
    tasks: Tasks, settle: Callable[[Tasks], None]
) -> None:
    seen: list[tuple[int, int]] = []

    def work(desk: Desk, _: Running) -> tuple[int, int]:
        return threading.get_ident(), id(desk)

    tasks.long(tasks, work, seen.append)
    tasks.network(tasks, work, seen.append)
    settle(tasks)
    assert len({thread for thread, _ in seen}) == 2
    assert len({desk for _, desk in seen}) == 2


def test_a_result_whose_owner_is_gone_is_dropped(
    qtbot: QtBot, tasks: Tasks, settle: Callable[[Tasks], None]
) -> None:
    owner, results = QObject(), list[object]()
    go = threading.Event()
    tasks.ask(owner, lambda _: go.wait(10), results.append)
    with qtbot.waitSignal(owner.destroyed):
        owner.deleteLater()
    go.set()
    settle(tasks)
    assert results == []


def test_expected_trouble_goes_to_who_asked_and_otherwise_to_the_window(
    qtbot: QtBot, tasks: Tasks, settle: Callable[[Tasks], None]
) -> None:
    def refuse(_: Desk) -> None:
        raise NoKey("Không có khoá.", hint="Tìm khoá.")

    caught: list[KcdeskError] = []
    tasks.ask(tasks, refuse, lambda _: None, failed=caught.append)
    settle(tasks)
    assert [error.message for error in caught] == ["Không có khoá."]
    with qtbot.waitSignal(tasks.trouble) as told:
        tasks.ask(tasks, refuse, lambda _: None)
    assert told.args is not None
    assert isinstance(told.args[0], NoKey)


def test_a_bug_is_logged_with_its_trace_and_told(
    qtbot: QtBot, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Desk) -> None:
        raise ZeroDivisionError("ours")

    with qtbot.waitSignal(tasks.trouble):
        tasks.ask(tasks, broken, lambda _: None, failed=lambda _: pytest.fail("not expected"))
    assert "ZeroDivisionError" in caplog.text


def test_what_was_saved_names_the_kinds_it_touched(qtbot: QtBot, tasks: Tasks) -> None:
    with qtbot.waitSignal(tasks.changed) as changed:
        tasks.ask(
            tasks, lambda desk: add_record(desk, "establishments", {"name": "Mới"}), lambda _: None
        )
    assert changed.args == [frozenset({"establishments"})]


def test_progress_comes_in_order_and_cancelling_stops_the_work(
    qtbot: QtBot, tasks: Tasks, settle: Callable[[Tasks], None]
) -> None:
    may_go, steps, caught = threading.Event(), list[int](), list[KcdeskError]()

    def work(_: Desk, running: Running) -> None:
        for step in range(1, 4):
            running.progress("rows", step, 100)
        may_go.wait(10)
        running.progress("rows", 4, 100)

    running = tasks.long(tasks, work, lambda _: pytest.fail("was cancelled"), failed=caught.append)
    running.progressed.connect(lambda _, done, __: steps.append(done))
    qtbot.waitUntil(lambda: len(steps) == 3)
    running.cancel()
    may_go.set()
    settle(tasks)
    assert steps == [1, 2, 3]
    assert [type(error) for error in caught] == [Cancelled]


def test_closing_waits_for_work_and_closes_the_desk_on_its_own_thread(place: Sample) -> None:
    threads: list[int] = []

    @contextmanager
    def watched() -> Iterator[Desk]:
        with place.open() as desk:
            threads.append(threading.get_ident())
            yield desk
            threads.append(threading.get_ident())

    tasks = Tasks(watched)
    tasks.ask(tasks, lambda desk: desk.workspace.person, lambda _: None)
    tasks.close()
    tasks.close()
    assert len(threads) == 2
    assert threads[0] == threads[1] != threading.get_ident()


def test_what_is_asked_after_the_end_is_not_done(place: Sample) -> None:
    runner, done = Tasks(place.open), list[object]()
    runner.close()
    late = [
        runner.ask(runner, lambda desk: desk.workspace.person, done.append),
        runner.network(runner, lambda desk, _: desk.workspace.person, done.append),
    ]
    assert all(running.cancelled.is_set() for running in late)
    assert runner.idle
    assert done == []

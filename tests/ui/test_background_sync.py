"""The window exchanges with the province by itself; the clock is the test's, nothing waits.

What an exchange does is tried with a real server; when it happens and what is said of it, with answers given here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.metered import Outgoing, TooMuch
from kcdesk.actions.records import open_record, set_fields
from kcdesk.actions.sync_schedule import FROM_TIME_TO_TIME_MS, LONGEST_WAIT_MS
from kcdesk.actions.syncing import join, sync
from kcdesk.errors import BadAnswer, Cancelled
from kcdesk.sync.engine import SyncReport
from kcdesk.sync.protocol import Refusal
from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.sync_runner import Outcome
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow
from tests.conftest import SettableClock
from tests.ui.hands import Ask, Settle
from tests.ui.servers import province

KIND = "establishments"


@pytest.fixture
def window(
    qtbot: QtBot, tasks: Tasks, settle: Settle, clock: SettableClock
) -> Iterator[MainWindow]:
    """On `place`, with a clock that stands."""
    made = MainWindow(Context(tasks, clock, bytes))
    qtbot.addWidget(made)
    made.refresh_standing()
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    settle(tasks)
    yield made
    tasks.close()
    made._may_close = True


@pytest.fixture
def joined(window: MainWindow, ask: Ask, settle: Settle, tmp_path: Path) -> Iterator[str]:
    """The workspace has joined a running server; a code for a colleague's."""
    with province(tmp_path, enrolments=2) as (url, codes):
        ask(lambda desk: join(desk, url, codes[0]))
        window.refresh_standing()
        settle(window.tasks)
        yield f"{url} {codes[1]}"


@pytest.fixture
def not_there(window: MainWindow, ask: Ask, settle: Settle) -> None:
    """Joined to a server that does not exist."""
    ask(sample.deliver)
    window.refresh_standing()
    settle(window.tasks)


def report(*refused: Refusal) -> SyncReport:
    """An exchange that sent and received nothing."""
    return SyncReport(0, 0, 0, 0, 1, 0, 0, 0, 0, refused, 0, (), ())


@pytest.fixture
def answered(not_there: None, monkeypatch: pytest.MonkeyPatch) -> list[SyncReport]:
    """What exchanges answer, in turn; the last answers for ever."""
    answers = [report()]

    def exchange(_: Desk, *, cancel: threading.Event, **__: object) -> tuple[SyncReport, None]:
        if cancel.is_set():
            raise Cancelled("Đã dừng.")
        return answers.pop(0) if len(answers) > 1 else answers[0], None

    monkeypatch.setattr("kcdesk.actions.contents.exchange", exchange)
    return answers


def watch(window: MainWindow) -> list[Outcome]:
    outcomes: list[Outcome] = []
    window.sync_runner.ended.connect(outcomes.append)
    return outcomes


def undelivered(window: MainWindow) -> str:
    return window._standing.text().split("   ·   ")[0]


def test_by_itself_after_opening_after_changes_and_from_time_to_time(
    window: MainWindow, joined: str, ask: Ask, settle: Settle, clock: SettableClock
) -> None:
    outcomes = watch(window)
    assert undelivered(window) == "3 thay đổi chưa đến tỉnh"
    window.background_sync.look()
    assert window.sync_runner.running is None  # a laptop that starts has enough to do
    clock.advance(60_000)
    window.background_sync.look()
    assert window.line.text() == "Đang đồng bộ…"
    assert undelivered(window) == "3 thay đổi chưa đến tỉnh"  # not sent before it is committed
    settle(window.tasks)
    assert undelivered(window) == "Mọi thay đổi đã ở tỉnh"
    assert window.line.text() == ""
    assert not window.banner.isVisible()
    assert {window.list.model.index(row, 5).data() for row in range(3)} == {"Đã ở tỉnh"}

    record = str(window.list.model.rows[0].row["id"])
    ask(lambda desk: set_fields(desk, KIND, record, {"note": "Mới"}))
    window.refresh_standing()
    settle(window.tasks)
    clock.advance(59_999)
    window.background_sync.look()
    assert len(outcomes) == 1
    clock.advance(1)
    window.background_sync.look()
    settle(window.tasks)
    assert undelivered(window) == "Mọi thay đổi đã ở tỉnh"
    clock.advance(FROM_TIME_TO_TIME_MS)
    window.background_sync.look()
    settle(window.tasks)
    assert [(one.asked, one.error) for one in outcomes] == [(False, None)] * 3


def test_nothing_moves_under_the_hands_of_who_works(
    qtbot: QtBot,
    window: MainWindow,
    joined: str,
    ask: Ask,
    settle: Settle,
    clock: SettableClock,
    tmp_path: Path,
) -> None:
    record = str(window.list.model.rows[0].row["id"])
    ask(sync)
    url, code = joined.split()
    other = sample.Sample(tmp_path / "other", Ticking())
    with closing(other.create(sample.COLLEAGUE).workspace):
        pass
    with other.open() as theirs:
        join(theirs, url, code)
        sync(theirs)
        set_fields(theirs, KIND, record, {"trade": "Nấu rượu"})
        sync(theirs)
    window.open_record(record)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, RecordScreen)
    hamlet, phone = screen.fields["hamlet"].editor, screen.fields["phone"].editor
    hamlet.setFocus()
    qtbot.keyClicks(hamlet, "Thon")
    before = QApplication.focusWidget()
    clock.advance(60_000)
    window.background_sync.look()
    qtbot.keyClicks(hamlet, " Din")
    settle(window.tasks)
    assert QApplication.focusWidget() is before
    assert screen.fields["hamlet"].text.endswith("Thon Din")
    assert window.up is screen
    assert not window.banner.isVisible()
    assert phone is screen.fields["phone"].editor
    trade = ask(lambda desk: open_record(desk, KIND, record).get("trade"))
    assert trade == "Nấu rượu"  # it has come all the same


@pytest.mark.usefixtures("answered")
def test_never_while_locked(window: MainWindow, settle: Settle, clock: SettableClock) -> None:
    outcomes = watch(window)
    clock.advance(60_000)
    window.tasks.lock()
    window.background_sync.look()
    assert not window.sync_runner.run(asked=True)
    assert window.sync_runner.running is None
    window.tasks.unlock()
    window.background_sync.look()
    settle(window.tasks)
    assert [one.error for one in outcomes] == [None]


def test_locking_stops_the_one_under_way(
    window: MainWindow,
    not_there: None,
    settle: Settle,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def until_cancelled(_: Desk, *, cancel: threading.Event, **__: object) -> None:
        assert cancel.wait(60)
        raise Cancelled("Đã dừng.")

    monkeypatch.setattr("kcdesk.actions.contents.exchange", until_cancelled)
    outcomes = watch(window)
    clock.advance(60_000)
    window.background_sync.look()
    running = window.sync_runner.running
    assert running is not None
    window.tasks.lock()
    assert running.cancelled.is_set()
    window.tasks.unlock()
    settle(window.tasks)
    assert len(outcomes) == 1
    assert window.line.text() == ""
    assert not window.banner.isVisible()


@pytest.mark.usefixtures("answered")
def test_never_two_at_once_and_who_comes_to_ask_is_told(
    window: MainWindow, settle: Settle, clock: SettableClock
) -> None:
    outcomes = watch(window)
    clock.advance(60_000)
    window.background_sync.look()
    running = window.sync_runner.running
    window.background_sync.look()
    window.go(window.sync)
    assert not window.sync.cancel_button.isHidden()
    window.go(window.sync)  # F9 again: now
    assert window.sync_runner.running is running
    settle(window.tasks)
    assert [one.asked for one in outcomes] == [True]
    assert window.banner.message == "Đồng bộ xong: gửi 0 thay đổi, nhận 0."


@pytest.mark.usefixtures("answered")
def test_switched_off(
    qtbot: QtBot, window: MainWindow, settle: Settle, clock: SettableClock
) -> None:
    window.go(window.sync)
    settle(window.tasks)
    assert window.sync.background.isChecked()
    qtbot.mouseClick(window.sync.background, Qt.MouseButton.LeftButton)
    settle(window.tasks)
    clock.advance(LONGEST_WAIT_MS)
    window.background_sync.look()
    assert window.sync_runner.running is None
    window.sync.entered()
    settle(window.tasks)
    assert not window.sync.background.isChecked()
    window.sync.sync()  # a person may
    settle(window.tasks)
    assert window.banner.message.startswith("Đồng bộ xong")


@pytest.mark.usefixtures("not_there")
def test_trouble_with_the_line_is_quiet_and_tried_less_and_less(
    window: MainWindow, settle: Settle, clock: SettableClock
) -> None:
    outcomes = watch(window)
    for wait in (1, 1, 2, 4, 8):
        clock.advance(wait * 60_000 - 1)
        window.background_sync.look()
        assert window.sync_runner.running is None
        clock.advance(1)
        window.background_sync.look()
        settle(window.tasks)
        assert not window.banner.isVisible()
        assert window.line.text() == "Chưa gọi được máy chủ của tỉnh, sẽ tự thử lại"
        assert window.line.toolTip().startswith("Không kết nối được")
    assert len(outcomes) == 5


@pytest.mark.usefixtures("not_there")
def test_what_needs_the_person_is_told_once(
    window: MainWindow,
    settle: Settle,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise BadAnswer("Nơi trả lời không phải là máy chủ của tỉnh.", hint="Đăng nhập Wi-Fi.")

    monkeypatch.setattr("kcdesk.actions.contents.exchange", wrong)

    def again() -> None:
        clock.advance(LONGEST_WAIT_MS)
        window.background_sync.look()
        settle(window.tasks)

    again()
    assert window.banner.isVisible()
    assert window.banner.message == "Nơi trả lời không phải là máy chủ của tỉnh."
    assert window.line.text() == ""
    window.banner.hide()
    again()
    assert not window.banner.isVisible()
    window.sync.sync()  # who asks is told each time
    settle(window.tasks)
    assert window.banner.isVisible()


def test_new_refusals_are_told(
    window: MainWindow, answered: list[SyncReport], settle: Settle, clock: SettableClock
) -> None:
    refusal = Refusal(1, "no_area")
    answered[:] = [report(refusal), report(), report(refusal), report()]
    told = []
    for _ in range(4):
        clock.advance(FROM_TIME_TO_TIME_MS)
        window.background_sync.look()
        settle(window.tasks)
        told.append(window.banner.isVisible() and window.banner.message)
        window.banner.hide()
    sentence = "Tỉnh từ chối 1 mục: xem lý do và cách xử lý ở Đồng bộ (F9)."
    assert told == [sentence, False, sentence, False]


@pytest.mark.usefixtures("answered")
def test_cancelled_it_waits_for_its_next_time(
    window: MainWindow, settle: Settle, clock: SettableClock
) -> None:
    outcomes = watch(window)
    clock.advance(60_000)
    window.background_sync.look()
    window.sync_runner.cancel()
    settle(window.tasks)
    assert len(outcomes) == 1
    clock.advance(FROM_TIME_TO_TIME_MS - 1)
    window.background_sync.look()
    assert window.sync_runner.running is None
    clock.advance(1)
    window.background_sync.look()
    settle(window.tasks)
    assert outcomes[-1].error is None


@pytest.mark.usefixtures("not_there")
def test_over_a_line_that_is_paid_by_the_byte_the_person_is_asked_and_nobody_else(
    window: MainWindow, settle: Settle, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[object, object]] = []

    def exchange(
        _: Desk, *, metered: bool | None, agreed: bool, photos: bool | None, **__: object
    ) -> tuple[SyncReport, None]:
        if metered and not agreed:
            raise TooMuch(Outgoing(1234, 7_300_000, 3, 12_000_000))
        called.append((agreed, photos))
        return report(), None

    monkeypatch.setattr("kcdesk.actions.contents.exchange", exchange)
    monkeypatch.setattr("kcdesk.ui.sync_runner.is_metered", lambda: True)
    clock.advance(60_000)
    window.background_sync.look()
    settle(window.tasks)
    assert window.line.text() == "Mạng tính tiền: chờ bạn đồng ý gửi (F9)"
    assert not window.banner.isVisible()
    for button, expected in ((0, (True, False)), (1, (True, True)), (2, None)):
        called.clear()
        window.sync.sync()
        settle(window.tasks)
        box = window.sync.metered_box
        assert box.text() == ("Sẽ gửi 1.234 thay đổi, khoảng 7,3 MB, và 3 ảnh, tài liệu, 12,0 MB.")
        box.buttons()[button].click()
        settle(window.tasks)
        assert called == ([expected] if expected else [])

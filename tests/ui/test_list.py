"""The list of establishments: search as people type, keys, states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import list_records, set_fields
from kcdesk.domain.text import sort_key
from kcdesk.ui import sample, theme
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.establishments import DEBOUNCE_MS, PAGE, EstablishmentsScreen
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle


@pytest.fixture
def full(qtbot: QtBot, full_workspace: Path, settle: Settle) -> Iterator[EstablishmentsScreen]:
    """The list over the sample lists."""
    tasks = Tasks(sample.Sample(full_workspace, Ticking()).open)
    screen = EstablishmentsScreen(Context(tasks, Ticking()))
    qtbot.addWidget(screen)
    screen.resize(1100, 600)
    screen.show()
    screen.entered()
    settle(tasks)
    yield screen
    tasks.close()


def names(screen: EstablishmentsScreen) -> list[str]:
    return [str(record.row["name"]) for record in screen.model.rows]


def search(qtbot: QtBot, screen: EstablishmentsScreen, text: str) -> None:
    screen.search.clear()
    with qtbot.waitSignal(screen.model.modelReset, timeout=10_000):
        qtbot.keyClicks(screen.search, text)
    qtbot.waitUntil(lambda: not screen._timer.isActive() and screen.tasks.idle)


def test_typing_without_marks_finds_the_name_first(
    qtbot: QtBot, full: EstablishmentsScreen
) -> None:
    search(qtbot, full, "vang a pao")
    assert names(full)[0] == "Hộ Vàng A Páo"
    phone = str(full.model.index(0, 3).data())
    search(qtbot, full, phone)
    assert names(full) == ["Hộ Vàng A Páo"]
    assert full.count.text() == "1 kết quả trong 6.542 cơ sở"


def test_typing_asks_once_after_a_pause_and_only_from_two_letters(
    qtbot: QtBot, full: EstablishmentsScreen
) -> None:
    before = full._asked
    qtbot.keyClicks(full.search, "v", delay=0)
    qtbot.waitUntil(lambda: not full._timer.isActive() and full.tasks.idle)
    assert "từ hai chữ" in full.count.text()
    assert full.model.rowCount() == 6542
    asked = full._asked
    qtbot.keyClicks(full.search, "ang a pao", delay=0)
    assert full._timer.isActive()
    qtbot.waitUntil(lambda: not full._timer.isActive() and full.tasks.idle)
    assert full._asked == asked + 1 > before
    assert DEBOUNCE_MS == 150


def test_one_can_jump_anywhere_in_the_list(qtbot: QtBot, full: EstablishmentsScreen) -> None:
    assert len(full.model.rows) == PAGE
    assert full.model.rowCount() == 6542
    bottom, middle = full.model.index(6541, 0), full.model.index(3000, 0)
    full.table.scrollToBottom()
    qtbot.waitUntil(lambda: bottom.data() is not None)
    full.table.scrollTo(middle)
    qtbot.waitUntil(lambda: middle.data() is not None)
    assert len(full.model.rows) < 4 * PAGE
    shown = names(full)
    assert [sort_key(name) for name in shown] == sorted(sort_key(name) for name in shown)


def test_a_long_answer_to_a_search_grows(qtbot: QtBot, full: EstablishmentsScreen) -> None:
    search(qtbot, full, "ho")
    assert full.model.rowCount() == PAGE
    with qtbot.waitSignal(full.model.rowsInserted):
        full.table.scrollToBottom()
    qtbot.waitUntil(lambda: full.tasks.idle)
    assert full.model.rowCount() == 2 * PAGE == len({id(record) for record in full.model.rows})


def test_nothing_found_says_what_to_try(qtbot: QtBot, full: EstablishmentsScreen) -> None:
    full.search.setText("khong co ten nay")
    qtbot.waitUntil(lambda: not full._timer.isActive() and full.tasks.idle)
    assert full.model.rowCount() == 0
    assert full._nothing_found.isVisible()


def test_enter_opens_and_escape_goes_back(qtbot: QtBot, window: MainWindow, settle: Settle) -> None:
    qtbot.keyClick(window.list.search, Qt.Key.Key_Down)
    assert window.focusWidget() is window.list.table
    qtbot.keyClick(window.list.table, Qt.Key.Key_Return)
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    assert window.title.text() == "Công ty TNHH Bản Sen"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    settle(window.tasks)
    assert window.up is window.list


def test_enter_in_the_search_line_opens_the_best_match(
    qtbot: QtBot, window: MainWindow, settle: Settle
) -> None:
    search(qtbot, window.list, "duc")
    assert names(window.list) == ["HTX Đức Thịnh"]
    qtbot.keyClick(window.list.search, Qt.Key.Key_Return)
    settle(window.tasks)
    assert window.title.text() == "HTX Đức Thịnh"


def test_the_state_of_delivery_is_told_truthfully(
    qtbot: QtBot,
    window: MainWindow,
    ask: Ask,
    settle: Settle,
) -> None:
    def said(row: int) -> str:
        return str(window.list.model.index(row, 5).data())

    assert [said(row) for row in range(3)] == ["Trên máy này"] * 3
    ask(sample.deliver)
    window.list.entered()
    settle(window.tasks)
    assert said(0).startswith("Bị từ chối: xã, phường của hồ sơ không thuộc địa bàn")
    assert said(1) == "Trên máy này"
    assert said(2) == "Đã ở tỉnh"
    colour = window.list.model.index(0, 5).data(Qt.ItemDataRole.ForegroundRole)
    assert colour.name() == theme.BAD


def test_a_change_elsewhere_shows_at_once(qtbot: QtBot, window: MainWindow, settle: Settle) -> None:
    def rename(desk: Desk) -> object:
        record = list_records(desk, "establishments").records[0].row["id"]
        return set_fields(desk, "establishments", str(record), {"name": "Công ty Ấm Chè"})

    with qtbot.waitSignal(window.list.model.modelReset):
        window.tasks.ask(window, rename, lambda _: None)
    settle(window.tasks)
    assert "Công ty Ấm Chè" in names(window.list)


def test_an_empty_workspace_says_what_to_do(qtbot: QtBot, tmp_path: Path, settle: Settle) -> None:
    place = sample.Sample(tmp_path / "new", Ticking())
    place.create().workspace.close()
    tasks = Tasks(place.open)
    window = MainWindow(Context(tasks, Ticking()))
    qtbot.addWidget(window)
    window.show()
    settle(tasks)
    assert window.list._empty.isVisible()
    assert not window.list.table.isVisible()
    tasks.close()
    window._may_close = True

"""Joining and syncing in the window, with a real server in its own process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from kcdesk.actions.records import list_records, set_fields
from kcdesk.actions.syncing import join, sync
from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.syncing import SyncScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle
from tests.ui.servers import province


@pytest.fixture
def at_the_province(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    with province(tmp_path, enrolments=2) as running:
        yield running


@pytest.fixture
def screen(window: MainWindow, settle: Settle) -> SyncScreen:
    window.go(window.sync)
    settle(window.tasks)
    return window.sync


def facts(screen: SyncScreen) -> str:
    return "\n".join(part.text() for part in screen.findChildren(QLabel) if part.isVisible())


def test_joining_sends_everything_up_and_the_states_follow(
    qtbot: QtBot,
    window: MainWindow,
    screen: SyncScreen,
    at_the_province: tuple[str, list[str]],
    settle: Settle,
    tmp_path: Path,
) -> None:
    url, codes = at_the_province
    assert "chưa nối với tỉnh" in facts(screen)
    screen.server.setText(url)
    screen.code.setText("sai mã")
    screen.join()
    settle(window.tasks)
    assert window.banner.isVisible()
    assert screen.join_button.isEnabled()

    screen.code.setText(codes[0])
    qtbot.keyClick(screen.code, Qt.Key.Key_Return)
    settle(window.tasks)
    assert window.banner.message == "Đồng bộ xong: gửi 3 thay đổi, nhận 0."
    assert screen.phase.text() == "Mọi thay đổi của máy này đã ở tỉnh."
    assert screen.sync_button.isEnabled()
    window.go(window.list)
    settle(window.tasks)
    assert {window.list.model.index(row, 5).data() for row in range(3)} == {"Đã ở tỉnh"}

    other = sample.Sample(tmp_path / "other", Ticking())
    with closing(other.create(sample.COLLEAGUE).workspace):
        pass
    with other.open() as theirs:
        join(theirs, url, codes[1])
        sync(theirs)
        record = str(list_records(theirs, "establishments").records[0].row["id"])
        set_fields(theirs, "establishments", record, {"trade": "Nấu rượu"})
        sync(theirs)
    window.open_record(record)
    settle(window.tasks)
    window.tasks.ask(
        window,
        lambda desk: set_fields(desk, "establishments", record, {"trade": "Chế biến chè"}),
        lambda _: None,
    )
    settle(window.tasks)
    qtbot.keyClick(window, Qt.Key.Key_F9)
    settle(window.tasks)
    qtbot.keyClick(window, Qt.Key.Key_F9)
    settle(window.tasks)
    assert "nhận 1" in window.banner.message
    assert "(1)" in window.rail.button_of(window.conflicts).text()
    window.go(window.conflicts)
    settle(window.tasks)
    assert [side.shown for side in window.conflicts.model.rows[0].sides] == [
        "Nấu rượu",
        "Chế biến chè",
    ]


def test_no_server_is_one_sentence_and_nothing_is_lost(
    window: MainWindow, screen: SyncScreen, settle: Settle, ask: Ask
) -> None:
    ask(sample.deliver)
    screen.entered()
    settle(window.tasks)
    screen.sync()
    assert screen.cancel_button.isVisible()
    assert not screen.sync_button.isEnabled()
    screen.sync()
    settle(window.tasks)
    assert window.banner.message.startswith("Không kết nối được với máy chủ")
    assert "vẫn đầy đủ" in window.banner.hint
    assert "1 thay đổi còn ở trên máy này" in screen.phase.text()
    assert screen.sync_button.isEnabled()


def test_what_was_refused_opens_its_record(
    qtbot: QtBot, window: MainWindow, screen: SyncScreen, settle: Settle, ask: Ask
) -> None:
    ask(sample.deliver)
    screen.entered()
    settle(window.tasks)
    assert len(screen.refused.rows) == 1
    screen._refused_table.choose_first()
    qtbot.keyClick(screen._refused_table, Qt.Key.Key_Return)
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)


def test_joining_needs_an_address_and_a_code(window: MainWindow, screen: SyncScreen) -> None:
    screen.join()
    assert "địa chỉ máy chủ và mã" in window.banner.message

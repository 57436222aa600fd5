"""Joining and syncing in the window, with a real server in its own process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import add_record, list_records, open_record, set_fields
from kcdesk.actions.sync_settings import DAY_MS, SyncSettings, set_sync_settings
from kcdesk.actions.syncing import join, sync
from kcdesk.ui import sample, theme
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.refused import CorrectDialog
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
    assert len(screen.refused.model.rows) == 1
    qtbot.keyClick(screen.refused.table, Qt.Key.Key_Return)
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)


def refused_screen(window: MainWindow, settle: Settle, ask: Ask) -> SyncScreen:
    ask(sample.deliver)
    window.go(window.sync)
    settle(window.tasks)
    window.go(window.list)
    window.go(window.sync)  # how it stands is known now, so work begins in the table
    settle(window.tasks)
    return window.sync


def test_what_was_refused_comes_first_and_has_the_cursor(
    window: MainWindow, settle: Settle, ask: Ask
) -> None:
    screen = refused_screen(window, settle, ask)
    assert screen.refused.table.hasFocus()
    top = screen.refused.mapTo(screen, screen.refused.rect().topLeft()).y()
    assert top < screen.sync_button.mapTo(screen, screen.sync_button.rect().topLeft()).y()
    bottom = screen.refused.mapTo(screen, screen.refused.rect().bottomLeft()).y()
    assert 0 <= top < bottom < screen.height()
    assert "Chọn đúng xã, phường" in screen.refused.what_to_do.text()


def test_it_is_corrected_by_keyboard(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    screen = refused_screen(window, settle, ask)
    record = screen.refused.model.rows[0].record
    qtbot.keyClick(screen.refused.table, Qt.Key.Key_F4)
    settle(window.tasks)
    dialog = screen.refused.dialog
    assert isinstance(dialog, CorrectDialog)
    assert list(dialog.fields) == ["commune", "note"]  # what is wrong is asked for, said or not
    qtbot.waitUntil(dialog.fields["commune"].editor.hasFocus)
    dialog.fields["note"].type("Sửa lần hai")
    dialog.save()
    settle(window.tasks)
    assert not screen.refused.isVisible()
    assert "Đã ghi lại" in window.banner.message
    note = ask(lambda desk: open_record(desk, "establishments", record).get("note"))
    assert note == "Sửa lần hai"


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_R])
def test_it_is_withdrawn_or_sent_again_by_keyboard(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, key: Qt.Key
) -> None:
    screen = refused_screen(window, settle, ask)
    record = screen.refused.model.rows[0].record
    if key is Qt.Key.Key_R:
        qtbot.keyClick(screen.refused.table, key, Qt.KeyboardModifier.ControlModifier)
    else:
        qtbot.keyClick(screen.refused.table, key)
        box = screen.refused.dialog
        assert isinstance(box, QMessageBox)
        qtbot.waitUntil(box.isActiveWindow)
        qtbot.keyClick(box.defaultButton(), Qt.Key.Key_Return)
    settle(window.tasks)
    assert not screen.refused.isVisible()
    note = ask(lambda desk: open_record(desk, "establishments", record).get("note"))
    assert note == ("Sửa thử" if key is Qt.Key.Key_R else None)


def test_what_was_refused_as_a_whole_can_only_be_corrected(
    qtbot: QtBot, window: MainWindow, screen: SyncScreen, settle: Settle, ask: Ask
) -> None:
    def refuse(desk: Desk) -> None:
        sample.deliver(desk)
        add_record(desk, "establishments", {"name": "Lò rèn mới"})
        chain = desk.workspace.chain()
        desk.workspace.confirm(chain.last_n, chain.last_hash, [(chain.last_n, "no_area")])

    ask(refuse)
    screen.entered()
    settle(window.tasks)
    assert screen.refused.model.rows[0].title == "Lò rèn mới"
    screen.refused.table.selectRow(0)
    qtbot.keyClick(screen.refused.table, Qt.Key.Key_Return)
    settle(window.tasks)
    dialog = screen.refused.dialog
    assert isinstance(dialog, CorrectDialog)
    dialog.fields["commune"].type("02683")
    dialog.save()
    settle(window.tasks)
    assert [one.title for one in screen.refused.model.rows] != ["Lò rèn mới"]
    rows = ask(lambda desk: list_records(desk, "establishments", search="lo ren moi").records)
    assert [one.row["commune"] for one in rows] == ["02683"]  # type: ignore[attr-defined]


def test_what_waits_too_long_is_red_in_the_line_below_the_page_and_the_list(
    window: MainWindow, settle: Settle, ask: Ask
) -> None:
    def late(desk: Desk) -> None:
        sample.deliver(desk)
        set_sync_settings(desk, SyncSettings(late_days=1))
        desk.clock.now += DAY_MS + 3_600_000  # type: ignore[attr-defined]

    ask(late)
    window.refresh_standing()
    window.list.entered()
    window.go(window.sync)
    settle(window.tasks)
    below = window._standing
    assert below.text().startswith("1 thay đổi chưa đến tỉnh, cũ nhất 1 ngày")
    assert below.palette().windowText().color() == QColor(theme.BAD)
    assert window.sync.phase.palette().windowText().color() == QColor(theme.BAD)
    assert "quá hạn 1 ngày" in window.sync.phase.text()
    assert "1 ngày (từ" in facts(window.sync)
    places = {
        window.list.model.index(row, 5).data(): window.list.model.index(row, 5).data(
            Qt.ItemDataRole.ForegroundRole
        )
        for row in range(3)
    }
    assert places["Trên máy này, 1 ngày"] == QColor(theme.BAD)
    assert places["Đã ở tỉnh"] == QColor(theme.GOOD)


def test_joining_needs_an_address_and_a_code(window: MainWindow, screen: SyncScreen) -> None:
    screen.join()
    assert "địa chỉ máy chủ và mã" in window.banner.message


def test_the_authority_of_the_province_is_chosen_where_one_joins(
    window: MainWindow, screen: SyncScreen, settle: Settle, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing", "utf-8")
    screen.ca_chosen(str(file))
    assert "ca.pem" in screen.ca_link.text()
    screen.server.setText("https://127.0.0.1:9")
    screen.code.setText("AAAA-AAAA-AAAA-AAAA")
    screen.join()
    settle(window.tasks)
    assert "không phải là tệp chứng thư" in window.banner.message

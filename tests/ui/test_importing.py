"""Taking in a list by hand: read, compare, confirm, cancel."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kcdesk.actions.records import count_records
from kcdesk.ui import sample
from kcdesk.ui.screens.importing import ImportScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle


@pytest.fixture
def screen(window: MainWindow, settle: Settle) -> ImportScreen:
    window.go(window.imports)
    settle(window.tasks)
    return window.imports


def count(ask: Ask) -> object:
    return ask(lambda desk: count_records(desk, "establishments"))


def test_a_list_is_shown_before_anything_is_stored(
    window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask
) -> None:
    screen.read(sample.REGISTER)
    settle(window.tasks)
    assert screen.state.text().startswith("Sẽ nhập 6.534 cơ sở từ lao-cai-register.xlsx.")
    said = "\n".join(part.text() for part in screen.findChildren(type(screen.state)))
    for fact in ("Hộ kinh doanh: 6.290; Doanh nghiệp: 154; Hợp tác xã: 90", "14.172", "3.150 tỷ"):
        assert fact in said
    assert said.count("khớp với") == 2
    assert len(screen.findings.rows) == 386 + 2  # the trades, and two rows with one tax code
    assert count(ask) == 3


def test_enter_takes_the_list_in_and_the_list_shows_it(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask
) -> None:
    screen.read(sample.DIVIDED)
    settle(window.tasks)
    assert screen.plan is not None
    rows = len(screen.plan.rows)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    settle(window.tasks)
    assert window.up is window.list
    assert window.banner.message == f"Đã nhập {rows} cơ sở."
    assert "chờ chọn xã, phường (F8)" in window.banner.hint
    assert count(ask) == 3 + rows
    assert window.list.model.rowCount() == 3 + rows


def test_cancelling_leaves_nothing_behind(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask
) -> None:
    screen.read(sample.REGISTER)
    settle(window.tasks)
    screen.confirm()
    assert screen.running is not None
    with qtbot.waitSignal(screen.running.progressed):
        pass
    qtbot.waitUntil(screen.cancel_button.isVisible)
    screen.cancel_button.click()
    settle(window.tasks)
    assert window.banner.message == "Đã dừng theo yêu cầu."
    assert count(ask) == 3
    assert screen.confirm_button.isVisible()


def test_a_file_that_is_no_list_is_told_and_the_plan_before_it_stays(
    window: MainWindow, screen: ImportScreen, settle: Settle, tmp_path: Path
) -> None:
    wrong = tmp_path / "thu.xlsx"
    wrong.write_text("không phải bảng tính", "utf-8")
    screen.read(wrong)
    settle(window.tasks)
    assert "thu.xlsx" in window.banner.message
    assert window.banner.hint
    assert screen.plan is None
    screen.read(sample.DIVIDED)
    settle(window.tasks)
    screen.read(wrong)
    settle(window.tasks)
    assert screen.plan is not None
    assert "dia-ban-chia-tach.xlsx" in screen.state.text()
    assert screen._path == sample.DIVIDED

"""What an establishment can get, in the window: asked by keyboard, answered with its law, printed as a leaflet."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kcdesk.actions.records import list_records
from kcdesk.ui.screens.preview import PreviewScreen
from kcdesk.ui.screens.support import SupportScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, write


@pytest.fixture
def screen(qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask) -> SupportScreen:
    """By the key of the record's page."""
    record = ask(
        lambda desk: str(
            list_records(desk, "establishments", search="vang a pao").records[0].row["id"]
        )
    )
    window.open_record(str(record))
    settle(window.tasks)
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    settle(window.tasks)
    assert isinstance(window.up, SupportScreen)
    return window.up


def test_the_amount_and_where_it_stands(
    qtbot: QtBot, window: MainWindow, settle: Settle, screen: SupportScreen
) -> None:
    assert screen.rule.currentData() == "KC3.MACHINERY"
    assert not screen.province.isEnabled()
    write(screen.cost, "800 triệu")
    qtbot.keyClick(screen.cost, Qt.Key.Key_Return)
    settle(window.tasks)
    said = screen.answer.text()
    assert "Hỗ trợ nhiều nhất 300.000.000 đồng (Ba trăm triệu đồng)." in said
    assert "Cơ sở phải tự bỏ ra ít nhất 500.000.000 đồng." in said
    assert "Điều 8 khoản 4 Thông tư 28/2018/TT-BTC" in said
    assert "Xét đối tượng" in said
    assert "Điểm ưu tiên" in said
    qtbot.keyClick(screen, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    settle(window.tasks)
    assert isinstance(window.up, PreviewScreen)
    assert window.up.pdf.pageCount() == 1
    text = window.up.pdf.getAllText(0).text()
    assert "Dành cho: Hộ Vàng A Páo" in text
    assert "không phải quyết định hỗ trợ" in text
    assert "Điểm ưu tiên" not in text  # what the office thinks of it stays in the office
    window.back()
    assert window.up is screen


def test_a_local_fund_asks_for_the_province(
    window: MainWindow, settle: Settle, screen: SupportScreen
) -> None:
    screen.fund.setCurrentIndex(1)
    assert screen.province.isEnabled()
    assert screen.province.currentText() == "Lào Cai"
    write(screen.cost, "800 triệu")
    screen.ask()
    settle(window.tasks)
    assert "Tỉnh Lào Cai chưa nhập mức chi của mình" in screen.answer.text()
    assert not screen.print_button.isEnabled()


@pytest.mark.parametrize(
    ("cost", "day", "said"),
    [
        ("", "01/01/2026", "chi phí"),
        ("1.500", "01/01/2026", "đơn vị"),
        ("1 tỷ", "31/02/2026", "ngày"),
    ],
)
def test_what_is_not_right_is_said(
    window: MainWindow, settle: Settle, screen: SupportScreen, cost: str, day: str, said: str
) -> None:
    write(screen.cost, cost)
    write(screen.approved_on, day)
    screen.ask()
    settle(window.tasks)
    assert said in window.banner.message
    assert screen.question is None

"""What the rules find in a record is said above it, and accepted with a reason."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from kcdesk.actions.findings import list_findings
from kcdesk.actions.records import add_record
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle


def test_a_finding_is_accepted_by_keyboard(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    typed = {"name": "Hộ A", "tax_code": "0312687879"}
    saved = ask(lambda desk: add_record(desk, "establishments", typed))
    record = str(saved.records[0][1])  # type: ignore[attr-defined]
    window.open_record(record)
    settle(window.tasks)
    line = window.up.findings  # type: ignore[union-attr, attr-defined]
    assert line.isVisible()
    assert "sai chữ số kiểm tra" in line.text
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_L, keys)
    dialog = line.findChild(QInputDialog)
    dialog.setTextValue("Giấy phép cũ ghi vậy")
    dialog.accept()
    settle(window.tasks)
    assert not line.isVisible()
    assert window.banner.message == "Đã ghi lý do chấp nhận vào hồ sơ."
    (found,) = ask(lambda desk: list_findings(desk, "establishments", record))  # type: ignore[misc]
    assert found.reason == "Giấy phép cũ ghi vậy"

"""A line of the status bar that has no room for its words."""

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from kcdesk.ui.widgets.parts import OneLine, label

LONG = "11 thay đổi chưa đến tỉnh  ·  7 trong gói  ·  Trung tâm Khuyến công tỉnh Lào Cai  ·  1 mục bị từ chối"


def test_it_gives_way_and_can_still_be_read(qtbot: QtBot) -> None:
    window, line, other = QMainWindow(), OneLine(), label("Chưa gọi được máy chủ")
    qtbot.addWidget(window)
    window.statusBar().addWidget(line, 1)
    window.statusBar().addPermanentWidget(other)
    line.setText(LONG)
    window.resize(400, 100)
    window.show()
    qtbot.waitExposed(window)
    assert window.width() == 400  # the words do not push the window wider
    assert other.width() >= other.sizeHint().width()
    assert line.geometry().right() < other.geometry().left()
    assert line.text() == line.toolTip() == LONG
    narrow = line.grab().toImage()
    line.setText(line.text()[:20])
    assert line.grab().toImage() != narrow

"""Parcels in the window, with a real province in this process and files in a folder."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import Engine

from kcdesk.actions.desk import shipped_units
from kcdesk.domain.clock import system_clock
from kcdesk.server import admin, enrolment_files, parcels
from kcdesk.sync.parcels.envelope import Parcel
from kcdesk.ui import sample
from kcdesk.ui.screens.parcels import ParcelsScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle

CHANCE = random.Random("window").randbytes


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path / 'province.db'}"
    engine = admin.init_province(url, "tỉnh Lào Cai", randomness=CHANCE)
    admin.add_area(engine, sample.AREA, shipped_units())
    admin.add_user(engine, sample.PERSON, "officer")
    admin.assign(engine, sample.PERSON, sample.AREA, shipped_units(), clock=system_clock)
    return engine


def test_from_the_enrolment_file_to_the_receipt(
    qtbot: QtBot,
    window: MainWindow,
    settle: Settle,
    ask: Ask,
    database: Engine,
    tmp_path: Path,
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    file = stick / "dang-ky.kcparcel"
    code, _ = enrolment_files.write(
        database, sample.PERSON, file, url="", clock=system_clock, randomness=CHANCE
    )
    window.go(window.sync)
    settle(window.tasks)
    window.sync.parcels_button.click()
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, ParcelsScreen)
    assert screen.join_button.isVisible()
    assert not screen.write_button.isVisible()

    screen.file.setText(str(file))
    screen.code.setText("AAAA-BBBB-CCCC-DDDD")
    qtbot.keyClick(screen.code, Qt.Key.Key_Return)
    settle(window.tasks)
    assert "không mở được" in window.banner.message
    screen.code.setText(code)
    qtbot.keyClick(screen.code, Qt.Key.Key_Return)
    settle(window.tasks)
    assert window.banner.message == "Đã nối với tỉnh Lào Cai."
    assert screen.write_button.isVisible()

    screen.write_to(stick)
    settle(window.tasks)
    assert [screen.own.index(0, 3).data()] == ["Chưa có trả lời"]
    assert "0 trên máy này và 3 trong gói" in screen.standing.text()
    (up,) = stick.glob("goi-len-tinh-*")
    answer = stick / "tra-loi.kcparcel"
    with Parcel.open(up) as parcel:
        taken = parcels.take_in(database, parcel, clock=system_clock, randomness=CHANCE)
    parcels.write_answer_file(database, [taken], answer, clock=system_clock, randomness=CHANCE)
    database.dispose()

    screen.read_files([answer])
    settle(window.tasks)
    assert window.banner.message.startswith("Đã đọc trả lời: nhận 0 thay đổi, 0 mục bị từ chối")
    assert "Mọi thay đổi đã ở tỉnh" in screen.standing.text()
    assert screen.own.index(0, 3).data() == "Đã đọc trả lời"
    assert not answer.exists()
    assert not up.exists()
    window.go(window.list)
    settle(window.tasks)
    assert {window.list.model.index(row, 5).data() for row in range(3)} == {"Đã ở tỉnh"}

"""Parcels in the window, with a real province in this process and files in a folder."""

from __future__ import annotations

import random
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import Engine

from kcdesk.actions import parcels as actions
from kcdesk.actions.attachments import Added, add_attachments
from kcdesk.actions.desk import shipped_units
from kcdesk.actions.records import list_records
from kcdesk.domain.clock import system_clock
from kcdesk.server import admin, enrolment_files, parcels
from kcdesk.sync.parcels.envelope import Parcel
from kcdesk.ui import sample
from kcdesk.ui.screens.parcels import ParcelsScreen
from kcdesk.ui.window import MainWindow
from tests.sync.pictures import picture
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

    assert "Bản đi kèm chương trình" in screen.edition.text()
    assert screen.photos.text() == "Kèm ảnh, tài liệu chưa ở tỉnh: không có"
    assert not screen.photos.isEnabled()
    screen.write_to(stick)
    settle(window.tasks)
    assert [screen.own.index(0, 3).data()] == ["Chưa có trả lời"]
    assert "0 trên máy này và 3 trong gói" in screen.standing.text()
    (up,) = stick.glob("goi-len-tinh-*")
    answer = stick / "tra-loi.kcparcel"
    with Parcel.open(up) as parcel:
        taken = parcels.take_in(database, parcel, clock=system_clock, randomness=CHANCE)
    parcels.write_answer_files(database, [taken], answer, clock=system_clock, randomness=CHANCE)
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


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Writing waits until it is set."""
    gate, write = Event(), actions.write

    def held(*arguments: object, **more: object) -> object:
        assert gate.wait(60)
        return write(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "write", held)
    return gate


def test_photos_go_along_when_chosen_and_sizes_are_said_before(
    qtbot: QtBot,
    window: MainWindow,
    settle: Settle,
    ask: Ask,
    database: Engine,
    gate: Event,
    tmp_path: Path,
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    file, answer = stick / "dang-ky.kcparcel", stick / "tra-loi.kcparcel"
    code, _ = enrolment_files.write(
        database, sample.PERSON, file, url="", clock=system_clock, randomness=CHANCE
    )
    ask(lambda desk: actions.join(desk, file, code))
    pictures = [tmp_path / f"{number}.jpg" for number in (1, 2)]
    for number, path in enumerate(pictures):
        path.write_bytes(picture(number))
    record = ask(lambda desk: list_records(desk, "establishments").records[0].row["id"])
    added = ask(lambda desk: add_attachments(desk, str(record), pictures))
    assert isinstance(added, Added)
    assert len(added.records) == 2
    window.go(window.sync)
    window.sync.parcels_button.click()
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, ParcelsScreen)
    assert screen.photos.text().startswith("Kèm ảnh, tài liệu chưa ở tỉnh: 2 (")
    assert screen.photos.isChecked()  # the setting at first: where it is not paid by the byte
    qtbot.mouseClick(screen.photos, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert not screen.photos.isChecked()
    gate.set()
    screen.write_to(stick)
    settle(window.tasks)
    gate.clear()
    assert screen.own.index(0, 2).data() == "–"
    assert not screen.photos.isChecked()  # as chosen
    for path in stick.glob("goi-len-tinh-*"):
        path.unlink()

    screen.photos.click()
    screen.fetch.click()
    seen: list[str] = []
    screen.write_to(stick)
    assert screen.cancel_button.isVisible()
    assert not screen.write_button.isEnabled()
    assert screen.running is not None
    screen.running.progressed.connect(lambda *_: seen.append(screen.phase.text()))
    gate.set()
    settle(window.tasks)
    assert not screen.cancel_button.isVisible()
    assert "2 ảnh, tài liệu" in window.banner.message
    assert seen
    assert " / " in seen[-1]
    (up,) = stick.glob("goi-len-tinh-*")
    with Parcel.open(up) as parcel:
        taken = parcels.take_in(database, parcel, clock=system_clock, randomness=CHANCE)
    parcels.write_answer_files(database, [taken], answer, clock=system_clock, randomness=CHANCE)
    database.dispose()
    screen.read_files([answer])
    settle(window.tasks)
    assert "Tỉnh đã có 2 ảnh, tài liệu gửi lên." in window.banner.hint
    assert screen.photos.text().endswith("không có")
    texts = [screen.own.index(row, 2).data() for row in range(2)]
    assert any(text.startswith("2 (") for text in texts)


def test_writing_can_be_stopped(
    window: MainWindow, settle: Settle, ask: Ask, database: Engine, gate: Event, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    file = stick / "dang-ky.kcparcel"
    code, _ = enrolment_files.write(
        database, sample.PERSON, file, url="", clock=system_clock, randomness=CHANCE
    )
    database.dispose()
    ask(lambda desk: actions.join(desk, file, code))
    window.go(window.sync)
    window.sync.parcels_button.click()
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, ParcelsScreen)
    screen.write_to(stick)
    screen.cancel_button.click()
    assert screen.phase.text() == "Đang dừng…"
    gate.set()
    settle(window.tasks)
    assert window.banner.message == "Đã dừng theo yêu cầu."
    assert list(stick.glob("goi-len-tinh-*")) == []
    assert screen.write_button.isEnabled()
    screen.write_to(stick)
    settle(window.tasks)
    assert len(list(stick.glob("goi-len-tinh-*"))) == 1


def test_parcels_of_others_go_on_by_stick(
    window: MainWindow, settle: Settle, ask: Ask, database: Engine, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    file = stick / "dang-ky.kcparcel"
    code, _ = enrolment_files.write(
        database, sample.PERSON, file, url="", clock=system_clock, randomness=CHANCE
    )
    database.dispose()
    ask(lambda desk: actions.join(desk, file, code))
    ask(lambda desk: desk.workspace.parcels.take("ab" * 16, "x", [b"bytes"], 1))
    window.go(window.sync)
    window.sync.parcels_button.click()
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, ParcelsScreen)
    assert screen.pass_on_button.isEnabled()
    assert not screen.answers_button.isEnabled()
    screen.pass_on_to(stick)
    settle(window.tasks)
    assert window.banner.message == "Đã chép 1 gói để mang tiếp."
    assert [path.read_bytes() for path in stick.glob("goi-len-tinh-*")] == [b"bytes"]
    assert screen.carried.index(0, 2).data() == "Đã chép sang thẻ nhớ, chờ trả lời"

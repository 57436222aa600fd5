"""The centre's screen of erasing: find, mark, say why, confirm; and what lies open meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kcdesk.actions.erasing import list_erasures
from kcdesk.actions.records import add_record, get_record, list_records
from kcdesk.ui.screens.erasing import ErasingScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, write

KIND = "establishments"
PAO = "Hộ Vàng A Páo"


@pytest.fixture
def pao(ask: Ask) -> str:
    found = ask(lambda desk: list_records(desk, KIND, search="pao").records[0].row["id"])
    return str(found)


def opened(window: MainWindow, settle: Settle) -> ErasingScreen:
    window.erasing_link.click()
    assert window.up is window.erasing
    assert not any(window.rail.button_of(place).isChecked() for place in window.rail.screens)
    screen = window.erasing
    write(screen.search, "vang a pao")
    screen.look()
    settle(window.tasks)
    assert [one.row["name"] for one in screen.found.rows] == [PAO]
    screen.table.setFocus()
    screen.open(str(screen.found.rows[0].row["id"]))
    settle(window.tasks)
    return screen


def test_it_says_what_goes_and_erases_it(
    window: MainWindow, settle: Settle, ask: Ask, pao: str, qtbot: QtBot
) -> None:
    need = str(
        ask(
            lambda desk: add_record(
                desk, "needs", {"establishment": pao, "purpose": f"Mua máy cho {PAO}"}
            ).records[0][1]
        )
    )
    screen = opened(window, settle)
    assert not screen.erase_button.isEnabled()
    screen.mark(pao, "phone", "name")
    screen.mark(need)
    assert not screen.erase_button.isEnabled()  # no reason yet
    write(screen.reason, "theo yêu cầu của chủ cơ sở")
    write(screen.paper, "12/QĐ-TTKC")
    write(screen.date, "01/03/2026")
    assert screen.erase_button.isEnabled()
    qtbot.mouseClick(screen.erase_button, Qt.MouseButton.LeftButton)
    settle(window.tasks)
    said = screen.box.informativeText()
    for words in ("Tên cơ sở, Điện thoại", "Đăng ký nhu cầu", "phải tự huỷ"):
        assert words in said
    assert screen.box.defaultButton().text() == "Giữ lại"
    screen.erases.click()
    settle(window.tasks)
    assert "Đã xoá" in window.banner.message
    row = ask(lambda desk: get_record(desk, KIND, pao).row)
    assert isinstance(row, dict)
    assert (row.get("phone"), row.get("name"), row["trade"]) == (None, None, "Rèn")
    entries = ask(list_erasures)
    assert isinstance(entries, list)
    assert {(one.kind, one.paper) for one in entries} == {
        (KIND, "12/QĐ-TTKC"),
        ("needs", "12/QĐ-TTKC"),
    }
    assert len(screen.entries.rows) == 2
    assert screen.tabs.tabText(1) == "Đã xoá (2)"
    # what the history alone had is gone, too: nothing is offered once more
    assert not {field.name for one, *_ in screen._shown for field in one.fields} & {"phone", "name"}


def test_keeping_is_the_way_out(window: MainWindow, settle: Settle, ask: Ask, pao: str) -> None:
    screen = opened(window, settle)
    screen.mark(pao, "phone")
    for line, text in ((screen.reason, "x"), (screen.paper, "1"), (screen.date, "31/02/2026")):
        write(line, text)
    screen.ask()
    settle(window.tasks)
    screen.box.reject()
    settle(window.tasks)
    assert ask(list_erasures) == []
    screen.ask()
    settle(window.tasks)
    screen.erases.click()
    settle(window.tasks)
    assert "ngày" in window.banner.message.lower()
    assert ask(list_erasures) == []
    assert screen.reason.text() == "x"


def test_a_person_of_the_province_who_may_not_is_not_offered_it(
    window: MainWindow, settle: Settle
) -> None:
    settle(window.tasks)
    place = window.erasing_link
    assert not place.isHidden()  # alone
    window.go(window.sync)
    settle(window.tasks)
    status = window.sync._status
    assert status is not None
    window._show_standing(replace(status, may_erase=False))
    assert place.isHidden()

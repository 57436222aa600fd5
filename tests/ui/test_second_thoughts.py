"""History of a record and of a field, taking back, the bin, merging and parting: each by the door in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.bin import delete_record
from kcdesk.actions.records import add_record, get_record, list_records, set_fields
from kcdesk.ui import sample
from kcdesk.ui.screens.merging import MergeScreen
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.undoing import UndoDialog
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, write

PAO, THINH, SEN = "Hộ Vàng A Páo", "HTX Đức Thịnh", "Công ty TNHH Bản Sen"
KIND = "establishments"


@pytest.fixture
def ids(ask: Ask, window: MainWindow) -> dict[str, str]:
    found = ask(
        lambda desk: {
            str(one.row["name"]): str(one.row["id"]) for one in list_records(desk, KIND).records
        }
    )
    assert isinstance(found, dict)
    return found


def opened(window: MainWindow, settle: Settle, record: str) -> RecordScreen:
    window.open_record(record)
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    return window.up


def dialog_of(window: MainWindow, settle: Settle) -> UndoDialog:
    settle(window.tasks)
    return window.up.findChildren(UndoDialog)[-1]


def value(ask: Ask, record: str, field: str) -> object:
    return ask(lambda desk: get_record(desk, KIND, record).row.get(field))


def shown(window: MainWindow) -> list[str]:
    """The names in the list."""
    return sorted(str(one.row["name"]) for one in window.list.model.rows)


# History and taking back


def test_the_history_of_the_field_with_the_cursor(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    record = ids[PAO]
    ask(lambda desk: set_fields(desk, KIND, record, {"hamlet": "Bản Mới", "note": "cũ"}))
    ask(lambda desk: set_fields(desk, KIND, record, {"hamlet": "Bản Vược"}))
    screen = opened(window, settle, record)
    screen.fields["hamlet"].editor.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert screen.tabs.currentWidget() is screen.history
    rows = screen.history.model.rows
    assert [(one.old, one.new, one.who) for one in rows] == [
        ("Bản Mới", "Bản Vược", sample.PERSON),
        (None, "Bản Mới", sample.PERSON),
    ]
    device = str(ask(lambda desk: desk.workspace.device_id))
    heads = [column.head for column in screen.history.model.columns]
    cells = [screen.history.model.index(0, column).data() for column in range(len(heads))]
    assert dict(zip(heads, cells, strict=True))["Thiết bị"] == device[:8]
    screen.history.of_field.setCurrentIndex(0)
    assert len(screen.history.model.rows) > len(rows)


def test_an_action_is_taken_back_from_the_history(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    record = ids[PAO]
    ask(lambda desk: set_fields(desk, KIND, record, {"phone": "0977777777", "trade": "Mộc"}))
    screen = opened(window, settle, record)
    screen.tabs.setCurrentWidget(screen.history)
    qtbot.keyClick(screen.history.table, Qt.Key.Key_Return)
    dialog = dialog_of(window, settle)
    assert dialog.back.rows == [("Điện thoại", "0983111222"), ("Ngành nghề", "Rèn")]
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle(window.tasks)
    assert not dialog.isVisible()
    assert window.banner.message == "Đã hoàn tác."
    assert value(ask, record, "trade") == "Rèn"
    assert screen.fields["trade"].text == "Rèn"


def test_what_came_after_is_shown_instead(
    window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    record = ids[PAO]
    ask(lambda desk: set_fields(desk, KIND, record, {"trade": "Mộc"}))
    ask(lambda desk: set_fields(desk, KIND, record, {"trade": "Gốm"}))
    screen = opened(window, settle, record)
    screen.tabs.setCurrentWidget(screen.history)
    screen.history.show_field("trade")
    screen.history.table.selectRow(1)
    screen.history.undo_button.click()
    dialog = dialog_of(window, settle)
    assert not dialog.undo_button.isVisible()
    assert [(one.value, one.who) for one in dialog.later.rows] == [("Gốm", sample.PERSON)]
    assert dialog.later_table.isVisible()
    dialog.undo()
    settle(window.tasks)
    assert value(ask, record, "trade") == "Gốm"


def test_the_latest_actions_and_taking_one_back(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    ask(lambda desk: set_fields(desk, KIND, ids[SEN], {"note": "nhầm"}))
    qtbot.keyClick(window, Qt.Key.Key_F5)
    settle(window.tasks)
    assert window.up is window.activity
    assert [one.text for one in window.activity.model.rows[:2]] == [
        f"Sửa cơ sở công nghiệp nông thôn: {SEN}",
        f"Thêm cơ sở công nghiệp nông thôn: {SEN}",
    ]
    qtbot.keyClick(window.activity.table, Qt.Key.Key_Return)
    dialog = dialog_of(window, settle)
    dialog.undo_button.click()
    settle(window.tasks)
    assert value(ask, ids[SEN], "note") is None
    assert window.activity.model.rows[0].text.startswith("Sửa cơ sở")
    assert len(window.activity.model.rows) == 5


def test_taking_back_what_made_a_record_says_that_it_goes_to_the_bin(
    window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    ask(
        lambda desk: add_record(
            desk, "needs", {"establishment": ids[SEN], "purpose": "Mua máy", "total": "1 tỷ"}
        )
    )
    window.go(window.activity)
    settle(window.tasks)
    at = [one.text for one in window.activity.model.rows].index(
        f"Thêm cơ sở công nghiệp nông thôn: {SEN}"
    )
    window.activity.table.selectRow(at)
    window.activity.look()
    dialog = dialog_of(window, settle)
    assert "1 hồ sơ do việc này tạo ra sẽ vào thùng rác" in dialog.note.text()
    assert "1 đăng ký nhu cầu" in dialog.note.text()
    dialog.undo()
    settle(window.tasks)
    window.go(window.list)
    settle(window.tasks)
    assert shown(window) == sorted([PAO, THINH])


# The bin


def test_deleting_asks_and_the_bin_gives_back(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    figures = {"establishment": ids[SEN], "year": "2025", "basis": "actual", "workers": "7"}
    ask(lambda desk: add_record(desk, "figures", figures))
    screen = opened(window, settle, ids[SEN])
    screen.second.delete_action.trigger()
    settle(window.tasks)
    box = screen.findChildren(QMessageBox)[-1]
    assert "1 số liệu theo năm" in box.informativeText()
    box.button(QMessageBox.StandardButton.Cancel).click()
    settle(window.tasks)
    assert window.up is screen
    screen.second.delete_action.trigger()
    settle(window.tasks)
    screen.findChildren(QMessageBox)[-1].button(QMessageBox.StandardButton.Yes).click()
    settle(window.tasks)
    assert window.up is window.list
    assert window.banner.message == f"Đã bỏ “{SEN}” vào thùng rác."
    assert shown(window) == sorted([PAO, THINH])

    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F11)
    settle(window.tasks)
    (thrown,) = window.bin.model.rows
    assert (thrown.record.row["name"], thrown.who) == (SEN, sample.PERSON)
    qtbot.keyClick(window.bin.table, Qt.Key.Key_Return)
    settle(window.tasks)
    assert window.bin._pages.currentIndex() == 1, "nothing is in the bin"
    window.go(window.list)
    settle(window.tasks)
    assert shown(window) == sorted([PAO, THINH, SEN])


def test_searching_the_bin(
    window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    for name in (PAO, SEN):
        ask(lambda desk, of=ids[name]: delete_record(desk, KIND, of))
    window.go(window.bin)
    settle(window.tasks)
    assert len(window.bin.model.rows) == 2
    write(window.bin.search, "vang a pao")
    assert [one.record.row["name"] for one in window.bin.model.rows] == [PAO]
    window.bin.search.setText("không có")
    assert window.bin.model.rows == []
    assert not window.bin.take_button.isEnabled()
    window.bin.search.setText("ban sen")
    window.bin.take_back()
    settle(window.tasks)
    assert window.banner.message == f"Đã lấy lại “{SEN}”."


def test_a_record_in_the_bin_says_so_on_its_page(
    window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    ask(lambda desk: delete_record(desk, KIND, ids[SEN]))
    screen = opened(window, settle, ids[SEN])
    assert screen.second.line.said == ["Cơ sở này đang ở trong thùng rác."]
    assert not screen.second.delete_action.isEnabled()
    screen.second.take_back()
    settle(window.tasks)
    assert not screen.second.line.isVisible()
    assert screen.second.delete_action.isEnabled()


# Merging


def test_merging_by_search_with_chosen_values_and_parting(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    record = ids[PAO]
    ask(lambda desk: set_fields(desk, KIND, ids[THINH], {"hamlet": "Bản Vược"}))
    page = opened(window, settle, record)
    page.second.merge_action.trigger()
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, MergeScreen)
    assert screen.table.isVisible() is bool(screen.model.rows)
    write(screen.search, "duc thinh")
    qtbot.waitUntil(lambda: bool(screen.model.rows) and window.tasks.idle)
    assert [one.row["name"] for one in screen.model.rows] == [THINH]
    qtbot.keyClick(screen.search, Qt.Key.Key_Return)
    settle(window.tasks)
    beside = screen.beside
    assert beside is not None
    assert "hamlet" in beside.taken, "what this one does not say comes from the other"
    assert "trade" not in beside.taken
    beside.choices["trade"][1].setChecked(True)
    assert set(beside.taken) >= {"trade", "hamlet"}
    assert "name" not in beside.taken
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle(window.tasks)
    assert window.banner.message == "Đã gộp hai cơ sở."
    assert window.up is page
    assert page.fields["trade"].text == "Chế biến chè"
    assert page.fields["hamlet"].text == "Bản Vược"
    assert page.second.line.said == [f"Gồm cả “{THINH}”, đã gộp vào đây."]
    window.go(window.list)
    settle(window.tasks)
    assert shown(window) == sorted([PAO, SEN])

    merged = opened(window, settle, ids[THINH])
    assert merged.second.line.said == [f"Đã gộp vào “{PAO}”."]
    assert not merged.second.merge_action.isEnabled()
    merged.second.part("")
    settle(window.tasks)
    assert window.banner.message == "Đã tách hai cơ sở ra."
    assert not merged.second.line.isVisible()
    window.go(window.list)
    settle(window.tasks)
    assert shown(window) == sorted([PAO, THINH, SEN])


def test_the_other_one_may_stay(
    window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    page = opened(window, settle, ids[PAO])
    window.open_merge(ids[PAO])
    screen = window.up
    assert isinstance(screen, MergeScreen)
    screen.choose(ids[SEN])
    settle(window.tasks)
    assert screen.beside is not None
    screen.beside.keep_other.setChecked(True)
    assert "phone" in screen.beside.taken, "the one that stays has no telephone"
    screen.merge()
    settle(window.tasks)
    assert window.up is page
    assert page.second.line.said == [f"Đã gộp vào “{SEN}”."]
    assert value(ask, ids[SEN], "phone") == "+84983111222"
    assert value(ask, ids[SEN], "name") == SEN


def test_likely_duplicates_are_offered_first(
    window: MainWindow, settle: Settle, ask: Ask, ids: dict[str, str]
) -> None:
    twin = {"name": "Hộ Vàng A Páo", "phone": "0983 111 222", "commune": "02683"}
    ask(lambda desk: add_record(desk, KIND, twin))
    window.open_merge(ids[PAO])
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, MergeScreen)
    assert [one.row["name"] for one in screen.model.rows] == [PAO]
    assert str(screen.model.rows[0].row["id"]) != ids[PAO]


def test_nothing_found_to_merge_with_says_what_to_do(
    qtbot: QtBot, window: MainWindow, settle: Settle, ids: dict[str, str], tmp_path: Path
) -> None:
    window.open_merge(ids[SEN])
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, MergeScreen)
    write(screen.search, "không có tên này")
    qtbot.waitUntil(lambda: not screen._timer.isActive() and window.tasks.idle)
    assert not screen.next_button.isEnabled()
    assert not screen.table.isVisible()

"""While a new establishment is typed, those that are there already and may be it are shown with the reasons."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Settle, write


def new_record(window: MainWindow, settle: Settle) -> RecordScreen:
    window.open_record("")
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    return window.up


def rest(qtbot: QtBot, screen: RecordScreen, settle: Settle) -> None:
    qtbot.waitUntil(lambda: screen.similar.settled)
    settle(screen.tasks)


def test_the_same_telephone_is_shown_and_can_be_looked_at(
    qtbot: QtBot, window: MainWindow, settle: Settle
) -> None:
    screen = new_record(window, settle)
    write(screen.fields["name"].editor, "Hộ Vàng A Pao")
    rest(qtbot, screen, settle)
    assert not screen.similar.isVisible()
    write(screen.fields["phone"].editor, "0983 111 222")
    rest(qtbot, screen, settle)
    assert screen.similar.isVisible()
    (found,) = screen.similar.found
    assert found.side.fields["name"] == "Hộ Vàng A Páo"
    assert "cùng điện thoại" in found.likeness.sentence
    screen.similar.wanted.emit(str(found.side.record))
    settle(window.tasks)
    assert window.title.text() == "Hộ Vàng A Páo"
    window.back()
    settle(window.tasks)
    assert window.up is screen
    assert screen.fields["phone"].text == "0983 111 222"


def test_what_is_not_right_yet_and_what_is_kept_show_nothing(
    qtbot: QtBot, window: MainWindow, settle: Settle
) -> None:
    screen = new_record(window, settle)
    write(screen.fields["name"].editor, "Hộ Giàng Thị Mẩy")
    write(screen.fields["phone"].editor, "098")
    rest(qtbot, screen, settle)
    assert not screen.similar.isVisible()
    window.open_record(str(window.list.model.rows[0].row["id"]))
    settle(window.tasks)
    kept = window.up
    assert isinstance(kept, RecordScreen)
    write(kept.fields["trade"].editor, " mới")
    rest(qtbot, kept, settle)
    assert not kept.similar.isVisible()

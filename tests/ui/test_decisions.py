"""Conflicts and communes: a person decides with a few keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kcdesk.actions.conflicts import list_conflicts
from kcdesk.actions.desk import Desk
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import get_record
from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle


@pytest.fixture
def conflict(window: MainWindow, settle: Settle, ask: Ask, tmp_path: Path) -> str:
    """The id of a record of which two people say different things."""
    colleague = sample.Sample(tmp_path / "colleague", Ticking())

    def disagree(desk: Desk) -> str:
        theirs = colleague.create(sample.COLLEAGUE)
        try:
            return sample.disagree(desk, theirs)
        finally:
            theirs.workspace.close()

    record = str(ask(disagree))
    window.refresh_standing()
    settle(window.tasks)
    return record


def test_a_conflict_is_decided_with_three_keys(
    qtbot: QtBot, window: MainWindow, conflict: str, settle: Settle, ask: Ask
) -> None:
    assert "(1)" in window.rail.button_of(window.conflicts).text()
    qtbot.keyClick(window, Qt.Key.Key_F7)
    settle(window.tasks)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_1)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    settle(window.tasks)
    row = ask(lambda desk: get_record(desk, "establishments", conflict).row)
    assert isinstance(row, dict)
    assert row["phone"] == "+84912345678"
    assert ask(list_conflicts) == []
    assert window.conflicts.model.rows == []
    assert "(1)" not in window.rail.button_of(window.conflicts).text()


def test_both_values_stand_side_by_side_with_who_and_when(
    qtbot: QtBot, window: MainWindow, conflict: str, settle: Settle
) -> None:
    window.go(window.conflicts)
    settle(window.tasks)
    told = [card.accessibleName() for card in window.conflicts.cards]
    assert told[0].startswith("1. 0912345678, Lò Văn Sơn, 0")
    assert told[1].startswith("2. 0987654321, Nguyễn Thị Hoa, 0")


def test_nothing_is_decided_before_a_value_is_picked(
    qtbot: QtBot, window: MainWindow, conflict: str, settle: Settle, ask: Ask
) -> None:
    window.go(window.conflicts)
    settle(window.tasks)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    settle(window.tasks)
    assert isinstance(found := ask(list_conflicts), list)
    assert len(found) == 1


def test_a_third_value_can_be_typed(
    qtbot: QtBot, window: MainWindow, conflict: str, settle: Settle, ask: Ask
) -> None:
    window.go(window.conflicts)
    settle(window.tasks)
    screen = window.conflicts
    screen.other.setFocus()
    qtbot.keyClicks(screen.other, "1")
    assert (screen.other.text(), screen.picked) == ("1", -1)
    screen.other.setText("0977 000 111")
    qtbot.keyClick(screen.other, Qt.Key.Key_Return)
    settle(window.tasks)
    row = ask(lambda desk: get_record(desk, "establishments", conflict).row)
    assert isinstance(row, dict)
    assert row["phone"] == "+84977000111"


@pytest.fixture
def undecided(window: MainWindow, settle: Settle, ask: Ask) -> None:
    ask(lambda desk: import_list(desk, sample.DIVIDED))
    window.refresh_standing()
    settle(window.tasks)


@pytest.mark.usefixtures("undecided")
def test_a_digit_moves_an_establishment_to_its_commune(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F8)
    settle(window.tasks)
    screen = window.communes
    waiting = list(screen.model.rows)
    assert len(waiting) > 2
    place = [one.name for one in waiting].index("Hộ Nguyễn Văn Tâm")
    one = waiting.pop(place)
    for _ in range(place):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Down)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_2)
    settle(window.tasks)
    row = ask(lambda desk: get_record(desk, "establishments", one.record).row)
    assert isinstance(row, dict)
    assert row["commune"] == one.candidates[1].code
    assert [one.record for one in screen.model.rows] == [one.record for one in waiting]
    waiting.append(one)
    assert f"({len(waiting) - 1})" in window.rail.button_of(window.communes).text()


@pytest.mark.usefixtures("undecided")
def test_all_of_the_same_old_commune_are_answered_at_once(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F8)
    settle(window.tasks)
    screen = window.communes
    waiting = list(screen.model.rows)
    alike = [one for one in waiting if "Phường 9" in one.old_commune]
    assert len(alike) == 2
    screen.table.selectRow(waiting.index(alike[0]))
    assert "chia về 2 nơi" in screen._why.text()
    assert alike[0].address in screen._why.text()
    qtbot.keyClick(screen.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert screen.chosen == alike
    qtbot.keyClick(screen.table, Qt.Key.Key_1)
    settle(window.tasks)
    for one in alike:
        row = ask(lambda desk, one=one: get_record(desk, "establishments", one.record).row)
        assert isinstance(row, dict)
        assert row["commune"] == one.candidates[0].code
    assert len(screen.model.rows) == len(waiting) - 2


@pytest.mark.usefixtures("undecided")
def test_another_commune_is_found_by_its_name(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    window.go(window.communes)
    settle(window.tasks)
    screen = window.communes
    one = screen.model.rows[0]
    assert [option.name for option in screen.other.matching("muong hum lao cai")] == [
        "Xã Mường Hum, tỉnh Lào Cai"
    ]
    screen.other.choose("02728")
    settle(window.tasks)
    row = ask(lambda desk: get_record(desk, "establishments", one.record).row)
    assert isinstance(row, dict)
    assert row["commune"] == "02728"


def test_an_empty_work_list_says_so(window: MainWindow, settle: Settle) -> None:
    for screen in (window.conflicts, window.communes):
        window.go(screen)
        settle(window.tasks)
        assert screen._pages.currentIndex() == 1

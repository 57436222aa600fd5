"""The list of a person's other devices, on the page of sync."""

from __future__ import annotations

from kcdesk.actions.desk import Desk
from kcdesk.storage.former_devices import Former
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle

OLD = "0a1b2c3d4e5f6071"


def told(desk: Desk) -> None:
    """What the province tells somebody whose laptop was stolen."""
    at = desk.clock()
    desk.workspace.former_devices.replace(
        [
            Former(OLD, at, at, 40, 60, at, ((46, 50), (52, 55)), ((12, 14),)),
            Former("f" * 16, at, at, 7, 7, None, (), ()),
        ]
    )


def test_numbers_that_never_arrived_are_named(window: MainWindow, ask: Ask, settle: Settle) -> None:
    window.go(window.sync)
    settle(window.tasks)
    card = window.sync.former
    assert not card.isVisible()
    ask(told)
    window.sync.entered()
    settle(window.tasks)
    assert card.isVisible()
    shown = [
        [card.model.index(row, at).data() for at in range(card.model.columnCount())]
        for row in range(card.model.rowCount())
    ]
    assert shown[0][0] == OLD
    assert shown[0][2:] == ["đã thu hồi", "40", "41–45, 51, 56–60"]
    assert shown[1][2:] == ["còn dùng được", "7", "không rõ sau số 7"]
    assert card.sentence.text() == (
        f"Máy {OLD}: đã ở tỉnh đến số 40; chưa bao giờ đến tỉnh: 41–45, 51, 56–60;"
        " đã đến nhưng chưa nhận: 46–50, 52–55; trung tâm không nhận: 12–14."
    )
    card.table.selectRow(1)
    assert "chưa ai biết có gì sau số 7" in card.sentence.text()

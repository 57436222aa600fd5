"""The page of an establishment."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.records import get_record, list_records, records_of, set_fields
from kcdesk.ui import sample
from kcdesk.ui.screens.figures import FiguresDialog
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.widgets.search_choice import SearchChoice
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, first, write


def opened(window: MainWindow, settle: Settle, record: str | None = None) -> RecordScreen:
    window.open_record(first(window) if record is None else record)
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    return window.up


def test_what_is_typed_is_saved_and_stands_in_the_history(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    screen = opened(window, settle)
    editor = screen.fields["rep_name"].editor
    write(editor, "Lò Thị Mẩy")
    assert screen.unsaved
    qtbot.mouseClick(screen.save_button, Qt.MouseButton.LeftButton)
    settle(window.tasks)
    assert window.banner.message == "Đã lưu trên máy này."
    assert not screen.unsaved
    row = ask(lambda desk: get_record(desk, "establishments", str(screen.record)).row)
    assert isinstance(row, dict)
    assert row["rep_name"] == "Lò Thị Mẩy"
    entry = screen.history.model.rows[0]
    assert (entry.field, entry.new, entry.who) == ("rep_name", "Lò Thị Mẩy", sample.PERSON)


def test_only_what_was_changed_is_written(qtbot: QtBot, window: MainWindow, settle: Settle) -> None:
    record = next(
        str(r.row["id"]) for r in window.list.model.rows if r.row["name"] == "Hộ Vàng A Páo"
    )
    screen = opened(window, settle, record)
    before = len(screen.history.model.rows)
    screen.fields["founded_year"].type("2010")
    screen.save(lambda: None)
    settle(window.tasks)
    assert [e.field for e in screen.history.model.rows[: -before or None]] == ["founded_year"]


def test_a_wrong_value_is_said_beside_its_field_and_not_saved(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    screen = opened(window, settle)
    field = screen.fields["tax_code"]
    field.editor.setFocus()
    qtbot.keyClicks(field.editor, "123")
    qtbot.keyClick(field.editor, Qt.Key.Key_Tab)
    assert "V-MST" in field.note_text
    assert field.editor.property("wrong") is True
    screen.save(lambda: None)
    settle(window.tasks)
    assert window.banner.message.startswith("Chưa lưu được")
    assert screen.unsaved
    row = ask(lambda desk: get_record(desk, "establishments", str(screen.record)).row)
    assert isinstance(row, dict)
    assert "tax_code" not in row


def test_leaving_with_something_unsaved_asks_first(
    qtbot: QtBot, window: MainWindow, settle: Settle
) -> None:
    screen = opened(window, settle)
    screen.fields["note"].type("Chưa lưu")
    qtbot.keyClick(window, Qt.Key.Key_F7)
    box = screen.findChild(QMessageBox)
    assert box is not None
    assert box.isVisible()
    assert window.up is screen
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert window.up is screen
    window.back()
    box = screen.findChildren(QMessageBox)[-1]
    box.button(QMessageBox.StandardButton.Save).click()
    settle(window.tasks)
    assert window.up is window.list


def test_a_new_establishment_needs_a_name_only(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, RecordScreen)
    assert screen.record is None
    screen.save(lambda: None)
    assert screen.fields["name"].note_text == "Mục này cần ghi."
    write(screen.fields["name"].editor, "HTX Mới")
    commune = screen.fields["commune"].editor
    commune.setFocus()
    qtbot.keyClicks(commune, "y ty")
    assert isinstance(commune, SearchChoice)
    qtbot.keyClick(commune.completer().popup(), Qt.Key.Key_Tab)
    assert screen.fields["commune"].text != ""
    screen.save(lambda: None)
    settle(window.tasks)
    assert screen.record is not None
    row = ask(lambda desk: get_record(desk, "establishments", str(screen.record)).row)
    assert isinstance(row, dict)
    assert (row["name"], row["commune_name"]) == ("HTX Mới", "Xã Y Tý")


def test_a_change_that_arrives_while_typing_does_not_take_the_words_away(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    screen = opened(window, settle)
    screen.fields["note"].type("Đang ghi dở")
    window.tasks.ask(
        window,
        lambda desk: set_fields(desk, "establishments", str(screen.record), {"hamlet": "Bản Mới"}),
        lambda _: None,
    )
    settle(window.tasks)
    assert screen.fields["note"].text == "Đang ghi dở"
    screen.save(lambda: None)
    settle(window.tasks)
    assert screen.fields["hamlet"].text == "Bản Mới"
    assert screen.fields["note"].text == "Đang ghi dở"


def test_products_are_rows_of_the_record(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    screen = opened(window, settle)
    screen.products.add_row()
    for cell, text in (("name", "Dao rèn"), ("unit", "con"), ("output", "nhiều")):
        screen.products.cell("1", cell).setText(text)
    screen.save(lambda: None)
    assert window.banner.message.startswith("Chưa lưu được")
    screen.products.cell("1", "output").setText("1.200")
    screen.save(lambda: None)
    settle(window.tasks)
    row = ask(lambda desk: get_record(desk, "establishments", str(screen.record)).row)
    assert isinstance(row, dict)
    products = row["main_products"]
    assert [(p["name"], p["output"]) for p in products] == [("Dao rèn", "1200")]
    assert screen.products.typed == {}


def test_figures_of_a_year_are_added_and_corrected(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    screen = opened(window, settle)
    screen._edit_figures(None)
    dialog = screen.findChild(FiguresDialog)
    assert dialog is not None
    dialog.fields["workers"].type("12")
    dialog._save()
    assert dialog.fields["year"].note_text == "Mục này cần ghi."
    dialog.fields["year"].type("2025")
    dialog.fields["basis"].type("actual")
    dialog.fields["revenue"].type("1,2 tỷ")
    dialog._save()
    settle(window.tasks)
    assert not dialog.isVisible()
    rows = ask(lambda desk: [r.row for r in records_of(desk, "figures", str(screen.record))])
    assert isinstance(rows, list)
    assert (rows[0]["workers"], rows[0]["revenue"]) == (12, 1_200_000_000)
    assert screen.figures.model.index(0, 4).data() == "1.200.000.000"
    screen._edit_figures(screen.figures.model.rows[0])
    again = screen.findChildren(FiguresDialog)[-1]
    again.fields["workers"].type("14")
    again._save()
    settle(window.tasks)
    assert screen.figures.model.index(0, 2).data() == "14"


def test_a_field_in_conflict_says_so(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    colleague = sample.Sample(tmp_path / "colleague", window.context.clock).create(sample.COLLEAGUE)
    changes = ask(
        lambda desk: desk.workspace.history(
            "establishments",
            str(list_records(desk, "establishments", search="vang a pao").records[0].row["id"]),
        )
    )
    assert isinstance(changes, list)
    record = changes[0].record
    colleague.workspace.receive(changes, {})
    made = set_fields(colleague, "establishments", record, {"phone": "0987654321"})
    assert made.records
    theirs = list(colleague.workspace.own_changes(0, 100))
    colleague.workspace.close()
    ask(lambda desk: set_fields(desk, "establishments", record, {"phone": "0977777777"}))
    ask(lambda desk: desk.workspace.receive(theirs, {}))
    screen = opened(window, settle, record)
    assert "F7" in screen.fields["phone"].note_text

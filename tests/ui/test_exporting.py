"""A list goes into a file from the window: what is shown or chosen, without numbers of persons unless asked."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from kcdesk.actions.bin import delete_record
from kcdesk.ui.screens.exporting import ExportDialog
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Settle


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def opened(qtbot: QtBot, window: MainWindow) -> ExportDialog:
    qtbot.keyClick(window.list, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = window.list.findChildren(ExportDialog)
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def test_what_is_searched_for_without_telephones(
    qtbot: QtBot, window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    with qtbot.waitSignal(window.list.model.modelReset):
        qtbot.keyClicks(window.list.search, "vang a pao")
    settle(window.tasks)
    dialog = opened(qtbot, window)
    assert dialog.all_shown.isChecked()
    assert not dialog.personal.isChecked()
    path = tmp_path / "so.csv"
    with qtbot.waitSignal(dialog.accepted):
        dialog.write(path)
    (row,) = rows_of(path)
    assert row["Tên cơ sở"] == "Hộ Vàng A Páo"
    assert not {"Điện thoại", "Email", "Số CCCD / định danh"} & row.keys()
    assert "0983111222" not in path.read_text("utf-8-sig")
    assert "Đã ghi 1 hồ sơ ra tệp so.csv" in window.banner.message


def test_chosen_rows_with_telephones(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.list.table.selectRow(0)
    qtbot.keyClick(window.list.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    dialog = opened(qtbot, window)
    assert dialog.only_selected.isChecked()
    dialog.personal.setChecked(True)
    path = tmp_path / "so.csv"
    with qtbot.waitSignal(dialog.accepted):
        dialog.write(path)
    names = {str(record.row["name"]) for record in window.list.model.rows[:2]}
    assert {row["Tên cơ sở"] for row in rows_of(path)} == names
    assert "Điện thoại" in rows_of(path)[0]


def test_stopped_writes_nothing(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window)
    path = tmp_path / "so.xlsx"
    stopped = threading.Event()  # so few rows are written before Esc can be pressed
    window.tasks.ask(window, lambda _: stopped.wait(20), lambda waited: None)
    with qtbot.waitSignal(dialog.rejected):
        dialog.write(path)
        dialog.reject()
        stopped.set()
    assert not path.exists()
    assert "Đã dừng" in window.banner.message


def test_what_cannot_be_written_is_told(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window)
    with qtbot.waitSignal(dialog.rejected):
        dialog.write(tmp_path / "none" / "so.xlsx")
    assert "Không ghi được tệp" in window.banner.message


def test_other_lists(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window)
    dialog.kind.setCurrentIndex(dialog.kind.findData("needs"))
    assert not dialog.only_selected.isVisible()
    path = tmp_path / "nhu-cau.xlsx"
    with qtbot.waitSignal(dialog.accepted):
        dialog.write(path)
    assert path.exists()


def test_lists_of_work_go_out_from_their_screens(
    qtbot: QtBot, window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    with qtbot.waitSignal(window.list.told):
        window.tasks.ask(
            window.list,
            lambda desk: delete_record(
                desk, "establishments", str(window.list.model.rows[0].row["id"])
            ),
            lambda _: window.list.told.emit("good", "", ""),
        )
    for screen, name in (
        (window.bin, "bin"),
        (window.conflicts, "conflicts"),
        (window.communes, "communes"),
        (window.rounds, "rounds"),
        (window.erasing, "erasures"),
    ):
        window.go(screen)
        settle(window.tasks)
        button = next(b for b in screen.findChildren(QPushButton) if "Xuất danh sách" in b.text())
        button.click()
        (dialog,) = screen.findChildren(ExportDialog)
        assert dialog.kind.currentData() == name
        path = tmp_path / f"{name}.csv"
        with qtbot.waitSignal(dialog.accepted):
            dialog.write(path)
        count = len(rows_of(path))
        assert count == 1 if name == "bin" else count >= 0
        assert f"Đã ghi {count} dòng ra tệp {name}.csv" in window.banner.message

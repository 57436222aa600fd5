"""Taking in a list by hand: read, compare, confirm, cancel."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from kcdesk.actions.findings import list_findings
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import count_records, list_records
from kcdesk.importing.old_encodings import Encoding
from kcdesk.importing.plan import Action
from kcdesk.ui import sample
from kcdesk.ui.screens.import_rows import RowsPanel
from kcdesk.ui.screens.importing import ImportScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle


@pytest.fixture
def screen(window: MainWindow, settle: Settle) -> ImportScreen:
    window.go(window.imports)
    settle(window.tasks)
    return window.imports


def count(ask: Ask) -> object:
    return ask(lambda desk: count_records(desk, "establishments"))


def test_a_list_is_shown_before_anything_is_stored(
    window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask
) -> None:
    screen.read(sample.REGISTER)
    settle(window.tasks)
    assert screen.state.text().startswith("Sẽ nhập 6.534 cơ sở từ lao-cai-register.xlsx.")
    said = "\n".join(part.text() for part in screen.findChildren(type(screen.state)))
    for fact in ("Hộ kinh doanh: 6.290; Doanh nghiệp: 154; Hợp tác xã: 90", "14.172", "3.150 tỷ"):
        assert fact in said
    assert said.count("khớp với") == 2
    assert len(screen.findings.rows) == 386 + 2  # the trades, and two rows with one tax code
    assert count(ask) == 3


def test_enter_takes_the_list_in_and_the_list_shows_it(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask
) -> None:
    screen.read(sample.DIVIDED)
    settle(window.tasks)
    assert screen.plan is not None
    rows = len(screen.plan.rows)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    settle(window.tasks)
    assert window.up is window.list
    assert window.banner.message == f"Đã nhập {rows} cơ sở."
    assert "chờ chọn xã, phường (F8)" in window.banner.hint
    assert count(ask) == 3 + rows
    assert window.list.model.rowCount() == 3 + rows


def test_cancelling_leaves_nothing_behind(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask
) -> None:
    screen.read(sample.REGISTER)
    settle(window.tasks)
    screen.confirm()
    assert screen.running is not None
    with qtbot.waitSignal(screen.running.progressed):
        pass
    qtbot.waitUntil(screen.cancel_button.isVisible)
    screen.cancel_button.click()
    settle(window.tasks)
    assert window.banner.message == "Đã dừng theo yêu cầu."
    assert count(ask) == 3
    assert screen.confirm_button.isVisible()


def test_a_file_that_is_no_list_is_told_and_the_plan_before_it_stays(
    window: MainWindow, screen: ImportScreen, settle: Settle, tmp_path: Path
) -> None:
    wrong = tmp_path / "thu.xlsx"
    wrong.write_text("không phải bảng tính", "utf-8")
    screen.read(wrong)
    settle(window.tasks)
    assert "thu.xlsx" in window.banner.message
    assert window.banner.hint
    assert screen.plan is None
    screen.read(sample.DIVIDED)
    settle(window.tasks)
    screen.read(wrong)
    settle(window.tasks)
    assert screen.plan is not None
    assert "dia-ban-chia-tach.xlsx" in screen.state.text()
    assert screen._path == sample.DIVIDED


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """The short list with another telephone in row 8."""
    book = openpyxl.load_workbook(sample.DIVIDED)
    sheet = book.active
    assert sheet is not None
    sheet["F8"] = "0912 000 111"
    path = tmp_path / "sua.xlsx"
    book.save(path)
    return path


def known(screen: ImportScreen) -> RowsPanel:
    assert screen.known is not None
    return screen.known


def test_what_is_there_already_is_left_or_updated(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask, edited: Path
) -> None:
    ask(lambda desk: import_list(desk, sample.DIVIDED))
    screen.read(edited)
    settle(window.tasks)
    rows = known(screen)
    assert rows.rows.rowCount() == 8
    assert rows.rows.rows[0].row_number == 8
    assert "Điện thoại: 0983512660 → 0912000111" in rows.detail.text()
    assert not screen.confirm_button.isEnabled()
    qtbot.keyClick(rows.update_known, Qt.Key.Key_Space)
    assert screen.state.text().startswith("Sẽ nhập 0 cơ sở, cập nhật 1 từ sua.xlsx.")
    qtbot.keyClick(window, Qt.Key.Key_Return)
    settle(window.tasks)
    assert "Đã cập nhật 1 cơ sở." in window.banner.hint
    phones = ask(
        lambda desk: [
            record.row["name"]
            for record in list_records(desk, "establishments", search="0912000111").records
        ]
    )
    assert phones == ["HTX đan lát Long Phú"]


def test_a_row_is_decided_with_one_key(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask, edited: Path
) -> None:
    ask(lambda desk: import_list(desk, sample.DIVIDED))
    before = count(ask)
    screen.read(edited)
    settle(window.tasks)
    rows = known(screen)
    rows.table.setFocus()
    qtbot.keyClick(rows.table, Qt.Key.Key_T)
    qtbot.keyClick(rows.table, Qt.Key.Key_B)
    assert sorted(rows.decisions.values()) == [Action.ADD, Action.SKIP]
    assert screen.state.text().startswith("Sẽ nhập 1 cơ sở từ sua.xlsx.")
    rows.table.selectRow(0)
    qtbot.keyClick(rows.table, Qt.Key.Key_D)
    assert list(rows.decisions.values()) == [Action.SKIP]
    rows.table.selectRow(0)
    qtbot.keyClick(rows.table, Qt.Key.Key_T)
    screen.confirm()
    settle(window.tasks)
    assert count(ask) == before + 1


def choose(chooser: QComboBox, data: object) -> None:
    """As a person picks an entry of the chooser."""
    chooser.setCurrentIndex(chooser.findData(data))
    chooser.activated.emit(chooser.currentIndex())


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Names in TCVN3, too few to be certain, and a head that does not say what it is."""
    lines = ["Tªn c¬ së;Xã, phường;Bán được (triệu đồng)", "Hé Vµng A P¸o;Xã Bảo Hà;12"]
    path = tmp_path / "cu.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_columns_are_corrected_and_kept(
    window: MainWindow, screen: ImportScreen, settle: Settle, odd: Path, tmp_path: Path
) -> None:
    screen.read(odd)
    settle(window.tasks)
    assert screen.plan is not None
    assert screen.columns is not None
    assert not screen.confirm_button.isEnabled()
    assert screen.state.text() == "Chọn bảng mã của cột A trước khi nhập."
    choose(screen.columns.encodings["A"], "TCVN3")
    settle(window.tasks)
    assert screen.confirm_button.isEnabled()
    choose(screen.columns.fields["C"], "revenue")
    settle(window.tasks)
    meanings = [column.meaning for column in screen.plan.columns]
    assert meanings == ["name", "commune", "revenue"]
    assert screen.plan.rows[0].establishment["name"] == "Hộ Vàng A Páo"
    kept = tmp_path / "mau.json"
    screen.keep_map(kept)
    screen.read(odd)
    settle(window.tasks)
    assert screen.plan.columns[2].meaning is None
    screen.use_map(kept)
    settle(window.tasks)
    assert [column.meaning for column in screen.plan.columns] == meanings
    assert screen.plan.open_encodings == ()


def test_a_correction_that_cannot_be_is_told_and_taken_back(
    window: MainWindow, screen: ImportScreen, settle: Settle
) -> None:
    screen.read(sample.DIVIDED)
    settle(window.tasks)
    assert screen.columns is not None
    letter = next(k for k, each in screen.columns.fields.items() if each.currentData() == "name")
    choose(screen.columns.fields[letter], None)
    settle(window.tasks)
    assert "thiếu cột “Tên cơ sở”" in window.banner.message
    assert screen.columns.fields[letter].currentData() == "name"


def test_a_name_that_only_may_be_one_is_proposed(
    window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    path = tmp_path / "ds.csv"
    path.write_text("Tên đơn vị thụ hưởng vốn;Xã, phường;Ghi chú\nHộ A;Xã Bảo Hà;\n", "utf-8")
    screen.read(path)
    settle(window.tasks)
    assert screen.columns is not None
    assert screen.columns.fields["A"].currentData() == "name"
    screen.confirm()
    settle(window.tasks)
    assert count(ask) == 4


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Two rows, one with a tax code that is none; money without a unit."""
    path = tmp_path / "sai.csv"
    path.write_text(
        "Tên cơ sở;Xã, phường;Mã số thuế;Doanh thu năm 2024\n"
        "Hộ Vàng A Páo;Xã Bảo Hà;;120\nHộ Lý Mẩy Chạn;Xã Bảo Hà;12345;90\n",
        "utf-8",
    )
    return path


def test_the_unit_of_money_is_said_and_rejected_rows_are_saved(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask, faulty: Path
) -> None:
    screen.read(faulty)
    settle(window.tasks)
    assert screen.plan is not None
    assert len(screen.plan.rejected) == 2  # nobody said what 120 counts
    assert screen.columns is not None
    unit = screen.columns.units["D"]
    assert unit.currentText() == "ghi trong ô"
    unit.setFocus()
    qtbot.keyClick(unit, Qt.Key.Key_Down)
    qtbot.keyClick(unit, Qt.Key.Key_Down)
    qtbot.keyClick(unit, Qt.Key.Key_Down)
    settle(window.tasks)
    assert screen.columns.units["D"].currentText() == "triệu đồng"
    (row,) = screen.plan.rows
    assert row.figures["revenue"] == 120_000_000
    screen.confirm()
    settle(window.tasks)
    assert "1 dòng chưa nhập được còn ở dưới đây" in window.banner.hint
    assert window.up is screen
    assert screen.state.text().startswith("Không có gì mới để nhập từ sai.csv; 1 dòng")
    assert screen.rejects_button is not None
    qtbot.waitUntil(screen.rejects_button.isVisible)
    out = faulty.with_name("sua.xlsx")
    screen.save_rejects(out)
    settle(window.tasks)
    assert window.banner.message == "Đã lưu 1 dòng chưa nhập được vào sua.xlsx."
    page = openpyxl.load_workbook(out).worksheets[0]
    assert "12345" in str(page["E3"].value)
    assert count(ask) == 4


def test_rejected_rows_are_saved_by_keyboard_alone(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle, faulty: Path
) -> None:
    screen.read(faulty)
    settle(window.tasks)
    assert screen.rejects_button is not None
    qtbot.waitUntil(screen.rejects_button.isVisible)  # a shortcut works from then on
    qtbot.keyClick(
        window,
        Qt.Key.Key_S,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    dialog = screen.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles()[0].endswith("sai - chưa nhập được.xlsx")
    dialog.reject()


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    """Figures of establishments of the sample workspace and of one that is not there; nobody says the year."""
    path = tmp_path / "so-lieu.csv"
    said = ("Tên cơ sở", "Xã, phường, thị trấn", "Huyện, thị xã, thành phố", "Tỉnh")
    rows = [f"{';'.join(said)};Số lao động;Doanh thu (triệu đồng)"]
    book = openpyxl.load_workbook(sample.DIVIDED, read_only=True)
    page = book.worksheets[0]
    head = next(r for r in page.iter_rows(values_only=True) if "Tên cơ sở" in r)
    at = [head.index(text) for text in said]
    body = [r for r in page.iter_rows(values_only=True) if isinstance(r[0], int | float)]
    rows += [
        ";".join([*(str(r[i]) for i in at), f"{n + 2}", f"{n + 10}"])
        for n, r in enumerate(body[:3])
    ]
    path.write_text("\n".join([*rows, "Hộ Không Có;Xã Bảo Hà;;;4;5"]), "utf-8")
    return path


def test_figures_of_a_year_come_in(
    window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask, figures: Path
) -> None:
    ask(lambda desk: import_list(desk, sample.DIVIDED))
    before = ask(lambda desk: count_records(desk, "figures"))
    assert isinstance(before, int)
    screen.read(figures, "figures")
    settle(window.tasks)
    dialog = screen.findChild(QInputDialog)
    assert dialog is not None
    assert "không ghi số liệu của năm nào" in dialog.labelText()
    dialog.setIntValue(2019)
    dialog.accept()
    settle(window.tasks)
    assert screen.state.text() == "Sẽ nhập 3 số liệu từ so-lieu.csv. Chưa ghi gì cả."
    assert screen.rejects_button is not None
    assert not known(screen).buttons[Action.ADD].isVisible()
    screen.confirm()
    settle(window.tasks)
    assert window.banner.message == "Đã nhập 3 số liệu."
    assert ask(lambda desk: count_records(desk, "figures")) == before + 3


def test_reading_is_stopped(
    qtbot: QtBot, window: MainWindow, screen: ImportScreen, settle: Settle
) -> None:
    screen.read(sample.DIVIDED)
    settle(window.tasks)
    screen.read(sample.REGISTER)
    assert screen.running is not None
    with qtbot.waitSignal(screen.running.progressed):
        pass
    qtbot.waitUntil(screen.cancel_button.isVisible)
    screen.cancel_button.click()
    settle(window.tasks)
    assert window.banner.message == "Đã dừng theo yêu cầu."
    assert screen.state.text().endswith("từ dia-ban-chia-tach.xlsx. Chưa ghi gì cả.")
    screen.read(sample.REGISTER)
    settle(window.tasks)
    assert "lao-cai-register.xlsx" in screen.state.text()


def test_a_doubtful_value_is_accepted_for_what_is_there(
    window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    path = tmp_path / "ds.csv"
    path.write_text("Tên cơ sở;Xã, phường;Mã số thuế\nHộ A;Xã Bảo Hà;0312687879\n", "utf-8")
    ask(lambda desk: import_list(desk, path))
    screen.read(path)
    settle(window.tasks)
    assert not screen.confirm_button.isEnabled()
    assert [found.finding.code for found in screen.findings.rows] == ["V-MST.checksum"]
    screen._finding_table.choose_first()
    assert screen.accept_button.isEnabled()
    screen.accept_button.click()
    dialog = screen.findChild(QInputDialog)
    assert dialog is not None
    dialog.setTextValue("Mã cấp trước năm 2000")
    dialog.accept()
    assert screen.findings.rows == []
    assert screen.state.text() == "Sẽ ghi lý do chấp nhận vào 1 hồ sơ đã có. Chưa ghi gì cả."
    screen.confirm()
    settle(window.tasks)
    assert "Đã ghi lý do chấp nhận vào 1 hồ sơ." in window.banner.hint
    (record,) = ask(
        lambda desk: list_records(desk, "establishments", search="0312687879", limit=5).records
    )
    (finding,) = ask(lambda desk: list_findings(desk, "establishments", str(record.row["id"])))
    assert finding.reason == "Mã cấp trước năm 2000"


def test_all_sheets_or_one_of_them(
    window: MainWindow, screen: ImportScreen, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for name, tax in (("Hộ", ""), ("Doanh nghiệp", "0312687879")):
        page = book.create_sheet(name)
        page.append(["Tên cơ sở", "Xã, phường", "Mã số thuế"])
        page.append([f"Cơ sở {name}", "Xã Bảo Hà", tax])
    del book["Sheet"]
    path = tmp_path / "ds.xlsx"
    book.save(path)
    screen.read(path)
    settle(window.tasks)
    assert screen.state.text() == "Sẽ nhập 1 cơ sở từ ds.xlsx. Chưa ghi gì cả."
    assert screen.sheet_chooser is not None
    assert screen.sheet_chooser.currentText() == "Hộ"
    choose(screen.sheet_chooser, "all")
    settle(window.tasks)
    assert screen.sheet_chooser.currentText() == "Mọi trang (2)"
    assert screen.state.text() == "Sẽ nhập 2 cơ sở từ ds.xlsx. Chưa ghi gì cả."
    assert [found.sheet for found in screen.findings.rows] == ["Doanh nghiệp"]
    screen.confirm()
    settle(window.tasks)
    assert count(ask) == 5


def test_corrections_that_follow_each_other_fast_are_all_kept(
    window: MainWindow, screen: ImportScreen, settle: Settle, odd: Path
) -> None:
    screen.read(odd)
    settle(window.tasks)
    screen.say_column("Bán được (triệu đồng)", "revenue")
    screen.say_encoding("A", Encoding.TCVN3)
    settle(window.tasks)
    assert screen.plan is not None
    assert screen.plan.columns[2].meaning == "revenue"
    assert screen.plan.open_encodings == ()

"""Papers in the window: forms, piles, copies, what is out and what came back, scans; and what the book says of it."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QMessageBox, QTableView
from pytestqt.qtbot import QtBot

from kcdesk.actions.attachments import list_attachments
from kcdesk.actions.documents import print_document
from kcdesk.actions.handing_out import CopyAs, paper_book
from kcdesk.actions.needs import register_need
from kcdesk.actions.scans import unread_pages
from kcdesk.storage.papers import PaperNote
from kcdesk.ui.screens.papers import PapersScreen
from kcdesk.ui.screens.piles import PileDialog
from kcdesk.ui.screens.preview import PreviewScreen
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, first

CTRL = Qt.KeyboardModifier.ControlModifier
NEED = {
    "purpose": "Mua máy sao chè", "kcdp": "90 triệu", "counterpart": "110 triệu", "total": "200 triệu",
    "receiver": "Trung tâm Khuyến công", "activity_code": "KC3_TECHNOLOGY",
}  # fmt: skip


@pytest.fixture
def need(window: MainWindow, ask: Ask) -> str:
    """The id of a need of the first establishment of the list."""
    return str(ask(lambda desk: register_need(desk, first(window), NEED).records[0][1]))


@pytest.fixture
def papers(qtbot: QtBot, window: MainWindow, settle: Settle) -> PapersScreen:
    qtbot.keyClick(window, Qt.Key.Key_G, CTRL)
    settle(window.tasks)
    assert window.up is window.papers
    return window.papers


def book(ask: Ask) -> list[PaperNote]:
    found = ask(paper_book)
    assert isinstance(found, list)
    return found


def preview(window: MainWindow, settle: Settle) -> PreviewScreen:
    settle(window.tasks)
    assert isinstance(window.up, PreviewScreen), window.banner.message
    return window.up


def pile(qtbot: QtBot, window: MainWindow, settle: Settle) -> PileDialog:
    qtbot.keyClick(window.list, Qt.Key.Key_P, CTRL)
    (dialog,) = window.list.findChildren(PileDialog)
    qtbot.waitUntil(dialog.isVisible)
    settle(window.tasks)
    return dialog


# ---- Forms --------------------------------------------------------------------------------------


def test_every_form_is_there_empty_and_filled(
    qtbot: QtBot, window: MainWindow, papers: PapersScreen, settle: Settle
) -> None:
    ids = [form.id for form in papers.forms.model.rows]
    assert {f"F{number:02}" for number in range(1, 32)} <= set(ids)
    papers.forms.table.selectRow(ids.index("F17"))
    qtbot.keyClick(papers.forms.table, Qt.Key.Key_Return)
    empty = preview(window, settle)
    text = empty.pdf.getAllText(0).text()
    qtbot.keyClick(empty, Qt.Key.Key_Escape)
    qtbot.keyClick(papers, Qt.Key.Key_D, CTRL)
    filled = preview(window, settle)
    assert filled.pdf.getAllText(0).text() != text
    assert not filled._send.isVisible()


def test_a_form_that_has_one_is_saved_as_word(
    window: MainWindow, papers: PapersScreen, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    papers.forms.table.selectRow([form.id for form in papers.forms.model.rows].index("F17"))
    papers.show_blank()
    shown = preview(window, settle)
    shown.write(tmp_path / "bao-cao.docx")
    settle(window.tasks)
    assert (tmp_path / "bao-cao.docx").read_bytes().startswith(b"PK")
    (note,) = book(ask)
    assert (note.how, note.form, note.file_name) == ("word", "F17", "bao-cao.docx")


def test_empty_forms_of_a_commune_are_taken_along(
    qtbot: QtBot, papers: PapersScreen, ask: Ask, settle: Settle, tmp_path: Path
) -> None:
    dialog = papers.take_along()
    settle(papers.tasks)
    dialog.commune.setCurrentIndex(dialog.commune.findData("02683"))
    dialog.copies.setValue(1)
    dialog.taker.setText("Sùng A Chứ")
    path = tmp_path / "phieu.pdf"
    with qtbot.waitSignal(dialog.accepted, timeout=30_000):
        dialog.make(path)
    assert len(pypdf.PdfReader(path).outline) == 3
    settle(papers.tasks)
    assert papers.tabs.tabText(1) == "Sổ giấy tờ (3)"
    papers.tabs.setCurrentIndex(1)
    assert {line.note.taker for line in papers.book.model.rows} == {"Sùng A Chứ"}
    papers.back_button.click()
    settle(papers.tasks)
    assert len(papers.book.model.rows) == 2
    papers.which.setCurrentIndex(1)
    settle(papers.tasks)
    assert len(papers.book.model.rows) == 3
    assert len([note for note in book(ask) if note.back_at is not None]) == 1


def test_nothing_to_take_along_is_said_beside_the_buttons(
    papers: PapersScreen, settle: Settle, tmp_path: Path
) -> None:
    dialog = papers.take_along()
    settle(papers.tasks)
    dialog.prefilled.setChecked(False)
    dialog.make(tmp_path / "phieu.pdf")
    settle(papers.tasks)
    assert dialog.isVisible()
    assert "Không có phiếu nào" in dialog.trouble.text()
    assert not (tmp_path / "phieu.pdf").exists()


# ---- Piles --------------------------------------------------------------------------------------


def test_a_pile_is_written_listed_and_noted(
    qtbot: QtBot, window: MainWindow, need: str, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    window.list.table.selectAll()
    dialog = pile(qtbot, window, settle)
    assert dialog.only_selected.isChecked()
    assert dialog.form.currentData() == "F02"
    dialog.taker.setText("chủ cơ sở")
    dialog.make(tmp_path / "don.pdf")
    settle(window.tasks)
    assert "ĐƠN ĐỀ NGHỊ" in pypdf.PdfReader(tmp_path / "don.pdf").pages[0].extract_text()
    lines = dialog.model.rows
    assert [line.number for line in lines if line.number] == [1]
    assert len([line for line in lines if line.refused]) == 2
    assert "1 giấy tờ" in dialog.said.text()
    assert dialog.table.isVisible()
    (note,) = book(ask)
    assert (note.how, note.record, note.taker) == ("file", need, "chủ cơ sở")
    dialog.write_list(tmp_path / "danh-sach.csv")
    settle(window.tasks)
    assert (tmp_path / "danh-sach.csv").read_text("utf-8-sig").count("\n") == 4
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_each_establishment_gets_a_file(
    qtbot: QtBot, window: MainWindow, need: str, settle: Settle, tmp_path: Path
) -> None:
    window.list.table.clearSelection()
    dialog = pile(qtbot, window, settle)
    assert dialog.all_shown.isChecked()
    dialog.make(tmp_path / "don")
    settle(window.tasks)
    names = sorted(path.name for path in (tmp_path / "don").iterdir())
    assert [name[:8] for name in names] == ["001_F02_", "danh-sac"]


def test_a_pile_that_is_printed_is_noted_paper_by_paper(
    qtbot: QtBot, window: MainWindow, need: str, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    dialog = pile(qtbot, window, settle)
    dialog.all_shown.setChecked(True)
    dialog.taker.setText("chủ cơ sở")
    dialog.make(None)
    settle(window.tasks)
    dialog.reject()
    shown = preview(window, settle)
    assert book(ask) == []
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "in.pdf"))
    shown.print_on(printer)
    settle(window.tasks)
    (note,) = book(ask)
    assert (note.how, note.form, note.record) == ("printed", "F02", need)
    assert note.taker == "chủ cơ sở"
    assert window.banner.message.startswith("Đã gửi")


def test_a_pile_stops_and_leaves_nothing(
    qtbot: QtBot, window: MainWindow, need: str, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    dialog = pile(qtbot, window, settle)
    dialog.all_shown.setChecked(True)
    stopped = threading.Event()  # so few papers are drawn before Esc can be pressed
    window.tasks.ask(window, lambda _: stopped.wait(20), lambda waited: None)
    with qtbot.waitSignal(dialog.rejected):
        dialog.make(tmp_path / "don.pdf")
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        stopped.set()
    settle(window.tasks)
    assert not (tmp_path / "don.pdf").exists()
    assert "Đã dừng" in window.banner.message
    assert book(ask) == []


def test_the_list_is_searched_while_a_pile_is_drawn(
    qtbot: QtBot, window: MainWindow, need: str, settle: Settle, tmp_path: Path
) -> None:
    """The desk is free: only gathering and noting need it."""
    go_on = threading.Event()
    dialog = pile(qtbot, window, settle)
    dialog.all_shown.setChecked(True)
    window.tasks.outside(window, lambda: go_on.wait(20), lambda waited: None)
    dialog.make(tmp_path / "don.pdf")
    answers: list[int] = []
    window.tasks.ask(window, lambda desk: len(paper_book(desk)), answers.append)
    qtbot.waitUntil(lambda: answers == [0])
    assert dialog.progress.isVisible()
    assert not (tmp_path / "don.pdf").exists()
    go_on.set()
    settle(window.tasks)
    assert (tmp_path / "don.pdf").exists()


# ---- Copies -------------------------------------------------------------------------------------


def test_a_copy_goes_out_without_personal_data_and_is_noted(
    qtbot: QtBot, window: MainWindow, need: str, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    window.open_paper(need)
    shown = preview(window, settle)
    qtbot.keyClick(shown, Qt.Key.Key_E, CTRL)
    dialog = shown.send()
    dialog._choose()
    assert "cho ai" in dialog.trouble.text()
    dialog.taker.setText("Sở Công Thương")
    with qtbot.waitSignal(dialog.accepted):
        dialog.write(tmp_path)
    (path,) = tmp_path.glob("*_f02_*.pdf")
    (note,) = book(ask)
    assert (note.how, note.taker, note.file_name) == ("copy", "Sở Công Thương", path.name)
    assert "phone" in note.left_out
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    assert "0983" not in text


@pytest.mark.parametrize(("kind", "ending"), [(CopyAs.PICTURE, "png"), (CopyAs.SHEET, "xlsx")])
def test_a_copy_in_other_dress(
    qtbot: QtBot, window: MainWindow, need: str, settle: Settle, tmp_path: Path, kind: CopyAs, ending: str
) -> None:  # fmt: skip
    window.open_paper(need)
    shown = preview(window, settle)
    dialog = shown.send()
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    assert not dialog.protected.isVisible()
    dialog.taker.setText("xã")
    with qtbot.waitSignal(dialog.accepted, timeout=20_000):
        dialog.write(tmp_path)
    assert len(list(tmp_path.glob(f"*.{ending}"))) == (
        shown.pdf.pageCount() if ending == "png" else 1
    )


def test_a_filled_paper_is_saved_with_a_password_when_asked(
    qtbot: QtBot, window: MainWindow, need: str, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    window.open_paper(need)
    shown = preview(window, settle)
    shown._ask_to_save()
    box = shown.findChild(QMessageBox)
    assert box is not None
    assert box.defaultButton().text() == "Đặt mật khẩu…"
    box.defaultButton().click()
    dialog = shown.findChild(type(shown.send()))
    assert dialog is not None
    assert dialog.personal.isChecked()
    assert dialog.protected.isChecked()
    dialog.taker.setText("Sở")
    dialog._choose()
    assert "8 ký tự" in dialog.trouble.text()
    for line in (dialog.password.first, dialog.password.again):
        line.setText("chè shan tuyết")
    with qtbot.waitSignal(dialog.accepted):
        dialog.write(tmp_path)
    (path,) = tmp_path.glob("*.pdf")
    assert pypdf.PdfReader(path).is_encrypted
    assert book(ask)[0].how == "protected"


def test_what_left_stands_on_the_page_of_the_establishment(
    window: MainWindow, need: str, settle: Settle, tmp_path: Path
) -> None:
    window.open_paper(need)
    preview(window, settle).write(tmp_path / "don.pdf")
    settle(window.tasks)
    window.back()
    window.open_record(first(window))
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, RecordScreen)
    (line,) = screen.papers.model.rows
    assert line.what == "F02, ghi ra tệp"


# ---- Scans --------------------------------------------------------------------------------------


def photograph(pdf: bytes, path: Path, *, without_code: bool) -> None:
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=150 / 72).to_pil().convert("L")
    document.close()
    if without_code:
        picture.paste(255, (0, picture.height - 160, picture.width, picture.height))
    picture.save(path, quality=85)


def test_a_photo_is_filed_and_a_page_without_code_waits(
    qtbot: QtBot, window: MainWindow, papers: PapersScreen, need: str, settle: Settle, ask: Ask, tmp_path: Path
) -> None:  # fmt: skip
    pdf = ask(lambda desk: print_document(desk, "F02", need).pdf)
    assert isinstance(pdf, bytes)
    photograph(pdf, tmp_path / "ro.jpg", without_code=False)
    photograph(pdf, tmp_path / "mo.jpg", without_code=True)
    page = papers.scans
    papers.tabs.setCurrentIndex(2)
    with qtbot.waitSignal(page.changed, timeout=20_000):
        page.read(tmp_path / "ro.jpg")
    assert window.banner.message.startswith("Đã kèm 1 trang")
    with qtbot.waitSignal(page.changed, timeout=20_000):
        page.read(tmp_path / "mo.jpg")
    settle(window.tasks)
    assert papers.tabs.tabText(2) == "Bản quét (1)"
    assert not page.picture.pixmap().isNull()
    page.search.setText(str(window.list.model.rows[0].row["name"]))
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    settle(window.tasks)
    assert isinstance(page.establishments, QTableView)
    with qtbot.waitSignal(page.changed):
        qtbot.keyClick(page.establishments, Qt.Key.Key_Return)
    settle(window.tasks)
    assert page.model.rows == []
    attached = ask(lambda desk: [one.title for one in list_attachments(desk, first(window))])
    assert attached == ["F02 đã ký", "Trang 1 của mo.jpg"]
    of_need = ask(
        lambda desk: [one.title for one in list_attachments(desk, first(window), of=need)]
    )
    assert of_need == ["F02 đã ký"]


def test_a_waiting_page_can_be_dropped(
    qtbot: QtBot, papers: PapersScreen, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(out, "JPEG")
    (tmp_path / "trang.jpg").write_bytes(out.getvalue())
    with qtbot.waitSignal(papers.scans.changed, timeout=20_000):
        papers.scans.read(tmp_path / "trang.jpg")
    settle(papers.tasks)
    papers.scans._ask_to_drop()
    box = papers.scans.findChild(QMessageBox)
    assert box is not None
    with qtbot.waitSignal(papers.scans.changed):
        box.button(QMessageBox.StandardButton.Discard).click()
    settle(papers.tasks)
    assert ask(unread_pages) == []


def test_a_file_that_is_no_scan_is_told(
    window: MainWindow, papers: PapersScreen, settle: Settle, tmp_path: Path
) -> None:
    (tmp_path / "thu.pdf").write_bytes(b"no scan")
    papers.scans.read(tmp_path / "thu.pdf")
    settle(window.tasks)
    assert window.banner.isVisible()
    assert papers.scans.read_button.isEnabled()

"""Registering a need by what is missing only, and its paper from memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.needs import open_need
from kcdesk.ui.gallery import NEED, type_need
from kcdesk.ui.pdf_pictures import page_image
from kcdesk.ui.sample import Sample
from kcdesk.ui.screens.need import NeedScreen
from kcdesk.ui.screens.preview import PreviewScreen, paint_pages
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, first


@pytest.fixture
def need(window: MainWindow, settle: Settle) -> NeedScreen:
    window.open_need(first(window))
    settle(window.tasks)
    assert isinstance(window.up, NeedScreen)
    return window.up


@pytest.fixture
def preview(window: MainWindow, need: NeedScreen, settle: Settle) -> PreviewScreen:
    type_need(need)
    need.save_button.click()
    settle(window.tasks)
    assert isinstance(window.up, PreviewScreen), window.banner.message
    return window.up


def test_only_what_nobody_has_said_is_asked(window: MainWindow, need: NeedScreen, ask: Ask) -> None:
    form = ask(lambda desk: open_need(desk, first(window)))
    assert hasattr(form, "missing")
    missing = {key for key, _ in form.missing}
    assert {"name", "legal_form"}.isdisjoint(need.fields)
    assert "rep_name" in need.fields
    assert set(need.fields) - {"other"} <= missing


def test_a_wrong_amount_is_said_beside_its_field(window: MainWindow, need: NeedScreen) -> None:
    need.fields["total"].type("320")
    assert "V-MONEY" in need.fields["total"].note_text
    need.save_button.click()
    assert window.up is need
    assert window.banner.message.startswith("Chưa đăng ký được")


def test_the_need_becomes_a_paper_without_a_file(
    qtbot: QtBot, preview: PreviewScreen, place: Sample
) -> None:
    assert preview.pdf.pageCount() >= 1
    text = "".join(preview.pdf.getAllText(page).text() for page in range(preview.pdf.pageCount()))
    assert "ĐƠN ĐỀ NGHỊ HỖ TRỢ KINH PHÍ KHUYẾN CÔNG" in text
    assert NEED["receiver"] in text
    assert not [path for path in place.folder.rglob("*") if path.suffix == ".pdf"]
    assert "Người đại diện" in preview.lacking.text()


def test_pages_are_drawn_on_white(preview: PreviewScreen) -> None:
    image = page_image(preview.pdf, 0, 72)
    assert image.size() == QSize(595, 842)
    assert image.pixelColor(2, 2) == QColor("white")
    assert not image.hasAlphaChannel()


def test_printing_sends_every_page(
    preview: PreviewScreen, window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    preview.print_on(printer)
    settle(window.tasks)
    assert window.banner.message.startswith("Đã gửi")
    printed = QPdfDocument()
    printed.load(str(tmp_path / "printed.pdf"))
    assert printed.pageCount() == preview.pdf.pageCount()
    ink = page_image(printed, 0, 30)
    assert any(
        ink.pixelColor(x, y).lightness() < 200 for x in range(ink.width()) for y in (45, 60, 75, 90)
    )


def test_a_printer_that_does_not_start_is_told(
    preview: PreviewScreen, window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "no such folder" / "printed.pdf"))
    preview.print_on(printer)
    settle(window.tasks)
    assert window.banner.message == "Máy in không nhận bản in."
    assert paint_pages.__doc__


def test_a_file_is_written_after_asking_only(
    preview: PreviewScreen, window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    preview._ask_to_save()
    box = preview.findChild(QMessageBox)
    assert box is not None
    assert "mã hoá" in box.text()
    box.button(QMessageBox.StandardButton.Save).click()
    dialog = preview.findChild(QFileDialog)
    assert dialog is not None
    assert preview.printed is not None
    assert Path(dialog.selectedFiles()[0]).name == preview.printed.file_name
    dialog.close()
    preview.write(tmp_path / "don.pdf")
    settle(window.tasks)
    assert (tmp_path / "don.pdf").read_bytes() == preview.printed.pdf
    preview.write(tmp_path / "no such folder" / "don.pdf")
    settle(window.tasks)
    assert window.banner.message.startswith("Không ghi được tệp")

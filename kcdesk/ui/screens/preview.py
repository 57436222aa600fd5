"""A paper before it is printed: shown from memory, nothing of it on disk until the person says so.

What is printed, saved or sent from here is written into the book of papers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtPrintSupport import QPrintDialog, QPrinter

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Printed
from kcdesk.actions.handing_out import hand_out, note_papers
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.pdf_pictures import page_image
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.sending import SendDialog
from kcdesk.ui.screens.shown_paper import ShownPaper
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.clear_file import ask_for_clear_file
from kcdesk.ui.widgets.parts import button, card, column, heading, label, row

PRINT_DPI = 300
_WORD = ".docx"


class PreviewScreen(Screen):
    """A paper, or a pile of them."""

    def __init__(self, context: Context, paper: ShownPaper) -> None:
        super().__init__(context)
        self.entitle(paper.title)
        self.printed: Printed | None = None
        self.paper = paper
        self.pdf = QPdfDocument(self)
        self._buffer = QBuffer(self)
        self.view = QPdfView(self)
        self.view.setDocument(self.pdf)
        self.view.setPageMode(QPdfView.PageMode.MultiPage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.view.setAccessibleName(self.tr("Xem trước"))
        self._print = button(self.tr("In"), self._print_out, key="Ctrl+P", main=True)
        self._save_as = button(self.tr("Lưu ra tệp"), self._ask_to_save, key="Ctrl+S")
        self._send = button(self.tr("Gửi bản sao"), self.send, key="Ctrl+E")
        self._send.setVisible(paper.copy is not None)
        self.stop_button = button(self.tr("Dừng in"), self._stop)
        self.stop_button.hide()
        self._printing: Running | None = None
        self.lacking = label(quiet=True, wrap=True)
        side = card(heading(self.tr("Còn để trống")), self.lacking, None)
        side.setFixedWidth(theme.NOTE_WIDTH)
        side.setVisible(paper.copy is not None)
        content = row(gap=theme.SPACE)
        content.addWidget(self.view, 1)
        content.addWidget(side)
        self.state = label(quiet=True)
        top = row(self.state, None, self.stop_button, self._send, self._save_as, self._print)
        self.setLayout(column(top, content))
        self._allow(False)

    def entered(self) -> None:
        self.state.setText(self.tr("Đang dựng trang…"))
        self.tasks.ask(self, self.paper.draw, self._show)

    def take_focus(self) -> None:
        self.view.setFocus()

    def _allow(self, yes: bool) -> None:
        for part in (self._print, self._save_as, self._send):
            part.setEnabled(yes)

    def _show(self, printed: Printed) -> None:
        self.printed = printed
        self._buffer.close()
        self._buffer.setData(QByteArray(printed.pdf))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.pdf.load(self._buffer)
        pages = self.pdf.pageCount()
        self.state.setText(self.tr("{0} trang. Chưa ghi gì ra đĩa.").format(pages))
        self.lacking.setText(
            "\n".join(f"•  {name}" for _, name in printed.missing)
            or self.tr("Đã đủ các mục bắt buộc.")
        )
        self._allow(True)

    # Into a file

    def write(self, path: Path) -> None:
        """Write the paper to `path`, as Word when that says so, and into the book; off the window's thread."""
        assert self.printed is not None
        printed, word, taker = self.printed, self.paper.word, self.paper.taker
        empty = not any(one.record for one in printed.origins)

        def work(desk: Desk) -> None:
            if word is not None and path.suffix.casefold() == _WORD:
                hand_out(desk, word(desk), path, how="word")
            else:
                hand_out(desk, printed, path, how="blank" if empty else "file", taker=taker)

        self.tasks.ask(
            self,
            work,
            lambda _: self.told.emit("good", self.tr("Đã ghi tệp {0}.").format(path.name), ""),
        )

    def _ask_to_save(self) -> None:
        assert self.printed is not None
        title, filters = self.tr("Lưu ra tệp"), [self.tr("Tệp PDF (*.pdf)")]
        if self.paper.word is not None:
            filters.append(self.tr("Tệp Word để sửa tiếp (*.docx)"))
        protect = None if self.paper.copy is None else self._send_whole
        ask_for_clear_file(
            self, title, self.printed.file_name, ";;".join(filters), self.write, protect=protect
        )

    def send(self) -> SendDialog:
        """Ask to whom a copy goes, and as what."""
        return self._send_dialog(whole=False)

    def _send_whole(self) -> None:
        self._send_dialog(whole=True)

    def _send_dialog(self, *, whole: bool) -> SendDialog:
        dialog = SendDialog(self.context, self, self.paper, whole=whole)
        dialog.told.connect(self.told)
        dialog.open()
        return dialog

    # Onto paper

    def _print_out(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        if dialog.exec():
            self.print_on(printer)

    def print_on(self, printer: QPrinter) -> None:
        """Send the paper to a printer, off the window's thread, and write it into the book."""
        assert self.printed is not None
        printed, taker = self.printed, self.paper.taker

        def painted(pages: int) -> None:
            self._done_printing()
            self.tasks.ask(
                self,
                lambda desk: note_papers(desk, printed.origins, how="printed", taker=taker),
                lambda _: self.told.emit(
                    "good", self.tr("Đã gửi {0} trang đến máy in.").format(pages), ""
                ),
            )

        def failed(error: KcdeskError) -> None:
            self._done_printing()
            self.told.emit("error", error.message, error.hint)

        def work(running: Running) -> int:
            tell = running.progress
            return paint_pages(printed.pdf, printer, lambda done, of: tell("pages", done, of))

        self._allow(False)
        self._printing = self.tasks.long_outside(self, work, painted, failed=failed)
        self._printing.progressed.connect(self._progressed)
        self.stop_button.show()

    def _progressed(self, _: str, done: int, total: int) -> None:
        self.state.setText(self.tr("Đang gửi trang {0} trong {1}…").format(done, total))

    def _stop(self) -> None:
        if self._printing is not None:
            self._printing.cancel()

    def _done_printing(self) -> None:
        self._printing = None
        self.stop_button.hide()
        self.state.setText(self.tr("{0} trang.").format(self.pdf.pageCount()))
        self._allow(True)


def paint_pages(
    pdf: bytes, printer: QPrinter, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> int:
    """Every page of `pdf` on a page of the printer, as large as it is (A4, unscaled); how many. On any thread.

    Copies are made here where the printer cannot, sorted by paper or by page as the person asked. `progress` is told
    each page, and may raise: then the printing is given up. Raises `KcdeskError` when the printer does not start.
    """
    document, buffer = QPdfDocument(), QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    pages = list(range(document.pageCount()))
    copies = 1 if printer.supportsMultipleCopies() else printer.copyCount()
    order = pages * copies if printer.collateCopies() else [p for p in pages for _ in range(copies)]
    printer.setFullPage(True)
    lay_out(printer, document, order[0])
    painter = QPainter()
    if not painter.begin(printer):
        raise KcdeskError(
            "Máy in không nhận bản in.", hint="Kiểm tra máy in đã bật và còn giấy rồi in lại."
        )
    try:
        for count, page in enumerate(order):
            progress(count + 1, len(order))
            if count:
                lay_out(printer, document, page)
                printer.newPage()
            points, dots = document.pagePointSize(page), printer.resolution() / 72
            paper = QRectF(0, 0, points.width() * dots, points.height() * dots)
            painter.drawImage(paper, page_image(document, page, PRINT_DPI))
    except KcdeskError:
        printer.abort()
        raise
    finally:
        painter.end()
    return len(pages)


def lay_out(printer: QPrinter, document: QPdfDocument, page: int) -> None:
    """A4, upright or lying as the page is."""
    points = document.pagePointSize(page)
    lying = points.width() > points.height()
    orientation = QPageLayout.Orientation.Landscape if lying else QPageLayout.Orientation.Portrait
    printer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            orientation,
            QMarginsF(),
            QPageLayout.Unit.Millimeter,
        )
    )
    printer.setFullPage(True)

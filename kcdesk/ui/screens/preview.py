"""A paper before it is printed: shown from memory, nothing of it on disk until the person says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtPrintSupport import QPrintDialog, QPrinter

from kcdesk.actions.clear_files import write_clear_file
from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Printed
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.widgets.clear_file import ask_for_clear_file
from kcdesk.ui.widgets.parts import button, card, column, heading, label, row

PRINT_DPI = 300


class PreviewScreen(Screen):
    """A paper. `draw`: makes it, on the desk's thread"""

    def __init__(self, context: Context, title: str, draw: Callable[[Desk], Printed]) -> None:
        super().__init__(context)
        self.entitle(title)
        self.printed: Printed | None = None
        self._draw = draw
        self.pdf = QPdfDocument(self)
        self._buffer = QBuffer(self)
        self.view = QPdfView(self)
        self.view.setDocument(self.pdf)
        self.view.setPageMode(QPdfView.PageMode.MultiPage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.view.setAccessibleName(self.tr("Xem trước"))
        self._print = button(self.tr("In"), self._print_out, key="Ctrl+P", main=True)
        self._save_as = button(self.tr("Lưu tệp PDF"), self._ask_to_save, key="Ctrl+S")
        self.lacking = label(quiet=True, wrap=True)
        side = card(heading(self.tr("Còn để trống")), self.lacking, None)
        side.setFixedWidth(theme.NOTE_WIDTH)
        content = row(gap=theme.SPACE)
        content.addWidget(self.view, 1)
        content.addWidget(side)
        self.state = label(quiet=True)
        top = row(self.state, None, self._save_as, self._print)
        self.setLayout(column(top, content))
        for part in (self._print, self._save_as):
            part.setEnabled(False)

    def entered(self) -> None:
        self.state.setText(self.tr("Đang dựng trang…"))
        self.tasks.ask(self, self._draw, self._show)

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
        for part in (self._print, self._save_as):
            part.setEnabled(True)

    def write(self, path: Path) -> None:
        """Write the PDF to `path`, off the window's thread."""
        assert self.printed is not None
        pdf = self.printed.pdf
        self.tasks.ask(
            self,
            lambda _: write_clear_file(path, pdf),
            lambda _: self.told.emit("good", self.tr("Đã ghi tệp {0}.").format(path.name), ""),
        )

    def _ask_to_save(self) -> None:
        assert self.printed is not None
        title, filters = self.tr("Lưu tệp PDF"), self.tr("Tệp PDF (*.pdf)")
        ask_for_clear_file(self, title, self.printed.file_name, filters, self.write)

    def _print_out(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        if dialog.exec():
            self.print_on(printer)

    def print_on(self, printer: QPrinter) -> None:
        """Send the paper to a printer, off the window's thread."""
        assert self.printed is not None
        pdf = self.printed.pdf
        self.tasks.ask(
            self,
            lambda _: paint_pages(pdf, printer),
            lambda pages: self.told.emit(
                "good", self.tr("Đã gửi {0} trang đến máy in.").format(pages), ""
            ),
        )


def paint_pages(pdf: bytes, printer: QPrinter) -> int:
    """Every page of `pdf` on a page of the printer, as large as it is (A4, unscaled); how many. On any thread.

    Copies are made here where the printer cannot, sorted by paper or by page as the person asked. Raises `KcdeskError`
    when the printer does not start.
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
    for count, page in enumerate(order):
        if count:
            lay_out(printer, document, page)
            printer.newPage()
        points, dots = document.pagePointSize(page), printer.resolution() / 72
        paper = QRectF(0, 0, points.width() * dots, points.height() * dots)
        painter.drawImage(paper, page_image(document, page, PRINT_DPI))
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


def page_image(pdf: QPdfDocument, page: int, dpi: int) -> QImage:
    """One page as people see it: on white, for QPdfDocument renders on nothing."""
    points = pdf.pagePointSize(page)
    size = QSize(round(points.width() * dpi / 72), round(points.height() * dpi / 72))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor(Qt.GlobalColor.white))
    painter = QPainter(image)
    painter.drawImage(0, 0, pdf.render(page, size))
    painter.end()
    return image

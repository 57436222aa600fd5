"""Pages of a PDF as pictures: on white, as people see them."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtPdf import QPdfDocument

PICTURE_DPI = 200


def page_image(pdf: QPdfDocument, page: int, dpi: int) -> QImage:
    """One page; QPdfDocument renders on nothing."""
    points = pdf.pagePointSize(page)
    size = QSize(round(points.width() * dpi / 72), round(points.height() * dpi / 72))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor(Qt.GlobalColor.white))
    painter = QPainter(image)
    painter.drawImage(0, 0, pdf.render(page, size))
    painter.end()
    return image


def png_pages(pdf: bytes, dpi: int = PICTURE_DPI) -> list[bytes]:
    """Every page as a PNG file. On any thread."""
    document, buffer = QPdfDocument(), QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    return [_png(page_image(document, page, dpi)) for page in range(document.pageCount())]


def _png(image: QImage) -> bytes:
    out = QBuffer()
    out.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(out, QByteArray(b"png")).write(image)
    return bytes(out.data().data())

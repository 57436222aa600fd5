"""The sheet of paper, family B (papers of an owner): dossier section 6.1, NĐ 30/2020 Annex I.

Owns page size, margins, styles, the national heading, page numbers and the QR code of each page, and
turns a story into PDF bytes that are the same for the same story. What stands in the story: `blocks`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import groupby

from reportlab.graphics.barcode import qrencoder
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm, mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from kcdesk.documents.fonts import BOLD, ITALIC, REGULAR, register_fonts

PAGE_WIDTH, PAGE_HEIGHT = A4
TOP = BOTTOM = 20 * mm
LEFT, RIGHT = 30 * mm, 15 * mm
BODY_WIDTH = PAGE_WIDTH - LEFT - RIGHT
BODY_HEIGHT = PAGE_HEIGHT - TOP - BOTTOM
INDENT = 1 * cm
BODY_SIZE = 13

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
_NATION_SIZE, _MOTTO_SIZE = 13, 14
_QR_SIZE, _QR_BOTTOM = 13 * mm, 5 * mm
_NUMBER_BASELINE = PAGE_HEIGHT - 13 * mm

BODY = ParagraphStyle(
    "body",
    fontName=REGULAR,
    fontSize=BODY_SIZE,
    leading=17,
    alignment=TA_JUSTIFY,
    firstLineIndent=INDENT,
    spaceAfter=6,
    allowWidows=0,
    allowOrphans=0,
    bulletFontName=REGULAR,
)
TO_WRITE_ON = ParagraphStyle("to-write-on", BODY, leading=21, spaceAfter=3, firstLineIndent=0)
HEADING = ParagraphStyle("heading", BODY, fontName=BOLD, spaceBefore=6)
TITLE = ParagraphStyle(
    "title", BODY, fontName=BOLD, fontSize=14, leading=19, alignment=TA_CENTER, firstLineIndent=0
)
RECEIVER = ParagraphStyle("receiver", TITLE, fontName=REGULAR, spaceBefore=6, spaceAfter=12)
SIGN = ParagraphStyle("sign", BODY, alignment=TA_CENTER, firstLineIndent=0, spaceAfter=0)
SIGN_BOLD = ParagraphStyle("sign-bold", SIGN, fontName=BOLD)
SIGN_ITALIC = ParagraphStyle("sign-italic", SIGN, fontName=ITALIC)
CELL = ParagraphStyle(
    "cell", BODY, fontSize=11, leading=13.5, alignment=0, firstLineIndent=0, spaceAfter=0
)
CELL_CENTER = ParagraphStyle("cell-center", CELL, alignment=TA_CENTER)
CELL_RIGHT = ParagraphStyle("cell-right", CELL, alignment=TA_RIGHT)
CELL_HEAD = ParagraphStyle("cell-head", CELL_CENTER, fontName=BOLD)
CELL_TOTAL = ParagraphStyle("cell-total", CELL_RIGHT, fontName=BOLD)
OPTION = ParagraphStyle("option", CELL, fontSize=12, leading=14.5)


class NationalHeading(Flowable):
    """Quốc hiệu and tiêu ngữ, centred, with a line as long as the motto below it."""

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width, self.height = available_width, 46.0
        return self.width, self.height

    def draw(self) -> None:
        canvas, middle = self.canv, self.width / 2
        canvas.setFont(BOLD, _NATION_SIZE)
        canvas.drawCentredString(middle, self.height - 13, NATION)
        canvas.setFont(BOLD, _MOTTO_SIZE)
        canvas.drawCentredString(middle, self.height - 31, MOTTO)
        half = stringWidth(MOTTO, BOLD, _MOTTO_SIZE) / 2
        canvas.setLineWidth(0.8)
        canvas.line(middle - half, self.height - 37, middle + half, self.height - 37)


class Box(Flowable):
    """A small square to tick; drawn, because the typeface has no such letter."""

    def __init__(self, *, ticked: bool) -> None:
        super().__init__()
        self.ticked = ticked
        self.width = self.height = 9.0

    def draw(self) -> None:
        canvas = self.canv
        canvas.setLineWidth(0.7)
        canvas.rect(0, 0, 9, 9)
        if self.ticked:
            canvas.setLineWidth(1.3)
            canvas.lines([(1.8, 4.6, 3.9, 2.2), (3.9, 2.2, 7.4, 7.2)])


def draw_pdf(story: list[Flowable], *, title: str, page_code: Callable[[int], str]) -> bytes:
    """The PDF of a story; `page_code` is the text of the QR code of a page, counted from 1.

    No clock and no chance goes in: the same story gives the same bytes.
    """
    register_fonts()
    out = io.BytesIO()

    def margins(canvas: Canvas, _document: BaseDocTemplate) -> None:
        page = canvas.getPageNumber()
        if page > 1:
            canvas.setFont(REGULAR, BODY_SIZE)
            canvas.drawCentredString(LEFT + BODY_WIDTH / 2, _NUMBER_BASELINE, str(page))
        draw_qr(canvas, page_code(page), PAGE_WIDTH - RIGHT - _QR_SIZE, _QR_BOTTOM, _QR_SIZE)

    frame = Frame(LEFT, BOTTOM, BODY_WIDTH, BODY_HEIGHT, 0, 0, 0, 0)
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        pageTemplates=[PageTemplate(frames=[frame], onPage=margins)],
        title=title,
        author="kcdesk",
        creator="kcdesk",
        lang="vi-VN",
        displayDocTitle=True,
        invariant=1,
        # Without a name here every page would refer to Helvetica, which is not embedded.
        initialFontName=REGULAR,
    )
    document.build(story)
    return out.getvalue()


def draw_qr(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """A QR code as one path: the stock widget draws an object per module and doubles a form's time."""
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(qrencoder.QR8bitByte(text))
    code.make()
    step = size / len(code.modules)
    path = canvas.beginPath()
    for row, modules in enumerate(code.modules):
        column = 0
        for dark, run in groupby(modules):
            length = len(list(run))
            if dark:
                path.rect(x + column * step, y + size - (row + 1) * step, length * step, step)
            column += length
    canvas.drawPath(path, stroke=0, fill=1)

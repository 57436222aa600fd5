"""The sheet of paper: dossier section 6.1, NĐ 30/2020 Annex I.

Owns page size, margins, styles, page numbers and the code of each page, and turns a story into PDF bytes that are
the same for the same story. What stands in the story: `blocks`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import groupby

import zxingcpp
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm, mm
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
LYING_WIDTH = PAGE_HEIGHT - LEFT - RIGHT
LYING_HEIGHT = PAGE_WIDTH - TOP - BOTTOM

_QR_SIZE, _QR_BOTTOM = 13 * mm, 5 * mm
_NUMBER_FROM_TOP = 13 * mm
_CODE_SIZE = 7
UPRIGHT, LYING = "upright", "lying"

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
OFFICIAL = ParagraphStyle(
    "official", BODY, fontName=ITALIC, fontSize=11, leading=13, alignment=TA_RIGHT, firstLineIndent=0
)
SUBTITLE = ParagraphStyle("subtitle", TITLE, spaceBefore=6, spaceAfter=6)
CENTRED = ParagraphStyle("centred", BODY, alignment=TA_CENTER, firstLineIndent=0)
STRONG = ParagraphStyle("strong", BODY, fontName=BOLD)
SLANTED = ParagraphStyle("slanted", BODY, fontName=ITALIC)
RECEIVER = ParagraphStyle("receiver", TITLE, fontName=REGULAR, spaceBefore=6, spaceAfter=12)
CELL = ParagraphStyle(
    "cell", BODY, fontSize=11, leading=13.5, alignment=0, firstLineIndent=0, spaceAfter=0
)
OPTION = ParagraphStyle("option", CELL, fontSize=12, leading=14.5)


def draw_pdf(
    story: list[Flowable],
    *,
    title: str,
    page_code: Callable[[int], tuple[str, str]],
    landscape: bool = False,
) -> bytes:
    """The PDF of a story; `page_code`: for a page, counted from 1, the text of its QR code and the code in letters.

    No clock and no chance goes in: the same story gives the same bytes.
    """
    register_fonts()
    out = io.BytesIO()

    def margins(canvas: Canvas, _document: BaseDocTemplate) -> None:
        number_page(canvas, canvas.getPageNumber(), canvas._pagesize, page_code)  # noqa: SLF001

    document = BaseDocTemplate(
        out,
        pagesize=A4,
        pageTemplates=page_templates(margins, landscape=landscape),
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


def page_templates(
    on_page: Callable[[Canvas, BaseDocTemplate], None], *, landscape: bool
) -> list[PageTemplate]:
    """The upright and the lying page; the first of them begins the paper."""
    pages = [
        PageTemplate(UPRIGHT, [Frame(LEFT, BOTTOM, BODY_WIDTH, BODY_HEIGHT, 0, 0, 0, 0)], onPage=on_page, pagesize=A4),
        PageTemplate(
            LYING,
            [Frame(LEFT, BOTTOM, LYING_WIDTH, LYING_HEIGHT, 0, 0, 0, 0)],
            onPage=on_page,
            pagesize=(PAGE_HEIGHT, PAGE_WIDTH),
        ),
    ]
    return pages[::-1] if landscape else pages


def number_page(
    canvas: Canvas, page: int, size: tuple[float, float], page_code: Callable[[int], tuple[str, str]]
) -> None:
    """The number in the top margin, hidden on the first page, and the code of the page in the bottom margin."""
    width, height = size
    if page > 1:
        canvas.setFont(REGULAR, BODY_SIZE)
        canvas.drawCentredString(LEFT + (width - LEFT - RIGHT) / 2, height - _NUMBER_FROM_TOP, str(page))
    scanned, typed = page_code(page)
    if scanned:
        draw_qr(canvas, scanned, width - RIGHT - _QR_SIZE, _QR_BOTTOM, _QR_SIZE)
        canvas.setFont(REGULAR, _CODE_SIZE)
        canvas.drawRightString(width - RIGHT - _QR_SIZE - 2 * mm, _QR_BOTTOM + 1 * mm, typed)


def draw_qr(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """A QR code as one path: the stock widget draws an object per module and doubles a form's time."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = memoryview(code.to_image(scale=1, add_quiet_zones=False))
    rows, columns = modules.shape
    step = size / rows
    path = canvas.beginPath()
    for row in range(rows):
        column = 0
        for dark, run in groupby(modules[row, at] == 0 for at in range(columns)):
            length = len(list(run))
            if dark:
                path.rect(x + column * step, y + size - (row + 1) * step, length * step, step)
            column += length
    canvas.drawPath(path, stroke=0, fill=1)

"""The sheet of paper: dossier section 6.1, NĐ 30/2020 Annex I.

Owns page size, margins, styles, page numbers and the code of each page, and turns a story into PDF bytes that are
the same for the same story. What stands in the story: `blocks`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import zxingcpp
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm, mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
)

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
_MARK_SIZE, _MARK_FROM_TOP = 10, 9 * mm
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
    "official",
    BODY,
    fontName=ITALIC,
    fontSize=11,
    leading=13,
    alignment=TA_RIGHT,
    firstLineIndent=0,
)
SUBTITLE = ParagraphStyle("subtitle", TITLE, spaceBefore=6, spaceAfter=6)
CENTRED = ParagraphStyle("centred", BODY, alignment=TA_CENTER, firstLineIndent=0)
STRONG = ParagraphStyle("strong", BODY, fontName=BOLD)
SLANTED = ParagraphStyle("slanted", BODY, fontName=ITALIC)
RECEIVER = ParagraphStyle("receiver", TITLE, fontName=REGULAR, spaceBefore=6, spaceAfter=12)
CELL = ParagraphStyle(
    "cell", BODY, fontSize=11, leading=13.5, alignment=0, firstLineIndent=0, spaceAfter=0
)
CELL_CENTER = ParagraphStyle("cell-center", CELL, alignment=TA_CENTER)
CELL_HEAD = ParagraphStyle("cell-head", CELL_CENTER, fontName=BOLD)
SIGN_BOLD = ParagraphStyle("sign-bold", CENTRED, fontName=BOLD, spaceAfter=0)
SIGN_ITALIC = ParagraphStyle("sign-italic", CENTRED, fontName=ITALIC, spaceAfter=0)
OPTION = ParagraphStyle("option", CELL, fontSize=12, leading=14.5)


class Box(Flowable):
    """A small square to tick; drawn, because the typeface has no such letter."""

    def __init__(self, *, ticked: bool) -> None:
        super().__init__()
        self.ticked = ticked
        self.width = self.height = 9.0

    def draw(self) -> None:
        draw_box(self.canv, 0, 0, ticked=self.ticked)


def draw_box(canvas: Canvas, x: float, y: float, *, ticked: bool) -> None:
    canvas.setLineWidth(0.7)
    canvas.rect(x, y, 9, 9)
    if ticked:
        canvas.setLineWidth(1.3)
        canvas.lines([(x + 1.8, y + 4.6, x + 3.9, y + 2.2), (x + 3.9, y + 2.2, x + 7.4, y + 7.2)])


@dataclass(frozen=True)
class Drawn:
    """One paper ready to be drawn.

    story:     made when its turn comes, so that a pile holds the flowables of one paper at a time
    page_code: for a page of it, counted from 1, the text of its QR code and the code in letters
    mark:      what the top of every page says of the paper as a whole
    """

    title: str
    story: Callable[[], list[Flowable]]
    page_code: Callable[[int], tuple[str, str]]
    landscape: bool = False
    mark: str = ""


def draw_pdf(
    papers: Sequence[Drawn], *, title: str, begun: Callable[[int], None] = lambda _: None
) -> bytes:
    """The PDF of one paper, or of a pile with a bookmark for each; each counts its own pages.

    begun: told before each paper, counted from 0; what it raises ends the drawing. No clock and no chance goes in: the
    same papers give the same bytes.
    """
    register_fonts()
    out = io.BytesIO()
    pages = _Pages(papers, begun)
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        pageTemplates=page_templates(pages.margins, landscape=papers[0].landscape),
        title=title,
        author="kcdesk",
        creator="kcdesk",
        lang="vi-VN",
        displayDocTitle=True,
        invariant=1,
        # Without a name here every page would refer to Helvetica, which is not embedded.
        initialFontName=REGULAR,
    )
    story = papers[0].story()
    if len(papers) > 1:
        story.append(_Turn(pages, papers, story))
    document.build(story)
    return out.getvalue()


class _Pages:
    """Which paper of a pile a page belongs to, and which page of it it is."""

    def __init__(self, papers: Sequence[Drawn], begun: Callable[[int], None]) -> None:
        self._papers, self._begun = papers, begun
        self.number = 0
        self._on_page, self._first = -1, 1

    def margins(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        page = canvas.getPageNumber()
        if self._on_page != self.number:
            self._on_page, self._first = self.number, page
            self._begun(self.number)
            if len(self._papers) > 1:
                name = f"paper-{self.number}"
                canvas.bookmarkPage(name)
                canvas.addOutlineEntry(self._papers[self.number].title, name, 0)
        number_page(
            canvas,
            page - self._first + 1,
            document.pageTemplate.pagesize,
            self._papers[self.number].page_code,
        )
        if mark := self._papers[self.number].mark:
            canvas.setFont(BOLD, _MARK_SIZE)
            top = document.pageTemplate.pagesize[1] - _MARK_FROM_TOP
            canvas.drawString(LEFT, top, mark)


class _Turn(Flowable):
    """Nothing on paper: from the next page on, another paper, which is put behind what is being drawn."""

    def __init__(self, pages: _Pages, papers: Sequence[Drawn], behind: list[Flowable]) -> None:
        super().__init__()
        self._pages, self._papers, self._behind = pages, papers, behind

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        self._pages.number += 1
        paper = self._papers[self._pages.number]
        self._behind += [NextPageTemplate(LYING if paper.landscape else UPRIGHT), PageBreak()]
        self._behind += paper.story()
        if self._pages.number + 1 < len(self._papers):
            self._behind.append(_Turn(self._pages, self._papers, self._behind))


def page_templates(
    on_page: Callable[[Canvas, BaseDocTemplate], None], *, landscape: bool
) -> list[PageTemplate]:
    """The upright and the lying page; the first of them begins the paper."""
    pages = [
        PageTemplate(
            UPRIGHT,
            [Frame(LEFT, BOTTOM, BODY_WIDTH, BODY_HEIGHT, 0, 0, 0, 0)],
            onPage=on_page,
            pagesize=A4,
        ),
        PageTemplate(
            LYING,
            [Frame(LEFT, BOTTOM, LYING_WIDTH, LYING_HEIGHT, 0, 0, 0, 0)],
            onPage=on_page,
            pagesize=(PAGE_HEIGHT, PAGE_WIDTH),
        ),
    ]
    return pages[::-1] if landscape else pages


def number_page(
    canvas: Canvas,
    page: int,
    size: tuple[float, float],
    page_code: Callable[[int], tuple[str, str]],
) -> None:
    """The number in the top margin, hidden on the first page, and the code of the page in the bottom margin."""
    width, height = size
    if page > 1:
        canvas.setFont(REGULAR, BODY_SIZE)
        canvas.drawCentredString(
            LEFT + (width - LEFT - RIGHT) / 2, height - _NUMBER_FROM_TOP, str(page)
        )
    scanned, typed = page_code(page)
    if scanned:
        draw_qr(canvas, scanned, width - RIGHT - _QR_SIZE, _QR_BOTTOM, _QR_SIZE)
        canvas.setFont(REGULAR, _CODE_SIZE)
        canvas.drawRightString(width - RIGHT - _QR_SIZE - 2 * mm, _QR_BOTTOM + 1 * mm, typed)


def draw_qr(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """A QR code as one path: the stock widget draws an object per module and doubles a form's time."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    # its stub does not say so, but an image is a buffer
    modules = memoryview(cast(bytes, code.to_image(scale=1, add_quiet_zones=False)))
    rows, columns = modules.shape or (0, 0)
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

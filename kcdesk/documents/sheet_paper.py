"""The paper of an answer sheet, empty or filled, from an outline of it (`kcdesk.domain.sheet_outline`).

Owns how questions, boxes to tick and tables look on paper. The sheet of paper itself is `paper`. An empty sheet is for
a pen: each question has lines to write on, each condition stands in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from reportlab.lib.colors import black
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer
from reportlab.platypus import Table as PdfTable

from kcdesk.documents import paper
from kcdesk.documents.fonts import ITALIC, REGULAR, register_fonts
from kcdesk.documents.heading import NationalHeading
from kcdesk.documents.values import clean
from kcdesk.domain.page_codes import PageCode
from kcdesk.domain.sheet_outline import Asked, Grid, Option, Outline, Part, Remark, Section

_SIZE, _LEADING = 12, 15.5
_HAND_LINE = 7.5 * mm
_HAND_ROW = 9 * mm
_SHORTEST_LINE = 45 * mm
_BOX_COLUMN = 6 * mm
_NUMBER_COLUMN = 9 * mm
_WIDE_CHOICE = 70 * mm
_ROOM_FOR_HEADING = 30 * mm

_QUESTION = ParagraphStyle(
    "question", paper.BODY, fontSize=_SIZE, leading=_LEADING, firstLineIndent=0, spaceAfter=3, alignment=0
)  # fmt: skip
_SMALL = ParagraphStyle("small", _QUESTION, fontName=ITALIC, fontSize=10, leading=12, spaceAfter=2)
_HEADINGS = tuple(
    ParagraphStyle(f"sheet-heading-{size}", paper.HEADING, fontSize=size, firstLineIndent=0, leading=size + 4)
    for size in (13, 12.5, 12)
)  # fmt: skip
_GRID: list[Any] = [
    ("GRID", (0, 0), (-1, -1), 0.5, black),
    ("FONT", (0, 0), (-1, -1), REGULAR, 11),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 2),
    ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
]
_OPTIONS: list[Any] = [
    ("FONT", (0, 0), (-1, -1), REGULAR, _SIZE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("TOPPADDING", (0, 0), (0, -1), 4),
    ("TOPPADDING", (2, 0), (2, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
]
_SIGNERS = {
    "vi": ("NGƯỜI CUNG CẤP THÔNG TIN", "NGƯỜI KHẢO SÁT", "(Ký, ghi rõ họ tên)"),
    "en": ("INFORMANT", "SURVEYOR", "(Signature and full name)"),
}
_TRIAL = {
    "vi": "MẪU THỬ – không dùng để báo cáo",
    "en": "TRIAL – not to be used for reports",
}
_NUMBER_HEAD = {"vi": "TT", "en": "No."}


def draw_sheet(sheet: Outline, *, blank: bool, state: str, trial: bool = False) -> bytes:
    """The paper as PDF; the same arguments give the same bytes.

    state: short text that says which state of the survey was printed;  trial: as each page says. A page has a QR code
    `kcdesk:<questionnaire>@<version>:<survey>:<state>:<page>`.
    """
    register_fonts()
    story: list[Flowable] = [
        NationalHeading(),
        Spacer(0, 10),
        Paragraph(_markup(sheet.title.upper()), paper.TITLE),
        Spacer(0, 6),
        *_parts(sheet.parts, 0, blank, sheet.language),
        _signatures(_SIGNERS.get(sheet.language, _SIGNERS["vi"])),
    ]
    form = f"{sheet.questionnaire}@{sheet.version}"

    def code(page: int) -> tuple[str, str]:
        scanned = f"kcdesk:{form}:{sheet.record}:{state}:{page}"
        return scanned, PageCode(sheet.questionnaire, sheet.record, "", page).typed()

    title = clean(sheet.title)
    mark = _TRIAL.get(sheet.language, _TRIAL["vi"]) if trial else ""
    return paper.draw_pdf([paper.Drawn(title, lambda: story, code, mark=mark)], title=title)


def _parts(parts: Sequence[Part], depth: int, blank: bool, language: str) -> Iterator[Flowable]:
    for part in parts:
        match part:
            case Section():
                yield CondPageBreak(_ROOM_FOR_HEADING)
                style = _HEADINGS[min(depth, len(_HEADINGS) - 1)]
                if part.title:
                    yield Paragraph(_markup(part.title), style)
                yield from _condition(part.condition)
                yield from _parts(part.parts, depth + 1, blank, language)
            case Grid():
                yield from _grid(part, language)
            case Remark():
                yield from _condition(part.condition)
                yield Paragraph(f"<i>{_markup(part.text)}</i>", _QUESTION)
            case Asked():
                yield KeepTogether(list(_asked(part, blank)))


def _asked(asked: Asked, blank: bool) -> Iterator[Flowable]:
    mark = " (*)" if asked.required and blank else ""
    label = f"{asked.number}. {asked.label}{mark}"
    if asked.options:
        yield Paragraph(_markup(label), _QUESTION)
        yield from _condition(asked.condition)
        yield _options(asked.options)
        yield Spacer(0, 3)
    elif blank:
        yield WriteOn(label, asked.lines)
        yield from _condition(asked.condition)
    else:
        yield Paragraph(f"{_markup(label)}: {_markup(asked.answer)}", _QUESTION)
    if blank and asked.hint:
        yield Paragraph(_markup(asked.hint), _SMALL)


def _condition(condition: str) -> Iterator[Flowable]:
    if condition:
        yield Paragraph(_markup(condition), _SMALL)


def _options(options: Sequence[Option]) -> Flowable:
    """Boxes with their labels, in two columns when the labels are short."""
    narrow = all(
        stringWidth(clean(option.label), REGULAR, _SIZE) <= _WIDE_CHOICE for option in options
    )
    columns = 2 if narrow and len(options) > 1 else 1
    down = -(-len(options) // columns)
    cells = [
        [paper.Box(ticked=option.ticked), Paragraph(_markup(option.label), paper.OPTION)]
        for option in options
    ]
    rows: list[list[Any]] = []
    for line in range(down):
        beside = [cells[at] for at in range(line, len(cells), down)]
        row = [part for cell in beside for part in cell]
        rows.append(row + [""] * (2 * columns - len(row)))
    text = (paper.BODY_WIDTH - 8 * mm) / columns - _BOX_COLUMN
    table = PdfTable(rows, colWidths=[_BOX_COLUMN, text] * columns, hAlign="RIGHT")
    table.setStyle(_OPTIONS)
    return table


def _grid(grid: Grid, language: str) -> Iterator[Flowable]:
    yield CondPageBreak(_ROOM_FOR_HEADING)
    yield Paragraph(_markup(f"{grid.number}. {grid.label}"), _QUESTION)
    yield from _condition(grid.condition)
    head = [Paragraph(_NUMBER_HEAD.get(language, _NUMBER_HEAD["vi"]), paper.CELL_HEAD)]
    head += [Paragraph(_markup(text), paper.CELL_HEAD) for text in grid.heads]
    rows: list[list[Any]] = [
        [Paragraph(str(number), paper.CELL_CENTER)]
        + [Paragraph(_markup(cell), paper.CELL) for cell in cells]
        for number, cells in enumerate(grid.rows, start=1)
    ]
    by_hand = not any(any(cells) for cells in grid.rows)
    width = (paper.BODY_WIDTH - _NUMBER_COLUMN) / max(len(grid.heads), 1)
    table = PdfTable(
        [head, *rows],
        colWidths=[_NUMBER_COLUMN, *[width] * len(grid.heads)],
        rowHeights=[None, *[_HAND_ROW if by_hand else None] * len(rows)],
        repeatRows=1,
    )
    table.setStyle(_GRID)
    yield table
    yield Spacer(0, 6)


def _signatures(words: tuple[str, str, str]) -> Flowable:
    """Two to sign, kept on one page with room for a pen."""
    informant, surveyor, how = words
    cells = [
        [Paragraph(informant, paper.SIGN_BOLD), Paragraph(surveyor, paper.SIGN_BOLD)],
        [Paragraph(how, paper.SIGN_ITALIC), Paragraph(how, paper.SIGN_ITALIC)],
    ]
    table = PdfTable(cells, colWidths=paper.BODY_WIDTH / 2)
    table.setStyle([("FONT", (0, 0), (-1, -1), REGULAR, _SIZE)])
    return KeepTogether([Spacer(0, 12), table, Spacer(0, 24 * mm)])


class WriteOn(Flowable):
    """A question with room for a pen: a dotted line behind its last word, or below it when little room is left."""

    def __init__(self, label: str, lines: int) -> None:
        super().__init__()
        self._label = clean(label) + ": "
        self._lines = lines

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width = available_width
        self._texts = simpleSplit(self._label, REGULAR, _SIZE, available_width)
        end = stringWidth(self._texts[-1], REGULAR, _SIZE) + 4
        self._behind = available_width - end >= _SHORTEST_LINE
        self._start = end
        more = self._lines - 1 if self._behind else self._lines
        self._more = max(more, 0)
        self.height = len(self._texts) * _LEADING + self._more * _HAND_LINE + 5
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        canvas.setFont(REGULAR, _SIZE)
        y = self.height - _LEADING + 3
        for text in self._texts:
            canvas.drawString(0, y, text)
            y -= _LEADING
        canvas.setLineWidth(0.6)
        canvas.setLineCap(1)
        canvas.setDash(0.1, 2.4)
        if self._behind:
            canvas.line(self._start, y + _LEADING - 1, self.width, y + _LEADING - 1)
        y += _LEADING - 1
        for _ in range(self._more):
            y -= _HAND_LINE
            canvas.line(0, y, self.width, y)
        canvas.setDash()


def _markup(text: str) -> str:
    return escape(clean(text))

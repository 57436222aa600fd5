"""The blocks of a form as ReportLab flowables: lines, paragraphs, tables, lists to tick, signature.

Owns what is printed and what is left out: in a filled paper an optional line of which nothing is
known disappears and a required one keeps its dots; the empty form shows everything, with dots.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from itertools import zip_longest
from typing import Any

from reportlab.lib.colors import black
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer
from reportlab.platypus import Table as PdfTable

from kcdesk.documents import form as f
from kcdesk.documents import paper
from kcdesk.documents import values as v
from kcdesk.documents.fonts import BOLD, REGULAR
from kcdesk.domain.code_lists import CODE_LISTS
from kcdesk.errors import BadInput

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_DATE_DOTS = "......../......../............"
_SHORTEST_GAP = 16 * mm
_HAND_ROW = 9 * mm
_SIGN_WIDTH = 85 * mm
_ROOM_TO_SIGN = 24 * mm
_BOX_COLUMN = 6 * mm
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
    ("FONT", (0, 0), (-1, -1), REGULAR, 12),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 8),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("TOPPADDING", (0, 0), (0, -1), 4.5),
    ("TOPPADDING", (2, 0), (2, -1), 4.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
]


class Gap:
    """A place in a text where a person writes."""


class DateGap(Gap):
    pass


@dataclass(frozen=True)
class Sheet:
    """One paper being written: a form, what is known, and whether it is to be filled by hand."""

    form: f.Form
    record: v.Record
    blank: bool

    def pieces(self, template: str) -> list[str | Gap]:
        """The template with its values; a gap where there is none."""
        pieces: list[str | Gap] = []
        for literal, key, spec in f.keys_in(template):
            pieces += [literal] if literal else []
            if key:
                field = self.form.fields[key]
                text = v.printed(field, v.value_of(self.form, self.record, key), spec)
                pieces.append(text or (DateGap() if field.type == "date" else Gap()))
        return pieces

    def says_nothing(self, template: str) -> bool:
        """All its fields are optional and empty: a line a filled paper leaves out."""
        keys = [key for _, key, _ in f.keys_in(template) if key]
        return bool(keys) and not any(
            v.is_required(self.form.fields[key], self.record)
            or v.has_value(self.form, self.record, key)
            for key in keys
        )


def story_of(sheet: Sheet) -> list[Flowable]:
    """The whole paper: national heading, title, receiver, sections, signature."""
    receiver = _with_dots(sheet.pieces(sheet.form.receiver), paper.RECEIVER, 120 * mm)
    return [
        paper.NationalHeading(),
        Spacer(0, 14),
        Paragraph(_markup(sheet.form.title.upper()), paper.TITLE),
        Paragraph(receiver, paper.RECEIVER),
        *_body(sheet),
    ]


def _body(sheet: Sheet) -> Iterator[Flowable]:
    """Numbers sections and items; a heading waits until its section prints something."""
    heading: f.Heading | None = None
    sections = items = 0
    parts: list[Flowable] = []
    for block in sheet.form.body:
        if isinstance(block, f.Heading):
            heading, items = block, 0
            continue
        number = f"{items + 1}. " if isinstance(block, f.Item) else ""
        drawn = _draw(sheet, block, number)
        if not drawn:
            continue
        items += bool(number)
        if heading is not None:
            parts += _heading(f"{_ROMAN[sections]}. {heading.text}", block)
            heading, sections = None, sections + 1
        parts += drawn
    # A signature alone on a page could belong to anything: the last paragraph stays with it.
    yield from parts[:-1]
    yield KeepTogether([*parts[-1:], *_signature(sheet)])


def _heading(text: str, first: f.Block) -> list[Flowable]:
    room = {f.Table: 52 * mm, f.Grid: 52 * mm, f.Checklist: 34 * mm}.get(type(first), 24 * mm)
    return [CondPageBreak(room), Paragraph(_markup(text), paper.HEADING)]


def _draw(sheet: Sheet, block: f.Block, number: str) -> list[Flowable]:
    match block:
        case f.Item(text=text, boxes=boxes):
            if sheet.blank and boxes:
                return _boxes_to_choose(sheet, number, text)
            return _paragraph(sheet, text, number)
        case f.Text(text=text, when=when, blank=on_blank):
            shown = on_blank if sheet.blank else when is None or v.holds(when, sheet.record)
            return _paragraph(sheet, text) if shown else []
        case f.Table():
            return _table(sheet, block)
        case f.Grid():
            return _grid(sheet, block)
        case f.Checklist():
            return _checklist(sheet, block)
    return []


def _paragraph(sheet: Sheet, template: str, number: str = "") -> list[Flowable]:
    if not sheet.blank and sheet.says_nothing(template):
        return []
    pieces = [number, *sheet.pieces(template)]
    drawn: list[Flowable] = [Paragraph(_with_dots(pieces, paper.BODY), paper.BODY)]
    if isinstance(pieces[-1], Gap):
        last_key = [key for _, key, _ in f.keys_in(template) if key][-1]
        full = Paragraph(_dots(paper.BODY_WIDTH, paper.BODY), paper.TO_WRITE_ON)
        drawn += [full] * sheet.form.fields[last_key].lines
    return drawn


def _with_dots(
    pieces: Sequence[str | Gap], style: ParagraphStyle, width: float = paper.BODY_WIDTH
) -> str:
    """Paragraph markup of the pieces; the gaps share what is left of the line."""
    pieces = [_DATE_DOTS if isinstance(piece, DateGap) else piece for piece in pieces]
    known = "".join(piece for piece in pieces if isinstance(piece, str))
    gaps = sum(isinstance(piece, Gap) for piece in pieces)
    room = width - style.firstLineIndent - stringWidth(known, style.fontName, style.fontSize)
    share = room / gaps if gaps else 0.0
    if share < _SHORTEST_GAP:
        share = _rest_of_last_line(known, style, width) if gaps == 1 else 2 * _SHORTEST_GAP
    dots = _dots(share, style)
    return "".join(dots if isinstance(piece, Gap) else _markup(piece) for piece in pieces)


def _rest_of_last_line(text: str, style: ParagraphStyle, width: float) -> float:
    """Room behind a text of several lines; a whole line when too little is left."""
    last = simpleSplit(text, style.fontName, style.fontSize, width - style.firstLineIndent)[-1]
    rest = width - style.firstLineIndent - stringWidth(last, style.fontName, style.fontSize)
    return rest if rest > _SHORTEST_GAP else width


def _dots(width: float, style: ParagraphStyle) -> str:
    """As many dots as surely fit."""
    return "." * int((width - 0.5) / stringWidth(".", style.fontName, style.fontSize))


def _markup(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br/>")


def _boxes_to_choose(sheet: Sheet, number: str, template: str) -> list[Flowable]:
    """An empty form's question with all the codes of its field to tick."""
    ((literal, key, _),) = list(f.keys_in(template))
    codes = CODE_LISTS[sheet.form.fields[key].codes]
    return [
        Paragraph(_markup(number + literal), paper.BODY),
        _options([(code.label, False) for code in codes]),
    ]


def _options(options: Sequence[tuple[str, bool]]) -> Flowable:
    cells: list[list[Flowable]] = [
        [paper.Box(ticked=ticked), Paragraph(_markup(label), paper.OPTION)]
        for label, ticked in options
    ]
    pairs = zip_longest(cells[::2], cells[1::2], fillvalue=["", ""])
    label_width = (paper.BODY_WIDTH - paper.INDENT) / 2 - _BOX_COLUMN
    return PdfTable(
        [[*left, *right] for left, right in pairs],
        colWidths=[_BOX_COLUMN, label_width] * 2,
        style=_OPTIONS,
        hAlign="RIGHT",
        spaceAfter=6,
    )


def _checklist(sheet: Sheet, block: f.Checklist) -> list[Flowable]:
    label = sheet.form.fields[block.key].label
    said = sheet.record.get(block.key) or []
    if not isinstance(said, list | tuple) or not all(isinstance(text, str) for text in said):
        raise BadInput(f"Không in được “{label}”: giá trị không phải là danh sách.")
    activity = sheet.record.get(block.activity)
    options = [
        (option.label, option.code in said)
        for option in block.options
        if sheet.blank or option.code in said or _is_offered(option, activity)
    ]
    known = {option.code for option in block.options}
    options += [(v.clean(text), True) for text in said if text not in known]
    if sheet.blank:
        options += [(_dots(68 * mm, paper.OPTION), False)] * 2
    return [_options(options)]


def _is_offered(option: f.Option, activity: object) -> bool:
    return not option.activities or activity in option.activities


def _table(sheet: Sheet, block: f.Table) -> list[Flowable]:
    rows = v.rows_of(sheet.form, sheet.record, block.key)
    if not rows and not sheet.blank:
        return []
    heads = [Paragraph(head, paper.CELL_HEAD) for head in ("TT", *(c.head for c in block.columns))]
    lines: list[list[Flowable | str]] = [list(heads)]
    heights: list[float | None] = [None]
    for count, row in enumerate(rows, 1):
        cells = (_cell(column, v.cell_value(column, row)) for column in block.columns)
        lines.append([Paragraph(str(count), paper.CELL_CENTER), *cells])
        heights.append(None)
    if sheet.blank:
        names = block.preset or ("",) * block.blank_rows
        rest = [""] * (len(block.columns) - 1)
        for count, name in enumerate(names, 1):
            lines.append(
                [Paragraph(str(count), paper.CELL_CENTER), Paragraph(name, paper.CELL), *rest]
            )
            heights.append(_HAND_ROW)
    style = list(_GRID)
    if total := _total_line(block, rows):
        first = next(i for i, column in enumerate(block.columns, 1) if column.total)
        style.append(("SPAN", (0, len(lines)), (first - 1, len(lines))))
        style.append(("NOSPLIT", (0, len(lines) - 1), (0, len(lines))))  # no total alone overleaf
        lines.append(total)
        heights.append(None)
    widths = [f.NUMBER_COLUMN_MM * mm, *(column.width * mm for column in block.columns)]
    return [_pdf_table(lines, widths, style, heights)]


def _cell(column: f.Column, value: object) -> Flowable:
    style = {
        "money": paper.CELL_RIGHT,
        "int": paper.CELL_RIGHT,
        "decimal": paper.CELL_RIGHT,
        "figure": paper.CELL_RIGHT,
        "bool": paper.CELL_CENTER,
    }.get(column.type, paper.CELL)
    return Paragraph(_markup(v.printed(column, value)), style)


def _total_line(block: f.Table, rows: Sequence[v.Record]) -> list[Flowable | str]:
    """The sums of the columns that have one; a column with a hole has no sum to be believed."""
    if not any(column.total for column in block.columns):
        return []
    line: list[Flowable | str] = [Paragraph("Tổng cộng", paper.CELL_HEAD)]
    for column in block.columns:
        amounts = [v.cell_value(column, row) for row in rows] if column.total else []
        if not amounts or any(v.is_empty(amount) for amount in amounts):
            line.append("")
            continue
        total = sum((v.number(amount, column.head) for amount in amounts), Decimal())
        line.append(Paragraph(v.printed(column, total), paper.CELL_TOTAL))
    return line


def _grid(sheet: Sheet, block: f.Grid) -> list[Flowable]:
    lines: list[list[Flowable | str]] = [
        [Paragraph(c.head, paper.CELL_HEAD) for c in block.columns]
    ]
    for count, row in enumerate(block.rows, 1):
        last = count == len(block.rows)
        line: list[Flowable | str] = []
        for column, template in zip(block.columns, row, strict=True):
            style = paper.CELL_RIGHT if column.number else paper.CELL
            style = ParagraphStyle("cell-last", style, fontName=BOLD) if last else style
            texts = (p for p in sheet.pieces(template) if isinstance(p, str))
            line.append(Paragraph(_markup("".join(texts)), style))
        lines.append(line)
    heights = [None, *[7 * mm if sheet.blank else None] * len(block.rows)]
    return [_pdf_table(lines, [column.width * mm for column in block.columns], _GRID, heights)]


def _pdf_table(
    lines: list[list[Flowable | str]],
    widths: list[float],
    style: list[Any],
    heights: Sequence[float | None],
) -> Flowable:
    return PdfTable(
        lines,
        colWidths=widths,
        rowHeights=list(heights),
        style=style,
        repeatRows=1,
        splitInRow=1,  # a cell longer than a page goes on overleaf instead of failing
        spaceAfter=8,
    )


def _signature(sheet: Sheet) -> list[Flowable]:
    sign, fields = sheet.form.signature, sheet.form.fields

    def text(key: str) -> str:
        return v.printed(fields[key], v.value_of(sheet.form, sheet.record, key))

    position = " ".join(filter(None, (text(sign.prefix), text(sign.position)))).upper()
    date = v.value_of(sheet.form, sheet.record, sign.date)
    lines: list[Flowable] = [
        Paragraph(_place_and_date(text(sign.place), date), paper.SIGN_ITALIC),
        Spacer(0, 4),
        Paragraph(_markup(sign.title), paper.SIGN_BOLD),
    ]
    lines += [Paragraph(_markup(position), paper.SIGN_BOLD)] if position else []
    lines += [
        Paragraph(_markup(sign.note), paper.SIGN_ITALIC),
        Spacer(0, _ROOM_TO_SIGN),
        Paragraph(_markup(text(sign.name)), paper.SIGN_BOLD),
    ]
    block = PdfTable(
        [["", lines]],
        colWidths=[paper.BODY_WIDTH - _SIGN_WIDTH, _SIGN_WIDTH],
        style=[
            ("FONT", (0, 0), (-1, -1), REGULAR, 11),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ],
    )
    return [Spacer(0, 6), block]


def _place_and_date(place: str, date: object) -> str:
    """`Lào Cai, ngày 05 tháng 02 năm 2026`: nought before days below 10 and months 1 and 2."""
    where = _markup(place) or "." * 16
    if v.is_empty(date):
        return f"{where}, ngày ...... tháng ...... năm ........"
    return f"{where}, {date_in_words(v.day(date))}"


def date_in_words(date: datetime.date) -> str:
    """NĐ 30/2020, Annex I: only days below 10 and the months 1 and 2 get a leading nought.

    >>> date_in_words(datetime.date(2026, 2, 5)), date_in_words(datetime.date(2026, 7, 15))
    ('ngày 05 tháng 02 năm 2026', 'ngày 15 tháng 7 năm 2026')
    """
    month = f"{date.month:02}" if date.month <= 2 else str(date.month)
    return f"ngày {date.day:02} tháng {month} năm {date.year}"

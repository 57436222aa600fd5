"""A paper as .docx, for offices that go on editing it: the content of the PDF in Word's own paragraphs and tables."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt

from kcdesk.documents import content as c
from kcdesk.documents.form import Form
from kcdesk.documents.heading import MOTTO, NATION
from kcdesk.documents.issuer import Manner
from kcdesk.documents.printing import paper_of
from kcdesk.documents.values import Record

_FACE = "Times New Roman"
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "centre": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_DOTS = {"text": "." * 60, "date": "......../......../............", "short": "............"}
_CENTRED = ("centred", "subtitle", "receiver")
_EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""Word files carry a time of making; the same paper gives the same bytes all the same."""


def word_of(
    form: Form,
    record: Record,
    *,
    on_date: datetime.date,
    blank: bool = False,
    manner: Manner | None = None,
) -> bytes:
    """See `kcdesk.documents.render_word`."""
    paper = paper_of(form, record, on_date=on_date, blank=blank, manner=manner)
    return _Writer(paper).write()


class _Writer:
    def __init__(self, paper: c.Paper) -> None:
        self._paper = paper
        self._document = Document()
        style: Any = self._document.styles["Normal"]
        style.font.name, style.font.size = _FACE, Pt(13)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), _FACE)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "vi-VN")
        style.element.get_or_add_rPr().append(language)

    def write(self) -> bytes:
        paper = self._paper
        properties = self._document.core_properties
        properties.title, properties.author, properties.language = (
            paper.document_title,
            "kcdesk",
            "vi-VN",
        )
        properties.created = properties.modified = _EPOCH
        self._lay_out(self._document.sections[0], landscape=paper.landscape)
        self._number_pages()
        self._head()
        for block in paper.blocks:
            self._block(block)
        self._signatures()
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()

    def _lay_out(self, section: Any, *, landscape: bool) -> None:
        long, short = Mm(297), Mm(210)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (long, short) if landscape else (short, long)
        section.top_margin = section.bottom_margin = Mm(20)
        section.left_margin, section.right_margin = Mm(30), Mm(15)

    def _number_pages(self) -> None:
        """In the top margin, centred, not on the first page."""
        section = self._document.sections[0]
        section.different_first_page_header_footer = True
        paragraph = section.header.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            run = paragraph.add_run()
            element = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                element.set(qn("w:fldCharType"), kind)
            element.text = text
            run._r.append(element)

    def _head(self) -> None:
        paper, head = self._paper, self._paper.letterhead
        if paper.official:
            self._line(paper.official, align="right", italic=True, size=11)
        if head is None:
            self._line(NATION, align="centre", bold=True, size=13)
            self._line(MOTTO, align="centre", bold=True, size=14, underline=True)
        else:
            left = [
                (head.parent, False, False),
                (head.name, True, False),
                (head.number, False, False),
                (head.about, False, False),
            ]
            right = [
                (NATION, True, False),
                (MOTTO, True, False),
                (head.place_and_date, False, True),
            ]
            self._columns((left, right), (Mm(70), Mm(95)), 12)
        self._line("")
        if paper.title:
            self._line(paper.title, align="centre", bold=True, size=14)
        if paper.subject:
            self._line(paper.subject, align="centre", bold=True, size=14)
        if paper.receiver:
            self._line(_text(paper.receiver), align="centre", size=14)

    def _block(self, block: c.Block) -> None:
        match block:
            case c.Paragraph(look=look):
                text = _text(block.pieces)
                for _ in range(block.lines):
                    text += "\n" + "." * 130
                paragraph = self._line(
                    text,
                    align="centre" if look in _CENTRED else "left",
                    bold=look in ("bold", "heading", "subtitle"),
                    italic=look == "italic",
                )
                if look not in _CENTRED:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
                    paragraph.paragraph_format.first_line_indent = Cm(1)
                paragraph.paragraph_format.space_after = Pt(6)
                paragraph.paragraph_format.keep_with_next = look in ("heading", "subtitle")
            case c.Choices(options=options):
                for label, ticked in options:
                    self._line(f"[{'x' if ticked else '  '}] {label}")
            case c.Table():
                self._table(block)
            case c.PhotoPlaces(photos=photos):
                for photo in photos:
                    self._photo(photo, block.width_mm)
            case c.NewPage(landscape=landscape, title=title):
                section = self._document.add_section(WD_SECTION.NEW_PAGE)
                section.different_first_page_header_footer = False
                self._lay_out(section, landscape=landscape)
                if title:
                    self._line(title, align="centre", bold=True, size=14)

    def _photo(self, photo: c.Photo, width_mm: int) -> None:
        if photo.content is None:
            self._line("[Ảnh]", align="centre", italic=True)
            return
        self._document.add_picture(io.BytesIO(photo.content), width=Mm(width_mm))
        self._line(photo.caption, align="centre", italic=True, size=11)

    def _table(self, block: c.Table) -> None:
        over = 1 if block.over else 0
        table: Any = self._document.add_table(
            len(block.rows) + 1 + over, len(block.heads), style="Table Grid"
        )
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        size = 9 if len(block.heads) > 10 else 11
        spanned = {at for _, first, last in block.over for at in range(first, last + 1)}
        for text, first, last in block.over:
            self._cell(
                table.cell(0, first).merge(table.cell(0, last)), c.Cell(text, "centre", True), size
            )
        for at, head in enumerate(block.heads):
            cell = table.cell(over, at)
            if over and at not in spanned:
                cell = table.cell(0, at).merge(cell)
            self._cell(cell, c.Cell(head, "centre", True), size)
        for number in range(1 + over):
            repeated = OxmlElement("w:tblHeader")
            table.rows[number]._tr.get_or_add_trPr().append(repeated)
        for count, row in enumerate(block.rows, 1 + over):
            cells = table.rows[count].cells
            start = 0
            if row.role != "data" and block.label_span > 1:
                self._cell(cells[0].merge(cells[block.label_span - 1]), row.cells[0], size)
                start = block.label_span
            for at in range(start, len(row.cells)):
                self._cell(cells[at], row.cells[at], size)
        for at, width in enumerate(block.widths_mm):
            table.columns[at].width = Mm(width)
        self._line("", size=6)

    def _cell(self, cell: Any, said: c.Cell, size: int) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.alignment = _ALIGN[said.align]
        run = paragraph.add_run(said.text)
        run.bold, run.font.size = said.bold, Pt(size)

    def _signatures(self) -> None:
        paper = self._paper
        if paper.place_and_date:
            self._line(paper.place_and_date, align="right", italic=True)
        for line in paper.signatures:
            columns = [
                [
                    *((text, face == "bold", face == "italic") for text, face in one.lines),
                    *[("", False, False)] * 4,
                    (one.name, True, False),
                ]
                for one in line
            ]
            self._columns([[], columns[0]] if len(columns) == 1 else columns, (Mm(82), Mm(83)), 13)
        if paper.recipients:
            self._line("Nơi nhận:", bold=True, italic=True, size=12)
            for count, text in enumerate(paper.recipients, 1):
                end = "." if count == len(paper.recipients) else ";"
                self._line(f"- {text.rstrip(';.')}{end}", size=11)

    def _columns(
        self, columns: Sequence[Sequence[tuple[str, bool, bool]]], widths: Sequence[Any], size: int
    ) -> None:
        table: Any = self._document.add_table(1, len(columns))
        for cell, lines, width in zip(table.rows[0].cells, columns, widths, strict=True):
            cell.width = width
            for count, (text, bold, italic) in enumerate(lines):
                paragraph = cell.paragraphs[0] if count == 0 else cell.add_paragraph()
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                paragraph.paragraph_format.space_after = Pt(0)
                run = paragraph.add_run(text)
                run.bold, run.italic, run.font.size = bold, italic, Pt(size)

    def _line(
        self,
        text: str,
        *,
        align: c.Align = "left",
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
        size: int = 13,
    ) -> Any:
        paragraph = self._document.add_paragraph()
        paragraph.alignment = _ALIGN[align]
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(text)
        run.bold, run.italic, run.underline, run.font.size = bold, italic, underline, Pt(size)
        return paragraph


def _text(pieces: c.Pieces) -> str:
    return "".join(_DOTS[piece.of] if isinstance(piece, c.Gap) else piece for piece in pieces)

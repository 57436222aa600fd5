"""A paper of `content` as ReportLab flowables, with dots to write on and nothing standing alone on a page."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from PIL import Image
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    Spacer,
)

from kcdesk.documents import content as c
from kcdesk.documents import paper
from kcdesk.documents.flowing import FlowingTable
from kcdesk.documents.fonts import BOLD, ITALIC, REGULAR
from kcdesk.documents.heading import AgencyHeading, NationalHeading, rule_under
from kcdesk.documents.lettering import broken, width_of
from kcdesk.documents.paragraphs import paragraph
from kcdesk.documents.signing import SignatureLine
from kcdesk.errors import BadInput

_DATE_DOTS = "......../......../............"
_SHORT_DOTS = "............"
_SHORTEST_GAP = 16 * mm
_BOX_COLUMN = 6 * mm
_OPTION_LEADING = 14.5
_PHOTO_GAP = 6 * mm
_HEADS = ("heading", "subtitle", "bold")
_LOOKS = {
    "plain": paper.BODY,
    "bold": paper.STRONG,
    "italic": paper.SLANTED,
    "centred": paper.CENTRED,
    "subtitle": paper.SUBTITLE,
    "heading": paper.HEADING,
    "receiver": paper.RECEIVER,
}


def story_of(one: c.Paper) -> list[Flowable]:
    """The whole paper: heading, title, receiver, body, signatures."""
    width = paper.LYING_WIDTH if one.landscape else paper.BODY_WIDTH
    # A signature alone on a page could belong to anything: the last paragraph stays with it, and what is its head.
    kept = _closing(one.blocks)
    parts = [*_head(one, width), *_flow(one.blocks[: len(one.blocks) - kept], width)]
    last = [
        part
        for part in _flow(one.blocks[len(one.blocks) - kept :], _last_width(one))
        if not isinstance(part, CondPageBreak)
    ]
    lines = [
        SignatureLine(
            signatures,
            one.place_and_date if count == 1 else "",
            one.recipients if count == len(one.signatures) else (),
        )
        for count, signatures in enumerate(one.signatures, 1)
    ]
    return [*parts, KeepTogether([*last, *lines])]


def _closing(blocks: Sequence[c.Block]) -> int:
    """How many blocks at the end stay with the signatures."""
    if not blocks or not isinstance(blocks[-1], c.Paragraph):
        return 0
    headed = (
        len(blocks) > 1
        and isinstance(blocks[-2], c.Paragraph)
        and blocks[-2].look in _HEADS
        and not blocks[-2].lines
    )
    return 2 if headed else 1


def _last_width(one: c.Paper) -> float:
    """The breadth of the last page."""
    lying = [one.landscape, *(b.landscape for b in one.blocks if isinstance(b, c.NewPage))]
    return paper.LYING_WIDTH if lying[-1] else paper.BODY_WIDTH


def _head(one: c.Paper, width: float) -> Iterator[Flowable]:
    if one.official:
        yield paragraph(one.official, paper.OFFICIAL)
    yield AgencyHeading(one.letterhead) if one.letterhead else NationalHeading()
    yield Spacer(0, 14)
    if one.title:
        yield paragraph(one.title, paper.TITLE)
        if one.subject:
            yield paragraph(one.subject, paper.TITLE)
        if one.letterhead:
            yield rule_under(one.subject or one.title, BOLD, paper.TITLE.fontSize, width)
    if one.receiver:
        yield paragraph(_with_dots(one.receiver, paper.RECEIVER, 120 * mm), paper.RECEIVER)


def _flow(blocks: Sequence[c.Block], width: float) -> Iterator[Flowable]:
    for at, block in enumerate(blocks):
        if isinstance(block, c.NewPage):
            width = paper.LYING_WIDTH if block.landscape else paper.BODY_WIDTH
        yield from _draw(block, blocks[at + 1 : at + 3], width)


def _draw(block: c.Block, following: Sequence[c.Block], width: float) -> Iterator[Flowable]:
    """`following`: the next two blocks."""
    after = following[0] if following else None
    match block:
        case c.Paragraph(look="heading" | "subtitle"):
            yield CondPageBreak(_room_below_head(following))
            yield from _paragraph(block, width)
        case c.Paragraph():
            if isinstance(after, c.Table | c.Choices | c.PhotoPlaces):
                yield CondPageBreak(_room_after(after))
            yield from _paragraph(block, width)
        case c.Choices(options=options):
            yield from (
                _ChoiceLine(pair, width) for pair in zip_longest(options[::2], options[1::2])
            )
            yield Spacer(0, 6)
        case c.Table():
            yield FlowingTable(block)
        case c.PhotoPlaces():
            yield from _photos(block, width)
        case c.NewPage(landscape=landscape, title=title):
            yield NextPageTemplate(paper.LYING if landscape else paper.UPRIGHT)
            yield PageBreak()
            if title:
                yield paragraph(title, paper.SUBTITLE)


def _room_below_head(following: Sequence[c.Block]) -> float:
    """Under a heading: the paragraph below it, with the table or the pictures that the paragraph announces."""
    after = following[0] if following else None
    announced = following[1] if len(following) > 1 else None
    if isinstance(after, c.Paragraph) and isinstance(
        announced, c.Table | c.Choices | c.PhotoPlaces
    ):
        return _room_after(announced) + 12 * mm
    return _room_after(after)


def _room_after(block: c.Block | None) -> float:
    if isinstance(block, c.Table):
        return 52 * mm
    if isinstance(block, c.PhotoPlaces):
        return (block.height_mm + 20) * mm
    return 30 * mm if isinstance(block, c.Choices) else 24 * mm


def _paragraph(block: c.Paragraph, width: float) -> Iterator[Flowable]:
    style = _LOOKS[block.look]
    yield paragraph(_with_dots(block.pieces, style, width), style)
    if block.lines:
        yield from [paragraph(_dots(width, paper.TO_WRITE_ON), paper.TO_WRITE_ON)] * block.lines


def _with_dots(pieces: c.Pieces, style: ParagraphStyle, width: float) -> str:
    """The pieces as a text; the gaps share what is left of the line."""
    shown = [_fixed(piece, pieces) for piece in pieces]
    known = "".join(piece for piece in shown if isinstance(piece, str))
    gaps = sum(isinstance(piece, c.Gap) for piece in shown)
    room = width - style.firstLineIndent - width_of(known, style.fontName, style.fontSize)
    share = room / gaps if gaps else 0.0
    if share < _SHORTEST_GAP:
        # dots that run on to the end of the line stand at the end of the text: inside of it they would tear it apart
        last = gaps == 1 and any(isinstance(piece, c.Gap) for piece in shown[-2:])
        share = _rest_of_last_line(known, style, width) if last else 2 * _SHORTEST_GAP
    dots = _dots(share, style)
    return "".join(dots if isinstance(piece, c.Gap) else piece for piece in shown)


def _fixed(piece: str | c.Gap, pieces: c.Pieces) -> str | c.Gap:
    if isinstance(piece, str):
        return piece
    if piece.of == "date":
        return _DATE_DOTS
    return _SHORT_DOTS if piece.of == "short" and len(pieces) > 2 else piece


def _rest_of_last_line(text: str, style: ParagraphStyle, width: float) -> float:
    """Room behind a text of several lines; a whole line when too little is left."""
    last = broken(text, style.fontName, style.fontSize, width - style.firstLineIndent)[-1]
    rest = width - style.firstLineIndent - width_of(last, style.fontName, style.fontSize)
    return rest if rest > _SHORTEST_GAP else width


def _dots(width: float, style: ParagraphStyle) -> str:
    """As many dots as surely fit."""
    return "." * int((width - 0.5) / width_of(".", style.fontName, style.fontSize))


class _ChoiceLine(Flowable):
    """Two things to tick beside each other; the boxes are drawn, for the typeface has no such letter."""

    def __init__(self, options: Sequence[tuple[str, bool] | None], width: float) -> None:
        super().__init__()
        self._room = (width - paper.INDENT) / 2
        style = paper.OPTION
        self._options = [
            (broken(label, REGULAR, style.fontSize, self._room - _BOX_COLUMN - 6), ticked)
            for label, ticked in filter(None, options)
        ]

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width = available_width
        self.height = max(len(lines) for lines, _ in self._options) * _OPTION_LEADING + 3
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        for at, (lines, ticked) in enumerate(self._options):
            x, y = paper.INDENT + at * self._room, self.height - 12
            paper.draw_box(canvas, x, y - 0.5, ticked=ticked)
            canvas.setFont(REGULAR, paper.OPTION.fontSize)
            for line in lines:
                canvas.drawString(x + _BOX_COLUMN, y, line)
                y -= _OPTION_LEADING


def _photos(block: c.PhotoPlaces, width: float) -> Iterator[Flowable]:
    across = max(1, int((width + _PHOTO_GAP) / (block.width_mm * mm + _PHOTO_GAP)))
    starts = [*range(0, len(block.photos), across), len(block.photos)]
    for start, end in pairwise(starts):
        yield _PhotoLine(block.photos[start:end], block.width_mm * mm, block.height_mm * mm)


class _PhotoLine(Flowable):
    """Pictures beside each other with their captions; a frame where one is to be stuck on. Nothing is stretched."""

    def __init__(self, photos: Sequence[c.Photo], width: float, height: float) -> None:
        super().__init__()
        self._photos, self._size = photos, (width, height)
        self._captions = [
            broken(photo.caption, ITALIC, 11, width) if photo.caption else [] for photo in photos
        ]
        self._images = [_image(photo.content) for photo in photos]

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width = available_width
        self.height = self._size[1] + max(len(lines) for lines in self._captions) * 13.5 + 12
        return self.width, self.height

    def draw(self) -> None:
        canvas, (width, height) = self.canv, self._size
        whole = len(self._photos) * width + (len(self._photos) - 1) * _PHOTO_GAP
        x, y = (self.width - whole) / 2, self.height - height - 4
        for image, caption in zip(self._images, self._captions, strict=True):
            if image is None:
                canvas.setLineWidth(0.5)
                canvas.setDash(3, 3)
                canvas.rect(x, y, width, height)
                canvas.setDash()
                canvas.setFont(ITALIC, 11)
                canvas.drawCentredString(x + width / 2, y + height / 2 - 4, "Dán ảnh vào khung này")
            else:
                canvas.drawImage(image, x, y, width, height, preserveAspectRatio=True, anchor="c")
            canvas.setFont(ITALIC, 11)
            for count, line in enumerate(caption, 1):
                canvas.drawCentredString(x + width / 2, y - count * 13.5 + 1, line)
            x += width + _PHOTO_GAP


def _image(content: bytes | None) -> ImageReader | None:
    if content is None:
        return None
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            return ImageReader(picture.convert("RGB"))
    except OSError as error:
        raise BadInput(
            "Không in được ảnh kèm theo: tệp ảnh hỏng.", hint="Bỏ ảnh ấy rồi in lại."
        ) from error

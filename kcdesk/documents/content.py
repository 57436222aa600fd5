"""What stands on a paper, before anybody draws it: plain values that the PDF and the Word file are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Look = Literal["plain", "bold", "italic", "centred", "subtitle", "heading", "receiver"]
Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in a text where a person writes; `short` for a number or a word."""

    of: Literal["text", "date", "short"] = "text"


Pieces = tuple[str | Gap, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text; `lines`: further dotted lines below it."""

    pieces: Pieces
    look: Look = "plain"
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """Things to tick, in two columns."""

    options: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    text: str = ""
    align: Align = "left"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """role: `group` is the line above rows that belong together, `total` the last one. `hand`: room to write in."""

    cells: tuple[Cell, ...]
    role: Literal["data", "group", "total"] = "data"
    hand: bool = False
    carried: tuple[str, ...] = ()
    """What each column has added up to here, printed; empty where nothing is carried."""


@dataclass(frozen=True, slots=True)
class Table:
    """heads: of the columns; over: heads that span columns, as (text, first, last); widths in millimetres.

    label_span: how many first cells of a total, a group, or a carried line stand as one
    """

    heads: tuple[str, ...]
    widths_mm: tuple[float, ...]
    rows: tuple[Row, ...]
    over: tuple[tuple[str, int, int], ...] = ()
    label_span: int = 1
    carries: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    caption: str = ""
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class PhotoPlaces:
    photos: tuple[Photo, ...]
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class NewPage:
    landscape: bool
    title: str = ""


Block = Paragraph | Choices | Table | PhotoPlaces | NewPage


@dataclass(frozen=True, slots=True)
class Signature:
    """lines: (text, `bold` or `italic`) above the room to sign;  name: below it."""

    lines: tuple[tuple[str, Literal["bold", "italic"]], ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The two columns of an agency's paper; `about`: `V/v ...` of a letter."""

    parent: str
    name: str
    number: str
    place_and_date: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. `place_and_date` above the signatures, of an owner's paper; an agency's has it in its letterhead."""

    title: str
    document_title: str
    landscape: bool
    blocks: tuple[Block, ...]
    signatures: tuple[tuple[Signature, ...], ...]
    letterhead: Letterhead | None = None
    subject: str = ""
    official: str = ""
    receiver: Pieces = ()
    place_and_date: str = ""
    recipients: tuple[str, ...] = field(default=())

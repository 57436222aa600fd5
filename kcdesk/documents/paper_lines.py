"""A paper as lines of cells, for a spreadsheet: texts in the first cell, tables cell by cell, amounts as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kcdesk.documents import content as c

Line = tuple[str | int, ...]
_AMOUNT = re.compile(r"-?\d{1,3}(\.\d{3})*")


def lines_of(paper: c.Paper) -> Iterator[Line]:
    """From the title to the signatures; what is empty on the paper stays empty."""
    head = paper.letterhead
    if head is not None:
        yield from ((text,) for text in (head.parent, head.name, head.number, head.about) if text)
    yield from ((text,) for text in (paper.title, paper.subject) if text)
    if paper.receiver:
        yield (_text(paper.receiver),)
    for block in paper.blocks:
        yield from _block(block)
    if date := paper.place_and_date or (head.place_and_date if head else ""):
        yield (date,)
    for signatures in paper.signatures:
        for one in signatures:
            yield (
                ": ".join(filter(None, (" ".join(text for text, _ in one.lines[:1]), one.name))),
            )


def _block(block: c.Block) -> Iterator[Line]:
    match block:
        case c.Paragraph():
            yield (_text(block.pieces),)
        case c.Choices(options=options):
            yield from ((f"[{'x' if ticked else ' '}] {label}",) for label, ticked in options)
        case c.Table():
            yield tuple(block.heads)
            for row in block.rows:
                yield tuple(_cell(cell) for cell in row.cells)
            yield ()
        case c.PhotoPlaces(photos=photos):
            yield from ((photo.caption,) for photo in photos if photo.caption)
        case c.NewPage(title=title):
            yield ()
            if title:
                yield (title,)


def _cell(cell: c.Cell) -> str | int:
    """An amount as a number; its dots part thousands on paper."""
    if cell.align == "right" and _AMOUNT.fullmatch(cell.text):
        return int(cell.text.replace(".", ""))
    return cell.text


def _text(pieces: c.Pieces) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))

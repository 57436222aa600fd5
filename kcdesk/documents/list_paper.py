"""A list on paper: title, day, and one table on lying pages. Its look is the program's own and stands here."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Spacer

from kcdesk.documents import content as c
from kcdesk.documents import paper
from kcdesk.documents.flowing import FlowingTable
from kcdesk.documents.fonts import REGULAR, register_fonts
from kcdesk.documents.form import BODY_WIDTH_MM
from kcdesk.documents.paragraphs import paragraph

_NARROWEST, _WIDEST = 30.0, 190.0
"""Points that a column asks for at least and at most, before all are fitted to the page."""
_LOOKED_AT = 200


def draw_list(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], on: datetime.date
) -> bytes:
    """The list as PDF; the same arguments give the same bytes. Numbers (`1.234`) stand at the right."""
    register_fonts()
    numbers = [_is_column_of_numbers([row[at] for row in rows]) for at in range(len(head))]
    table = c.Table(
        heads=tuple(head),
        widths_mm=_widths(head, rows),
        rows=tuple(
            c.Row(
                tuple(
                    c.Cell(text, "right" if number else "left")
                    for text, number in zip(row, numbers, strict=True)
                )
            )
            for row in rows
        ),
    )
    story: list[Flowable] = [
        paragraph(title.upper(), paper.TITLE),
        paragraph(f"Ngày {on:%d/%m/%Y}", paper.CENTRED),
        Spacer(0, 4),
        FlowingTable(table),
    ]
    return paper.draw_pdf(
        [paper.Drawn(title, lambda: story, lambda _: ("", ""), landscape=True)], title=title
    )


def _widths(head: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Millimetres: each column as wide as its texts ask, all together as the page is."""

    def asked(at: int) -> float:
        texts = [head[at][:12], *(row[at] for row in rows[:_LOOKED_AT])]
        longest = max(stringWidth(text, REGULAR, 11) for text in texts) + 8
        return min(max(longest, _NARROWEST), _WIDEST)

    widths = [asked(at) for at in range(len(head))]
    whole = BODY_WIDTH_MM[True]
    return tuple(whole * width / sum(widths) for width in widths)


def _is_column_of_numbers(texts: Sequence[str]) -> bool:
    said = [text for text in texts if text]
    return bool(said) and all(text.replace(".", "").replace(",", "").isdecimal() for text in said)

"""Pages that are the program's own and no official paper: a title and what stands below it, on A4."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from kcdesk.documents import paper
from kcdesk.documents.fonts import register_fonts


def draw_own_pages(title: str, story: Sequence[Flowable]) -> bytes:
    """The pages as PDF; the same arguments give the same bytes."""
    register_fonts()
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=(paper.PAGE_WIDTH, paper.PAGE_HEIGHT),
        leftMargin=paper.LEFT,
        rightMargin=paper.RIGHT,
        topMargin=paper.TOP,
        bottomMargin=paper.BOTTOM,
        title=title,
        author="kcdesk",
        creator="kcdesk",
        lang="vi-VN",
        invariant=1,
        initialFontName=paper.BODY.fontName,
    )
    document.build(list(story))
    return out.getvalue()


def draw_leaflet(title: str, parts: Sequence[tuple[str, Sequence[str]]], foot: str) -> bytes:
    """A leaflet as PDF: parts of a heading and its sentences, and what is said at the end."""
    register_fonts()
    story: list[Flowable] = [Paragraph(escape(title.upper()), paper.TITLE), Spacer(0, 4 * mm)]
    for heading, sentences in parts:
        story.append(Paragraph(escape(heading), paper.HEADING))
        story += [Paragraph(escape(sentence), paper.BODY) for sentence in sentences]
    story += [Spacer(0, 6 * mm), Paragraph(escape(foot), paper.SLANTED)]
    return draw_own_pages(title, story)

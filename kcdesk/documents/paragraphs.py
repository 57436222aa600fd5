"""Paragraphs of plain text: what ReportLab's reader of markup would make of them, without asking it each time.

A pile is thousands of paragraphs without any markup, and reading markup takes longer than laying them out.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph
from reportlab.platypus.paraparser import ParaParser


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """A paragraph of `text`; a line break in it is one on paper, everything else means itself."""
    if "\n" in text or not text.strip():
        return Paragraph(escape(text, quote=False).replace("\n", "<br/>"), style)
    return Paragraph(text, style, frags=[_fragment(style).clone(text=text.strip())])


@lru_cache(maxsize=64)
def _fragment(style: ParagraphStyle) -> Any:
    """What the reader makes of a word in that style."""
    parser: Any = ParaParser()
    _, (fragment,), _ = parser.parse("x", style)
    return fragment

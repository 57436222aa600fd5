"""A pile of 200 different applications F02 in one PDF, beside the same pages drawn on a bare ReportLab canvas.

The floor knows already where each line of text stands: it only draws the strings, lines, frames and codes of the pages
that kcdesk made, with the same embedded fonts; each cell of a table is a string of its own, as no canvas can draw it
otherwise. Twenty papers are read back and drawn ten times over, under other names.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pdfplumber
from reportlab.pdfgen.canvas import Canvas

from benchmarks.measuring import Figure, Ground, median, taking_turns
from kcdesk.documents import Form, load_form
from kcdesk.documents.fonts import REGULAR, register_fonts
from kcdesk.documents.paper import draw_qr
from kcdesk.documents.printing import Wanted, print_pile, wanted
from kcdesk.documents.samples import sample_record

PAPERS, READ_BACK = 200, 20
_DAY = datetime.date(2026, 5, 20)


def measure(_ground: Ground) -> Iterable[Figure]:
    """Seconds for the pile."""
    register_fonts()
    kept = _read_back(_pile(READ_BACK))
    ours, floor = taking_turns(3, lambda: _pile(PAPERS), lambda: _bare(kept))
    yield Figure("200 different F02 in one PDF", PAPERS, median(ours), "s", 1.5, median(floor))


def _paper(form: Form, number: int) -> Wanted:
    record = {
        **sample_record(form),
        "id": f"019a2b3c-4d5e-7000-8000-{number:012}",
        "name": f"Hợp tác xã chè Mường Hum số {number}",
    }
    return wanted(form, record, f"{number:08x}", _DAY, f"{number}")


def _pile(count: int) -> bytes:
    form = load_form("F02")
    papers = [_paper(form, number) for number in range(count)]
    return print_pile(papers, title="F02", begun=lambda _: None)


def _read_back(
    pdf: bytes,
) -> list[tuple[list[tuple[str, float, str, float, float]], list[Any], list[Any]]]:
    pages = []
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            lines = [
                (
                    _said(chars),
                    chars[0]["x0"],
                    chars[0]["fontname"].partition("+")[2],
                    page.height - line["bottom"] + chars[0]["size"] * 0.22,
                    chars[0]["size"],
                )
                for line in page.extract_text_lines()
                for chars in _cells(line["chars"], page.rects)
            ]
            rects = [
                (r["x0"], page.height - r["bottom"], r["width"], r["height"])
                for r in page.rects
                if r["width"] > 5
            ]
            rules = [
                (r["x0"], page.height - r["top"], r["x1"], page.height - r["bottom"])
                for r in page.lines
            ]
            pages.append((lines, rects, rules))
    return pages


def _said(chars: list[Any]) -> str:
    """The letters as a text; a gap is a blank."""
    gaps = (after["x0"] - before["x1"] > 0.15 * before["size"] for before, after in pairwise(chars))
    return "".join(
        char["text"] + " " * gap for char, gap in zip(chars, [*gaps, False], strict=True)
    )


def _cells(chars: list[Any], rects: list[Any]) -> Iterator[list[Any]]:
    """The letters of a line, parted where an edge of a frame stands between two."""
    level = chars[0]["top"] + 1
    edges = [r["x0"] for r in rects if r["width"] > 5 and r["top"] <= level <= r["bottom"]]
    part = [chars[0]]
    for before, char in pairwise(chars):
        if any(before["x0"] < edge <= char["x0"] for edge in edges):
            yield part
            part = []
        part.append(char)
    yield part


def _bare(
    pages: list[tuple[list[tuple[str, float, str, float, float]], list[Any], list[Any]]],
) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, initialFontName=REGULAR)
    for turn in range(PAPERS // READ_BACK):
        for number, (lines, rects, rules) in enumerate(pages):
            for text, x, font, y, size in lines:
                canvas.setFont(font, size)
                canvas.drawString(x, y, text)
            for rect in rects:
                canvas.rect(*rect)
            for rule in rules:
                canvas.line(*rule)
            draw_qr(canvas, f"KC1:F02:{turn:028}:{number:07}:1", 500, 15, 37)
            canvas.showPage()
    canvas.save()
    return out.getvalue()

"""Printing into the PDF printer of Qt: paper size, scale and copies are those of the paper."""

from __future__ import annotations

import datetime
from itertools import pairwise, product
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from kcdesk.documents import Manner, load_form, render
from kcdesk.documents.ruler import draw_ruler
from kcdesk.documents.samples import sample_issuer, sample_record
from kcdesk.ui.screens.preview import paint_pages

DPI = 600
HALF_MM = 0.5 / 25.4 * DPI


def paper(name: str) -> bytes:
    form = load_form(name)
    on = datetime.date(2026, 5, 20)
    return render(
        form, sample_record(form), version="", on_date=on, manner=Manner(sample_issuer(form))
    )


def printed(pdf: bytes, path: Path, *, copies: int = 1, collate: bool = True) -> bytes:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    printer.setResolution(DPI)
    printer.setCopyCount(copies)
    printer.setCollateCopies(collate)
    paint_pages(pdf, printer)
    return path.read_bytes()


def ink(pdf: bytes, page: int) -> Image.Image:
    """A page at 600 dpi, white where there is ink."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[page].render(scale=DPI / 72, grayscale=True).to_pil()
    document.close()
    return picture.point(lambda light: 255 if light < 128 else 0)


def edges(pdf: bytes, page: int) -> tuple[int, int, int, int]:
    """Where the ink of a page begins and ends, in dots of 1/600 inch."""
    box = ink(pdf, page).getbbox()
    assert box is not None
    return box


def lines(pdf: bytes, page: int) -> list[int]:
    """Where lines of ink begin and end down the left half of a page, in dots; gaps below half a millimetre are none."""
    picture = ink(pdf, page)
    narrow = picture.crop((0, 0, picture.width // 2, picture.height)).reduce(
        (picture.width // 2, 1)
    )
    inked = [row for row in range(narrow.height) if narrow.getpixel((0, row))]
    starts = [row for before, row in pairwise([-DPI, *inked]) if row - before > HALF_MM]
    ends = [row for row, after in pairwise([*inked, 100 * DPI]) if after - row > HALF_MM]
    return sorted([*starts, *ends])


@pytest.mark.parametrize("name", ["F17", "F24"])
def test_the_print_lies_where_the_paper_does(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    source = paper(name)
    out = printed(source, tmp_path / "out.pdf")
    first, second = pypdfium2.PdfDocument(source), pypdfium2.PdfDocument(out)
    assert len(first) == len(second)
    for before, after in zip(first, second, strict=True):
        assert after.get_size() == pytest.approx(before.get_size(), abs=1.5)
    pages = len(first)
    first.close()
    second.close()
    for page in range(pages):
        assert edges(out, page) == pytest.approx(edges(source, page), abs=HALF_MM)
        assert lines(out, page) == pytest.approx(lines(source, page), abs=HALF_MM)


@pytest.mark.parametrize(("copies", "collate"), list(product((2, 3), (True, False))))
def test_copies_are_sorted_as_asked(
    qtbot: QtBot, tmp_path: Path, copies: int, collate: bool
) -> None:
    source = paper("F25")
    out = pypdfium2.PdfDocument(
        printed(source, tmp_path / "out.pdf", copies=copies, collate=collate)
    )
    lying = [page.get_width() > page.get_height() for page in out]
    out.close()
    one = [False, True]
    assert lying == (one * copies if collate else [side for side in one for _ in range(copies)])


def test_the_ruler_is_100_mm_long_on_the_print(qtbot: QtBot, tmp_path: Path) -> None:
    out = printed(draw_ruler(), tmp_path / "ruler.pdf")
    level, dots = round(150 / 25.4 * DPI), DPI / 25.4
    box = ink(out, 0).crop((round(20 * dots), level - 12, round(190 * dots), level + 13)).getbbox()
    assert box is not None
    assert (box[2] - box[0]) / dots == pytest.approx(100, abs=0.5)

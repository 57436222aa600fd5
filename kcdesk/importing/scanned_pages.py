"""Scans of papers that we printed: each page as a picture, the code on it, and papers put together again as PDF.

Owns reading codes; what a code means for a record, and where a scan is kept, is the caller's business.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import zxingcpp
from PIL import Image
from pypdf import PdfReader, PdfWriter

from kcdesk.domain.page_codes import PageCode, read_scanned
from kcdesk.errors import BadInput
from kcdesk.importing.attachments import PDF, media_type_of, prepare

_WAITING_WIDTH = 1240
"""Points across of a page that waits: A4 at 150 dpi, readable by people."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of a scan. number: from 1;  code: what its QR code says, None when none of ours was read;
    picture: a JPEG of it, None where the page is no picture (a PDF that was never scanned)."""

    number: int
    code: PageCode | None
    picture: bytes | None


def read_scan(name: str, content: bytes) -> Iterator[ScannedPage]:
    """The pages of a scanned PDF, or a photo as its only page. Raises `BadInput`, as `prepare` does."""
    kept = prepare(name, content).content
    if media_type_of(content) != PDF:
        with Image.open(io.BytesIO(kept)) as picture:
            yield _page(1, picture)
        return
    for number, page in enumerate(PdfReader(io.BytesIO(kept)).pages, 1):
        try:
            pictures = [found.image for found in page.images]
        except Exception as error:
            raise BadInput(
                f"Trang {number} của tệp “{name}” hỏng.", hint="Quét lại trang ấy."
            ) from error
        largest = max(
            (one for one in pictures if one is not None),
            key=lambda one: one.width * one.height,
            default=None,
        )
        yield ScannedPage(number, None, None) if largest is None else _page(number, largest)


def pages_as_pdf(name: str, content: bytes, numbers: Sequence[int]) -> bytes:
    """A PDF of some pages of a scan, counted from 1; of a photo the photo as it was prepared."""
    if media_type_of(content) != PDF:
        return prepare(name, content).content
    reader, writer = PdfReader(io.BytesIO(content)), PdfWriter()
    for number in numbers:
        writer.add_page(reader.pages[number - 1])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _page(number: int, picture: Image.Image) -> ScannedPage:
    grey = picture.convert("L")
    return ScannedPage(number, _code_on(grey), _small(grey))


def _code_on(grey: Image.Image) -> PageCode | None:
    for found in zxingcpp.read_barcodes(grey, zxingcpp.barcode_formats_from_str("QRCode")):
        if code := read_scanned(found.text):
            return code
    return None


def _small(grey: Image.Image) -> bytes:
    if grey.width > _WAITING_WIDTH:
        grey = grey.resize((_WAITING_WIDTH, round(grey.height * _WAITING_WIDTH / grey.width)))
    out = io.BytesIO()
    grey.save(out, "JPEG", quality=80)
    return out.getvalue()

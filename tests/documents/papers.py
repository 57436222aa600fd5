"""What the tests of papers share: each form blank and filled, and the PDF read back."""

from __future__ import annotations

import datetime
import io
from functools import cache
from typing import Any

import pdfplumber

from kcdesk.documents import Form, Manner, list_forms, load_form, render
from kcdesk.documents.samples import sample_issuer, sample_record

IDS = tuple(info.id for info in list_forms())
DAY = datetime.date(2026, 2, 5)
RECORD = "019a2b3c-4d5e-7000-8000-000000000000"
MM = 72 / 25.4
CODE_SIZE = 7


@cache
def form_named(name: str) -> Form:
    return load_form(name)


@cache
def printed(name: str, *, blank: bool) -> bytes:
    form = form_named(name)
    manner = Manner(sample_issuer(form))
    record = {} if blank else {**sample_record(form), "id": RECORD}
    return render(
        form, record, version="" if blank else "0000beef", on_date=DAY, blank=blank, manner=manner
    )


@cache
def read(name: str, *, blank: bool) -> list[Any]:
    """The pages as pdfplumber reads them, without the codes in the bottom margin."""
    with pdfplumber.open(io.BytesIO(printed(name, blank=blank))) as pdf:
        pages = [
            page.filter(lambda thing: round(thing.get("size", 0)) != CODE_SIZE)
            for page in pdf.pages
        ]
        for page in pages:
            _ = page.chars, page.lines, page.rects
        return pages


def words(page: Any) -> list[dict[str, Any]]:
    return list(page.extract_words(extra_attrs=["fontname", "size"], keep_blank_chars=False))


def text_of(name: str, *, blank: bool) -> str:
    return " ".join(" ".join(page.extract_text() or "" for page in read(name, blank=blank)).split())

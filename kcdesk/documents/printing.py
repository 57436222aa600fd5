"""From a form and a record to the bytes of a PDF: the one place where the rooms of a paper meet.

Imports ReportLab, so it is itself imported only when somebody prints.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from kcdesk.documents.blocks import story_of
from kcdesk.documents.composing import Sheet, compose
from kcdesk.documents.content import Paper
from kcdesk.documents.fonts import register_fonts
from kcdesk.documents.form import Form
from kcdesk.documents.form_files import laws as shipped_laws
from kcdesk.documents.issuer import Manner
from kcdesk.documents.paper import draw_pdf
from kcdesk.documents.values import Record, clean
from kcdesk.domain.page_codes import PageCode

Laws = Mapping[str, Mapping[str, Any]]


def print_form(
    form: Form,
    record: Record,
    *,
    version: str,
    on_date: datetime.date,
    blank: bool = False,
    manner: Manner | None = None,
    laws: Laws | None = None,
) -> bytes:
    """The paper as PDF: see `kcdesk.documents.render`, which loads this module when it is needed."""
    paper = paper_of(form, record, on_date=on_date, blank=blank, manner=manner, laws=laws)
    register_fonts()
    name = clean(str(record.get("id", "")))
    return draw_pdf(
        story_of(paper),
        title=paper.document_title,
        page_code=lambda page: page_codes(form.id, name, version, page),
        landscape=paper.landscape,
    )


def paper_of(
    form: Form,
    record: Record,
    *,
    on_date: datetime.date,
    blank: bool = False,
    manner: Manner | None = None,
    laws: Laws | None = None,
) -> Paper:
    """What stands on the paper. A blank one of somebody (a name, an address in `record`) shows that; the rest is dots."""
    sheet = Sheet(form, record, blank, manner or Manner(), shipped_laws() if laws is None else laws)
    return compose(sheet, on_date)


def page_codes(form: str, record: str, version: str, page: int) -> tuple[str, str]:
    """What a scanner and what a person reads on a page."""
    code = PageCode(form, record, version, page)
    return code.scanned(), f"{code.typed()} · trang {page}"

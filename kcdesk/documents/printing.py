"""From a form and a record to the bytes of a PDF: the one place where the rooms of a paper meet.

Imports ReportLab, so it is itself imported only when somebody prints.
"""

from __future__ import annotations

import datetime

from kcdesk.documents.blocks import Sheet, story_of
from kcdesk.documents.fonts import register_fonts
from kcdesk.documents.form import Form
from kcdesk.documents.paper import draw_pdf
from kcdesk.documents.values import Record, clean, is_empty


def print_form(
    form: Form, record: Record, *, version: str, on_date: datetime.date, blank: bool = False
) -> bytes:
    """The paper as PDF: see `kcdesk.documents.render`, which loads this module when it is needed."""
    register_fonts()
    known: Record = {} if blank else {**record}
    if not blank and is_empty(known.get(form.signature.date)):
        known = {**known, form.signature.date: on_date}
    record_id = clean(str(known.get("id", "")))
    return draw_pdf(
        story_of(Sheet(form, known, blank)),
        title=clean(form.title),
        page_code=lambda page: f"kcdesk:{form.id}:{record_id}:{version}:{page}",
    )

"""Record in, PDF out: official papers from forms that are data (`resources/documents/`).

    list_forms()                 the forms there are
    load_form(id)                one of them; parse_form reads one that lies elsewhere
    missing_keys(form, record)   what the complete paper still needs
    render(form, record, ...)    the PDF
    render_sheet(outline, ...)   the PDF of an answer sheet

Light to import: ReportLab is loaded by the first `render`. Knows no Qt, no database; what a record is
and where it lies is the caller's business.
"""

from __future__ import annotations

import datetime

from kcdesk.documents.form import (
    Form,
    FormInfo,
    form_faults,
    info_of,
    list_forms,
    load_form,
    no_such_form,
    parse_form,
)
from kcdesk.documents.values import Record, missing_keys
from kcdesk.domain.sheet_outline import Outline

__all__ = [
    "Form",
    "FormInfo",
    "Record",
    "form_faults",
    "info_of",
    "list_forms",
    "load_form",
    "missing_keys",
    "no_such_form",
    "parse_form",
    "render",
    "render_sheet",
]


def render_sheet(sheet: Outline, *, blank: bool, state: str) -> bytes:
    """The paper of an answer sheet as PDF; the same arguments give the same bytes.

    blank: for a pen, with lines to write on; state: which state of the survey it is, for the QR codes
    """
    from kcdesk.documents.sheet_paper import draw_sheet  # noqa: PLC0415 (ReportLab: half a second)

    return draw_sheet(sheet, blank=blank, state=state)


def render(
    form: Form, record: Record, *, version: str, on_date: datetime.date, blank: bool = False
) -> bytes:
    """The paper as PDF; the same arguments give the same bytes.

    record:  keys of dossier section 6, and `id`; the caller merges a need with its establishment and
             gives references (commune, province) as names
    version: short text that says which state of the record was printed; goes into the QR codes
             (`kcdesk:F02:<id>:<version>:<page>`)
    on_date: the day of the paper where the record has none
    blank:   the empty form, with dots to write on; nothing of the record is printed

    Raises BadInput when a value is not what the form says it is, or contradicts a sum.
    """
    from kcdesk.documents.printing import print_form  # noqa: PLC0415 (ReportLab: half a second)

    return print_form(form, record, version=version, on_date=on_date, blank=blank)

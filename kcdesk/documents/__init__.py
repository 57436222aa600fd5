"""Record in, PDF out: official papers from forms that are data (`resources/documents/`).

    list_forms(*folders)         the forms there are; a folder's go before ours
    load_form(id, *folders)      one of them
    missing_keys(form, record)   what the complete paper still needs
    render(form, record, ...)    the PDF
    render_sheet(outline, ...)   the PDF of an answer sheet
    render_word(form, ...)       the same as a .docx, for papers that offices go on editing
    paper_as_lines(form, ...)    the same as lines of cells, for a spreadsheet
    render_list(title, ...)      a list as PDF, on lying pages

Light to import: ReportLab is loaded by the first `render`. Knows no Qt, no database; what a record is
and where it lies is the caller's business.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from kcdesk.documents.computing import missing_keys
from kcdesk.documents.form import Form, FormInfo
from kcdesk.documents.form_files import (
    block_faults,
    check_block,
    form_faults,
    info_of,
    list_forms,
    load_form,
    no_such_form,
    parse_form,
    read_form,
)
from kcdesk.documents.issuer import Issuer, Manner, Signer
from kcdesk.documents.values import Record
from kcdesk.domain.sheet_outline import Outline

__all__ = [
    "Form",
    "FormInfo",
    "Issuer",
    "Manner",
    "Record",
    "Signer",
    "block_faults",
    "check_block",
    "form_faults",
    "info_of",
    "list_forms",
    "load_form",
    "missing_keys",
    "no_such_form",
    "paper_as_lines",
    "parse_form",
    "read_form",
    "render",
    "render_list",
    "render_sheet",
    "render_word",
]


def render_sheet(sheet: Outline, *, blank: bool, state: str, trial: bool = False) -> bytes:
    """The paper of an answer sheet as PDF; the same arguments give the same bytes.

    blank: for a pen, with lines to write on; state: which state of the survey it is, for the QR codes
    trial: its questionnaire is on trial, which each page says
    """
    from kcdesk.documents.sheet_paper import draw_sheet  # noqa: PLC0415 (ReportLab: half a second)

    return draw_sheet(sheet, blank=blank, state=state, trial=trial)


def render(
    form: Form,
    record: Record,
    *,
    version: str,
    on_date: datetime.date,
    blank: bool = False,
    manner: Manner | None = None,
) -> bytes:
    """The paper as PDF; the same arguments give the same bytes.

    record:  keys of dossier section 6, and `id`; the caller merges a need with its establishment and
             gives references (commune, province) as names
    version: eight hexadecimal digits that say which state of the record was printed, or nothing; goes into the
             code of each page (`kcdesk.domain.page_codes`)
    on_date: the day of the paper where the record has none
    blank:   the empty form, with dots to write on; of the record only `id` and single values are shown
    manner:  who issues it, and how amounts are said

    Raises BadInput when a value is not what the form says it is, or contradicts a sum.
    """
    from kcdesk.documents.printing import print_form  # noqa: PLC0415 (ReportLab: half a second)

    return print_form(form, record, version=version, on_date=on_date, blank=blank, manner=manner)


def render_word(
    form: Form,
    record: Record,
    *,
    on_date: datetime.date,
    blank: bool = False,
    manner: Manner | None = None,
) -> bytes:
    """The paper as .docx, for somebody who goes on editing it. Raises BadInput as `render` does."""
    from kcdesk.documents.word import word_of  # noqa: PLC0415

    return word_of(form, record, on_date=on_date, blank=blank, manner=manner)


def paper_as_lines(
    form: Form,
    record: Record,
    *,
    on_date: datetime.date,
    blank: bool = False,
    manner: Manner | None = None,
) -> list[tuple[str | int, ...]]:
    """What stands on the paper, line by line, tables cell by cell. Raises BadInput as `render` does."""
    from kcdesk.documents.paper_lines import lines_of  # noqa: PLC0415
    from kcdesk.documents.printing import paper_of  # noqa: PLC0415

    return list(lines_of(paper_of(form, record, on_date=on_date, blank=blank, manner=manner)))


def render_list(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, on_date: datetime.date
) -> bytes:
    """A list of texts as PDF; the same arguments give the same bytes."""
    from kcdesk.documents.list_paper import draw_list  # noqa: PLC0415

    return draw_list(title, head, rows, on_date)

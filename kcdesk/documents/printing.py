"""From a form and a record to the bytes of a PDF: the one place where the rooms of a paper meet.

Imports ReportLab, so it is itself imported only when somebody prints.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kcdesk.documents.blocks import story_of
from kcdesk.documents.composing import Sheet, compose
from kcdesk.documents.content import Paper
from kcdesk.documents.fonts import register_fonts
from kcdesk.documents.form import Form
from kcdesk.documents.issuer import Manner
from kcdesk.documents.paper import Drawn, draw_pdf
from kcdesk.documents.values import Record, clean
from kcdesk.domain.page_codes import PageCode


def print_form(
    form: Form,
    record: Record,
    *,
    version: str,
    on_date: datetime.date,
    blank: bool = False,
    manner: Manner | None = None,
) -> bytes:
    """The paper as PDF: see `kcdesk.documents.render`, which loads this module when it is needed."""
    return print_one(wanted(form, record, version, on_date, blank=blank, manner=manner))


@dataclass(frozen=True)
class Wanted:
    """One paper of a pile, composed: what of a record its codes say, and how the list of contents calls it."""

    paper: Paper
    form: str
    record: Record
    version: str
    name: str


def wanted(
    form: Form,
    record: Record,
    version: str,
    on_date: datetime.date,
    name: str = "",
    *,
    blank: bool = False,
    manner: Manner | None = None,
) -> Wanted:
    """A paper ready for a pile. Raises BadInput for a value that is not what the form says it is."""
    paper = paper_of(form, record, on_date=on_date, blank=blank, manner=manner)
    return Wanted(paper, form.id, record, version, name)


def print_one(one: Wanted) -> bytes:
    """One paper as a PDF of its own."""
    made = drawn(one.paper, one.form, one.record, one.version)
    return draw_pdf([made], title=one.paper.document_title)


def print_pile(papers: Sequence[Wanted], *, title: str, begun: Callable[[int], None]) -> bytes:
    """Many papers in one PDF, with a bookmark for each. `begun` is told each one, and may raise."""
    ready = [drawn(one.paper, one.form, one.record, one.version, one.name) for one in papers]
    return draw_pdf(ready, title=title, begun=begun)


def drawn(paper: Paper, form: str, record: Record, version: str, name: str = "") -> Drawn:
    """A paper made ready, with the codes of its pages."""
    register_fonts()
    record_id = clean(str(record.get("id", "")))
    return Drawn(
        name or paper.document_title,
        lambda: story_of(paper),
        lambda page: page_codes(form, record_id, version, page),
        paper.landscape,
    )


def paper_of(
    form: Form,
    record: Record,
    *,
    on_date: datetime.date,
    blank: bool = False,
    manner: Manner | None = None,
) -> Paper:
    """What stands on the paper. A blank one shows what `record` has (a name, an address); the rest is dots."""
    return compose(Sheet(form, record, blank, manner or Manner()), on_date)


def page_codes(form: str, record: str, version: str, page: int) -> tuple[str, str]:
    """What a scanner and what a person reads on a page."""
    code = PageCode(form, record, version, page)
    return code.scanned(), f"{code.typed()} · trang {page}"

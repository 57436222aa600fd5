"""A paper that somebody wants to see: how it is drawn, and how else it can be given away. Light: no QtPdf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Printed, print_document, print_sample
from kcdesk.actions.handing_out import CopyAs, Draw, draws
from kcdesk.actions.sheet_papers import survey_paper
from kcdesk.documents import FormInfo


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """draw: on the desk's thread;  word: the same for Word, where the form has it;  copy: draws a copy to be sent,
    `copy_as` says as what; none of what is nobody's;  taker: to whom it is given when it is printed or saved."""

    title: str
    draw: Callable[[Desk], Printed]
    word: Callable[[Desk], Printed] | None = None
    copy: Draw | None = None
    copy_as: tuple[CopyAs, ...] = tuple(CopyAs)
    taker: str = ""


def of_record(title: str, form: str, record: str) -> ShownPaper:
    """The paper of a record, or of an establishment that has exactly one."""
    draw = partial(print_document, form_id=form, record=record)
    return ShownPaper(title, draw, copy=draws(form, record))


def of_survey(title: str, survey: str) -> ShownPaper:
    """An answer sheet."""
    return ShownPaper(
        title,
        partial(survey_paper, survey=survey),
        copy=lambda desk, left_out, _: survey_paper(desk, survey, leave_out=left_out),
        copy_as=(CopyAs.PDF, CopyAs.PICTURE),
    )


def of_form(title: str, form: FormInfo, *, sample: bool = False) -> ShownPaper:
    """An empty form, or what it looks like filled in."""
    draw: Callable[..., Printed] = (
        partial(print_sample, form_id=form.id)
        if sample
        else partial(print_document, form_id=form.id, record=None, blank=True)
    )
    return ShownPaper(title, draw, partial(draw, ending="docx") if form.word else None)


def of_pile(title: str, printed: Printed, taker: str) -> ShownPaper:
    """Papers that are drawn already."""
    return ShownPaper(title, lambda _: printed, taker=taker)

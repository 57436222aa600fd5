"""Answer sheets on paper: the empty form to fill in by hand, and a survey as it was answered."""

from __future__ import annotations

from collections.abc import Collection

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Origin, Printed
from kcdesk.actions.editions import current
from kcdesk.actions.papers import version_of
from kcdesk.actions.surveys import device_of, reopen_survey
from kcdesk.documents import render_sheet
from kcdesk.domain.answer_text import shown_answer
from kcdesk.domain.kinds import SURVEYS
from kcdesk.domain.text import fold
from kcdesk.questionnaire import NodeView


def blank_sheet(desk: Desk, questionnaire: str, language: str = "vi") -> Printed:
    """The empty paper of a questionnaire: all branches, conditions in words. Raises `NotFound`."""
    library = current(desk)
    form, trial = library.questionnaire(questionnaire), library.info(questionnaire).trial
    sheet = form.open(
        clock=desk.clock, randomness=desk.randomness, language=language, device=device_of(desk)
    )
    pdf = render_sheet(sheet.outline(shown_in_words, blank=True), blank=True, state="", trial=trial)
    return Printed(pdf, [], f"{form.id}_phieu-trong.pdf", (Origin(form.id),))


def survey_paper(
    desk: Desk, survey: str, language: str = "vi", *, leave_out: Collection[str] = ()
) -> Printed:
    """A survey on paper: what was asked, with its answers; `missing`: the questions in the way of finishing.

    leave_out: names of questions whose answers are not shown. Raises `NotFound`, `BadInput`.
    """

    def shown(view: NodeView) -> str:
        return "" if view.path.rpartition("/")[2] in leave_out else shown_in_words(view)

    opened = reopen_survey(desk, survey)
    sheet = opened.sheet
    sheet.language = language
    state = version_of(desk.workspace.lists.get(SURVEYS.name, survey)) if opened.state else ""
    outline = sheet.outline(shown, record=survey)
    pdf = render_sheet(outline, blank=False, state=state, trial=opened.trial)
    missing = [(view.path, view.label) for view in sheet.walk() if view.error is not None]
    number = fold(sheet.answers().get("survey_no", "")) or "chua-co-so"
    origin = Origin(opened.questionnaire.id, survey, opened.establishment, state)
    return Printed(pdf, missing, f"{opened.questionnaire.id}_{number}.pdf", (origin,))


def shown_in_words(view: NodeView) -> str:
    """An answer as people read it: labels of choices, dates and numbers as they write them."""
    if view.choices:
        labels = {choice.name: choice.label for choice in view.choices}
        return "; ".join(labels.get(name, name) for name in view.value.split())
    return shown_answer(view.type, view.value, view.appearance)

"""Carrying a survey over to the newest version of its questionnaire, with a report of what has no place.

The old sheet stays as it is, with its version; the new one is another sheet that names it. Matching is
`questionnaire.carrying`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current
from kcdesk.actions.sheet_papers import shown_in_words
from kcdesk.actions.survey_numbers import next_number
from kcdesk.actions.surveys import OpenSurvey, device_of, reopen_survey, save_survey
from kcdesk.domain.identifiers import new_record_id
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import LeftBehind, Reason, Sheet, carry_over


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What carrying over would give; nothing is stored yet.

    survey:  the new sheet;  old: id of the old one, `old_version` its version
    kept:    how many answers have their place;  left: those that have none
    """

    survey: OpenSurvey
    old: str
    old_version: str
    kept: int
    left: tuple[LeftBehind, ...]

    def as_json(self) -> dict[str, Value]:
        return {
            "from": self.old,
            "from_version": self.old_version,
            "to_version": self.survey.questionnaire.version,
            "kept": self.kept,
            "left": [
                {
                    "question": one.path,
                    "label": one.label,
                    "answer": one.stored,
                    "shown": one.shown,
                    "reason": one.reason.name,
                    "why": one.reason.value,
                }
                for one in self.left
            ],
        }


def newer_version(desk: Desk, survey: OpenSurvey) -> str:
    """The version that new sheets of this questionnaire are filled in by, where it is another; else blank."""
    try:
        version = current(desk).questionnaire(survey.questionnaire.id).version
    except (NotFound, BadInput):
        return ""
    return "" if version == survey.questionnaire.version else version


def carry_survey_over(desk: Desk, survey: str) -> CarriedOver:
    """What a sheet says, on a new sheet of the version that is filled in now. Raises `NotFound`, `BadInput`."""
    old = reopen_survey(desk, survey)
    library = current(desk)
    form = library.questionnaire(old.questionnaire.id)
    if form.version == old.questionnaire.version:
        raise BadInput(
            f"Phiếu này đã theo phiên bản mẫu mới nhất ({form.version}).",
            hint="Không phải chuyển gì.",
            code="newest_version",
        )

    def opened(answers: Mapping[str, str] | None) -> Sheet:
        return form.open(
            answers, clock=desk.clock, randomness=desk.randomness, device=device_of(desk)
        )

    carried = carry_over(old.sheet, form.form, opened, shown_in_words)
    unread = (
        LeftBehind(path, old.sheet.node(path).label, typed, typed, Reason.UNREAD)
        for path, typed in old.not_taken.items()
    )
    with suppress(NotFound):  # a questionnaire without numbered sheets
        of = desk.workspace.state(ESTABLISHMENTS.name, old.establishment)
        carried.sheet.set_value("survey_no", next_number(desk, str(of.get("commune") or "0")))
    new = OpenSurvey(
        new_record_id(desk.clock, desk.randomness),
        old.establishment,
        library.number,
        form,
        carried.sheet,
        None,
        "",
        {},
        old.round,
        library.info(form.id).trial,
        survey,
    )
    return CarriedOver(
        new, survey, old.questionnaire.version, carried.kept, (*carried.left, *unread)
    )


def keep_carried(desk: Desk, carried: CarriedOver) -> OpenSurvey:
    """Save the new sheet as one that is being filled in."""
    return save_survey(desk, carried.survey)

"""The setting that a finished sheet is accepted at once; without it a person decides, proposal by proposal.

What was changed is shown all the same. A collaborator may not accept, so the setting says nothing there; a sheet whose
questionnaire is on trial is never accepted.
"""

from __future__ import annotations

from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.survey_proposals import Proposal, accept_proposals, finish_survey
from kcdesk.actions.surveys import OpenSurvey
from kcdesk.errors import BadInput

_SETTING = "accept_surveys"
_AT_ONCE, _ASK = "at once", "ask"
_MAY_NOT = "collaborator"


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished sheet. proposals: what it changes, or would; accepted: it has been accepted already"""

    survey: OpenSurvey
    proposals: tuple[Proposal, ...]
    accepted: bool


def accepts_at_once(desk: Desk) -> bool:
    """Whether finished sheets are accepted without asking."""
    return desk.workspace.setting(_SETTING) == _AT_ONCE and may_accept(desk)


def may_accept(desk: Desk) -> bool:
    """Whether who works here may accept sheets at all."""
    province = desk.workspace.province()
    return province is None or province.role != _MAY_NOT


def set_accepts_at_once(desk: Desk, at_once: bool) -> None:
    """Accept without asking from now on, or ask again. Raises `BadInput` for somebody who may not accept."""
    if at_once and not may_accept(desk):
        raise BadInput(
            "Cộng tác viên ghi phiếu, cán bộ mới nhận phiếu vào hồ sơ.",
            hint="Để cán bộ phụ trách địa bàn nhận phiếu.",
            code="may_not_accept",
        )
    desk.workspace.set_setting(_SETTING, _AT_ONCE if at_once else _ASK)


def finish_and_settle(desk: Desk, survey: OpenSurvey, *, accept: bool = False) -> Finished:
    """Finish a sheet, and accept it where `accept` or the setting says so. Raises as `finish_survey` does."""
    proposals = tuple(finish_survey(desk, survey))
    accepted = (accept or accepts_at_once(desk)) and not survey.trial
    if accepted:
        accept_proposals(desk, survey, proposals)
    return Finished(survey, proposals, accepted)

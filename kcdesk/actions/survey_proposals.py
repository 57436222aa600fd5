"""What a finished sheet would change in the records: old beside new, accepted by a person.

Figures go to the year that the sheet names, as actual ones of the day of survey when it names none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.actions.surveys import OpenSurvey, finish_sheet
from kcdesk.changes import State, same
from kcdesk.domain.code_lists import FigureBasis, FigureSource, SheetState
from kcdesk.domain.field_text import field_named, read_text, show_value
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import (
    ESTABLISHMENTS,
    FIGURES,
    SURVEYS,
    Field,
    FieldType,
    figures_id,
    kind_named,
)
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import FieldValue
from kcdesk.storage.edits import Edit


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one answer would change in a record: old beside new, as values and as people read them.

    head: what is said of the record together with it: of figures whose they are, of which year, from where
    """

    kind: str
    record: str
    field: str
    label: str
    old: Value
    new: Value
    old_shown: str
    new_shown: str
    seen: Mapping[str, int]
    head: Mapping[str, Value]

    def as_json(self) -> dict[str, Value]:
        return {
            "kind": self.kind,
            "id": self.record,
            "field": self.field,
            "label": self.label,
            "old": self.old,
            "new": self.new,
        }


def finish_survey(desk: Desk, survey: OpenSurvey) -> list[Proposal]:
    """Finish a sheet and say what its answers would change. Raises `BadInput` naming the first question in the way."""
    return proposals_of(desk, finish_sheet(desk, survey))


def proposals_of(desk: Desk, survey: OpenSurvey) -> list[Proposal]:
    """What the answers of a sheet would change in the establishment and its figures of the survey's year.

    Nothing where its questionnaire is on trial.
    """
    if survey.trial:
        return []
    said = survey.sheet.proposals()
    year, basis, head = _figures_head(desk, survey, said)
    figures = figures_id(survey.establishment, year, basis)
    targets = {
        kind: (record, _state(desk, kind, record))
        for kind, record in ((ESTABLISHMENTS.name, survey.establishment), (FIGURES.name, figures))
    }
    heads: dict[str, Mapping[str, Value]] = {ESTABLISHMENTS.name: {}, FIGURES.name: head}
    proposals = []
    for kind, field, answer in said:
        if kind not in targets or (kind == FIGURES.name and field in head):
            continue
        record, state = targets[kind]
        spec = field_named(kind_named(kind), field)
        old, new = state.get(field) if state is not None else None, _value(spec, answer, desk)
        if not same(old, new):
            label = f"{spec.label}, năm {year}" if kind == FIGURES.name else spec.label
            seen = state.seen if state is not None else {}
            shown = show_value(spec, old), show_value(spec, new)
            proposals.append(
                Proposal(kind, record, field, label, old, new, *shown, seen, heads[kind])
            )
    return proposals


def accept_proposals(desk: Desk, survey: OpenSurvey, proposals: Sequence[Proposal]) -> Saved:
    """Make the accepted proposals changes of their records, and the sheet an accepted one, in one action.

    Raises `BadInput` for a sheet whose questionnaire is on trial.
    """
    require_counted(survey)
    edits: dict[tuple[str, str], Edit] = {}
    for proposal in proposals:
        edit = edits.setdefault(
            (proposal.kind, proposal.record),
            Edit(proposal.kind, proposal.record, {}, proposal.seen),
        )
        edit.set.update({**proposal.head, proposal.field: proposal.new})
    accepted: dict[str, Value] = {
        "sheet_state": SheetState.ACCEPTED.value,
        "accepted_on": desk.today.isoformat(),
    }
    desk.workspace.save([*edits.values(), Edit(SURVEYS.name, survey.record, accepted)])
    return Saved(
        tuple((kind, RecordId(record)) for kind, record in [*edits, (SURVEYS.name, survey.record)])
    )


def require_counted(survey: OpenSurvey) -> None:
    """Raise `BadInput` for a sheet whose questionnaire is on trial: nothing of it goes into the records."""
    if survey.trial:
        raise BadInput(
            f"Mẫu {survey.questionnaire.id} là mẫu thử nên phiếu này không nhận vào hồ sơ được.",
            hint="Khảo sát chính thức thì dùng mẫu phiếu do tỉnh công bố.",
            code="trial",
        )


def _figures_head(
    desk: Desk, survey: OpenSurvey, said: Sequence[tuple[str, str, FieldValue]]
) -> tuple[int, str, dict[str, Value]]:
    """Year and basis of the sheet's figures (as it says, or actual ones of the day of survey), and all that is said
    of figures besides their numbers."""
    told = {field: value for kind, field, value in said if kind == FIGURES.name}
    day = survey.sheet.answers().get("survey_date") or desk.today.isoformat()
    asked = told.get("year")
    year = asked if isinstance(asked, int) else int(day[:4])
    basis = str(told.get("basis", FigureBasis.ACTUAL.value))
    head: dict[str, Value] = {
        "establishment": survey.establishment,
        "year": year,
        "basis": basis,
        "source": FigureSource.SURVEY.value,
        "source_date": day,
    }
    return year, basis, head


def _state(desk: Desk, kind: str, record: str) -> State | None:
    try:
        return desk.workspace.state(kind, record)
    except NotFound:
        return None


def _value(spec: Field, answer: FieldValue, desk: Desk) -> Value:
    """An answer as the record keeps it: telephone and tax numbers as their rules write them."""
    if isinstance(answer, list):
        return [*answer]
    if isinstance(answer, str) and spec.type is FieldType.TEXT:
        value = read_text(spec, answer, today=desk.today).value
        return answer if value is None else value
    return answer

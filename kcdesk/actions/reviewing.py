"""Answer sheets that are looked through: accepted into the file, or returned with remarks on single answers.

Accepting with what the sheet changes in the records is `survey_proposals.accept_proposals`. What a return says stays in
the history; when the sheet is finished again it is answered, and no longer shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.actions.surveys import OpenSurvey, remarks_answered, reopen_survey
from kcdesk.changes import State
from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.identifiers import RecordId, new_row_id
from kcdesk.domain.kinds import SURVEYS
from kcdesk.domain.text import normalise
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Row

_TABLE = "return_remarks"
_OPEN = (SheetState.FINISHED, SheetState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class ReturnedSheet:
    """A sheet that came back. remarks: label of the question -> what is to be put right there"""

    record: RecordId
    establishment: str
    name: str
    commune_name: str
    survey_no: str
    note: str
    remarks: Mapping[str, str]

    def as_json(self) -> dict[str, Value]:
        return {
            "id": self.record,
            "establishment": self.establishment,
            "name": self.name,
            "commune_name": self.commune_name,
            "survey_no": self.survey_no,
            "note": self.note,
            "remarks": dict(self.remarks),
        }


def return_survey(desk: Desk, survey: str, remarks: Mapping[str, str], note: str = "") -> Saved:
    """Return a finished or accepted sheet. remarks: question -> what is to be put right there.

    What an accepted sheet has already changed in the records stays there. Raises `NotFound`, `BadInput`.
    """
    opened = reopen_survey(desk, survey)
    state = require_finished(opened)
    said = {path: text for path, text in _said(opened, remarks).items() if text}
    note = normalise(note)
    if not said and not note:
        raise BadInput(
            "Chưa ghi vì sao trả lại phiếu.",
            hint="Ghi nhận xét ở ít nhất một câu, hoặc một lý do chung.",
            code="no_reason",
        )
    fields: dict[str, Value] = {
        "sheet_state": SheetState.RETURNED.value,
        "return_note": note or None,
        **remarks_answered(state),
    }
    rows = list(state.rows(_TABLE))
    for path, text in said.items():
        row = new_row_id(rows, desk.randomness)
        rows.append(row)
        fields |= {f"{_TABLE}/{row}/answer": path, f"{_TABLE}/{row}/text": text}
    desk.workspace.save([Edit(SURVEYS.name, survey, fields, state.seen)])
    return Saved(((SURVEYS.name, RecordId(survey)),))


def require_finished(survey: OpenSurvey) -> State:
    """The state of a sheet that may be accepted or returned. Raises `BadInput` for one that is still filled in."""
    state = survey.state
    if state is None or state.get("sheet_state") not in _OPEN:
        raise BadInput(
            "Phiếu này còn đang ghi.",
            hint="Chỉ nhận hoặc trả lại được phiếu đã ghi xong.",
            code="not_finished",
        )
    return state


def returned_sheets(desk: Desk) -> list[ReturnedSheet]:
    """The sheets on this computer that came back and have not been finished again, or carried over to another."""
    every = list(desk.workspace.lists.every(SURVEYS.name))
    carried_on = {row.get("carried_from") for row in every}
    rows = [
        row
        for row in every
        if row.get("sheet_state") == SheetState.RETURNED and row["id"] not in carried_on
    ]
    return [_returned(desk, row) for row in rows]


def _returned(desk: Desk, row: Row) -> ReturnedSheet:
    opened = reopen_survey(desk, str(row["id"]))
    place = desk.workspace.lists.get("establishments", opened.establishment)
    return ReturnedSheet(
        opened.record,
        opened.establishment,
        str(place.get("name", "")),
        desk.units.commune_name(str(place.get("commune") or "")),
        str(row.get("survey_no", "")),
        str(row.get("return_note") or ""),
        {opened.sheet.node(path).label: text for path, text in opened.returned.items()},
    )


def _said(opened: OpenSurvey, remarks: Mapping[str, str]) -> dict[str, str]:
    """The remarks by answer path, tidied. Raises `NotFound` for a question that the sheet does not have."""
    return {opened.sheet.node(path).path: normalise(text) for path, text in remarks.items()}

"""Surveys: a sheet is opened for an establishment, answered, finished; its answers are offered to the records."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import draft_of, seen_by, since_text
from kcdesk.actions.editions import current, find_questionnaire
from kcdesk.actions.records import ListedRecord, records_of, standing_establishment
from kcdesk.actions.survey_numbers import next_number, numbers_given
from kcdesk.changes import State, same
from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.codes import show_phone
from kcdesk.domain.identifiers import RecordId, new_record_id
from kcdesk.domain.kinds import (
    ESTABLISHMENTS,
    SHEET_FIELDS,
    SURVEYS,
)
from kcdesk.domain.text import sort_key
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import Device, Questionnaire, Sheet, difference
from kcdesk.storage.drafts import Form
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Delivery, Place

_HAMLET = (ESTABLISHMENTS.name, "hamlet")


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """A sheet in the hands of a person.

    record:        id of the survey record
    establishment: the one it is read under
    edition:       number of the edition its questionnaire is of
    state:         the record as it lay there when opened, None for a new one
    since:         since when it has been lying there half filled in and not saved; empty when it has not
    not_taken:     question -> what is typed there that the sheet does not take
    round:         the survey round that it is filled in for; blank: none
    trial:         its questionnaire is on trial here: it changes no record and stands in no report
    carried_from:  the sheet of another version whose answers it began with; blank: none
    """

    record: RecordId
    establishment: str
    edition: int
    questionnaire: Questionnaire
    sheet: Sheet
    state: State | None
    since: str
    not_taken: Mapping[str, str]
    round: str = ""
    trial: bool = False
    carried_from: str = ""

    @property
    def returned(self) -> Mapping[str, str]:
        """Of a sheet that came back: question -> what is to be put right there."""
        if self.state is None or self.state.get("sheet_state") != SheetState.RETURNED:
            return {}
        rows = self.state.rows("return_remarks").values()
        return {str(row.get("answer")): str(row.get("text")) for row in rows if row.get("text")}

    @property
    def form(self) -> Form:
        """The form as its drafts are kept."""
        seen = self.state.seen if self.state is not None else {}
        q = self.questionnaire
        return Form(SURVEYS.name, self.record, self.establishment, seen, q.id, q.version)

    def typed(self, not_taken: Mapping[str, str]) -> dict[str, Value]:
        """All that stands on the sheet, as a draft keeps it; `not_taken` as in the class."""
        return {
            **({"round": self.round} if self.round else {}),
            **({"trial": True} if self.trial else {}),
            **({"carried_from": self.carried_from} if self.carried_from else {}),
            **self.told(self.sheet.answers()),
            **{p: {"typed": t} for p, t in not_taken.items()},
        }

    def told(self, answers: Mapping[str, str]) -> dict[str, str]:
        """What people answered; what the form computes is computed again when the sheet is opened."""
        return {
            path: answer
            for path, answer in answers.items()
            if self.sheet.node(path).type != "calculate"
        }


def open_survey(
    desk: Desk, questionnaire: str, establishment: str, *, round_id: str = ""
) -> OpenSurvey:
    """A new sheet for an establishment, starting with what its record says. Nothing is stored yet.

    round_id: the survey round that it is filled in for. Raises `NotFound`.
    """
    establishment = standing_establishment(desk, establishment)
    of = desk.workspace.state(ESTABLISHMENTS.name, establishment)
    library = current(desk)
    form = library.questionnaire(questionnaire)
    sheet = form.open(clock=desk.clock, randomness=desk.randomness, device=device_of(desk))
    known = {f"{ESTABLISHMENTS.name}.{field}": value for field, value in of.values.items()}
    if isinstance(phone := of.get("phone"), str):
        known[f"{ESTABLISHMENTS.name}.phone"] = show_phone(phone)
    sheet.prefill(known)
    with suppress(NotFound):  # a questionnaire without numbered sheets
        sheet.set_value("survey_no", next_number(desk, str(of.get("commune") or "0")))
    record = new_record_id(desk.clock, desk.randomness)
    trial = library.info(questionnaire).trial
    return OpenSurvey(
        record, establishment, library.number, form, sheet, None, "", {}, round_id, trial
    )


def reopen_survey(desk: Desk, survey: str) -> OpenSurvey:
    """The sheet of a survey as it was left. Raises `NotFound`, `BadInput` when its form is another now."""
    draft = draft_of(desk, SURVEYS.name, survey)
    if draft is None:
        state = desk.workspace.state(SURVEYS.name, survey)
        edition, form, sheet, trial = _restored(
            desk,
            state.get("questionnaire"),
            state.get("questionnaire_version"),
            state,
            state.get("edition"),
            trial=state.get("trial") is True,
        )
        under = desk.workspace.lists.stands_for(str(state.get("establishment")))
        of_round = str(state.get("round") or "")
        return OpenSurvey(
            RecordId(survey), under, edition, form, sheet, state, "", {}, of_round, trial
        )
    left = draft.form
    typed = {path: said for path, said in draft.values.items() if not isinstance(said, dict)}
    not_taken = {
        path: str(said["typed"]) for path, said in draft.values.items() if isinstance(said, dict)
    }
    of_round = str(typed.pop("round", ""))
    on_trial = typed.pop("trial", False) is True
    carried_from = str(typed.pop("carried_from", ""))
    edition, form, sheet, trial = _restored(
        desk, left.questionnaire, left.version, typed, trial=on_trial
    )
    under = desk.workspace.lists.stands_for(left.establishment or "")
    before, since = seen_by(desk, left), since_text(desk, draft)
    return OpenSurvey(
        RecordId(survey),
        under,
        edition,
        form,
        sheet,
        before,
        since,
        not_taken,
        of_round,
        trial,
        carried_from,
    )


def suggestions(desk: Desk, survey: OpenSurvey) -> dict[str, list[str]]:
    """What may be meant in questions that are answered freely, by path: the hamlets of the establishment's commune."""
    commune = desk.workspace.state(ESTABLISHMENTS.name, survey.establishment).get("commune")
    hamlets = desk.workspace.lists.hamlets(commune) if isinstance(commune, str) else []
    asked = [view.path for view in survey.sheet.walk() if view.meaning == _HAMLET]
    return dict.fromkeys(asked, sorted(hamlets, key=sort_key)) if hamlets else {}


def unfinished_survey(
    desk: Desk, establishment: str, questionnaire: str, round_id: str = ""
) -> str | None:
    """The survey of an establishment by this questionnaire, for this round, that was begun last and never saved."""
    under = desk.workspace.lists.stands_for(establishment)
    begun = [
        draft
        for draft in desk.workspace.drafts.of_establishment(SURVEYS.name, under)
        if seen_by(desk, draft.form) is None
        and draft.form.questionnaire == questionnaire
        and draft.values.get("round", "") == round_id
    ]
    return begun[0].form.record if begun else None


def surveys_of(desk: Desk, establishment: str) -> list[ListedRecord]:
    """The surveys of an establishment; those that were begun and never saved come first."""
    under = desk.workspace.lists.stands_for(establishment)
    shown = [name.key for name in SURVEYS.fields]
    begun = [
        ListedRecord(
            {
                "id": draft.form.record,
                "kind": SURVEYS.name,
                **{key: said for key, said in draft.values.items() if key in shown},
                "establishment": under,
                "questionnaire": draft.form.questionnaire,
                "sheet_state": SheetState.DRAFT.value,
            },
            Delivery(Place.LOCAL),
        )
        for draft in desk.workspace.drafts.of_establishment(SURVEYS.name, under)
        if seen_by(desk, draft.form) is None
    ]
    return begun + records_of(desk, SURVEYS.name, establishment)


def fill_in(sheet: Sheet, answers: Mapping[str, object], within: str = "") -> None:
    """Answer a sheet from a mapping question -> answer; a repeat takes a list of such mappings, one for each row.

    Raises `BadInput` naming the first question whose answer is not taken, `NotFound` for one that is not there.
    """
    for name, answer in answers.items():
        path = f"{within}{name}"
        if isinstance(answer, list) and all(isinstance(row, Mapping) for row in answer):
            there = [row.row_id for row in sheet.node(path).rows]
            for place, row in enumerate(answer):
                row_id = there[place] if place < len(there) else sheet.add_row(path)
                fill_in(sheet, row, f"{path}/{row_id}/")
            continue
        text = " ".join(map(str, answer)) if isinstance(answer, list) else _text(answer)
        problem = sheet.set_value(path, text)
        if problem is not None:
            raise BadInput(
                f"Câu “{sheet.node(path).label}” ({path}): {problem.message}",
                hint="Sửa câu trả lời này rồi làm lại.",
                code="answer",
            )


def _text(answer: object) -> str:
    """An answer of a JSON file as text: `true` and `false` are the choices `yes` and `no`."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "" if answer is None else str(answer)


def save_survey(desk: Desk, survey: OpenSurvey) -> OpenSurvey:
    """Keep a sheet as it stands, finished or not. Returns it with the state it has now."""
    return _write(desk, survey, survey.sheet.answers(), SheetState.DRAFT)


def finish_sheet(desk: Desk, survey: OpenSurvey) -> OpenSurvey:
    """Finish a sheet. Returns it with the state it has now. Raises `BadInput` naming the first question in the way."""
    wrong = survey.sheet.first_error()
    if wrong is not None and wrong.error is not None:
        raise BadInput(
            f"Câu “{wrong.label}”: {wrong.error.message}",
            hint="Sửa câu trả lời này rồi kết thúc phiếu.",
            code="answer",
        )
    return _write(desk, survey, survey.sheet.finished_answers(), SheetState.FINISHED)


def _write(
    desk: Desk, survey: OpenSurvey, answers: Mapping[str, str], state: SheetState
) -> OpenSurvey:
    """Write what people answered, and forget the draft; the link to the establishment stays as it was first said."""
    before = survey.state
    if before is not None and before.get("sheet_state") == SheetState.ACCEPTED:
        raise BadInput(
            "Phiếu này đã nhận vào hồ sơ nên không sửa được nữa.",
            hint="Trả lại phiếu rồi mới sửa, hoặc lập phiếu mới.",
            code="accepted",
        )
    number = answers.get("survey_no")
    if (
        before is None and number and number in numbers_given(desk, survey.record)
    ):  # another sheet was saved meanwhile
        again = next_number(desk, number.partition("-")[0])
        survey.sheet.set_value("survey_no", again)
        answers = {**answers, "survey_no": again}
    told = survey.told(answers)
    fields: dict[str, Value] = dict(difference(answers_of(before) if before else {}, told))
    if before is not None and state is SheetState.FINISHED:
        fields |= remarks_answered(before)
    if before is None and survey.round:
        fields["round"] = survey.round
    if before is None and survey.carried_from:
        fields["carried_from"] = survey.carried_from
    if survey.trial and (before is None or before.get("trial") is not True):
        fields["trial"] = True
    head: dict[str, Value] = {
        "establishment": survey.establishment,
        "questionnaire": survey.questionnaire.id,
        "questionnaire_version": survey.questionnaire.version,
        "edition": survey.edition,
        "sheet_state": state.value,
    }
    fields |= {
        key: value
        for key, value in head.items()
        if before is None or (key != "establishment" and not same(before.get(key), value))
    }
    key = (SURVEYS.name, survey.record)
    desk.workspace.save([Edit(*key, fields, survey.form.seen)], closes=key)
    now = desk.workspace.state(SURVEYS.name, survey.record)
    return replace(survey, state=now, since="", not_taken={})


def remarks_answered(state: State) -> dict[str, Value]:
    """What to write so that the remarks of the last return no longer stand; the history keeps them."""
    return {f"return_remarks/{row}/deleted": True for row in state.rows("return_remarks")}


def _restored(
    desk: Desk,
    questionnaire: Value,
    version: Value,
    said: State | Mapping[str, Value],
    edition: Value = None,
    *,
    trial: bool = False,
) -> tuple[int, Questionnaire, Sheet, bool]:
    """A questionnaire with its edition, its sheet with these answers, and whether it is on trial.

    New answers go on with the same. Raises `NotFound`, `BadInput` when nothing that is here has that version.
    """
    found = find_questionnaire(desk, str(questionnaire), version, edition, trial=trial)
    if found is None:
        raise BadInput(
            f"Phiếu này ghi theo mẫu {questionnaire} phiên bản {version}, máy chưa có phiên bản ấy.",
            hint="Đồng bộ để nhận bản công bố của tỉnh rồi mở lại.",
        )
    form = found.questionnaire
    answers = answers_of(said) if isinstance(said, State) else said
    sheet = form.open(answers, clock=desk.clock, randomness=desk.randomness, device=device_of(desk))
    return found.edition, form, sheet, trial or found.trial


def answers_of(state: State) -> dict[str, Value]:
    """What a survey record says besides its head: its answers."""
    return {
        field: value
        for field, value in state.values.items()
        if field.partition("/")[0] not in SHEET_FIELDS
    }


def device_of(desk: Desk) -> Device:
    """Who fills in, as a questionnaire may ask."""
    return Device(device_id=desk.workspace.device_id, username=desk.workspace.person)

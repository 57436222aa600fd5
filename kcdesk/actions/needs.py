"""Registering what an establishment needs, asking only what nobody has said yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import new_draft_of, since_text
from kcdesk.actions.editions import current
from kcdesk.actions.papers import establishment_on_paper
from kcdesk.actions.records import Saved, read_fields, require_fields, standing_establishment
from kcdesk.documents import missing_keys
from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.identifiers import RecordId, new_record_id
from kcdesk.domain.kinds import ESTABLISHMENTS, NEEDS, FieldType
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput
from kcdesk.storage.drafts import Form
from kcdesk.storage.edits import Edit

APPLICATION = "F02"

_TOLD_IN_SURVEY = {
    "activity_code": "need_activity",
    "purpose": "need_text",
    "total": "need_total",
    "counterpart": "need_own",
}
"""Keys of F02, and the questions of F01 (repeat `needs`) that have answered them already."""


@dataclass(frozen=True, slots=True)
class NeedForm:
    """What form F02 knows of an establishment already, and what it still asks: (key, label).

    form:  the form as its drafts are kept;  typed, since: what was typed in it when it was left, and since when
    """

    establishment: str
    known: Mapping[str, Value]
    missing: list[tuple[str, str]]
    form: Form
    typed: Mapping[str, str]
    since: str


def open_need(desk: Desk, establishment: str) -> NeedForm:
    """What registering a need of this establishment has to ask, as it was left. Raises `NotFound`, `BadInput`."""
    establishment = standing_establishment(desk, establishment)
    known = {**establishment_on_paper(desk, establishment), **_told_in_survey(desk, establishment)}
    missing = missing_keys(current(desk).form(APPLICATION), known)
    draft = new_draft_of(desk, NEEDS.name, establishment)
    if draft is not None:
        typed = {path: str(text) for path, text in draft.values.items()}
        return NeedForm(establishment, known, missing, draft.form, typed, since_text(desk, draft))
    seen = desk.workspace.state(ESTABLISHMENTS.name, establishment).seen
    form = Form(NEEDS.name, new_record_id(desk.clock, desk.randomness), establishment, seen)
    return NeedForm(establishment, known, missing, form, {}, "")


def register_need(
    desk: Desk, establishment: str, typed: Mapping[str, str], *, form: Form | None = None
) -> Saved:
    """Register a need from typed texts, in one action; the need's record is the first of those saved.

    What F02 asks about the establishment itself (its registration, its representative) is set there, so that it
    is asked once. `form`: where it was typed, with what that had seen of the establishment. Raises `NotFound`,
    `BadInput`.
    """
    establishment = standing_establishment(desk, establishment)
    state = desk.workspace.state(ESTABLISHMENTS.name, establishment)
    of_establishment = {
        path: text
        for path, text in typed.items()
        if NEEDS.field(path.partition("/")[0]) is None and _is_establishments(path)
    }
    rest = {path: text for path, text in typed.items() if path not in of_establishment}
    on_paper = current(desk).form(APPLICATION).fields
    require_fields(NEEDS.name, {path: text for path, text in rest.items() if path not in on_paper})
    read, findings = read_fields(desk, ESTABLISHMENTS.name, of_establishment, state)
    learned: dict[str, Value] = {path: value for path, value in read.items() if value is not None}
    said, more = read_fields(desk, NEEDS.name, rest)
    _check_dates(said)
    need = form.record if form else new_record_id(desk.clock, desk.randomness)
    values: dict[str, Value] = {
        "establishment": establishment,
        "registered_on": desk.today.isoformat(),
        "edition": current(desk).number,
        **_told_in_survey(desk, establishment),
        **{path: value for path, value in said.items() if value is not None},
    }
    edits = [Edit(NEEDS.name, need, values)]
    if learned:
        seen = form.seen if form else state.seen
        edits.append(Edit(ESTABLISHMENTS.name, establishment, learned, seen))
    desk.workspace.save(edits, closes=(NEEDS.name, need) if form else None)
    return Saved(tuple((edit.kind, RecordId(edit.record)) for edit in edits), (*findings, *more))


def _told_in_survey(desk: Desk, establishment: str) -> dict[str, Value]:
    """What the newest finished survey says of its first need, as values of the kind `needs`."""
    surveys = [
        row
        for row in desk.workspace.lists.of_establishments("surveys", [establishment])
        if row.get("sheet_state") in (SheetState.FINISHED, SheetState.ACCEPTED)
        and row.get("needs")
        and row.get("trial") is not True
    ]
    if not surveys:
        return {}
    newest = max(surveys, key=lambda row: str(row.get("survey_date", "")))
    rows = newest["needs"]
    first = rows[0] if isinstance(rows, list) else None
    if not isinstance(first, dict):
        return {}
    told: dict[str, Value] = {}
    for key, question in _TOLD_IN_SURVEY.items():
        field, answer = NEEDS.field(key), first.get(question)
        if isinstance(answer, str) and answer and field is not None:
            money = field.type is FieldType.MONEY and answer.isdecimal()
            told[key] = int(answer) if money else answer
    return told


def _is_establishments(path: str) -> bool:
    head = path.partition("/")[0]
    return ESTABLISHMENTS.field(head) is not None or any(
        t.key == head for t in ESTABLISHMENTS.tables
    )


def _check_dates(said: Mapping[str, Value]) -> None:
    start, finish = said.get("start"), said.get("finish")
    if isinstance(start, str) and isinstance(finish, str) and start >= finish:
        raise BadInput(
            "Ngày kết thúc phải sau ngày bắt đầu.",
            hint="Sửa lại thời gian thực hiện (start, finish).",
        )

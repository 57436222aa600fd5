"""Forms that were left half filled in, as a list, and since when."""

from __future__ import annotations

import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import (
    draft_of,
    drop_draft,
    keep_draft,
    list_drafts,
    new_draft_of,
    since_text,
)
from kcdesk.actions.records import open_record, set_fields
from kcdesk.actions.survey_proposals import finish_survey
from kcdesk.actions.surveys import (
    OpenSurvey,
    open_survey,
    reopen_survey,
    save_survey,
    surveys_of,
    unfinished_survey,
)
from kcdesk.changes import Change
from kcdesk.domain.identifiers import new_record_id
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.drafts import Form
from tests.conftest import SettableClock

KIND = "establishments"
OTHER = "00000000000000b2"
DAY = 86_400_000


def test_a_list_of_what_is_half_done(desk: Desk, establishment: str, clock: SettableClock) -> None:
    keep_draft(desk, Form(KIND, establishment), {"name": "x"})
    new = new_record_id(desk.clock, desk.randomness)
    clock.advance(1000)
    keep_draft(desk, Form(KIND, new), {"name": "HTX Mới"})
    clock.advance(1000)
    keep_draft(
        desk,
        Form("needs", new_record_id(desk.clock, desk.randomness), establishment),
        {"total": "1"},
    )
    found = list_drafts(desk)
    assert [(one.kind, one.title, one.new) for one in found] == [
        ("needs", "Hộ Vàng A Páo", True),
        (KIND, "HTX Mới", True),
        (KIND, "Hộ Vàng A Páo", False),
    ]
    left = new_draft_of(desk, KIND, None)
    assert left is not None
    assert left.form.record == new
    drop_draft(desk, KIND, new)
    assert new_draft_of(desk, KIND, None) is None
    with pytest.raises(NotFound):
        drop_draft(desk, KIND, new)


def test_since_when_in_words(desk: Desk, establishment: str, clock: SettableClock) -> None:
    keep_draft(desk, Form(KIND, establishment), {"name": "x"})
    said = []
    for _ in range(3):
        draft = draft_of(desk, KIND, establishment)
        assert draft is not None
        said.append(since_text(desk, draft))
        clock.advance(DAY)
    assert said == ["08:30 hôm nay", "08:30 hôm qua", "08:30 ngày 02/03/2026"]


def test_a_form_saved_late_says_what_its_author_had_seen(desk: Desk, establishment: str) -> None:
    form = Form(KIND, establishment, seen=open_record(desk, KIND, establishment).seen)
    keep_draft(desk, form, {"phone": "0911111111"})
    theirs = Change(OTHER, 1, KIND, establishment, 1, {"phone": "+84922222222"}, {})
    desk.workspace.receive([theirs], {})
    draft = draft_of(desk, KIND, establishment)
    assert draft is not None
    set_fields(desk, KIND, establishment, {"phone": "0911111111"}, form=draft.form)
    assert open_record(desk, KIND, establishment).conflicts == ("phone",)
    assert draft_of(desk, KIND, establishment) is None


def keep(desk: Desk, survey: OpenSurvey) -> None:
    keep_draft(desk, survey.form, survey.typed({"workers_total": "năm"}))


def test_a_sheet_that_was_never_saved_opens_as_it_was(desk: Desk, establishment: str) -> None:
    before = desk.workspace.chain()
    survey = open_survey(desk, "F01", establishment)
    assert unfinished_survey(desk, establishment, "F01") is None
    survey.sheet.set_value("area_m2", "12.5")
    keep(desk, survey)
    assert unfinished_survey(desk, establishment, "F01") == survey.record
    (listed,) = surveys_of(desk, establishment)
    assert (listed.row["id"], listed.row["sheet_state"]) == (survey.record, "DRAFT")
    again = reopen_survey(desk, survey.record)
    assert again.sheet.answers() == survey.sheet.answers()
    assert again.not_taken == {"workers_total": "năm"}
    assert again.state is None
    assert desk.workspace.chain() == before
    number = again.sheet.answers()["survey_no"]
    assert open_survey(desk, "F01", establishment).sheet.answers()["survey_no"] != number
    save_survey(desk, again)
    assert desk.workspace.lists.get("surveys", survey.record)["survey_no"] == number
    assert unfinished_survey(desk, establishment, "F01") is None


def test_a_sheet_that_was_saved_before_is_taken_up_with_what_was_seen(
    desk: Desk, establishment: str
) -> None:
    survey = save_survey(desk, open_survey(desk, "F01", establishment))
    survey.sheet.set_value("area_m2", "12.5")
    keep(desk, survey)
    theirs = {"area_m2": "99", "hamlet": "Thôn Khác"}
    own = {desk.workspace.device_id: desk.workspace.chain().last_n}
    desk.workspace.receive([Change(OTHER, 1, "surveys", survey.record, 1, theirs, own)], {})
    again = reopen_survey(desk, survey.record)
    assert again.sheet.answers()["area_m2"] == "12.5"
    save_survey(desk, again)
    state = open_record(desk, "surveys", survey.record)
    assert state.conflicts == ("area_m2",)
    assert state.get("hamlet") == "Thôn Khác"  # not touched here, so theirs stays


def test_a_sheet_that_cannot_be_finished_keeps_its_draft(desk: Desk, establishment: str) -> None:
    survey = open_survey(desk, "F01", establishment)
    keep(desk, survey)
    with pytest.raises(BadInput):
        finish_survey(desk, survey)
    assert unfinished_survey(desk, establishment, "F01") == survey.record

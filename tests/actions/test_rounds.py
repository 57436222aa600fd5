"""Survey rounds: given out, filled in, seen by commune and person; sheets returned and accepted."""

from __future__ import annotations

import datetime

import pytest

from kcdesk.actions.bin import delete_record
from kcdesk.actions.desk import Desk
from kcdesk.actions.history import history
from kcdesk.actions.merging import merge
from kcdesk.actions.records import add_record
from kcdesk.actions.reviewing import return_survey, returned_sheets
from kcdesk.actions.rounds import (
    Progress,
    assign,
    close_without,
    get_round,
    give_out,
    rounds,
    sheets_for,
)
from kcdesk.actions.survey_proposals import accept_proposals, finish_survey
from kcdesk.actions.surveys import (
    OpenSurvey,
    fill_in,
    open_survey,
    reopen_survey,
    save_survey,
    surveys_of,
)
from kcdesk.domain.code_lists import RoundResult
from kcdesk.errors import BadInput, NotFound
from tests.actions.test_surveys import ANSWERS

MUONG_HUM, BAT_XAT = "02728", "02683"


def place(desk: Desk, name: str, commune: str = MUONG_HUM) -> str:
    said = {"legal_form": "HO_KINH_DOANH", "rep_name": "Lý A Sử", "trade": "Mộc"}
    return add_record(desk, "establishments", {"name": name, "commune": commune, **said}).records[
        0
    ][1]


@pytest.fixture
def places(desk: Desk) -> list[str]:
    return [
        place(desk, "Xưởng An"),
        place(desk, "Xưởng Ân"),
        place(desk, "Xưởng Bình", BAT_XAT),
        place(desk, "Xưởng Chi", BAT_XAT),
    ]


@pytest.fixture
def round_id(desk: Desk, places: list[str]) -> str:
    due = datetime.date(2026, 12, 31)
    return give_out(desk, "Khảo sát quý IV", "F01", places, due_on=due, assigned_to="Lan")[0]


def filled_for(desk: Desk, establishment: str, round_id: str) -> OpenSurvey:
    survey = open_survey(desk, "F01", establishment, round_id=round_id)
    fill_in(survey.sheet, ANSWERS)
    return survey


def progress(desk: Desk, round_id: str) -> dict[str, Progress]:
    return {sheet.given.name: sheet.progress for sheet in get_round(desk, round_id).sheets}


def test_a_round_is_seen_as_it_goes_on(desk: Desk, places: list[str], round_id: str) -> None:
    save_survey(desk, filled_for(desk, places[0], round_id))
    finish_survey(desk, filled_for(desk, places[1], round_id))
    survey = filled_for(desk, places[2], round_id)
    accept_proposals(desk, survey, finish_survey(desk, survey))
    by_name = {sheet.given.name: sheet.given.record for sheet in get_round(desk, round_id).sheets}
    close_without(desk, by_name["Xưởng Chi"], RoundResult.NOT_FOUND, "Đã dời đi")
    assert progress(desk, round_id) == {
        "Xưởng An": Progress.BEGUN,
        "Xưởng Ân": Progress.DONE,
        "Xưởng Bình": Progress.ACCEPTED,
        "Xưởng Chi": Progress.NOT_FOUND,
    }
    (one,) = rounds(desk)
    assert (one.title, one.due_on, one.questionnaire) == ("Khảo sát quý IV", "2026-12-31", "F01")
    assert (one.tally.total, one.tally.closed) == (4, 3)
    assert [(tally.of, tally.total, tally.closed) for tally in one.by_commune] == [
        ("Xã Bát Xát, tỉnh Lào Cai", 2, 2),
        ("Xã Mường Hum, tỉnh Lào Cai", 2, 1),
    ]
    assert [(tally.of, tally.total) for tally in one.by_person] == [("Lan", 4)]


def test_a_sheet_of_another_round_is_not_counted(
    desk: Desk, places: list[str], round_id: str
) -> None:
    finish_survey(desk, filled_for(desk, places[0], ""))
    other, _ = give_out(desk, "Đợt khác", "F01", places[:1])
    finish_survey(desk, filled_for(desk, places[0], other))
    assert set(progress(desk, round_id).values()) == {Progress.LEFT}
    assert progress(desk, other) == {"Xưởng An": Progress.DONE}


def test_the_furthest_sheet_counts(desk: Desk, places: list[str], round_id: str) -> None:
    finish_survey(desk, filled_for(desk, places[0], round_id))
    save_survey(desk, filled_for(desk, places[0], round_id))
    assert progress(desk, round_id)["Xưởng An"] is Progress.DONE


def test_what_somebody_has_to_do(desk: Desk, places: list[str], round_id: str) -> None:
    by_name = {sheet.given.name: sheet.given.record for sheet in get_round(desk, round_id).sheets}
    assign(desk, [by_name["Xưởng Ân"]], "Minh")
    assign(desk, [by_name["Xưởng Bình"]], "")
    close_without(desk, by_name["Xưởng An"], RoundResult.REFUSED)
    assert [sheet.given.name for sheet in sheets_for(desk, "Lan")] == ["Xưởng Bình", "Xưởng Chi"]
    assert [sheet.given.name for sheet in sheets_for(desk, "Minh")] == ["Xưởng Ân", "Xưởng Bình"]
    close_without(desk, by_name["Xưởng An"], None)
    assert "Xưởng An" in {sheet.given.name for sheet in sheets_for(desk, "Lan")}


def test_giving_out_twice_gives_out_once(desk: Desk, places: list[str], round_id: str) -> None:
    more = place(desk, "Xưởng Dũng")
    before = desk.workspace.chain().last_n
    _, saved = give_out(desk, "", "", [*places, more, more], round_id=round_id)
    assert len(saved.records) == 1
    assert desk.workspace.chain().last_n == before + 1
    assert get_round(desk, round_id).tally.total == 5
    assert {sheet.given.due_on for sheet in get_round(desk, round_id).sheets} == {"2026-12-31"}


def test_a_merged_duplicate_is_read_under_the_one_that_stays(
    desk: Desk, places: list[str], round_id: str
) -> None:
    finish_survey(desk, filled_for(desk, places[0], round_id))
    merge(desk, places[0], places[1])
    sheets = get_round(desk, round_id).sheets
    assert [sheet.given.name for sheet in sheets].count("Xưởng Ân") == 2
    assert {sheet.progress for sheet in sheets if sheet.given.name == "Xưởng Ân"} == {Progress.DONE}
    delete_record(desk, "establishments", places[2])
    assert "Xưởng Bình" not in progress(desk, round_id)


@pytest.mark.parametrize(
    ("title", "questionnaire", "chosen", "due", "error"),
    [
        (" ", "F01", 1, None, BadInput),
        ("Đợt", "F99", 1, None, NotFound),
        ("Đợt", "F01", 0, None, BadInput),
        ("Đợt", "F01", 1, datetime.date(2020, 1, 1), BadInput),
    ],
)
def test_what_is_no_round_is_refused(
    desk: Desk,
    places: list[str],
    title: str,
    questionnaire: str,
    chosen: int,
    due: datetime.date | None,
    error: type[Exception],
) -> None:
    before = desk.workspace.chain().last_n
    with pytest.raises(error):
        give_out(desk, title, questionnaire, places[:chosen], due_on=due)
    with pytest.raises(NotFound):
        give_out(desk, "", "", places, round_id="019a2b3c-4d5e-7000-8000-000000000000")
    assert desk.workspace.chain().last_n == before


# Looking through


def test_a_returned_sheet_waits_with_its_remarks(
    desk: Desk, places: list[str], round_id: str
) -> None:
    survey = filled_for(desk, places[0], round_id)
    finish_survey(desk, survey)
    remarks = {"area_m2": " Hỏi lại diện tích ", "markets": ""}
    return_survey(desk, survey.record, remarks, "Xem lại mục 3")
    (back,) = returned_sheets(desk)
    assert (back.record, back.name, back.note) == (survey.record, "Xưởng An", "Xem lại mục 3")
    assert back.remarks == {"Diện tích nhà xưởng (m²)": "Hỏi lại diện tích"}
    assert progress(desk, round_id)["Xưởng An"] is Progress.RETURNED
    assert "Xưởng An" in {sheet.given.name for sheet in sheets_for(desk, "Lan")}

    again = reopen_survey(desk, survey.record)
    assert dict(again.returned) == {"area_m2": "Hỏi lại diện tích"}
    again.sheet.set_value("area_m2", "200")
    proposals = finish_survey(desk, again)
    assert returned_sheets(desk) == []
    assert dict(reopen_survey(desk, survey.record).returned) == {}
    accept_proposals(desk, again, proposals)
    assert progress(desk, round_id)["Xưởng An"] is Progress.ACCEPTED
    said = [entry.field for entry in history(desk, "surveys", survey.record)]
    assert any(field.endswith("/text") for field in said), "the remark stays in the history"


def test_an_accepted_sheet_changes_only_after_a_return(desk: Desk, places: list[str]) -> None:
    survey = filled_for(desk, places[0], "")
    accept_proposals(desk, survey, finish_survey(desk, survey))
    accepted = reopen_survey(desk, survey.record)
    accepted.sheet.set_value("area_m2", "1")
    before = desk.workspace.chain().last_n
    for change in (save_survey, finish_survey):
        with pytest.raises(BadInput) as refused:
            change(desk, accepted)
        assert refused.value.code == "accepted"
    assert desk.workspace.chain().last_n == before
    return_survey(desk, survey.record, {"area_m2": "sai"})
    again = reopen_survey(desk, survey.record)
    again.sheet.set_value("area_m2", "1")
    finish_survey(desk, again)
    assert surveys_of(desk, places[0])[0].row["area_m2"] == "1"


def test_a_second_return_replaces_the_first(desk: Desk, places: list[str]) -> None:
    survey = filled_for(desk, places[0], "")
    finish_survey(desk, survey)
    return_survey(desk, survey.record, {"area_m2": "một"})
    with pytest.raises(BadInput):
        return_survey(desk, survey.record, {"area_m2": "hai"})
    finish_survey(desk, reopen_survey(desk, survey.record))
    return_survey(desk, survey.record, {"phone": "hai"})
    (back,) = returned_sheets(desk)
    assert list(back.remarks.values()) == ["hai"]


def test_a_return_needs_a_reason_and_a_finished_sheet(desk: Desk, places: list[str]) -> None:
    survey = filled_for(desk, places[0], "")
    save_survey(desk, survey)
    with pytest.raises(BadInput) as refused:
        return_survey(desk, survey.record, {"area_m2": "x"})
    assert refused.value.code == "not_finished"
    finish_survey(desk, reopen_survey(desk, survey.record))
    with pytest.raises(BadInput) as refused:
        return_survey(desk, survey.record, {"area_m2": "  "})
    assert refused.value.code == "no_reason"
    with pytest.raises(NotFound):
        return_survey(desk, survey.record, {"no_such_question": "x"})

"""A sheet goes over to a newer version of its questionnaire: by equal names, with a report, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kcdesk.actions.carrying import carry_survey_over, keep_carried, newer_version
from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import keep_draft
from kcdesk.actions.own_questionnaires import add_questionnaire
from kcdesk.actions.records import get_record
from kcdesk.actions.reviewing import return_survey, returned_sheets
from kcdesk.actions.rounds import get_round, give_out
from kcdesk.actions.sheet_papers import survey_paper
from kcdesk.actions.survey_proposals import finish_survey
from kcdesk.actions.surveys import fill_in, open_survey, reopen_survey, save_survey
from kcdesk.errors import BadInput
from tests.questionnaire.books import Row, book, choices, q

COLOURS = {"1": ("red", "green", "blue"), "2": ("red", "green", "white")}
FIRST = [
    q("text", "name_"),
    q("text", "gone", label="Câu sẽ bỏ"),
    q("decimal", "size"),
    q("integer", "two"),
    q("select_one colour", "colour"),
    q("select_multiple colour", "colours"),
    q("text", "into_table"),
    q("begin_repeat", "tools"),
    q("text", "tool"),
    q("text", "maker"),
    q("end_repeat", ""),
    q("calculate", "twice", calculation="${two} * 2"),
]
SECOND = [
    q("begin_group", "g"),
    q("text", "name_"),
    q("end_group", ""),
    q("text", "fresh", default="mới"),
    q("integer", "size"),
    q("calculate", "two", calculation="3"),
    q("select_one colour", "colour"),
    q("select_multiple colour", "colours"),
    q("begin_repeat", "tools"),
    q("text", "tool"),
    q("text", "into_table"),
    q("end_repeat", ""),
    q("calculate", "twice", calculation="${two} * 2"),
]
ANSWERS = {
    "name_": "An",
    "gone": "Còn đây",
    "size": "1.5",
    "two": 2,
    "colour": "red",
    "colours": ["red", "blue"],
    "into_table": "x",
    "tools": [{"tool": "Khung", "maker": "Lan"}, {"tool": "Kim"}],
}


def publish(desk: Desk, folder: Path, version: str, survey: Sequence[Row]) -> None:
    path = folder / f"{version}.xlsx"
    settings: Row = {"form_id": "DO", "version": version, "form_title": "Đồ nghề"}
    path.write_bytes(book(survey, choices(colour=COLOURS[version]), settings))
    add_questionnaire(desk, path)


@pytest.fixture
def old(desk: Desk, establishment: str, tmp_path: Path) -> str:
    """A finished sheet of version 1; version 2 is there now."""
    publish(desk, tmp_path, "1", FIRST)
    survey = open_survey(desk, "DO", establishment)
    fill_in(survey.sheet, ANSWERS)
    finish_survey(desk, survey)
    assert newer_version(desk, survey) == ""
    publish(desk, tmp_path, "2", SECOND)
    assert newer_version(desk, survey) == "2"
    return survey.record


def test_what_has_a_place_and_what_has_not(desk: Desk, old: str) -> None:
    found = carry_survey_over(desk, old)
    assert {one.path.rpartition("/")[2]: one.reason.name for one in found.left} == {
        "gone": "GONE",
        "size": "NOT_TAKEN",
        "two": "COMPUTED",
        "colours": "CHOICE",
        "into_table": "MOVED",
        "maker": "GONE",
    }
    (gone,) = (one for one in found.left if one.path == "gone")
    assert (gone.label, gone.stored, gone.shown) == ("Câu sẽ bỏ", "Còn đây", "Còn đây")
    assert (found.kept, found.old_version) == (4, "1")  # name_, colour and two tools
    answers = found.survey.sheet.answers()
    assert answers.pop("instanceID") != reopen_survey(desk, old).sheet.answers()["instanceID"]
    assert {path: text for path, text in answers.items() if "/" not in path} == {
        "name_": "An",
        "fresh": "mới",
        "two": "3",
        "twice": "6",
        "colour": "red",
        "colours": "red",
    }
    rows = found.survey.sheet.node("tools").rows
    assert [row.row_id for row in rows] == [
        row.row_id for row in reopen_survey(desk, old).sheet.node("tools").rows
    ]
    assert [answers[f"{row.path}/tool"] for row in rows] == ["Khung", "Kim"]


def test_the_old_sheet_stays(desk: Desk, old: str, establishment: str) -> None:
    before = get_record(desk, "surveys", old).row
    new = keep_carried(desk, carry_survey_over(desk, old))
    assert get_record(desk, "surveys", old).row == before
    assert reopen_survey(desk, old).sheet.answers()["gone"] == "Còn đây"
    assert survey_paper(desk, old).pdf.startswith(b"%PDF")
    row = get_record(desk, "surveys", new.record).row
    assert (row["carried_from"], row["questionnaire_version"], row["sheet_state"]) == (
        old,
        "2",
        "DRAFT",
    )
    assert reopen_survey(desk, new.record).questionnaire.version == "2"
    with pytest.raises(BadInput) as refused:
        carry_survey_over(desk, new.record)
    assert refused.value.code == "newest_version"


def test_what_is_typed_and_not_saved_goes_too(desk: Desk, old: str) -> None:
    survey = reopen_survey(desk, old)
    survey.sheet.set_value("name_", "Bình")
    keep_draft(desk, survey.form, survey.typed({"size": "to lắm"}))
    found = carry_survey_over(desk, old)
    assert found.survey.sheet.answers()["name_"] == "Bình"
    (unread,) = (one for one in found.left if one.reason.name == "UNREAD")
    assert (unread.path, unread.shown) == ("size", "to lắm")


def test_it_takes_its_place_in_the_round_and_among_returned_ones(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    publish(desk, tmp_path, "1", FIRST)
    round_id, _ = give_out(desk, "Đợt", "DO", [establishment])
    survey = open_survey(desk, "DO", establishment, round_id=round_id)
    fill_in(survey.sheet, ANSWERS)
    finish_survey(desk, survey)
    return_survey(desk, survey.record, {}, "Ghi lại")
    publish(desk, tmp_path, "2", SECOND)
    assert len(returned_sheets(desk)) == 1
    new = keep_carried(desk, carry_survey_over(desk, survey.record))
    assert get_round(desk, round_id).sheets[0].given.survey == new.record
    assert returned_sheets(desk) == []


def test_numbered_sheets_get_a_number_of_their_own(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    publish(desk, tmp_path, "1", [q("text", "survey_no"), q("text", "a")])
    survey = save_survey(desk, open_survey(desk, "DO", establishment))
    publish(desk, tmp_path, "2", [q("text", "survey_no"), q("text", "b")])
    new = keep_carried(desk, carry_survey_over(desk, survey.record))
    numbers = [
        reopen_survey(desk, one.record).sheet.answers()["survey_no"] for one in (survey, new)
    ]
    assert numbers[0] != numbers[1]

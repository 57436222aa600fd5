"""A survey sheet from the shipped workbook F01: opened, left, taken up again, finished, and taken into the records."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kcdesk.actions.bin import delete_record
from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import shipped as shipped_library
from kcdesk.actions.history import history
from kcdesk.actions.records import (
    add_record,
    get_record,
    list_records,
    open_record,
    records_of,
    set_fields,
)
from kcdesk.actions.survey_proposals import accept_proposals, finish_survey
from kcdesk.actions.surveys import OpenSurvey, fill_in, open_survey, reopen_survey, save_survey
from kcdesk.errors import BadInput, NotFound
from tests.actions.test_needs import SURVEY
from tests.conftest import SettableClock

MACHINES = [
    {"machine_name": "Máy trộn", "machine_year": 2014, "machine_price": 28_000_000},
    {"machine_name": "Máy ép", "machine_quantity": 2, "machine_price": 145_000_000},
]
ANSWERS: Mapping[str, object] = {
    **SURVEY,
    "phone": "0912 345 678",
    "area_m2": "120.5",
    "has_machines": "yes",
    "machines": MACHINES,
    "markets": ["COMMUNE", "PROVINCE"],
}


def filled(desk: Desk, establishment: str, **more: object) -> OpenSurvey:
    survey = open_survey(desk, "F01", establishment)
    fill_in(survey.sheet, {**ANSWERS, **more})
    return survey


def test_the_questionnaires_that_are_shipped() -> None:
    shipped = {one.id: one.title for one in shipped_library().questionnaires()}
    assert sorted(shipped) == ["CCN", "CNHT", "F01", "F20", "F28", "SXSH"]
    assert shipped["F01"] == "Phiếu khảo sát cơ sở công nghiệp nông thôn"
    with pytest.raises(NotFound):
        shipped_library().questionnaire("F99")


def test_a_new_sheet_begins_with_what_the_record_says(desk: Desk, establishment: str) -> None:
    sheet = open_survey(desk, "F01", establishment).sheet
    answers = sheet.answers()
    assert answers["name"] == "Hộ Vàng A Páo"
    assert answers["legal_form"] == "HO_KINH_DOANH"
    assert answers["founded_year"] == "2006"
    assert answers["surveyor"] == "Lan"
    assert answers["survey_date"] == "2026-03-02"
    assert answers["survey_no"].startswith(f"02989-{desk.workspace.device_id[:6]}-")
    assert desk.workspace.chain().last_n == 1  # nothing is stored yet


def test_a_draft_is_taken_up_again_as_it_was_left(
    desk: Desk, establishment: str, clock: SettableClock
) -> None:
    survey = save_survey(desk, filled(desk, establishment))
    row = get_record(desk, "surveys", survey.record).row
    assert (row["sheet_state"], row["questionnaire"]) == ("DRAFT", "F01")
    clock.advance(86_400_000)
    again = reopen_survey(desk, survey.record)
    assert again.establishment == establishment
    assert again.sheet.answers() == survey.sheet.answers()
    before = desk.workspace.chain()
    again = save_survey(desk, again)
    assert desk.workspace.chain() == before  # nothing new was said
    again.sheet.set_value("workers_total", "7")
    again.sheet.set_value("phone", "")
    save_survey(desk, again)
    (change,) = desk.workspace.own_changes(before.last_n, 1 << 40)
    assert change.set == {"workers_total": "7", "phone": ""}
    assert reopen_survey(desk, survey.record).sheet.node("phone").value in ("", None)


def test_rows_of_machines_keep_their_place_and_their_ids(desk: Desk, establishment: str) -> None:
    survey = save_survey(desk, filled(desk, establishment))
    rows = get_record(desk, "surveys", survey.record).row["machines"]
    assert isinstance(rows, list)
    assert [row["machine_name"] for row in rows if isinstance(row, dict)] == ["Máy trộn", "Máy ép"]
    first = next(row["row"] for row in rows if isinstance(row, dict))
    again = reopen_survey(desk, survey.record)
    again.sheet.remove_row(f"machines/{first}")
    save_survey(desk, again)
    state = open_record(desk, "surveys", survey.record)
    assert [cells["machine_name"] for cells in state.rows("machines").values()] == ["Máy ép"]
    assert state.get(f"machines/{first}/deleted") is True
    third = reopen_survey(desk, survey.record)
    assert third.sheet.answers() == again.sheet.answers()


def test_finishing_proposes_what_differs_old_beside_new(desk: Desk, establishment: str) -> None:
    add_record(
        desk,
        "figures",
        {"establishment": establishment, "year": "2025", "basis": "actual", "workers": "4"},
    )
    proposals = finish_survey(desk, filled(desk, establishment))
    told = {(p.kind, p.field): (p.old, p.new) for p in proposals}
    assert told == {
        ("establishments", "phone"): ("+84752859644", "+84912345678"),
        ("establishments", "status"): (None, "ACTIVE"),
        ("establishments", "area_m2"): (None, "120.5"),
        ("establishments", "markets"): (None, ["COMMUNE", "PROVINCE"]),
        ("figures", "workers"): (4, 6),
        ("figures", "production_value"): (None, 640_000_000),
    }
    shown = {p.field: (p.label, p.old_shown, p.new_shown) for p in proposals}
    assert shown["workers"] == ("Lao động (người), năm 2025", "4", "6")
    assert shown["production_value"][2] == "640.000.000"
    assert shown["status"][2] == "Đang hoạt động"
    assert shown["area_m2"][2] == "120,5"
    # the records have not changed by that
    assert get_record(desk, "establishments", establishment).row["phone"] == "+84752859644"


def test_accepting_is_one_action_on_all_records(desk: Desk, establishment: str) -> None:
    survey = filled(desk, establishment)
    proposals = finish_survey(desk, survey)
    before = desk.workspace.chain().last_n
    accept_proposals(desk, survey, proposals)
    changes = list(desk.workspace.own_changes(before, 1 << 40))
    assert [change.kind for change in changes] == ["establishments", "figures", "surveys"]
    assert len({change.at for change in changes}) == 1
    row = get_record(desk, "establishments", establishment).row
    assert row["phone"] == "+84912345678"
    assert (row["workers_total"], row["figures_year"], row["figures_basis"]) == (6, 2025, "actual")
    (figures,) = records_of(desk, "figures", establishment)
    assert (figures.row["source"], figures.row["source_date"]) == ("survey", "2026-02-27")
    sheet = get_record(desk, "surveys", survey.record).row
    assert (sheet["sheet_state"], sheet["accepted_on"]) == ("ACCEPTED", "2026-03-02")
    (found,) = list_records(desk, "establishments", search="0912345678").records
    assert found.row["id"] == establishment
    assert {entry.who for entry in history(desk, "establishments", establishment)} == {"Lan"}


def test_only_what_is_accepted_is_taken(desk: Desk, establishment: str) -> None:
    survey = filled(desk, establishment)
    proposals = finish_survey(desk, survey)
    accept_proposals(desk, survey, [p for p in proposals if p.field == "workers"])
    row = get_record(desk, "establishments", establishment).row
    assert row["workers_total"] == 6
    assert row["phone"] == "+84752859644"
    assert "production_value" not in row


def test_an_estimate_stays_an_estimate(desk: Desk, establishment: str) -> None:
    survey = filled(desk, establishment, figures_basis="estimate")
    accept_proposals(desk, survey, finish_survey(desk, survey))
    (figures,) = records_of(desk, "figures", establishment)
    assert figures.row["basis"] == "estimate"
    add_record(desk, "figures", {"establishment": establishment, "year": "2025", "basis": "actual"})
    assert len(records_of(desk, "figures", establishment)) == 2


def test_a_second_sheet_that_says_the_same_proposes_nothing(desk: Desk, establishment: str) -> None:
    survey = filled(desk, establishment)
    accept_proposals(desk, survey, finish_survey(desk, survey))
    assert finish_survey(desk, filled(desk, establishment)) == []


def test_what_another_person_said_meanwhile_is_a_conflict_and_not_lost(
    desk: Desk, establishment: str
) -> None:
    from kcdesk.changes import Change

    survey = filled(desk, establishment)
    proposals = finish_survey(desk, survey)
    theirs = {"phone": "+84999999999"}
    desk.workspace.receive(
        [Change("00000000000000b2", 1, "establishments", establishment, 1, theirs, {})], {}
    )
    accept_proposals(desk, survey, proposals)
    assert open_record(desk, "establishments", establishment).conflicts == ("phone",)


def test_answers_that_no_longer_matter_are_not_said(desk: Desk, establishment: str) -> None:
    """Closed meanwhile: the sheet keeps the figures while it is open, and does not say them when finished."""
    survey = save_survey(desk, filled(desk, establishment))
    survey.sheet.set_value("status", "CLOSED")
    assert survey.sheet.answers()["workers_total"] == "6"
    proposals = finish_survey(desk, survey)
    assert {(p.kind, p.field) for p in proposals} == {
        ("establishments", "phone"),
        ("establishments", "status"),
    }
    row = get_record(desk, "surveys", survey.record).row
    assert row["sheet_state"] == "FINISHED"
    assert row["workers_total"] == ""
    assert row["machines"] == []
    assert accept_proposals(desk, survey, proposals).records[0][0] == "establishments"
    assert records_of(desk, "figures", establishment) == []


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"survey_date": "2026-03-03"}, "Ngày này không được sau hôm nay."),
        ({"workers_total": "nhiều"}, "workers_total"),
        ({"workers_female": 9}, "Lao động nữ không được nhiều hơn tổng số lao động."),
        ({"phone": "123"}, "Số di động có 10 chữ số"),
        ({"status": "OPEN"}, "status"),
        ({"machines": [{"machine_name": "x", "machine_year": 1066}]}, "Năm sản xuất"),
    ],
)
def test_an_answer_that_cannot_be_is_told_with_its_question(
    desk: Desk, establishment: str, answers: dict[str, object], said: str
) -> None:
    survey = filled(desk, establishment)
    with pytest.raises(BadInput) as caught:
        fill_in(survey.sheet, answers)
    assert said in caught.value.message
    assert caught.value.code == "answer"


def test_questions_that_are_none_and_questions_that_do_not_matter(
    desk: Desk, establishment: str
) -> None:
    survey = filled(desk, establishment)
    with pytest.raises(NotFound, match="worker_total"):
        fill_in(survey.sheet, {"worker_total": 3})
    fill_in(survey.sheet, {"status": "CLOSED"})
    with pytest.raises(BadInput):
        fill_in(survey.sheet, {"workers_total": 3})


def test_a_sheet_with_a_question_left_out_is_not_finished(desk: Desk, establishment: str) -> None:
    survey = filled(desk, establishment)
    survey.sheet.set_value("consent", "")
    before = desk.workspace.chain()
    with pytest.raises(BadInput, match="Chủ cơ sở đồng ý"):
        finish_survey(desk, survey)
    assert desk.workspace.chain() == before


def test_blank_true_and_false_in_a_file_of_answers(desk: Desk, establishment: str) -> None:
    survey = filled(desk, establishment, email=None, heard_of_kc=False, difficulties=[])
    assert "email" not in survey.sheet.answers()
    assert survey.sheet.answers()["heard_of_kc"] == "no"


def test_every_sheet_has_a_number_of_its_own(desk: Desk, establishment: str) -> None:
    one, two = filled(desk, establishment), filled(desk, establishment)  # two forms open at once
    records = [save_survey(desk, one).record, save_survey(desk, two).record]
    delete_record(desk, "surveys", records[1])
    records.append(save_survey(desk, filled(desk, establishment)).record)
    numbers = [get_record(desk, "surveys", each).row["survey_no"] for each in records]
    assert [str(number)[-4:] for number in numbers] == ["-001", "-002", "-003"]
    assert reopen_survey(desk, records[1]).sheet.answers()["survey_no"] == numbers[1]


def test_a_sheet_of_another_edition_of_the_form_is_not_opened(
    desk: Desk, establishment: str
) -> None:
    survey = save_survey(desk, filled(desk, establishment))
    set_fields(desk, "surveys", survey.record, {"questionnaire_version": "1999"})
    with pytest.raises(BadInput, match="phiên bản 1999"):
        reopen_survey(desk, survey.record)


def test_surveys_of_nobody(desk: Desk) -> None:
    with pytest.raises(NotFound):
        open_survey(desk, "F01", "nobody")
    with pytest.raises(NotFound):
        reopen_survey(desk, "nobody")

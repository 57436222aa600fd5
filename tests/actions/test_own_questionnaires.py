"""Workbooks that people add themselves: in full without a province, on trial with one, marked and without effect."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import keep_draft
from kcdesk.actions.editions import current
from kcdesk.actions.needs import open_need
from kcdesk.actions.own_questionnaires import add_questionnaire, remove_questionnaire
from kcdesk.actions.papers import survey_on_paper
from kcdesk.actions.records import get_record, list_records
from kcdesk.actions.reports import report_b4
from kcdesk.actions.rounds import give_out
from kcdesk.actions.sheet_export import export_sheets
from kcdesk.actions.sheet_lists import SheetFilter, find_sheets
from kcdesk.actions.sheet_papers import blank_sheet, survey_paper
from kcdesk.actions.survey_proposals import accept_proposals, finish_survey, proposals_of
from kcdesk.actions.surveys import fill_in, open_survey, reopen_survey, save_survey
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import WorkbookRefused
from kcdesk.storage.sync_books import Province
from kcdesk.ui.pdf_text import pdf_pages
from tests.questionnaire.books import book, choices, q

FIELD = "bind::kc:field"
NAMESPACE = 'kc="http://kcdesk.org/xforms"'


def workbook(folder: Path, version: str = "1", form_id: str = "LANG", *more: object) -> Path:
    """A small survey that says the trade and the workers of an establishment, and has a list beside it."""
    survey = [
        q("date", "survey_date", default="2026-03-01"),
        q("text", "trade", **{FIELD: "establishments.trade"}),
        q("integer", "workers_total", **{FIELD: "figures.workers"}),
        q("select_one_from_file lang.csv", "village"),
        q("begin_repeat", "tools"),
        q("text", "tool"),
        q("begin_repeat", "parts"),
        q("text", "part"),
        q("end_repeat", ""),
        q("end_repeat", ""),
        *more,
    ]
    settings = {"form_id": form_id, "version": version, "form_title": "Làng nghề"}
    (folder / "lang.csv").write_text("name,label\na,Làng A\nb,Làng B\n", "utf-8")
    path = folder / f"{form_id}-{version}.xlsx"
    path.write_bytes(book(survey, choices(), settings | {"namespaces": NAMESPACE}))  # type: ignore[arg-type]
    return path


def join(desk: Desk) -> None:
    desk.workspace.join_province(
        Province("https://a.vn", "tỉnh Lào Cai", "e1", b"k" * 32, "token", "officer", 5)
    )


ANSWERS = {
    "trade": "Đan lát",
    "workers_total": 12,
    "village": "b",
    "tools": [
        {"tool": "Khung", "parts": [{"part": "Thoi"}, {"part": "Go"}]},
        {"tool": "Kim", "parts": [{"part": "Chỉ"}]},
    ],
}


def fill(desk: Desk, establishment: str) -> str:
    survey = open_survey(desk, "LANG", establishment)
    fill_in(survey.sheet, ANSWERS)
    finish_survey(desk, survey)
    return survey.record


def test_without_a_province_it_counts(desk: Desk, establishment: str, tmp_path: Path) -> None:
    info = add_questionnaire(desk, workbook(tmp_path))
    assert (info.id, info.version, info.own, info.trial) == ("LANG", "1", True, False)
    (tmp_path / "lang.csv").unlink()  # the workspace has its own copy
    assert "LANG" in {one.id for one in current(desk).questionnaires()}
    survey = reopen_survey(desk, fill(desk, establishment))
    proposals = proposals_of(desk, survey)
    assert {p.field: p.new for p in proposals} == {"trade": "Đan lát", "workers": 12}
    accept_proposals(desk, survey, proposals)
    assert get_record(desk, "establishments", establishment).row["trade"] == "Đan lát"
    assert report_b4(desk).total.workers == 12
    (sheet,) = find_sheets(desk, SheetFilter())
    assert not sheet.trial
    assert give_out(desk, "Đợt 1", "LANG", [establishment])


def test_nested_repeats_go_out_with_the_id_of_the_row_around(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    add_questionnaire(desk, workbook(tmp_path))
    fill(desk, establishment)
    export_sheets(desk, tmp_path / "out.xlsx", SheetFilter(questionnaire="LANG"))
    book_ = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book_.sheetnames == ["LANG", "Câu tools", "Câu parts"]
    tools, parts = (
        [[cell.value for cell in row] for row in book_[title].iter_rows(min_row=2)]
        for title in book_.sheetnames[1:]
    )
    assert [line[-1] for line in parts] == ["Thoi", "Go", "Chỉ"]
    of_tool = {line[0]: line[-1] for line in tools}
    assert [of_tool[line[1]] for line in parts] == ["Khung", "Khung", "Kim"]
    assert [line[3] for line in parts] == [1, 2, 1]


def test_with_a_province_it_is_on_trial(desk: Desk, establishment: str, tmp_path: Path) -> None:
    join(desk)
    assert add_questionnaire(desk, workbook(tmp_path)).trial
    begun = open_survey(desk, "LANG", establishment)
    assert begun.trial
    keep_draft(desk, begun.form, begun.typed({}))
    assert reopen_survey(desk, begun.record).trial, "a draft knows it too"
    record = fill(desk, establishment)
    survey = reopen_survey(desk, record)
    assert survey.trial
    assert proposals_of(desk, survey) == []
    with pytest.raises(BadInput, match="mẫu thử"):
        accept_proposals(desk, survey, [])
    assert get_record(desk, "establishments", establishment).row["trade"] != "Đan lát"
    assert report_b4(desk).total.workers == 0
    with pytest.raises(BadInput, match="mẫu thử"):
        give_out(desk, "Đợt 1", "LANG", [establishment])


def test_a_trial_is_marked_wherever_it_shows(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    join(desk)
    add_questionnaire(desk, workbook(tmp_path))
    record = fill(desk, establishment)
    assert current(desk).info("LANG").name == "LANG  Làng nghề (mẫu thử)"
    (sheet,) = find_sheets(desk, SheetFilter())
    assert sheet.trial
    assert list_records(desk, "surveys").records[0].as_json()["trial"] is True
    for printed in (survey_paper(desk, record), blank_sheet(desk, "LANG")):
        (tmp_path / "out.pdf").write_bytes(printed.pdf)
        pages = pdf_pages(tmp_path / "out.pdf")
        assert all("MẪU THỬ" in page for page in pages)
    export_sheets(desk, tmp_path / "out.xlsx", SheetFilter())
    rows = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]
    line = dict(zip((c.value for c in rows[1]), (c.value for c in rows[2]), strict=True))
    assert line["Mẫu thử"] == "Mẫu thử"
    with pytest.raises(BadInput, match="mẫu thử"):
        survey_on_paper(desk, record)


def test_a_published_sheet_has_no_mark(desk: Desk, establishment: str, tmp_path: Path) -> None:
    join(desk)
    survey = open_survey(desk, "F28", establishment)
    save_survey(desk, survey)
    assert "trial" not in get_record(desk, "surveys", survey.record).row
    (tmp_path / "out.pdf").write_bytes(survey_paper(desk, survey.record).pdf)
    assert not any("MẪU THỬ" in page for page in pdf_pages(tmp_path / "out.pdf"))


def test_joining_puts_own_ones_on_trial(desk: Desk, establishment: str, tmp_path: Path) -> None:
    """What was filled in before and not accepted yet cannot change the register any more."""
    add_questionnaire(desk, workbook(tmp_path))
    record = fill(desk, establishment)
    assert proposals_of(desk, reopen_survey(desk, record))
    join(desk)
    assert current(desk).info("LANG").trial
    survey = reopen_survey(desk, record)
    assert survey.trial
    assert proposals_of(desk, survey) == []
    assert find_sheets(desk, SheetFilter())[0].trial


def test_what_the_province_has_stands(desk: Desk, tmp_path: Path) -> None:
    own = workbook(tmp_path, "9", "F28")
    join(desk)
    with pytest.raises(BadInput, match="F28") as refused:
        add_questionnaire(desk, own)
    assert refused.value.code == "published"
    assert not current(desk).info("F28").own


def test_alone_it_may_take_the_place_of_a_shipped_one_until_there_is_a_province(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    old = open_survey(desk, "F28", establishment)
    save_survey(desk, old)
    add_questionnaire(desk, workbook(tmp_path, "9", "F28"))
    assert current(desk).questionnaire("F28").version == "9"
    assert reopen_survey(desk, old.record).questionnaire.version == old.questionnaire.version
    mine = open_survey(desk, "F28", establishment)
    fill_in(mine.sheet, ANSWERS)
    save_survey(desk, mine)
    join(desk)
    assert current(desk).questionnaire("F28").version == old.questionnaire.version
    assert reopen_survey(desk, mine.record).trial


def test_versions_stand_side_by_side(desk: Desk, establishment: str, tmp_path: Path) -> None:
    add_questionnaire(desk, workbook(tmp_path, "1"))
    first = fill(desk, establishment)
    add_questionnaire(desk, workbook(tmp_path, "2", "LANG", q("text", "more")))
    assert open_survey(desk, "LANG", establishment).questionnaire.version == "2"
    assert reopen_survey(desk, first).questionnaire.version == "1"
    with pytest.raises(BadInput) as refused:
        add_questionnaire(desk, workbook(tmp_path, "2", "LANG", q("text", "other")))
    assert refused.value.code == "same_version"
    add_questionnaire(desk, workbook(tmp_path, "2", "LANG", q("text", "more")))


def test_taken_away_again(desk: Desk, establishment: str, tmp_path: Path) -> None:
    add_questionnaire(desk, workbook(tmp_path))
    record = fill(desk, establishment)
    add_questionnaire(desk, workbook(tmp_path, "2"))
    remove_questionnaire(desk, "LANG")
    assert "LANG" not in {one.id for one in current(desk).questionnaires()}
    with pytest.raises(NotFound):
        open_survey(desk, "LANG", establishment)
    assert reopen_survey(desk, record).sheet.answers()["village"] == "b"
    assert [each.version for each in desk.workspace.own_questionnaires.every()] == ["1"]
    with pytest.raises(NotFound):
        remove_questionnaire(desk, "LANG")
    assert add_questionnaire(desk, workbook(tmp_path)).own, "added again"


def test_everything_wrong_is_told_and_nothing_kept(desk: Desk, tmp_path: Path) -> None:
    bad = [q("text", "a", relevant="${nobody} = 1"), q("audio", "b")]
    path = tmp_path / "bad.xlsx"
    path.write_bytes(book(bad))
    with pytest.raises(WorkbookRefused) as refused:
        add_questionnaire(desk, path)
    assert [(each["row"], each["column"]) for each in refused.value.details] == [
        (2, "relevant"),
        (3, "type"),
    ]
    path.write_bytes(book([q("text", "a")], settings={"version": ""}))
    with pytest.raises(BadInput, match="phiên bản"):
        add_questionnaire(desk, path)
    with pytest.raises(BadInput, match="Không có tệp"):
        add_questionnaire(desk, tmp_path / "none.xlsx")
    assert desk.workspace.own_questionnaires.every() == []


@pytest.mark.parametrize("joined", [False, True])
def test_a_need_does_not_begin_with_what_a_trial_says(
    desk: Desk, establishment: str, tmp_path: Path, joined: bool
) -> None:
    if joined:
        join(desk)
    needs = [q("begin_repeat", "needs"), q("text", "need_text"), q("end_repeat", "")]
    path = tmp_path / "t.xlsx"
    path.write_bytes(book(needs, settings={"form_id": "THU", "version": "1"}))
    add_questionnaire(desk, path)
    survey = open_survey(desk, "THU", establishment)
    fill_in(survey.sheet, {"needs": [{"need_text": "Mua máy"}]})
    finish_survey(desk, survey)
    assert ("Mua máy" in open_need(desk, establishment).known.values()) is not joined

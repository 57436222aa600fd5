"""The workbooks we ship: they read clean, speak two languages, and compute what they promise."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from kcdesk.domain.code_lists import ActivityGroup, FigureBasis
from kcdesk.domain.field_text import knows_field
from kcdesk.domain.kinds import KINDS
from kcdesk.questionnaire import Questionnaire, Sheet, load_workbook
from kcdesk.resources import resource_path
from tests.questionnaire.books import open_sheet

FILES = sorted(resource_path("questionnaires").glob("*.xlsx"))
IDS = [path.stem for path in FILES]


@cache
def shipped(path: Path) -> Questionnaire:
    return load_workbook(path)


def sheet_of(name: str) -> Sheet:
    return open_sheet(shipped(resource_path("questionnaires", f"{name}.xlsx")))


def answer(sheet: Sheet, **answers: str) -> None:
    for path, text in answers.items():
        problem = sheet.set_value(path.replace("__", "/"), text)
        assert problem is None, (path, problem)


def test_all_six_are_there() -> None:
    assert IDS == ["CCN", "CNHT", "F01", "F20", "F28", "SXSH"]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_reads_without_a_warning_and_is_named_like_its_file(path: Path) -> None:
    form = shipped(path)
    assert form.warnings == ()
    assert form.id == path.stem
    assert [language.code for language in form.languages] == ["vi", "en"]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_text_is_there_in_both_languages(path: Path) -> None:
    for definition in shipped(path).form.root.walk():
        texts = (
            definition.label,
            definition.hint,
            definition.constraint_message,
            definition.required_message,
        )
        for text in texts:
            assert set(text.by_language) in (set(), {"vi", "en"}), definition
        asked = definition.control and definition.kind != "repeat"
        assert not asked or definition.label.by_language, definition
        assert definition.constraint is None or definition.constraint_message.by_language, (
            definition
        )


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_answers_go_to_fields_that_exist(path: Path) -> None:
    for definition in shipped(path).form.root.walk():
        if definition.meaning is None:
            continue
        kind, field = definition.meaning
        if definition.kind == "repeat":
            assert field in {table.key for table in KINDS[kind].tables}
        else:
            assert knows_field(KINDS[kind], field.replace("/", "/row/")), definition


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_choices_of_a_code_list_are_codes_of_it(path: Path) -> None:
    lists = {"activity_group": ActivityGroup, "figure_basis": FigureBasis}
    sheet = open_sheet(shipped(path))
    for definition in shipped(path).form.root.walk():
        source = definition.itemset.nodes.source if definition.itemset else ""
        for name, codes in lists.items():
            if f"instance('{name}')" in source and not definition.repeats:
                offered = {choice.name for choice in sheet.node(definition.name).choices}
                assert offered <= {code.value for code in codes}


def test_follow_up_counts_months_and_compares() -> None:
    sheet = sheet_of("F20")
    answer(
        sheet,
        survey_date="2026-11-01",
        acceptance_date="2025-10-31",
        revenue_before="400000000",
        workers_before="5",
        revenue="500000000",
        workers_total="8",
    )
    note = sheet.node("months_note").label
    assert note == "Đã nghiệm thu được 12 tháng."
    assert "25 %" in sheet.node("change_note").label
    assert "3 người" in sheet.node("change_note").label
    problem = sheet.set_value("acceptance_date", "2026-11-02")
    assert problem is not None
    assert problem.message == "Ngày nghiệm thu không được sau ngày theo dõi."


def test_follow_up_asks_why_a_machine_stands_still() -> None:
    sheet = sheet_of("F20")
    answer(sheet, machine_use="WELL_USED")
    assert not sheet.node("machine_remark").relevant
    answer(sheet, machine_use="BROKEN")
    assert sheet.node("machine_remark").required


def test_a_visit_note_fits_on_paper() -> None:
    sheet = sheet_of("F28")
    problem = sheet.set_value("next_step", "x" * 501)
    assert problem is not None
    assert "500" in problem.message


def test_cleaner_production_adds_costs_and_says_the_pay_back() -> None:
    sheet = sheet_of("SXSH")
    answer(sheet, electricity_quantity="1000", electricity_cost="2500000")
    row = sheet.add_row("materials")
    answer(sheet, **{f"materials__{row}__material_cost": "7500000"})
    assert "10000000" in sheet.node("inputs_note").label.replace(".", "")
    row = sheet.add_row("measures_planned")
    answer(
        sheet,
        **{
            f"measures_planned__{row}__planned_cost": "60000000",
            f"measures_planned__{row}__planned_saving": "40000000",
        },
    )
    label = sheet.node(f"measures_planned/{row}/planned_payback_note").label
    assert label == "Thời gian hoàn vốn: khoảng 18 tháng"


def test_shares_of_deliveries_add_up() -> None:
    sheet = sheet_of("CNHT")
    answer(sheet, share_province="30", share_country="50")
    problem = sheet.set_value("share_abroad", "30")
    assert problem is not None
    assert problem.message == "Ba tỷ lệ cộng lại phải bằng 100 %."
    answer(sheet, share_abroad="20")


def test_a_cluster_says_how_full_it_is() -> None:
    sheet = sheet_of("CCN")
    answer(sheet, area_planned="50", area_industrial="40", area_rented="30")
    assert sheet.node("occupancy_note").label == "Tỷ lệ lấp đầy: 75 %"
    assert sheet.set_value("area_rented", "41") is not None

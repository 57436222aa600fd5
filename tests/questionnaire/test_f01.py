"""The survey sheet F01: it loads, follows its rules, and its answers become proposals."""

from __future__ import annotations

import pytest

from kcdesk.domain.code_lists import CODE_LISTS
from kcdesk.domain.field_text import field_named, knows_field
from kcdesk.domain.kinds import KINDS
from kcdesk.questionnaire import Questionnaire, Sheet, load_workbook
from kcdesk.resources import resource_path
from tests.questionnaire.books import open_sheet


@pytest.fixture(scope="module")
def f01() -> Questionnaire:
    return load_workbook(resource_path("questionnaires", "F01.xlsx"))


RECORD = {
    "establishments.name": "Hộ kinh doanh Vàng A Páo",
    "establishments.legal_form": "HO_KINH_DOANH",
    "establishments.rep_name": "Vàng A Páo",
    "establishments.rep_ethnic": "HMONG",
    "establishments.phone": "+84865842388",
    "establishments.founded_year": 2011,
    "establishments.vsic": "1079",
}

ANSWERS = {
    "tax_code": "5300000017",
    "status": "ACTIVE",
    "area_m2": "120.5",
    "area_owned": "OWNED",
    "electricity_kwh": "5400",
    "workers_total": "7",
    "workers_female": "4",
    "workers_ethnic": "7",
    "avg_wage": "4750000",
    "production_value": "2550000000",
    "revenue": "1800000000",
    "has_machines": "yes",
    "markets": "EXPORT PROVINCE",
    "export_value": "300000000",
    "difficulties": "CAPITAL OTHER",
    "difficulties_text": "Đường vào xưởng hẹp",
    "has_needs": "yes",
    "heard_of_kc": "yes",
    "heard_channel": "OFFICER",
    "had_support": "no",
    "consent": "yes",
}


def filled(f01: Questionnaire) -> Sheet:
    sheet = open_sheet(f01)
    assert sheet.prefill(RECORD) == len(RECORD)
    for path, text in ANSWERS.items():
        assert sheet.set_value(path, text) is None, path
    first = sheet.node("machines").rows[0].path
    second = f"machines/{sheet.add_row('machines')}"
    for path, text in {
        f"{first}/machine_name": "Máy nghiền",
        f"{first}/machine_year": "2019",
        f"{first}/machine_quantity": "2",
        f"{first}/machine_price": "35000000",
        f"{second}/machine_name": "Máy sấy",
        f"{second}/machine_price": "80000000",
        f"{sheet.node('needs').rows[0].path}/need_activity": "KC3_TECHNOLOGY",
        f"{sheet.node('needs').rows[0].path}/need_text": "Mua máy sấy mới",
        f"{sheet.node('needs').rows[0].path}/need_total": "200000000",
        f"{sheet.node('needs').rows[0].path}/need_own": "100000000",
        f"{sheet.node('needs').rows[0].path}/need_asked": "100000000",
        f"{sheet.node('needs').rows[0].path}/need_year": "2027",
    }.items():
        assert sheet.set_value(path, text) is None, path
    return sheet


def test_a_realistic_sheet_can_be_finished(f01: Questionnaire) -> None:
    assert (f01.id, f01.title) == ("F01", "Phiếu khảo sát cơ sở công nghiệp nông thôn")
    assert f01.version.isdecimal()
    assert [language.code for language in f01.languages] == ["vi", "en"]
    assert f01.warnings == ()
    sheet = filled(f01)
    assert sheet.first_error() is None
    assert sheet.node("machines_note").label == "Tổng nguyên giá máy móc: 150000000 đồng"
    assert open_sheet(f01, sheet.answers()).answers() == sheet.answers()


def test_finished_answers_propose_changes_of_the_records(f01: Questionnaire) -> None:
    proposals = {(kind, field): value for kind, field, value in filled(f01).proposals()}
    assert proposals["establishments", "area_m2"] == "120.5"
    assert proposals["establishments", "markets"] == ["PROVINCE", "EXPORT"]
    assert {field: value for (kind, field), value in proposals.items() if kind == "figures"} == {
        "year": 2025,
        "basis": "actual",
        "source": "survey",
        "source_date": "2026-11-22",
        "workers": 7,
        "workers_female": 4,
        "workers_ethnic": 7,
        "avg_wage": 4_750_000,
        "production_value": 2_550_000_000,
        "revenue": 1_800_000_000,
        "export_value": 300_000_000,
    }


@pytest.mark.parametrize(
    ("path", "text", "word"),
    [
        ("survey_date", "2026-11-23", "sau hôm nay"),
        ("workers_female", "8", "nhiều hơn tổng"),
        ("workers_ethnic", "8", "nhiều hơn tổng"),
        ("workers_total", "-1", "không được âm"),
        ("phone", "12345", "10 chữ số"),
        ("tax_code", "123", "10, 12 hoặc 13"),
        ("rep_id_no", "123", "12 chữ số"),
        ("email", "lan", "ten@tenmien.vn"),
        ("founded_year", "2027", "năm nay"),
        ("figures_year", "2027", "năm nay"),
        ("area_m2", "0", "lớn hơn 0"),
        ("avg_wage", "4.75", "bằng đồng"),
        ("revenue", "-1", "bằng đồng"),
        ("revenue", "1.5", "bằng đồng"),
        ("vsic", "1", "2 đến 5"),
        ("name", "A", "2 đến 200"),
    ],
)
def test_rules_are_told_in_words(f01: Questionnaire, path: str, text: str, word: str) -> None:
    sheet = filled(f01)
    problem = sheet.set_value(path, text)
    assert problem is not None
    assert problem.kind == "constraint"
    assert word in problem.message
    found = sheet.first_error()
    assert found is not None


def test_rules_inside_tables(f01: Questionnaire) -> None:
    sheet = filled(f01)
    need, machine = sheet.node("needs").rows[0].path, sheet.node("machines").rows[0].path
    assert sheet.set_value(f"{need}/need_own", "150000000") is None
    found = sheet.first_error()
    assert found is not None
    assert found.error is not None
    assert found.path == f"{need}/need_asked"
    assert "không được vượt tổng mức" in found.error.message
    sheet.set_value(f"{need}/need_own", "")
    assert sheet.first_error() is None
    for field, text in (("machine_year", "2027"), ("machine_quantity", "0")):
        problem = sheet.set_value(f"{machine}/{field}", text)
        assert problem is not None
        assert problem.kind == "constraint"
    material = sheet.node("materials").rows[0].path
    assert sheet.set_value(f"{material}/material_local", "101") is not None
    assert sheet.node(f"{material}/material_name").required


@pytest.mark.parametrize(
    ("answer", "text", "skipped"),
    [
        ("heard_of_kc", "no", ["heard_channel"]),
        ("has_machines", "no", ["machines", "machines_note"]),
        ("has_needs", "no", ["needs"]),
        ("markets", "PROVINCE", ["export_value"]),
        ("status", "CLOSED", ["g_figures", "g_machines", "g_markets", "electricity_kwh"]),
        ("legal_form", "TO_HOP_TAC", ["tax_code"]),
    ],
)
def test_skip_rules(f01: Questionnaire, answer: str, text: str, skipped: list[str]) -> None:
    sheet = filled(f01)
    before = {view.path for view in sheet.walk()}
    assert set(skipped) <= before
    assert sheet.set_value(answer, text) is None
    after = {view.path for view in sheet.walk()}
    assert not set(skipped) & after
    assert sheet.first_error() is None
    assert not any(path.split("/")[0] in skipped for path in sheet.finished_answers())


def test_bound_fields_and_codes_are_those_of_the_records(f01: Questionnaire) -> None:
    bound = [definition for definition in f01.form.root.walk() if definition.meaning]
    assert len(bound) > 30
    sheet = filled(f01)
    for definition in bound:
        assert definition.meaning is not None
        kind = KINDS[definition.meaning[0]]
        if definition.kind == "repeat":
            assert definition.meaning[1] in {table.key for table in kind.tables}
            continue
        assert knows_field(kind, definition.meaning[1].replace("/", "/row/")), definition.meaning
        field = field_named(kind, definition.meaning[1].replace("/", "/row/"))
        if field.codes is not None and definition.itemset is not None:
            offered = {choice.name for choice in sheet.node(definition.name).choices}
            assert offered <= set(field.codes), definition.name
    asked = {choice.name for choice in sheet.node("difficulties").choices}
    assert asked - {"OTHER"} == set(CODE_LISTS["difficulty"])


def test_every_text_is_there_in_both_languages(f01: Questionnaire) -> None:
    for definition in f01.form.root.walk():
        if definition.control:
            assert set(definition.label.by_language) == {"vi", "en"}, definition
        if definition.constraint is not None:
            assert set(definition.constraint_message.by_language) == {"vi", "en"}, definition
    for key, text in f01.form.itext.items():
        assert set(text.by_language) == {"vi", "en"}, key


def test_place_and_photo(f01: Questionnaire) -> None:
    """A record keeps coordinates as two numbers, the sheet as ODK does."""
    sheet = open_sheet(f01)
    sheet.prefill({"establishments.geo": ["22.4856", "103.9707"]})
    assert sheet.node("geo").value == "22.4856 103.9707 0 0"
    assert ("establishments", "geo", ["22.4856", "103.9707"]) in sheet.proposals()
    sheet.set_value("geo", "22,5 103,9")
    assert sheet.node("photos").type == "image"
    assert not sheet.node("photos").required
    assert not sheet.node("geo").required

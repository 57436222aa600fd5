"""Answer sheets on paper: all branches on the empty one, what was asked on the filled one, the PDF read back."""

from __future__ import annotations

import io
import re
import unicodedata

import pdfplumber
import pypdfium2
import pytest
import zxingcpp

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import shipped
from kcdesk.actions.records import add_record
from kcdesk.actions.sheet_papers import blank_sheet, survey_paper
from kcdesk.actions.surveys import save_survey
from kcdesk.questionnaire.form import QUESTION
from tests.actions.test_surveys import filled


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return "\n".join(page.extract_text() for page in document.pages)


def codes_of(pdf: bytes) -> list[str]:
    pages = pypdfium2.PdfDocument(pdf)
    return [
        code.text
        for page in pages
        for code in zxingcpp.read_barcodes(
            page.render(scale=200 / 72).to_pil(), zxingcpp.BarcodeFormat.QRCode
        )
    ]


@pytest.fixture
def survey(desk: Desk) -> str:
    said = {"legal_form": "HO_KINH_DOANH", "rep_name": "Vàng A Páo", "trade": "Rèn, đúc"}
    of = add_record(
        desk, "establishments", {"name": "Hộ rèn Vàng A Páo", "commune": "02728", **said}
    )
    sheet = filled(desk, of.records[0][1], area_m2="1120.5")
    return save_survey(desk, sheet).record


@pytest.mark.parametrize("form", [one.id for one in shipped().questionnaires()])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_empty_paper_has_every_question(desk: Desk, form: str, language: str) -> None:
    words = set(text_of(blank_sheet(desk, form, language).pdf).replace(":", " ").split())
    questionnaire = shipped().questionnaire(form)
    sheet = questionnaire.open(clock=desk.clock, randomness=desk.randomness, language=language)
    asked = [
        each
        for each in questionnaire.form.root.walk()
        if each.kind == QUESTION and each.control and each.type != "note"
    ]
    assert asked
    for definition in asked:
        label = "".join(p for p in definition.label.parts(language) if isinstance(p, str))
        missing = (
            set(label.replace(":", " ").split()) - words
        )  # heads of tables are broken over lines
        assert not missing, (definition.name, missing)
    assert sheet.language == language


def test_conditions_stand_in_words_with_the_numbers_on_the_paper(desk: Desk) -> None:
    text = " ".join(text_of(blank_sheet(desk, "F01").pdf).split())
    match = re.search(r"(\d+)\. Cơ sở có máy móc, thiết bị không\?", text)
    assert match is not None
    assert f"Chỉ ghi khi câu {match[1]} là “Có”." in text
    assert "${" not in text
    assert "/data" not in text


def test_the_filled_paper_says_what_was_asked_and_answered(desk: Desk, survey: str) -> None:
    printed = survey_paper(desk, survey)
    text = " ".join(text_of(printed.pdf).split())
    for answer in (
        "Hộ rèn Vàng A Páo",
        "1120,5",
        "27/02/2026",
        "Máy trộn",
        "640.000.000",
        "0912 345 678",
    ):
        assert answer in text
    assert "Hỗ trợ đã nhận" not in text, "that was not asked"
    assert "Chỉ ghi khi" not in text
    assert unicodedata.is_normalized("NFC", text)
    assert printed.missing == []
    assert printed.file_name.startswith("F01_02728-")


def test_the_same_survey_gives_the_same_bytes(desk: Desk, survey: str) -> None:
    assert survey_paper(desk, survey).pdf == survey_paper(desk, survey).pdf
    assert blank_sheet(desk, "F28").pdf == blank_sheet(desk, "F28").pdf


def test_every_page_names_the_survey_and_the_version(desk: Desk, survey: str) -> None:
    pdf = survey_paper(desk, survey).pdf
    version = shipped().questionnaire("F01").version
    codes = codes_of(pdf)
    assert len(codes) > 1
    for page, code in enumerate(codes, start=1):
        assert code.startswith(f"kcdesk:F01@{version}:{survey}:")
        assert code.endswith(f":{page}")
    assert (
        codes_of(blank_sheet(desk, "F28").pdf)[0]
        == f"kcdesk:F28@{shipped().questionnaire('F28').version}:::1"
    )


def test_all_letters_are_in_the_embedded_typeface(desk: Desk, survey: str) -> None:
    with pdfplumber.open(io.BytesIO(survey_paper(desk, survey).pdf)) as document:
        fonts = {letter["fontname"] for page in document.pages for letter in page.chars}
    assert all("Tinos" in font for font in fonts)


def test_a_sheet_that_is_not_finished_says_what_is_missing(desk: Desk) -> None:
    of = add_record(desk, "establishments", {"name": "An", "commune": "02728"})
    sheet = filled(desk, of.records[0][1])
    record = save_survey(desk, sheet).record
    assert ("legal_form", "Loại hình") in survey_paper(desk, record).missing

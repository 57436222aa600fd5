"""A need is registered with what nobody has said yet, and printed as form F02: everything else is known already."""

from __future__ import annotations

import io

import pdfplumber
import pytest

from kcdesk.actions.bin import delete_record
from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import print_document
from kcdesk.actions.needs import open_need, register_need
from kcdesk.actions.records import add_record, get_record, list_records, records_of, set_fields
from kcdesk.actions.survey_proposals import accept_proposals, finish_survey
from kcdesk.actions.surveys import fill_in, open_survey
from kcdesk.changes import Change
from kcdesk.errors import BadInput, NotFound

TYPED = {
    "reg_no": "12A8001234",
    "reg_date": "15/06/2006",
    "reg_issuer": "Phòng Tài chính - Kế hoạch huyện Bảo Yên",
    "rep_position": "Chủ hộ",
    "rep_id_no": "010085000001",
    "main_products/1/name": "Gạch không nung",
    "main_products/1/unit": "nghìn viên",
    "main_products/1/output": "350",
    "receiver": "Trung tâm Khuyến công tỉnh Lào Cai",
    "activity_code": "KC3_TECHNOLOGY",
    "purpose": "Hỗ trợ mua máy ép gạch không nung tự động",
    "total": "320 triệu",
    "kcdp": "150 triệu",
    "counterpart": "170 triệu",
    "start": "01/03/2027",
    "finish": "30/09/2027",
    "attachments": "QUOTATION; SITE",
    "machines_to_buy/1/name": "Máy ép gạch QT6-15",
    "machines_to_buy/1/quantity": "1",
    "machines_to_buy/1/unit_price": "320.000.000 đồng",
}
SURVEY = {
    "survey_date": "2026-02-27",
    "status": "ACTIVE",
    "figures_year": 2025,
    "workers_total": 6,
    "production_value": 640_000_000,
    "has_machines": "no",
    "has_needs": "yes",
    "needs": [
        {
            "need_activity": "KC3_TECHNOLOGY",
            "need_text": "Hỗ trợ mua máy ép gạch thế hệ mới",
            "need_total": 320_000_000,
            "need_own": 170_000_000,
            "need_year": 2027,
        }
    ],
    "heard_of_kc": "no",
    "had_support": "no",
    "consent": "yes",
}


def pao(desk: Desk) -> str:
    return str(list_records(desk, "establishments", search="vang a pao").records[0].row["id"])


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return " ".join(" ".join((page.extract_text() or "").split()) for page in document.pages)


def test_only_what_nobody_has_said_is_asked(register: Desk) -> None:
    """Of an establishment of the register: exactly these, and none of them was known before."""
    form = open_need(register, pao(register))
    asked = [key for key, _ in form.missing]
    assert asked == [
        *("receiver", "reg_no", "reg_date", "reg_issuer", "rep_position", "rep_id_no"),
        *("main_products", "activity_code", "purpose", "start", "finish"),
        *("total", "kcqg", "kcdp", "counterpart", "attachments"),
    ]
    assert not set(asked) & set(form.known)
    assert {
        "name",
        "legal_form",
        "rep_name",
        "phone",
        "commune",
        "province",
        "workers_total",
    } <= set(form.known)
    assert all(label and label != key for key, label in form.missing)


def test_what_a_survey_has_said_is_not_asked_again(register: Desk) -> None:
    establishment = pao(register)
    before = {key for key, _ in open_need(register, establishment).missing}
    survey = open_survey(register, "F01", establishment)
    fill_in(survey.sheet, {**SURVEY, "reg_no": "12A8001234", "rep_position": "Chủ hộ"})
    accept_proposals(register, survey, finish_survey(register, survey))
    after = {key for key, _ in open_need(register, establishment).missing}
    assert before - after == {
        *("reg_no", "rep_position"),
        *("activity_code", "purpose", "total", "counterpart"),
    }
    need = register_need(register, establishment, {"kcdp": "150 triệu"}).records[0][1]
    row = get_record(register, "needs", need).row
    assert row["purpose"] == "Hỗ trợ mua máy ép gạch thế hệ mới"
    assert (row["total"], row["counterpart"]) == (320_000_000, 170_000_000)


def test_what_is_typed_once_is_known_the_next_time(register: Desk) -> None:
    establishment = pao(register)
    asked = {key for key, _ in open_need(register, establishment).missing}
    typed = {path.partition("/")[0] for path in TYPED} - {"machines_to_buy"}
    assert typed == asked - {"kcqg"}  # one fund is enough
    saved = register_need(register, establishment, TYPED)
    assert [kind for kind, _ in saved.records] == ["needs", "establishments"]
    times = {c.at for c in register.workspace.own_changes(2 * 6534, 1 << 40)}
    assert len(times) == 1  # one action
    again = {key for key, _ in open_need(register, establishment).missing}
    assert asked - again == {
        *("reg_no", "reg_date", "reg_issuer", "rep_position", "rep_id_no", "main_products"),
    }


def test_the_application_prints_what_is_known(register: Desk) -> None:
    establishment = pao(register)
    need = register_need(register, establishment, TYPED).records[0][1]
    printed = print_document(register, "F02", need)
    assert printed.missing == []
    assert printed.file_name == "2026-03-02_F02_ho-vang-a-pao.pdf"
    text = text_of(printed.pdf)
    for said in (
        "Hộ Vàng A Páo",
        "Thôn Dín 1",
        "Xã Bảo Hà",
        "Tỉnh Lào Cai",
        "12A8001234",
        "15/06/2006",
        "010085000001",
        "Gạch không nung",
        "Trung tâm Khuyến công tỉnh Lào Cai",
        "320.000.000",
        "Ba trăm hai mươi triệu đồng",
        "Một trăm năm mươi triệu đồng",
        "01/03/2027",
        "QT6-15",
    ):
        assert said.casefold() in text.casefold(), said
    assert print_document(register, "F02", establishment).pdf == printed.pdf
    assert print_document(register, "F02", need).pdf == printed.pdf


def test_the_empty_form_says_nothing_of_anybody(desk: Desk) -> None:
    printed = print_document(desk, "F02", None, blank=True)
    text = text_of(printed.pdf)
    assert "ĐƠN ĐỀ NGHỊ" in text.upper()
    assert "....." in text
    assert printed.missing == []


def test_an_incomplete_application_says_what_it_lacks(desk: Desk, establishment: str) -> None:
    need = register_need(desk, establishment, {"purpose": "Mua máy"}).records[0][1]
    lacking = [key for key, _ in print_document(desk, "F02", need).missing]
    assert {"receiver", "total", "rep_id_no"} <= set(lacking)
    assert "purpose" not in lacking


def test_one_of_several_needs_has_to_be_named(desk: Desk, establishment: str) -> None:
    with pytest.raises(NotFound, match="Chưa có đăng ký"):
        print_document(desk, "F02", establishment)
    one, two = (
        register_need(desk, establishment, {"purpose": purpose}).records[0][1]
        for purpose in ("Mua máy ép", "Mua máy trộn")
    )
    with pytest.raises(BadInput) as caught:
        print_document(desk, "F02", establishment)
    assert one in caught.value.hint
    assert two in caught.value.hint
    assert "Mua máy trộn" in text_of(print_document(desk, "F02", two).pdf)
    delete_record(desk, "needs", one)
    assert "Mua máy trộn" in text_of(print_document(desk, "F02", establishment).pdf)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"purpose": "x", "total": "nhiều"}, "tiền"),
        ({"total": "1.500"}, "V-MONEY"),
        ({"start": "01/09/2027", "finish": "01/03/2027"}, "Ngày kết thúc"),
        ({"activity_code": "KC10"}, "danh mục"),
        ({"machines_to_buy/1/quantity": "hai"}, "số nguyên"),
        ({"rep_id_no": "12"}, "V-CCCD"),
        ({"pupose": "x"}, "pupose"),
        ({"machines_to_buy/1/nmae": "x"}, "nmae"),
    ],
)
def test_what_is_typed_wrongly_is_told_and_nothing_is_written(
    desk: Desk, establishment: str, typed: dict[str, str], said: str
) -> None:
    before = desk.workspace.chain()
    with pytest.raises(BadInput) as caught:
        register_need(desk, establishment, {"receiver": "Sở", "note": "x", **typed})
    assert said in caught.value.message
    assert desk.workspace.chain() == before


def test_a_field_left_blank_takes_nothing_away(desk: Desk, establishment: str) -> None:
    register_need(desk, establishment, {"purpose": "Mua máy", "phone": "", "rep_name": " "})
    row = get_record(desk, "establishments", establishment).row
    assert row["rep_name"] == "Vàng A Páo"
    assert row["phone"] == "+84752859644"
    assert desk.workspace.chain().last_n == 2


def test_a_sum_that_contradicts_its_parts_is_not_printed(desk: Desk, establishment: str) -> None:
    typed = {
        "purpose": "Mua máy",
        "total": "100 triệu",
        "kcdp": "90 triệu",
        "counterpart": "20 triệu",
    }
    need = register_need(desk, establishment, typed).records[0][1]
    with pytest.raises(BadInput, match=r"100\.000\.000"):
        print_document(desk, "F02", need)
    set_fields(desk, "needs", need, {"total": "110 triệu"})
    assert "110.000.000" in text_of(print_document(desk, "F02", need).pdf)


def test_needs_of_nobody(desk: Desk) -> None:
    with pytest.raises(NotFound):
        register_need(desk, "01900000-0000-7000-8000-000000000001", {"purpose": "x"})
    with pytest.raises(NotFound):
        open_need(desk, "nobody")
    need = "01900000-0000-7000-8000-000000000002"
    desk.workspace.receive([Change("00000000000000b2", 1, "needs", need, 1, {"total": 5}, {})], {})
    with pytest.raises(NotFound):
        print_document(desk, "F02", need)
    with pytest.raises(NotFound):
        print_document(desk, "F99", need)


def test_an_establishment_lists_its_needs(desk: Desk, establishment: str) -> None:
    other = add_record(desk, "establishments", {"name": "Hộ B"}).records[0][1]
    register_need(desk, establishment, {"purpose": "Mua máy"})
    assert len(records_of(desk, "needs", establishment)) == 1
    assert records_of(desk, "needs", other) == []

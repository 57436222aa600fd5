"""F02 as a paper: the PDF is read back, page by page, as a person and a scanner would."""

from __future__ import annotations

import datetime
import io
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from itertools import product
from typing import Any

import pdfplumber
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from kcdesk.documents import load_form, missing_keys, render
from kcdesk.domain.page_codes import PageCode
from kcdesk.errors import BadInput

MM = 72 / 25.4
CODE_SIZE = 7
FORM = load_form("F02")
NEED: dict[str, Any] = {
    "id": "019a2b3c-4d5e-7000-8000-000000000000",
    "name": "Cơ sở chế biến chè Vàng A Páo",
    "legal_form": "HO_KINH_DOANH",
    "tax_code": "5300000017",
    "reg_no": "12A8001234",
    "reg_date": "2019-03-05",
    "reg_issuer": "Phòng Tài chính - Kế hoạch huyện Bát Xát",
    "rep_name": "Vàng A Páo",
    "rep_position": "Chủ hộ",
    "rep_gender": "MALE",
    "rep_ethnic": "HMONG",
    "rep_id_no": "010085000001",
    "phone": "0912 345 678",
    "hamlet": "Thôn Tả Phìn",
    "commune": "Xã Mường Hum",
    "province": "Tỉnh Lào Cai",
    "vsic": "1076 - Sản xuất chè",
    "main_products": [{"name": "Chè khô", "unit": "tấn", "output": "12.5"}],
    "founded_year": 2012,
    "workers_total": 1200,
    "avg_wage": 6_500_000,
    "priority_flags": {"LOCAL_MATERIAL": True, "EXPORT": False},
    "receiver": "Trung tâm Khuyến công và Tư vấn phát triển công nghiệp tỉnh Lào Cai",
    "activity_code": "KC3_TECHNOLOGY",
    "purpose": "Ứng dụng máy móc tiên tiến vào chế biến chè.\nNâng công suất lên 30 tấn một năm.",
    "total": 300_000_000,
    "kcdp": 105_000_000,
    "counterpart": 195_000_000,
    "start": "2026-03-01",
    "finish": "2026-11-30",
    "machines_to_buy": [
        {
            "name": "Máy sao chè",
            "maker": "Kawasaki",
            "model": "KT-120",
            "quantity": 2,
            "unit_price": 85_000_000,
            "vat": True,
        },
        {"name": "Máy vò chè", "quantity": 1, "unit_price": 130_000_000, "vat": False},
    ],
    "expected": [{"indicator": "REVENUE", "before": 1_850_000_000, "after": "khoảng 4 tỷ"}],
    "attachments": ["REGISTRATION", "Giấy chứng nhận OCOP 3 sao"],
    "place": "Mường Hum",
}


def paper(record: dict[str, Any] | None = None, *, blank: bool = False) -> bytes:
    on = datetime.date(2026, 2, 5)
    if blank:
        return render(FORM, {}, version="", on_date=on, blank=True)
    return render(FORM, NEED if record is None else record, version="0000beef", on_date=on)


def machines(count: int) -> list[dict[str, Any]]:
    return [
        {"name": f"Máy số {n:03}", "quantity": n, "unit_price": 1000} for n in range(1, count + 1)
    ]


@pytest.fixture(scope="module")
def filled() -> bytes:
    return paper()


@pytest.fixture(scope="module")
def pages(filled: bytes) -> Iterator[list[Any]]:
    with pdfplumber.open(io.BytesIO(filled)) as pdf:
        yield pdf.pages


def page_texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    document.close()
    return texts


def text_of(pdf: bytes) -> str:
    """All text with its lines joined, as a person reads it."""
    return " ".join(" ".join(page_texts(pdf)).split())


def words_found(page: Any, line: str) -> list[dict[str, Any]]:
    """The words of one printed line, in order."""
    words = page.extract_words(extra_attrs=["fontname", "size"])
    wanted = line.split()
    for start in range(len(words)):
        if [word["text"] for word in words[start : start + len(wanted)]] == wanted:
            return words[start : start + len(wanted)]
    raise AssertionError(f"not printed: {line}")


# ---- Layout: NĐ 30/2020 Annex I, family B -------------------------------------------------------


def test_the_motto_is_centred_under_the_nation_with_a_line_as_long(pages: list[Any]) -> None:
    nation = words_found(pages[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    motto = words_found(pages[0], "Độc lập - Tự do - Hạnh phúc")
    for words, size in ((nation, 13), (motto, 14)):
        middle = (words[0]["x0"] + words[-1]["x1"]) / 2 / MM
        assert middle == pytest.approx((30 + 195) / 2, abs=0.2)
        assert {(word["fontname"].split("+")[1], word["size"]) for word in words} == {
            ("Tinos-Bold", size)
        }
    assert motto[0]["top"] > nation[0]["bottom"]
    (line,) = pages[0].lines
    assert line["x0"] / MM == pytest.approx(motto[0]["x0"] / MM, abs=0.5)
    assert line["x1"] / MM == pytest.approx(motto[-1]["x1"] / MM, abs=0.5)
    title = words_found(pages[0], "ĐƠN ĐỀ NGHỊ HỖ TRỢ KINH PHÍ KHUYẾN CÔNG")
    assert motto[0]["bottom"] <= line["top"] < title[0]["top"]


def test_text_keeps_to_the_margins(pages: list[Any]) -> None:
    assert len(pages) > 1
    for count, page in enumerate(pages, 1):
        words = page.filter(lambda thing: round(thing.get("size", 0)) != CODE_SIZE).extract_words()
        if count > 1:
            assert words.pop(0)["text"] == str(count)
        assert min(word["x0"] for word in words) / MM >= 30 - 0.1
        assert max(word["x1"] for word in words) / MM <= 195 + 0.1
        assert min(word["top"] for word in words) / MM >= 20 - 0.1
        assert max(word["bottom"] for word in words) / MM <= 277 + 0.1


def test_page_number_stands_in_the_top_margin_and_not_on_page_one(pages: list[Any]) -> None:
    assert pages[0].extract_words()[0]["text"] == "CỘNG"
    number = pages[1].extract_words()[0]
    assert number["text"] == "2"
    assert number["bottom"] / MM < 20
    assert (number["x0"] + number["x1"]) / 2 / MM == pytest.approx(112.5, abs=0.2)


def test_first_lines_are_indented_by_a_centimetre(pages: list[Any]) -> None:
    assert words_found(pages[0], "2. Loại hình: Hộ kinh doanh")[0]["x0"] / MM == pytest.approx(40)


def test_all_fonts_are_tinos_and_embedded(filled: bytes, pages: list[Any]) -> None:
    fonts = {char["fontname"].split("+")[1] for page in pages for char in page.chars}
    assert fonts == {"Tinos-Regular", "Tinos-Bold", "Tinos-Italic"}
    assert b"Helvetica" not in filled
    assert filled.count(b"/FontFile2") == filled.count(b"/Type /FontDescriptor") > 0


def test_language_and_title_are_set(filled: bytes) -> None:
    document = pypdfium2.PdfDocument(filled)
    assert document.get_metadata_dict()["Title"] == "Đơn đề nghị hỗ trợ kinh phí khuyến công"
    document.close()
    assert b"/Lang (vi-VN)" in filled


# ---- What it says -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Kính gửi: Trung tâm Khuyến công và Tư vấn phát triển công nghiệp tỉnh Lào Cai",
        "1. Tên cơ sở: Cơ sở chế biến chè Vàng A Páo",
        "2. Loại hình: Hộ kinh doanh",
        "ngày cấp: 05/03/2019",
        "Giới tính: Nam; dân tộc: Mông",
        "Địa chỉ: Thôn Tả Phìn",
        "Sản phẩm chính: Chè khô (12,5 tấn/năm)",
        "Năm thành lập: 2012",
        "Tổng số lao động: 1.200 người",
        "Tiêu chí ưu tiên: Sử dụng trên 50% nguyên liệu của tỉnh",
        "từ ngày 01/03/2026 đến ngày 30/11/2026",
        "Địa điểm thực hiện: Thôn Tả Phìn, Xã Mường Hum, Tỉnh Lào Cai",
        "Kinh phí đề nghị hỗ trợ: 105.000.000 đồng.",
        "Kinh phí đề nghị hỗ trợ bằng chữ: Một trăm linh năm triệu đồng.",
        "Tổng kinh phí thực hiện bằng chữ: Ba trăm triệu đồng.",
        "170.000.000 Có",
        "Tổng cộng 300.000.000",
        "Doanh thu (đồng/năm) 1.850.000.000 khoảng 4 tỷ",
        "Giấy chứng nhận OCOP 3 sao",
        "Hộ kinh doanh kính đề nghị",
        "Mường Hum, ngày 05 tháng 02 năm 2026",
        "ĐẠI DIỆN CƠ SỞ CHỦ HỘ",
    ],
)
def test_paper_says(filled: bytes, line: str) -> None:
    assert line in text_of(filled)


def test_optional_lines_of_which_nothing_is_known_disappear(filled: bytes) -> None:
    text = text_of(filled)
    assert "Email" not in text
    assert "..." not in text
    items = re.findall(r"(?m)^(\d+)\. ", page_texts(filled)[0].split("II. NỘI DUNG")[0])
    assert items == [str(n) for n in range(1, len(items) + 1)]


def test_wording_follows_the_legal_form() -> None:
    text = text_of(paper(NEED | {"legal_form": "HTX"}))
    assert "Hộ kinh doanh kính đề nghị" not in text
    assert "Cơ sở kính đề nghị" in text


def test_a_missing_required_value_leaves_dots_to_write_on() -> None:
    assert re.search(r"Điện thoại: \.{40,}", text_of(paper(NEED | {"phone": ""})))


def test_an_incomplete_table_shows_no_total() -> None:
    rows = [*NEED["machines_to_buy"], {"name": "Máy sấy", "quantity": 1}]
    text = text_of(paper(NEED | {"machines_to_buy": rows}))
    assert re.search(r"Tổng cộng (?!\d)", text)


def test_date_of_the_record_goes_before_the_day_of_printing() -> None:
    assert "ngày 15 tháng 7 năm 2026" in text_of(paper(NEED | {"date": "2026-07-15"}))


def test_all_vietnamese_letters_read_back_in_nfc_whatever_came_in() -> None:
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    plain = ("a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y")
    forms = {unicodedata.normalize("NFC", v + t) for v, t in product(plain, tones)} | {"đ"}
    letters = sorted(form for form in forms if not form.isascii())
    letters += [letter.upper() for letter in letters]
    assert len(letters) == 134
    name = "".join(letters)
    composed = paper(NEED | {"name": name})
    decomposed = paper(NEED | {"name": unicodedata.normalize("NFD", name)})
    assert decomposed == composed
    text = "".join("".join(page_texts(composed)).split())
    assert name in text
    assert unicodedata.is_normalized("NFC", text)


def test_a_very_long_name_wraps_and_is_never_cut() -> None:
    name = "Hợp tác xã sản xuất, chế biến và tiêu thụ nông lâm sản " * 6 + "W" * 90
    text = "".join(text_of(paper(NEED | {"name": name})).split())
    assert "".join(name.split()) in text


def test_a_cell_longer_than_a_page_goes_on_overleaf() -> None:
    name = " ".join(f"phần{n}" for n in range(900))
    text = text_of(paper(NEED | {"machines_to_buy": [{"name": name, "quantity": 1}]}))
    assert [int(n) for n in re.findall(r"phần(\d+)", text)] == list(range(900))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_prints(purpose: str, cell: str) -> None:
    row = {"name": cell, "quantity": 1, "unit_price": 1}
    assert paper(NEED | {"purpose": purpose, "machines_to_buy": [row]}).startswith(b"%PDF")


# ---- Pages --------------------------------------------------------------------------------------


def test_25_machines_flow_over_pages_under_repeated_heads() -> None:
    texts = page_texts(paper(NEED | {"machines_to_buy": machines(25)}))
    flowing = [text for text in texts if "Máy số" in text]
    assert len(flowing) == 2
    assert all("Thành tiền" in text for text in flowing)
    assert re.findall(r"Máy số (\d+)", "".join(texts)) == [f"{n:03}" for n in range(1, 26)]
    assert f"Tổng cộng {sum(range(1, 26))}.000" in "".join(texts)


@pytest.mark.parametrize("count", range(30))
def test_no_heading_or_signature_stands_alone(count: int) -> None:
    texts = page_texts(paper(NEED | {"machines_to_buy": machines(count)}))
    for text in texts:
        assert not re.match(r"[IVX]+\. ", text.strip().splitlines()[-1])
        assert not re.match(r"\d+\s(TT\D+)?Tổng cộng", text)
    assert "kính đề nghị" in next(text for text in texts if "ĐẠI DIỆN CƠ SỞ" in text)


def test_each_page_carries_a_code_a_scanner_reads(filled: bytes) -> None:
    document = pypdfium2.PdfDocument(filled)
    codes = []
    for page in document:
        (code,) = zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())
        codes.append(code.text)
    pages = range(1, len(document) + 1)
    assert codes == [PageCode("F02", NEED["id"], "0000beef", n).scanned() for n in pages]
    document.close()


def test_the_same_record_gives_the_same_bytes_in_any_process(filled: bytes) -> None:
    assert paper() == filled
    script = (
        "import sys, datetime, msgspec, kcdesk.documents as d\n"
        "assert 'reportlab' not in sys.modules\n"
        "record = msgspec.json.decode(sys.stdin.buffer.read())\n"
        "pdf = d.render(d.load_form('F02'), record, version='0000beef', on_date=datetime.date(2026, 2, 5))\n"
        "sys.stdout.buffer.write(pdf)\n"
    )
    import msgspec

    done = subprocess.run(
        [sys.executable, "-c", script],
        input=msgspec.json.encode(NEED),
        capture_output=True,
        check=True,
    )
    assert done.stdout == filled


# ---- The empty form -----------------------------------------------------------------------------


def test_the_empty_form_has_dots_and_no_values() -> None:
    text = text_of(paper(blank=True))
    assert not re.search("Vàng A Páo|5300000017|105.000.000|Lào Cai|2026|v7.*000000", text)
    for label in ("Tên cơ sở", "Email", "Điện thoại", "Sản phẩm chính", "Địa điểm thực hiện"):
        assert re.search(rf"{label}: \.{{30,}}", text), label
    for offered in ("Liên hiệp hợp tác xã", "Thông tin, tuyên truyền", "Doanh thu (đồng/năm)"):
        assert offered in text
    assert "từ ngày ......../......../............ đến ngày" in text
    assert "ngày ...... tháng ...... năm ........" in text


def test_dotted_lines_stay_inside_the_margins() -> None:
    with pdfplumber.open(io.BytesIO(paper(blank=True))) as pdf:
        dotted = [w for page in pdf.pages for w in page.extract_words() if "....." in w["text"]]
    assert len(dotted) > 30
    assert max(word["x1"] for word in dotted) / MM <= 195.1


# ---- What is missing, what is wrong -------------------------------------------------------------


def test_a_complete_record_misses_nothing() -> None:
    assert missing_keys(FORM, NEED) == []


def test_missing_values_are_named_with_their_labels() -> None:
    missing = dict(missing_keys(FORM, {"name": "Cơ sở A", "legal_form": "TO_HOP_TAC"}))
    assert missing["purpose"] == "Nội dung đề nghị"
    assert "kcqg" in missing
    assert "kcdp" in missing
    assert not missing.keys() & {"name", "tax_code", "reg_no", "email", "machines_to_buy"}
    assert "tax_code" in dict(missing_keys(FORM, {"legal_form": "HTX"}))


def test_values_that_stand_in_for_others_are_not_missing() -> None:
    known = {"rep_name": "A", "hamlet": "Thôn B", "commune": "Xã C", "kcdp": 1, "counterpart": 1}
    missing = dict(missing_keys(FORM, known))
    derived = {"signer_name", "address", "place", "project_place", "kcqg", "total"}
    assert not missing.keys() & derived


def test_asking_what_is_missing_does_not_judge_what_is_there() -> None:
    assert missing_keys(FORM, NEED | {"total": "nhiều", "kcqg": 10**12}) == []


def test_missing_cells_are_named_by_row() -> None:
    rows = [{"id": "abc", "name": "Máy", "quantity": 1}, {"quantity": 2, "unit_price": 5}]
    missing = missing_keys(FORM, NEED | {"machines_to_buy": rows})
    assert missing == [
        (
            "machines_to_buy/abc/unit_price",
            "Máy móc, thiết bị dự kiến đầu tư, dòng 1: Đơn giá (đồng)",
        ),
        (
            "machines_to_buy/2/name",
            "Máy móc, thiết bị dự kiến đầu tư, dòng 2: Tên máy móc, thiết bị",
        ),
    ]


@pytest.mark.parametrize(
    "money",
    [
        {"kcqg": 0, "other": 0, "total": 300_000_001},
        {"kcdp": 110_000_000},
    ],
)
def test_a_total_that_contradicts_its_parts_is_not_printed(money: dict[str, int]) -> None:
    with pytest.raises(BadInput, match=r"Tổng kinh phí thực hiện.*cộng các khoản lại"):
        paper(NEED | money)


@pytest.mark.parametrize(
    ("wrong", "label"),
    [
        ({"total": "ba trăm triệu"}, "Tổng kinh phí thực hiện"),
        ({"avg_wage": 1.5}, "Thu nhập bình quân"),
        ({"start": "31/12/2026"}, "Thời gian bắt đầu"),
        ({"name": ["A", "B"]}, "Tên cơ sở"),
        ({"machines_to_buy": "hai máy"}, "Máy móc"),
        ({"machines_to_buy": [{"quantity": "hai", "unit_price": 1}]}, "Số lượng"),
        ({"main_products": [1]}, "Sản phẩm chính"),
        ({"attachments": {"a": 1}}, "Hồ sơ kèm theo"),
        ({"geo": ["a"]}, "Toạ độ"),
    ],
)
def test_a_value_that_cannot_be_printed_is_named(wrong: dict[str, object], label: str) -> None:
    with pytest.raises(BadInput) as refused:
        paper(NEED | wrong)
    assert label in refused.value.message

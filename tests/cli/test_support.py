"""`kcdesk support`: what an establishment can get, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from kcdesk.ui.pdf_text import pdf_pages
from tests.cli.conftest import ROOT, Kcdesk

ANSWERS = ROOT / "resources" / "samples" / "F01-tra-loi.json"


def test_the_amount_its_source_and_what_is_left_to_pay(lan: Kcdesk, tmp_path: Path) -> None:
    said = lan.json("support", "--activity", "KC3.LINE", "--cost", "1 tỷ", "--date", "28/11/2026")
    assert (said["support"], said["counterpart"]) == (450_000_000, 550_000_000)
    assert (said["article"], said["confidence"]) == ("Điều 8 khoản 4", "confirmed")
    assert said["at_registration"] is None
    words = lan("support", "--activity", "KC3.LINE", "--cost", "1 tỷ", "--date", "28/11/2026").out
    assert "Hỗ trợ nhiều nhất 450.000.000 đồng (Bốn trăm năm mươi triệu đồng)." in words
    assert "Cơ sở phải tự bỏ ra ít nhất 550.000.000 đồng." in words
    assert "Điều 8 khoản 4 Thông tư 28/2018/TT-BTC" in words
    assert "500.000.000 đồng (ghi theo trí nhớ, chưa kiểm chứng)" in words
    leaflet = tmp_path / "to.pdf"
    lan.json("support", "--activity", "KC3.LINE", "--cost", "1 tỷ", "-o", leaflet)
    (page,) = pdf_pages(leaflet)
    assert "MỨC HỖ TRỢ KHUYẾN CÔNG: KINH PHÍ KHUYẾN CÔNG QUỐC GIA" in " ".join(page.split())
    assert "450.000.000 đồng" in page


def test_both_rules_where_it_changed_since_the_registration(lan: Kcdesk) -> None:
    asked = ("support", "--activity", "KC3.MACHINERY", "--cost", "800000000")
    said = lan.json(*asked, "--date", "2018-09-01", "--registered", "2018-03-01")
    assert (said["support"], said["at_registration"]["support"]) == (300_000_000, 200_000_000)
    words = lan(*asked, "--date", "01/09/2018", "--registered", "01/03/2018").out
    assert "khác mức tại ngày đăng ký (ghi dưới đây); ngày phê duyệt quyết định" in words
    assert "(KC3.MACHINERY), tại ngày 01/03/2018:" in words
    same = lan.json(*asked, "--date", "2026-01-01", "--registered", "2025-01-01")
    assert same["at_registration"] is None


def test_a_local_fund_takes_its_provinces_rule_or_none(lan: Kcdesk) -> None:
    asked = ("support", "--activity", "KC3.DEMO_NEW", "--fund", "KCĐP", "--cost", "4 tỷ")
    assert lan.json(*asked, "--province", "66", "--date", "2026-01-01")["support"] == 800_000_000
    refused = lan(*asked, "--province", "15", "--json")
    error = json.loads(refused.out)["error"]
    assert (refused.status, error["code"]) == (1, "no_province_rule")
    assert "Tỉnh Lào Cai chưa nhập mức chi của mình" in error["message"]
    assert "support-rules.csv" in error["hint"]
    assert lan(*asked).status == 1
    assert "chưa ghi tỉnh nào" in lan(*asked).err
    assert "Không có tỉnh nào mang mã “99”" in lan(*asked, "--province", "99").err


def test_what_is_not_there_is_told_with_what_is(lan: Kcdesk) -> None:
    refused = lan("support", "--activity", "KC3.NOTHING", "--cost", "4 tỷ")
    assert refused.status == 1
    assert "KC3.MACHINERY" in refused.err
    early = lan("support", "--activity", "KC4.TRADEMARK", "--cost", "4 tỷ", "--date", "01/01/2010")
    assert "Thời gian có mức: 11/05/2018 – nay" in early.err
    assert "Chưa ghi chi phí" in lan("support", "--activity", "KC3.LINE").err
    training = lan("support", "--activity", "KC1.TRAINING", "--cost", "90 triệu").out
    assert "không ấn định mức" in training
    listed = {rule["rule"] for rule in lan.json("support")["rules"]}
    assert {"KC3.LINE", "KC7.RELOCATION"} <= listed
    assert not {"KC4.SHOWROOM", "KC7.ASSOCIATION"} & listed  # too vague to ship


def test_earlier_support_under_any_name(lan: Kcdesk, tmp_path: Path) -> None:
    told = json.loads(ANSWERS.read_text("utf-8"))
    told |= {
        "had_support": "yes",
        "past_support": [
            {
                "support_year": 2019,
                "support_text": "Máy ép gạch",
                "support_amount": 150_000_000,
                "support_fund": "KCDP",
            }
        ],
    }
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(told), "utf-8")
    said = ("legal_form=HO_KINH_DOANH", "rep_name=Lý A Sử", "trade=Gạch", "commune=02728")
    old = lan.json("add", "establishments", "name=Tổ hợp gạch A Páo", *said)["id"]
    new = lan.json("add", "establishments", "name=HTX Gạch A Páo", *said)["id"]
    lan.json("questionnaire", "fill", "F01", answers, "--establishment", old)
    asked = ("support", "--activity", "KC3.MACHINERY", "--cost", "500 triệu", "--establishment")
    assert lan.json(*asked, new)["earlier"] == []
    lan.json("merge", old, new)
    expected = [{"year": 2019, "text": "Máy ép gạch", "amount": 150_000_000, "fund": "KCDP"}]
    assert lan.json(*asked, new)["earlier"] == expected
    words = lan(*asked, new).out
    assert "Năm 2019, Máy ép gạch, 150.000.000 đồng." in words
    assert lan(*asked, "01990000-0000-7000-8000-000000000000").status == 1


def test_what_speaks_for_an_establishment(lan: Kcdesk) -> None:
    said = ("legal_form=HO_KINH_DOANH", "rep_name=Lý Thị Sử", "trade=Gạch", "commune=02728")
    one = lan.json("add", "establishments", "name=Gạch Sử", *said)["id"]
    lan.json("set", "establishments", one, "rep_gender=FEMALE", "rep_ethnic=HMONG", "vsic=2392")
    survey = lan.json("questionnaire", "fill", "F01", ANSWERS, "--establishment", one)["id"]
    lan.json("survey", "accept", survey)
    asked = (
        "support",
        "--activity",
        "KC3.MACHINERY",
        "--cost",
        "500 triệu",
        "--establishment",
        one,
    )
    advice = lan.json(*asked, "--date", "2026-11-28")["advice"]
    verdicts = {each["criterion"]: each["verdict"] for each in advice["eligibility"]}
    assert verdicts == {"legal_form": "YES", "place": "YES", "industry": "YES"}
    assert advice["eligible"] == "YES"
    met = {each["flag"]: each["met"] for each in advice["priority"]}
    assert (met["WOMEN_OWNED"], met["ETHNIC_OWNED"], met["KEY_PRODUCT"]) == (True, True, None)
    assert (met["LABOUR_INTENSIVE"], met["EXPORT"]) == (False, False)
    assert advice["priority_score"] == "20"
    words = lan(*asked, "--date", "28/11/2026").out
    assert "Xét đối tượng tại ngày 28/11/2026: đạt:" in words
    assert "Phụ nữ làm chủ: có (trọng số 10)" in words
    assert "Sản phẩm chủ lực, mũi nhọn: hồ sơ chưa ghi (trọng số 10)" in words
    before = lan.json(*asked, "--date", "2025-10-14")["advice"]
    assert {one["verdict"] for one in before["eligibility"] if one["criterion"] == "place"} == {
        "ASK"
    }

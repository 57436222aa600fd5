"""`kcdesk round` and `kcdesk survey`: a round from giving out to the accepted sheet, by the command line alone."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import ROOT, Kcdesk
from tests.storage.workspaces import DIVIDED

ANSWERS = ROOT / "resources" / "samples" / "F01-tra-loi.json"


def added(lan: Kcdesk, name: str) -> str:
    said = ("legal_form=HO_KINH_DOANH", "rep_name=Lý A Sử", "trade=Mộc", "commune=02728")
    return str(lan.json("add", "establishments", f"name={name}", *said)["id"])


def test_a_round_from_beginning_to_end(lan: Kcdesk) -> None:
    one, two = added(lan, "Xưởng An"), added(lan, "Xưởng Bình")
    made = lan.json(
        "round",
        "create",
        "Quý IV",
        "--where",
        "commune=02728",
        "--to",
        "Lan",
        "--due",
        "31/12/2099",
    )
    assert (made["total"], made["left"], made["due_on"]) == (2, 2, "2099-12-31")
    survey = lan.json(
        "questionnaire", "fill", "F01", ANSWERS, "--establishment", one, "--round", made["id"]
    )["id"]
    seen = lan.json("round", "show", made["id"])
    assert (seen["done"], seen["left"]) == (1, 1)
    sheets = {sheet["establishment"]: sheet for sheet in seen["sheets"]}
    assert sheets[one]["survey"] == survey
    assert lan("round", "close", sheets[two]["id"], "--result", "NOT_FOUND").out == "Đã ghi nhận.\n"

    assert (
        lan("survey", "return", survey, "--remark", "area_m2=Đo lại", "--note", "Xem lại").status
        == 0
    )
    mine = lan.json("round", "mine")
    assert [back["id"] for back in mine["returned"]] == [survey]
    assert "Diện tích nhà xưởng (m²): Đo lại" in lan("round", "mine").out
    assert [sheet["progress"] for sheet in mine["sheets"]] == ["RETURNED"]
    refused = lan("survey", "accept", survey)
    assert (refused.status, "còn đang ghi" in refused.err) == (1, True)


def test_accepting(lan: Kcdesk) -> None:
    one = added(lan, "Xưởng An")
    survey = lan.json("questionnaire", "fill", "F01", ANSWERS, "--establishment", one)["id"]
    assert lan("survey", "accept", survey).out.startswith("Đã nhận phiếu vào hồ sơ.")
    assert lan.json("show", "surveys", survey)["sheet_state"] == "ACCEPTED"
    assert lan.json("show", "establishments", one)["area_m2"] == "120.5"


def test_the_list_in_words(lan: Kcdesk) -> None:
    assert lan("round", "list").out == "Chưa có đợt khảo sát nào.\n"
    assert lan("round", "mine").out == "Không còn phiếu nào phải làm.\n"
    lan.json("import", "establishments", DIVIDED)
    made = lan.json(
        "round", "create", "Đợt 1", "--where", "legal_form=HTX", "--questionnaire", "F28"
    )
    assert f"{made['id']}  Đợt 1 (F28): 0/{made['total']}" in lan("round", "list").out
    more = lan.json("round", "add", made["id"], "--where", "legal_form=HO_KINH_DOANH")
    assert lan.json("round", "show", made["id"])["total"] == made["total"] + more["added"]
    assert lan("round", "create", "Không ai").status == 1, "nothing chosen is not everything"
    assert "31/12/2026" in lan("round", "create", "Đợt", "--search", "x", "--due", "mai").err


def test_a_round_goes_to_the_province_and_back(lan: Kcdesk, tmp_path: Path) -> None:
    """The rows of a round are records like others: check rebuilds them."""
    added(lan, "Xưởng An")
    lan.json("round", "create", "Đợt 1", "--where", "commune=02728")
    assert lan("check").status == 0
    assert len(lan.json("list", "round_sheets")["records"]) == 1


def test_accepting_at_once_by_setting(lan: Kcdesk) -> None:
    one = added(lan, "Xưởng An")
    assert lan.json("settings", "surveys") == {"accept": "ask"}
    assert lan("settings", "surveys", "--accept", "at-once").out.startswith("Phiếu ghi xong được")
    told = lan.json("questionnaire", "fill", "F01", ANSWERS, "--establishment", one)
    assert told["accepted"] is True
    assert "area_m2" in {each["field"] for each in told["proposals"]}
    assert lan.json("show", "establishments", one)["area_m2"] == "120.5"
    assert lan.json("settings", "surveys", "--accept", "ask") == {"accept": "ask"}
    told = lan.json("questionnaire", "fill", "F01", ANSWERS, "--establishment", one)
    assert told["accepted"] is False

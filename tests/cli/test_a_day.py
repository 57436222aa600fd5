"""An ordinary day of one officer without a network, from the first command to the last."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl

from tests.actions.test_needs import text_of
from tests.cli.conftest import Kcdesk
from tests.storage.workspaces import DIVIDED


def test_a_day_of_lan(register: Kcdesk, tmp_path: Path) -> None:
    kcdesk = register

    # Morning: where do I stand?
    morning = kcdesk.json("status")
    assert (morning["person"], morning["province"]) == ("Lan", None)
    assert morning["records"]["establishments"] == 6534

    # A neighbour's list has come by USB stick; first look, then take it in.
    before = kcdesk.json("import", "establishments", DIVIDED, "--dry-run")
    after = kcdesk.json("import", "establishments", DIVIDED)
    assert {**before, "dry_run": False} == after
    assert (after["imported"], after["undecided"]) == (8, 8)

    # Somebody telephones: "Vàng A Páo here, my number has changed."
    (pao,) = kcdesk.json("list", "establishments", "--search", "0752859644")["records"]
    assert pao["name"] == "Hộ Vàng A Páo"
    kcdesk.json("set", "establishments", pao["id"], "phone=0912 345 678")
    assert kcdesk.json("list", "establishments", "--search", "0752859644")["records"] == []
    (same,) = kcdesk.json("list", "establishments", "--search", "0912 345 678")["records"]
    assert same["id"] == pao["id"]

    # A household that stood in no list.
    new = kcdesk.json(
        *("add", "establishments", "name=Hộ Sùng Thị Mỷ", "legal_form=Hộ kinh doanh"),
        *("commune=02989", "hamlet=Bản Liên", "trade=Nấu rượu ngô", "vsic=1101"),
    )
    assert new["commune_name"] == "Xã Bảo Hà"
    found = kcdesk.json("list", "establishments", "--search", "sung thi my")["records"]
    assert found[0]["id"] == new["id"]

    # On the road: the survey sheet at Páo's workshop. One answer is a slip of the pen, and is told.
    answers = {
        **{"survey_date": "2025-01-06", "status": "ACTIVE", "rep_position": "Chủ hộ"},
        **{"figures_year": 2024, "workers_total": 6, "workers_female": 16},
        **{"revenue": 610_000_000, "has_machines": "yes"},
        "machines": [{"machine_name": "Máy ép gạch", "machine_year": 2012}],
        **{"has_needs": "no", "heard_of_kc": "no", "had_support": "no", "consent": "yes"},
    }
    sheet = tmp_path / "pao.json"
    fill = ("questionnaire", "fill", "F01", sheet, "--establishment", pao["id"], "--accept")
    sheet.write_text(json.dumps(answers), "utf-8")
    slip = kcdesk(*fill)
    assert slip.status == 1
    assert "Lao động nữ không được nhiều hơn tổng số lao động." in slip.err
    assert kcdesk.json("list", "surveys")["records"] == []
    sheet.write_text(json.dumps({**answers, "workers_female": 2}), "utf-8")
    said = kcdesk.json(*fill)
    assert ("workers", None, 6) in [(p["field"], p["old"], p["new"]) for p in said["proposals"]]
    shown = kcdesk.json("show", "establishments", pao["id"], "--history")
    assert (shown["workers_total"], shown["figures_year"]) == (6, 2024)
    assert [e["new"] for e in shown["history"] if e["field"] == "phone"][-1] == "+84912345678"

    # He wants a new press: what nobody has said yet, and the paper to sign.
    need = kcdesk.json(
        *("add", "needs", f"establishment={pao['id']}", "rep_id_no=010085000001"),
        *("reg_no=12A8001234", "reg_date=15/06/2006", "reg_issuer=UBND huyện Bảo Yên"),
        *("main_products/1/name=Gạch không nung", "main_products/1/unit=nghìn viên"),
        *("main_products/1/output=350", "receiver=Trung tâm Khuyến công tỉnh Lào Cai"),
        *("activity_code=KC3_TECHNOLOGY", "purpose=Mua máy ép gạch không nung tự động"),
        *("total=320 triệu", "kcdp=150 triệu", "counterpart=170 triệu"),
        *("start=01/03/2027", "finish=30/09/2027", "attachments=QUOTATION"),
    )
    paper = tmp_path / "don.pdf"
    printed = kcdesk.json("document", "print", "F02", "--record", pao["id"], "-o", paper)
    assert printed["missing"] == []
    text = text_of(paper.read_bytes())
    for words in ("Hộ Vàng A Páo", "12A8001234", "ba trăm hai mươi triệu đồng"):
        assert words.casefold() in text.casefold()
    assert kcdesk.json("list", "needs", "--search", "vang a pao")["records"][0]["id"] == need["id"]

    # Evening: the work list of communes, one of them decided by telephone.
    waiting = kcdesk.json("communes", "list")["undecided"]
    assert len(waiting) == 8
    chosen = waiting[0]["candidates"][0]["code"]
    assert kcdesk.json("communes", "decide", waiting[0]["id"], chosen)["commune"] == chosen

    # The table for tomorrow's meeting counts all of today.
    table = kcdesk.json("report", "B4")
    assert table["total"]["establishments"] == 6534 + 8 + 1
    assert table["total"]["workers"] == 14_172 + 99 + (6 - pao["workers_total"])
    assert table["in_conflict"] == 0

    # And a list that is no list, last thing before going home: nothing is lost by it.
    broken = tmp_path / "thu.xlsx"
    openpyxl.Workbook().save(broken)
    night = kcdesk.json("status")
    assert kcdesk("import", "establishments", broken).status == 1
    assert kcdesk.json("status") == night
    assert night["undelivered"] == night["changes"] > morning["changes"]
    assert (night["undecided_communes"], night["conflicts"]) == (7, 0)
    assert night["records"] == {
        "establishments": 6543,
        "figures": 6534 + 8 + 1,
        "surveys": 1,
        "round_sheets": 0,
        "needs": 1,
        "attachments": 0,
    }

    # Tomorrow another process opens the same workspace.
    assert kcdesk.process("status", "--json").json == night

"""`kcdesk survey list` and `kcdesk survey export`: answered sheets are found, and given out as tables."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl

from tests.cli.conftest import Kcdesk
from tests.cli.test_rounds import ANSWERS, added


def test_list_and_export(lan: Kcdesk, tmp_path: Path) -> None:
    one = added(lan, "Xưởng An")
    survey = lan.json("questionnaire", "fill", "F01", ANSWERS, "--establishment", one)["id"]
    (sheet,) = lan.json("survey", "list", "--questionnaire", "F01")["sheets"]
    assert (sheet["id"], sheet["name"], sheet["trial"]) == (survey, "Xưởng An", False)
    assert lan.json("survey", "list", "--state", "ACCEPTED")["sheets"] == []
    assert lan.json("survey", "list", "--from", "21/11/2026")["sheets"] == []
    line = lan("survey", "list", "--to", "20/11/2026", "--where", "workers_total=6").out
    assert line.split()[:2] == [survey, "F01"]
    assert "Xưởng An" in line
    assert lan("survey", "list", "--search", "zzz").out == "Không có phiếu nào phù hợp.\n"

    out = tmp_path / "phieu.xlsx"
    told = lan.json("survey", "export", "-o", out, "--choices", "both")
    assert (told["sheets"], told["files"], told["unreadable"]) == (1, [str(out)], [])
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[0] == "F01"
    heads = [cell.value for cell in book["F01"][1]]
    assert "Điện thoại" not in heads
    assert (
        heads.index("Thị trường tiêu thụ: Trong xã, phường")
        == heads.index("Thị trường tiêu thụ") + 1
    )

    plain = tmp_path / "phieu.csv"
    lan("survey", "export", "-o", plain, "--names", "--personal")
    (row,) = csv.DictReader(plain.read_text("utf-8-sig").splitlines())
    assert (row["phone"], row["markets"]) == ("0912 345 678", "COMMUNE PROVINCE")
    refused = lan("survey", "export", "-o", tmp_path / "phieu.txt")
    assert (refused.status, "phieu.txt" in refused.err) == (1, True)

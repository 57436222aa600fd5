"""Answered sheets are found and given out; own workbooks are added and taken away; by the command line alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl

from tests.actions.test_own_questionnaires import workbook
from tests.cli.conftest import Kcdesk
from tests.cli.test_rounds import ANSWERS, added
from tests.questionnaire.books import book, q


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


def test_own_questionnaires(lan: Kcdesk, tmp_path: Path) -> None:
    path = workbook(tmp_path)
    added_ = lan.json("questionnaire", "add", path)
    assert (added_["id"], added_["own"], added_["trial"]) == ("LANG", True, False)
    assert "Làng nghề (tự thêm)" in lan("questionnaire", "list").out
    assert lan("questionnaire", "remove", "LANG").status == 0
    assert "LANG" not in lan("questionnaire", "list").out
    assert lan("questionnaire", "remove", "F01").status == 1


def test_every_problem_of_a_workbook_is_told(lan: Kcdesk, tmp_path: Path) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(book([q("text", "a", relevant="${nobody} = 1"), q("audio", "b")]))
    for command in ("check", "add"):
        refused = lan("questionnaire", command, path)
        assert refused.status == 1
        assert "dòng 2, cột relevant" in refused.err
        assert "dòng 3, cột type" in refused.err
        problems = json.loads(lan("questionnaire", command, path, "--json").out)["error"][
            "problems"
        ]
        assert [(one["sheet"], one["row"], one["column"]) for one in problems] == [
            ("survey", 2, "relevant"),
            ("survey", 3, "type"),
        ]
        assert problems[0]["sentence_en"].startswith("Sheet survey, row 2, column relevant")


def test_carried_over_to_a_newer_version(lan: Kcdesk, tmp_path: Path) -> None:
    lan.json("questionnaire", "add", workbook(tmp_path, "1"))
    answers = tmp_path / "tra-loi.json"
    answers.write_text('{"trade": "Mộc", "village": "a"}', "utf-8")
    of = ("--establishment", added(lan, "Xưởng An"))
    old = lan.json("questionnaire", "fill", "LANG", answers, *of)["id"]
    newer = workbook(tmp_path, "2")
    newer.write_bytes(book([q("text", "trade")], settings={"form_id": "LANG", "version": "2"}))
    lan.json("questionnaire", "add", newer)
    told = lan("survey", "carry", old, "--dry-run").out
    assert "Câu village: Làng A (mẫu mới không có câu này)" in told
    assert len(lan.json("survey", "list")["sheets"]) == 1
    carried = lan.json("survey", "carry", old)
    assert (carried["from"], carried["kept"]) == (old, 1)
    assert {one["question"]: one["reason"] for one in carried["left"]} == {
        "survey_date": "GONE",
        "village": "GONE",
    }
    assert lan.json("show", "surveys", carried["id"])["trade"] == "Mộc"
    assert lan.json("show", "surveys", old)["village"] == "a"

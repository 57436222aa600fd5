"""`kcdesk questionnaire xform|read|write`: telephones with ODK Collect."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import ROOT, Kcdesk

ANSWERS = ROOT / "resources" / "samples" / "F01-tra-loi.json"


def survey_on_a_phone(lan: Kcdesk, tmp_path: Path) -> tuple[str, Path]:
    """An establishment, and the XML of a filled form of it that the workspace does not have."""
    said = ("legal_form=HO_KINH_DOANH", "rep_name=Lý A Sử", "trade=Mộc dân dụng")
    place = lan.json("add", "establishments", "name=Mộc Lý A Sử", "commune=02728", *said)["id"]
    survey = lan.json("questionnaire", "fill", "F01", ANSWERS, "--establishment", place)["id"]
    path = tmp_path / "phone" / "F01.xml"
    lan.json("questionnaire", "write", survey, "-o", path)
    xml = path.read_text("utf-8")
    start = xml.index("uuid:")
    path.write_text(xml.replace(xml[start : start + 41], "uuid:phone"), "utf-8")
    return place, path


def test_a_filled_form_comes_in(lan: Kcdesk, tmp_path: Path) -> None:
    place, path = survey_on_a_phone(lan, tmp_path)
    said = lan.json("questionnaire", "read", path, "--establishment", place, "--accept")
    (one,) = said["surveys"]
    assert (one["establishment"], one["already"], one["accepted"]) == (place, False, True)
    assert lan.json("show", "surveys", one["id"])["sheet_state"] == "ACCEPTED"
    again = lan("questionnaire", "read", path)
    assert "đã đọc từ trước" in again.out


def test_bad_files_are_named_and_good_ones_come_in(lan: Kcdesk, tmp_path: Path) -> None:
    place, path = survey_on_a_phone(lan, tmp_path)
    bad = tmp_path / "bad.xml"
    bad.write_text("<data", "utf-8")
    told = lan("questionnaire", "read", bad, path, "--establishment", place, "--json")
    assert told.status == 0
    assert [each["code"] for each in told.json["refused"]] == ["no_submission"]
    assert len(told.json["surveys"]) == 1
    alone = lan("questionnaire", "read", bad, "--json")
    assert (alone.status, json.loads(alone.out)["error"]["code"]) == (1, "no_submission")


def test_the_form_is_written_for_telephones(lan: Kcdesk, tmp_path: Path) -> None:
    said = lan.json("questionnaire", "xform", "F28", "-o", tmp_path / "forms")
    assert said["files"] == [str(tmp_path / "forms" / "F28.xml")]

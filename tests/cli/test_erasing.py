"""Erasing and its list, as they are typed."""

from __future__ import annotations

from tests.cli.conftest import Kcdesk

KIND = "establishments"
PAPER = ("--reason", "chủ cơ sở yêu cầu", "--paper", "12/QĐ-KC", "--date", "01/03/2026")


def test_it_says_what_goes_asks_and_erases(lan: Kcdesk) -> None:
    one = lan.json("add", KIND, "name=Hộ Đức", "commune=02989", "rep_name=Lò Văn Đức")["id"]
    other = lan.json("add", KIND, "name=Hộ Lò Văn Đức", "commune=02989")["id"]
    assert lan("erasures").out == "Chưa xoá dữ liệu nào theo yêu cầu.\n"
    (lan.folder / "set-aside" / "old").mkdir(parents=True)
    refused = lan("erase", KIND, one, "rep_name", *PAPER)
    assert refused.status == 1
    for said in ("Không lấy lại được", f"{KIND} {other} name", "set-aside", "--yes"):
        assert said in refused.err
    assert lan.json("show", KIND, one)["rep_name"] == "Lò Văn Đức"
    done = lan.json("erase", KIND, one, "rep_name", *PAPER, "--yes")
    assert (done["cells"], done["changes"]) == (["rep_name"], 1)
    assert not (lan.folder / "set-aside").exists()
    assert "rep_name" not in lan.json("show", KIND, one)
    told = lan("show", KIND, one, "--field", "rep_name").out
    assert "rep_name:  → đã xoá theo văn bản 12/QĐ-KC ngày 2026-03-01" in told
    (entry,) = lan.json("erasures")["erasures"]
    assert (entry["record"], entry["fields"], entry["paper"]) == (one, ["rep_name"], "12/QĐ-KC")
    assert "12/QĐ-KC" in lan("erasures").out
    assert lan("erase", KIND, one, "email", *PAPER, "--yes").status == 1
    assert lan("check").status == 0

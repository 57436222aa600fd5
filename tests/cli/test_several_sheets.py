"""`kcdesk import --sheet all`: several sheets of one workbook come in together, and tell where each thing stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tests.cli.conftest import Kcdesk

HEAD = ("STT", "Tên cơ sở", "Xã, phường", "Mã số thuế", "Lao động năm 2020")
OTHER_HEAD = ("Ngành nghề", "Địa chỉ", "Tên doanh nghiệp", "MST")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A cover, two lists with other heads that share an establishment, a summary, and a hidden list."""
    whole = Workbook()
    cover = whole.active
    assert cover is not None
    cover.title = "Bìa"
    cover["A1"] = "DANH SÁCH CƠ SỞ"
    first = whole.create_sheet("Hộ")
    for row in (
        HEAD,
        (1, "Hộ Vàng A Páo", "Xã Bảo Hà", "", 3),
        (2, "HTX thổ cẩm", "Xã Bảo Hà", "0312687878", 5),
        (3, "", "Xã Bảo Hà", "", 1),
        ("", "Tổng cộng", "", "", 9),
    ):
        first.append(row)
    second = whole.create_sheet("Doanh nghiệp")
    for row in (
        OTHER_HEAD,
        ("Dệt", "Thôn 1, Xã Bảo Hà", "HTX thổ cẩm", "0312687878"),
        ("Mộc", "Thôn 2, Xã Bảo Yên", "Công ty Sông Chảy", "12345"),
        ("Rèn", "Thôn 2, Xã Bảo Yên", "Công ty Lan", ""),
    ):
        second.append(row)
    summary = whole.create_sheet("Tổng hợp")
    for row in (("Xã, phường", "Số lao động"), ("Xã Bảo Hà", 9)):
        summary.append(row)
    hidden = whole.create_sheet("Cũ")
    hidden.sheet_state = "hidden"
    for row in (HEAD, (1, "Hộ cũ", "Xã Bảo Hà", "", 3)):
        hidden.append(row)
    path = tmp_path / "ds.xlsx"
    whole.save(path)
    return path


def names(kcdesk: Kcdesk) -> list[str]:
    return sorted(record["name"] for record in kcdesk.json("list", "establishments")["records"])


def test_all_lists_that_are_seen_come_in_at_once(lan: Kcdesk, book: Path) -> None:
    report = lan.json("import", "establishments", book, "--sheet", "all")
    assert report["sheets"] == ["Hộ", "Doanh nghiệp"]
    assert (report["imported"], report["skipped"], report["rejected"]) == (3, 1, 2)
    assert names(lan) == ["Công ty Lan", "HTX thổ cẩm", "Hộ Vàng A Páo"]
    places = {(f["code"], f["sheet"], f["row"], f["column"]) for f in report["findings"]}
    assert {
        ("name.missing", "Hộ", 4, "B"),
        ("V-MST.length", "Doanh nghiệp", 3, "D"),
        ("sheet.no_list", "Bìa", 0, ""),
        ("sheet.no_list", "Tổng hợp", 0, ""),
    } <= places
    assert any(f["code"] == "sheet.hidden" and "Cũ" in f["message"] for f in report["findings"])
    assert [(t["sheet"], t["agrees"]) for t in report["totals"]] == [("Hộ", True)]
    assert {(c["sheet"], c["column"]) for c in report["columns"] if c["field"] == "name"} == {
        ("Hộ", "B"),
        ("Doanh nghiệp", "C"),
    }


def test_one_establishment_on_two_sheets_is_one(lan: Kcdesk, book: Path) -> None:
    report = lan.json("import", "establishments", book, "--sheet", "all", "--dry-run")
    (twin,) = [d for d in report["duplicates"] if d["action"] == "skip"]
    other = {"Hộ": "Doanh nghiệp", "Doanh nghiệp": "Hộ"}[twin["sheet"]]
    assert twin["match"]["of_sheet"] == other
    told = lan("import", "establishments", book, "--sheet", "all", "--dry-run")
    assert f"của trang “{other}”" in told.out


def test_it_is_one_action(lan: Kcdesk, book: Path) -> None:
    lan.json("import", "establishments", book, "--sheet", "all")
    assert lan("undo", "--last").status == 0
    assert names(lan) == []


def test_the_same_workbook_again_changes_nothing(lan: Kcdesk, book: Path) -> None:
    lan.json("import", "establishments", book, "--sheet", "all")
    again = lan.json("import", "establishments", book, "--sheet", "all")
    assert (again["imported"], again["updated"]) == (0, 0)
    assert len(names(lan)) == 3


def test_rows_that_stay_out_are_marked_on_their_sheets(
    lan: Kcdesk, book: Path, tmp_path: Path
) -> None:
    out = tmp_path / "sua.xlsx"
    lan.json("import", "establishments", book, "--sheet", "all", "--rejects", out)
    whole = load_workbook(out)
    assert whole["Hộ"]["F4"].value == "Dòng này không có tên cơ sở."
    assert str(whole["Doanh nghiệp"]["E3"].value).startswith("Mã số thuế “12345”")
    whole["Hộ"]["B4"] = "Hộ Đỗ Đạt"
    whole["Doanh nghiệp"]["D3"] = ""
    whole.save(out)
    assert lan.json("import", "establishments", out, "--sheet", "all")["imported"] == 2
    assert len(names(lan)) == 5


def test_rows_are_decided_by_sheet_and_number(lan: Kcdesk, book: Path) -> None:
    every = ("import", "establishments", book, "--sheet", "all")
    refused = lan(*every, "--row", "2=skip")
    assert refused.status == 1
    assert "phải nói dòng 2 của trang nào" in refused.err
    assert lan(*every, "--row", "Hộ!99=skip").status == 1
    assert lan.json(*every, "--row", "Hộ!2=skip")["imported"] == 2
    assert names(lan) == ["Công ty Lan", "HTX thổ cẩm"]


def test_a_hidden_sheet_is_read_by_its_name(lan: Kcdesk, book: Path) -> None:
    assert lan.json("import", "establishments", book, "--sheet", "Cũ")["imported"] == 1
    assert names(lan) == ["Hộ cũ"]


def test_an_open_question_names_its_sheet(lan: Kcdesk, book: Path) -> None:
    whole = load_workbook(book)
    whole["Doanh nghiệp"]["C1"] = "Được hỗ trợ"
    whole.save(book)
    refused = lan("import", "establishments", book, "--sheet", "all")
    assert refused.status == 1
    assert "Trang “Doanh nghiệp”: Chưa chắc các cột" in refused.err
    assert names(lan) == []


def test_figures_of_two_sheets_that_contradict(lan: Kcdesk, book: Path, tmp_path: Path) -> None:
    lan.json("import", "establishments", book, "--sheet", "all")
    whole = Workbook()
    for name, workers in (("2019", 4), ("2019 sửa", 7)):
        page = whole.create_sheet(name)
        page.append(("Tên cơ sở", "Mã số thuế", "Lao động năm 2019"))
        page.append(("HTX thổ cẩm", "0312687878", workers))
    path = tmp_path / "sl.xlsx"
    whole.save(path)
    report = lan.json("import", "figures", path, "--sheet", "all")
    assert (report["imported"], report["rejected"]) == (1, 1)
    (hard,) = [f for f in report["findings"] if f["level"] == "hard"]
    assert (hard["sheet"], hard["row"]) == ("2019 sửa", 2)
    assert "Dòng 2 của trang “2019” đã ghi khác" in hard["message"]

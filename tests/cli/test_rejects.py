"""`kcdesk import --rejects`: what did not come in comes back marked, is corrected and read again without doubling."""

from __future__ import annotations

import csv
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import xlwt
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill

from tests.cli.conftest import Kcdesk
from tests.importing.formulas import give_values
from tests.storage.workspaces import REGISTER

HEAD = ("STT", "Tên cơ sở", "Xã, phường", "Mã số thuế", "Email", "Doanh thu (triệu đồng)")
ROWS = [
    (1, "Hộ Vàng A Páo", "Xã Bảo Hà", "", "", 120),
    (2, "Hộ Lý Mẩy Chạn", "Xã Bảo Hà", "12345", "lan@htx.vn", 90),
    (3, "", "Xã Bảo Hà", "", "", 10),
    (4, "HTX thổ cẩm", "Xã Bảo Hà", "", "không có", 400),
    (5, "Xưởng mộc Thành Đạt", "Xã Bảo Hà", "", "dat@", 80),
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A list with three wrong rows, a format, a width, a formula and another sheet."""
    whole = Workbook()
    page = whole.active
    assert page is not None
    page.title = "Danh sách"
    page.append(["DANH SÁCH CƠ SỞ NĂM 2024"])
    page.append(HEAD)
    for row in ROWS:
        page.append(row)
    page.column_dimensions["B"].width = 41.5
    page["B3"].font = Font(name="Times New Roman", bold=True)
    page["B3"].fill = PatternFill("solid", start_color="FF00FF00")
    whole.create_sheet("Hướng dẫn")["A1"] = "=1+1"
    path = tmp_path / "ds.xlsx"
    whole.save(path)
    return path


def names(kcdesk: Kcdesk) -> list[str]:
    return sorted(record["name"] for record in kcdesk.json("list", "establishments")["records"])


def test_the_same_workbook_comes_back_marked(lan: Kcdesk, book: Path, tmp_path: Path) -> None:
    out = tmp_path / "sua.xlsx"
    done = lan("import", "establishments", book, "--rejects", out)
    assert done.status == 0
    assert "3 dòng chưa nhập được đã đánh dấu trong" in done.out
    whole = load_workbook(out)
    assert whole.sheetnames == ["Danh sách", "Hướng dẫn"]
    page = whole["Danh sách"]
    assert whole["Hướng dẫn"]["A1"].value == "=1+1"
    assert page.column_dimensions["B"].width == 41.5
    assert page["B3"].font.name == "Times New Roman"
    assert page["B3"].fill.start_color.rgb == "FF00FF00"
    assert page["G2"].value == "Nhận xét khi nhập (kcdesk)"
    assert [page.cell(row, 7).value is not None for row in range(3, 8)] == [
        *(False, True, True, False, True),
    ]
    assert "phải có 10, 12 hoặc 13 chữ số" in str(page["G4"].value)
    assert "Địa chỉ có dạng ten@tenmien.vn" in str(page["G7"].value)
    marked = [c.coordinate for row in page for c in row if c.fill.start_color.rgb == "FFF4B6B6"]
    assert marked == ["D4", "B5", "E7"]


def test_corrected_and_read_again_nothing_doubles(lan: Kcdesk, book: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "sua.xlsx", tmp_path / "sua-lan-2.xlsx"
    lan.json("import", "establishments", book, "--rejects", out)
    assert names(lan) == ["HTX thổ cẩm", "Hộ Vàng A Páo"]
    whole = load_workbook(out)
    page = whole["Danh sách"]
    page["D4"] = "0312687878"
    page["B5"] = "Hộ Giàng Thị Sở"
    whole.save(out)
    second = lan.json("import", "establishments", out, "--rejects", again)
    assert (second["imported"], second["unchanged"], second["rejected"]) == (2, 2, 1)
    assert [c["header"] for c in second["columns"]] == list(HEAD)
    page = load_workbook(again)["Danh sách"]
    assert page["G4"].value is None
    assert "dat@" in str(page["G7"].value)
    assert page.max_column == 7
    third = lan.json("import", "establishments", again)
    assert (third["imported"], third["unchanged"], third["rejected"]) == (0, 4, 1)
    assert len(names(lan)) == 4


def test_a_refused_list_comes_back_too(lan: Kcdesk, book: Path, tmp_path: Path) -> None:
    out = tmp_path / "sua.xlsx"
    refused = lan("import", "establishments", book, "--all-or-nothing", "--rejects", out)
    assert refused.status == 1
    assert names(lan) == []
    assert "12345" in str(load_workbook(out)["Danh sách"]["G4"].value)


def test_formulas_of_the_list_come_back_as_values(lan: Kcdesk, tmp_path: Path) -> None:
    path, out = tmp_path / "ds.xlsx", tmp_path / "sua.xlsx"
    whole = Workbook()
    page = whole.active
    assert page is not None
    page.append(HEAD)
    page.append((1, "Hộ A", "Xã Bảo Hà", "12345", "", "=10*12"))
    page.append((2, "", "Xã Bảo Hà"))
    page["B3"].value = "=HYPERLINK(1)"
    page["B3"].data_type = "s"
    whole.save(path)
    give_values(path, {"F2": "120"})
    lan("import", "establishments", path, "--year", "2024", "--rejects", out)
    page = load_workbook(out).worksheets[0]
    assert page["G2"].value is not None
    assert page["F2"].value == 120
    assert (page["B3"].value, page["B3"].data_type) == ("=HYPERLINK(1)", "s")


def test_other_files_come_back_as_xlsx(lan: Kcdesk, tmp_path: Path) -> None:
    old = xlwt.Workbook()
    page = old.add_sheet("Sheet1")
    for number, row in enumerate((HEAD, *ROWS)):
        for index, value in enumerate(row):
            page.write(number, index, value)
    old.add_sheet("Khác").write(0, 0, "x")
    old.save(str(tmp_path / "ds.xls"))
    with (tmp_path / "ds[1].csv").open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, delimiter=";").writerows((HEAD, *ROWS))
    for name, sheets in (("ds.xls", ["Sheet1", "Khác"]), ("ds[1].csv", ["ds_1_"])):
        out = tmp_path / f"{name}.xlsx"
        report = lan.json(
            "import", "establishments", tmp_path / name, "--year", "2024", "--rejects", out
        )
        assert report["rejected"] == 3
        whole = load_workbook(out)
        assert whole.sheetnames == sheets
        assert "12345" in str(whole.worksheets[0]["G3"].value)
        again = lan.json("import", "establishments", out, "--year", "2024")
        assert (again["imported"], again["unchanged"]) == (0, 2)
    assert len(names(lan)) == 2


@pytest.mark.parametrize("name", ["sua.xls", "ds.xlsx"])
def test_a_file_that_cannot_be_the_answer(
    lan: Kcdesk, book: Path, tmp_path: Path, name: str
) -> None:
    before = book.read_bytes()
    refused = lan("import", "establishments", book, "--rejects", tmp_path / name)
    assert refused.status == 1
    assert names(lan) == []
    assert book.read_bytes() == before


def test_nothing_wrong_no_file(lan: Kcdesk, tmp_path: Path) -> None:
    path, out = tmp_path / "ds.csv", tmp_path / "sua.xlsx"
    path.write_text("Tên cơ sở;Xã, phường\nHộ A;Xã Bảo Hà\n", "utf-8")
    assert "rejects" not in lan.json("import", "establishments", path, "--rejects", out)
    assert not out.exists()


def test_stopped_by_ctrl_c_nothing_is_there(lan: Kcdesk) -> None:
    command = [sys.executable, "-m", "kcdesk", *lan.where, "import", "establishments", REGISTER]
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if re.match(r"\d+/\d+", line):
                running.send_signal(signal.SIGINT)
                break
        rest = running.stderr.read()
    assert running.returncode == 130
    assert "Đã dừng theo yêu cầu." in rest
    assert "Traceback" not in rest
    assert names(lan) == []
    assert lan("check").status == 0


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ((), ["HTX THỔ CẨM", "HỘ LÝ SỞ", "HỘ ĐỖ ĐẠT"]),
        (("--proper-case", "a"), ["HTX Thổ Cẩm", "Hộ Lý Sở", "Hộ Đỗ Đạt"]),
    ],
)
def test_capitals_stay_until_proper_case_is_wanted(
    lan: Kcdesk, tmp_path: Path, words: tuple[str, ...], read: list[str]
) -> None:
    path = tmp_path / "hoa.csv"
    path.write_text(
        "TÊN CƠ SỞ;XÃ\nHTX THỔ CẨM;Xã Bảo Hà\nHỘ ĐỖ ĐẠT;Xã Bảo Hà\nHỘ LÝ SỞ;Xã Bảo Hà\n", "utf-8"
    )
    found = lan.json("import", "establishments", path, *words)["findings"]
    assert [(f["code"], f["column"]) for f in found] == ([] if words else [("text.capitals", "A")])
    assert names(lan) == read


def test_a_list_without_a_head_is_read_again_too(lan: Kcdesk, tmp_path: Path) -> None:
    whole = Workbook()
    page = whole.active
    assert page is not None
    for row in (
        ("Hộ Lý Mẩy Chạn", "Xã Bảo Hà", "lan@"),
        ("Hộ Vàng A Páo", "Xã Bảo Hà", "a@htx.vn"),
        ("HTX thổ cẩm", "Xã Bảo Hà", "b@htx.vn"),
        ("Hộ Đỗ Thành Đạt", "Xã Bảo Hà", "c@htx.vn"),
    ):
        page.append(row)
    whole.save(tmp_path / "ds.xlsx")
    accept = ("--accept", "proposed")
    out = tmp_path / "sua.xlsx"
    assert "cột A" in lan("import", "establishments", tmp_path / "ds.xlsx").err
    done = lan("import", "establishments", tmp_path / "ds.xlsx", *accept, "--rejects", out)
    assert done.status == 0, done.err
    assert len(names(lan)) == 3
    whole = load_workbook(out)
    page = whole.active
    assert page is not None
    assert str(page["D1"].value).startswith("Nhận xét khi nhập (kcdesk): “lan@”")
    page["C1"] = "lan@htx.vn"
    whole.save(out)
    assert lan("import", "establishments", out, *accept).status == 0
    assert len(names(lan)) == 4

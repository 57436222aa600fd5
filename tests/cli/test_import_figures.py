"""`kcdesk import figures`: figures of years for establishments that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.cli.conftest import Kcdesk

ESTABLISHMENTS = (
    "Tên cơ sở;Xã, phường;Mã số thuế;Thôn\n"
    "HTX thổ cẩm;Xã Bảo Hà;0312687878;\n"
    "Hộ Lý Mẩy Chạn;Xã Bảo Hà;;Thôn 1\n"
    "Hộ Lý Mẩy Chạn;Xã Bảo Hà;;Thôn 2\n"
    "Hộ Vàng A Páo;Xã Bảo Yên;;\n"
)


@pytest.fixture
def there(lan: Kcdesk, tmp_path: Path) -> Kcdesk:
    path = tmp_path / "cs.csv"
    path.write_text(ESTABLISHMENTS, "utf-8")
    assert lan.json("import", "establishments", path)["imported"] == 4
    return lan


def write(path: Path, *rows: tuple[Any, ...]) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def figures(kcdesk: Kcdesk) -> set[tuple[Any, ...]]:
    names = {r["id"]: r["name"] for r in kcdesk.json("list", "establishments")["records"]}
    return {
        (names[r["establishment"]], r["year"], r.get("revenue"), r.get("workers"))
        for r in kcdesk.json("list", "figures")["records"]
    }


def test_years_as_columns(there: Kcdesk, tmp_path: Path) -> None:
    path = write(
        tmp_path / "sl.xlsx",
        ("STT", "Tên cơ sở", "Xã", "MST", "Doanh thu (triệu đồng)", None, "Lao động", None),
        (None, None, None, None, 2019, 2020, 2019, 2020),
        (1, "Thổ cẩm", "", "0312687878", 100, 120, 5, 6),
        (2, "Hộ Vàng A Páo", "Xã Bảo Yên", "", None, 40, None, None),
        (None, "Tổng cộng", "", "", 100, 160, 5, 6),
    )
    report = there.json("import", "figures", path)
    assert (report["imported"], report["rejected"], report["waiting"]) == (3, 0, 0)
    assert [total["agrees"] for total in report["totals"]] == [True] * 4
    assert figures(there) == {
        ("HTX thổ cẩm", 2019, 100_000_000, 5),
        ("HTX thổ cẩm", 2020, 120_000_000, 6),
        ("Hộ Vàng A Páo", 2020, 40_000_000, None),
    }
    again = there.json("import", "figures", path)
    assert (again["imported"], again["updated"], again["unchanged"]) == (0, 0, 3)


def test_one_row_for_each_year_and_what_changed(there: Kcdesk, tmp_path: Path) -> None:
    head = ("Tên cơ sở", "Xã, phường", "Năm", "Doanh thu (triệu đồng)")
    pao = "Hộ Vàng A Páo", "Xã Bảo Yên"
    first = write(tmp_path / "a.xlsx", head, (*pao, 2020, 40), (*pao, 2021, 50))
    assert there.json("import", "figures", first)["imported"] == 2
    second = write(tmp_path / "b.xlsx", head, (*pao, 2021, 55), (*pao, 2022, 60))
    report = there.json("import", "figures", second)
    assert (report["imported"], report["waiting"], report["updated"]) == (1, 1, 0)
    assert (pao[0], 2021, 50_000_000, None) in figures(there)
    told = there("import", "figures", second, "--update")
    assert "Đã cập nhật 1 số liệu đã có." in told.out
    assert "năm 2021: Doanh thu (đồng): 50000000 → 55000000" in told.out
    assert figures(there) == {
        (pao[0], year, revenue * 1_000_000, None)
        for year, revenue in ((2020, 40), (2021, 55), (2022, 60))
    }


def test_rows_that_fit_none_or_several_are_rejected(there: Kcdesk, tmp_path: Path) -> None:
    path = write(
        tmp_path / "sl.xlsx",
        ("Tên cơ sở", "Xã, phường", "Mã số thuế", "Thôn", "Lao động năm 2020"),
        ("Hộ Lý Mẩy Chạn", "Xã Bảo Hà", "", "", 3),
        ("Hộ Lý Mẩy Chạn", "Xã Bảo Hà", "", "thôn 2", 4),
        ("Hộ Đỗ Đạt", "Xã Bảo Hà", "", "", 5),
        ("HTX thổ cẩm", "Xã Bảo Hà", "0100233488", "", 6),
        ("Hộ Vàng A Páo", "", "", "", 7),
    )
    out = tmp_path / "sua.xlsx"
    report = there.json("import", "figures", path, "--rejects", out)
    assert (report["imported"], report["rejected"]) == (1, 4)
    hard = {f["row"]: f["code"] for f in report["findings"] if f["level"] == "hard"}
    assert hard == {
        2: "figures.several",
        4: "figures.no_establishment",
        5: "figures.no_establishment",
        6: "figures.no_place",
    }
    assert figures(there) == {("Hộ Lý Mẩy Chạn", 2020, None, 4)}
    again = there.json("import", "figures", out)
    assert (again["imported"], again["unchanged"], again["rejected"]) == (0, 1, 4)


def test_the_same_year_twice(there: Kcdesk, tmp_path: Path) -> None:
    path = write(
        tmp_path / "sl.xlsx",
        ("Tên cơ sở", "Mã số thuế", "Lao động năm 2020"),
        ("HTX thổ cẩm", "0312687878", 3),
        ("HTX thổ cẩm", "0312687878", 3),
        ("HTX thổ cẩm", "0312687878", 4),
    )
    report = there.json("import", "figures", path)
    assert (report["imported"], report["skipped"], report["rejected"]) == (1, 1, 1)
    assert figures(there) == {("HTX thổ cẩm", 2020, None, 3)}


def test_nobody_says_the_year(there: Kcdesk, tmp_path: Path) -> None:
    path = write(
        tmp_path / "sl.xlsx",
        ("Tên cơ sở", "Mã số thuế", "Lao động", "Nam"),
        ("HTX thổ cẩm", "0312687878", 3, 1),
    )
    refused = there("import", "figures", path)
    assert refused.status == 1
    assert "--year" in refused.err
    assert there.json("import", "figures", path, "--year", "2023")["imported"] == 1

"""Lists as offices write them: heads of three rows, totals without a word, formulas, dates, numbers that lost zeros."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.importing.list_kinds import FIGURE_LIST
from kcdesk.importing.plan import ImportPlan
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.reading import Choices, read_in_unicode
from tests.importing.formulas import give_values

RESOURCES = Path(__file__).parents[2] / "resources"


@pytest.fixture(scope="module")
def units() -> AdministrativeUnits:
    return AdministrativeUnits.read(RESOURCES / "administrative-units" / "units.tsv")


def write(path: Path, *rows: tuple[Any, ...]) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def plan(units: AdministrativeUnits, path: Path, **how: Any) -> ImportPlan:
    sheet, _ = read_in_unicode(path, None, Choices())
    return plan_establishments(sheet, units, ["15"], **how)


def test_a_head_of_three_rows(units: AdministrativeUnits, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        ("DANH SÁCH CƠ SỞ NĂM 2024",),
        ("TT", "Thông tin cơ sở", None, "Số liệu năm 2024", None, None, None),
        (None, "Tên cơ sở", "Xã, phường", "Lao động (người)", None, "Doanh thu", "Nộp ngân sách"),
        (None, None, None, "Tổng số", "Trong đó nữ", "(triệu đồng)", "(triệu đồng)"),
        (1, "Hộ A", "Xã Bảo Hà", 5, 2, 100, 3),
    )
    read = plan(units, path)
    assert [column.meaning for column in read.columns] == [
        *("stt", "name", "commune", "workers", "workers_female", "revenue", "tax_paid"),
    ]
    (row,) = read.rows
    assert row.row_number == 5
    assert row.figures["revenue"] == 100_000_000


def test_years_above_their_measures(units: AdministrativeUnits, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        ("TT", "Tên cơ sở", "Xã", "Năm 2019", None, "Năm 2020", None),
        (None, None, None, "Lao động", "Doanh thu (tr.đ)", "Lao động", "Doanh thu (tr.đ)"),
        (1, "Hộ A", "Xã Bảo Hà", 5, 100, 6, 120),
    )
    read = plan(units, path, kind=FIGURE_LIST)
    assert [(r.figures["year"], r.figures["workers"], r.figures["revenue"]) for r in read.rows] == [
        (2019, 5, 100_000_000),
        (2020, 6, 120_000_000),
    ]


def test_a_total_without_a_word_is_known_by_its_sums(
    units: AdministrativeUnits, tmp_path: Path
) -> None:
    head = ("STT", "Tên cơ sở", "Xã, phường", "Lao động", "Doanh thu (triệu đồng)")
    rows = ((1, "Hộ A", "Xã Bảo Hà", 5, 100), (2, "Hộ B", "Xã Bảo Hà", 6, 20.5))
    path = write(tmp_path / "a.xlsx", head, *rows, (None, None, None, 11, 120.5))
    read = plan(units, path, year=2024)
    assert (len(read.rows), read.rejected) == (2, ())
    assert [(t.row, t.field, t.agrees) for t in read.totals] == [
        (4, "workers", True),
        (4, "revenue", True),
    ]
    path = write(tmp_path / "b.xlsx", head, *rows, (None, None, None, 11, 121))
    read = plan(units, path, year=2024)
    assert [row.row_number for row in read.rejected] == [4]
    assert read.totals == ()


def test_formulas_without_a_value_are_told(units: AdministrativeUnits, tmp_path: Path) -> None:
    head = ("Tên cơ sở", "Xã, phường", "Lao động", "Doanh thu (triệu đồng)")
    path = write(
        tmp_path / "a.xlsx",
        head,
        ("Hộ A", "Xã Bảo Hà", "=2+3", "=5*20"),
        ("Hộ B", "Xã Bảo Hà", 4, "=5*21"),
    )
    give_values(path, {"C2": "5", "D2": "100"})
    read = plan(units, path, year=2024)
    assert [row.figures.get("revenue") for row in read.rows] == [100_000_000, None]
    (found,) = [f for f in read.findings if f.finding.code == "formula.no_value"]
    assert (found.row, found.column) == (3, "D")
    assert found.finding.message.startswith("1 ô của cột “Doanh thu (triệu đồng)”")


def test_numbers_that_lost_their_zero_and_dates(units: AdministrativeUnits, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        ("Tên cơ sở", "Xã, phường", "Mã số thuế", "Số CCCD", "Giới tính", "Ngày cấp", "Điện thoại"),
        ("Hộ A", "Xã Bảo Hà", 312687878, 10085000001, "Nữ", 43466, 912000111),
        ("Hộ B", "Xã Bảo Hà", "312687878", "10085000001", "Nam", "7/3/2021", "0912.000.112"),
        ("Hộ C", "Xã Bảo Hà", "312687879", "", "", "7/3/21", ""),
    )
    read = plan(units, path)
    said = [
        tuple(row.establishment.get(k) for k in ("tax_code", "rep_id_no", "reg_date", "phone"))
        for row in read.rows
    ]
    assert said == [
        ("0312687878", "010085000001", "2019-01-01", "+84912000111"),
        ("0312687878", "010085000001", "2021-03-07", "+84912000112"),
    ]
    codes = [{f.finding.code for f in row.findings} for row in read.rows]
    assert codes == [
        {"V-MST.zero", "V-CCCD.zero", "V-CCCD.gender", "V-PHONE.zero"},
        {"V-MST.zero", "V-CCCD.zero"},
    ]
    (rejected,) = read.rejected
    assert {f.finding.code for f in rejected.findings} == {"V-MST.length", "V-DATE.century"}

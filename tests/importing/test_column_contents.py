"""Columns whose heads are missing or say nothing known are proposed by what their cells hold."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.errors import BadInput
from kcdesk.importing.column_contents import MOST, ColumnContents
from kcdesk.importing.columns import ENOUGH, POSSIBLE
from kcdesk.importing.layout import read_layout
from kcdesk.importing.plan import ImportPlan
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.workbook import Cell, Sheet

UNITS = Path(__file__).parents[2] / "resources" / "administrative-units" / "units.tsv"
NAMES: list[Cell] = ["Hộ Vàng A Páo", "HTX rèn Tân Thượng", "Công ty TNHH Sông Chảy", "Cơ sở Lan"]
COMMUNES: list[Cell] = ["Xã Bảo Hà", "x. khánh yên hạ", "Phường Sa Pả", "Mường Hum"]
PHONES: list[Cell] = ["0912345678", 912345679.0, "'0865.842.388; 5304035998", "0847 587 030"]
CODES: list[Cell] = ["5304035998", "0312687878", "0312687878-001", ""]
CELLS: dict[str, list[Cell]] = {
    "email": ["lan@htx.vn", "a.b@c.vn", "x@y.vn"],
    "rep_id_no": ["010085000001", "010185000002", "010090000003"],
    "tax_code": CODES,
    "phone": PHONES,
    "reg_date": [datetime.date(2019, 1, 1), "7/3/2021", "01/02/2020"],
    "rep_gender": ["Nam", "Nữ", "nam"],
    "legal_form": ["Hộ cá thể", "HTX", "HTX", "Hộ cá thể"],
    "revenue": ["174 tr", "1,2 tỷ", "20.000.000đ"],
    "hamlet": ["Thôn 5", "Bản Pho", "Tổ dân phố 7"],
    "district": ["H. Văn Bàn", "Huyện Bảo Yên", "TX Sa Pa"],
    "commune": COMMUNES,
    "address": [
        "Thôn Páo 7, x. khánh yên hạ, H. Văn Bàn",
        "Thôn 1, Xã Bảo Hà",
        "Bản 2, Xã Cốc Lầu",
    ],
    "name": NAMES,
    "rep_name": ["Vàng A Páo", "Lý Mẩy Chạn", "Đỗ Thành Đạt"],
}


@pytest.fixture(scope="module")
def units() -> AdministrativeUnits:
    return AdministrativeUnits.read(UNITS)


@pytest.fixture(scope="module")
def contents(units: AdministrativeUnits) -> ColumnContents:
    return ColumnContents(units, ["old:10"])


@pytest.mark.parametrize("key", CELLS)
def test_what_cells_hold(contents: ColumnContents, key: str) -> None:
    guesses = contents.guess([[cell] for cell in CELLS[key]], [0], known={"name"})
    assert guesses == {0: (key, MOST)}
    assert POSSIBLE < MOST < ENOUGH


@pytest.mark.parametrize(
    "cells",
    [
        ["Hộ A", "HTX B"],  # too few
        [1.0, 2.0, 3.0, 4.0],  # numbers may count anything
        [1999.0, 2004.0, 2010.0],
        ["1.500", "200", "35"],
        ["đã gặp", "chưa gặp", "", "đang chờ"],
        ["Chế biến gỗ", "Nấu rượu ngô", "May mặc"],
        ["Thanh Bình", "0912345678", "lan@htx.vn", "7/3/2021"],
    ],
)
def test_what_nobody_can_tell(contents: ColumnContents, cells: list[Cell]) -> None:
    assert contents.guess([[cell] for cell in cells], [0]) == {}


def test_some_that_do_not_fit_make_it_less_certain(contents: ColumnContents) -> None:
    cells: list[Cell] = [*PHONES, "không rõ"]
    assert contents.guess([[cell] for cell in cells], [0]) == {0: ("phone", round(MOST * 0.8, 2))}


def test_names_of_people_are_those_of_households_where_nothing_else_is(
    contents: ColumnContents,
) -> None:
    people: list[list[Cell]] = [["Vàng A Páo"], ["Lý Mẩy Chạn"], ["Đỗ Thành Đạt"]]
    assert contents.guess(people, [0]) == {0: ("name", MOST)}
    assert contents.guess(people, [0], known={"name"}) == {0: ("rep_name", MOST)}


def plan(units: AdministrativeUnits, rows: list[list[Cell]], *, accept: bool) -> ImportPlan:
    return plan_establishments(
        Sheet("a.xlsx", "Sheet1", rows), units, ["old:10"], year=2024, accept_possible=accept
    )


def rows_of(*columns: list[Cell]) -> list[list[Cell]]:
    return [list(row) for row in zip(*columns, strict=True)]


def test_heads_that_say_nothing_are_open_questions(units: AdministrativeUnits) -> None:
    rows = [
        ["Đơn vị được hỗ trợ", "Nơi ở", "Số máy", "Mã"],
        *rows_of(NAMES, COMMUNES, PHONES, CODES),
    ]
    with pytest.raises(BadInput) as asked:
        plan(units, rows, accept=False)
    assert asked.value.code == "open_columns"
    assert "A “Đơn vị được hỗ trợ” là “Tên cơ sở”" in asked.value.message
    assert "B “Nơi ở” là “Xã, phường”" in asked.value.message
    read = plan(units, rows, accept=True)
    assert [(c.letter, c.meaning, c.certainty) for c in read.columns] == [
        ("A", "name", MOST),
        ("B", "commune", MOST),
        ("C", "phone", MOST),
        ("D", "tax_code", MOST),
    ]
    assert [row.establishment["name"] for row in read.rows] == NAMES
    assert read.head_row == 1


def test_only_what_is_needed_is_asked_and_the_rest_is_told(units: AdministrativeUnits) -> None:
    rows = [["Tên cơ sở", "Xã, phường", "Số máy"], *rows_of(NAMES, COMMUNES, PHONES)]
    read = plan(units, rows, accept=False)
    assert [(c.meaning, c.possible) for c in read.columns][2] == (None, "phone")
    (unread,) = [f.finding for f in read.findings if f.finding.code == "column.unread"]
    assert "Điện thoại" in unread.hint
    assert all("phone" not in row.establishment for row in read.rows)


def test_a_head_that_says_it_is_left_with_it(units: AdministrativeUnits) -> None:
    rows = [
        ["Tên cơ sở", "Xã, phường", "Ghi chú", "Liên lạc"],
        *rows_of(NAMES, COMMUNES, PHONES, PHONES),
    ]
    read = plan(units, rows, accept=True)
    assert [c.meaning for c in read.columns] == ["name", "commune", "note", "phone"]


def test_a_list_without_any_head(units: AdministrativeUnits) -> None:
    rows = [["Danh sách năm 2020", "", ""], *rows_of(NAMES, COMMUNES, PHONES)]
    read = plan(units, rows, accept=True)
    assert [(c.header, c.meaning) for c in read.columns] == [
        ("cột A", "name"),
        ("cột B", "commune"),
        ("cột C", "phone"),
    ]
    assert [row.row_number for row in read.rows] == [2, 3, 4, 5]
    with pytest.raises(BadInput, match="A “cột A” là “Tên cơ sở”"):
        plan(units, rows, accept=False)


def test_a_title_above_stays_a_title(contents: ColumnContents) -> None:
    rows = [["Danh sách năm 2020", "", ""], *rows_of(NAMES, COMMUNES, PHONES)]
    assert read_layout(Sheet("a.xlsx", "S", rows), (), contents).titles == ("Danh sách năm 2020",)
    with pytest.raises(BadInput):
        read_layout(Sheet("a.xlsx", "S", rows))

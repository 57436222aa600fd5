"""Lists of establishments become plans; on the real register, and on rows made for one rule each."""

import datetime
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.importing.plan import ImportPlan
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.workbook import Cell, Sheet, read_sheet

RESOURCES = Path(__file__).parents[2] / "resources"
REGISTER = RESOURCES / "samples" / "lao-cai-register.xlsx"
DIVIDED = RESOURCES / "samples" / "dia-ban-chia-tach.xlsx"


UNITS = AdministrativeUnits.read(RESOURCES / "administrative-units" / "units.tsv")


@pytest.fixture
def units() -> AdministrativeUnits:
    return UNITS


@pytest.fixture(scope="module")
def register() -> ImportPlan:
    return plan_establishments(read_sheet(REGISTER), UNITS, ["old:10"])


HEAD: list[Cell] = [
    "STT",
    "Tên cơ sở",
    "Loại hình",
    "Mã số thuế",
    "Điện thoại",
    "Xã, phường",
    "Huyện",
    "Mã ngành",
    "Số lao động",
    "Giá trị sản xuất (triệu đồng)",
    "Thu nhập BQ (triệu đồng/người/tháng)",
    "Năm thành lập",
]
ROW: list[Cell] = [
    1.0,
    "Hộ Lý A Sử",
    "Hộ cá thể",
    "",
    "0912345678",
    "Xã Cốc Mỳ",
    "Huyện Bát Xát",
    "1629",
    2.0,
    120.5,
    4.5,
    2015.0,
]


def row(**cells: Cell) -> list[Cell]:
    """`ROW` with some cells replaced, named by their column letters."""
    changed = list(ROW)
    for letter, cell in cells.items():
        changed[ord(letter) - ord("A")] = cell
    return changed


def plan(
    units: AdministrativeUnits, *rows: list[Cell], title: str = "Danh sách năm 2024"
) -> ImportPlan:
    """The rows stand from row 3 on."""
    titles: list[Cell] = [title, *[""] * (len(HEAD) - 1)]
    sheet = Sheet("a.xlsx", "Sheet1", [titles, HEAD, *rows])
    return plan_establishments(sheet, units, ["old:10"], today=datetime.date(2026, 3, 2))


def codes(found: ImportPlan) -> list[tuple[str, str, str]]:
    return [
        (f"{finding.column}{finding.row}", finding.finding.level, finding.finding.code)
        for finding in found.findings
    ]


# -- the real register ---------------------------------------------------------------------------------------


def test_the_register_is_read_whole(register: ImportPlan) -> None:
    assert (len(register.rows), len(register.rejected)) == (6534, 0)
    assert register.by_legal_form == {"HO_KINH_DOANH": 6290, "DOANH_NGHIEP": 154, "HTX": 90}
    assert register.sum_of("workers") == 14_172
    assert register.sum_of("production_value") == 3_150_000_000_000
    assert (register.year, register.basis) == (2020, FigureBasis.ESTIMATE)


def test_its_total_row_is_compared_and_not_imported(register: ImportPlan) -> None:
    assert [
        (t.row, t.column, t.field, t.stated, t.computed, t.agrees) for t in register.totals
    ] == [
        (6541, "L", "workers", 14_172, 14_172, True),
        (6541, "M", "production_value", 3_150_000_000_000, 3_150_000_000_000, True),
    ]
    assert "khớp với" in register.totals[0].sentence
    assert not any("Tổng" in str(row.establishment["name"]) for row in register.rows)


def test_every_old_commune_has_one_of_today(
    register: ImportPlan, units: AdministrativeUnits
) -> None:
    assert len(register.communes) == len({use.old.code for use in register.communes}) == 151
    assert sum(use.rows for use in register.communes) == 6534
    assert register.undecided == ()
    for use in register.communes:
        assert use.new is not None
        assert units.new_of(use.old.code) == (use.new,)
    # Only the mark tells these two apart.
    assert {use.old.name for use in register.communes} >= {"Sa Pa", "Sa Pả"}


def test_a_row_becomes_an_establishment_and_its_figures(register: ImportPlan) -> None:
    first = register.rows[0]
    assert first.row_number == 7
    assert first.findings == ()
    assert first.establishment == {
        "name": "Hộ Cư Thanh Sơn",
        "legal_form": "HO_KINH_DOANH",
        "rep_name": "Cư Thanh Sơn",
        "phone": "+84817818384",
        "hamlet": "Thôn Thắng 1",
        "commune": "02695",
        "old_commune": "02704",
        "address_as_written": "Thôn Thắng 1, Xã Cốc Mỳ, Huyện Bát Xát",
        "trade": "Đan lát mây tre",
        "vsic": "1629",
        "founded_year": 2015,
    }
    assert first.figures == {
        "year": 2020,
        "basis": "estimate",
        "workers": 3,
        "production_value": 1_238_000_000,
        "avg_wage": 5_760_000,
        "source": "list",
    }
    assert {type(value) for value in first.establishment.values()} == {str, int}
    assert {type(value) for value in first.figures.values()} == {str, int}


def test_its_findings_are_the_quarries_alone(register: ImportPlan) -> None:
    assert len(register.findings) == 386
    assert {finding.finding.code for finding in register.findings} == {"VSIC.section"}
    assert {finding.column for finding in register.findings} == {"K"}
    assert register.findings[0].sentence == (
        "Trang “Danh sách cơ sở”, ô K48: "
        "Mã ngành 0810 nằm ngoài ngành C, công nghiệp chế biến, chế tạo (VSIC)."
    )


def test_every_column_was_understood(register: ImportPlan) -> None:
    assert all(column.meaning and column.certainty == 1.0 for column in register.columns)
    assert len(register.columns) == 15


def test_the_register_is_planned_while_one_waits(units: AdministrativeUnits) -> None:
    start = time.process_time()
    plan_establishments(read_sheet(REGISTER), units, ["old:10"])
    assert time.process_time() - start < 2  # about 0.6 s


def test_every_total_follows_when_an_establishment_and_a_worker_are_taken_out(
    units: AdministrativeUnits, tmp_path: Path
) -> None:
    book = load_workbook(REGISTER)
    sheet = book.active
    assert sheet is not None
    assert sheet["B15"].value == "HTX rèn Tân Thượng"
    assert (sheet["L15"].value, sheet["M15"].value, sheet["L7"].value) == (10, 2751, 3)
    sheet["L7"] = 2
    sheet.delete_rows(15)
    book.save(tmp_path / "copy.xlsx")

    found = plan_establishments(read_sheet(tmp_path / "copy.xlsx"), units, ["old:10"])
    assert len(found.rows) == 6533
    assert found.by_legal_form["HTX"] == 89
    assert found.sum_of("workers") == 14_172 - 10 - 1
    assert found.sum_of("production_value") == 3_150_000_000_000 - 2_751_000_000
    assert [(t.stated - t.computed, t.agrees) for t in found.totals] == [
        (11, False),
        (2_751_000_000, False),
    ]
    assert found.totals[1].sentence == (
        "Dòng 6540, cột “Giá trị sản xuất (triệu đồng)”: tổng ghi trong danh sách "
        "3.150.000 triệu đồng khác với tổng cộng từ các dòng 3.147.249 triệu đồng (V-SUM)."
    )


# -- places --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("within", [[], ["old:94", "old:54"], ["92", "66"]])
def test_establishments_of_divided_communes_wait(
    units: AdministrativeUnits, within: list[str]
) -> None:
    found = plan_establishments(read_sheet(DIVIDED), units, within)
    assert (len(found.rows), len(found.rejected), len(found.undecided)) == (8, 0, 2)
    first = found.rows[5].establishment
    assert "commune" not in first
    assert first["old_commune"] == "22024"
    assert first["commune_candidates"] == ["22015", "22045"]
    assert first["address_as_written"] == ("Khu phố 5, Phường 9, Thành phố Tuy Hòa, Tỉnh Phú Yên")
    divided = {use.old.name for use in found.communes if use.new is None}
    assert divided == {"9"}
    assert {use.old.name for use in found.communes if use.new} == {
        *("Long Phú", "Tân Thạnh", "Hòa Kiến")
    }
    assert [total.agrees for total in found.totals] == [True, True]


def test_establishments_outside_the_area_wait_and_keep_their_old_commune(
    units: AdministrativeUnits,
) -> None:
    found = plan_establishments(read_sheet(DIVIDED), units, ["old:10"])
    assert len(found.rows) == len(found.undecided) == 8
    assert [row.establishment["old_commune"] for row in found.rows] == [
        *["31669"] * 2,
        *["31666"] * 2,
        "31639",
        *["22024"] * 2,
        "22042",
    ]
    assert {finding.finding.code for finding in found.findings} == {"V-ADMIN.outside_area"}


def test_an_unknown_commune_waits_without_candidates(units: AdministrativeUnits) -> None:
    found = plan(units, row(F="Xã Không Có Đâu"))
    (waiting,) = found.undecided
    assert waiting.establishment["commune_candidates"] == []
    assert waiting.establishment["address_as_written"] == "Xã Không Có Đâu, Huyện Bát Xát"
    assert codes(found) == [("F3", "soft", "V-ADMIN.unknown")]


def test_a_whole_address_in_one_cell_is_taken_apart(units: AdministrativeUnits) -> None:
    cells: list[list[Cell]] = [
        ["Tên cơ sở", "Địa chỉ"],
        ["Hộ Lý A Sử", "Thôn Ná Lùng, xã Cốc Mỳ, huyện Bát Xát, tỉnh Lào Cai"],
    ]
    found = plan_establishments(Sheet("a.xlsx", "S", cells), units, ["old:10"])
    assert found.rows[0].establishment == {
        "name": "Hộ Lý A Sử",
        "legal_form": "HO_KINH_DOANH",
        "hamlet": "Thôn Ná Lùng",
        "commune": "02695",
        "old_commune": "02704",
        "address_as_written": "Thôn Ná Lùng, xã Cốc Mỳ, huyện Bát Xát, tỉnh Lào Cai",
    }
    assert found.rows[0].figures == {}


# -- single cells --------------------------------------------------------------------------------------------


def test_hard_findings_keep_their_row_out_and_all_are_reported(units: AdministrativeUnits) -> None:
    found = plan(
        units,
        row(),
        row(B=""),
        row(F="", G=""),
        row(I="hai người", J="nhiều", L="lâu rồi"),
        row(D="53013071"),
        row(I=1.5, J=-3.0, L=1815.0),
        row(L=2027.0),
        row(B="Hộ Má A Páo"),
    )
    assert [planned.row_number for planned in found.rows] == [3, 10]
    assert [rejected.row_number for rejected in found.rejected] == [4, 5, 6, 7, 8, 9]
    assert found.rejected[2].cells == tuple(row(I="hai người", J="nhiều", L="lâu rồi"))
    assert codes(found) == [
        ("B4", "hard", "name.missing"),
        ("F5", "hard", "V-ADMIN.missing"),
        ("L6", "hard", "V-YEAR.form"),
        ("I6", "hard", "V-COUNT.form"),
        ("J6", "hard", "V-MONEY.form"),
        ("D7", "hard", "V-MST.length"),
        ("L8", "hard", "V-YEAR.range"),
        ("I8", "hard", "V-COUNT.form"),
        ("J8", "hard", "V-MONEY.negative"),
        ("L9", "hard", "V-YEAR.range"),
    ]
    text = found.findings[3]
    assert (text.sheet, text.row, text.column, text.finding.value) == (
        "Sheet1",
        6,
        "I",
        "hai người",
    )
    assert text.sentence == "Trang “Sheet1”, ô I6: “hai người” không phải số nguyên từ 0 trở lên."


def test_soft_findings_leave_their_row_in(units: AdministrativeUnits) -> None:
    found = plan(
        units,
        row(D="5301307190"),
        row(E=912345678.0),
        row(C="Trang trại"),
        row(K=0.5),
        row(D=100233488.0),
    )
    assert len(found.rows) == 5
    assert codes(found) == [
        ("D3", "soft", "V-MST.checksum"),
        ("E4", "soft", "V-PHONE.zero"),
        ("C5", "soft", "legal_form.unknown"),
        ("K6", "soft", "figures.avg_wage"),
        ("D7", "soft", "V-MST.zero"),
    ]
    assert found.rows[1].establishment["phone"] == "+84912345678"
    assert found.rows[2].establishment["legal_form"] == "HO_KINH_DOANH"  # from the name
    assert found.rows[4].establishment["tax_code"] == "0100233488"


def test_empty_cells_and_dashes_are_no_values(units: AdministrativeUnits) -> None:
    found = plan(units, row(C="", D="-", E="không có", H="", I="-", J="", K="", L=""))
    assert found.findings == ()
    assert found.rows[0].figures == {}
    assert set(found.rows[0].establishment) == {
        "name",
        "legal_form",
        "commune",
        "old_commune",
        "address_as_written",
    }


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Công ty TNHH MTV Mẩy Sơn Hải", "DOANH_NGHIEP"),
        ("DNTN Hoàng Liên", "DOANH_NGHIEP"),
        ("HTX rèn Tân Thượng", "HTX"),
        ("Hợp tác xã Cốc Ly", "HTX"),
        ("Liên hiệp HTX Tây Bắc", "LIEN_HIEP_HTX"),
        ("Tổ hợp tác thêu Tả Van", "TO_HOP_TAC"),
        ("HỘ LÝ A SỬ", "HO_KINH_DOANH"),
        ("Hồ Văn An", None),
        ("Cơ sở mộc Phúc Lộc", None),
    ],
)
def test_the_legal_form_is_read_from_the_name_where_no_cell_says_it(
    units: AdministrativeUnits, name: str, form: str | None
) -> None:
    assert plan(units, row(B=name, C="")).rows[0].establishment.get("legal_form") == form


def test_year_and_basis_can_be_given(units: AdministrativeUnits) -> None:
    sheet = Sheet("a.xlsx", "S", [list(HEAD), row()])
    without = plan_establishments(sheet, units, ["old:10"])
    assert without.year is None
    assert without.rows[0].figures == {}
    assert codes(without) == [("1", "soft", "figures.no_year")]

    given = plan_establishments(sheet, units, ["old:10"], year=2023, basis=FigureBasis.PLAN)
    assert given.findings == ()
    assert given.rows[0].figures["year"] == 2023
    assert given.rows[0].figures["basis"] == "plan"


def test_columns_nobody_understands_and_headings_are_reported(units: AdministrativeUnits) -> None:
    cells: list[list[Cell]] = [
        ["STT", "Tên cơ sở", "Xã, phường", "Máy móc"],
        ["I", "Huyện Bát Xát", "", ""],
        [1.0, "Hộ Lý A Sử", "Xã Cốc Mỳ", "Máy xát"],
    ]
    found = plan_establishments(Sheet("a.xlsx", "S", cells), units, ["old:10"])
    assert codes(found) == [("D1", "soft", "column.unread"), ("2", "soft", "row.heading")]
    assert len(found.rows) == 1


# -- totals --------------------------------------------------------------------------------------------------


def total(label: str, workers: Cell, value: Cell) -> list[Cell]:
    return ["", label, "", "", "", "", "", "", workers, value, "", ""]


def test_partial_sums_cover_their_part(units: AdministrativeUnits) -> None:
    found = plan(
        units,
        row(I=2.0),
        row(I=3.0),
        total("Cộng", 5.0, ""),
        row(I=4.0),
        total("Cộng", 4.0, ""),
        total("Tổng cộng", 9.0, 361.5),
    )
    assert [(t.row, t.computed, t.agrees) for t in found.totals] == [
        (5, 5, True),
        (7, 4, True),
        (8, 9, True),
        (8, 361_500_000, True),
    ]


def test_a_total_above_the_rows_covers_them_all(units: AdministrativeUnits) -> None:
    found = plan(units, total("Tổng số", 4.0, 241.0), row(), row())
    assert [t.agrees for t in found.totals] == [True, True]


def test_a_stated_total_may_be_rounded_to_its_last_digit(units: AdministrativeUnits) -> None:
    rounded = plan(units, row(J=120.5), row(J=120.9), total("Tổng", 4.0, "241"))
    assert [t.agrees for t in rounded.totals] == [True, True]
    wrong = plan(units, row(J=120.5), row(J=121.1), total("Tổng", 3.0, "241"))
    assert [t.agrees for t in wrong.totals] == [False, False]


def test_rejected_rows_count_in_the_sum_of_the_list(units: AdministrativeUnits) -> None:
    found = plan(units, row(I=2.0), row(B="", I=3.0), total("Tổng", 5.0, ""))
    assert found.totals[0].agrees
    assert found.sum_of("workers") == 2


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 10**7)), min_size=1, max_size=12),
    st.integers(-1, 1),
)
def test_sums_follow_the_rows_and_one_worker_more_or_less_is_seen(
    figures: list[tuple[int, int]], slip: int
) -> None:
    workers = sum(number for number, _ in figures)
    hundredths = sum(value for _, value in figures)
    found = plan(
        UNITS,
        *(row(I=float(number), J=value / 100) for number, value in figures),
        total("Tổng cộng", float(workers + slip), hundredths / 100),
    )
    assert len(found.rows) == len(figures)
    assert found.sum_of("workers") == workers
    assert found.sum_of("production_value") == hundredths * 10_000
    assert [t.agrees for t in found.totals] == [slip == 0, True]

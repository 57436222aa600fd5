import pytest

from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.money import MoneyUnit
from kcdesk.errors import BadInput
from kcdesk.importing.columns import meaning_of, propose_columns, require_columns
from kcdesk.importing.layout import Layout, ListRow, read_layout, unit_of_list, year_and_basis
from kcdesk.importing.list_kinds import ESTABLISHMENT_LIST
from kcdesk.importing.workbook import Cell, Sheet

HEAD: list[Cell] = ["STT", "Tên cơ sở", "Xã, phường", "Số lao động"]


def layout(*rows: list[Cell]) -> Layout:
    width = max(map(len, rows))
    return read_layout(Sheet("a.xlsx", "Sheet1", [row + [""] * (width - len(row)) for row in rows]))


def numbers(rows: tuple[ListRow, ...]) -> list[int]:
    return [row.number for row in rows]


def test_title_remarks_head_column_numbers_and_total_are_told_apart() -> None:
    found = layout(
        ["ỦY BAN NHÂN DÂN XÃ BÁT XÁT", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["DANH SÁCH CƠ SỞ (ước năm 2020)"],
        [],
        HEAD,
        ["(1)", "(2)", "(3)", "(4)"],
        [1.0, "Hộ A", "Xã B", 2.0],
        [2.0, "", "", ""],
        ["", "  ", "", ""],
        [3.0, "Hộ C", "Xã D", 1.0],
        ["", "Tổng cộng", "", 3.0],
        ["", "", "Ngày 5 tháng 1 năm 2021"],
        ["", "Người lập", "", "Giám đốc"],
    )
    assert found.titles[-1] == "DANH SÁCH CƠ SỞ (ước năm 2020)"
    assert found.head.number == 4
    assert found.header == ("STT", "Tên cơ sở", "Xã, phường", "Số lao động")
    assert numbers(found.body) == [6, 9]
    assert numbers(found.totals) == [10]
    assert numbers(found.headings) == [11]
    assert numbers(found.remarks) == [12]


def test_a_head_of_two_rows_is_read_as_one() -> None:
    found = layout(
        ["DANH SÁCH CƠ SỞ"],
        ["TT", "Tên, địa chỉ cơ sở", "", "Lao động (người)", "", "Doanh thu", "Điện thoại/MST"],
        ["", "Tên", "Địa chỉ", "Tổng số", "Trong đó nữ", "", ""],
        [1.0, "Hộ A", "Thôn 1, xã B", "2 người", 0.0, 174000000.0, "'0847587030"],
        [2.0, "Hộ C", "Thôn 2, xã B", "-", 1.0, "110 tr", "0865.842.388; 5304035998"],
    )
    assert found.titles == ("DANH SÁCH CƠ SỞ",)
    assert found.header == (
        "TT",
        "Tên, địa chỉ cơ sở / Tên",
        "Tên, địa chỉ cơ sở / Địa chỉ",
        "Lao động (người) / Tổng số",
        "Lao động (người) / Trong đó nữ",
        "Doanh thu",
        "Điện thoại/MST",
    )
    assert found.head.number == 3
    assert numbers(found.body) == [4, 5]
    assert [column.meaning for column in propose_columns(found.header)] == [
        *("stt", "name", "address", "workers", "workers_female", "revenue", "phone"),
    ]


def test_a_row_of_texts_below_the_head_is_the_first_of_the_list() -> None:
    found = layout(["Tên cơ sở", "Xã, phường"], ["Hộ A", "Xã B"], ["Hộ C", "Xã D"])
    assert found.header == ("Tên cơ sở", "Xã, phường")
    assert numbers(found.body) == [2, 3]


def test_groups_with_headings_and_partial_sums() -> None:
    found = layout(
        HEAD,
        ["I", "Huyện Bát Xát"],
        [1.0, "Hộ A", "Xã B", 2.0],
        ["", "Cộng", "", 2.0],
        ["II", "Huyện Bảo Yên"],
        [2.0, "Hộ C", "Xã D", 1.0],
        ["", "Cộng", "", 1.0],
        ["", "TỔNG SỐ:", "", 3.0],
    )
    assert numbers(found.body) == [3, 6]
    assert numbers(found.totals) == [4, 7, 8]
    assert numbers(found.headings) == [2, 5]


def test_rows_numbered_in_roman_are_rows() -> None:
    head: list[Cell] = ["STT", "Tên cơ sở", "Mã số thuế", "Số lao động"]
    found = layout(head, ["I", "HTX A", "0312687878", 3.0], ["II", "HTX B", "5304035998", 4.0])
    assert numbers(found.body) == [2, 3]
    assert found.group_sums == ()


def test_rows_without_a_number_before_a_total_stay_in_their_order() -> None:
    found = layout(
        HEAD,
        [1.0, "Hộ A", "Xã B", 2.0],
        ["", "Cộng", "", 2.0],
        ["", "Hộ C", "Xã D", 1.0],
        [2.0, "Hộ E", "Xã D", 1.0],
        ["", "Cộng", "", 2.0],
    )
    assert numbers(found.body) == [2, 4, 5]


def test_a_list_without_numbers_keeps_all_rows() -> None:
    found = layout(["Tên cơ sở", "Xã, phường"], ["Hộ A", "Xã B"], ["Hộ C", "Xã D"])
    assert numbers(found.body) == [2, 3]


def test_a_company_is_no_total() -> None:
    found = layout(
        HEAD,
        [1.0, "Tổng công ty Sông Chảy", "Xã B", 9.0],
        ["", "Công ty Cộng Lực", "Xã B", 9.0],
    )
    assert numbers(found.body) == [2, 3]
    assert found.totals == ()


@pytest.mark.parametrize(
    ("title", "year", "basis"),
    [
        ("DANH SÁCH CƠ SỞ (ước năm 2020)", 2020, FigureBasis.ESTIMATE),
        ("DANH SÁCH CƠ SỞ, ƯỚC THỰC HIỆN NĂM 2025", 2025, FigureBasis.ESTIMATE),
        ("Danh sách cơ sở nước mắm tỉnh Bình Phước năm 2019", 2019, FigureBasis.ACTUAL),
        ("Danh sách cơ sở", None, FigureBasis.ACTUAL),
        ("So sánh năm 2019 và năm 2020", None, FigureBasis.ACTUAL),
    ],
)
def test_year_and_basis_come_from_the_title(
    title: str, year: int | None, basis: FigureBasis
) -> None:
    assert year_and_basis(("SỞ CÔNG THƯƠNG", title)) == (year, basis)


def test_a_remark_gives_the_unit_of_all_columns_that_do_not_say_it() -> None:
    unit = unit_of_list(("Danh sách công ty", "ĐVT: nghìn đồng"))
    columns = propose_columns(["Doanh thu", "Vốn (tỷ đồng)", "Số lao động"], unit)
    assert [column.unit for column in columns] == [MoneyUnit.NGHIN, MoneyUnit.TY, None]


@pytest.mark.parametrize(
    ("head", "meaning"),
    [
        ("TT", "stt"),
        ("TÊN CƠ SỞ SẢN XUẤT", "name"),
        ("Tên chủ cơ sở", "rep_name"),
        ("Người đại diện theo pháp luật", "rep_name"),
        ("MST", "tax_code"),
        ("Số điện thoại liên hệ", "phone"),
        ("Địa chỉ email", "email"),
        ("Xã/Phường (mới)", "commune"),
        ("Huyện, thị xã, thành phố", "district"),
        ("Tỉnh, thành phố", "province"),
        ("Địa chỉ sản xuất", "address"),
        ("Ngành nghề sản xuất kinh doanh", "trade"),
        ("Mã ngành nghề", "vsic"),
        ("Tổng số lao động (người)", "workers"),
        ("Trong đó: lao động nữ", "workers_female"),
        ("Giá trị sản xuất công nghiệp\nước năm 2020 (triệu đồng)", "production_value"),
        ("Thu nhập bình quân của người lao động (đồng/tháng)", "avg_wage"),
        ("Nộp ngân sách nhà nước", "tax_paid"),
        ("Kim ngạch xuất khẩu", "export_value"),
        ("Năm thành lập", "founded_year"),
        ("Ghi chú", "note"),
    ],
)
def test_heads_people_write(head: str, meaning: str) -> None:
    found = meaning_of(head)
    assert found is not None
    assert found[0] == meaning


@pytest.mark.parametrize(
    "text",
    ["Xã Cốc Mỳ", "Huyện Bát Xát", "Thôn 5", "Phường 9", "Hộ Lý A Sử", "Tên sản phẩm", "(1)", ""],
)
def test_what_is_no_head(text: str) -> None:
    assert meaning_of(text) is None


def test_each_meaning_is_given_once_and_the_rest_stays_unread() -> None:
    columns = propose_columns(
        [
            "Tên hàng hóa của cơ sở",
            "Tên cơ sở",
            "",
            "Thu nhập bình quân (triệu đồng/năm)",
            "Máy móc",
        ]
    )
    assert [(column.letter, column.meaning) for column in columns] == [
        ("A", None),
        ("B", "name"),
        ("D", None),
        ("E", None),
    ]


def test_needed_columns_that_lack_are_named_with_those_that_were_found() -> None:
    with pytest.raises(BadInput) as caught:
        require_columns(
            propose_columns(["STT", "Tên cơ sở", "Điện thoại"]), "a.xlsx", ESTABLISHMENT_LIST.needed
        )
    assert caught.value.message == (
        "Danh sách trong tệp “a.xlsx” thiếu cột “Xã, phường”; "
        "các cột tìm thấy: “STT”, “Tên cơ sở”, “Điện thoại”."
    )
    assert caught.value.code == "missing_columns"
    with pytest.raises(BadInput, match="thiếu cột “Tên cơ sở” và cột “Xã, phường”"):
        require_columns(propose_columns(["STT", "Điện thoại"]), "a.xlsx", ESTABLISHMENT_LIST.needed)

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.findings import Checked
from kcdesk.domain.money import (
    MAX_VND,
    MoneyUnit,
    check_money,
    exact_decimal,
    find_unit,
    format_decimal,
    format_in,
    format_vnd,
    money_of_number,
    read_number,
)

D, N, TR, TY = MoneyUnit.DONG, MoneyUnit.NGHIN, MoneyUnit.TRIEU, MoneyUnit.TY
amounts = st.integers(min_value=0, max_value=MAX_VND)
units = st.sampled_from(MoneyUnit)


def code(checked: Checked[int]) -> str:
    assert checked.value is None
    (finding,) = checked.findings
    assert finding.level == "hard"
    assert "V-MONEY" in finding.message
    return finding.code


@pytest.mark.parametrize(
    ("written", "vnd"),
    [
        ("1,2 tỷ", 1_200_000_000),
        ("1.2 tỉ", 1_200_000_000),
        ("174 tr", 174_000_000),
        ("174tr.", 174_000_000),
        ("1.675 tr", 1_675_000_000),
        ("0,02 tỷ", 20_000_000),
        ("20.000.000đ", 20_000_000),
        ("20.000.000 VNĐ", 20_000_000),
        ("20 000 000 đồng", 20_000_000),
        ("500 nghìn đồng", 500_000),
        ("500 ngàn", 500_000),
        ("13.802,97 triệu đồng", 13_802_970_000),
        ("1,234.5 triệu", 1_234_500_000),
        ("1 tỷ 200 triệu", 1_200_000_000),
        ("1500 đồng", 1_500),
        ("20.000.000", 20_000_000),
        ("174000000", 174_000_000),
        ("0", 0),
        ("TRIỆU".join(["5,76 ", ""]), 5_760_000),
    ],
)
def test_an_amount_with_its_unit_is_read(written: str, vnd: int) -> None:
    assert check_money(written) == Checked(vnd)


def test_a_plain_number_counts_what_the_column_says() -> None:
    assert check_money("1.500", TR).value == 1_500_000_000
    assert check_money("1500", D).value == 1_500
    assert check_money("2,5", TY).value == 2_500_000_000
    assert check_money("800 nghìn", TR).value == 800_000  # its own unit goes first


@pytest.mark.parametrize("written", ["1.500", "1500", "1,5", "174", "999.999"])
def test_a_small_number_without_any_unit_is_refused(written: str) -> None:
    assert code(check_money(written)) == "V-MONEY.unit"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("ba triệu", "V-MONEY.form"),
        ("1.50.0 triệu", "V-MONEY.form"),
        ("5 triệu 2 tỷ", "V-MONEY.form"),
        ("1 tỷ 2", "V-MONEY.form"),
        ("12 tạ", "V-MONEY.form"),
        ("-", "V-MONEY.form"),
        ("-5 triệu", "V-MONEY.negative"),
        ("0,5 đồng", "V-MONEY.fraction"),
        ("1,2345678 triệu", "V-MONEY.fraction"),
        ("99.999.999 tỷ", "V-MONEY.size"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_rule(written: str, reason: str) -> None:
    assert code(check_money(written)) == reason


@pytest.mark.parametrize(
    ("number", "unit", "vnd"),
    [
        (1238.0, TR, 1_238_000_000),
        (5.76, TR, 5_760_000),
        (6.29, TR, 6_290_000),
        (0.1 + 0.2, TR, 300_000),
        (1 / 3, TR, 333_333),
        (174_000_000.0, None, 174_000_000),
        (0.0, None, 0),
        (3_150_000, TR, 3_150_000_000_000),
    ],
)
def test_the_number_of_a_cell_becomes_whole_dong(
    number: float, unit: MoneyUnit | None, vnd: int
) -> None:
    assert money_of_number(number, unit) == Checked(vnd)


def test_the_number_of_a_cell_is_refused_like_a_typed_one() -> None:
    assert code(money_of_number(-1.0, TR)) == "V-MONEY.negative"
    assert code(money_of_number(1500.0, None)) == "V-MONEY.unit"
    assert code(money_of_number(float("nan"), TR)) == "V-MONEY.form"
    assert code(money_of_number(1e300, TR)) == "V-MONEY.size"


@given(amounts, units)
def test_what_is_written_in_a_unit_is_read_back(amount: int, unit: MoneyUnit) -> None:
    assert check_money(f"{format_in(amount, unit)} {unit.label}").value == amount
    assert check_money(format_in(amount, unit), unit).value == amount


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_two_decimals_of_a_million_are_exact(millions: int, hundredths: int) -> None:
    cell = float(f"{millions}.{hundredths:02}")
    assert money_of_number(cell, TR).value == millions * 10**6 + hundredths * 10**4


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12, places=4))
def test_a_number_written_as_usual_is_read_back(number: Decimal) -> None:
    assert read_number(format_decimal(number)) == number


@given(st.text(alphabet="0123456789.,- đtrtỷiệunghì\u0301"))
def test_any_text_gives_an_amount_or_one_reason(text: str) -> None:
    checked = check_money(text)
    assert (checked.value is None) == bool(checked.findings or not text.strip())
    assert checked.value is None or 0 <= checked.value <= MAX_VND


def test_amounts_are_written_in_the_vietnamese_way() -> None:
    assert format_vnd(1_234_567) == "1.234.567"
    assert format_vnd(0) == "0"
    assert format_in(13_802_970_000, TR) == "13.802,97"
    assert format_in(3_150_000_000_000, TY) == "3.150"
    assert format_in(1_500, TR) == "0,0015"
    assert format_decimal(Decimal("-0.50")) == "-0,5"


def test_the_unit_stands_in_heads_and_remarks() -> None:
    assert find_unit("Giá trị sản xuất (triệu đồng)") is TR
    assert find_unit("Thu nhập BQ (triệu đồng/người/tháng)") is TR
    assert find_unit("Doanh thu (Tr.đ)") is TR
    assert find_unit("Vốn (tỷ đồng)") is TY
    assert find_unit("Doanh thu (1.000 đồng)") is N
    assert find_unit("Doanh thu (1.000.000đ)") is TR
    assert find_unit("Doanh thu (đồng)") is D
    assert find_unit("Doanh thu") is None
    assert find_unit("Số lao động (người)") is None
    assert find_unit("Doanh thu của công ty") is None
    assert exact_decimal(5.76) == Decimal("5.76")

"""Values as they stand on paper."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.documents.form import Condition, Field
from kcdesk.documents.values import clean, holds, printed


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (Field("x", "money"), 1_234_567, "1.234.567"),
        (Field("x", "money"), 0, "0"),
        (Field("x", "money"), "5000000", "5.000.000"),
        (Field("x", "decimal"), "13802.97", "13.802,97"),
        (Field("x", "decimal"), Decimal("2.50"), "2,5"),
        (Field("x", "decimal"), 1e22, "10.000.000.000.000.000.000.000"),
        (Field("x", "int"), 2012, "2012"),
        (Field("x", "date"), datetime.date(2026, 2, 5), "05/02/2026"),
        (Field("x", "bool"), False, "Không"),
        (Field("x", "code", codes="fund"), "KCDP", "Khuyến công địa phương"),
        (Field("x", "code", codes="fund"), "NEWER", "NEWER"),
        (Field("x", "codes", codes="difficulty"), ["POWER", "LAND"], "Điện; Mặt bằng, đất đai"),
        (Field("x", "geo"), ["22.5", 103.75], "22,5; 103,75"),
        (Field("x", "figure"), "1.500", "1.500"),
        (Field("x", "figure"), 1500, "1.500"),
        (
            Field("x", "rows", item="{a} ({b})"),
            [{"a": "Chè", "b": 2}, {"a": "Rượu"}],
            "Chè (2); Rượu",
        ),
        (Field("x", "rows", item="{a}"), "như đã ghi", "như đã ghi"),
        (Field("x"), None, ""),
        (Field("x"), "  ", ""),
    ],
)
def test_printed(field: Field, value: object, text: str) -> None:
    assert printed(field, value) == text


@given(st.integers(-(10**15), 10**15))
def test_money_reads_back(amount: int) -> None:
    assert int(printed(Field("x", "money"), amount).replace(".", "")) == amount


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("form", any_of=("HTX",)), True),
        (Condition("form", any_of=("KHAC",)), False),
        (Condition("form", none_of=("HTX",)), False),
        (Condition("other", none_of=("HTX",)), True),
        (Condition("form"), True),
        (Condition("other"), False),
        (Condition("form", absent=True), False),
        (Condition("other", absent=True), True),
    ],
)
def test_conditions(condition: Condition, expected: bool) -> None:
    assert holds(condition, {"form": "HTX", "other": ""}) is expected

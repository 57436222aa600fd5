"""Table B4: every number is the sum of the records below it."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.code_lists import LegalForm
from kcdesk.domain.value import Value
from kcdesk.reports.establishments import B4Row, table_b4

forms = st.sampled_from([form.value for form in LegalForm] + ["TUONG_LAI"])
records = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "legal_form": forms,
            "workers_total": st.integers(0, 500),
            "production_value": st.integers(0, 10**12),
            "revenue": st.integers(0, 10**12),
            "avg_wage": st.integers(10**6, 10**7),
            "conflicts": st.integers(0, 2),
        },
    ),
    max_size=30,
)


@given(records)
def test_the_total_is_the_sum_of_its_rows(of: list[Mapping[str, Value]]) -> None:
    table = table_b4(iter(of))
    for measure in ("establishments", "workers", "production_value", "revenue"):
        rows = [getattr(row, measure) for row in table.rows]
        assert sum(rows) == getattr(table.total, measure)
        assert all(number >= 0 for number in rows)
    assert table.total.establishments == len(of)
    assert table.in_conflict == sum(bool(record.get("conflicts")) for record in of)
    codes = [row.legal_form for row in table.rows]
    assert len(codes) == len(set(codes))
    known = [form.value for form in LegalForm if form.value in codes]
    assert codes[: len(known)] == known


@given(records)
def test_an_average_lies_between_the_lowest_and_the_highest(
    of: list[Mapping[str, Value]],
) -> None:
    wages = [
        record["avg_wage"] for record in of if "avg_wage" in record and record.get("workers_total")
    ]
    average = table_b4(of).total.avg_wage
    if not wages:
        assert average is None
    else:
        assert average is not None
        assert min(wages) <= average <= max(wages)  # type: ignore[type-var]


def test_a_wage_weighs_as_many_as_earn_it() -> None:
    one = {"legal_form": "HTX", "workers_total": 9, "avg_wage": 4_000_000, "revenue": 5}
    other = {"legal_form": "HTX", "workers_total": 1, "avg_wage": 9_000_000}
    unwaged = {"legal_form": "HTX", "workers_total": 50}
    (row,) = table_b4([one, other, unwaged]).rows
    assert row == B4Row("HTX", "Hợp tác xã", 3, 60, 0, 5, 4_500_000)


def test_forms_that_are_not_known_are_still_counted() -> None:
    table = table_b4([{"legal_form": "TUONG_LAI"}, {}, {"legal_form": "HTX"}])
    assert [(row.legal_form, row.label) for row in table.rows] == [
        ("HTX", "Hợp tác xã"),
        ("", "Chưa rõ loại hình"),
        ("TUONG_LAI", "TUONG_LAI"),
    ]


def test_no_records() -> None:
    table = table_b4([])
    assert table.rows == ()
    assert table.total == B4Row("", "Tổng cộng", 0, 0, 0, 0, None)

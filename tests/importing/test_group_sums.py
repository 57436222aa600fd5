"""Sums of groups and of all groups: recognised, compared with their rows, never imported."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.importing.plan import ImportPlan
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.workbook import Cell, Sheet

UNITS = AdministrativeUnits.read(
    Path(__file__).parents[2] / "resources" / "administrative-units" / "units.tsv"
)
HEAD: list[Cell] = ["STT", "Tên cơ sở", "Xã, phường", "Số lao động", "Doanh thu (triệu đồng)"]


def plan(*rows: list[Cell]) -> ImportPlan:
    sheet = Sheet("a.xlsx", "Sheet1", [["Danh sách năm 2020", "", "", "", ""], HEAD, *rows])
    return plan_establishments(sheet, UNITS, ["old:10"])


def record(stt: int, workers: int, revenue: int) -> list[Cell]:
    return [float(stt), f"Hộ số {stt}", "Xã Bảo Hà", float(workers), float(revenue)]


def sums(stt: Cell, text: str, workers: int, revenue: int) -> list[Cell]:
    return [stt, text, "", float(workers), float(revenue)]


def agreed(found: ImportPlan) -> list[tuple[int, bool]]:
    """Each row of sums, and whether all of them agree."""
    rows = dict.fromkeys(total.row for total in found.totals)
    return [(row, all(t.agrees for t in found.totals if t.row == row)) for row in rows]


def test_sums_of_communes_of_districts_and_of_all() -> None:
    found = plan(
        record(1, 2, 10),  # 3
        record(2, 3, 20),
        sums("", "Cộng xã A", 5, 30),  # 5
        record(3, 4, 40),
        sums("", "Cộng xã B", 4, 40),  # 7
        sums("", "Cộng huyện X", 9, 70),  # 8
        record(4, 5, 50),
        sums("", "Cộng xã C", 5, 50),  # 10
        sums("", "Cộng huyện Y", 5, 50),  # 11
        sums("", "Tổng cộng", 14, 120),  # 12
    )
    assert agreed(found) == [(5, True), (7, True), (8, True), (10, True), (11, True), (12, True)]
    covers = {total.row: total.covers for total in found.totals}
    assert covers == {5: (3, 4), 7: (6, 6), 8: (3, 6), 10: (9, 9), 11: (9, 9), 12: (3, 9)}
    assert len(found.rows) == 4
    assert found.rejected == ()
    assert "Dòng 8 (Cộng huyện X), cột “Số lao động”: tổng" in found.totals[4].sentence


def test_a_wrong_sum_is_compared_with_its_kind() -> None:
    found = plan(
        record(1, 2, 10),
        sums("", "Cộng xã A", 2, 10),
        sums("", "Cộng huyện X", 2, 10),
        record(2, 4, 40),
        sums("", "Cộng xã B", 4, 40),
        record(3, 5, 50),
        sums("", "Cộng xã C", 5, 50),
        sums("", "Cộng huyện Y", 8, 90),  # 10
    )
    assert [(row, right) for row, right in agreed(found) if not right] == [(10, False)]
    assert [t.covers for t in found.totals if t.row == 10] == [(6, 8)] * 2
    assert [t.computed for t in found.totals if t.row == 10] == [9, 90_000_000]


def test_sums_beside_the_names_of_groups() -> None:
    found = plan(
        sums("", "Toàn tỉnh", 14, 120),  # 3
        sums("A", "Doanh nghiệp", 9, 70),  # 4
        sums("I", "Huyện X", 5, 30),  # 5
        record(1, 2, 10),
        record(2, 3, 20),
        sums("II", "Huyện Y", 4, 40),  # 8
        record(3, 4, 40),
        sums("B", "Hộ kinh doanh", 5, 50),  # 10
        sums("I", "Huyện X", 5, 50),  # 11
        record(4, 5, 50),
    )
    assert agreed(found) == [(row, True) for row in (3, 4, 5, 8, 10, 11)]
    assert {t.row: t.covers for t in found.totals}[4] == (6, 9)
    assert [row.establishment["name"] for row in found.rows] == [f"Hộ số {n}" for n in range(1, 5)]
    told = [f.row for f in found.findings if f.finding.code == "row.group_sum"]
    assert told == [3, 4, 5, 8, 10, 11]


def test_a_group_whose_sum_is_wrong() -> None:
    found = plan(
        sums("I", "Huyện X", 6, 30),
        record(1, 2, 10),
        record(2, 3, 20),
        sums("II", "Huyện Y", 4, 40),
        record(3, 4, 40),
        sums("", "Tổng cộng", 9, 70),
    )
    assert agreed(found) == [(3, False), (6, True), (8, True)]
    assert [t.computed for t in found.totals if t.row == 3] == [5, 30_000_000]


def test_each_group_may_end_with_a_total_of_the_same_words() -> None:
    found = plan(
        ["I", "Huyện X", "", "", ""],
        record(1, 2, 10),
        record(2, 3, 20),
        sums("", "Tổng cộng", 5, 30),
        ["II", "Huyện Y", "", "", ""],
        record(3, 4, 40),
        record(4, 1, 5),
        sums("", "Tổng cộng", 5, 45),
    )
    assert agreed(found) == [(6, True), (10, True)]


def test_a_last_total_is_taken_at_its_word() -> None:
    """It says all and is only the sum of the last group: somebody forgot the first."""
    found = plan(
        record(1, 2, 10),
        sums("", "Cộng", 2, 10),
        record(2, 3, 20),
        sums("", "Cộng", 3, 20),
        sums("", "Tổng cộng", 3, 20),
    )
    assert agreed(found) == [(4, True), (6, True), (7, False)]


def test_a_record_without_its_number_is_no_group() -> None:
    found = plan(record(1, 2, 10), ["", "Hộ Vàng A Páo", "", 3.0, 20.0])
    assert [row.row_number for row in found.rejected] == [4]


groups = st.lists(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=1, max_size=4),
    min_size=2,
    max_size=5,
)


@pytest.mark.parametrize("above", [True, False])
@given(groups=groups, data=st.data())
def test_each_sum_is_compared_with_its_own_rows(
    above: bool, groups: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    """Right ones agree and a wrong one alone does not, wherever it stands."""
    wrong = data.draw(st.integers(-1, len(groups)))
    rows: list[list[Cell]] = []
    sum_numbers = []

    def add(number: int, stt: str, text: str, values: list[tuple[int, int]]) -> None:
        slip = 7 * 10**7 if number == wrong else 0
        sum_numbers.append(len(rows) + 3)
        rows.append(sums(stt, text, sum(w for w, _ in values) + slip, sum(r for _, r in values)))

    for number, group in enumerate(groups):
        if above:
            add(number, "I" * (number + 1) if number < 3 else "IV", f"Huyện {number}", group)
        for workers, revenue in group:
            rows.append(record(len(rows), workers, revenue))
        if not above:
            add(number, "", "Cộng", group)
    add(len(groups), "", "Tổng cộng", [one for group in groups for one in group])
    found = plan(*rows)
    assert agreed(found) == [(row, n != wrong) for n, row in enumerate(sum_numbers)]
    assert len(found.rows) == sum(map(len, groups))

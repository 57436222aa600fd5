"""Support levels: the worked cases of dossier 7.3, and what holds of any cost under any rule."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.code_lists import Fund
from kcdesk.domain.published import tables
from kcdesk.domain.published.confidence import Confidence
from kcdesk.domain.published.tables import SupportRule
from kcdesk.domain.support import activity_of, held_on, level, over, rule_ids
from kcdesk.resources import resource_path

TRIEU = 1_000_000
TODAY = datetime.date(2026, 11, 28)


def shipped() -> list[SupportRule]:
    content = resource_path("support-rules.csv").read_bytes()
    rules, faults = tables.support_rules("support-rules.csv", content, {"66"})
    assert faults == []
    return rules


def rule(**said: object) -> SupportRule:
    cells: dict[str, object] = {
        "rule_id": "KC3.X",
        "fund": "KCQG",
        "province_code": None,
        "valid_from": datetime.date(2020, 1, 1),
        "valid_to": None,
        "percent_cap": None,
        "money_cap_vnd": None,
        "unit": None,
        "multiplier": None,
        "legal_doc": None,
        "article": None,
        "confidence": "confirmed",
        "note": None,
    }
    return SupportRule(**{**cells, **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule_id", "fund", "province", "day", "cost", "support"),
    [
        ("KC3.MACHINERY", "KCQG", None, TODAY, 500, 250),
        ("KC3.MACHINERY", "KCQG", None, TODAY, 800, 300),
        ("KC3.LINE", "KCQG", None, TODAY, 1_000, 450),
        ("KC3.DEMO_NEW", "KCQG", None, TODAY, 2_000, 600),
        ("KC3.DEMO_NEW", "KCQG", None, TODAY, 4_000, 1_000),
        ("KC3.DEMO_NEW", "KCDP", "66", TODAY, 4_000, 800),
        ("KC3.DEMO_NEW", "KCDP", "66", datetime.date(2025, 7, 26), 4_000, 800),
        ("KC3.MACHINERY", "KCQG", None, datetime.date(2018, 3, 1), 800, 200),
        ("KC3.MACHINERY", "KCQG", None, datetime.date(2018, 5, 10), 800, 200),
        ("KC3.MACHINERY", "KCQG", None, datetime.date(2018, 5, 11), 800, 300),
        ("KC2.STARTUP", "KCQG", None, TODAY, 4, 4),
    ],
)
def test_worked_cases(
    rule_id: str, fund: str, province: str | None, day: datetime.date, cost: int, support: int
) -> None:
    held = held_on(shipped(), rule_id, Fund.of(fund), province, day)
    assert held is not None
    found = level(held, cost * TRIEU)
    assert (found.support, found.counterpart) == (support * TRIEU, (cost - support) * TRIEU)


def test_no_national_figure_steps_in_for_a_local_one() -> None:
    rules = shipped()
    assert held_on(rules, "KC3.MACHINERY", Fund.KCDP, "66", TODAY) is None
    assert held_on(rules, "KC3.DEMO_NEW", Fund.KCDP, "15", TODAY) is None
    assert held_on(rules, "KC3.DEMO_NEW", Fund.KCDP, None, TODAY) is None
    assert held_on(rules, "KC3.DEMO_NEW", Fund.KCDP, "66", datetime.date(2025, 7, 25)) is None
    everywhere = rule(fund="KCDP")
    assert held_on([everywhere], "KC3.X", Fund.KCDP, None, TODAY) is None


def test_what_ships_carries_its_mark_and_nothing_vague() -> None:
    rules = shipped()
    assert {each.confidence for each in rules} == {"confirmed", "recalled"}
    assert all(each.name for each in rules)
    assert all(activity_of(each.rule_id) for each in rules)
    line = held_on(rules, "KC3.LINE", Fund.KCQG, None, TODAY)
    assert line is not None
    found = level(line, 1_000 * TRIEU)
    assert [(cap.kind, cap.confidence) for cap in found.caps] == [
        ("money", Confidence.CONFIRMED),
        ("percent", Confidence.RECALLED),
    ]
    # above the money, which was read; above the percentage alone, which was not
    assert found.blocks(451 * TRIEU)
    small = level(line, 100 * TRIEU)
    assert [cap.kind for cap in small.exceeded(51 * TRIEU)] == ["percent"]
    assert not small.blocks(51 * TRIEU)


def test_a_rule_without_a_level_says_so() -> None:
    found = level(rule(), 100)
    assert (found.support, found.counterpart, found.exceeded(10**12)) == (None, None, ())


def test_units_multiply_the_money_and_not_the_percentage() -> None:
    found = level(rule(percent_cap=Decimal(50), money_cap_vnd=35 * TRIEU), 200 * TRIEU, 2)
    assert {cap.kind: cap.vnd for cap in found.caps} == {
        "percent": 100 * TRIEU,
        "money": 70 * TRIEU,
    }


def test_a_provinces_rows_replace_ours_rule_by_rule() -> None:
    ours = [rule(name="Mô hình"), rule(rule_id="KC3.Y", name="Máy")]
    theirs = [rule(money_cap_vnd=5), rule(fund="KCDP", province_code="66")]
    rows = over(ours, theirs)
    assert [(r.rule_id, r.fund, r.money_cap_vnd, r.name) for r in rows] == [
        ("KC3.Y", "KCQG", None, "Máy"),
        ("KC3.X", "KCQG", 5, "Mô hình"),
        ("KC3.X", "KCDP", None, "Mô hình"),
    ]
    assert rule_ids(rows) == {"KC3.X": "Mô hình", "KC3.Y": "Máy"}


amounts = st.integers(1, 10**13)
percents = st.decimals("0.01", "100", places=2)


@given(
    amounts,
    st.integers(1, 50),
    st.none() | percents,
    st.none() | amounts,
    st.sampled_from((None, Decimal("1.5"), Decimal("0.5"))),
    st.sampled_from((1, 1_000, 10_000)),
)
def test_never_above_a_limit_or_the_cost(
    cost: int,
    units: int,
    percent: Decimal | None,
    money: int | None,
    multiplier: Decimal | None,
    rounded_to: int,
) -> None:
    found = level(
        rule(percent_cap=percent, money_cap_vnd=money, multiplier=multiplier),
        cost,
        units,
        rounded_to,
    )
    if percent is None and money is None:
        assert found.support is None
        return
    assert found.support is not None
    assert found.counterpart is not None
    assert 0 <= found.support <= cost
    assert found.support % rounded_to == 0
    assert found.support + found.counterpart == cost
    assert found.exceeded(found.support) == ()
    if percent is not None:
        assert found.support * 100 <= percent * cost
    if money is not None:
        assert found.support <= money * units * (multiplier or 1)
    # and nothing that could be given is held back, but for the rounding
    assert found.exceeded(found.support + rounded_to) or found.support + rounded_to > cost

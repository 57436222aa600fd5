"""Who may be supported, before and after 15 October 2025, and what counts for priority."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.code_lists import LegalForm, PriorityFlag
from kcdesk.domain.eligibility import Facts, Rules, Verdict, judge, overall
from kcdesk.domain.priority import prioritise
from kcdesk.domain.published.confidence import Confidence
from kcdesk.domain.published.tables import Weight
from kcdesk.resources import resource_path

RULES = Rules.read(resource_path("eligibility.toml").read_bytes())
LAST_OLD, FIRST_NEW = datetime.date(2025, 10, 14), datetime.date(2025, 10, 15)
HOUSEHOLD = Facts("HO_KINH_DOANH", ("Xã", "Tỉnh"), ("Xã", "Tỉnh"), "1610")
Y, N, A = Verdict.YES, Verdict.NO, Verdict.ASK


def verdict(facts: Facts, day: datetime.date, criterion: str) -> Verdict:
    return next(one.verdict for one in judge(RULES, facts, day) if one.criterion == criterion)


@pytest.mark.parametrize(
    ("form", "before", "after"),
    [(form.value, Y, Y) for form in LegalForm if form not in ("LIEN_HIEP_HTX", "KHAC")]
    + [("LIEN_HIEP_HTX", N, Y), ("KHAC", A, A), (None, A, A)],
)
def test_legal_forms(form: str | None, before: Verdict, after: Verdict) -> None:
    facts = replace(HOUSEHOLD, legal_form=form)
    assert verdict(facts, LAST_OLD, "legal_form") is before
    assert verdict(facts, FIRST_NEW, "legal_form") is after


@pytest.mark.parametrize(
    ("commune", "old", "before", "after"),
    [
        (("Xã", "Tỉnh"), ("Xã", "Tỉnh"), Y, Y),
        (("Xã", "Thành phố"), ("Thị trấn", "Thành phố"), Y, Y),
        (("Phường", "Tỉnh"), ("Phường", "Tỉnh"), A, Y),
        (("Phường", "Thành phố"), ("Xã", "Tỉnh"), Y, A),
        (("Đặc khu", "Thành phố"), ("Huyện", "Thành phố"), A, Y),
        (None, None, A, A),
        (("Bản", "Tỉnh"), ("Bản", "Tỉnh"), N, N),
    ],
)
def test_places(
    commune: tuple[str, str] | None, old: tuple[str, str] | None, before: Verdict, after: Verdict
) -> None:
    facts = replace(HOUSEHOLD, commune=commune, old_commune=old)
    assert verdict(facts, LAST_OLD, "place") is before
    assert verdict(facts, FIRST_NEW, "place") is after
    everywhere = replace(facts, cleaner_production=True)
    assert verdict(everywhere, FIRST_NEW, "place") is Y


@pytest.mark.parametrize(("vsic", "expected"), [("1610", Y), ("33", Y), ("4711", A), (None, A)])
def test_industry(vsic: str | None, expected: Verdict) -> None:
    assert verdict(replace(HOUSEHOLD, vsic=vsic), FIRST_NEW, "industry") is expected


@pytest.mark.parametrize(
    ("workers", "revenue", "capital", "expected"),
    [
        (200, 200, None, Y),
        (200, 201, 100, Y),
        (200, 201, 101, N),
        (201, 1, 1, N),
        (10, None, None, A),
        (None, 1, 1, A),
        (10, 201, None, A),
    ],
)
def test_size_of_enterprises(
    workers: int | None, revenue: int | None, capital: int | None, expected: Verdict
) -> None:
    def ty(amount: int | None) -> int | None:
        return None if amount is None else amount * 10**9

    firm = replace(
        HOUSEHOLD,
        legal_form="DOANH_NGHIEP",
        workers=workers,
        revenue_vnd=ty(revenue),
        capital_vnd=ty(capital),
    )
    (size,) = (one for one in judge(RULES, firm, FIRST_NEW) if one.criterion == "size")
    assert (size.verdict, size.confidence) == (expected, Confidence.RECALLED)
    early = judge(RULES, firm, datetime.date(2020, 1, 1))
    assert "size" not in {one.criterion for one in early}
    assert "size" not in {one.criterion for one in judge(RULES, HOUSEHOLD, FIRST_NEW)}


@given(
    st.builds(
        Facts,
        legal_form=st.none() | st.sampled_from([form.value for form in LegalForm]),
        commune=st.none() | st.tuples(st.text(max_size=8), st.sampled_from(["Tỉnh", "Thành phố"])),
        old_commune=st.none() | st.tuples(st.text(max_size=8), st.just("Tỉnh")),
        vsic=st.none() | st.text(max_size=5),
        workers=st.none() | st.integers(0, 10**6),
        revenue_vnd=st.none() | st.integers(0, 10**13),
        capital_vnd=st.none() | st.integers(0, 10**13),
        cleaner_production=st.booleans(),
    ),
    st.dates(datetime.date(2012, 7, 5), datetime.date(2035, 1, 1)),
)
def test_every_answer_has_a_reason_and_says_how_far_to_trust_it(
    facts: Facts, day: datetime.date
) -> None:
    answers = judge(RULES, facts, day)
    assert {"legal_form", "place", "industry"} <= {one.criterion for one in answers}
    for one in answers:
        assert one.reason.endswith(".")
        assert one.source or one.confidence is Confidence.DESIGNED
    assert overall(answers) is (
        N
        if any(one.verdict is N for one in answers)
        else Y
        if all(one.verdict is Y for one in answers)
        else A
    )


def test_priority_is_the_sum_of_what_is_met() -> None:
    met = {PriorityFlag.WOMEN_OWNED: True, PriorityFlag.EXPORT: False}
    day = datetime.date(2026, 1, 1)
    equal = prioritise(met, [], day)
    assert (equal.score, equal.highest) == (10, 90)
    ended = Weight("EXPORT", Decimal(9), None, datetime.date(2025, 12, 31), None, "province", None)
    now = Weight("WOMEN_OWNED", Decimal("2.5"), day, None, None, "province", None)
    own = prioritise(met, [ended, now], day)
    assert (own.score, own.highest) == (Decimal("2.5"), Decimal("2.5"))
    assert [each.flag for each in own.criteria] == list(PriorityFlag)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('confidence = "recalled"', 'confidence = "sure"'),
        ('"LIEN_HIEP_HTX"', '"CLUB"'),
        ("workers_max = 200", "workers_max = true"),
        ("[sme]", "[sme"),
    ],
)
def test_a_file_that_is_wrong_is_not_taken(old: str, new: str) -> None:
    content = resource_path("eligibility.toml").read_text("utf-8")
    assert old in content
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever is wrong with it
        Rules.read(content.replace(old, new).encode())

"""The state table: every pair of state and step, allowed or refused, for both funds."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.documents import list_forms
from kcdesk.domain.code_lists import Fund, SchemeState
from kcdesk.domain.published.tables import Deadline
from kcdesk.domain.schemes.progress import (
    BEFORE_PARTS,
    ENDS,
    Part,
    counts_of,
    missing_before_closing,
    state_of,
)
from kcdesk.domain.schemes.steps import LEFT, Holder, StepTable
from kcdesk.errors import BadInput
from kcdesk.resources import resource_path

STEPS = StepTable.read(resource_path("schemes", "steps.toml").read_bytes())
S = SchemeState

NEED = {("SURVEYED", "REGISTER"), ("SURVEYED", "WITHDRAW"), ("REGISTERED", "WITHDRAW")}
SCHEME_KCDP = {
    ("DRAFTED", "APPRAISE"),
    ("APPRAISED", "APPROVE_PLAN"),
    ("DRAFTED", "RETURN"),
    ("APPRAISED", "RETURN"),
    ("RETURNED", "REDRAFT"),
    ("DRAFTED", "REJECT"),
    ("APPRAISED", "REJECT"),
    ("DRAFTED", "WITHDRAW"),
    ("APPRAISED", "WITHDRAW"),
    ("PLAN_APPROVED", "WITHDRAW"),
}
SCHEME_KCQG = (SCHEME_KCDP - {("DRAFTED", "APPRAISE")}) | {
    ("DRAFTED", "BASE_APPRAISE"),
    ("BASE_APPRAISED", "APPRAISE"),
    ("BASE_APPRAISED", "RETURN"),
    ("BASE_APPRAISED", "REJECT"),
    ("BASE_APPRAISED", "WITHDRAW"),
}
PART = {
    ("PLAN_APPROVED", "CONTRACT"),
    ("CONTRACTED", "ADVANCE"),
    ("CONTRACTED", "IMPLEMENT"),
    ("ADVANCED", "IMPLEMENT"),
    ("IMPLEMENTING", "ACCEPT"),
    ("BASE_ACCEPTED", "SETTLE"),
    ("SETTLED", "LIQUIDATE"),
    ("LIQUIDATED", "CLOSE"),
    ("CONTRACTED", "ADJUST"),
    ("ADVANCED", "ADJUST"),
    ("IMPLEMENTING", "ADJUST"),
    ("ADJUSTING", "RESUME"),
    ("PLAN_APPROVED", "STOP"),
    ("CONTRACTED", "STOP"),
    ("ADVANCED", "STOP"),
    ("IMPLEMENTING", "STOP"),
    ("STOPPED", "SETTLE"),
    ("STOPPED", "CLOSE"),
}
ALLOWED: dict[tuple[Fund, Holder], set[tuple[str, str]]] = {
    (Fund.KCQG, "need"): NEED,
    (Fund.KCDP, "need"): NEED,
    (Fund.KCQG, "scheme"): SCHEME_KCQG,
    (Fund.KCDP, "scheme"): SCHEME_KCDP,
    (Fund.KCQG, "part"): PART,
    (Fund.KCDP, "part"): PART,
}
NAMES = sorted({name for pairs in ALLOWED.values() for _, name in pairs})


@pytest.mark.parametrize(("fund", "holder"), ALLOWED)
@pytest.mark.parametrize("state", SchemeState)
def test_every_pair(fund: Fund, holder: Holder, state: SchemeState) -> None:
    possible = {name for source, name in ALLOWED[fund, holder] if source == state.value}
    for name in NAMES:
        if name in possible:
            assert STEPS.step(fund, holder, state, name).name == name
            continue
        with pytest.raises(BadInput) as refused:
            STEPS.step(fund, holder, state, name)
        assert f"“{state.label}”" in refused.value.message
        assert all(other in refused.value.hint for other in possible)


def test_the_straight_way_of_each_fund() -> None:
    for fund, way in (
        (Fund.KCQG, "BASE_APPRAISE APPRAISE APPROVE_PLAN"),
        (Fund.KCDP, "APPRAISE APPROVE_PLAN"),
    ):
        state = S.DRAFTED
        for name in way.split():
            state = STEPS.step(fund, "scheme", state, name).target(None)
        assert state is S.PLAN_APPROVED
        for name in ("CONTRACT", "ADVANCE", "IMPLEMENT", "ACCEPT", "SETTLE", "LIQUIDATE", "CLOSE"):
            state = STEPS.step(fund, "part", state, name).target(None)
        assert state is S.CLOSED


@pytest.mark.parametrize("left", [S.CONTRACTED, S.ADVANCED, S.IMPLEMENTING])
def test_an_adjustment_returns_to_what_it_left(left: SchemeState) -> None:
    assert STEPS.step(Fund.KCQG, "part", left, "ADJUST").target(None) is S.ADJUSTING
    resume = STEPS.step(Fund.KCQG, "part", S.ADJUSTING, "RESUME")
    assert resume.target(left) is left
    with pytest.raises(ValueError, match="left"):
        resume.target(None)


def test_nothing_leaves_an_end_and_every_other_state_has_a_way_out() -> None:
    for (fund, holder), pairs in ALLOWED.items():
        reached = {step.to for step in STEPS.of(fund, holder) if step.to != LEFT} | {
            state for state, _ in pairs
        }
        for state in reached:
            ways = STEPS.from_state(fund, holder, S.of(state))
            handed_on = {"scheme": {"PLAN_APPROVED"}, "need": {"REGISTERED"}}.get(holder, set())
            assert bool(ways) == (S.of(state) not in ENDS) or state in handed_on


def test_steps_name_papers_and_roles_that_there_are() -> None:
    forms = {form.id for form in list_forms()}
    for fund, holder in ALLOWED:
        for step in STEPS.of(fund, holder):
            assert set(step.papers) <= forms
            assert "centre" in step.by
            assert "collaborator" not in step.by
            if step.needs_number:
                assert step.papers


def test_last_days_of_the_law_and_of_the_province() -> None:
    days = {
        step.name: deadline.due_on(2027, {"BASE_ACCEPTED": datetime.date(2027, 11, 20)})
        for step, deadline in STEPS.deadlines(Fund.KCQG)
    }
    assert days == {
        "BASE_APPRAISE": datetime.date(2026, 5, 20),
        "SETTLE": datetime.date(2027, 12, 5),
        "LIQUIDATE": datetime.date(2028, 1, 22),
    }
    assert STEPS.deadlines(Fund.KCDP) == ()
    own = Deadline(
        "KCQG.DRAFT", "Gửi", "05-10", "KCQG", None, None, None, "Công văn", None, "province", None
    )
    ((_, first), *_) = STEPS.deadlines(Fund.KCQG, [own])
    assert (first.due_on(2027, {}), first.confidence) == (datetime.date(2026, 5, 10), "province")
    settle = {step.name: last for step, last in STEPS.deadlines(Fund.KCQG)}["SETTLE"]
    assert settle.due_on(2027, {}) is None


@pytest.mark.parametrize(
    "content",
    [
        b"[[step]]\nname = 1",
        b"[[step]]\nname='A'\nlabel='A'\nholder='part'\nfrom=['X']\nto='CLOSED'\nby=['centre']",
        b"[[step]]\nname='A'\nlabel='A'\nholder='part'\nfrom=['STOPPED']\nto='X'\nby=['centre']",
        b"[[step]]\nname='A'\nlabel='A'\nholder='part'\nfrom=['STOPPED']\nto='CLOSED'\nby=['king']",
        b"[[step]]\nname='A'\nlabel='A'\nholder='part'\nfrom=['STOPPED']\nto='CLOSED'\nby=['centre']\n"
        * 2,
        b"[[step",
    ],
)
def test_a_table_that_is_wrong_is_not_taken(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever is wrong with it
        StepTable.read(content)


PACE = "PLAN_APPROVED CONTRACTED ADVANCED IMPLEMENTING BASE_ACCEPTED SETTLED LIQUIDATED CLOSED"
going = st.sampled_from([S.of(name) for name in PACE.split()]).map(Part)
stopped = st.sampled_from([S.STOPPED, S.SETTLED, S.LIQUIDATED, S.CLOSED]).map(
    lambda state: Part(state, stopped=True)
)


@given(st.lists(going | stopped, min_size=1))
def test_a_scheme_is_where_its_slowest_part_is(parts: list[Part]) -> None:
    state = state_of(S.PLAN_APPROVED, parts)
    alive = [part.state for part in parts if not part.stopped]
    if alive:
        order = PACE.split()
        assert state in alive
        assert all(order.index(state.value) <= order.index(one.value) for one in alive)
    else:
        assert state in {part.state for part in parts}
    assert sum(counts_of(parts).values()) == len(parts)
    assert counts_of(parts)[S.STOPPED] == len(parts) - len(alive)


def test_before_the_contracts_the_scheme_speaks_for_itself() -> None:
    for own, part in itertools.product(BEFORE_PARTS, (Part(S.CONTRACTED), Part(S.CLOSED))):
        assert state_of(own, [part]) is own
    assert state_of(S.PLAN_APPROVED, []) is S.PLAN_APPROVED


def test_a_stop_is_closed_at_once_only_where_no_money_flowed() -> None:
    assert missing_before_closing(S.STOPPED, paid=0, returned=0) is None
    assert "hoàn trả" in (missing_before_closing(S.STOPPED, paid=5, returned=4) or "")
    assert "thanh lý" in (missing_before_closing(S.STOPPED, paid=5, returned=5) or "")
    assert missing_before_closing(S.LIQUIDATED, paid=5, returned=5) is None

"""Where a record is, from what its changes say, and the order of a record's changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.changes import Change, Value
from kcdesk.domain.kinds import KINDS
from kcdesk.server.history import causal_order
from kcdesk.server.places import Communes, areas_of, parent_of, places

A, B = "00000000000000aa", "00000000000000bb"
COMMUNES = Communes(
    {"1": frozenset({1}), "2": frozenset({2}), "3": frozenset({3})},
    {"o1": frozenset({1}), "o23": frozenset({2, 3})},
)


def said(n: int, device: str = A, seen: dict[str, int] | None = None, **fields: Value) -> Change:
    return Change(device, n, "establishments", "r", n, fields, seen or {})


@pytest.mark.parametrize(
    ("changes", "areas"),
    [
        ([said(1, commune="1")], {1}),
        ([said(1, commune="1"), said(2, commune="2")], {2}),
        ([said(1, commune="1"), said(1, B, commune="2")], {1, 2}),
        ([said(1, commune="1"), said(1, B, {A: 1}, commune="2")], {2}),
        ([said(1, commune="1", old_commune="o23")], {1}),
        ([said(1, old_commune="o23")], {2, 3}),
        ([said(1, old_commune="o23", commune_candidates=["1", "2"])], {1, 2}),
        ([said(1, commune_candidates=["9"], old_commune="o1")], {1}),
        ([said(1, commune="9")], set()),
        ([said(1, commune=None, old_commune="o1")], {1}),
        ([said(1, commune=["1"])], set()),
        ([said(1, commune_candidates="1")], set()),
        ([said(1, commune_candidates=[["1"], {"1": 1}, None])], set()),
        ([said(1, name="A")], set()),
    ],
)
def test_where_an_establishment_is(changes: list[Change], areas: set[int]) -> None:
    assert areas_of(changes, COMMUNES) == areas
    assert areas_of(reversed(changes), COMMUNES) == areas


def test_a_child_names_its_parent() -> None:
    figures = KINDS["figures"]
    one = Change(A, 1, "figures", "f", 1, {"establishment": "x"}, {})
    other = Change(A, 2, "figures", "f", 2, {"establishment": "y"}, {})
    nonsense = Change(A, 3, "figures", "f", 3, {"establishment": 7}, {})
    assert parent_of(figures, [other, one]) == "y"
    assert parent_of(figures, [one, nonsense]) is None
    assert parent_of(figures, [Change(A, 1, "figures", "f", 1, {"year": 2025}, {})]) is None
    assert parent_of(KINDS["establishments"], [said(1, commune="1")]) is None


def test_which_changes_speak_of_places() -> None:
    assert places(said(1, commune="1"))
    assert not places(said(1, name="A"))
    assert places(Change(A, 1, "needs", "f", 1, {"establishment": "x"}, {}))
    assert not places(Change(A, 1, "needs", "f", 1, {"commune": "1"}, {}))
    assert not places(Change(A, 1, "unheard_of", "f", 1, {"commune": "1"}, {}))


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """Changes of a record by three devices, in an order in which they may have reached the province; clocks lie."""
    made: list[Change] = []
    seen_by: dict[str, dict[str, int]] = {device: {} for device in (A, B, "00000000000000cc")}
    last = dict.fromkeys(seen_by, 0)
    for _ in range(draw(st.integers(1, 12))):
        device = draw(st.sampled_from(sorted(seen_by)))
        if draw(st.booleans()):  # syncs first
            seen_by[device] = {other: n for other, n in last.items() if other != device and n}
        last[device] += draw(st.integers(1, 3))
        at = draw(st.integers(0, 9))
        made.append(
            Change(device, last[device], "needs", "r", at, {"total": 1}, dict(seen_by[device]))
        )
    return made


@given(histories(), st.randoms())
def test_nothing_comes_before_what_it_has_seen(history: list[Change], chance: object) -> None:
    shuffled = list(history)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    ordered = causal_order(shuffled)
    assert sorted(c.id for c in ordered) == sorted(c.id for c in history)
    for position, change in enumerate(ordered):
        assert not any(change.has_seen(later) for later in ordered[position + 1 :])


def test_changes_that_claim_to_have_seen_each_other_come_out_all_the_same() -> None:
    pair = [said(1, A, {B: 1}, name="A"), said(1, B, {A: 1}, name="B")]
    assert {c.id for c in causal_order(pair)} == {c.id for c in pair}

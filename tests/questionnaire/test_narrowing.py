"""Long lists: an index finds what a filter lets through, and the same as asking every item."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.actions.desk import shipped_units
from kcdesk.questionnaire import Questionnaire, from_xform, xpath
from kcdesk.questionnaire.narrowing import equality_in
from tests.questionnaire.books import Chance, clock, load, open_sheet, q

TEXTS = st.sampled_from(["", "a", "b", "A", "1", "1.0", "Mường Hum"])


@cache
def _xform(choice_filter: str) -> str:
    survey = [
        q("text", "province"),
        q("text", "commune"),
        q("select_one_from_file places.csv", "place", choice_filter=choice_filter),
    ]
    return load(survey, media={"places.csv": b"name,label,province,commune\nn,n,p,c"}).xform


def cascade(rows: Sequence[tuple[str, str, str]], choice_filter: str) -> Questionnaire:
    lines = ["name,label,province,commune", *(f"{n},{n},{p},{c}" for n, p, c in rows)]
    return from_xform(_xform(choice_filter), {"places.csv": "\n".join(lines).encode()})


@pytest.mark.parametrize(
    ("choice_filter", "lets_through"),
    [
        ("province = ${province}", lambda item, p, c: item[1] == p),
        ("${province} = province and commune = ${commune}", lambda item, p, c: item[1:] == (p, c)),
        ("province = ${province} and commune != ${commune}", lambda item, p, c: item[1] == p and item[2] != c),
        ("province = 'a' or commune = ${commune}", lambda item, p, c: item[1] == "a" or item[2] == c),
        ("commune = ${commune} and position() > 1", None),
    ],
)  # fmt: skip
@given(
    rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12), province=TEXTS, commune=TEXTS
)
def test_the_same_is_offered_as_by_asking_every_item(
    choice_filter: str,
    lets_through: object,
    rows: list[tuple[str, str]],
    province: str,
    commune: str,
) -> None:
    items = [(f"n{place}", *row) for place, row in enumerate(rows)]
    sheet = open_sheet(cascade(items, choice_filter))
    sheet.set_value("province", province)
    sheet.set_value("commune", commune)
    offered = [choice.name for choice in sheet.node("place").choices]
    if callable(lets_through):
        wanted = [item[0] for item in items if lets_through(item, province, commune)]
    else:  # the place in the whole list counts
        wanted = [item[0] for n, item in enumerate(items) if item[2] == commune and n > 0]
    assert offered == wanted


@pytest.mark.parametrize(
    ("predicate", "child"),
    [
        ("province = /data/province", "province"),
        ("/data/x > 1 and 'a' = commune", "commune"),
        ("province = current()/../province", "province"),
        ("province != /data/province", None),
        ("province = /data/province or 1 = 1", None),
        ("province = commune", None),
        ("province = /data/province and last() = 2", None),
        ("not(province = /data/province)", None),
    ],
)
def test_which_filters_are_looked_up(predicate: str, child: str | None) -> None:
    found = equality_in(xpath.parse(predicate))
    assert (found.child if found is not None else None) == child


def _communes() -> list[str]:
    lines = ["name,label,province"]
    lines += [f"{u.code},{u.name},{u.province}" for u in shipped_units().new_communes.values()]
    return lines


def _hamlets() -> list[str]:
    return ["name,label,commune", *(f"h{n},Thôn {n},c{n % 3321}" for n in range(20_000))]


@pytest.mark.alone
@pytest.mark.parametrize(
    ("lines", "parent", "value", "count"),
    [(_communes(), "province", "15", 99), (_hamlets(), "commune", "c5", 7)],
    ids=["communes", "hamlets"],
)
def test_a_step_of_a_cascade_is_quick(
    lines: list[str], parent: str, value: str, count: int
) -> None:
    """3,321 communes, 20,000 hamlets: an answer and the choices after it in under 100 ms."""
    assert len(lines) in {3_322, 20_001}
    form = load(
        [
            q("text", parent),
            q("select_one_from_file list.csv", "place", choice_filter=f"{parent} = ${{{parent}}}"),
        ],
        media={"list.csv": "\n".join(lines).encode()},
    )
    times = []
    for number in range(5):
        sheet = form.open(clock=clock, randomness=Chance())
        start = time.perf_counter()
        sheet.set_value(parent, value if number % 2 else "none")
        sheet.set_value(parent, value)
        choices = sheet.node("place").choices
        sheet.set_value("place", choices[0].name)
        times.append(time.perf_counter() - start)
        assert len(choices) == count
    assert sorted(times)[2] < 0.1

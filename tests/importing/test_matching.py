"""Rows of a list beside what is there: new, changed, known, twice; and the laws of importing a list again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.code_lists import FigureBasis
from kcdesk.importing.matching import Existing, match_plan, with_changes
from kcdesk.importing.plan import Action, ImportPlan, PlannedRow
from tests.importing.labelled_pairs import Record
from tests.importing.test_duplicates import FIRM, HOUSEHOLD

STRANGER: Record = {
    "name": "Hộ Lý A Sử",
    "legal_form": "HO_KINH_DOANH",
    "phone": "+84912345678",
    "hamlet": "Thôn 2",
    "commune": "02707",
}


def plan(*establishments: Record) -> ImportPlan:
    """Of a list with these establishments from row 10 on."""
    rows = tuple(
        PlannedRow(number, fields, {}, (), sheet="Trang 1")
        for number, fields in enumerate(establishments, 10)
    )
    return ImportPlan(
        "a.xlsx", "Trang 1", 9, (), None, FigureBasis.ACTUAL, rows, (), (), (), ()
    )  # fmt: skip


def there(record: str, fields: Record, stands: str | None = None) -> Existing:
    return Existing(stands or record, {"id": record, **fields})


def actions(found: ImportPlan) -> list[Action]:
    return [row.proposal.action for row in found.rows]


def matches(found: ImportPlan) -> list[str | int | None]:
    """The record or row that each row certainly is."""
    certain = [row.proposal.match for row in found.rows]
    return [None if m is None else m.record or m.row_number for m in certain]


def test_new_and_known() -> None:
    found = match_plan(
        plan(HOUSEHOLD, STRANGER), [there("a", {**HOUSEHOLD, "phone": "+84900000000"})]
    )
    assert actions(found) == [Action.KEEP, Action.ADD]
    assert matches(found) == ["a", None]
    assert found.findings == ()


def test_what_is_there_without_a_number_is_known_by_its_name_and_address() -> None:
    bare: Record = {"name": "Hộ Lý A Sử", "address_as_written": "Xã Cốc Mỳ", "commune": "02695"}
    richer = {**bare, "phone": "+84912345678", "rep_id_no": "010085000001", "status": "ACTIVE"}
    assert matches(match_plan(plan(bare), [there("a", richer)])) == ["a"]
    elsewhere = {**richer, "address_as_written": "Thôn 2, Xã Cốc Mỳ", "hamlet": "Thôn 2"}
    asked = match_plan(plan(bare), [there("a", elsewhere)])
    assert actions(asked) == [Action.ADD]
    assert [question.record for question in asked.rows[0].proposal.questions] == ["a"]
    assert asked.findings[0].sentence == (
        "Trang “Trang 1”, dòng 10: Có thể trùng với “Hộ Lý A Sử” đã có:"
        " cùng tên, cùng xã, phường (V-DUP)."
    )


def test_a_merged_one_is_known_under_the_one_that_stands() -> None:
    found = match_plan(plan(HOUSEHOLD), [there("a", HOUSEHOLD, stands="b"), there("b", FIRM)])
    assert matches(found) == ["b"]


def test_twice_in_the_list() -> None:
    again = {**HOUSEHOLD, "name": "HKD Vang A Pao"}
    found = match_plan(plan(HOUSEHOLD, STRANGER, again, HOUSEHOLD), [])
    assert actions(found) == [Action.ADD, Action.ADD, Action.SKIP, Action.SKIP]
    assert matches(found) == [None, None, 10, 10]
    assert [f.finding.code for f in found.findings] == ["V-DUP.twice"] * 2
    assert found.findings[0].sentence.startswith("Trang “Trang 1”, dòng 12: Trùng với dòng 10 (")


def test_a_record_is_taken_by_one_row() -> None:
    near = {**HOUSEHOLD, "founded_year": 2010}
    found = match_plan(plan(near, HOUSEHOLD), [there("a", HOUSEHOLD)])
    assert actions(found) == [Action.SKIP, Action.KEEP]
    assert matches(found) == [11, "a"]


def test_what_is_no_longer_on_the_list() -> None:
    gone = {**STRANGER, "name": "Hộ Giàng Thị Mẩy", "phone": "+84900000001"}
    elsewhere = {**gone, "commune": "02989"}
    firm = {**FIRM, "commune": "02707"}
    known = [there("a", STRANGER), there("b", gone), there("c", elsewhere), there("d", firm)]
    assert match_plan(plan(STRANGER), known).missing == (("b", "Hộ Giàng Thị Mẩy"),)


def test_changes_are_what_is_given_and_differs() -> None:
    listed: Record = {
        "name": "Hộ Vàng A Páo",
        "phone": "+84900000000",
        "commune_candidates": ["02989", "02707"],
        "address_as_written": "x. Cốc Mỳ",
    }
    figures: Record = {"year": 2024, "basis": "actual", "workers": 4, "source": "list"}
    row = PlannedRow(10, listed, figures, ())
    said: Record = {**figures, "workers": 3, "source": "survey", "capital": 5}
    found = with_changes(row, "a", HOUSEHOLD, "f", said).proposal
    assert found.action is Action.UPDATE
    assert [(c.kind, c.record, c.field, c.old, c.new) for c in found.changes] == [
        ("establishments", "a", "phone", "+84752859644", "+84900000000"),
        ("establishments", "a", "address_as_written", None, "x. Cốc Mỳ"),
        ("figures", "f", "workers", 3, 4),
        ("figures", "f", "source", "survey", "list"),
    ]
    same_figures = {**figures, "source": "survey"}
    quiet = with_changes(PlannedRow(10, {}, figures, ()), "a", HOUSEHOLD, "f", same_figures)
    assert (quiet.proposal.action, quiet.proposal.changes) == (Action.KEEP, ())
    moved = {**listed, "hamlet": "Thôn 9"}
    changed = with_changes(PlannedRow(10, moved, {}, ()), "a", HOUSEHOLD, "", None).proposal.changes
    assert {change.field for change in changed} == {"phone", "hamlet", "address_as_written"}
    otherwise_written = {**HOUSEHOLD, "address_as_written": "x. Cốc Mỳ"}
    quiet = with_changes(PlannedRow(10, otherwise_written, {}, ()), "a", HOUSEHOLD, "", None)
    assert quiet.proposal.action is Action.KEEP


# -- laws ------------------------------------------------------------------------------------------------------

_named = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Hộ Vàng A Páo", "Hộ Vàng A Sáo", "vang a pao", "HTX chè Y Tý"]),
        "address_as_written": st.sampled_from(["Xã Y Tý", "Thôn 1, Xã Y Tý"]),
    },
    optional={
        "legal_form": st.sampled_from(["HO_KINH_DOANH", "HTX"]),
        "tax_code": st.sampled_from(["5309464944", "5309464949"]),
        "phone": st.sampled_from(["+84752859644", "+84752859645", "+84912345678"]),
        "commune": st.sampled_from(["02989", "02707"]),
        "hamlet": st.sampled_from(["Thôn 1", "Thôn 2"]),
        "founded_year": st.sampled_from([2005, 2015]),
    },
)
_lists = st.lists(_named, max_size=7)


def imported(rows: Sequence[Record], known: dict[str, Record]) -> tuple[ImportPlan, int]:
    """Do what the plan for these rows proposes, with all updates; the plan and how many fields changed."""
    found = match_plan(plan(*rows), [there(record, fields) for record, fields in known.items()])
    changed = 0
    for row in found.rows:
        match = row.proposal.match
        if row.proposal.action is Action.ADD:
            known[f"r{len(known):03}"] = dict(row.establishment)
        elif match is not None and match.record is not None:
            changes = with_changes(row, match.record, known[match.record], "", None)
            for change in changes.proposal.changes:
                known[match.record][change.field] = change.new
                changed += 1
    return found, changed


@given(_lists, _lists)
def test_the_same_list_again_adds_nothing(before: list[Record], rows: list[Record]) -> None:
    known: dict[str, Record] = {}
    imported(before, known)
    first = match_plan(plan(*rows), [there(*item) for item in known.items()])
    for row in first.rows:
        if row.proposal.action is Action.ADD:
            known[f"r{len(known):03}"] = dict(row.establishment)
    again = match_plan(plan(*rows), [there(*item) for item in known.items()])
    assert Action.ADD not in actions(again)


@given(_lists, _lists)
def test_the_same_list_again_updates_nothing(before: list[Record], rows: list[Record]) -> None:
    known: dict[str, Record] = {}
    imported(before, known)
    imported(rows, known)
    again, changed = imported(rows, known)
    assert Action.ADD not in actions(again)
    assert changed == 0


@given(_lists, _lists, st.randoms(use_true_random=False))
def test_order_does_not_matter(
    before: list[Record], rows: list[Record], chance: random.Random
) -> None:
    known: dict[str, Record] = {}
    imported(before, known)
    there_is = [there(*item) for item in known.items()]

    def proposed(found: ImportPlan) -> Counter[Action]:
        return Counter(actions(found))

    first = match_plan(plan(*rows), there_is)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    chance.shuffle(there_is)
    assert proposed(match_plan(plan(*shuffled), there_is)) == proposed(first)

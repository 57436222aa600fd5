"""Establishments that are there twice: asked about with reasons, kept apart for good, found while somebody types."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kcdesk.actions.bin import delete_record
from kcdesk.actions.desk import Desk
from kcdesk.actions.duplicates import keep_apart, list_duplicates, similar_to
from kcdesk.actions.importing import import_list
from kcdesk.actions.merging import merge
from kcdesk.actions.records import (
    add_record,
    count_records,
    get_record,
    records_of,
    set_fields,
)
from kcdesk.errors import BadInput, NotFound
from kcdesk.importing.duplicates import Verdict
from kcdesk.importing.plan import Action
from tests.actions.conftest import ESTABLISHMENT
from tests.storage.workspaces import DIVIDED, REGISTER


def add(desk: Desk, **fields: str) -> str:
    typed = {key: text for key, text in {**ESTABLISHMENT, **fields}.items() if text}
    return add_record(desk, "establishments", typed).records[0][1]


def pairs(desk: Desk) -> list[tuple[str, str]]:
    return [(pair.one.record, pair.other.record) for pair in list_duplicates(desk)]


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """The short list a year later: a telephone, a figure and an emptied cell."""
    book = openpyxl.load_workbook(DIVIDED)
    sheet = book.active
    assert sheet is not None
    sheet["F8"] = "0912 000 111"
    sheet["M8"] = 77
    sheet["K9"] = None
    path = tmp_path / "edited.xlsx"
    book.save(path)
    return path


# -- what is there -----------------------------------------------------------------------------------------------


def test_the_register_has_one_pair(register: Desk) -> None:
    (pair,) = list_duplicates(register)
    assert pair.likeness.verdict is Verdict.ASK
    assert "cùng mã số thuế 5308181598" in pair.likeness.sentence
    keep_apart(register, pair.other.record, pair.one.record)
    assert list_duplicates(register) == []


def test_certain_ones_come_first_and_each_side_is_shown(desk: Desk, establishment: str) -> None:
    bare = add(desk, phone="", hamlet="", trade="", vsic="", founded_year="")
    again = add(desk, name="HKD Vang A Pao", phone="0900 000 000")
    found = list_duplicates(desk)
    assert {pair.one.record for pair in found} | {pair.other.record for pair in found} == {
        establishment,
        bare,
        again,
    }
    assert found[0].likeness.verdict is Verdict.CERTAIN
    assert (found[0].one.record, found[0].other.record) == tuple(sorted((establishment, again)))
    assert found[-1].likeness.verdict is Verdict.ASK
    shown = {found[0].one.fields["name"], found[0].other.fields["name"]}
    assert shown == {"Hộ Vàng A Páo", "HKD Vang A Pao"}


def test_kept_apart_is_a_change_that_is_made_once(desk: Desk, establishment: str) -> None:
    again = add(desk)
    assert pairs(desk) == [tuple(sorted((establishment, again)))]
    assert keep_apart(desk, establishment, again).records
    before = desk.workspace.chain()
    assert not keep_apart(desk, again, establishment).records
    assert desk.workspace.chain() == before
    assert pairs(desk) == []
    assert similar_to(desk, get_record(desk, "establishments", again).row, record=again) == []
    assert (
        similar_to(
            desk, get_record(desk, "establishments", establishment).row, record=establishment
        )
        == []
    )


def test_those_in_the_bin_and_merged_ones_are_no_pairs(desk: Desk, establishment: str) -> None:
    binned, merged = add(desk), add(desk)
    delete_record(desk, "establishments", binned)
    merge(desk, merged, establishment)
    assert pairs(desk) == []
    with pytest.raises(NotFound):
        keep_apart(desk, establishment, binned)
    with pytest.raises(BadInput):
        keep_apart(desk, establishment, establishment)


# -- while somebody types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "ho vang a pao", "commune": "02989"},
        {"name": "Vàng A Pao", "hamlet": "dín 01", "commune": "02989"},
        {"name": "Hộ Vàng A Páoo", "hamlet": "Thôn Dín 1", "commune": "02989"},
        {"name": "Cơ sở gạch Vàng A Páo", "phone": "+84752859644", "commune": "02989"},
    ],
)
def test_found_while_typing(desk: Desk, establishment: str, typed: dict[str, str]) -> None:
    (found,) = similar_to(desk, {**typed, "legal_form": "HO_KINH_DOANH"})
    assert found.side.record == establishment
    assert found.likeness.sentence
    assert similar_to(desk, typed, record=establishment) == []


def test_by_number_and_nobody_else(register: Desk) -> None:
    found = similar_to(register, {"name": "Hộ Lý Thị Mới", "tax_code": "5308181598"})
    assert len(found) == 2
    assert similar_to(register, {"name": "Hộ Lý Thị Mới", "phone": "+84900000000"}) == []
    assert similar_to(register, {}) == []


# -- importing again ---------------------------------------------------------------------------------------------


def test_the_same_list_twice_changes_nothing(register: Desk) -> None:
    before = register.workspace.chain()
    again = import_list(register, REGISTER, update=True)
    assert (again.imported, again.updated, again.unchanged, again.skipped) == (0, 0, 6534, 0)
    assert register.workspace.chain() == before
    assert again.plan.missing == ()


def test_a_list_of_the_next_year(desk: Desk, edited: Path) -> None:
    import_list(desk, DIVIDED)
    left = import_list(desk, edited)
    assert (left.imported, left.updated, left.waiting, left.unchanged) == (0, 0, 1, 7)
    (row,) = left.plan.proposed(Action.UPDATE)
    assert [(c.field, c.new) for c in row.proposal.changes] == [
        ("phone", "+84912000111"),
        ("workers", 77),
    ]
    before = desk.workspace.chain().last_n
    done = import_list(desk, edited, update=True)
    assert (done.imported, done.updated, done.waiting) == (0, 1, 0)
    assert desk.workspace.chain().last_n == before + 2
    again = import_list(desk, edited, update=True)
    assert (again.updated, again.unchanged) == (0, 8)


def test_figures_of_another_year_are_new(desk: Desk) -> None:
    import_list(desk, DIVIDED)
    import_list(desk, DIVIDED, year=2025, update=True)
    assert count_records(desk, "establishments") == 8
    assert count_records(desk, "figures") == 16
    assert count_records(desk, "figures", {"year": "2024"}) == 8
    again = import_list(desk, DIVIDED, year=2025, update=True)
    assert again.unchanged == 8
    (one, *_) = desk.workspace.lists.page("establishments").records
    of_2025 = [r for r in records_of(desk, "figures", str(one["id"])) if r.row["year"] == 2025]
    delete_record(desk, "figures", str(of_2025[0].row["id"]))
    assert import_list(desk, DIVIDED, year=2025, update=True).unchanged == 8


def test_what_a_person_corrected_is_known_and_not_put_back(desk: Desk) -> None:
    import_list(desk, DIVIDED)
    (one, *_) = desk.workspace.lists.page("establishments").records
    set_fields(desk, "establishments", str(one["id"]), {"phone": "0900 123 456"})
    again = import_list(desk, DIVIDED)
    assert (again.imported, again.waiting) == (0, 1)
    assert get_record(desk, "establishments", str(one["id"])).row["phone"] == "+84900123456"


def test_what_was_merged_is_known_under_its_survivor(desk: Desk) -> None:
    import_list(desk, DIVIDED)
    one, other, *_ = [str(row["id"]) for row in desk.workspace.lists.page("establishments").records]
    merge(desk, one, other)
    again = import_list(desk, DIVIDED, update=True)
    assert (again.imported, again.updated, again.skipped, again.unchanged) == (0, 0, 1, 7)
    assert count_records(desk, "establishments") == 7


# -- decisions of a person ---------------------------------------------------------------------------------------


def test_added_all_the_same_and_not_asked_about(desk: Desk) -> None:
    import_list(desk, DIVIDED)
    added = import_list(desk, DIVIDED, decisions={8: Action.ADD})
    assert (added.imported, added.unchanged) == (1, 7)
    assert count_records(desk, "establishments") == 9
    assert list_duplicates(desk) == []


def test_updated_or_left_out_row_by_row(desk: Desk, edited: Path) -> None:
    import_list(desk, DIVIDED)
    skipped = import_list(desk, edited, decisions={8: Action.SKIP}, update=True)
    assert (skipped.updated, skipped.skipped) == (0, 1)
    updated = import_list(desk, edited, decisions={8: Action.UPDATE})
    assert updated.updated == 1
    with pytest.raises(BadInput, match="dòng 99"):
        import_list(desk, edited, decisions={99: Action.ADD})


def test_what_may_be_there_is_added_and_asked_about(desk: Desk, tmp_path: Path) -> None:
    import_list(desk, DIVIDED)
    (first, *_) = [
        row for row in desk.workspace.lists.page("establishments").records if "tax_code" in row
    ]
    stranger = add(desk, tax_code=str(first["tax_code"]))
    import_list(desk, DIVIDED)
    assert pairs(desk) == [tuple(sorted((str(first["id"]), stranger)))]


def test_a_question_answered_with_update(desk: Desk) -> None:
    rows = import_list(desk, DIVIDED, dry_run=True).plan.rows
    row = next(row for row in rows if "tax_code" in row.establishment)
    typed = {"name": "Hộ Lý A Sử", "tax_code": str(row.establishment["tax_code"])}
    there = add_record(desk, "establishments", typed).records[0][1]
    asked = import_list(desk, DIVIDED, dry_run=True)
    (found,) = [r for r in asked.plan.rows if r.proposal.questions]
    assert found.proposal.questions[0].record == there
    assert [f.finding.code for f in found.findings if f.finding.code.startswith("V-DUP")] == [
        "V-DUP.maybe"
    ]
    done = import_list(desk, DIVIDED, decisions={found.row_number: Action.UPDATE})
    assert (done.imported, done.updated) == (7, 1)
    assert count_records(desk, "establishments") == 8
    lone = next(r.row_number for r in asked.plan.rows if not r.proposal.questions)
    with pytest.raises(BadInput, match="không giống"):
        import_list(desk, REGISTER, decisions={lone: Action.UPDATE}, dry_run=True)

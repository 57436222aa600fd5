"""The heart: the state of a record is a function of the set of its changes, and of nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.changes import Change, fold, same, trim
from tests.changes.histories import RECORDS, Step, Sync, World, said, steps

A, B, C = "00000000000000a1", "00000000000000b2", "00000000000000c3"
RECORD = RECORDS[0]


def change(
    device: str, n: int, fields: dict[str, object], seen: dict[str, int] | None = None, at: int = 0
) -> Change:
    return Change(device, n, "establishments", RECORD, at, fields, seen or {})


def played(history: list[Step]) -> World:
    world = World()
    world.run(history)
    world.quiesce()
    return world


@given(steps)
def test_no_false_conflict_and_nothing_covered_unseen(history: list[Step]) -> None:
    world = played(history)
    for record in RECORDS:
        changes = [c for c in world.province.values() if c.record == record]
        if changes:
            state = fold(changes)
            found = {
                name: {head.change.id for head in heads} for name, heads in state.heads.items()
            }
            assert found == world.heads(record)


@given(steps, st.data())
def test_order_and_repetition_do_not_matter(history: list[Step], data: st.DataObject) -> None:
    for record in RECORDS:
        changes = [c for c in played(history).province.values() if c.record == record]
        if changes:
            again = data.draw(st.permutations(changes)) + data.draw(
                st.lists(st.sampled_from(changes))
            )
            assert said(fold(again)) == said(fold(changes))


@given(steps, steps, st.integers(0, 2))
def test_heads_alone_give_the_same_state_now_and_after_anything_later(
    history: list[Step], later: list[Step], reader: int
) -> None:
    world = World()
    world.run(history)
    held = dict(world.devices[reader].held)
    world.run(later)
    world.quiesce()
    for record in RECORDS:
        before = [c for c in held.values() if c.record == record]
        after = [c for c in world.province.values() if c.record == record and c.id not in held]
        if before:
            assert said(fold(trim(before))) == said(fold(before))
            assert said(fold(trim(before) + after)) == said(fold(before + after))


@given(steps)
def test_all_devices_agree_after_they_have_synced(history: list[Step]) -> None:
    world = played(history)
    for device in world.devices:
        assert device.held == world.province


def test_one_head_is_the_value() -> None:
    state = fold([change(A, 1, {"name": "cũ"}), change(B, 1, {"name": "mới"}, {A: 1})])
    assert state.get("name") == "mới"
    assert state.conflicts == ()


def test_several_heads_that_say_the_same_are_no_conflict() -> None:
    state = fold([change(A, 1, {"name": "x"}), change(B, 1, {"name": "x"})])
    assert state.conflicts == ()
    assert len(state.heads["name"]) == 2


def test_several_values_are_a_conflict_and_the_latest_shows() -> None:
    state = fold([change(A, 1, {"name": "a"}, at=5), change(B, 1, {"name": "b"}, at=9)])
    assert state.conflicts == ("name",)
    assert state.get("name") == "b"


def test_a_decision_that_has_seen_both_ends_the_conflict() -> None:
    both = [change(A, 1, {"name": "a"}), change(B, 1, {"name": "b"})]
    state = fold([*both, change(C, 1, {"name": "a"}, {A: 1, B: 1})])
    assert state.conflicts == ()
    assert state.get("name") == "a"


def test_one_is_not_true_and_not_text() -> None:
    assert not same(1, True)
    assert not same(1, "1")
    assert fold([change(A, 1, {"f": 1}), change(B, 1, {"f": True})]).conflicts == ("f",)


def test_a_deletion_that_has_not_seen_an_edit_is_a_conflict_and_the_record_stays() -> None:
    first = change(A, 1, {"name": "a"})
    deletion = change(B, 1, {"deleted": True}, {A: 1})
    assert fold([first, deletion]).deleted
    edit = change(A, 2, {"phone": "1"})
    state = fold([first, deletion, edit])
    assert not state.deleted
    assert state.conflicts == ("deleted",)
    decided = change(B, 2, {"deleted": True}, {A: 2})
    assert fold([first, deletion, edit, decided]).deleted


def test_an_edit_by_somebody_who_knew_of_the_deletion_is_no_conflict() -> None:
    history = [
        change(A, 1, {"name": "a"}),
        change(A, 2, {"deleted": True}),
        change(B, 1, {"phone": "1"}, {A: 2}),
    ]
    assert fold(history).deleted


def test_rows_stand_in_the_order_of_their_ids_without_the_deleted_ones() -> None:
    cells = {"m/23b/price": 2, "m/22a/price": 1, "m/24c/price": 3, "m/23b/deleted": True}
    assert fold([change(A, 1, cells)]).rows("m") == {"22a": {"price": 1}, "24c": {"price": 3}}


def test_changing_a_cell_of_a_row_that_another_deletes_keeps_the_row_in_conflict() -> None:
    row = change(A, 1, {"m/22a/price": 1, "name": "x"})
    state = fold(
        [row, change(B, 1, {"m/22a/deleted": True}, {A: 1}), change(A, 2, {"m/22a/price": 5})]
    )
    assert state.conflicts == ("m/22a/deleted",)
    assert state.rows("m") == {"22a": {"price": 5}}
    elsewhere = fold(
        [row, change(B, 1, {"m/22a/deleted": True}, {A: 1}), change(A, 2, {"name": "y"})]
    )
    assert elsewhere.conflicts == ()
    assert elsewhere.rows("m") == {}


def test_a_refused_change_leaves_what_it_covered() -> None:
    first = change(A, 1, {"name": "a"})
    refused = change(B, 1, {"name": "b"}, {A: 1})
    assert fold([first, refused]).get("name") == "b"
    assert fold([first]).get("name") == "a"


def test_fold_takes_one_record() -> None:
    with pytest.raises(ValueError, match="one record"):
        fold([])


def test_sync_is_a_step() -> None:
    assert played([Sync(0)]).province == {}

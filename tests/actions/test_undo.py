"""Taking back an action: what it set goes back, unless something was said since."""

from __future__ import annotations

import pytest

from kcdesk.actions.bin import delete_record, list_bin
from kcdesk.actions.desk import Desk
from kcdesk.actions.importing import import_list
from kcdesk.actions.merging import merge, unmerge
from kcdesk.actions.recent import Deed, recent_actions
from kcdesk.actions.records import add_record, count_records, get_record, open_record, set_fields
from kcdesk.actions.undo import plan_undo, undo
from kcdesk.changes import Change
from kcdesk.errors import BadInput, NotFound
from tests.storage.workspaces import DIVIDED

KIND = "establishments"
OTHER = "00000000000000b2"


def last(desk: Desk) -> str:
    return recent_actions(desk, 1)[0].id


def take_back_last(desk: Desk) -> None:
    undo(desk, plan_undo(desk, last(desk)))


def test_fields_go_back_and_forth(desk: Desk, establishment: str) -> None:
    set_fields(desk, KIND, establishment, {"phone": "0911111111", "email": "a@b.vn"})
    take_back_last(desk)
    row = get_record(desk, KIND, establishment).row
    assert row["phone"] == "+84752859644"
    assert "email" not in row
    take_back_last(desk)  # undo of the undo
    row = get_record(desk, KIND, establishment).row
    assert (row["phone"], row["email"]) == ("+84911111111", "a@b.vn")


def test_what_came_after_is_told_and_stands_in_the_way(desk: Desk, establishment: str) -> None:
    set_fields(desk, KIND, establishment, {"phone": "0911111111", "note": "x"})
    action = last(desk)
    n = desk.workspace.chain().last_n
    theirs = Change(
        OTHER, 1, KIND, establishment, 7, {"phone": "+84922222222"}, {desk.workspace.device_id: n}
    )
    desk.workspace.receive([theirs], {})
    desk.workspace.know_devices({OTHER: "Hùng"})
    plan = plan_undo(desk, action)
    (later,) = plan.later
    assert (later.field, later.who, later.at, later.value) == ("phone", "Hùng", 7, "+84922222222")
    before = desk.workspace.chain()
    with pytest.raises(BadInput, match="Hùng đã ghi mục phone") as caught:
        undo(desk, plan)
    assert caught.value.code == "changed_since"
    assert desk.workspace.chain() == before
    # theirs can be taken back, and then ours
    undo(desk, plan_undo(desk, f"{OTHER}-1"))
    assert get_record(desk, KIND, establishment).row["phone"] == "+84911111111"


def test_what_somebody_said_without_knowing_stands_in_the_way_too(
    desk: Desk, establishment: str
) -> None:
    set_fields(desk, KIND, establishment, {"phone": "0911111111"})
    theirs = Change(OTHER, 1, KIND, establishment, 7, {"phone": "+84922222222"}, {})
    desk.workspace.receive([theirs], {})
    assert len(plan_undo(desk, last(desk)).later) == 1


def test_a_record_that_was_made_goes_to_the_bin(desk: Desk, establishment: str) -> None:
    plan = plan_undo(desk, last(desk))
    assert (plan.made, plan.hanging) == (1, {})
    undo(desk, plan)
    assert [one.record.row["id"] for one in list_bin(desk)] == [establishment]
    take_back_last(desk)
    assert count_records(desk, KIND) == 1


def test_a_record_that_somebody_worked_on_since_stays(desk: Desk, establishment: str) -> None:
    made = last(desk)
    set_fields(desk, KIND, establishment, {"email": "a@b.vn"})
    assert [one.field for one in plan_undo(desk, made).later] == ["email"]


def test_what_hangs_on_it_is_told(desk: Desk, establishment: str) -> None:
    made = last(desk)
    typed = {"establishment": establishment, "year": "2025", "basis": "actual"}
    add_record(desk, "figures", typed)
    plan = plan_undo(desk, made)
    assert plan.hanging == {"figures": 1}
    undo(desk, plan)
    assert count_records(desk, "figures") == 0


def test_a_whole_import_is_one_action(desk: Desk, establishment: str) -> None:
    import_list(desk, DIVIDED)
    imported = count_records(desk, KIND) - 1
    calls: list[tuple[int, int]] = []
    plan = plan_undo(desk, last(desk), progress=lambda done, total: calls.append((done, total)))
    assert plan.made == len(plan.back) >= imported > 0
    assert plan.hanging == {}
    assert calls[0][0] == 0
    undo(desk, plan)
    assert count_records(desk, KIND) == 1
    assert count_records(desk, "figures") == 0
    take_back_last(desk)
    assert count_records(desk, KIND) == imported + 1


def test_deleting_and_merging_are_taken_back(desk: Desk, establishment: str) -> None:
    twin = add_record(desk, KIND, {"name": "Hộ khác", "email": "a@b.vn"}).records[0][1]
    merge(desk, twin, establishment, ["email"])
    take_back_last(desk)
    assert count_records(desk, KIND) == 2
    assert "email" not in get_record(desk, KIND, establishment).row
    delete_record(desk, KIND, twin)
    take_back_last(desk)
    assert not open_record(desk, KIND, twin).deleted
    assert count_records(desk, KIND) == 2


def test_a_refused_action_has_nothing_to_take_back(desk: Desk, establishment: str) -> None:
    set_fields(desk, KIND, establishment, {"note": "x"})
    chain = desk.workspace.chain()
    desk.workspace.confirm(chain.last_n, chain.last_hash, [(chain.last_n, "no_right")])
    with pytest.raises(BadInput) as caught:
        take_back_last(desk)
    assert caught.value.code == "nothing"


@pytest.mark.parametrize("change", ["x", "00000000000000b2-1", "00000000000000b2-0"])
def test_an_action_that_nobody_did(desk: Desk, establishment: str, change: str) -> None:
    with pytest.raises(NotFound):
        plan_undo(desk, change)


def test_actions_as_people_remember_them(desk: Desk, establishment: str) -> None:
    twin = add_record(desk, KIND, {"name": "Hộ khác"}).records[0][1]
    typed = {"establishment": establishment, "year": "2025", "basis": "actual"}
    add_record(desk, "figures", typed)
    merge(desk, twin, establishment)
    unmerge(desk, twin)
    set_fields(desk, KIND, establishment, {"note": "x"})
    delete_record(desk, KIND, establishment)
    take_back_last(desk)
    import_list(desk, DIVIDED)
    found = recent_actions(desk)
    assert [one.deed for one in found] == [
        Deed.ADDED,
        Deed.TAKEN_BACK,
        Deed.DELETED,
        Deed.CHANGED,
        Deed.PARTED,
        Deed.MERGED,
        Deed.ADDED,
        Deed.ADDED,
        Deed.ADDED,
    ]
    assert found[-1].text == "Thêm cơ sở công nghiệp nông thôn: Hộ Vàng A Páo"
    assert found[6].text == "Thêm số liệu theo năm: Hộ Vàng A Páo (2025)"
    assert found[0].text.endswith(f"và {found[0].records - 3} hồ sơ khác")
    assert {one.who for one in found} == {"Lan"}
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
    assert len(recent_actions(desk, 2)) == 2
    assert sum(one.records for one in found) == desk.workspace.chain().last_n

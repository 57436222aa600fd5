"""Two people said different things without knowing of each other: both are named, and one, or a third, stays."""

from __future__ import annotations

import pytest

from kcdesk.actions.bin import delete_record
from kcdesk.actions.conflicts import list_conflicts, resolve_by_pick, resolve_by_value
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import get_record, open_record, set_fields
from kcdesk.changes import Change, fold
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.drafts import Form

KIND = "establishments"
OTHER = "00000000000000b2"


@pytest.fixture
def disputed(desk: Desk, establishment: str) -> str:
    """Telephone and products: ours, and Hùng's, who had seen the record as it was before."""
    set_fields(desk, KIND, establishment, {"main_products/1/name": "Gạch"})
    (row,) = open_record(desk, KIND, establishment).rows("main_products")
    opened = fold(desk.workspace.history(KIND, establishment)).seen
    cell = f"main_products/{row}/name"
    theirs = {"phone": "+84922222222", "note": "gọi trước", cell: "Ngói"}
    set_fields(desk, KIND, establishment, {"phone": "0911111111", cell: "Bờ lô"})
    opened_at = 1 << 50
    desk.workspace.receive([Change(OTHER, 1, KIND, establishment, opened_at, theirs, opened)], {})
    desk.workspace.know_devices({OTHER: "Hùng"})
    return establishment


def test_both_values_are_named_with_their_authors(desk: Desk, disputed: str) -> None:
    products, phone = list_conflicts(desk)
    assert (phone.field, phone.label, phone.title) == ("phone", "Điện thoại", "Hộ Vàng A Páo")
    assert [(side.who, side.value) for side in phone.sides] == [
        ("Lan", "+84911111111"),
        ("Hùng", "+84922222222"),
    ]
    assert products.label == "Tên"
    assert get_record(desk, KIND, disputed).row["conflicts"] == 2
    assert get_record(desk, KIND, disputed).row["note"] == "gọi trước"
    assert {"change", "who", "at", "value"} == set(phone.as_json()["values"][0])  # type: ignore[index,arg-type]


@pytest.mark.parametrize("side", [0, 1])
def test_picking_one_is_a_change_that_ends_it(desk: Desk, disputed: str, side: int) -> None:
    for conflict in list_conflicts(desk):
        chosen = conflict.sides[side]
        resolve_by_pick(desk, KIND, disputed, conflict.field, str(chosen.change))
        assert open_record(desk, KIND, disputed).get(conflict.field) == chosen.value
    assert list_conflicts(desk) == []
    assert get_record(desk, KIND, disputed).row["conflicts"] == 0


def test_a_value_that_nobody_had_said(desk: Desk, disputed: str) -> None:
    resolve_by_value(desk, KIND, disputed, "phone", "0933 333 333")
    assert get_record(desk, KIND, disputed).row["phone"] == "+84933333333"
    assert [conflict.label for conflict in list_conflicts(desk)] == ["Tên"]


def test_writing_the_field_with_both_before_ones_eyes_decides_it(desk: Desk, disputed: str) -> None:
    """Also when the form shows already what is typed."""
    shown = open_record(desk, KIND, disputed)
    form = Form(KIND, disputed, seen=shown.seen)
    set_fields(desk, KIND, disputed, {"phone": str(shown.get("phone"))}, form=form)
    assert open_record(desk, KIND, disputed).conflicts == (list_conflicts(desk)[0].field,)


def test_what_cannot_be_decided(desk: Desk, disputed: str) -> None:
    before = desk.workspace.chain()
    with pytest.raises(BadInput, match="note"):
        resolve_by_value(desk, KIND, disputed, "note", "x")
    with pytest.raises(NotFound, match="b2-9"):
        resolve_by_pick(desk, KIND, disputed, "phone", "b2-9")
    products = list_conflicts(desk)[0].field
    with pytest.raises(BadInput, match="output"):
        resolve_by_value(desk, KIND, disputed, products.replace("name", "output"), "12")
    with pytest.raises(NotFound):
        resolve_by_pick(desk, KIND, "nobody", "phone", "b2-9")
    assert desk.workspace.chain() == before


@pytest.fixture
def deleted_by_hung(desk: Desk, establishment: str) -> str:
    """Hùng deleted what Lan was changing."""
    seen = fold(desk.workspace.history(KIND, establishment)).seen
    set_fields(desk, KIND, establishment, {"note": "còn hoạt động"})
    desk.workspace.receive(
        [Change(OTHER, 1, KIND, establishment, 1 << 50, {"deleted": True}, seen)], {}
    )
    desk.workspace.know_devices({OTHER: "Hùng"})
    return establishment


def test_a_deletion_and_an_edit_are_two_sides(desk: Desk, deleted_by_hung: str) -> None:
    (conflict,) = list_conflicts(desk)
    assert (conflict.field, conflict.label) == ("deleted", "Xoá")
    assert [(side.who, side.value, side.shown) for side in conflict.sides] == [
        ("Lan", False, "không"),
        ("Hùng", True, "có"),
    ]


@pytest.mark.parametrize(("side", "gone"), [(0, False), (1, True)])
def test_a_deletion_is_decided_either_way(
    desk: Desk, deleted_by_hung: str, side: int, gone: bool
) -> None:
    (conflict,) = list_conflicts(desk)
    resolve_by_pick(desk, KIND, deleted_by_hung, "deleted", str(conflict.sides[side].change))
    assert open_record(desk, KIND, deleted_by_hung).deleted is gone
    assert list_conflicts(desk) == []


@pytest.mark.parametrize(("text", "gone"), [("có", True), ("không", False)])
def test_a_deletion_is_decided_in_words(
    desk: Desk, deleted_by_hung: str, text: str, gone: bool
) -> None:
    resolve_by_value(desk, KIND, deleted_by_hung, "deleted", text)
    assert open_record(desk, KIND, deleted_by_hung).deleted is gone


def test_deleting_what_one_has_seen_is_no_conflict(desk: Desk, disputed: str) -> None:
    delete_record(desk, KIND, disputed)
    assert open_record(desk, KIND, disputed).deleted

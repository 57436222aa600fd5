"""What the province refused: told until it is settled; corrected, withdrawn or asked again; nothing else is lost."""

from __future__ import annotations

import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import add_record, get_record, set_fields
from kcdesk.actions.refusals import ask_again, correct, list_refused, withdraw
from kcdesk.actions.syncing import status
from kcdesk.changes import Change
from kcdesk.domain.kinds import figures_id
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Place
from tests.conftest import SettableClock

KIND = "establishments"


def province_says(desk: Desk, *refused: tuple[int, str]) -> None:
    """The province has taken everything but these."""
    chain = desk.workspace.chain()
    desk.workspace.confirm(chain.last_n, chain.last_hash, refused)


def place(desk: Desk, record: str) -> Place:
    return desk.workspace.lists.deliveries([record])[record].place


def values(desk: Desk, record: str, *fields: str) -> list[object]:
    state = desk.workspace.state(KIND, record)
    return [state.get(field) for field in fields]


@pytest.fixture
def refused_edit(desk: Desk, establishment: str) -> str:
    """An establishment whose second change, two fields of it, was refused."""
    province_says(desk)
    set_fields(desk, KIND, establishment, {"trade": "Rèn", "note": "Ghi ở xã"})
    province_says(desk, (2, "no_right: edit"))
    return establishment


def test_it_is_told_with_reason_and_what_to_do(desk: Desk, refused_edit: str) -> None:
    (one,) = list_refused(desk)
    assert (one.change.n, one.kind, one.record, one.title) == (
        2,
        KIND,
        refused_edit,
        "Hộ Vàng A Páo",
    )
    assert one.reason.startswith("người dùng máy này không được giao quyền này")
    assert one.reason.endswith("(sửa)")
    assert "trung tâm" in one.what_to_do
    assert one.fields == {"trade": "Rèn", "note": "Ghi ở xã"}
    assert status(desk).refused == (one,)
    assert place(desk, refused_edit) is Place.REFUSED
    assert values(desk, refused_edit, "trade", "note") == ["Sản xuất gạch không nung", None]


def test_withdrawn_the_record_stays_as_the_province_has_it(desk: Desk, refused_edit: str) -> None:
    set_fields(desk, KIND, refused_edit, {"phone": "0987 654 321"})
    before = get_record(desk, KIND, refused_edit).row
    (one,) = list_refused(desk)
    withdraw(desk, [str(one.change)])
    assert list_refused(desk) == []
    assert get_record(desk, KIND, refused_edit).row == before
    assert desk.workspace.chain().last_n == 3  # nothing is said about it
    province_says(desk)
    assert place(desk, refused_edit) is Place.PROVINCE
    # the province says so again with each receipt that reaches back
    province_says(desk, (2, "no_right: edit"))
    assert list_refused(desk) == []


def test_corrected_it_says_the_rest_anew_too(desk: Desk, refused_edit: str) -> None:
    (one,) = list_refused(desk)
    saved = correct(desk, str(one.change), {"trade": "Rèn dao"})
    assert saved.records == ((KIND, refused_edit),)
    assert values(desk, refused_edit, "trade", "note") == ["Rèn dao", "Ghi ở xã"]
    assert list_refused(desk) == []
    assert place(desk, refused_edit) is Place.LOCAL
    province_says(desk, (3, "no_right: edit"))
    assert [each.change.n for each in list_refused(desk)] == [3]  # and not both
    assert list_refused(desk)[0].fields == {"trade": "Rèn dao", "note": "Ghi ở xã"}


def test_what_is_typed_wrong_settles_nothing(desk: Desk, refused_edit: str) -> None:
    (one,) = list_refused(desk)
    with pytest.raises(BadInput):
        correct(desk, str(one.change), {"founded_year": "năm nào"})
    with pytest.raises(BadInput, match="không có trường"):
        correct(desk, str(one.change), {"khong_co": "x"})
    assert list_refused(desk) == [one]
    for what in (f"{'0' * 16}-1", refused_edit[::-1]):
        with pytest.raises(NotFound):
            withdraw(desk, [what])


def test_asked_again_it_goes_as_it_was(desk: Desk, refused_edit: str) -> None:
    ask_again(desk)
    assert list_refused(desk) == []
    assert values(desk, refused_edit, "trade", "note") == ["Rèn", "Ghi ở xã"]
    province_says(desk)
    assert place(desk, refused_edit) is Place.PROVINCE
    assert ask_again(desk).records == ()


def test_writing_it_anew_in_the_form_settles_it_bit_by_bit(desk: Desk, refused_edit: str) -> None:
    set_fields(desk, KIND, refused_edit, {"note": "Ghi lại"})
    assert [dict(one.fields) for one in list_refused(desk)] == [{"trade": "Rèn"}]
    assert place(desk, refused_edit) is Place.LOCAL  # something newer is on its way
    province_says(desk)
    assert place(desk, refused_edit) is Place.REFUSED
    ask_again(desk, [refused_edit])
    assert list_refused(desk) == []
    assert values(desk, refused_edit, "trade", "note") == ["Rèn", "Ghi lại"]


def test_a_record_refused_as_a_whole_comes_back_whole(desk: Desk) -> None:
    """Its later changes were refused with it; corrected, all of it is said in one change."""
    record = str(add_record(desk, KIND, {"name": "Lò rèn", "trade": "Rèn"}).records[0][1])
    set_fields(desk, KIND, record, {"phone": "0987 654 321", "trade": "Rèn dao"})
    province_says(desk, (1, "no_area"), (2, "no_area"))
    with pytest.raises(NotFound):
        get_record(desk, KIND, record)
    newest, oldest = list_refused(desk, record)
    assert (oldest.title, dict(oldest.fields)) == ("Lò rèn", {"name": "Lò rèn"})
    assert not newest.record_stands
    with pytest.raises(NotFound):
        correct(desk, record, {"commune": "99999"})
    correct(desk, record, {"commune": "02989"})
    assert list_refused(desk) == []
    assert values(desk, record, "name", "trade", "phone", "commune") == [
        "Lò rèn",
        "Rèn dao",
        "+84987654321",
        "02989",
    ]
    assert desk.workspace.chain().last_n == 3


def test_what_hangs_on_a_refused_record_is_said_after_it(desk: Desk) -> None:
    record = str(add_record(desk, KIND, {"name": "Lò rèn", "commune": "02989"}).records[0][1])
    typed = {"establishment": record, "year": "2025", "basis": "actual", "workers": "4"}
    add_record(desk, "figures", typed)
    province_says(desk, (1, "no_area"), (2, "no_area"))
    ask_again(desk)
    said = [change.kind for change in desk.workspace.own_changes(2, 4)]
    assert said == [KIND, "figures"]
    assert get_record(desk, "figures", figures_id(record, 2025, "actual")).row["workers"] == 4


def test_what_somebody_else_said_meanwhile_is_not_overwritten(
    desk: Desk, refused_edit: str, clock: SettableClock
) -> None:
    seen = {desk.workspace.device_id: 1}
    clock.advance(60_000)
    theirs = Change("00000000000000b2", 1, KIND, refused_edit, clock(), {"trade": "Làm ngói"}, seen)
    desk.workspace.receive([theirs], {})
    ask_again(desk)
    state = desk.workspace.state(KIND, refused_edit)
    assert state.conflicts == ("trade",)
    assert {head.value for head in state.heads["trade"]} == {"Rèn", "Làm ngói"}


def test_a_field_that_a_newer_version_wrote_is_kept(desk: Desk, establishment: str) -> None:
    desk.workspace.save([Edit("of_later", establishment, {"x": [1, {"y": 2}]})])
    province_says(desk, (2, "no_right: of_later"))
    (one,) = list_refused(desk)
    assert (one.title, one.kind) == ("", "of_later")
    ask_again(desk, [str(one.change)])
    assert desk.workspace.state("of_later", establishment).get("x") == [1, {"y": 2}]

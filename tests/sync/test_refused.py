"""Refused changes and the real province: an assignment that changes, a folder that goes on as another device."""

from __future__ import annotations

from kcdesk.actions.refusals import ask_again, list_refused, withdraw
from kcdesk.server import admin
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Place
from tests.storage.workspaces import desk_on
from tests.sync.laptops import Laptop, settled
from tests.sync.provinces import Province


def test_after_the_assignment_changed_it_is_asked_again_and_taken(province: Province) -> None:
    here, elsewhere = province.communes[:2]
    officer = province.joined(province.person("An", area=here))
    there = province.joined(province.person("Bình", area=elsewhere))
    record = province.establishment(officer, "Xưởng chè", commune=elsewhere)
    mine = province.establishment(officer, "Lò rèn", commune=here)
    report = province.sync(officer)
    assert (report.waiting, [one.n for one in report.refused]) == (0, [1])  # nothing waits for it
    desk = desk_on(officer, clock=province.clock)
    (one,) = list_refused(desk)
    assert (one.record, one.code, one.title) == (record, "no_area", "Xưởng chè")
    ask_again(desk)
    assert [one.n for one in province.sync(officer).refused] == [3]  # still not theirs
    admin.assign(province.database, "An", elsewhere, province.units, clock=province.clock)
    ask_again(desk)
    assert province.sync(officer).refused == ()
    assert list_refused(desk) == []
    province.sync(there)
    assert there.state("establishments", record).get("name") == "Xưởng chè"
    places = officer.lists.deliveries([record, mine])
    assert {each.place for each in places.values()} == {Place.PROVINCE}


def test_what_was_refused_of_a_former_device_is_settled_by_the_new_one(province: Province) -> None:
    a = Laptop.new(province, "An")
    record = province.establishment(a.workspace, "Lò rèn", commune=province.communes[0])
    nowhere = province.establishment(a.workspace, "Không rõ ở đâu", note="x")
    a.workspace.save([Edit("establishments", nowhere, {"trade": "Rèn"})])
    a.sync()
    b = a.copied("b")
    desk = desk_on(b.workspace, clock=province.clock)
    newest, oldest = list_refused(desk)
    assert newest.change.device == oldest.change.device != b.workspace.device_id
    withdraw(desk, [str(newest.change)])
    b.workspace.save([Edit("establishments", nowhere, {"commune": province.communes[0]})])
    ask_again(desk)
    assert list_refused(desk) == []
    settled(province, [b, a], {"x"})
    state = a.workspace.state("establishments", nowhere)
    assert (state.get("name"), state.get("trade")) == ("Không rõ ở đâu", None)
    assert record in {key[1] for key in _keys(b)}


def _keys(laptop: Laptop) -> set[tuple[str, str]]:
    return {(change.kind, change.record) for change in laptop.workspace.changes()}

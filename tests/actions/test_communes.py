"""Establishments of divided communes wait on a work list until a person decides; their old commune stays."""

from __future__ import annotations

import pytest

from kcdesk.actions.bin import delete_record
from kcdesk.actions.communes import decide_communes, work_list
from kcdesk.actions.desk import Desk
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import add_record, get_record
from kcdesk.changes import Change
from kcdesk.errors import NotFound
from tests.storage.workspaces import DIVIDED


def test_divided_communes_wait_and_a_decision_moves_them(desk: Desk) -> None:
    report = import_list(desk, DIVIDED)
    assert report.imported == 8
    waiting = {one.name: one for one in work_list(desk)}
    assert len(waiting) == 8
    one = waiting["Hộ Nguyễn Văn Tâm"]
    assert "Phường 9" in one.address
    assert "Phường 9" in one.old_commune
    assert [unit.name for unit in one.candidates] == ["Tuy Hòa", "Bình Kiến"]
    decide_communes(desk, [one.record], one.candidates[1].code)
    row = get_record(desk, "establishments", one.record).row
    assert row["commune_name"] == "Phường Bình Kiến"
    assert row["old_commune_name"] == "Phường 9"
    assert row["address_as_written"] == one.address
    assert one.name not in {each.name for each in work_list(desk)}
    assert len(work_list(desk)) == 7


def test_candidates_of_every_row_belong_to_its_old_commune(desk: Desk) -> None:
    import_list(desk, DIVIDED)
    for one in work_list(desk):
        row = get_record(desk, "establishments", one.record).row
        assert set(one.candidates) <= set(desk.units.new_of(str(row["old_commune"])))


def test_what_cannot_be_decided(desk: Desk) -> None:
    import_list(desk, DIVIDED)
    one = work_list(desk)[0]
    before = desk.workspace.chain()
    for record, commune in ((one.record, "99999"), ("nobody", "22015"), (one.record, "")):
        with pytest.raises(NotFound):
            decide_communes(desk, [record], commune)
    assert desk.workspace.chain() == before
    delete_record(desk, "establishments", one.record)
    with pytest.raises(NotFound, match="xoá"):
        decide_communes(desk, [one.record], "22015")
    assert len(work_list(desk)) == 7


def test_one_without_any_commune_waits_too(desk: Desk) -> None:
    add_record(desk, "establishments", {"name": "Hộ B"})
    (one,) = work_list(desk)
    assert (one.name, one.candidates, one.old_commune) == ("Hộ B", (), "")


def test_codes_of_another_edition_do_not_hide_the_list(desk: Desk) -> None:
    record = "01900000-0000-7000-8000-000000000001"
    fields = {"name": "Hộ C", "old_commune": "99998", "commune_candidates": ["99999", "22015"]}
    desk.workspace.receive(
        [Change("00000000000000b2", 1, "establishments", record, 1, fields, {})], {}
    )
    (one,) = work_list(desk)
    assert [unit.code for unit in one.candidates] == ["22015"]
    assert one.old_commune == ""

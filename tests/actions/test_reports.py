"""Reports on either map: every establishment counts once on each level, wherever its communes went."""

from __future__ import annotations

import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import add_record
from kcdesk.actions.reports import UnitMap, report_b4
from kcdesk.errors import NotFound
from tests.storage.workspaces import DIVIDED


@pytest.mark.parametrize("unit_map", list(UnitMap))
def test_the_units_of_each_level_add_up_to_the_whole(register: Desk, unit_map: UnitMap) -> None:
    table = report_b4(register, unit_map=unit_map)
    assert table.total.establishments == 6534
    levels = {area.level for area in table.areas}
    assert levels == {"province", "commune"} | ({"district"} if unit_map is UnitMap.OLD else set())
    for level in levels:
        areas = [area for area in table.areas if area.level == level]
        for measure in ("establishments", "workers", "production_value", "revenue"):
            assert sum(getattr(area.total, measure) for area in areas) == getattr(
                table.total, measure
            )
        for area in areas:
            assert sum(row.establishments for row in area.rows) == area.total.establishments


def test_the_old_map_names_districts_that_are_gone(register: Desk) -> None:
    old = report_b4(register, "old:082", UnitMap.OLD)
    (province,) = [area for area in old.areas if area.level == "province"]
    (district,) = [area for area in old.areas if area.level == "district"]
    assert (province.code, province.name) == ("10", "Tỉnh Lào Cai")
    assert (district.code, district.name) == ("082", "Huyện Bát Xát")
    assert district.total == old.total
    assert len([area for area in old.areas if area.level == "commune"]) == 21
    new = report_b4(register, "old:082", UnitMap.NEW)
    assert {area.code for area in new.areas if area.level == "commune"} == {
        str(unit.code) for unit in register.units.communes_of("old:082")
    }
    assert report_b4(register, "old:082").areas == ()


def test_what_nobody_has_decided_counts_last(desk: Desk) -> None:
    import_list(desk, DIVIDED)
    add_record(desk, "establishments", {"name": "Hộ A", "commune": "02683"})
    new, old = (report_b4(desk, unit_map=unit_map) for unit_map in UnitMap)
    assert (new.areas[-1].code, new.areas[-1].total.establishments) == ("", 8)
    assert (old.areas[-1].code, old.areas[-1].total.establishments) == ("", 1)
    assert new.total == old.total
    with pytest.raises(NotFound):
        report_b4(desk, "old:99", UnitMap.OLD)

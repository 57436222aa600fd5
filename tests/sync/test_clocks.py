"""Clocks that are years wrong decide nothing but what shows first: not what is new, not what is lost."""

from __future__ import annotations

import pytest

from kcdesk.storage.edits import Edit
from tests.conftest import SettableClock
from tests.sync.provinces import Province, states

YEAR_MS = 365 * 24 * 3_600_000
KIND = "establishments"


@pytest.mark.parametrize("years", [-20, -3, 3, 20])
def test_who_knew_the_other_value_replaces_it_whatever_the_clocks_say(
    province: Province, clock: SettableClock, years: int
) -> None:
    right = province.joined(province.person("An"))
    wrong = province.joined(province.person("Bình"))
    record = province.establishment(right, "Lò rèn", note="đầu", commune=province.communes[0])
    province.sync(right)
    assert province.sync(wrong).received == 1
    clock.advance(
        years * YEAR_MS
    )  # as the laptop without a battery believes; the server's is right
    wrong.save([Edit(KIND, record, {"note": "Bình"})])
    clock.advance(-years * YEAR_MS)
    province.sync(wrong)
    province.sync(right)
    assert right.state(KIND, record).get("note") == "Bình"
    assert right.state(KIND, record).conflicts == ()
    right.save([Edit(KIND, record, {"note": "An"})])
    province.sync(right)
    province.sync(wrong)
    assert wrong.state(KIND, record).get("note") == "An"
    # and who did not know it makes a conflict, whoever has the later clock
    right.save([Edit(KIND, record, {"note": "An lần hai"})])
    clock.advance(years * YEAR_MS)
    wrong.save([Edit(KIND, record, {"note": "Bình lần hai"})])
    clock.advance(-years * YEAR_MS)
    for workspace in (right, wrong, right):
        report = province.sync(workspace)
        assert (report.waiting, report.refused, report.digests_equal) == (0, (), True)
    for workspace in (right, wrong):
        assert workspace.state(KIND, record).conflicts == ("note",)
    assert states(right) == states(wrong)
    own = [c.at for c in wrong.changes() if c.device == wrong.device_id]
    assert own == sorted(own)  # its clock went back, its changes did not

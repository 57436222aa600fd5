"""Texts that no database keeps, or not every one: they are refused or kept, and never a fault of ours."""

from __future__ import annotations

import pytest

from kcdesk.domain.kinds import figures_id
from tests.server.speaking import Device
from tests.sync.provinces import Province

NUL = "\x00"
"""What PostgreSQL takes in no text."""


@pytest.fixture
def device(province: Province) -> Device:
    made = Device(province, b"s" * 32)
    made.enrol(province.person("An"))
    return made


@pytest.mark.parametrize("parent", [NUL, "x" * 10_000, "Ổ", "", "' OR 1=1"])
def test_what_names_no_record_is_no_place(device: Device, parent: str) -> None:
    record = figures_id("0198aaaa-0000-7000-8000-000000000000", 2024, "actual")
    said = device.say([device.change("figures", record, establishment=parent, year=2024)])
    assert [(one.n, one.reason_code) for one in said.refusals] == [(1, "no_area")]


def test_an_erasure_of_what_is_no_record_makes_no_sense(province: Province) -> None:
    centre = Device(province, b"c" * 32)
    centre.enrol(province.person("Chi", "centre", area=None))
    change = centre.change("erasures", of_kind="establishments", of=NUL, fields=["name"])
    said = centre.say([change])
    assert [(one.n, one.reason_code) for one in said.refusals] == [(1, "form")]

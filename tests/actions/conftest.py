"""Desks to work at: an empty one, and one with the whole register."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import add_record
from tests.conftest import SettableClock
from tests.storage.workspaces import desk_on, make, register_copy, reopen

ESTABLISHMENT = {
    "name": "Hộ Vàng A Páo",
    "legal_form": "Hộ kinh doanh",
    "rep_name": "Vàng A Páo",
    "phone": "0752 859 644",
    "hamlet": "Thôn Dín 1",
    "commune": "02989",
    "trade": "Sản xuất gạch không nung",
    "vsic": "2395",
    "founded_year": "2006",
}


@pytest.fixture
def desk(tmp_path: Path, clock: SettableClock) -> Iterator[Desk]:
    with make(tmp_path / "workspace", clock=clock) as workspace:
        yield desk_on(workspace, clock=clock)


@pytest.fixture
def establishment(desk: Desk) -> str:
    """Added by hand, as its owner told it."""
    return add_record(desk, "establishments", ESTABLISHMENT).records[0][1]


@pytest.fixture
def register(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, clock: SettableClock
) -> Iterator[Desk]:
    folder = register_copy(tmp_path_factory.getbasetemp(), tmp_path / "register")
    with reopen(folder, clock=clock) as workspace:
        yield desk_on(workspace, clock=clock)

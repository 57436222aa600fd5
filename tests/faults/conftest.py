"""The rig and the recorded day, made once for the files of tests that one process runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.day import PARTS
from tests.faults.recording import Part, record_day
from tests.faults.rig import Rig


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = Rig(tmp_path_factory.mktemp("rig"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def day(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Part]:
    return record_day(rig, tmp_path_factory.mktemp("day"), list(PARTS))


@pytest.fixture(params=PARTS)
def part(request: pytest.FixtureRequest, day: dict[str, Part]) -> Part:
    """Each part of the day."""
    return day[request.param]

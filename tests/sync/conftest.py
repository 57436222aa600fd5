"""Fixtures over `provinces`."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.resources import resource_path
from kcdesk.server import admin
from tests.sync.provinces import AREA, Province, ServerProcess


@pytest.fixture(scope="session")
def units() -> AdministrativeUnits:
    return AdministrativeUnits.read(resource_path("administrative-units", "units.tsv"))


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def empty_province(tmp_path_factory: pytest.TempPathFactory, units: AdministrativeUnits) -> Path:
    """A database with the areas of AREA and nobody in it, to be copied."""
    path = tmp_path_factory.mktemp("province") / "province.db"
    database = admin.init_province(
        f"sqlite:///{path}", "Tỉnh Lào Cai", randomness=random.Random("province").randbytes
    )
    admin.add_area(database, AREA, units)
    database.dispose()
    return path


@pytest.fixture
def make_province(
    empty_province: Path,
    units: AdministrativeUnits,
    clock: Clock,
    randomness: Randomness,
    portal: BlockingPortal,
    tmp_path: Path,
) -> Iterator[Callable[[], Province]]:
    """Fresh provinces: for tests that need more than one, as hypothesis does."""
    made: list[Province] = []

    def make() -> Province:
        folder = tmp_path / f"p{len(made)}"
        folder.mkdir()
        shutil.copy(empty_province, folder / "province.db")
        url = f"sqlite:///{folder / 'province.db'}"
        database = admin.open_province(url)
        made.append(Province(database, url, units, clock, randomness, folder, portal))
        return made[-1]

    yield make
    for province in made:
        for workspace in province.workspaces:
            workspace.close()
        province.database.dispose()


@pytest.fixture
def province(make_province: Callable[[], Province]) -> Province:
    return make_province()


@pytest.fixture
def server(province: Province) -> Iterator[ServerProcess]:
    """The province's server as a real process on a free port."""
    process = ServerProcess(province.url)
    yield process
    process.close()

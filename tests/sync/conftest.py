"""Fixtures over `provinces`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.resources import resource_path
from kcdesk.server import admin
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.workspace import Workspace
from tests.postgres import Cluster
from tests.sync.databases import KINDS, Databases, Files, InCluster, make_empty_province
from tests.sync.post import Post
from tests.sync.provinces import (
    AREA,
    FILLED,
    OpenKeys,
    Province,
    ServerProcess,
    lifelike_edits,
)


@pytest.fixture(scope="session")
def units() -> AdministrativeUnits:
    return AdministrativeUnits.read(resource_path("administrative-units", "units.tsv"))


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def empty_province(tmp_path_factory: pytest.TempPathFactory, units: AdministrativeUnits) -> Path:
    """A file with the areas of AREA and nobody in it, to be copied."""
    path = tmp_path_factory.mktemp("province") / "province.db"
    make_empty_province(f"sqlite:///{path}", units)
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL for the tests of this process."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def empty_province_in_cluster(cluster: Cluster, units: AdministrativeUnits) -> str:
    """A database with the areas of AREA and nobody in it, to be copied; its name."""
    name = cluster.create()
    make_empty_province(cluster.url(name), units)
    return name


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Tests of the server run on both; `sqlite_only` and `postgresql_only` say that one does not."""
    kind: str = request.param
    return kind


@pytest.fixture
def databases(database_kind: str, request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Databases of the kind that the test runs on, as many as it wants."""
    databases: Databases
    if database_kind == "sqlite":
        databases = Files(request.getfixturevalue("empty_province"))
    else:
        template = request.getfixturevalue("empty_province_in_cluster")
        databases = InCluster(request.getfixturevalue("cluster"), template)
    yield databases
    databases.drop()


@pytest.fixture(scope="session")
def keys() -> OpenKeys:
    return OpenKeys()


@pytest.fixture(scope="session")
def filled_folder(
    tmp_path_factory: pytest.TempPathFactory, units: AdministrativeUnits, keys: OpenKeys
) -> Path:
    """A workspace of An's with FILLED establishments that has not joined, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    chance = random.Random("filled").randbytes

    def clock() -> int:
        return 1_772_415_000_000

    with Workspace.create(
        folder / "workspace",
        keys,
        Marks(folder / "marks"),
        person="An",
        areas=[AREA],
        units=units,
        clock=clock,
        randomness=chance,
    ) as workspace:
        communes = [commune.code for commune in units.communes_of(AREA)]
        workspace.save(lifelike_edits(FILLED, communes, clock, chance))
    return folder / "workspace"


@pytest.fixture
def make_province(
    databases: Databases,
    filled_folder: Path,
    keys: OpenKeys,
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
        url = databases.province(folder)
        database = admin.open_province(url)
        made.append(
            Province(database, url, units, clock, randomness, folder, portal, keys, filled_folder)
        )
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
    """The province's server on a free port: a real process, over PostgreSQL two and one that minds them."""
    workers = 2 if province.database.dialect.name == "postgresql" else 1
    process = ServerProcess(province, workers)
    yield process
    process.close()


@pytest.fixture
def post(province: Province, tmp_path: Path) -> Post:
    """A stick, and what is done with its files."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return Post(province, folder)

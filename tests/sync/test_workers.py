"""Several processes that serve one province, and a database that goes away under them: nothing is lost by it."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from kcdesk.demo.cutting_proxy import CuttingProxy, Direction
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import ServerError
from kcdesk.server import admin, tables
from kcdesk.server.run import run
from kcdesk.server.unavailable import RETRY_AFTER_S
from kcdesk.sync.format import PIECE
from tests.postgres import Cluster
from tests.sync.databases import make_empty_province, postgresql_only, sqlite_only
from tests.sync.provinces import OpenKeys, Province, ServerProcess, states
from tests.sync.test_network import bulky, over_network, until_something_arrived

BULKY_BYTES = 40 * 20_000


@pytest.fixture
def workers(province: Province) -> Iterator[ServerProcess]:
    process = ServerProcess(province, workers=2)
    yield process
    process.close()


def has_ended(worker: int) -> bool:
    """Wait for the end of a process that is not our child."""
    try:
        handle = os.pidfd_open(worker)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 60)[0])
    finally:
        os.close(handle)


@postgresql_only
def test_a_body_begun_at_one_worker_goes_on_at_another(
    province: Province, workers: ServerProcess
) -> None:
    one, other = workers.workers()
    with CuttingProxy(workers.url) as proxy:
        first = province.joined(province.person("An"), proxy.url)
        second = province.joined(province.person("Bình"), proxy.url)
        bulky(province, first)
        os.kill(other, signal.SIGSTOP)  # what comes now comes to the one
        arrived = until_something_arrived(province)

        def lose_it(seconds: float) -> None:
            arrived(seconds)
            os.kill(one, signal.SIGKILL)
            assert has_ended(one)
            os.kill(other, signal.SIGCONT)

        proxy.cut_after("up", 400_000)
        report = over_network(province, first, wait=lose_it)
        assert (report.cuts, report.waiting) == (1, 0)
        assert report.bytes_sent_twice < BULKY_BYTES * 0.05 + 3 * PIECE
        assert over_network(province, second).digests_equal
    assert states(first) == states(second)
    assert province.status().double_changes == 0
    assert len(workers.workers()) == 2  # another one has taken its place
    assert one not in workers.workers()


@postgresql_only
def test_an_answer_begun_at_one_worker_goes_on_at_another(
    province: Province, workers: ServerProcess
) -> None:
    one, other = workers.workers()
    with CuttingProxy(workers.url) as proxy:
        first = province.joined(province.person("An"), proxy.url)
        second = province.joined(province.person("Bình"), proxy.url)
        bulky(province, first)
        over_network(province, first)
        os.kill(other, signal.SIGSTOP)

        def change_over(_seconds: float) -> None:
            os.kill(one, signal.SIGSTOP)
            os.kill(other, signal.SIGCONT)

        proxy.cut_after("down", 400_000)
        report = over_network(province, second, wait=change_over)
        assert (report.cuts, report.bytes_received_twice) == (1, 0)
        os.kill(one, signal.SIGCONT)
    assert states(first) == states(second)


@postgresql_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_the_one_that_minds_them(
    workers: ServerProcess, number: signal.Signals
) -> None:
    serving = workers.workers()
    assert httpx.get(f"{workers.url}/healthz").json() == {"status": "ok"}
    assert workers.stop(number) == 0
    assert all(map(has_ended, serving))


@postgresql_only
def test_workers_end_also_when_the_one_that_minds_them_is_killed(workers: ServerProcess) -> None:
    serving = workers.workers()
    workers.kill()
    assert all(map(has_ended, serving))


@sqlite_only
@pytest.mark.parametrize("count", [0, 2])
def test_a_file_is_served_by_one(province: Province, randomness: Randomness, count: int) -> None:
    with pytest.raises(ServerError) as refused:
        run(
            province.url,
            host="127.0.0.1",
            port=0,
            clock=province.clock,
            randomness=randomness,
            ready=lambda listening: pytest.fail("it must not listen"),
            workers=count,
        )
    assert refused.value.code == "workers"
    assert ("SQLite" in refused.value.message) == (count == 2)


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def own_province(
    own_cluster: Cluster,
    units: AdministrativeUnits,
    clock: Clock,
    randomness: Randomness,
    portal: BlockingPortal,
    keys: OpenKeys,
    tmp_path: Path,
) -> Iterator[Province]:
    """A province in a cluster that its test may stop; it waits for a lock for a fifth of a second only."""
    url = f"{own_cluster.url(own_cluster.create())}&options=-c%20lock_timeout%3D200"
    make_empty_province(url, units)
    database = admin.open_province(url)
    province = Province(database, url, units, clock, randomness, tmp_path, portal, keys, tmp_path)
    yield province
    for workspace in province.workspaces:
        workspace.close()
    database.dispose()


@pytest.mark.parametrize(("direction", "mode"), [("up", "immediate"), ("down", "fast")])
def test_a_database_that_goes_away_and_comes_back(
    own_cluster: Cluster, own_province: Province, direction: Direction, mode: str
) -> None:
    province = own_province
    server = ServerProcess(province, workers=2)
    waits: list[float] = []
    try:
        with CuttingProxy(server.url) as proxy:
            first = province.joined(province.person("An"), proxy.url)
            second = province.joined(province.person("Bình"), proxy.url)
            bulky(province, first)
            if direction == "down":
                over_network(province, first)

            def wait(seconds: float) -> None:
                waits.append(seconds)
                if len(waits) == 1:
                    own_cluster.stop(mode)
                    assert httpx.get(f"{server.url}/healthz").status_code == 503
                elif len(waits) == 3:
                    own_cluster.start()

            proxy.cut_after(direction, 400_000)
            report = over_network(province, first if direction == "up" else second, wait=wait)
            assert len(waits) >= 3
            assert min(waits[1:3]) >= RETRY_AFTER_S
            assert (report.waiting, report.cuts) == (0, 1)
            assert over_network(province, second).digests_equal
    finally:
        server.close()
    assert states(first) == states(second)
    status = province.status()
    assert (status.changes, status.double_changes, status.double_entries) == (40, 0, 0)


def test_a_database_that_is_busy(own_province: Province) -> None:
    """Somebody holds the device's row longer than the server waits for it."""
    province = own_province
    server = ServerProcess(province)
    waits: list[float] = []
    try:
        workspace = province.joined(province.person("An"), server.url)
        province.establishment(workspace, "Hộ rèn")
        with province.database.connect() as connection:
            connection.execute(tables.devices.select().with_for_update())

            def wait(seconds: float) -> None:
                waits.append(seconds)
                connection.rollback()

            report = over_network(province, workspace, wait=wait)
    finally:
        server.close()
    assert (report.waiting, report.cuts) == (0, 0)
    assert [seconds >= RETRY_AFTER_S for seconds in waits] == [True]
    assert province.status().changes == 1

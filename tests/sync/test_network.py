"""The same over a real line: a server process on a free port, a real file, a proxy that cuts."""

from __future__ import annotations

import random
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from kcdesk.demo.cutting_proxy import CuttingProxy, Direction
from kcdesk.domain.identifiers import new_record_id
from kcdesk.errors import Unreachable
from kcdesk.server.database import reading
from kcdesk.server.tables import exchanges
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import engine
from kcdesk.sync.engine import SyncReport
from kcdesk.sync.format import PIECE
from tests.sync.provinces import Province, ServerProcess, states

CHANGES = 40


def bulky(province: Province, workspace: Workspace) -> None:
    """Changes that make a body of about 800 kB: notes that do not pack."""
    chance = random.Random(workspace.device_id)
    edits = [
        Edit(
            "establishments",
            new_record_id(province.clock, province.randomness),
            {"commune": province.communes[0], "note": chance.randbytes(20_000).hex()},
        )
        for _ in range(CHANGES)
    ]
    workspace.save(edits)


def over_network(province: Province, workspace: Workspace, **more: object) -> SyncReport:
    arguments: dict[str, object] = {"wait": lambda seconds: None, **more}
    return engine.sync(
        workspace,
        clock=province.clock,
        randomness=province.randomness,
        **arguments,  # type: ignore[arg-type]
    )


def no_wait(_seconds: float) -> None:
    """The line is there again at once."""


def until_something_arrived(province: Province) -> Callable[[float], None]:
    """A wait that ends when the server has begun to keep the body: no real line comes back faster than that."""

    def wait(_seconds: float) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with reading(province.database) as connection:
                if connection.scalar(select(func.max(exchanges.c.arrived))):
                    return
        raise AssertionError("nothing of the body arrived")

    return wait


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("at", [500, 300_000, 700_000])
def test_after_a_cut_almost_nothing_passes_the_line_twice(
    province: Province, server: ServerProcess, direction: Direction, at: int
) -> None:
    with CuttingProxy(server.url) as proxy:
        first = province.joined(province.person("An"), proxy.url)
        second = province.joined(province.person("Bình"), proxy.url)
        bulky(province, first)
        if direction == "down":
            over_network(province, first)
        whole = 40 * 20_000
        before = proxy.passed[direction]
        proxy.cut_after(direction, at)
        arrived = until_something_arrived(province) if (direction, at) != ("up", 500) else no_wait
        report = over_network(province, first if direction == "up" else second, wait=arrived)
        assert (report.cuts, proxy.cuts) == (1, 1)
        passed = proxy.passed[direction] - before
        size = (
            report.bytes_sent - report.bytes_sent_twice
            if direction == "up"
            else report.bytes_received - report.bytes_received_twice
        )
        assert size > whole
        assert passed - size < size * 0.05 + PIECE
        assert (
            report.bytes_sent_twice < size * 0.05 + 3 * PIECE
        )  # what was in buffers on the way too
        assert report.bytes_received_twice == 0
        over_network(province, second)
        assert over_network(province, first).digests_equal
    assert states(first) == states(second)
    status = province.status()
    assert (status.changes, status.double_changes, status.double_entries) == (CHANGES, 0, 0)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_server_killed_in_the_middle_comes_back_and_goes_on(
    province: Province, server: ServerProcess, direction: Direction
) -> None:
    later: list[ServerProcess] = []
    with CuttingProxy(server.url) as proxy:
        first = province.joined(province.person("An"), proxy.url)
        second = province.joined(province.person("Bình"), proxy.url)
        bulky(province, first)
        if direction == "down":
            over_network(province, first)

        def restart(_seconds: float) -> None:
            if not later:
                server.kill()
                later.append(ServerProcess(province))
                proxy.lead_to(later[0].url)

        try:
            proxy.cut_after(direction, 400_000)
            report = over_network(province, first if direction == "up" else second, wait=restart)
            assert (len(later), report.cuts) == (1, 1)
            assert report.waiting == report.bytes_received_twice == 0
            assert over_network(province, second).digests_equal
            assert states(first) == states(second)
        finally:
            for process in later:
                process.close()
    assert province.status().double_changes == 0


def test_nobody_there_is_one_clear_sentence_at_once(province: Province) -> None:
    workspace = province.joined(province.person("An"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    known = workspace.province()
    assert known is not None
    workspace.join_province(
        engine.Province(
            f"http://127.0.0.1:{port}",
            known.name,
            known.epoch,
            known.public_key,
            known.token,
            known.role,
            0,
        )
    )
    waits: list[float] = []
    with pytest.raises(Unreachable) as nobody:
        over_network(province, workspace, wait=waits.append)
    assert nobody.value.code == "no_connection"
    assert str(port) in nobody.value.message
    assert waits == []


@pytest.mark.parametrize("url", ["", "tỉnh", "ftp://x", "http://", "http://[::1"])
def test_what_is_no_address_is_told_as_such(province: Province, url: str) -> None:
    with pytest.raises(Unreachable) as bad:
        engine.join(province.workspace("An"), url, "code", clock=province.clock)
    assert bad.value.code == "bad_url"


def test_something_else_on_the_port(province: Province) -> None:
    """A program that speaks no HTTP at all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10)
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        talking = threading.Thread(target=talk)
        talking.start()
        with pytest.raises(Unreachable):
            engine.join(
                province.workspace("An"),
                f"http://127.0.0.1:{listener.getsockname()[1]}",
                "code",
                clock=province.clock,
            )
        talking.join()


def test_devices_that_sync_at_once_do_not_disturb_each_other(
    province: Province, server: ServerProcess
) -> None:
    people = [province.person(name) for name in ("An", "Bình", "Cù", "Dín")]
    start = threading.Barrier(len(people))
    for person in people:
        province.joined(person, server.url).close()
    province.workspaces.clear()

    def work(number: int) -> str:
        person = people[number]
        with province.opened(number) as own:  # a workspace belongs to the thread that opened it
            for round_ in range(3):
                for place in range(10):
                    commune = province.communes[place % 3]
                    province.establishment(own, f"{person} {round_} {place}", commune=commune)
                start.wait(60)
                over_network(province, own)
            start.wait(60)
            report = over_network(province, own)
            assert report.digests_equal
            return repr(sorted((record, state.values) for record, state in states(own).items()))

    with ThreadPoolExecutor(len(people)) as pool:
        found = list(pool.map(work, range(len(people))))
    assert len(set(found)) == 1
    status = province.status()
    assert (status.changes, status.double_changes, status.double_entries) == (120, 0, 0)
    assert [device.n for device in status.devices] == [30] * 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_cleanly(server: ServerProcess, number: signal.Signals) -> None:
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "ok"}
    assert server.stop(number) == 0


def test_the_line_that_says_it_is_ready(server: ServerProcess) -> None:
    assert msgspec.json.decode(server.line) == {"url": server.url}
    assert server.url.startswith("http://127.0.0.1:")

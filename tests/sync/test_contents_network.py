"""Photos over a real line: server processes on free ports, a proxy that cuts, and other people's programs of tus."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tuspyserver import create_tus_router

from kcdesk.demo.cutting_proxy import CuttingProxy, Direction
from kcdesk.server import tables
from kcdesk.server.database import reading
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import engine, tus
from kcdesk.sync.content_client import ContentClient
from kcdesk.sync.contents import ContentsReport, fetch_contents, send_contents
from kcdesk.sync.format import PIECE
from tests.sync.pictures import attach, picture
from tests.sync.provinces import Province, ServerProcess

SIDE = 1_600


def large() -> bytes:
    """A content of more than a megabyte."""
    content = picture(9, SIDE)
    assert len(content) > 1_000_000
    return content


def records(province: Province, workspace: Workspace) -> None:
    engine.sync(
        workspace, clock=province.clock, randomness=province.randomness, wait=lambda seconds: None
    )


def send(
    province: Province, workspace: Workspace, wait: Callable[[float], None] = lambda seconds: None
) -> ContentsReport:
    return send_contents(workspace, randomness=province.randomness, wait=wait)


def fetch(
    province: Province, workspace: Workspace, wait: Callable[[float], None] = lambda seconds: None
) -> ContentsReport:
    wanted = workspace.content_places.to_fetch()
    return fetch_contents(workspace, wanted, randomness=province.randomness, wait=wait)


def arrived(province: Province) -> int:
    with reading(province.database) as connection:
        return connection.scalar(select(func.max(tables.uploads.c.arrived))) or 0


def until_arrived(province: Province, least: int) -> Callable[[float], None]:
    """A wait that ends when the server has kept so much: no real line comes back faster than that."""

    def wait(_seconds: float) -> None:
        for _ in range(10_000):
            if arrived(province) >= least:
                return
        raise AssertionError(f"only {arrived(province)} bytes arrived")

    return wait


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("at", [300, 500_000, 1_000_000])
def test_after_a_cut_almost_nothing_passes_the_line_twice(
    province: Province, server: ServerProcess, direction: Direction, at: int
) -> None:
    content = large()
    with CuttingProxy(server.url) as proxy:
        first = province.joined(province.person("An"), proxy.url)
        second = province.joined(province.person("Bình"), proxy.url)
        name = attach(province, first, province.establishment(first, "HTX"), content)
        records(province, first)
        if direction == "down":
            send(province, first)
            records(province, second)
        proxy.cut_after(direction, at)
        wait = until_arrived(province, at - 3 * PIECE if direction == "up" else 0)
        report = send(province, first, wait) if direction == "up" else fetch(province, second)
        assert (report.cuts, proxy.cuts) == (1, 1)
        assert report.bytes_sent_twice < len(content) * 0.05 + 3 * PIECE
        assert report.bytes_received_twice == 0
        if direction == "up":
            records(province, second)
            fetch(province, second)
        assert second.attachments.read(name) == content


def test_another_worker_goes_on_where_one_was_killed(
    province: Province, server: ServerProcess
) -> None:
    content = large()
    later: list[ServerProcess] = []
    with CuttingProxy(server.url) as proxy:
        first = province.joined(province.person("An"), proxy.url)
        second = province.joined(province.person("Bình"), proxy.url)
        name = attach(province, first, province.establishment(first, "HTX"), content)
        records(province, first)

        def restart(seconds: float) -> None:
            if not later:
                # all that passed, but for the heads of calls: what the program has read is not what is lost here
                until_arrived(province, 500_000 - 4_000)(seconds)
                server.kill()
                later.append(ServerProcess(province))
                proxy.lead_to(later[0].url)

        try:
            proxy.cut_after("up", 500_000)
            report = send(province, first, restart)
            assert (len(later), report.sent) == (1, 1)
            assert report.bytes_sent_twice < 4 * PIECE  # what the system held unsent
            records(province, second)
            proxy.cut_after("down", 500_000)
            assert fetch(province, second).cuts == 1
            assert second.attachments.read(name) == content
        finally:
            for process in later:
                process.close()


def test_two_devices_send_the_same_photos_at_once(
    province: Province, server: ServerProcess
) -> None:
    photos = [picture(number) for number in range(6)]
    for person in ("An", "Bình"):
        workspace = province.joined(province.person(person), server.url)
        establishment = province.establishment(workspace, f"HTX của {person}")
        for photo in photos:
            attach(province, workspace, establishment, photo)
        records(province, workspace)
        workspace.close()
    province.workspaces.clear()
    start = threading.Barrier(2)

    def work(number: int) -> ContentsReport:
        with province.opened(number) as own:  # a workspace belongs to the thread that opened it
            start.wait(60)
            return send(province, own)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(work, range(2)))
    assert [report.sent for report in reports] == [6, 6]
    with reading(province.database) as connection:
        kept = connection.scalar(select(func.count()).select_from(tables.contents))
        size = connection.scalar(select(func.sum(func.length(tables.content_bytes.c.bytes))))
    assert kept == len(photos)
    assert size == sum(map(len, photos))  # once, whoever was first


# Other people's programs


def known_photo(province: Province, url: str) -> tuple[Workspace, bytes, dict[str, str]]:
    """A device, a content that its record names, and the device's headers."""
    workspace = province.joined(province.person("An"), url)
    content = large()
    attach(province, workspace, province.establishment(workspace, "HTX"), content)
    records(province, workspace)
    known = workspace.province()
    assert known is not None
    return workspace, content, {"Authorization": f"Bearer {known.token}"}


@pytest.mark.parametrize("checked", [False, True], ids=["plain", "checksums"])
def test_tuspy_sends_to_our_server(
    province: Province, server: ServerProcess, *, checked: bool
) -> None:
    _, content, headers = known_photo(province, server.url)
    told = {"sha256": hashlib.sha256(content).hexdigest(), "filename": "photo"}
    client = TusClient(f"{server.url}{tus.UPLOADS_PATH}", headers=headers)
    options = {"metadata": told, "chunk_size": 300_000, "upload_checksum": checked}
    uploader = client.uploader(file_stream=io.BytesIO(content), **options)
    uploader.upload(stop_at=600_000)
    assert uploader.offset == 600_000
    going_on = client.uploader(  # another program, later
        file_stream=io.BytesIO(content), url=uploader.url, **options
    )
    assert going_on.offset == 600_000
    going_on.upload()
    second = province.joined(province.person("Bình"), server.url)
    records(province, second)
    fetch(province, second)
    assert second.attachments.read(told["sha256"]) == content


def test_tuspy_is_told_no(province: Province, server: ServerProcess) -> None:
    known_photo(province, server.url)
    client = TusClient(f"{server.url}{tus.UPLOADS_PATH}")
    with pytest.raises(TusCommunicationError) as refused:
        client.uploader(file_stream=io.BytesIO(b"x"), metadata={"sha256": "0" * 64}).upload()
    assert refused.value.status_code == 401


@contextmanager
def tuspyserver_on(folder: Path) -> Iterator[str]:
    """tuspyserver on a free port, keeping files in a folder; its address."""
    app = FastAPI()
    app.include_router(
        create_tus_router(prefix=tus.UPLOADS_PATH.lstrip("/"), files_dir=str(folder))
    )
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
            await super().startup(sockets)  # type: ignore[arg-type]
            started.set()

    server = Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(20)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("at", [None, 500_000])
def test_our_client_sends_to_tuspyserver(
    province: Province, tmp_path: Path, at: int | None
) -> None:
    content = large()
    name = hashlib.sha256(content).hexdigest()
    with tuspyserver_on(tmp_path / "files") as url, CuttingProxy(url) as proxy:
        device = province.joined(province.person("An"))
        attach(province, device, province.establishment(device, "HTX"), content)
        known = device.province()
        assert known is not None
        from dataclasses import replace

        device.join_province(replace(known, url=proxy.url))
        if at is not None:
            proxy.cut_after("up", at)
        report = send(province, device)
        assert (report.sent, report.cuts) == (1, int(at is not None))
        with ContentClient(proxy.url, "x") as client:
            upload = client.begin_upload(name, len(content), "image/jpeg")
            assert client.upload_offset(upload.path) == 0  # this server knows no contents
            assert client.upload_offset(f"{tus.UPLOADS_PATH}/{'0' * 32}") is None
    kept = [path.read_bytes() for path in (tmp_path / "files").iterdir() if path.is_file()]
    assert content in kept

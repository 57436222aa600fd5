"""Photos to the province over slow lines: announced, sent, judged and kept, one after the other.

The floor is the same bytes through the same line in one piece: a connection, the bytes, one byte back.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from benchmarks._shaped_line import MOUNTAIN, TELEPHONE, Shape, ShapedLine
from benchmarks.measuring import Figure, Ground, median
from benchmarks.population import new_desk
from kcdesk.actions.contents import send_photos
from kcdesk.actions.syncing import join, sync
from kcdesk.domain.identifiers import new_record_id
from kcdesk.storage.edits import Edit
from tests.sync.pictures import picture
from tests.ui.servers import province

GOAL = 1.3
ROUNDS = 3
SMALL, USUAL = 280, 620
"""Points of a side: about 60 kB, and the 300 kB that a photo has once it was prepared."""


def measure(ground: Ground) -> Iterable[Figure]:
    for shape, side, count in ((TELEPHONE, SMALL, 4), (TELEPHONE, USUAL, 1), (MOUNTAIN, SMALL, 1)):
        yield _over(ground, shape, side, count)


def _over(ground: Ground, shape: Shape, side: int, count: int) -> Figure:
    numbers = iter(range(1_000))
    with (
        province(ground.folder(), enrolments=1) as (url, codes),
        ShapedLine(url, shape) as line,
        new_desk(ground.folder()) as desk,
        _sink() as sink,
        ShapedLine(sink, shape) as plain,
    ):
        join(desk, url, codes[0])
        known = desk.workspace.province()
        assert known is not None
        establishment = new_record_id(desk.clock, desk.randomness)
        commune = desk.units.communes_of(desk.workspace.areas[0])[0].code
        said = {"name": "Cơ sở", "commune": commune}
        desk.workspace.save([Edit("establishments", establishment, said)])
        sizes: list[int] = []

        def prepare() -> None:
            desk.workspace.join_province(known)
            sizes.clear()
            for _ in range(count):
                content = picture(next(numbers), side)
                sizes.append(len(content))
                name = desk.workspace.attachments.keep(content, None, desk.randomness)
                record = new_record_id(desk.clock, desk.randomness)
                values = {"establishment": establishment, "sha256": name, "bytes": len(content)}
                desk.workspace.save([Edit("attachments", record, values)])
            sync(desk)
            desk.workspace.join_province(replace(known, url=line.url))

        ours, floor = [], []
        for _ in range(ROUNDS):
            prepare()
            started = time.perf_counter()
            report = send_photos(desk)
            ours.append(time.perf_counter() - started)
            assert report.sent == count
            started = time.perf_counter()
            _plainly(plain.url, sum(sizes))
            floor.append(time.perf_counter() - started)
    what = f"photos of {sum(sizes) // count // 1000} kB, {shape.name}"
    return Figure(what, count, median(ours), "s", GOAL, median(floor))


def _plainly(url: str, size: int) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(size.to_bytes(8, "big") + bytes(size))
        assert connection.recv(1) == b"."


@contextmanager
def _sink() -> Iterator[str]:
    """Somebody who reads as many bytes as announced and answers one; the address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                left = int.from_bytes(connection.recv(8, socket.MSG_WAITALL), "big")
                while left > 0 and (data := connection.recv(1 << 16)):
                    left -= len(data)
                connection.sendall(b".")
                connection.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()

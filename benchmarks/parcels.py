"""A parcel as large as one may be: written, read at the province, answered in full to another device, and read there.

Nine tenths are scans as large as they may be (what memory costs), the rest photos as they are usually (what each
costs). 10,000 stand for 1.9 GB. Each step is a command in a process of its own; its memory is the most that it ever
held. The floor is what no parcel can do without: the same bytes encrypted, hashed, and on disk.
"""

from __future__ import annotations

import hashlib
import io
import os
import random  # noqa: TID251 -- the same bytes in every run
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from benchmarks.measuring import Figure, Ground
from benchmarks.population import AREA, PASSPHRASE_FILE, WORKSPACE, new_desk, own_state
from kcdesk.actions import parcels
from kcdesk.actions.desk import Desk, shipped_units
from kcdesk.domain.clock import system_clock, system_randomness
from kcdesk.domain.identifiers import new_record_id
from kcdesk.importing.attachments import media_type_of
from kcdesk.server import admin, enrolment_files
from kcdesk.storage.edits import Edit
from kcdesk.sync.parcels.envelope import LARGEST_SECTIONS
from kcdesk.sync.parcels.keys import parcel_identity, recipient_of
from tests.sync.pictures import picture

MEMORY = 300.0
"""MB that a step may hold: the interpreter, the program, and a few of the largest contents."""
SCAN = 19 << 20
PHOTO_SIDE = 620
"""Points of a side of a photo of about 300 kB."""

_COMMAND = """
import re, sys
from pathlib import Path
from kcdesk.cli import main

status = main(sys.argv[1:])
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
sys.exit(status)
"""


def measure(ground: Ground) -> Iterable[Figure]:
    size = min(LARGEST_SECTIONS - (4 << 20), ground.size * LARGEST_SECTIONS // 10_000)
    folder = ground.folder()
    database, stick = f"sqlite:///{folder / 'province.db'}", folder / "stick"
    stick.mkdir()
    engine = admin.init_province(database, "tỉnh Lào Cai", randomness=system_randomness)
    admin.add_area(engine, AREA, shipped_units())
    joined = {}
    for name in ("An", "Bình"):
        admin.add_user(engine, name, "officer")
        admin.assign(engine, name, AREA, shipped_units(), clock=system_clock)
        file = stick / f"{name}.kcparcel"
        code, _ = enrolment_files.write(
            engine, name, file, url="", clock=system_clock, randomness=system_randomness
        )
        joined[name] = folder / name
        with new_desk(joined[name]) as desk:
            parcels.join(desk, file, code)
            if name == "An":
                ground.say(f"making {size / 1e6:,.0f} MB of scans and photos")
                count = _fill(desk, size)
    engine.dispose()

    def on(name: str, *words: object) -> tuple[float, float]:
        place = joined[name]
        where = ("--workspace", place / WORKSPACE, "--passphrase-file", place / PASSPHRASE_FILE)
        with own_state(place):
            return _run(*words, *where)

    def at_province(parcel: Path) -> tuple[float, float]:
        return _run("server", "parcel", "read", parcel, "-o", answer, "--db", database)

    answer, up = stick / "answer.kcparcel", stick / "up.kcparcel"
    written = on("An", "parcel", "write", "--photos", "-o", up)
    length = up.stat().st_size
    taken = at_province(up)
    received = on("An", "parcel", "read", "--keep", answer)
    asks = stick / "asks.kcparcel"
    on("Bình", "parcel", "write", "--fetch", "-o", asks)
    answered = at_province(asks)
    assert answer.stat().st_size > 0.9 * size
    read = on("Bình", "parcel", "read", "--keep", answer)
    floor = _floor(up, folder / "floor")
    steps = (
        ("written by a device", written, floor),
        ("read at the province", taken, None),
        ("its receipts read", received, None),
        ("an answer as large, written", answered, floor),
        ("and read by a device", read, None),
    )
    ground.say(f"a parcel of {length / 1e6:,.0f} MB with {count:,} contents")
    for what, (seconds, megabytes), least in steps:
        yield Figure(f"a parcel, {what}", length, seconds, "s", None, least)
        yield Figure("   its memory", length, megabytes, "MB", MEMORY)


def _fill(desk: Desk, size: int) -> int:
    """Contents of so many bytes, with their records; how many."""
    establishment = new_record_id(desk.clock, desk.randomness)
    commune = desk.units.communes_of(desk.workspace.areas[0])[0].code
    edits = [Edit("establishments", establishment, {"name": "Cơ sở", "commune": commune})]
    for content in _contents(size):
        name = desk.workspace.attachments.keep(content, None, desk.randomness)
        said = {
            "establishment": establishment,
            "title": "Tài liệu",
            "sha256": name,
            "media_type": media_type_of(content),
            "bytes": len(content),
        }
        edits.append(Edit("attachments", new_record_id(desk.clock, desk.randomness), said))
    desk.workspace.save(edits)
    return len(edits) - 1


def _contents(size: int) -> Iterator[bytes]:
    chance = random.Random("scans")
    left = size * 9 // 10
    while left > 1 << 20:
        content = _scan(chance, min(SCAN, left) - 4_000)
        left -= len(content)
        yield content
    left += size // 10
    number = 0
    while left > 400_000:
        content = picture(number, PHOTO_SIDE)
        number += 1
        left -= len(content)
        yield content


def _scan(chance: random.Random, length: int) -> bytes:
    """A PDF with so many bytes that no packing makes smaller; nothing in them looks like a name."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    drawing = DecodedStreamObject()
    drawing.set_data(chance.randbytes(length).replace(b"/", b"."))
    page[NameObject("/Contents")] = writer._add_object(drawing)
    out = io.BytesIO()
    writer.write(out)
    assert len(PdfReader(out).pages) == 1
    return out.getvalue()


def _run(*words: object) -> tuple[float, float]:
    """Seconds and MB of a command."""
    start = time.perf_counter()
    command = [sys.executable, "-c", _COMMAND, *map(str, words)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return time.perf_counter() - start, float(done.stdout.splitlines()[-1])


def _floor(parcel: Path, target: Path) -> float:
    """Seconds for the bytes of a parcel, encrypted for somebody, hashed and on disk."""
    from pyrage import encrypt_io, x25519  # noqa: PLC0415

    digest = hashlib.sha512()

    class Out:
        def write(self, data: bytes) -> int:
            digest.update(data)
            return file.write(data)

        def flush(self) -> None:
            file.flush()

    recipient = x25519.Recipient.from_str(recipient_of(parcel_identity(bytes(32))))
    start = time.perf_counter()
    with parcel.open("rb") as source, target.open("wb") as file:
        encrypt_io(source, Out(), [recipient])
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - start

"""Taking in what the province sent: from packed bytes to changes, projection and search index.

The floor does without all of that: the same records as lines of JSON in zstd, decoded, and inserted in one transaction
into one table of plain SQLite.
"""

from __future__ import annotations

import sqlite3  # noqa: TID251 -- the floor is the plainest SQLite there is
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import zstandard

from benchmarks.measuring import Figure, Ground, median, taking_turns
from benchmarks.population import establishments, new_desk
from kcdesk.changes import Change
from kcdesk.domain.kinds import ESTABLISHMENTS, figures_id
from kcdesk.domain.value import Value
from kcdesk.sync import format as packing

GOAL = 1 / 0.7
"""At least 0.7 of the floor's records a second."""

ROUNDS = 3
DEVICE = "00112233445566aa"
_FIELDS = [field.key for field in ESTABLISHMENTS.fields]


def measure(ground: Ground) -> Iterable[Figure]:
    count = min(ground.size, 100_000)
    changes = list(_changes(count // 2))
    groups = packing.grouped(changes, lambda change: len(change.canonical()))
    body = b"".join(
        packing.pack(msgspec.json.encode(packing.to_columns(group)) for group in groups)
    )
    lines = b"\n".join(msgspec.json.encode({"id": c.record, **c.set}) for c in changes)
    plain = zstandard.ZstdCompressor(9).compress(lines)

    with ExitStack() as stack:
        desks = [stack.enter_context(new_desk(ground.folder())) for _ in range(ROUNDS)]

        def ours() -> None:
            desk = desks.pop()
            for section in packing.unpack([body]):
                group = packing.from_columns(packing.decode(_columns, section))
                desk.workspace.receive(group, {})
            assert desk.workspace.lists.count("figures") == count // 2

        floor, received = taking_turns(ROUNDS, lambda: insert_lines(plain, ground.folder()), ours)
    each = 1e6 / len(changes)
    yield Figure(
        "receive, a record", len(changes), median(received) * each, "µs", GOAL, median(floor) * each
    )


def insert_lines(plain: bytes, folder: Path) -> None:
    rows = [
        (record.pop("id"), *(record.pop(field, None) for field in _FIELDS), str(record))
        for line in zstandard.ZstdDecompressor().decompress(plain).split(b"\n")
        for record in [msgspec.json.decode(line)]
    ]
    db = sqlite3.connect(folder / "floor.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"CREATE TABLE records (id TEXT PRIMARY KEY, {', '.join(_FIELDS)}, rest TEXT)")
    db.execute("BEGIN")
    db.executemany(f"INSERT INTO records VALUES ({', '.join('?' * (len(_FIELDS) + 2))})", rows)
    db.execute("COMMIT")
    db.close()


def _changes(count: int) -> Iterator[Change]:
    """So many establishments and their figures, as a colleague's device said them."""
    for number, (establishment, figures) in enumerate(establishments(count)):
        record = f"01900000-0000-7000-8000-{number:012x}"
        of_year: dict[str, Value] = {"establishment": record, **figures}
        at = 1_700_000_000_000 + number
        yield Change(DEVICE, 2 * number + 1, "establishments", record, at, establishment, {})
        yield Change(
            DEVICE, 2 * number + 2, "figures", figures_id(record, 2024, "actual"), at, of_year, {}
        )


_columns = msgspec.json.Decoder(packing.Columns)

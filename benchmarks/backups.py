"""Backups: how long one takes in an hour's work, what a year of them weighs, and how long the way back is.

A year of thinned backups is made as it is left at its end: one for each month, for each of the last days and for
each of the last hours, with a hundred edits on each working day. The photos weigh what photos weigh; what they show
is chance.
"""

from __future__ import annotations

import random  # noqa: TID251 -- seeded: the same in every run
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import population
from benchmarks.measuring import Figure, Ground, median
from kcdesk.actions.backups import back_up, back_up_if_due
from kcdesk.actions.backups import recover as recover_workspace
from kcdesk.actions.backups import restore as restore_workspace
from kcdesk.actions.desk import Desk, key_source, open_desk
from kcdesk.domain.clock import system_clock
from kcdesk.storage.backups.thinning import DAY_MS, HOUR_MS
from kcdesk.storage.edits import Edit
from kcdesk.storage.folder.description import DATABASE_FILE
from kcdesk.storage.keys import KeyMode, KeySource

PHOTOS = 5_000
PHOTO_BYTES = 300_000
EDITS_A_DAY = 100
HOURS = 5
MB = 1e6


def measure(ground: Ground) -> Iterator[Figure]:
    clock = _Clock(system_clock() - 366 * DAY_MS)
    copy = ground.folder() / "copy"
    shutil.copytree(ground.workspace(), copy)
    folder, passphrase = copy / population.WORKSPACE, copy / population.PASSPHRASE_FILE
    with population.own_state(copy):
        with open_desk(folder, passphrase_file=passphrase, clock=clock) as desk:
            yield from _measure(ground, desk, clock)
        yield from _way_back(ground, folder, passphrase)


def _measure(ground: Ground, desk: Desk, clock: _Clock) -> Iterator[Figure]:
    folder, size = desk.workspace.folder, ground.size
    chance = random.Random("backups")
    ground.say(f"{PHOTOS:,} photos")
    for _ in range(PHOTOS):
        desk.workspace.attachments.keep(chance.randbytes(PHOTO_BYTES), None, chance.randbytes)
    photos = _bytes_below(folder / "attachments")

    start = time.perf_counter()
    back_up(desk)
    yield Figure("backup: the first one", size, time.perf_counter() - start, "s")

    ground.say("a year of work")
    records = [
        row["id"] for row in desk.workspace.lists.page("establishments", limit=5_000).records
    ]
    for _ in range(11):
        _work(desk, chance, records, 22 * EDITS_A_DAY)
        clock.now += 28 * DAY_MS
        back_up_if_due(desk)
    clock.now += 20 * DAY_MS
    for _ in range(31):
        _work(desk, chance, records, EDITS_A_DAY)
        clock.now += DAY_MS
        back_up_if_due(desk)
    seconds = []
    for _ in range(23):
        _work(desk, chance, records, EDITS_A_DAY // 8)
        for _ in range(3):
            desk.workspace.attachments.keep(chance.randbytes(PHOTO_BYTES), None, chance.randbytes)
        clock.now += HOUR_MS
        start = time.perf_counter()
        assert back_up_if_due(desk) is not None
        seconds.append(time.perf_counter() - start)
    yield Figure("backup: of an hour, with 5,000 photos", size, median(seconds), "s", goal=10)

    database = (folder / DATABASE_FILE).stat().st_size + _bytes_of_log(folder)
    kept = _bytes_below(folder / "backups")
    count = len(desk.workspace.backups.kept())
    yield Figure(
        f"backup: {count} kept, beside the records", size, kept / MB, "MB", 2, database / MB
    )
    ground.say("a second place")
    stick = ground.folder()
    start = time.perf_counter()
    back_up(desk, place=stick)
    yield Figure("backup: to an empty stick, with photos", size, time.perf_counter() - start, "s")
    for _ in range(HOURS):
        _work(desk, chance, records, EDITS_A_DAY // 8)
        clock.now += HOUR_MS
        back_up(desk, place=stick)
    yield Figure(
        "backup: the stick, beside records twice and photos once",
        size,
        _bytes_below(stick) / MB,
        "MB",
        1,
        (2 * database + photos) / MB,
    )
    single = ground.folder() / "backup"
    start = time.perf_counter()
    back_up(desk, output=single)
    yield Figure("backup: into one file, with photos", size, time.perf_counter() - start, "s")
    single.unlink()


def _way_back(ground: Ground, folder: Path, passphrase: Path) -> Iterator[Figure]:
    def keys(mode: KeyMode) -> KeySource:
        return key_source(mode, passphrase, None)

    ground.say("restoring")
    start = time.perf_counter()
    restore_workspace(folder, None, keys)
    yield Figure("restore", ground.size, time.perf_counter() - start, "s")
    path = folder / DATABASE_FILE
    content = bytearray(path.read_bytes())
    for page in range(1_000, len(content) // 4096, 1_000):
        content[page * 4096] ^= 1
    path.write_bytes(content)
    ground.say("recovering")
    start = time.perf_counter()
    recover_workspace(folder, keys)
    yield Figure(
        "recover, every 1,000th page damaged", ground.size, time.perf_counter() - start, "s"
    )


class _Clock:
    """Goes on when it is told to."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def _work(desk: Desk, chance: random.Random, records: list[object], edits: int) -> None:
    desk.workspace.save(
        Edit(
            "establishments",
            str(chance.choice(records)),
            {"phone": f"+849{chance.randrange(10**8):08}", "note": chance.randbytes(20).hex()},
        )
        for _ in range(edits)
    )


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _bytes_of_log(folder: Path) -> int:
    log = folder / f"{DATABASE_FILE}-wal"
    return log.stat().st_size if log.exists() else 0

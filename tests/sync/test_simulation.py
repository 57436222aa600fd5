"""Many devices and one province: whatever happens, in the end all hold the same, and nothing confirmed is lost."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from kcdesk.errors import Unreachable
from tests.conftest import SettableClock
from tests.sync.databases import sqlite_only
from tests.sync.fleet import YEAR_MS, Fleet, in_a_hurry
from tests.sync.in_process import Cut, InProcess
from tests.sync.laptops import Laptop, settled, written
from tests.sync.provinces import Province

SEED = 20260302


@sqlite_only
def test_two_hundred_devices_and_a_hundred_thousand_edits(province: Province) -> None:
    in_a_hurry(province.database)
    fleet = Fleet(province.database, province.communes, 200, SEED)
    fleet.run(100_000)
    fleet.quiesce()
    fleet.check()
    for what, count in vars(fleet.count).items():
        assert count > 0, f"nothing was {what}"


@sqlite_only
def test_the_check_at_the_end_finds_what_is_wrong(province: Province) -> None:
    """A rig that cannot fail proves nothing: one change is taken from the server, one from a device."""
    in_a_hurry(province.database)
    fleet = Fleet(province.database, province.communes, 4, SEED)
    fleet.run(200, between=10)
    fleet.quiesce()
    fleet.check()
    device = next(one for one in fleet.devices if one.told)
    name, change = next(iter(device.told.items()))
    del device.book.held[name]
    with pytest.raises(AssertionError):
        fleet.check()
    device.book.held[name] = change
    fleet.check()
    with province.database.begin() as connection:
        connection.exec_driver_sql(
            f"DELETE FROM changes WHERE device = '{name.device}' AND n = {name.n}"
        )
    with pytest.raises(AssertionError, match="gaps"):
        fleet.check()


@sqlite_only
@pytest.mark.parametrize("seed", range(3))
def test_a_dozen_real_workspaces(province: Province, clock: SettableClock, seed: int) -> None:
    """Encrypted files and the whole wire: edits, cuts, kills, clocks that are years off, folders from backups."""
    chance = random.Random(seed)
    start = clock.now
    first = Laptop.new(province, "Người 0", "0")
    laptops = [first, *(Laptop.new(province, f"Người {n}", str(n)) for n in range(1, 12))]
    records = [province.establishment(first.workspace, f"Cơ sở {n}") for n in range(4)]
    first.sync()
    expected: set[str] = set()
    kept: dict[int, tuple[Path, set[str]]] = {}
    unsent: dict[int, set[str]] = {number: set() for number in range(len(laptops))}
    for step in range(80):
        number = chance.randrange(len(laptops))
        laptop = laptops[number]
        skew = (0, -4 * YEAR_MS, 3 * YEAR_MS)[number % 3]
        clock.now = max(0, start + step * 1_000 + skew)
        match chance.randrange(8):
            case 0 | 1 | 2 | 3:
                value = f"{number}-{step}"
                laptop.write(chance.choice(records), value)
                unsent[number].add(value)
                expected.add(value)
            case 4:
                laptop.reopen()
            case 5:
                folder = province.folder / f"kept-{number}-{step}"
                kept[number] = laptop.saved(folder), set(unsent[number])
            case 6 if number in kept:
                folder, known = kept[number]
                laptop.put_back(folder)
                gone = unsent[number] - known - set(written(province))
                expected -= gone  # was never sent, and is in no backup
                unsent[number] &= known
            case _:
                clock.now = start + step * 1_000  # the province's is right
                if _sync(laptop, chance):
                    unsent[number].clear()
    clock.now = start + 100_000
    settled(province, laptops, expected)
    for folder, _ in kept.values():
        shutil.rmtree(folder)


def _sync(laptop: Laptop, chance: random.Random) -> bool:
    """Exchange over a line that is cut up to three times, or dies; False: nobody knows what has arrived."""
    line: InProcess = laptop.province.transport(
        *(
            chance.choice((None, Cut("body", chance.randrange(900)), Cut("answer", None)))
            for _ in range(chance.randrange(4))
        )
    )
    if chance.random() < 0.3:
        line.breaks_at(chance.randrange(3), chance.choice(("request", "answer")))
    try:
        laptop.sync(line)
    except Unreachable:
        return False
    return True

"""Import of a list: rules, communes, changes, projection and search index, beside reading it and one bulk insert."""

from __future__ import annotations

import sqlite3  # noqa: TID251 -- the floor is the plainest SQLite there is
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineWorkbook

from benchmarks.measuring import Figure, Ground, median, taking_turns
from benchmarks.population import HEAD, new_desk, write_list
from kcdesk.actions import importing
from kcdesk.actions.desk import Desk
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.workbook import read_sheet

GOAL = 8.0
DUPLICATES_S = 60.0
EXISTING = 100_000


class Times(NamedTuple):
    """Seconds of an import without looking for duplicates, seconds of that, and how often progress was told."""

    importing: float
    comparing: float
    told: int


def measure(ground: Ground) -> Iterable[Figure]:
    file = ground.folder() / "list.xlsx"
    write_list(file, ground.size)
    ours: list[Times] = []

    def import_into_an_empty_workspace() -> None:
        with new_desk(ground.folder()) as desk:
            ours.append(import_list(desk, file))

    floor, _ = taking_turns(
        3 if ground.size <= 10_000 else 1,
        lambda: read_and_insert(file, ground.folder()),
        import_into_an_empty_workspace,
    )
    alone = median([times.importing for times in ours])
    yield Figure("import of a list", ground.size, alone, "s", GOAL, median(floor))
    yield Figure("  times progress was told", ground.size, ours[0].told, "")
    within = median([times.comparing for times in ours])
    yield Figure("  duplicates within the list", ground.size, within, "s")
    if ground.size == EXISTING:
        other = ground.folder() / "other.xlsx"
        write_list(other, ground.size, seed="another list")
        with ground.desk() as desk:
            among = import_list(desk, other).comparing
        yield Figure(f"  duplicates among {EXISTING:,}", ground.size, among, "s", DUPLICATES_S)


def import_list(desk: Desk, file: Path) -> Times:
    """Import `file`; its rules alone, and rules with duplicates, are timed before to tell the parts from each other."""
    rules = _seconds(
        lambda: plan_establishments(
            read_sheet(file), desk.units, desk.workspace.areas, today=desk.today
        )
    )
    comparing = _seconds(lambda: importing.plan_import(desk, file)) - rules
    told: list[int] = []
    whole = _seconds(
        lambda: importing.import_list(
            desk,
            file,
            progress=lambda done, _: told.append(done),
            compared=lambda done, _: told.append(done),
        )
    )
    return Times(whole - comparing, comparing, len(told))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def read_and_insert(file: Path, folder: Path) -> None:
    """The least: read the cells, insert the rows in one durable transaction."""
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    plain = sqlite3.connect(folder / "floor.db", isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute(f"CREATE TABLE list ({', '.join(f'c{i}' for i in range(len(HEAD)))})")
    plain.execute("BEGIN")
    plain.executemany(f"INSERT INTO list VALUES ({', '.join('?' * len(HEAD))})", rows)
    plain.execute("COMMIT")
    plain.close()

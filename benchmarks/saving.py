"""Save of a form: change, projection and search index in one durable transaction, beside one raw insert."""

from __future__ import annotations

import itertools
import sqlite3  # noqa: TID251 -- the floor is the plainest SQLite there is
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.measuring import Figure, Ground, median, taking_turns
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import list_records
from kcdesk.storage.edits import Edit

ROUNDS = 300
GOAL = 3.0

_INSERT = "INSERT INTO establishments VALUES (?, ?, ?, ?, ?, ?)"


def measure(ground: Ground) -> Iterable[Figure]:
    with ground.desk() as desk:
        floor, ours = taking_turns(
            ROUNDS, raw_insert(ground.folder() / "floor.db"), save_of_a_form(desk)
        )
    yield Figure("save of a form", ground.size, median(ours) * 1e3, "ms", GOAL, median(floor) * 1e3)


def raw_insert(path: Path) -> Callable[[], object]:
    """One durable insert of what a form holds into a plain file of SQLite: write-ahead log, `synchronous=FULL`."""
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute(
        "CREATE TABLE establishments (id TEXT PRIMARY KEY, name TEXT, phone TEXT, commune TEXT, trade TEXT, rest TEXT)"
    )
    number = itertools.count()

    def work() -> None:
        row = (
            f"01900000-0000-7000-8000-{next(number):012}",
            "Hộ Vàng A Páo",
            "+84983111222",
            "02683",
            "Rèn",
            "{}",
        )
        plain.execute(_INSERT, row)

    return work


def save_of_a_form(desk: Desk) -> Callable[[], object]:
    """Saving four fields of an open form, another record each time."""
    listed = list_records(desk, "establishments", limit=200).records
    records = [str(each.row["id"]) for each in listed]
    open_forms = [(each, desk.workspace.state("establishments", each).seen) for each in records]
    forms = itertools.cycle(open_forms)
    times = itertools.count()

    def work() -> None:
        (record, seen), time = next(forms), next(times)
        edit = {
            "name": f"Hộ Vàng A Páo {time}",
            "phone": f"+84983{time:06}",
            "trade": "Rèn nông cụ",
            "note": f"Đến lần {time}",
        }
        desk.workspace.save([Edit("establishments", record, dict(edit), seen)])

    return work

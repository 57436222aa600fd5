"""Many write and read at once, each over a connection of its own: nobody skips a change, nobody waits in a circle."""

from __future__ import annotations

import random
import threading
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, select

from kcdesk.changes import Change, ChangeId, Value, chain_start, extend
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.kinds import figures_id
from kcdesk.server import admin, intake, people, tables
from kcdesk.server.answer import everything
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.people import Caller
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.protocol import NO_DIGEST, End, Received, SentHeader
from tests.sync.databases import postgresql_only
from tests.sync.provinces import Province

AREAS = 100
WRITERS, READERS = 6, 3
BATCHES = 20
SHARED = 30
"""Establishments that everybody edits, moves and counts."""


@postgresql_only
@pytest.mark.parametrize("seed", range(3))
def test_writers_and_readers_at_once(
    province: Province, units: AdministrativeUnits, seed: int
) -> None:
    engine, clock = province.database, province.clock()
    communes = hundred_areas(engine, units)
    admin.add_user(engine, "Trung tâm", "centre")
    writers = [Writer(device(engine, f"{n:016x}", clock), communes, seed) for n in range(WRITERS)]
    readers = [Reader(device(engine, f"{n + 99:016x}", clock)) for n in range(READERS)]
    start = threading.Barrier(WRITERS + READERS)
    written = threading.Event()

    def write(writer: Writer) -> None:
        start.wait(60)
        for _ in range(BATCHES):
            writer.write(engine)

    def read(reader: Reader) -> None:
        start.wait(60)
        while not written.is_set():
            reader.read(engine)
        reader.read(engine)

    with ThreadPoolExecutor(WRITERS + READERS) as pool:
        reading_on = [pool.submit(read, reader) for reader in readers]
        try:
            for done in [pool.submit(write, writer) for writer in writers]:
                done.result(120)
        finally:
            written.set()
        for done in reading_on:
            done.result(120)

    logs = every_log(engine)
    for reader in readers:
        assert reader.entries == logs
        assert reader.changes == {change for log in logs.values() for change in log}
    said = {change.id: change for writer in writers for change in writer.said}
    assert readers[0].changes == said.keys()
    assert_logs_hold_what_is_in_their_areas(engine, logs, said)
    status = province.status()
    assert (status.changes, status.refusals, status.double_changes) == (len(said), 0, 0)
    assert {one.n for one in status.devices} == {0, max(writer.n for writer in writers)} | {
        writer.n for writer in writers
    }


@dataclass
class Writer:
    """A device that sends batches, each about establishments in 4 to 8 areas."""

    caller: Caller
    communes: list[str]
    seed: int
    n: int = 0
    said: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.seed} {self.caller.device}")
        self.h = chain_start(self.caller.device)

    def write(self, engine: Engine) -> None:
        """One batch, committed."""
        group: list[Change] = []
        for commune in self.chance.sample(self.communes, self.chance.randint(4, 8)):
            shared = f"0198aaaa-0000-7000-8000-{self.chance.randrange(SHARED):012x}"
            match self.chance.randrange(4):
                case 0:
                    own = str(uuid.UUID(bytes=self.chance.randbytes(16)))
                    self._say(group, "establishments", own, {"name": "Hộ", "commune": commune})
                case 1:  # makes it, or moves it
                    self._say(group, "establishments", shared, {"commune": commune})
                case 2:
                    self._say(group, "establishments", shared, {"commune": commune, "note": "x"})
                    year = self.chance.randrange(2020, 2023)
                    of_year = figures_id(shared, year, "actual")
                    self._say(group, "figures", of_year, {"establishment": shared, "year": year})
                case _:
                    self._say(group, "establishments", shared, {"commune": commune, "name": "Hộ"})
        before, self.h = self.h, extend(self.h, group)
        taken = intake.take_in(engine, self.caller, group, before, self.h)
        assert (taken.accepted, taken.refused, taken.stopped) == (len(group), 0, False)
        self.said += group

    def _say(self, group: list[Change], kind: str, record: str, said: dict[str, Value]) -> None:
        self.n += 1
        group.append(Change(self.caller.device, self.n, kind, record, self.n, said, {}))


@dataclass
class Reader:
    """A device that reads on from its cursors, over and over."""

    caller: Caller
    cursors: dict[str, int] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    entries: defaultdict[str, list[ChangeId]] = field(default_factory=lambda: defaultdict(list))
    changes: set[ChangeId] = field(default_factory=set)

    def read(self, engine: Engine) -> None:
        """All that is new; every entry comes right behind the one before it, and with its change."""
        device, nothing = self.caller.device, chain_start(self.caller.device)
        header = SentHeader(device, "", 1, 0, nothing, nothing, b"", dict(self.cursors))
        with reading(engine) as connection:
            sections = list(everything(connection, self.caller, header))
        for section in sections:
            match packing.decode(protocol.answer_decoder, section):
                case Received() as group:
                    self._take_in(group)
                case End() as end:
                    for log, there in end.logs.items():
                        assert self.cursors.get(log, 0) == there.position
                        assert self.digests.get(log, NO_DIGEST) == there.digest

    def _take_in(self, group: Received) -> None:
        self.changes |= {change.id for change in packing.from_columns(group.columns)}
        for run in group.runs:
            for number, device, n in protocol.entries_of(run):
                assert number == self.cursors.get(run.log, 0) + 1
                assert ChangeId(device, n) in self.changes
                self.cursors[run.log] = number
                self.entries[run.log].append(ChangeId(device, n))
                digest = self.digests.get(run.log, NO_DIGEST)
                self.digests[run.log] = protocol.add_to_digest(digest, run.log, number, device, n)


def hundred_areas(engine: Engine, units: AdministrativeUnits) -> list[str]:
    """AREAS areas, by the codes of their communes."""
    codes = [commune.code for code in ("15", "92") for commune in units.communes_of(code)][:AREAS]
    for code in codes:
        admin.add_area(engine, code, units)
    assert len(codes) == AREAS
    return codes


def device(engine: Engine, name: str, now: int) -> Caller:
    """A device of the centre's."""
    with writing(engine) as connection:
        user = connection.scalar(select(tables.users.c.id))
        row = (name, user, b"", 0, chain_start(name), now, now, None, None, None, None)
        insert_rows(connection, tables.devices, [row])
    with reading(engine) as connection:
        return people.recognise_device(connection, name, now)


def every_log(engine: Engine) -> dict[str, list[ChangeId]]:
    """What stands in each log, in order; their numbers have no gaps."""
    found: defaultdict[str, list[ChangeId]] = defaultdict(list)
    held = tables.log_entries
    with reading(engine) as connection:
        for row in connection.execute(select(held).order_by(held.c.log, held.c.number)):
            found[row.log].append(ChangeId(row.device, row.n))
            assert row.number == len(found[row.log])
    return found


def assert_logs_hold_what_is_in_their_areas(
    engine: Engine, logs: dict[str, list[ChangeId]], said: dict[ChangeId, Change]
) -> None:
    """Of each record all that was ever said, in the log of every area where it is now."""
    of_record: defaultdict[str, set[ChangeId]] = defaultdict(set)
    for change in said.values():
        of_record[change.record].add(change.id)
    held, records = tables.record_areas, tables.records
    of_itself = select(held.c.record, held.c.area).where(held.c.current.is_(True))
    of_parent = (
        select(records.c.id, held.c.area)
        .join(held, held.c.record == records.c.parent)
        .where(held.c.current.is_(True))
    )
    with reading(engine) as connection:
        placed = [*connection.execute(of_itself), *connection.execute(of_parent)]
    assert {record for record, _ in placed} == of_record.keys()
    for record, area in placed:
        assert of_record[record] <= set(logs[f"open:{area}"])

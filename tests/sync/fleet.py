"""A fleet of light devices and the real server: a seeded history of edits, cuts, kills, copies, wrong clocks, restores.

A light device keeps its changes in memory instead of an encrypted file; chain, signatures, packing, protocol and all of
the server are the real ones. What workspaces on disk do with the same is `test_any_history` and `test_any_copies`.
A body goes to the server's rooms as a worker hands it to them, without HTTP, so that 100,000 changes take a minute.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, event, func, select

from kcdesk.changes import Change, ChangeId, State, Value, chain_start, extend, fold
from kcdesk.errors import Rejected
from kcdesk.server import exchanges, holding, people, service, tables
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.history import change_of
from kcdesk.server.people import Caller
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.parcels.keys import parcel_identity, recipient_of
from kcdesk.sync.protocol import AnswerHeader, End, Received

NOW = 1_772_415_000_000
YEAR_MS = 365 * 24 * 3_600_000
FIELDS = ("name", "phone", "note", "trade", "hamlet", "machines/22aaaaa/price")

Deliver = Callable[["Light", bytes], Iterable[bytes]]
"""Brings a body to the province, and its answer back: the line, or somebody who carries a stick. Raises `Lost`."""


class Lost(Exception):
    """The line was cut: the device knows nothing of what has arrived."""


@dataclass
class Book:
    """What a device has on its disk; a restore takes it back to an earlier one."""

    key: Ed25519PrivateKey
    last_hash: bytes
    confirmed_hash: bytes
    own: list[Change] = field(default_factory=list)
    confirmed_n: int = 0
    last_at: int = 0
    held: dict[ChangeId, Change] = field(default_factory=dict)
    refused: set[ChangeId] = field(default_factory=set)
    seen: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    cursors: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    body: tuple[str, bytes, int] | None = None  # the exchange under way: its id, bytes, last n

    def copy(self) -> Book:
        seen = defaultdict(dict, {record: dict(of) for record, of in self.seen.items()})
        return Book(
            self.key, self.last_hash, self.confirmed_hash, list(self.own), self.confirmed_n,
            self.last_at, dict(self.held), set(self.refused), seen, dict(self.cursors), self.body,
        )  # fmt: skip


class Light:
    """One device. `said` is all it was ever told to be at the province, for the end of the day."""

    def __init__(self, fleet: Fleet, user: int, communes: list[str], skew_ms: int) -> None:
        self.fleet = fleet
        self.user = user
        self.communes = communes
        self.skew_ms = skew_ms
        self.told: dict[ChangeId, Change] = {}
        key = fleet.new_key()
        start = chain_start(device_of(key))
        self.book = Book(key, start, start)
        self.saved: Book | None = None

    @property
    def id(self) -> str:
        return device_of(self.book.key)

    # Work

    def save(self, record: str, said: dict[str, Value]) -> None:
        """Make one change, as the form of the record stood a moment ago."""
        book, device = self.book, self.id
        book.last_at = max(self.fleet.clock + self.skew_ms, book.last_at + 1)
        seen = {other: n for other, n in book.seen[record].items() if other != device}
        change = Change(
            device, len(book.own) + 1, "establishments", record, book.last_at, said, seen
        )
        book.own.append(change)
        book.last_hash = extend(book.last_hash, [change])
        self._hold(change)

    def records(self) -> list[str]:
        return list(self.book.seen)

    def keep_backup(self) -> None:
        self.saved = self.book.copy()

    def restore(self) -> None:
        """Be as the backup was, not knowing what has been sent since."""
        if self.saved is not None:
            self.book = self.saved.copy()

    # Exchange

    def sync(self, deliver: Deliver | None = None) -> bool:
        """Exchange until neither side has more; False: the line was cut, which is found out the next time."""
        deliver = deliver or self.fleet.line
        while True:
            try:
                more = self._take_in(deliver(self, self._body()))
            except Lost:
                return False
            except Rejected as error:
                if error.code not in {"other_chain", "continued"}:
                    raise
                self._go_on_as_new_device()
                more = True
            if not more:
                return True

    def _body(self) -> bytes:
        """The exchange under way, or a new one."""
        book = self.book
        if book.body is None:
            fresh = book.own[book.confirmed_n : book.confirmed_n + protocol.EXCHANGE_CHANGES]
            h, groups = book.confirmed_hash, []
            for group in packing.grouped(fresh, lambda change: len(change.canonical())):
                h = extend(h, group)
                groups.append(protocol.encode(protocol.Sent(packing.to_columns(group), h)))
            last_n = book.confirmed_n + len(fresh)
            header = protocol.SentHeader(
                self.id,
                self.fleet.epoch,
                book.confirmed_n + 1,
                last_n,
                book.confirmed_hash,
                h,
                book.key.sign(protocol.sent_statement(self.id, last_n, h)),
                {log: position for log, (position, _) in book.cursors.items()},
            )
            body = b"".join(packing.pack([protocol.encode(header)], groups))
            book.body = (self.fleet.chance.randbytes(16).hex(), body, last_n)
        return book.body[1]

    def _take_in(self, answer: Iterable[bytes]) -> bool:
        """Believe an answer; whether another exchange brings more."""
        book = self.book
        assert book.body is not None
        _, _, last_n = book.body
        sections = packing.unpack(answer)
        end: End | None = None
        for section in sections:
            match packing.decode(protocol.answer_decoder, section):
                case AnswerHeader() as said:
                    self._confirm(said, last_n)
                case Received() as group:
                    self._receive(group)
                case End() as end:
                    pass
        assert end is not None
        book.body = None
        for log, there in end.logs.items():
            assert book.cursors.get(log, (0, protocol.NO_DIGEST)) == (there.position, there.digest)
        return end.more or book.confirmed_n < len(book.own)

    def _confirm(self, said: AnswerHeader, last_n: int) -> None:
        book = self.book
        statement = protocol.confirmed_statement(self.id, said.confirmed_n, said.confirmed_hash)
        assert protocol.is_signed(self.fleet.public_key, said.signature, statement)
        assert book.confirmed_n <= said.confirmed_n <= last_n
        fresh = book.own[book.confirmed_n : said.confirmed_n]
        assert extend(book.confirmed_hash, fresh) == said.confirmed_hash
        refused = {ChangeId(self.id, one.n) for one in said.refusals}
        book.refused |= refused
        for change in fresh:
            if change.id in refused:
                del book.held[change.id]
            else:
                self.told[change.id] = change
        book.confirmed_n, book.confirmed_hash = said.confirmed_n, said.confirmed_hash

    def _receive(self, group: Received) -> None:
        for run in group.runs:
            position, digest = self.book.cursors.get(run.log, (0, protocol.NO_DIGEST))
            for number, device, n in protocol.entries_of(run):
                if number > position:
                    assert number == position + 1
                    position = number
                    digest = protocol.add_to_digest(digest, run.log, number, device, n)
            self.book.cursors[run.log] = position, digest
        for change in packing.from_columns(group.columns):
            self._hold(change)

    def _hold(self, change: Change) -> None:
        self.book.held[change.id] = change
        of = self.book.seen[change.record]
        of[change.device] = max(of.get(change.device, 0), change.n)

    def _go_on_as_new_device(self) -> None:
        """What a workspace does that finds out it is a copy: see `sync.settling`, in short.

        What the province holds of the former device is its own past; what it does not is said again by the new one.
        """
        book, former = self.book, self.id
        caller = self.fleet.caller(former)
        found = self._held_by_province(caller)
        common = book.confirmed_n
        for own, theirs in zip(book.own[common:], found, strict=False):
            if own != theirs:
                break
            common += 1
        arrived = {change.id for change in found}
        unsaid = [one for one in book.own[common:] if one.id not in arrived or one not in found]
        for change in book.own[common:]:
            book.held.pop(change.id, None)
            book.seen[change.record].pop(former, None)
        for change in book.own[:common]:
            if change.id in book.held:
                self._hold(change)
        key = self.fleet.new_key()
        self.fleet.continue_as(caller, book.key, key)
        book.key = key
        start = chain_start(self.id)
        book.own, book.last_hash, book.confirmed_hash, book.confirmed_n = [], start, start, 0
        book.body = None
        for change in unsaid:
            self.save(change.record, change.set)

    def _held_by_province(self, caller: Caller) -> list[Change]:
        """What the province has accepted of the caller after what is confirmed."""
        found: list[Change] = []
        after = self.book.confirmed_n
        while True:
            sections = packing.unpack([holding.held(self.fleet.engine, caller, after)])
            assert isinstance(packing.decode(protocol.held_decoder, next(sections)), protocol.Held)
            groups = [packing.decode(protocol.held_decoder, section) for section in sections]
            fresh = [
                change
                for group in groups
                if isinstance(group, Received)
                for change in packing.from_columns(group.columns)
            ]
            if not fresh:
                return found
            found += fresh
            after = fresh[-1].n


@dataclass
class Counts:
    """What happened in a history."""

    edits: int = 0
    exchanges: int = 0
    cut: int = 0
    unanswered: int = 0
    killed: int = 0
    repeated: int = 0
    late: int = 0
    restored: int = 0
    went_on: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{value:,} {name}" for name, value in vars(self).items())


class Fleet:
    """Devices of people who look after some communes each, and their province.

    communes: codes, each of which stands for one area
    seed:     everything that happens follows from it
    """

    def __init__(
        self, engine: Engine, communes: Sequence[str], devices: int, seed: int, at: int = NOW
    ) -> None:
        self.engine = engine
        self.chance = random.Random(seed)
        self.clock = at
        self.count = Counts()
        self._people: dict[str, people.Person] = {}
        self._keys: dict[str, bytes] = {}
        self._closed: set[str] = set()
        self._sent: list[tuple[str, bytes]] = []
        with reading(engine) as connection:
            home = connection.execute(select(tables.province)).one()
            codes = select(tables.area_codes.c.code, tables.area_codes.c.area)
            areas = dict(connection.execute(codes.where(tables.area_codes.c.era == "new")).all())  # type: ignore[arg-type]
        self.epoch = home.epoch
        self.public_key = people.public_key_of(home.signing_key)
        self.devices = [
            self._device(number, communes, areas, self.chance) for number in range(devices)
        ]
        with writing(engine) as connection:
            rows = [
                (1000 + n, f"Người {n}", self._people[one.id].role)
                for n, one in enumerate(self.devices)
            ]
            insert_rows(connection, tables.users, rows)
            start = [
                (one.id, one.user, self._keys[one.id], 0, chain_start(one.id), at, at, *[None] * 4)
                for one in self.devices
            ]
            insert_rows(connection, tables.devices, start)

    def _device(
        self, number: int, communes: Sequence[str], areas: dict[str, int], chance: random.Random
    ) -> Light:
        own = [communes[number % len(communes)], *chance.sample(communes, chance.randrange(2))]
        skew = chance.choice((0, 0, 60_000, -3 * YEAR_MS, 5 * YEAR_MS, -NOW))
        made = Light(self, 1000 + number, own, skew)
        here = frozenset(areas[code] for code in own)
        role: protocol.Role = "collaborator" if number % 5 == 4 else "officer"
        self._people[made.id] = people.Person(made.user, f"Người {number}", role, here, here)
        return made

    # What devices ask of it

    def new_key(self) -> Ed25519PrivateKey:
        key = Ed25519PrivateKey.from_private_bytes(self.chance.randbytes(32))
        self._keys[device_of(key)] = key.public_key().public_bytes_raw()
        return key

    def caller(self, device: str) -> Caller:
        return Caller(device, self._keys[device], self._people[device], device in self._closed)

    def continue_as(self, caller: Caller, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> None:
        successor, token = device_of(new), self.chance.randbytes(32)
        recipient = recipient_of(parcel_identity(new.private_bytes_raw()))
        statement = protocol.continue_statement(caller.device, successor, recipient, token)
        request = protocol.ContinueRequest(
            caller.device,
            successor,
            self._keys[successor],
            recipient,
            token,
            old.sign(statement),
            new.sign(statement),
        )
        people.continue_as(self.engine, caller, request, self.clock)
        self._closed.add(caller.device)
        self._people[successor] = self._people[caller.device]
        self.count.went_on += 1

    # Lines

    def line(self, device: Light, body: bytes) -> Iterable[bytes]:
        """A line that holds."""
        return self._bring(device, body, len(body))

    def bad_line(self, device: Light, body: bytes) -> Iterable[bytes]:
        """A line that is cut somewhere, repeats old bodies, and loses answers."""
        fate = self.chance.random()
        if fate < 0.25:
            self.count.cut += 1
            self._bring(device, body, self.chance.randrange(len(body)))
            raise Lost
        if fate < 0.45 and self._sent:
            self._repeat()
        answer = b"".join(self._bring(device, body, len(body)))
        if fate > 0.9:
            self.count.unanswered += 1
            raise Lost
        if fate > 0.7:
            self.count.killed += 1
            return _until(answer, self.chance.randrange(len(answer)))
        return [answer]

    def _bring(self, device: Light, body: bytes, count: int) -> Iterable[bytes]:
        """Hand `count` bytes of a body to the server, behind those that have arrived; the answer, if that is all."""
        caller = self.caller(device.id)
        if caller.closed:
            raise people.continued()
        assert device.book.body is not None
        exchange = device.book.body[0]
        found = exchanges.find(self.engine, exchange, caller.device)
        if found is None:
            exchanges.begin(self.engine, exchange, caller.device, len(body))
        arrived = 0 if found is None else found.arrived
        if arrived < count:
            exchanges.keep(self.engine, exchange, arrived, body[arrived:count])
        if max(arrived, count) < len(body):
            return []
        if found is None or found.answer_bytes is None:
            service.carry_out(self.engine, caller, exchange, self.clock)
            self.count.exchanges += 1
            self._sent.append((device.id, body))
        return list(exchanges.bytes_from(self.engine, exchange, exchanges.ANSWER))

    def _repeat(self) -> None:
        """A body of long ago comes once more, under another name: it says nothing new and may be refused."""
        device, body = self.chance.choice(self._sent[-50:])
        exchange, caller = self.chance.randbytes(16).hex(), self.caller(device)
        exchanges.begin(self.engine, exchange, caller.device, len(body))
        exchanges.keep(self.engine, exchange, 0, body)
        try:
            service.carry_out(self.engine, caller, exchange, self.clock)
            self.count.repeated += 1
        except Rejected as error:
            if error.code not in {"other_chain", "continued"}:
                raise
            self.count.late += 1

    # History

    def run(self, edits: int, *, between: int = 90) -> None:
        """A history of so many edits; each device makes about `between` of them before it meets its line again."""
        while self.count.edits < edits:
            device = self.chance.choice(self.devices)
            for _ in range(min(self.chance.randint(1, 2 * between), edits - self.count.edits)):
                self._edit(device)
            fate = self.chance.random()
            if fate < 0.10:
                device.keep_backup()
            elif fate < 0.15 and device.saved is not None:
                device.restore()
                self.count.restored += 1
            device.sync(self.bad_line)

    def quiesce(self) -> None:
        """Everybody gets a line that holds, until nothing moves."""
        for _ in range(2):
            for device in self.devices:
                assert device.sync()

    def _edit(self, device: Light) -> None:
        chance, said = self.chance, dict[str, Value]()
        self.clock += chance.randrange(60_000)
        self.count.edits += 1
        known = device.records()
        if not known or chance.random() < 0.2:
            record = f"{chance.getrandbits(128):032x}"
            record = "-".join(
                (record[:8], record[8:12], "7" + record[13:16], "8" + record[17:20], record[20:])
            )
            said = {"name": f"Cơ sở {self.count.edits}", "commune": chance.choice(device.communes)}
        else:
            record = known[chance.randrange(len(known))]
            what = chance.random()
            if what < 0.03:
                said = {"deleted": chance.random() < 0.7}
            elif what < 0.06:
                said = {"commune": chance.choice(device.communes)}
            else:
                for name in chance.sample(FIELDS, chance.randint(1, 3)):
                    said[name] = f"{name} {chance.randrange(10_000)}"
        device.save(record, said)

    # The end of the day

    def check(self) -> None:
        """All replicas and the server are equal, counters have no gaps, and nothing that was confirmed is lost."""
        with reading(self.engine) as connection:
            kept = {
                ChangeId(row.device, row.n): change_of(row)
                for row in connection.execute(select(tables.changes))
            }
            entries: defaultdict[str, set[ChangeId]] = defaultdict(set)
            for log, device, n in connection.execute(
                select(
                    tables.log_entries.c.log, tables.log_entries.c.device, tables.log_entries.c.n
                )
            ):
                entries[log].add(ChangeId(device, n))
            ends = dict(connection.execute(select(tables.devices.c.id, tables.devices.c.n)).all())  # type: ignore[arg-type]
            refused = select(tables.refusals.c.device, func.count()).group_by(
                tables.refusals.c.device
            )
            without = dict(connection.execute(refused).all())  # type: ignore[arg-type]
        counted: defaultdict[str, int] = defaultdict(int)
        for name in kept:
            counted[name.device] += 1
            assert name.n <= ends[name.device]
        for device, n in ends.items():
            assert counted[device] + without.get(device, 0) == n, f"{device} has gaps"
        states = self._states(kept.values())
        for one in self.devices:
            assert one.book.confirmed_n == len(one.book.own)
            lost = {name for name, change in one.told.items() if kept.get(name) != change}
            assert not lost, f"{len(lost)} confirmed changes are lost"
            readable = set[ChangeId]().union(*(entries[log] for log in one.book.cursors))
            held = one.book.held
            assert held.keys() >= readable
            assert held.keys() - readable <= one.told.keys()
            assert all(kept[name] == change for name, change in held.items())
            self._compare_states(held, states)

    def _compare_states(
        self, held: Mapping[ChangeId, Change], states: Mapping[str, tuple[int, State]]
    ) -> None:
        """Each record that a device holds whole reads as at the province; one that went elsewhere may lack its end."""
        for record, (count, mine) in self._states(held.values()).items():
            whole, theirs = states[record]
            assert count == whole or "commune" in theirs.heads
            if count == whole:
                assert mine == theirs

    def _states(self, changes: Iterable[Change]) -> dict[str, tuple[int, State]]:
        of: defaultdict[str, list[Change]] = defaultdict(list)
        for change in changes:
            of[change.record].append(change)
        return {record: (len(group), fold(group)) for record, group in of.items()}


def in_a_hurry(engine: Engine) -> None:
    """Have SQLite not wait for the disk: nobody pulls the plug here, and commits are a third of the time."""

    def no_waiting(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(engine, "connect", no_waiting)
    engine.dispose()  # connections that are open already


def _until(answer: bytes, count: int) -> Iterator[bytes]:
    """An answer that breaks off: the device has taken in what came, and is killed."""
    yield answer[:count]
    raise Lost


def device_of(key: Ed25519PrivateKey) -> str:
    return protocol.device_id(key.public_key().public_bytes_raw())

"""What a device gets to read: the receipt, and the entries of its logs since its cursors.

Owns the making of an answer out of one moment of the database. Leaves to others: keeping and sending its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from kcdesk.changes import Change, ChangeId
from kcdesk.server.contents import names_in
from kcdesk.server.editions import latest_mark
from kcdesk.server.former import former_devices
from kcdesk.server.history import change_of
from kcdesk.server.intake import held_of
from kcdesk.server.logs import readable
from kcdesk.server.people import Caller
from kcdesk.server.tables import changes, devices, log_entries, province, refusals, users
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.protocol import AnswerHeader, End, LogEnd, Received, Refusal, SentHeader


def everything(
    connection: Connection, caller: Caller, header: SentHeader, named: set[str] | None = None
) -> Iterator[bytes]:
    """The sections of as many answers as it takes to tell all that is new, without their receipts.

    named: is filled with the contents (SHA-256) that others' changes name which are told
    """
    while True:
        answer = Answer(connection, caller, header)
        yield from answer.sections()
        if named is not None:
            named |= answer.contents
        if not answer.end.more:
            return
        reached = {log: end.position for log, end in answer.end.logs.items()}
        header = msgspec.structs.replace(header, cursors=reached)


@dataclass
class Answer:
    """An answer in the making; `entries` and `changes` count what has gone into it, `end` is its last section.

    contents: those (SHA-256) that its changes name
    """

    connection: Connection
    caller: Caller
    header: SentHeader
    entries: int = 0
    changes: int = 0
    contents: set[str] = field(default_factory=set)
    end: End = field(default=End({}, more=False))
    _size: int = 0
    _named: set[ChangeId] = field(default_factory=set)
    _people: dict[str, str] = field(default_factory=dict)

    def pieces(self) -> Iterator[bytes]:
        """The packed bytes."""
        header = protocol.encode(self.receipt())
        return packing.in_pieces(packing.pack([header], self.sections()))

    def receipt(self) -> AnswerHeader:
        home = self.connection.execute(select(province)).one()
        n, h = held_of(self.connection, self.caller.device)
        statement = protocol.confirmed_statement(self.caller.device, n, h)
        refused = self.connection.execute(
            select(refusals.c.n, refusals.c.reason_code, refusals.c.detail)
            .where(refusals.c.device == self.caller.device, refusals.c.n >= self.header.first_n)
            .order_by(refusals.c.n)
        )
        return AnswerHeader(
            home.epoch,
            n,
            h,
            Ed25519PrivateKey.from_private_bytes(home.signing_key).sign(statement),
            [Refusal(*row) for row in refused],
            latest_mark(self.connection),
            former_devices(self.connection, self.caller),
        )

    def sections(self) -> Iterator[bytes]:
        """What is new, as far as one answer goes, and `End`."""
        logs = readable(self.connection, self.caller.person)
        reached = {
            log: min(self.header.cursors.get(log, 0), position)
            for log, (position, _) in logs.items()
        }
        for group in packing.grouped(self._rows(reached, logs), lambda row: len(row.set or "")):
            section = protocol.encode(self._received(group))
            self._size += len(section)
            for row in group:
                reached[row.log] = row.number
            yield section
            if self._size >= protocol.EXCHANGE_BYTES:
                break
        ends = {log: LogEnd(at, self._digest(log, at, logs[log])) for log, at in reached.items()}
        self.end = End(ends, any(at < logs[log][0] for log, at in reached.items()))
        yield protocol.encode(self.end)

    def _rows(
        self, reached: Mapping[str, int], logs: Mapping[str, tuple[int, bytes]]
    ) -> Iterator[Any]:
        """Entries with their changes, log by log; of the device's own changes only the names."""
        for log, start in dict(reached).items():
            left = protocol.EXCHANGE_CHANGES - self.entries
            if left <= 0:
                return
            if start == logs[log][0]:
                continue
            rows = self.connection.execution_options(yield_per=packing.GROUP_CHANGES).execute(
                select(
                    log_entries.c.log,
                    log_entries.c.number,
                    log_entries.c.device,
                    log_entries.c.n,
                    changes.c.kind,
                    changes.c.record,
                    changes.c.at,
                    changes.c.set,
                    changes.c.seen,
                )
                .outerjoin(
                    changes,
                    (changes.c.device == log_entries.c.device)
                    & (changes.c.n == log_entries.c.n)
                    & (changes.c.device != self.caller.device),
                )
                .where(log_entries.c.log == log, log_entries.c.number > start)
                .order_by(log_entries.c.number)
                .limit(left)
            )
            for row in rows:
                self.entries += 1
                yield row

    def _received(self, group: list[Any]) -> Received:
        runs = []
        start = 0
        for end in range(1, len(group) + 1):
            if end == len(group) or group[end].log != group[start].log:
                entries = ((row.device, row.n) for row in group[start:end])
                runs.append(protocol.run_of(group[start].log, group[start].number, entries))
                start = end
        fresh: list[Change] = []
        for row in group:
            name = ChangeId(row.device, row.n)
            if row.kind is not None and name not in self._named:
                self._named.add(name)
                fresh.append(change_of(row))
        self.changes += len(fresh)
        self.contents |= {sha256 for sha256, _ in names_in(fresh)}
        people = self._persons({change.device for change in fresh} - self._people.keys())
        self._people.update(people)
        return Received(runs, packing.to_columns(fresh), people)

    def _persons(self, wanted: set[str]) -> dict[str, str]:
        if not wanted:
            return {}
        rows = self.connection.execute(
            select(devices.c.id, users.c.name)
            .join(users, users.c.id == devices.c.user)
            .where(devices.c.id.in_(wanted))
        )
        return {row.id: row.name for row in rows}

    def _digest(self, log: str, at: int, end: tuple[int, bytes]) -> bytes:
        if at == end[0]:
            return end[1]
        if at == 0:
            return protocol.NO_DIGEST
        entry = (log_entries.c.log == log) & (log_entries.c.number == at)
        return bytes(
            self.connection.execute(select(log_entries.c.digest).where(entry)).scalar_one()
        )

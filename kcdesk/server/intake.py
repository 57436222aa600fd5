"""Taking a device's changes in: strictly in order, judged one by one, a group in one transaction.

Owns the order of locks (device, records, logs), what is refused and why, and into which logs a change goes. A refused
change keeps its number and nothing waits for it; a change that has seen what the province lacks stops the intake
there. Leaves to others: rights (`rights`), where a record is (`places`), numbering (`logs`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, Engine, delete, select, update

from kcdesk.changes import Change, ChangeId, check_form, extend, is_record_id
from kcdesk.changes.erasing import erasure_of
from kcdesk.domain.kinds import KINDS_THAT_TRAVEL, Kind
from kcdesk.errors import Rejected
from kcdesk.server import activity, contents, device_reports, erasing, places, rights, tables
from kcdesk.server.chains import check_chain, other_chain
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.history import by_record
from kcdesk.server.logs import enter, log_name
from kcdesk.server.people import Caller, continued, revoked
from kcdesk.server.places import NOWHERE, Areas, Communes
from kcdesk.sync.protocol import Refusal, SentHeader, is_own_word

ASKED_TOGETHER = 5_000
"""Devices that one query asks for: databases limit its values, and a body may name hundreds of thousands."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a group came to. stopped: the rest cannot be taken now."""

    accepted: int
    refused: int
    stopped: bool


@dataclass(slots=True)
class _Record:
    """A record as the province knows it, brought forward change by change.

    areas: of a record without a parent, where it is; been: where it is or was
    prior: its changes so far, for records whose place a group says anything about
    below: changes of the records that belong to it
    """

    kind: Kind
    parent: str | None
    made_by: int
    areas: Areas = NOWHERE
    been: Areas = NOWHERE
    prior: list[Change] = field(default_factory=list)
    below: list[tuple[Kind, ChangeId]] = field(default_factory=list)


def check_header(caller: Caller, header: SentHeader) -> None:
    """Whether a body is this device's and its last hash its own word. Raises `Rejected`."""
    if header.device != caller.device or not is_own_word(caller.public_key, header):
        raise not_signed()
    if not 1 <= header.first_n <= header.last_n + 1:
        raise Rejected("Số thứ tự trong dữ liệu gửi lên không hợp lệ.", code="form")


def not_signed() -> Rejected:
    """What is said of words that are not the device's own, and of those of a device that nobody here may know of."""
    return Rejected("Chữ ký trong dữ liệu gửi lên không phải của máy này.", code="signature")


def check_place(
    engine: Engine, caller: Caller, header: SentHeader, *, may_be_old: bool = False
) -> bool:
    """Whether the changes announced follow what is held; False: they come early, some before them are missing.

    may_be_old: the device may have said more since, as with a parcel; what it holds otherwise shows in its receipt

    Raises `Rejected` (`other_chain`) when the province holds other changes under this device's numbers.
    """
    with reading(engine) as connection:
        n, h = held_of(connection, caller.device)
    ends = {header.first_n - 1: header.before, header.last_n: header.last_hash}
    if may_be_old and header.last_n < n:
        return True
    if header.last_n < n or ends.get(n, h) != h:
        raise other_chain()
    return header.first_n <= n + 1


def take_in(
    engine: Engine,
    caller: Caller,
    group: Sequence[Change],
    before: bytes,
    after: bytes,
    *,
    leave: bool = False,
) -> Taken:
    """Commit a group of the device's changes. `before`, `after`: the chain before and after the group.

    leave: the centre does not want them: they are refused, whatever they say

    What the province holds already is skipped. Raises `Rejected` (`chain`, `other_chain`, `continued`, `revoked`).
    """
    while True:
        try:
            return _take_in(engine, caller, group, before, after, leave=leave)
        except _Again:  # once for each who was faster, and each of them has got on
            continue


def _take_in(
    engine: Engine,
    caller: Caller,
    group: Sequence[Change],
    before: bytes,
    after: bytes,
    *,
    leave: bool,
) -> Taken:
    with writing(engine) as connection:
        n, h = held_of(connection, caller.device, lock=True)
        _require_may_say_more(connection, caller)
        chain = before
        known = 0
        for change in group:
            if change.n <= n:
                chain = extend(chain, [change])
                known += 1
                if change.n == n and chain != h:
                    raise other_chain()
        fresh = group[known:]
        check_chain(caller.device, fresh, n, chain, after)
        intake = _Intake(connection, caller, Communes.load(connection))
        if leave:
            possible = fresh
            intake.refused += [Refusal(change.n, "left") for change in fresh]
        else:
            problems = [check_form(change) for change in fresh]
            possible = _until_unseen(connection, fresh, problems)
            intake.take(possible, problems)
        if possible:
            stopped = len(possible) < len(fresh)
            end = extend(chain, possible) if stopped else after
            connection.execute(
                update(tables.devices)
                .where(tables.devices.c.id == caller.device)
                .values(n=possible[-1].n, h=end)
            )
        intake.write()
        return Taken(len(intake.accepted), len(intake.refused), len(possible) < len(fresh))


def note_contact(engine: Engine, header: SentHeader, now: int) -> None:
    """Remember when a device was last heard of, and what it told of itself."""
    with writing(engine) as connection:
        connection.execute(
            update(tables.devices)
            .where(tables.devices.c.id == header.device)
            .values(last_contact_at=now)
        )
        device_reports.note(connection, header, now)


class _Again(Exception):
    """Another transaction has made or moved a record meanwhile; with what it said, this one begins once more."""


class _Intake:
    """One group on its way in.

    claimed: rows of records that did not exist, as they were written so that nobody else makes them meanwhile
    """

    def __init__(self, connection: Connection, caller: Caller, communes: Communes) -> None:
        self.connection = connection
        self.caller = caller
        self.communes = communes
        self.records: dict[str, _Record] = {}
        self.claimed: dict[str, tuple[str, str | None]] = {}
        self.new: set[str] = set()
        self.moved: set[str] = set()
        self.accepted: list[Change] = []
        self.refused: list[Refusal] = []
        self.entries: defaultdict[str, dict[ChangeId, None]] = defaultdict(dict)

    def take(self, changes: Sequence[Change], problems: Sequence[str | None]) -> None:
        """Judge changes in order; `problems`: what is wrong with the form of each."""
        self._load([c for c, problem in zip(changes, problems, strict=False) if problem is None])
        changes = erasing.cleaned(self.connection, changes)
        for change, problem in zip(changes, problems, strict=False):
            if problem is not None:
                code = "size" if problem == "size" else "form"
                self.refused.append(Refusal(change.n, code, problem))
            elif (refusal := self._judge(change)) is not None:
                self.refused.append(refusal)

    def write(self) -> None:
        """Everything but the logs, then the logs."""
        device = self.caller.device
        insert_rows(
            self.connection,
            tables.changes,
            [
                (c.device, c.n, c.kind, c.record, c.at, _json(c.set), _json(c.seen))
                for c in self.accepted
            ],
        )
        contents.note_names(self.connection, self.accepted)
        erasing.erase(self.connection, self.accepted)
        insert_rows(
            self.connection,
            tables.refusals,
            [(device, said.n, said.reason_code, said.detail) for said in self.refused],
        )
        self._settle_claims()
        insert_rows(
            self.connection,
            tables.record_areas,
            [
                (name, area, area in record.areas)
                for name in sorted(self.new)
                for record in (self.records[name],)
                for area in sorted(record.been)
            ],
        )
        for name in sorted(self.moved - self.new):
            self._write_move(name)
        activity.note(self.connection, self.entries, self.caller.at)
        enter(self.connection, self.entries)

    # Judging

    def _judge(self, change: Change) -> Refusal | None:
        kind = KINDS_THAT_TRAVEL.get(change.kind)
        if kind is None:
            return Refusal(change.n, "no_right", change.kind)
        record = self.records.get(change.record)
        if record is not None and record.kind is not kind:
            known = record.kind.log == "published" or self._reaches(
                kind, self._been(record.parent, record)
            )
            return Refusal(change.n, "form", "kind") if known else Refusal(change.n, "no_area")
        new = record is None
        if record is None:
            record = _Record(kind, None, self.caller.person.user)
        if kind.log == "published":
            return self._judge_published(change, record, new=new)
        before = self._areas(record)
        parent, areas = record.parent, before
        if new or places.places(change):
            parent, areas = self._place(kind, [*record.prior, change])
            # what says no place that we know leaves a record where it is
            parent, areas = (parent, areas) if areas else (record.parent, before)
        if not areas:
            return Refusal(change.n, "no_area")
        been = self._been(record.parent if not new else parent, record) or areas
        if not self._reaches(kind, been):
            return Refusal(change.n, "no_area")  # as of a record that is not there at all
        person = self.caller.person
        forbidden = rights.forbidden(
            person.role,
            kind.name,
            rights.operations(change, new=new),
            own=record.made_by == person.user,
            in_area=bool(been & person.late_areas),
        )
        if forbidden:
            return Refusal(change.n, "no_right", forbidden)
        self._accept(change, record, parent, before, areas)
        return None

    def _judge_published(self, change: Change, record: _Record, *, new: bool) -> Refusal | None:
        """What belongs to no area: who may write it may do so everywhere, and everybody reads it."""
        if erasure_of(change) is None:
            return Refusal(change.n, "form", "erasure")
        wanted = rights.operations(change, new=new)
        role, kind = self.caller.person.role, record.kind.name
        if forbidden := rights.forbidden(role, kind, wanted, own=False, in_area=False):
            return Refusal(change.n, "no_right", forbidden)
        self.records.setdefault(change.record, record)
        if new:
            self.new.add(change.record)
        self.entries[record.kind.log][change.id] = None
        self.accepted.append(change)
        return None

    def _place(self, kind: Kind, changes: Iterable[Change]) -> tuple[str | None, Areas]:
        if kind.parent is None:
            return None, places.areas_of(changes, self.communes)
        parent = places.parent_of(kind, changes)
        above = self.records.get(parent) if parent else None
        if above is None or above.kind.parent is not None:
            return None, NOWHERE
        return parent, above.areas

    def _accept(
        self, change: Change, record: _Record, parent: str | None, before: Areas, areas: Areas
    ) -> None:
        """Enter a change where its record was and is; where it comes to, all that was before goes in first."""
        name = change.record
        if name not in self.records:
            self.records[name] = record
            self.new.add(name)
        elif parent != record.parent or areas != before:
            self.moved.add(name)
            for area in areas - before:
                for earlier in record.prior:
                    self._enter(record.kind, area, earlier.id)
                for kind, below in record.below:
                    self._enter(kind, area, below)
        if record.kind.parent is None:
            record.areas = areas
            record.been |= areas
        for area in sorted(before | areas):
            self._enter(record.kind, area, change.id)
        came = [] if parent == record.parent else list(record.prior)
        record.parent = parent
        record.prior.append(change)
        above = self.records.get(parent) if parent else None
        if above is not None:
            above.below += [(record.kind, c.id) for c in (*came, change)]
        self.accepted.append(change)

    def _enter(self, kind: Kind, area: int, change: ChangeId) -> None:
        self.entries[log_name(kind.log, area)][change] = None

    def _areas(self, record: _Record) -> Areas:
        above = self.records.get(record.parent) if record.parent else None
        return above.areas if above else record.areas

    def _reaches(self, kind: Kind, been: Areas) -> bool:
        """Whether the author may do anything with such a record that is or was in these areas."""
        person = self.caller.person
        return bool(been & person.late_areas) or rights.everywhere(person.role, kind.name)

    def _been(self, parent: str | None, record: _Record) -> Areas:
        above = self.records.get(parent) if parent else None
        return above.been if above else record.been

    # What is held

    def _load(self, changes: Sequence[Change]) -> None:
        """Lock and read the records that are spoken of, what they belong to, and the past of those that may move.

        Those that exist are locked first, then those that do not are made, both in order: nobody waits in a circle.
        """
        spoken = {change.record for change in changes}
        spoken |= {erasure.record for change in changes if (erasure := erasure_of(change))}
        for change in changes:
            kind = KINDS_THAT_TRAVEL.get(change.kind)
            if kind is not None and (parent := _named_parent(kind, change)) is not None:
                spoken.add(parent)
        above = select(tables.records.c.parent).where(
            tables.records.c.id.in_(spoken), tables.records.c.parent.is_not(None)
        )
        wanted = spoken.union(filter(None, self.connection.scalars(above)))
        for name, kind_name, parent, made_by in self.connection.execute(
            select(tables.records)
            .where(tables.records.c.id.in_(wanted))
            .order_by(tables.records.c.id)
            .with_for_update()
        ):
            if name in spoken and parent is not None and parent not in wanted:
                raise _Again
            self.records[name] = _Record(KINDS_THAT_TRAVEL[kind_name], parent, made_by)
        self._claim(changes)
        for name, area, current in self.connection.execute(
            select(tables.record_areas).where(tables.record_areas.c.record.in_(self.records))
        ):
            record = self.records[name]
            record.been |= {area}
            record.areas |= {area} if current else NOWHERE
        self._load_past({c.record for c in changes if places.places(c)} & self.records.keys())

    def _claim(self, changes: Sequence[Change]) -> None:
        """Make the records that do not exist; who else makes one of them waits for the end of this transaction."""
        for change in changes:
            kind = KINDS_THAT_TRAVEL.get(change.kind)
            if kind is None or change.record in self.records or change.record in self.claimed:
                continue
            self.claimed[change.record] = kind.name, _named_parent(kind, change)
        user = self.caller.person.user
        rows = [(name, kind, parent, user) for name, (kind, parent) in sorted(self.claimed.items())]
        if insert_rows(self.connection, tables.records, rows, or_leave=True) < len(rows):
            raise _Again

    def _settle_claims(self) -> None:
        """Have the records that were made say what came out, and take away those of which nothing was accepted."""
        held = tables.records
        unused = self.claimed.keys() - self.new
        if unused:
            self.connection.execute(delete(held).where(held.c.id.in_(unused)))
        for name in sorted(self.new):
            record = self.records[name]
            if self.claimed[name] != (record.kind.name, record.parent):
                self.connection.execute(
                    update(held)
                    .where(held.c.id == name)
                    .values(kind=record.kind.name, parent=record.parent)
                )

    def _load_past(self, movable: set[str]) -> None:
        if not movable:
            return
        held = tables.changes
        of_record = select(held).where(held.c.record.in_(movable))
        for name, past in by_record(self.connection.execute(of_record)).items():
            self.records[name].prior = past
        of_children = (
            select(*held.c, tables.records.c.parent)
            .join(tables.records, tables.records.c.id == held.c.record)
            .where(tables.records.c.parent.in_(movable))
        )
        rows = self.connection.execute(of_children).all()
        parents = {row.record: row.parent for row in rows}
        for name, past in by_record(rows).items():
            self.records[parents[name]].below += [(KINDS_THAT_TRAVEL[c.kind], c.id) for c in past]

    def _write_move(self, name: str) -> None:
        record = self.records[name]
        self.connection.execute(
            update(tables.records).where(tables.records.c.id == name).values(parent=record.parent)
        )
        if record.kind.parent is not None:
            return
        held = tables.record_areas
        self.connection.execute(
            update(held).where(held.c.record == name).values(current=held.c.area.in_(record.areas))
        )
        rows = [(name, area, True) for area in sorted(record.areas)]
        insert_rows(self.connection, held, rows, or_leave=True)


def held_of(connection: Connection, device: str, *, lock: bool = False) -> tuple[int, bytes]:
    """The chain of a device as the province holds it: (n, h)."""
    wanted = select(tables.devices.c.n, tables.devices.c.h).where(tables.devices.c.id == device)
    if lock:  # only its state: rows that belong to the device may be written meanwhile
        wanted = wanted.with_for_update(key_share=True)
    row = connection.execute(wanted).one()
    return row.n, row.h


def is_closed(connection: Connection, device: str) -> bool:
    """Whether another device comes after this one, so that it may say nothing new."""
    closed_at = select(tables.devices.c.closed_at).where(tables.devices.c.id == device)
    return connection.scalar(closed_at) is not None


def _require_may_say_more(connection: Connection, caller: Caller) -> None:
    """Under the lock of the device: it was neither continued nor revoked meanwhile. Raises `Rejected`."""
    row = connection.execute(
        select(tables.devices.c.closed_at, tables.devices.c.revoked_at).where(
            tables.devices.c.id == caller.device
        )
    ).one()
    if row.revoked_at is not None and not caller.by_centre:
        raise revoked(connection, caller.device, row.revoked_at)
    if row.closed_at is not None:
        raise continued()


def _until_unseen(
    connection: Connection, changes: Sequence[Change], problems: Sequence[str | None]
) -> Sequence[Change]:
    """The changes before the first well-formed one that has seen what the province lacks."""
    others = sorted(
        {
            device
            for change, problem in zip(changes, problems, strict=True)
            if problem is None
            for device in change.seen
        }
    )
    held: dict[str, int] = {}
    for start in range(0, len(others), ASKED_TOGETHER):
        asked = tables.devices.c.id.in_(others[start : start + ASKED_TOGETHER])
        rows = connection.execute(select(tables.devices.c.id, tables.devices.c.n).where(asked))
        held |= {row.id: row.n for row in rows}
    for position, (change, problem) in enumerate(zip(changes, problems, strict=True)):
        if problem is None and any(n > held.get(device, 0) for device, n in change.seen.items()):
            return changes[:position]
    return changes


def _named_parent(kind: Kind, change: Change) -> str | None:
    """The record that a change says its own belongs to, where that can be one."""
    parent = change.set.get(kind.parent) if kind.parent else None
    return parent if isinstance(parent, str) and is_record_id(parent) else None


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()

"""What the centre does with what a revoked device delivered late: look at it, take it in, or leave it.

Taken in, it goes the way of everything else: in order of its numbers, judged change by change, with the rights that its
author had when it arrived. Left, its numbers are refused one by one. Either way the chain of the device goes on without
a gap, so what stays can be decided later. Leaves to others: what is held (`apart`), judging (`intake` by `service`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from sqlalchemy import Engine

from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError, NotFound, Rejected
from kcdesk.server import apart, device_reports, erasing, intake, people
from kcdesk.server.apart import HeldApart
from kcdesk.server.database import reading
from kcdesk.server.parcels import Keys
from kcdesk.server.service import Body, out_of_place
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.parcels import contents
from kcdesk.sync.parcels.contents import Continues, UpHead
from kcdesk.sync.parcels.envelope import Parcel
from kcdesk.sync.protocol import Sent, SentHeader

_END = 1 << 53


class HeldChange(msgspec.Struct, frozen=True):
    """A change that is held, as the device wrote it; at: by the device's clock, ms UTC."""

    device: str
    n: int
    kind: str
    record: str
    at: int
    set: dict[str, Value]


class Shown(msgspec.Struct, frozen=True):
    """Something that is held, and the changes in it that the province does not have.

    next_n: the number that the province waits for; changes from a later one on cannot be taken in yet
    """

    id: str
    device: str
    source: str
    arrived_at: int
    written_at: int | None
    whole: bool
    next_n: int
    changes: list[HeldChange]


class Decided(msgspec.Struct, frozen=True):
    """What a decision came to.

    taken, refused: changes that are in the logs now, and those that were refused: all, when they were to be left
    n:              the province has decided on the device's changes up to here
    waiting:        bodies and parcels that are still held
    problems:       why something could not be taken in
    """

    taken: int
    refused: int
    n: int
    waiting: int
    problems: list[str]


def show(engine: Engine, device: str | None = None) -> list[Shown]:
    """What is held of a device, or of all, with what it says. Raises `NotFound` for an unknown device."""
    if device is not None:
        _held_n(engine, device)
    return [_shown(engine, one) for one in apart.of_device(engine, device)]


def look_into(engine: Engine, devices: Iterable[str], now: int) -> None:
    """Find out which numbers are in bodies that were under way, and what their device told. May be repeated."""
    for device in devices:
        for one in apart.of_device(engine, device):
            if one.first_n is None:
                _look_into(engine, one, now)


def _look_into(engine: Engine, one: HeldApart, now: int) -> None:
    headers, numbers = [], []
    with suppress(KcdeskError):  # what cannot be read says no more
        for said in _said(engine, one):
            if isinstance(said, SentHeader):
                headers.append(said)
            elif isinstance(said, Sent):
                group = packing.from_columns(said.columns)
                numbers += [change.n for change in group if change.device == one.device]
    device_reports.note_numbers(engine, headers, now)
    if numbers:
        apart.note_numbers(engine, one, (min(numbers), max(numbers)))


def take(engine: Engine, device: str, *, up_to: int | None = None) -> Decided:
    """Take in what is held of a device, up to a number of its changes. Repeating it is harmless. Raises `NotFound`."""
    return _decide(engine, device, _END if up_to is None else up_to, leave=False)


def leave(engine: Engine, device: str, *, up_to: int | None = None) -> Decided:
    """Leave what is held of a device, up to a number of its changes; it does not come back. Raises `NotFound`.

    What has no number to follow on, because changes before it never came, is dropped.
    """
    return _decide(engine, device, _END if up_to is None else up_to, leave=True)


def _decide(engine: Engine, device: str, up_to: int, *, leave: bool) -> Decided:
    n = _held_n(engine, device)
    taken = refused = 0
    problems: dict[str, str] = {}
    moved = True
    while moved:
        moved = False
        for one in apart.of_device(engine, device):
            if one.id in problems:
                continue
            try:
                body_taken, body_refused, done = _carry_out(engine, one, up_to, leave=leave)
            except KcdeskError as error:
                problems[one.id] = error.message
                continue
            taken, refused = taken + body_taken, refused + body_refused
            moved |= body_taken + body_refused > 0
            if done:
                apart.forget(engine, one)
    if leave and up_to == _END:
        for one in apart.of_device(engine, device):
            apart.forget(engine, one)
    erasing.finish(engine)
    n = _held_n(engine, device)
    waiting = len(apart.of_device(engine, device))
    return Decided(taken, refused, n, waiting, [] if leave else list(problems.values()))


def _carry_out(engine: Engine, one: HeldApart, up_to: int, *, leave: bool) -> tuple[int, int, bool]:
    """Take in or leave one body or parcel, up to a number; how many were, and whether nothing is left of it."""
    so_far = _SoFar()
    try:
        for said in _said(engine, one):
            match said:
                case SentHeader():
                    so_far.end(whole=one.whole)
                    caller = _author(engine, said.device, one.arrived_at)
                    limit = up_to if said.device == one.device else _END
                    body = Body(engine, caller, said, may_be_old=True, up_to=limit, leave=leave)
                    so_far.body = body
                case Sent() if so_far.body is not None:
                    so_far.body.take(said)
                case Continues() if so_far.body is not None:
                    so_far.end(whole=one.whole)
                    if leave or so_far.waits:  # the device after it is not known
                        return so_far.accepted, so_far.refused, not so_far.waits
                    people.continue_as(engine, caller, said.request, one.arrived_at)
                case _:
                    raise out_of_place()
        so_far.end(whole=one.whole)
    except KcdeskError:
        so_far.end(whole=False)
        if so_far.accepted + so_far.refused == 0:
            raise
        return so_far.accepted, so_far.refused, False  # what was taken in until then stays so
    return so_far.accepted, so_far.refused, not so_far.waits


@dataclass
class _SoFar:
    """How far a body or parcel has been taken in. body: the one under way."""

    body: Body | None = None
    accepted: int = 0
    refused: int = 0
    waits: bool = False

    def end(self, *, whole: bool) -> None:
        """Count the body under way. Raises `BadBody` when it is not as it was announced, although it is whole."""
        body, self.body = self.body, None
        if body is not None:
            self.accepted += body.accepted
            self.refused += body.refused
            self.waits |= body.waits
            if whole:
                body.end()


def _author(engine: Engine, device: str, at: int) -> people.Caller:
    """The revoked device, with the rights that its person had then."""
    with reading(engine) as connection:
        return people.recognise_device(connection, device, at, by_centre=True)


def _said(engine: Engine, one: HeldApart) -> Iterator[SentHeader | Sent | Continues]:
    """What a body or parcel says, as far as it is there. Raises `BadBody`, `BadParcel`."""
    data = apart.bytes_of(engine, one)
    if one.source == "exchange":
        sections = packing.unpack(data)
        try:
            for section in sections:
                yield packing.decode(protocol.sent_decoder, section)
        except packing.BadBody:
            if one.whole:
                raise
        return
    with reading(engine) as connection:
        identity = Keys.load(connection).identity
    with Parcel(data, one.id) as parcel:
        for section in parcel.sections(identity):
            said = packing.decode(contents.up_decoder, section)
            if not isinstance(said, UpHead):
                yield said


def _shown(engine: Engine, one: HeldApart) -> Shown:
    changes: list[HeldChange] = []
    known: dict[str, int] = {}
    with suppress(KcdeskError):  # what cannot be read says no more
        for said in _said(engine, one):
            if isinstance(said, SentHeader):
                with suppress(NotFound):
                    known[said.device] = _held_n(engine, said.device)
            elif isinstance(said, Sent):
                group = packing.from_columns(said.columns)
                changes += [
                    HeldChange(each.device, each.n, each.kind, each.record, each.at, each.set)
                    for each in group
                    if each.n > known.get(each.device, 0)
                ]
    next_n = _held_n(engine, one.device) + 1
    return Shown(
        one.id,
        one.device,
        one.source,
        one.arrived_at,
        one.written_at,
        one.whole,
        next_n,
        changes,
    )


def _held_n(engine: Engine, device: str) -> int:
    with reading(engine) as connection:
        try:
            people.recognise_device(connection, device, 0, by_centre=True)
        except Rejected as error:
            raise NotFound(
                f"Tỉnh không có máy nào mang số {device}.",
                hint="Xem số của các máy: kcdesk server device list.",
            ) from error
        return intake.held_of(connection, device)[0]

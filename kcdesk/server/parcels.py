"""Parcels at the province: any parcel of any of its devices is taken in, and each device gets one answer.

Owns the order: whose it is and whether it is whole, then enrolment, former devices, the device's own changes; then what
waited. An answer is made after everything was taken in. Leaves to others: judging changes (`intake` by `service`), what
is new (`answer`), the bytes of those that wait (`waiting`), the file format (`sync.parcels.envelope`).
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, select, update

from kcdesk.domain.clock import Clock, Randomness, local_date
from kcdesk.domain.published.editions import EditionMark
from kcdesk.errors import KcdeskError, Rejected
from kcdesk.server import (
    apart,
    device_reports,
    editions,
    erasing,
    exchanges,
    intake,
    parcel_contents,
    people,
    tables,
    waiting,
)
from kcdesk.server.answer import Answer, everything
from kcdesk.server.contents import DAY_BYTES
from kcdesk.server.database import reading, writing
from kcdesk.server.parcel_contents import Outgoing, Receipts
from kcdesk.server.people import Caller, RevokedDevice
from kcdesk.server.service import Body, out_of_place
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.parcels import contents, envelope
from kcdesk.sync.parcels.contents import (
    Content,
    Continues,
    DownHead,
    FormerReceipt,
    UpHead,
    Wants,
)
from kcdesk.sync.parcels.envelope import LARGEST_SECTIONS, BadParcel, Header, Parcel
from kcdesk.sync.parcels.keys import parcel_identity
from kcdesk.sync.protocol import ErrorBody, Sent, SentHeader

log = logging.getLogger("kcdesk.server")

LARGEST_CARRIED = 100 << 20
"""Bytes of sections of an answer that a relay brings back over its own line."""


@dataclass
class Taken:
    """What became of a parcel. Its device is known, also where the province did not take the rest (`problem`).

    bodies:  of the device itself, and of former devices before it, as they said they begin
    headers: of everything in it, also where nothing is taken
    settled: former devices whose successor the province knows
    waits:   some of it has to wait for what comes before
    photos:  what became of the contents of pictures and scans in it
    wants:   contents that the device asks for; None: it wants none
    revoked: the device, or one before it, may do nothing more: it is told that, and nothing else
    apart:   it is kept for the centre to take or leave
    """

    parcel: str
    head: UpHead
    bodies: list[SentHeader] = field(default_factory=list)
    headers: list[SentHeader] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    accepted: int = 0
    refused: int = 0
    waits: bool = False
    photos: Receipts = field(default_factory=Receipts)
    wants: list[str] | None = None
    revoked: bool = False
    apart: bool = False
    problem: ErrorBody | None = None


@dataclass(frozen=True)
class Keys:
    """The province's own. fingerprint: by which parcels name it."""

    signing: Ed25519PrivateKey
    identity: str
    fingerprint: str

    @classmethod
    def load(cls, connection: Connection) -> Keys:
        secret = connection.execute(select(tables.province.c.signing_key)).scalar_one()
        signing = Ed25519PrivateKey.from_private_bytes(secret)
        public = signing.public_key().public_bytes_raw()
        return cls(signing, parcel_identity(secret), protocol.device_id(public))


def take_in(
    engine: Engine,
    parcel: Parcel,
    *,
    clock: Clock,
    randomness: Randomness,
    day_bytes: int = DAY_BYTES,
) -> Taken:
    """Take a parcel in, and what waited for it. Repeating it is harmless.

    day_bytes: of contents that a device may send within a day

    Raises `BadParcel`, `BadBody` and `Rejected` for one that is not of a device of this province; what the province
    does not want of a known device's is `problem`.
    """
    taken = _take(engine, parcel, clock=clock, randomness=randomness, day_bytes=day_bytes)
    if taken.revoked:
        _hold_apart(engine, parcel, taken, clock())
    elif taken.waits:
        first = taken.bodies[0]  # the device itself may not be known yet
        numbers = _numbers(first)
        waiting.keep(engine, parcel.header.id, first.device, numbers, parcel.pieces(), clock())
    else:
        # a relay knows the ids of parcels it carries: under them it may forget nobody else's
        waiting.forget(engine, parcel.header.id, {body.device for body in taken.bodies})
    if taken.waits or taken.apart:
        device_reports.note_numbers(engine, taken.headers, clock())
    if taken.accepted or taken.refused or taken.settled:
        _take_what_waited(
            engine, parcel.header.id, clock=clock, randomness=randomness, day_bytes=day_bytes
        )
        erasing.finish(engine)
    return taken


def carry_out(engine: Engine, exchange: str, *, clock: Clock, randomness: Randomness) -> None:
    """Take in a parcel that some device of the province carried here, and keep the answer. Repeating it is harmless.

    Raises `BadParcel`, `BadBody`, `Rejected`; the exchange is forgotten then.
    """
    if exchanges.is_answered(engine, exchange):
        return
    try:
        with Parcel(exchanges.bytes_from(engine, exchange, exchanges.BODY), exchange) as parcel:
            taken = take_in(engine, parcel, clock=clock, randomness=randomness)
        with tempfile.SpooledTemporaryFile(packing.SECTION_LIMIT) as file:
            write_answer(
                engine,
                [taken],
                cast(IO[bytes], file),
                clock=clock,
                randomness=randomness,
                largest=LARGEST_CARRIED,
            )
            file.seek(0)
            pieces = iter(lambda: file.read(packing.PIECE), b"")
            exchanges.keep_answer(engine, exchange, pieces)
    except KcdeskError:
        if exchanges.is_answered(engine, exchange):
            return  # another worker was faster, and its answer took the place of the body
        exchanges.forget(engine, exchange)
        raise


def write_answer(
    engine: Engine,
    taken: list[Taken],
    target: IO[bytes],
    *,
    clock: Clock,
    randomness: Randomness,
    largest: int = LARGEST_SECTIONS,
) -> int:
    """Write the answer to parcels of one device, encrypted for it alone; returns its bytes. Raises `Rejected`.

    largest: bytes of sections; contents beyond that are left out, and come when the device asks again
    """
    with _answering(engine, taken, clock, randomness) as answer:
        return envelope.write(
            target, answer.header(), answer.recipient, answer.sections(largest), answer.sign
        )


def write_answer_files(
    engine: Engine,
    taken: list[Taken],
    path: Path,
    *,
    clock: Clock,
    randomness: Randomness,
    largest: int = LARGEST_SECTIONS,
) -> list[Path]:
    """The same into files, durably: `path`, and as many beside it as the contents need. Raises `Rejected`, `BadInput`.

    Each of them says everything but contents, so that they may be read in any order.
    """
    with _answering(engine, taken, clock, randomness) as answer:
        written: list[Path] = []
        while not written or not answer.done:
            number = len(written) + 1
            each = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
            envelope.write_file(
                each, answer.header(), answer.recipient, answer.sections(largest), answer.sign
            )
            written.append(each)
        return written


class _Answering:
    """The answer to parcels of one device, as often as its contents need another file."""

    def __init__(
        self,
        engine: Engine,
        connection: Connection,
        taken: list[Taken],
        now: int,
        randomness: Randomness,
    ) -> None:
        keys = Keys.load(connection)
        self._connection, self._taken, self._now = connection, taken, now
        self._randomness = randomness
        self._newest = max(taken, key=lambda one: (one.head.reads, one.head.written_at))
        self._fingerprint = keys.fingerprint
        self.sign = keys.signing.sign
        self.recipient = self._newest.head.recipient
        self._photos: Outgoing | None = None
        wants = next((one.wants for one in taken if one.wants is not None), None)
        if wants is not None and all(one.problem is None for one in taken):
            caller = people.recognise_device(connection, self._newest.head.device, now)
            self._photos = Outgoing(engine, caller, wants)

    @property
    def done(self) -> bool:
        """Whether everything has been said."""
        return self._photos is None or self._photos.done

    def header(self) -> Header:
        """That of another file."""
        answers = [one.parcel for one in self._taken]
        return Header(self._randomness(16).hex(), "down", self._fingerprint, answers)

    def sections(self, largest: int) -> Iterator[bytes]:
        """The next file: everything but contents once more, and as many contents as there is room for."""
        size = 0
        named = None if self._photos is None else self._photos.named
        for section in _sections(self._connection, self._taken, self._newest, self._now, named):
            size += len(section)
            yield section
        if self._photos is not None:
            yield from self._photos.sections(self._connection, largest - size)


@contextmanager
def _answering(
    engine: Engine, taken: list[Taken], clock: Clock, randomness: Randomness
) -> Iterator[_Answering]:
    with reading(engine) as connection:
        yield _Answering(engine, connection, taken, clock(), randomness)


def _take(
    engine: Engine, parcel: Parcel, *, clock: Clock, randomness: Randomness, day_bytes: int
) -> Taken:
    with reading(engine) as connection:
        keys = Keys.load(connection)
    if parcel.header.kind != "up" or parcel.header.province != keys.fingerprint:
        raise BadParcel(
            f"Gói “{parcel.name}” không phải là gói gửi lên tỉnh này.",
            hint="Chọn gói do máy của cán bộ, cộng tác viên trong tỉnh ghi bằng kcdesk parcel write.",
            code="other_province",
        )
    sections = parcel.sections(keys.identity)
    head = packing.decode(contents.up_decoder, next(sections, b""))
    if not isinstance(head, UpHead) or head.device != protocol.device_id(head.public_key):
        raise out_of_place()
    if not parcel.is_signed_by(head.public_key):
        raise envelope.damaged(parcel.name)
    taken = Taken(parcel.header.id, head)

    def take_content(caller: Caller, said: Content, data: Iterator[bytes]) -> None:
        parcel_contents.take_in(
            engine,
            caller,
            said,
            data,
            taken.photos,
            now=clock(),
            randomness=randomness,
            day_bytes=day_bytes,
        )

    try:
        if head.enrolment is not None:
            people.enrol(engine, head.enrolment, now=clock(), randomness=randomness)
        _take_bodies(engine, taken, sections, clock(), take_content)
    except RevokedDevice as error:
        taken.revoked = True
        taken.headers += _other_headers(sections)
        taken.problem = ErrorBody(
            error.code, error.message, error.hint, revocation=error.revocation
        )
    except (Rejected, packing.BadBody) as error:
        if not _knows(engine, head, clock()):
            raise
        taken.problem = ErrorBody(error.code, error.message, error.hint)
    log.info(
        "parcel %s device %s: %d accepted, %d refused, waits %s, problem %s",
        taken.parcel,
        head.device,
        taken.accepted,
        taken.refused,
        taken.waits,
        taken.problem.code if taken.problem else "-",
    )
    return taken


def _take_bodies(
    engine: Engine,
    taken: Taken,
    sections: Iterator[bytes],
    now: int,
    take_content: Callable[[Caller, Content, Iterator[bytes]], None],
) -> None:
    body: Body | None = None
    caller: Caller | None = None

    def end() -> None:
        nonlocal body
        if body is not None:
            body.end()
            taken.accepted += body.accepted
            taken.refused += body.refused
            taken.waits |= body.waits
            body = None

    for section in sections:
        said = packing.decode(contents.up_decoder, section)
        match said:
            case SentHeader():
                end()
                taken.headers.append(said)
                caller = _author(engine, said, taken.head, now)
                body = Body(engine, caller, said, may_be_old=True)
                taken.bodies.append(said)
            case Sent() if body is not None:
                body.take(said)
            case Continues() if caller is not None and body is not None:
                end()
                if not taken.waits:
                    people.continue_as(engine, caller, said.request, now)
                    taken.settled.add(caller.device)
            case Content() if caller is not None:
                end()
                data = contents.bytes_after(sections, said.length)
                if taken.waits:  # its record may be what waits
                    for _ in data:
                        pass
                else:
                    take_content(caller, said, data)
            case Wants() if caller is not None:
                end()
                taken.wants = said.sha256
            case _:
                raise out_of_place()
        if taken.waits and isinstance(said, Continues):
            return  # the device after it is not known yet: all of the parcel waits
    end()
    if not taken.bodies or taken.bodies[-1].device != taken.head.device or caller is None:
        raise out_of_place()
    intake.note_contact(engine, taken.bodies[-1], now)
    with writing(engine) as connection:
        connection.execute(
            update(tables.devices)
            .where(tables.devices.c.id == taken.head.device)
            .values(recipient=taken.head.recipient)
        )


def _take_what_waited(
    engine: Engine, just_taken: str, *, clock: Clock, randomness: Randomness, day_bytes: int
) -> None:
    """Try those that waited until none moves any more."""
    moved = True
    while moved:
        moved = False
        for name in waiting.every(engine):
            if name == just_taken:
                continue
            try:
                with Parcel(waiting.pieces_of(engine, name), name) as parcel:
                    again = _take(
                        engine, parcel, clock=clock, randomness=randomness, day_bytes=day_bytes
                    )
            except KcdeskError as error:
                log.warning("parcel %s that waited was not taken: %s", name, error.code)
                waiting.forget(engine, name)
                continue
            if again.revoked:
                _hold_apart(engine, parcel, again, clock())
            moved |= again.accepted + again.refused > 0
            if not again.waits:
                waiting.forget(engine, name)


def published(connection: Connection, have: EditionMark | None) -> Iterator[bytes]:
    """The sections of the editions that a device lacks which has the edition `have`, and all before."""
    for bundle in editions.bundles_for(connection, have):
        yield from contents.with_bytes(contents.Bundle(len(bundle)), [bundle])


def _other_headers(sections: Iterator[bytes]) -> Iterator[SentHeader]:
    """What the rest of a parcel says it holds, as far as it can be read."""
    with suppress(KcdeskError):
        for section in sections:
            said = packing.decode(contents.up_decoder, section)
            if isinstance(said, SentHeader):
                yield said


def _numbers(header: SentHeader) -> tuple[int, int]:
    return header.first_n, header.last_n


def _hold_apart(engine: Engine, parcel: Parcel, taken: Taken, now: int) -> None:
    """Keep a revoked device's parcel for the centre, if it says that it was written until that day."""
    revocation = taken.problem.revocation if taken.problem is not None else None
    if revocation is None or local_date(taken.head.written_at) > local_date(revocation.at):
        return
    with reading(engine) as connection:
        known_n = intake.held_of(connection, revocation.device)[0]
    decided = [
        each.device == revocation.device and each.last_n <= known_n for each in taken.headers
    ]
    if decided and all(decided):
        return
    known = _knows(engine, taken.head, now)
    device = taken.head.device if known else revocation.device
    written_at = taken.head.written_at
    numbers = next((_numbers(each) for each in taken.headers if each.device == device), None)
    taken.apart = apart.keep_parcel(
        engine, parcel.header.id, device, numbers, parcel.pieces(), written_at=written_at, now=now
    )


def _sections(
    connection: Connection, taken: list[Taken], newest: Taken, now: int, named: set[str] | None
) -> Iterator[bytes]:
    """Receipts of all devices that the parcels spoke for, then what is new for the device itself.

    named: is filled with the contents that new records name
    """
    head = newest.head
    if (no := next((one for one in taken if one.revoked), None)) is not None:
        yield contents.encode(DownHead(head.device, [], None, no.problem))
        return
    caller = people.recognise_device(connection, head.device, now)
    own = [body for one in taken for body in one.bodies if body.device == head.device]
    former = {body.device: body for one in taken for body in one.bodies if body not in own}
    settled = {device for one in taken for device in one.settled}
    receipts = [
        FormerReceipt(
            device,
            Answer(connection, people.recognise_device(connection, device, now), body).receipt(),
            device in settled,
        )
        for device, body in former.items()
    ]
    n = intake.held_of(connection, head.device)[0]
    missing_n = n + 1 if any(one.waits for one in taken) else None
    problem = next((one.problem for one in taken if one.problem is not None), None)
    yield contents.encode(DownHead(head.device, receipts, missing_n, problem))
    if head.reads and problem is None:
        yield from published(connection, head.edition)
    if not own:
        return
    first = min(own, key=lambda body: body.first_n)
    receipt = Answer(connection, caller, first).receipt()
    yield protocol.encode(receipt)
    photos = Receipts.of(one.photos for one in taken)
    if problem is None and (photos.held or photos.refused):
        yield contents.encode(photos.section(receipt.epoch))
    reader = next((body for body in newest.bodies if body.device == head.device), None)
    if head.reads and reader is not None:
        yield from everything(connection, caller, reader, named)


def _author(engine: Engine, said: SentHeader, head: UpHead, now: int) -> Caller:
    """Whose body this is. Of a device that has signed neither parcel nor body nothing is told, nor that it is there.

    A former device that was revoked has signed its body, and is told.
    """
    try:
        return _caller(engine, said.device, now)
    except Rejected as error:
        if said.device == head.device:
            raise
        if isinstance(error, RevokedDevice):
            with reading(engine) as connection:
                devices = tables.devices.c
                key = connection.scalar(select(devices.public_key).where(devices.id == said.device))
            if protocol.is_own_word(key, said):
                raise
        raise intake.not_signed() from None


def _caller(engine: Engine, device: str, now: int) -> Caller:
    with reading(engine) as connection:
        return people.recognise_device(connection, device, now)


def _knows(engine: Engine, head: UpHead, now: int) -> bool:
    """Whether the device is one of the province's, so that it may be answered."""
    try:
        _caller(engine, head.device, now)
    except RevokedDevice:
        return True
    except Rejected:
        return False
    return True


def by_device(taken: Iterable[Taken]) -> dict[str, list[Taken]]:
    """What was taken, device by device."""
    found: dict[str, list[Taken]] = {}
    for one in taken:
        found.setdefault(one.head.device, []).append(one)
    return found

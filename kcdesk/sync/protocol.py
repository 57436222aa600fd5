"""What device and province say to each other: one definition for both ends, version 1.

Owns the typed contents of requests and answers, what is signed and what digests are made of. Leaves to others: packing
(`format`), HTTP (`client`, the server's `app`), what to do about it (`engine`, the server's `intake`).

An exchange's body is `SentHeader`, then `Sent` groups; its answer is `AnswerHeader`, `Received` groups, `End`. What is
held of a device is told as `Held`, then `Received` groups without log entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kcdesk.changes import Change
from kcdesk.changes.numbers import Numbers
from kcdesk.domain.published.editions import EditionMark
from kcdesk.sync.format import Columns

VERSION = 1
ENROL_PATH = f"/v{VERSION}/enrol"
SYNC_PATH = f"/v{VERSION}/sync"
CONTINUE_PATH = f"/v{VERSION}/continue"
TOKEN_PATH = f"/v{VERSION}/token"
DEVICES_PATH = f"/v{VERSION}/devices"
DESTROYED_PATH = f"/v{VERSION}/key-destroyed"
STANDING_PATH = f"/v{VERSION}/standing"
EDITIONS_PATH = f"/v{VERSION}/editions/latest"
PARCELS_PATH = f"/v{VERSION}/parcels"
"""Parcels of other devices, carried: each is the body of an exchange of its own, its answer a parcel that goes down."""
BODY_TYPE = "application/vnd.kcdesk.exchange"

OFFSET_HEADER = "Upload-Offset"
LENGTH_HEADER = "Upload-Length"
ANSWER_HEADER = "Answer-Length"
SIGNATURE_HEADER = "Signature-Ed25519"
"""Hexadecimal, over `held_statement`."""

EXCHANGE_CHANGES = 20_000
"""Changes of one body, entries of one answer; the rest waits for the next exchange."""
EXCHANGE_BYTES = 16 << 20
"""Bytes of groups, unpacked, after which a body or answer ends; also the server's limit for a packed body."""

DIGEST_BYTES = 16
NO_DIGEST = bytes(DIGEST_BYTES)

Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
"""Of a change or an entry, or none: what every database and every JSON holds exactly."""

Role = Literal["collaborator", "officer", "centre", "administrator"]


class Revocation(msgspec.Struct, frozen=True):
    """The province's word that a device may do nothing more, and has to destroy its key.

    at: when it was revoked, ms UTC;  signature: of the province over `revocation_statement(device, at)`
    """

    device: str
    at: int
    signature: bytes


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """A refusal of a whole request. `code` is stable; `message` and `hint` are Vietnamese, for people.

    limit:      with `too_large`, the bytes the server takes
    revocation: with `revoked`, of the device that asked
    """

    code: str
    message: str
    hint: str = ""
    limit: int | None = None
    revocation: Revocation | None = None


class ErrorDocument(msgspec.Struct, frozen=True):
    error: ErrorBody


class EnrolRequest(msgspec.Struct, frozen=True):
    """A device shows a one-time code and its public keys: Ed25519 (32 bytes), and an age recipient.

    signature:  over `enrol_statement`, so that nobody enrols a key that is not theirs
    token_hash: in a parcel, SHA-256 of the token the device has chosen, so that the answer is no secret
    """

    code: str
    device: str
    public_key: bytes
    recipient: str
    signature: bytes
    token_hash: bytes = b""


class EnrolAnswer(msgspec.Struct, frozen=True):
    """What a device keeps of its province; `public_key` and `recipient` are pinned. Instants in ms UTC."""

    province: str
    epoch: str
    public_key: bytes
    recipient: str
    token: str
    token_expires_at: int
    person: str
    role: Role


class Refusal(msgspec.Struct, frozen=True):
    """Why the province leaves change `n` of the device out: `no_right`, `no_area`, `form`, `size`.

    detail: the operation without a right, or what is wrong with the form
    """

    n: int
    reason_code: str
    detail: str = ""


class ContinueRequest(msgspec.Struct, frozen=True):
    """A device says that another one comes after it, and both sign that.

    public_key, recipient: of the successor
    token_hash: SHA-256 of the token it has chosen, so that the answer is no secret
    signature, successor_signature: over `continue_statement`
    """

    device: str
    successor: str
    public_key: bytes
    recipient: str
    token_hash: bytes
    signature: bytes
    successor_signature: bytes


class ContinueAnswer(msgspec.Struct, frozen=True):
    """The successor is known, as a device of the same person, and the device is closed."""

    person: str
    role: Role
    token_expires_at: int = 0


class KeyDestroyed(msgspec.Struct, frozen=True):
    """A revoked device says that its key is gone; it was signed while there was one.

    revoked_at: as the province's statement has it;  signature: over `destroyed_statement(device, revoked_at)`
    """

    device: str
    revoked_at: int
    signature: bytes


class Noted(msgspec.Struct, frozen=True):
    """The province has taken note."""


class RenewRequest(msgspec.Struct, frozen=True):
    """A device says the SHA-256 of the token that takes the place of the one it shows.

    signature: over `renew_statement`
    """

    device: str
    token_hash: bytes
    signature: bytes


class RenewAnswer(msgspec.Struct, frozen=True):
    """The next token is known; ms UTC."""

    token_expires_at: int


class Held(msgspec.Struct, frozen=True, tag="held"):
    """What the province holds of a device: number and hash at the end; closed: another one comes after it.

    refusals: of changes asked for
    erased:   erasures of which some may have taken values out of them
    """

    n: int
    h: bytes
    closed: bool
    refusals: list[Refusal]
    erased: list[Change] = []


class DeviceReport(msgspec.Struct, frozen=True):
    """What a device tells of itself, for the centre to see.

    program: version of kcdesk;  edition: number of the one in use, 0: what the program ships with
    last_n:  its newest change;  oldest_at: when the oldest one was made that is not delivered (its clock, ms UTC)
    """

    program: str
    edition: int
    last_n: int
    oldest_at: int | None


class SentHeader(msgspec.Struct, frozen=True, omit_defaults=True, tag="sent"):
    """What a device sends: its changes `first_n` to `last_n`, none when `last_n` is `first_n - 1`.

    before, last_hash: the chain at `first_n - 1` and at `last_n`
    signature:         of the device over `sent_statement(device, last_n, last_hash)`
    cursors:           log -> number of the last entry the device has read
    report:            of the device that speaks for its workspace; a former one tells nothing
    """

    device: str
    epoch: str
    first_n: Number
    last_n: Number
    before: bytes
    last_hash: bytes
    signature: bytes
    cursors: dict[str, Number]
    report: DeviceReport | None = None


class Sent(msgspec.Struct, frozen=True, tag="changes"):
    """A group of the device's changes; `last_hash` is the chain after it, checked before anything is kept."""

    columns: Columns
    last_hash: bytes


class FormerDevice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another device of the same person, as the province knows it. Instants in ms UTC.

    n:      all its changes up to here have arrived and are decided on
    told_n: how far its numbers go, as far as anything that came has told
    waits:  what has come and is not taken in: early, or held apart
    left:   numbers up to n that the centre did not take in
    """

    device: str
    enrolled_at: int
    last_contact_at: int
    n: int
    told_n: int
    revoked_at: int | None = None
    waits: list[Numbers] = []
    left: list[Numbers] = []


class AnswerHeader(msgspec.Struct, frozen=True, omit_defaults=True, tag="answer"):
    """What the province holds of the device, committed.

    signature: of the province over `confirmed_statement(device, confirmed_n, confirmed_hash)`
    refusals:  of changes from the request's `first_n` on
    edition:   the newest that is published; None: nothing is
    former:    the person's other devices
    """

    epoch: str
    confirmed_n: int
    confirmed_hash: bytes
    signature: bytes
    refusals: list[Refusal]
    edition: EditionMark | None = None
    former: list[FormerDevice] = []


class LogRun(msgspec.Struct, frozen=True, array_like=True):
    """Entries of a log, `first`, `first + 1`, ...: each a change, by an index into `devices` and by its n.

    n: difference to the number of the same device's entry before it in the run
    """

    log: str
    first: int
    devices: list[str]
    device: list[int]
    n: list[int]


class Received(msgspec.Struct, frozen=True, tag="entries"):
    """A group of log entries, and the changes they stand for that were not in this answer before.

    Changes the device made itself are left out. people: device -> person, of devices new in this answer.
    """

    runs: list[LogRun]
    columns: Columns
    people: dict[str, str]


class LogEnd(msgspec.Struct, frozen=True, array_like=True):
    """How far an answer reaches in a log, and the digest of all entries up to there."""

    position: int
    digest: bytes


class End(msgspec.Struct, frozen=True, tag="end"):
    """The last section. logs: every log the device may read; more: whether another exchange brings more."""

    logs: dict[str, LogEnd]
    more: bool


class DeviceStanding(msgspec.Struct, frozen=True):
    """How a device stands. Instants in ms UTC, of the province's clock where nothing else is said.

    n:                all its changes up to here have arrived and are decided on
    told_n:           how far its numbers go, as far as it has told
    missing:          numbers up to there that never arrived;  waits: those that have come and are not taken in
    oldest_at:        when the oldest undelivered change was made, by the device's clock and word
    program, edition: what it uses, by its word; empty and None: it has not told
    continued_as:     the devices that come after it; it says nothing new then
    key_destroyed_at: when a revoked device's signed word came that its key is gone
    held:             bodies and parcels that it delivered late, which the centre has to take or leave
    """

    device: str
    person: str
    role: Role
    n: int
    last_contact_at: int
    told_n: int
    missing: list[Numbers]
    waits: list[Numbers]
    oldest_at: int | None
    program: str
    edition: int | None
    continued_as: list[str]
    revoked_at: int | None
    key_destroyed_at: int | None
    held: int


class CommuneStanding(msgspec.Struct, frozen=True):
    """When anything of a commune last arrived (ms UTC), and how many days ago; None: nothing has."""

    code: str
    name: str
    last_at: int | None
    days: int | None


class ProvinceStanding(msgspec.Struct, frozen=True):
    """How devices and communes stand at a moment (ms UTC)."""

    at: int
    devices: list[DeviceStanding]
    communes: list[CommuneStanding]


held_decoder = msgspec.json.Decoder(Held | Received)
sent_decoder = msgspec.json.Decoder(SentHeader | Sent)
answer_decoder = msgspec.json.Decoder(AnswerHeader | Received | End)
encode = msgspec.json.encode


def enrol_statement(code: str, device: str, recipient: str) -> bytes:
    return f"kcdesk enrol\n{device}\n{recipient}\n{code}".encode()


def continue_statement(device: str, successor: str, recipient: str, token_hash: bytes) -> bytes:
    return f"kcdesk continue\n{device}\n{successor}\n{recipient}\n{token_hash.hex()}".encode()


def renew_statement(device: str, token_hash: bytes) -> bytes:
    return f"kcdesk token\n{device}\n{token_hash.hex()}".encode()


def held_statement(device: str, after: int) -> bytes:
    return f"kcdesk held\n{device}\n{after}".encode()


def sent_statement(device: str, n: int, h: bytes) -> bytes:
    return f"kcdesk sent\n{device}\n{n}\n{h.hex()}".encode()


def confirmed_statement(device: str, n: int, h: bytes) -> bytes:
    return f"kcdesk confirmed\n{device}\n{n}\n{h.hex()}".encode()


def revocation_statement(device: str, at: int) -> bytes:
    return f"kcdesk revoked\n{device}\n{at}".encode()


def destroyed_statement(device: str, revoked_at: int) -> bytes:
    return f"kcdesk key destroyed\n{device}\n{revoked_at}".encode()


def is_signed(public_key: bytes, signature: bytes, statement: bytes) -> bool:
    """Whether `signature` is Ed25519 of `statement` by the key (raw, 32 bytes); nonsense is simply not signed."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_own_word(public_key: bytes | None, header: SentHeader) -> bool:
    """Whether the device that has this key has signed the header; None: no such device is known."""
    statement = sent_statement(header.device, header.last_n, header.last_hash)
    return public_key is not None and is_signed(public_key, header.signature, statement)


def device_id(public_key: bytes) -> str:
    """A device's id: 16 hexadecimal digits of the SHA-256 of its public signing key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def add_to_digest(digest: bytes, log: str, number: int, device: str, n: int) -> bytes:
    """The digest of a log after one more entry: the sum modulo 2^128 of hashes of number and change id."""
    name = f"{log} {number} {device}-{n}".encode()
    entry = hashlib.blake2b(name, digest_size=DIGEST_BYTES).digest()
    total = int.from_bytes(digest, "big") + int.from_bytes(entry, "big")
    return (total & (1 << 8 * DIGEST_BYTES) - 1).to_bytes(DIGEST_BYTES, "big")


def run_of(log: str, first: int, entries: Iterable[tuple[str, int]]) -> LogRun:
    """Consecutive entries of a log, each `(device, n)`, the first with number `first`."""
    devices: dict[str, int] = {}
    last: dict[str, int] = {}
    device, steps = [], []
    for name, n in entries:
        device.append(devices.setdefault(name, len(devices)))
        steps.append(n - last.get(name, 0))
        last[name] = n
    return LogRun(log, first, list(devices), device, steps)


def entries_of(run: LogRun) -> Iterator[tuple[int, str, int]]:
    """The entries of a run: number in the log, device, n. Raises IndexError or ValueError for a run that is none."""
    last = dict.fromkeys(run.devices, 0)
    for number, (index, step) in enumerate(zip(run.device, run.n, strict=True), run.first):
        if index < 0:
            raise IndexError
        name = run.devices[index]
        last[name] += step
        yield number, name, last[name]

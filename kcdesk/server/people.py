"""Who is asking: tokens and codes, devices, people and the areas they look after.

Codes and tokens are stored hashed; both are long enough (80 and 256 bits) that a plain SHA-256 gives nothing away.
Owns enrolment and recognising a device; leaves to others: what it may do (`rights`).
"""

from __future__ import annotations

import base64
import datetime
import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from kcdesk.changes import chain_start
from kcdesk.domain.clock import Randomness, local_date
from kcdesk.errors import Rejected
from kcdesk.server import audit
from kcdesk.server.database import insert_rows, writing
from kcdesk.server.tables import (
    assignments,
    continuations,
    devices,
    enrolment_codes,
    province,
    tokens,
    users,
)
from kcdesk.sync import protocol
from kcdesk.sync.parcels.keys import parcel_identity, plain_code, recipient_of
from kcdesk.sync.protocol import (
    ContinueAnswer,
    ContinueRequest,
    EnrolAnswer,
    EnrolRequest,
    Revocation,
    Role,
)

CODE_BYTES = 10
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, 1, I, O: codes are read aloud and typed."""
CODE_MS = 14 * 24 * 3600 * 1000
FILE_CODE_MS = 90 * 24 * 3600 * 1000
"""A code that goes with an enrolment file comes back in a parcel, which may be weeks under way."""
TOKEN_BYTES = 32
TOKEN_MS = 400 * 24 * 3600 * 1000
LATE = datetime.timedelta(days=90)
"""So long after an assignment ended, what was written under it is still taken."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role. areas: looked after today; late_areas: those and the ones given up lately."""

    user: int
    name: str
    role: Role
    areas: frozenset[int]
    late_areas: frozenset[int]


@dataclass(frozen=True, slots=True)
class Caller:
    """A device that showed its token, and whose it is.

    closed:    another device comes after it
    by_centre: it is revoked, and the centre takes in what was held apart
    at:        when it spoke, ms UTC
    """

    device: str
    public_key: bytes
    person: Person
    closed: bool
    by_centre: bool = False
    at: int = 0


class RevokedDevice(Rejected):
    """A revoked device asks. `revocation`: what it is told."""

    code = "revoked"

    def __init__(self, revocation: Revocation) -> None:
        super().__init__(
            "Máy này đã bị trung tâm thu hồi quyền trao đổi với tỉnh.",
            hint="Liên hệ trung tâm khuyến công của tỉnh.",
        )
        self.revocation = revocation


def new_code(randomness: Randomness) -> str:
    """A one-time code of 80 bits, like `K7QM-2XWF-9RTA-P3HD`."""
    bits = int.from_bytes(randomness(CODE_BYTES), "big")
    letters = "".join(CODE_ALPHABET[bits >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def hash_code(code: str) -> bytes:
    """A code as it is stored; spaces, hyphens and small letters are how people type it."""
    return hashlib.sha256(plain_code(code).encode()).digest()


def recognise_device(
    connection: Connection, device: str, now: int, *, by_centre: bool = False
) -> Caller:
    """A device that has shown that it speaks; a revoked one only `by_centre`.

    Raises `Rejected` (`unknown_device`, `revoked`).
    """
    row = connection.execute(
        select(
            devices.c.public_key,
            devices.c.revoked_at,
            devices.c.closed_at,
            users.c.id,
            users.c.name,
            users.c.role,
        )
        .join(users, users.c.id == devices.c.user)
        .where(devices.c.id == (device if device.isalnum() else ""))
    ).one_or_none()
    if row is None:
        raise Rejected(
            "Tỉnh chưa biết thiết bị này.",
            hint="Đọc gói đầu tiên của thiết bị trước (gói có mã đăng ký), hoặc cấp lại đăng ký cho người dùng.",
            code="unknown_device",
        )
    public_key, revoked_at, closed_at, user, name, role = row
    if revoked_at is not None and not by_centre:
        raise revoked(connection, device, revoked_at)
    person = person_of(connection, user, name, role, now)
    return Caller(device, public_key, person, closed_at is not None, by_centre, now)


def person_of(connection: Connection, user: int, name: str, role: Role, now: int) -> Person:
    """A person with the areas of this day."""
    today = local_date(now)
    areas = _areas(connection, user, today, today)
    late = _areas(connection, user, today, today - LATE)
    return Person(user, name, role, areas, late)


def enrol(
    engine: Engine, request: EnrolRequest, *, now: int, randomness: Randomness
) -> EnrolAnswer:
    """Give a device its token for a one-time code. Raises `Rejected` (`code`, `code_used`, `form`, `other_person`)."""
    statement = protocol.enrol_statement(request.code, request.device, request.recipient)
    if (
        request.device != protocol.device_id(request.public_key)
        or not protocol.is_signed(request.public_key, request.signature, statement)
        or len(request.token_hash) not in {0, hashlib.sha256().digest_size}
        or not _is_plain(request.recipient)
    ):
        raise Rejected("Yêu cầu đăng ký không đúng chữ ký của máy gửi.", code="form")
    with writing(engine) as connection:
        code = _use_code(connection, request, now)
        token = base64.urlsafe_b64encode(randomness(TOKEN_BYTES)).rstrip(b"=").decode()
        token_hash = request.token_hash or hash_token(token)
        row = (token_hash, request.device, now + TOKEN_MS, None, None)
        insert_rows(connection, tokens, [row], or_leave=True)
        home = connection.execute(select(province)).one()
        user = connection.execute(select(users).where(users.c.id == code.user)).one()
    return EnrolAnswer(
        home.name,
        home.epoch,
        public_key_of(home.signing_key),
        recipient_of(parcel_identity(home.signing_key)),
        "" if request.token_hash else token,
        now + TOKEN_MS,
        user.name,
        user.role,
    )


def continue_as(
    engine: Engine, caller: Caller, request: ContinueRequest, now: int
) -> ContinueAnswer:
    """Make another device the one after the caller's, for the same person, and close the caller's to new changes.

    A device may have several after it: each copy of a folder goes on by itself. Repeating it changes nothing. What
    comes after a revoked one, taken in by the centre, is revoked as well and gets no token. Raises `Rejected` (`form`,
    `signature`, `revoked`, `other_person`).
    """
    successor = request.successor
    statement = protocol.continue_statement(
        request.device, successor, request.recipient, request.token_hash
    )
    if (
        successor in {request.device, ""}
        or successor != protocol.device_id(request.public_key)
        or len(request.token_hash) != hashlib.sha256().digest_size
        or not _is_plain(request.recipient)
    ):
        raise Rejected("Yêu cầu chuyển sang thiết bị mới không đúng định dạng.", code="form")
    if (
        request.device != caller.device
        or not protocol.is_signed(caller.public_key, request.signature, statement)
        or not protocol.is_signed(request.public_key, request.successor_signature, statement)
    ):
        raise Rejected(
            "Yêu cầu chuyển sang thiết bị mới không đúng chữ ký của hai thiết bị.", code="signature"
        )
    with writing(engine) as connection:
        revoked_at = connection.scalar(
            select(devices.c.revoked_at).where(devices.c.id == caller.device).with_for_update()
        )
        if revoked_at is not None and not caller.by_centre:
            raise revoked(connection, caller.device, revoked_at)
        if revoked_at is None:
            _register(connection, successor, request, caller.person.user, now)
            row = (request.token_hash, successor, now + TOKEN_MS, None, None)
            insert_rows(connection, tokens, [row], or_leave=True)
        elif not _knows(connection, successor):
            _register(connection, successor, request, caller.person.user, now)
            new = update(devices).where(devices.c.id == successor)
            connection.execute(new.values(revoked_at=revoked_at))
        insert_rows(connection, continuations, [(caller.device, successor, now)], or_leave=True)
        closed = connection.execute(
            update(devices)
            .where(devices.c.id == caller.device, devices.c.closed_at.is_(None))
            .values(closed_at=now)
        )
        if closed.rowcount:
            audit.note(connection, "device.continued", device=caller.device, successor=successor)
    return ContinueAnswer(caller.person.name, caller.person.role, now + TOKEN_MS)


def public_key_of(signing_key: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    return Ed25519PrivateKey.from_private_bytes(signing_key).public_key().public_bytes_raw()


def signed_by(signing_key: bytes, statement: bytes) -> bytes:
    """The Ed25519 signature of `statement` by a private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    return Ed25519PrivateKey.from_private_bytes(signing_key).sign(statement)


def _use_code(
    connection: Connection, request: EnrolRequest, now: int
) -> Row[tuple[bytes, int, int, str | None]]:
    """The one-time code of a request, used by its device from now on. The device alone may show it again, also late."""
    code = connection.execute(
        select(enrolment_codes)
        .where(enrolment_codes.c.hash == hash_code(request.code))
        .with_for_update()
    ).one_or_none()
    if code is None or (code.expires_at <= now and code.used_by is None):
        raise Rejected(
            "Mã đăng ký không đúng hoặc đã hết hạn.",
            hint="Kiểm tra lại từng nhóm bốn ký tự, hoặc xin trung tâm mã mới.",
            code="code",
        )
    if code.used_by not in {None, request.device}:
        raise Rejected(
            "Mã đăng ký này đã được dùng cho một máy khác.",
            hint="Mỗi mã chỉ dùng cho một máy. Xin trung tâm mã mới.",
            code="code_used",
        )
    _register(connection, request.device, request, code.user, now)
    connection.execute(
        update(enrolment_codes)
        .where(enrolment_codes.c.hash == code.hash)
        .values(used_by=request.device)
    )
    return code


def _register(
    connection: Connection,
    device: str,
    keys: EnrolRequest | ContinueRequest,
    user: int,
    now: int,
) -> None:
    """Know a device from now on by the public keys that it showed."""
    start = chain_start(device)
    row = (device, user, keys.public_key, 0, start, now, now, None, None, keys.recipient, None)
    if insert_rows(connection, devices, [row], or_leave=True):
        name = connection.scalar(select(users.c.name).where(users.c.id == user))
        audit.note(connection, "device.enrolled", device=device, user=name)
        return
    known = connection.execute(
        select(devices.c.user, devices.c.revoked_at).where(devices.c.id == device)
    ).one()
    if known.revoked_at is not None:
        raise revoked(connection, device, known.revoked_at)
    if known.user != user:
        raise Rejected(
            "Máy này đã đăng ký cho một người khác.",
            hint="Mỗi máy thuộc về một người. Tạo một thư mục dữ liệu mới rồi đăng ký lại.",
            code="other_person",
        )
    connection.execute(
        update(devices).where(devices.c.id == device).values(recipient=keys.recipient)
    )


def _knows(connection: Connection, device: str) -> bool:
    return connection.scalar(select(devices.c.id).where(devices.c.id == device)) is not None


def _areas(
    connection: Connection, user: int, today: datetime.date, ended_after: datetime.date
) -> frozenset[int]:
    still: ColumnElement[bool] = or_(
        assignments.c.valid_to.is_(None), assignments.c.valid_to >= ended_after
    )
    return frozenset(
        connection.scalars(
            select(assignments.c.area).where(
                assignments.c.user == user, assignments.c.valid_from <= today, still
            )
        )
    )


def continued() -> Rejected:
    """What a device is told that another one comes after."""
    return Rejected(
        "Một bản sao của dữ liệu này đã được mở ở nơi khác và trao đổi với tỉnh bằng thiết bị mới.",
        hint="Đồng bộ lại: dữ liệu này cũng sẽ tiếp tục như một thiết bị mới, không mất gì.",
        code="continued",
    )


def revoked(connection: Connection, device: str, at: int) -> RevokedDevice:
    """What a revoked device is told: the province's signed word, on which it destroys its key."""
    secret = connection.execute(select(province.c.signing_key)).scalar_one()
    signature = signed_by(secret, protocol.revocation_statement(device, at))
    return RevokedDevice(Revocation(device, at, signature))


def _is_plain(recipient: str) -> bool:
    """Whether a text may be kept as an age recipient; whether it is one, only writing for it shows."""
    return recipient.isascii() and recipient.isalnum() and len(recipient) <= 128


def hash_token(token: str) -> bytes:
    """A token as it is stored."""
    return hashlib.sha256(token.encode()).digest()

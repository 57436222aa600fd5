"""Who this workspace is: its device, the devices it was before, and how it becomes another one.

A device's numbers are used once. When a file turns out to be a copy, or older than what this computer knows, it goes
on as a new device: new keys, numbers from 1, and the old device kept among the `predecessors`, whose changes stay this
workspace's own past. What the province has not got of them is settled by `sync`; where it holds other changes under the
same numbers, they branch off (`branches`) to a device whose key follows from the old key and from what differs first,
so that every copy names the same changes alike.

Owns the tables device and predecessors. Leaves to others: this computer's marks (`marks`), the talk with the province
(`sync`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from kcdesk.changes import Change, chain_start
from kcdesk.changes.fold import OWN
from kcdesk.domain.clock import Clock, Randomness, local_time
from kcdesk.domain.findings import Finding, soft
from kcdesk.domain.identifiers import DeviceId
from kcdesk.errors import ChangesMissing, WorkspaceError
from kcdesk.storage.devices.marks import Mark, Marks, MarksFail, new_token
from kcdesk.storage.keys import derived_key
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction

Reason = Literal["elsewhere", "copy", "missing", "restored", "other_chain", "continued"]
"""Why a workspace goes on as a new device.

elsewhere:   this computer (or this account on it) has never seen the workspace
copy:        another file of the same device was opened here meanwhile, or this one was put back
missing:     changes that this computer had seen are not in the file, and the person goes on without them
restored:    the file was made from a backup
other_chain: the province holds other changes under the same numbers
continued:   the province knows that a copy went on before
"""


@dataclass(frozen=True, slots=True)
class WentOn:
    """That a workspace went on as a new device: as which, instead of which, why, when (this device's clock, ms UTC)."""

    device: str
    before: str
    reason: Reason
    at: int


@dataclass(frozen=True, slots=True)
class Speaker:
    """A device that this workspace is or was, as it speaks with the province.

    token:       by which the province recognises it, once it knows it
    last_n:      its changes in this file, and the chain there; of a former device what it made as this workspace
    confirmed_n: how many of them the province holds, and the chain there
    """

    id: DeviceId
    signing_key: bytes
    token: str
    last_n: int
    last_hash: bytes
    confirmed_n: int
    confirmed_hash: bytes

    @property
    def public_key(self) -> bytes:
        """Its Ed25519 key, 32 bytes."""
        return _public_key(self.signing_key)

    def sign(self, data: bytes) -> bytes:
        """Its Ed25519 signature, 64 bytes (RFC 8032)."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        return Ed25519PrivateKey.from_private_bytes(self.signing_key).sign(data)


def make_device(db: Database, person: str, randomness: Randomness) -> None:
    """Give a new file its device."""
    signing_key = randomness(32)
    device = device_id_of(signing_key)
    with transaction(db):
        start = chain_start(device)
        db.execute(
            "INSERT INTO device (only_one, id, person, signing_key, last_n, last_hash, last_at,"
            " confirmed_n, confirmed_hash, instance) VALUES (1, ?, ?, ?, 0, ?, 0, 0, ?, ?)",
            (device, person, signing_key, start, start, new_token(randomness)),
        )
        db.execute("INSERT INTO devices VALUES (?, ?)", (device, person))


def mark_device(db: Database, *, marks: Marks, workspace: str, at: int) -> tuple[Finding, ...]:
    """Make this computer's first mark of a new file. Findings: that it cannot."""
    device, instance = db.execute("SELECT id, instance FROM device").fetchone()
    return _mark(marks, workspace, device, Mark((instance,), 0, at))


def go_on_as_new_device(
    db: Database,
    *,
    reason: Reason,
    marks: Marks,
    workspace: str,
    randomness: Randomness,
    at: int,
) -> WentOn:
    """Make the file of `workspace` that of a new device of the same person, in one transaction. All changes stay.

    `at`: now, and no earlier than the newest change that is known of; what the new device makes is dated later. The
    mark for the new file is written first, so that it opens here without going on once more; where marks cannot be
    written it goes on all the same.
    """
    signing_key, instance = randomness(32), new_token(randomness)
    with transaction(db):
        _mark(marks, workspace, device_id_of(signing_key), Mark((instance,), 0, at))
        return _go_on(db, reason, signing_key, instance, at)


def recognise(
    db: Database,
    *,
    marks: Marks,
    workspace: str,
    clock: Clock,
    randomness: Randomness,
    missing_accepted: bool = False,
) -> tuple[WentOn | None, tuple[Finding, ...]]:
    """Compare a file that is being opened with this computer's mark of it, and give it a new instance token.

    A file that does not fit goes on as a new device. Raises `ChangesMissing` when this computer has seen more than the
    file holds, unless that is accepted. A mark that cannot be read or written is a finding and stops nothing. May be
    killed anywhere: the mark accepts a token before the file shows it.
    """
    went_on = None
    try:
        with transaction(db):  # who else opens it waits here
            went_on = _judge(db, marks, workspace, clock, randomness, missing_accepted)
        with transaction(db):
            _forget_older_tokens(db, marks, workspace)
    except MarksFail:
        return went_on, (_unmarked(),)
    return went_on, ()


@dataclass(frozen=True, slots=True)
class Past:
    """What a device has always seen: its own changes, and those it made as another device.

    former: device -> the newest number that is this workspace's own;  unsettled: those whose numbers may yet change
    """

    device: DeviceId
    former: Mapping[str, int]
    unsettled: frozenset[str]

    @property
    def nameless(self) -> frozenset[str]:
        """Devices that no form names: what they said is always seen, and by which number may yet change."""
        return self.unsettled | {self.device}

    def made(self, change: Change) -> bool:
        """Whether this workspace made a change, as the device it is or as one that it was."""
        own = change.device in self.nameless
        return own or change.n <= self.former.get(change.device, 0)

    def seen(self, said: Mapping[str, int], before: Iterable[Change]) -> dict[str, int]:
        """What lay before somebody who saves with a form that says `said`, over the changes of the record."""
        nameless = self.nameless | {OWN}
        seen = {device: n for device, n in said.items() if device not in nameless}
        if self.former:
            for change in before:
                # What a recovery found behind missing changes lies beyond that number, until it is settled.
                found = change.device in self.unsettled
                if found or change.n <= self.former.get(change.device, 0):
                    seen[change.device] = max(change.n, seen.get(change.device, 0))
        return seen


class Identity:
    """The device of an open workspace and its predecessors, read afresh each time: another thread may have gone on."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def device(self) -> DeviceId:
        return DeviceId(self._db.execute("SELECT id FROM device").fetchone()[0])

    @property
    def person(self) -> str:
        """Whose workspace it is. Raises `WorkspaceError` for a file that was never finished."""
        row = self._db.execute("SELECT person FROM device").fetchone()
        if row is None:
            raise WorkspaceError(
                "Tệp dữ liệu chưa được tạo xong.", hint="Tạo lại bằng kcdesk init."
            )
        return str(row[0])

    def speaker(self, device: str | None = None) -> Speaker:
        """The current device, or a predecessor by its id. Raises ValueError for a device that was never ours."""
        found = [each for each in (*self.predecessors(), self._current()) if each.id == device]
        if device is not None and not found:
            raise ValueError(f"{device} is no device of this workspace")
        return found[0] if found else self._current()

    def predecessors(self, *, unsettled_only: bool = False) -> list[Speaker]:
        """The devices this workspace was before, oldest first."""
        where = "WHERE settled = 0" if unsettled_only else ""
        rows = self._db.execute(
            "SELECT id, signing_key, token, last_n, last_hash, confirmed_n, confirmed_hash"  # noqa: S608
            f" FROM predecessors {where} ORDER BY generation, fork"
        )
        return [Speaker(*row) for row in rows.fetchall()]

    def went_on(self) -> list[WentOn]:
        """Each time that this workspace went on as a new device, oldest first."""
        rows = self._db.execute(
            "SELECT id, reason, left_at FROM predecessors WHERE fork = 0 ORDER BY generation"
        ).fetchall()
        after = [*(row[0] for row in rows[1:]), self.device]
        return [
            WentOn(device, before, reason, at)
            for device, (before, reason, at) in zip(after, rows, strict=False)
        ]

    def past(self) -> Past:
        rows = self._db.execute("SELECT id, last_n, settled FROM predecessors").fetchall()
        return Past(
            self.device,
            {device: last_n for device, last_n, _ in rows},
            frozenset(device for device, _, settled in rows if not settled),
        )

    def confirm(self, device: str, n: int, chain_hash: bytes) -> None:
        """Note how much the province holds of one of this workspace's devices."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE device SET confirmed_n = ?, confirmed_hash = ? WHERE id = ? AND confirmed_n <= ?",
                (n, chain_hash, device, n),
            )
            self._db.execute(
                "UPDATE predecessors SET confirmed_n = ?, confirmed_hash = ? WHERE id = ?",
                (n, chain_hash, device),
            )

    def keep_token(self, device: str, token: str) -> None:
        """Keep the token that the province gave to a predecessor."""
        with transaction(self._db):
            self._db.execute("UPDATE predecessors SET token = ? WHERE id = ?", (token, device))

    def renew_token(self, device: str, token: str, expires_at: int) -> None:
        """Keep the next token of a device of this workspace, and when it ends (ms UTC)."""
        with transaction(self._db):
            if device == self.device:
                self._db.execute(
                    "UPDATE province SET token = ?, token_expires_at = ?", (token, expires_at)
                )
            self._db.execute("UPDATE predecessors SET token = ? WHERE id = ?", (token, device))

    def settle(self, device: str) -> None:
        """Note that the province holds all of a predecessor, and knows the one after it."""
        with transaction(self._db):
            self._db.execute("UPDATE predecessors SET settled = 1 WHERE id = ?", (device,))

    def unsettle(self) -> bool:
        """Have all predecessors settled once more, for the province may have forgotten them; whether there are any."""
        with transaction(self._db):
            found = self._db.execute("UPDATE predecessors SET settled = 0 WHERE settled = 1")
            return bool(found.rowcount > 0)

    def _current(self) -> Speaker:
        row = self._db.execute(
            "SELECT id, signing_key, coalesce((SELECT token FROM province), ''), last_n, last_hash,"
            " confirmed_n, confirmed_hash FROM device"
        ).fetchone()
        return Speaker(*row)


def token_of(signing_key: bytes) -> str:
    """The token that a device chooses for itself when it continues another: the same in every copy of the file."""
    secret = derived_key(signing_key, "kcdesk token")
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def _judge(
    db: Database,
    marks: Marks,
    workspace: str,
    clock: Clock,
    randomness: Randomness,
    missing_accepted: bool,
) -> WentOn | None:
    row = db.execute("SELECT id, last_n, last_at, instance FROM device").fetchone()
    if row is None:  # `Identity.person` says so
        return None
    device, last_n, last_at, instance = row
    mark = marks.read(workspace, device)
    missing = _missing(marks, workspace, device, last_n, last_at, mark)
    if missing is not None and not missing_accepted:
        raise missing
    token = new_token(randomness)
    if mark is not None and instance in mark.tokens and missing is None:
        marks.write(workspace, device, Mark((instance, token), max(mark.n, last_n), mark.at))
        db.execute("UPDATE device SET instance = ?", (token,))
        return None
    signing_key = randomness(32)
    at = max(clock(), mark.at if mark is not None else 0)
    successor = device_id_of(signing_key)
    marks.write(workspace, successor, Mark((token,), 0, at))
    if mark is None or not mark.tokens:  # no other file here is this device: later ones are older
        left = mark or Mark((), last_n, last_at)
        marks.write(workspace, device, left.followed_by(successor))
    reason: Reason = "missing" if missing is not None else "elsewhere" if mark is None else "copy"
    return _go_on(db, reason, signing_key, token, at)


def _missing(
    marks: Marks, workspace: str, device: str, last_n: int, last_at: int, mark: Mark | None
) -> ChangesMissing | None:
    """What this computer has seen committed and the file does not hold: of its device, or of those that came after."""
    if mark is None or mark.n < last_n:
        return None
    lost, first_n, newest = device, last_n + 1, mark
    later = list(mark.then)
    while later:
        follower = later.pop(0)
        known = marks.read(workspace, follower)
        if known is not None:
            later += known.then
            if known.n:
                lost, first_n, newest = follower, 1, known
    if newest.n < first_n:
        return None
    return ChangesMissing(
        f"Tệp dữ liệu này cũ hơn dữ liệu đã có trên máy: thiếu các thay đổi số {first_n} đến {newest.n},"
        f" ghi từ {_time(last_at)} đến {_time(newest.at)}.",
        hint="Đừng nhập tiếp vào tệp này. Khôi phục bằng lệnh: kcdesk recover.",
        device=lost,
        first_n=first_n,
        last_n=newest.n,
        from_at=last_at,
        to_at=newest.at,
    )


def _time(at: int) -> str:
    return f"{local_time(at):%H:%M ngày %d/%m/%Y}"


def _forget_older_tokens(db: Database, marks: Marks, workspace: str) -> None:
    row = db.execute("SELECT id, instance FROM device").fetchone()
    mark = marks.read(workspace, row[0]) if row is not None else None
    if mark is not None and mark.tokens != (row[1],):
        marks.write(workspace, row[0], msgspec.structs.replace(mark, tokens=(row[1],)))


def _mark(marks: Marks, workspace: str, device: str, mark: Mark) -> tuple[Finding, ...]:
    try:
        marks.write(workspace, device, mark)
    except MarksFail:
        return (_unmarked(),)
    return ()


def _unmarked() -> Finding:
    return soft(
        "workspace.unmarked",
        "",
        "Máy không ghi được dấu của dữ liệu này nên sẽ không nhận ra khi thư mục bị thay bằng một bản cũ hơn.",
        hint="Kiểm tra quyền ghi và chỗ trống của thư mục người dùng.",
    )


def _go_on(db: Database, reason: Reason, signing_key: bytes, instance: str, at: int) -> WentOn:
    before, person = db.execute("SELECT id, person FROM device").fetchone()
    device, start = device_id_of(signing_key), chain_start(device_id_of(signing_key))
    db.execute(
        "INSERT INTO predecessors SELECT (SELECT count(*) FROM predecessors WHERE fork = 0), 0, id, signing_key,"
        " coalesce((SELECT token FROM province), ?), last_n, last_hash, confirmed_n, confirmed_hash, ?, ?, 0"
        " FROM device",
        ("", reason, at),
    )
    db.execute(
        "UPDATE device SET id = ?, signing_key = ?, last_n = 0, last_hash = ?, last_at = max(last_at, ?),"
        " confirmed_n = 0, confirmed_hash = ?, instance = ?",
        (device, signing_key, start, at, start, instance),
    )
    db.execute("UPDATE province SET token = ?, token_expires_at = NULL", (token_of(signing_key),))
    db.execute("INSERT INTO devices VALUES (?, ?)", (device, person))
    db.execute("DELETE FROM exchange")
    db.execute("DELETE FROM exchange_bytes")
    return WentOn(device, before, reason, at)


def device_id_of(signing_key: bytes) -> DeviceId:
    """The id of the device with this private key."""
    return DeviceId(hashlib.sha256(_public_key(signing_key)).hexdigest()[:16])


def _public_key(signing_key: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    return Ed25519PrivateKey.from_private_bytes(signing_key).public_key().public_bytes_raw()

"""The workspace: every change of one person's device, saved durably with what follows from it.

Owns opening and making the file, saving, receiving and folding changes. Reading lists is `lists`, the
tables are written by `projection`, what concerns the province is in `sync_books`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from kcdesk.changes import Change, State, Value, chain_start, check_form, extend, fold
from kcdesk.changes.model import MAX_BYTES
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.domain.identifiers import DeviceId
from kcdesk.errors import BadInput, NotFound, WorkspaceError
from kcdesk.storage.keys import KEY_BYTES, KeyMode, Keys
from kcdesk.storage.lists import Lists
from kcdesk.storage.projection import Projection
from kcdesk.storage.schema import migrate, newer_version
from kcdesk.storage.sqlite import Database, connect
from kcdesk.storage.sync_books import Cursor, SyncBooks
from kcdesk.storage.transactions import told_plainly, transaction

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DATABASE_FILE = "workspace.db"
DESCRIPTION_FILE = "workspace.json"
FORMAT = 1
"""Of the folder as a whole; what changes inside the database is the schema's matter."""


class Description(msgspec.Struct, frozen=True):
    """The file `workspace.json` beside the database: what must be known before the key is."""

    id: str
    key: KeyMode
    format: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Fields to set on one record. `seen` is what the form's `State.seen` said when it was opened; None: now."""

    kind: str
    record: str
    set: dict[str, Value]
    seen: Mapping[str, int] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Chain:
    """How far this device's changes go, and how far the province has confirmed them: (n, hash) twice."""

    last_n: int
    last_hash: bytes
    confirmed_n: int
    confirmed_hash: bytes


class Workspace(SyncBooks):
    """An open workspace. Belongs to the thread that opened it."""

    def __init__(self, db: Database, units: AdministrativeUnits, clock: Clock) -> None:
        super().__init__(db)
        self._clock = clock
        self._projection = Projection(db, units)
        self.lists = Lists(db)
        row = db.execute("SELECT id, person, signing_key FROM device").fetchone()
        if row is None:
            raise WorkspaceError(
                "Tệp dữ liệu chưa được tạo xong.", hint="Tạo lại bằng kcdesk init."
            )
        self.device_id = DeviceId(row[0])
        self.person: str = row[1]
        self._signing_key: bytes = row[2]

    @classmethod
    def create(
        cls,
        folder: Path,
        keys: Keys,
        *,
        person: str,
        areas: Sequence[str],
        units: AdministrativeUnits,
        clock: Clock,
        randomness: Randomness,
    ) -> Self:
        """Make a workspace in `folder` (made when absent) for `person` and the areas with these codes.

        Raises `NotFound` for an unknown area, `WorkspaceError` when the folder holds one already or cannot be
        written, `NoKey` when the key cannot be kept. Nothing is left behind then.
        """
        for area in areas:
            units.communes_of(area)
        workspace, key = randomness(16).hex(), randomness(KEY_BYTES)
        with ExitStack() as undo:
            try:
                _empty_folder(folder, undo)
                with told_plainly():
                    db = connect(folder / DATABASE_FILE, key, create=True)
                    undo.callback(db.close)
                    migrate(db)
                with transaction(db):
                    _insert_device(db, person, randomness)
                    db.conn.executemany(
                        "INSERT OR IGNORE INTO areas VALUES (?)", [(area,) for area in areas]
                    )
                keys.write(folder, workspace, key)
                description = Description(workspace, keys.mode, FORMAT)
                (folder / DESCRIPTION_FILE).write_bytes(msgspec.json.encode(description))
            except OSError as error:
                raise WorkspaceError(
                    f"Không tạo được dữ liệu trong thư mục “{folder}”.",
                    hint="Kiểm tra quyền ghi và chỗ trống của ổ đĩa.",
                    code="read_only",
                ) from error
            undo.pop_all()
        return cls(db, units, clock)

    @classmethod
    def open(cls, folder: Path, keys: Keys, *, units: AdministrativeUnits, clock: Clock) -> Self:
        """Open the workspace in `folder`. Raises `NotFound`, `NoKey`, `WrongKey`, `WorkspaceError`."""
        description = describe(folder)
        key = keys.read(folder, description.id)
        path = folder / DATABASE_FILE
        if not path.is_file():
            raise WorkspaceError(
                f"Thư mục “{folder}” thiếu tệp dữ liệu {path.name}.",
                hint="Khôi phục thư mục từ bản sao lưu.",
                code="damaged",
            )
        with ExitStack() as undo, told_plainly():
            db = connect(path, key)
            undo.callback(db.close)
            migrate(db)
            workspace = cls(db, units, clock)
            undo.pop_all()
        return workspace

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What the device is

    @property
    def areas(self) -> tuple[str, ...]:
        """The area codes this workspace looks after, as given when it was made or by the province."""
        return tuple(code for (code,) in self._db.execute("SELECT code FROM areas ORDER BY code"))

    @property
    def public_key(self) -> bytes:
        """The Ed25519 key by which the province knows this device, 32 bytes."""
        return self._private_key().public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature of this device, 64 bytes (RFC 8032)."""
        return self._private_key().sign(data)

    def _private_key(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        return Ed25519PrivateKey.from_private_bytes(self._signing_key)

    def chain(self) -> Chain:
        row = self._db.execute(
            "SELECT last_n, last_hash, confirmed_n, confirmed_hash FROM device"
        ).fetchone()
        return Chain(*row)

    # Changes

    def save(self, edits: Iterable[Edit]) -> list[Change]:
        """Make one action of `edits`: number them, write them with their projection, all or nothing, durably.

        All changes of the action carry the same `at`, later than any before. Returns them; an edit that sets
        nothing makes no change. Raises `BadInput` for a field that cannot be one, or more than a change holds.
        """
        with transaction(self._db):
            n, chain_hash, last_at = self._db.execute(
                "SELECT last_n, last_hash, last_at FROM device"
            ).fetchone()
            at = max(self._clock(), last_at + 1)
            made: list[Change] = []
            states: dict[tuple[str, str], State] = {}
            for edit in edits:
                if not edit.set:
                    continue
                key = (edit.kind, edit.record)
                before = self._changes_of(*key)
                seen = fold(before).seen if edit.seen is None and before else dict(edit.seen or {})
                seen.pop(self.device_id, None)
                n += 1
                change = Change(self.device_id, n, edit.kind, edit.record, at, edit.set, seen)
                _require_form(change)
                self._insert(change)
                made.append(change)
                states[key] = fold([*before, change])
            if made:
                self._db.execute(
                    "UPDATE device SET last_n = ?, last_hash = ?, last_at = ?",
                    (n, extend(chain_hash, made), at),
                )
                self._projection.project(states.values())
            return made

    def receive(self, changes: Iterable[Change], cursors: Mapping[str, Cursor]) -> None:
        """Take in what the province sent, with how far its logs are read now, in one transaction."""
        with transaction(self._db):
            touched = {
                (c.kind, c.record)
                for c in changes
                if c.device != self.device_id and self._insert(c)
            }
            self._fold_again(touched)
            self._db.conn.executemany(
                "INSERT INTO cursors VALUES (?, ?, ?)"
                " ON CONFLICT (log) DO UPDATE SET position = excluded.position, digest = excluded.digest",
                [(log, cursor.position, cursor.digest) for log, cursor in cursors.items()],
            )

    def confirm(self, n: int, chain_hash: bytes, refusals: Iterable[tuple[int, str]]) -> None:
        """Note that the province holds this device's changes up to `n`, and which of them it refused, and why."""
        with transaction(self._db):
            refused = list(refusals)
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?)",
                [(self.device_id, number, reason) for number, reason in refused],
            )
            self._db.execute(
                "UPDATE device SET confirmed_n = ?, confirmed_hash = ? WHERE confirmed_n <= ?",
                (n, chain_hash, n),
            )
            self._fold_again(
                (kind, record)
                for number, _ in refused
                for kind, record in self._db.execute(
                    "SELECT kind, record FROM changes WHERE device = ? AND n = ?",
                    (self.device_id, number),
                ).fetchall()
            )

    def own_changes(self, after: int, up_to: int) -> Iterator[Change]:
        """This device's changes after number `after` up to `up_to`, in order."""
        return self._read(
            "device = ? AND n > ? AND n <= ? ORDER BY n", (self.device_id, after, up_to)
        )

    def changes(self) -> Iterator[Change]:
        """Every change held, refused ones too, record by record."""
        return self._read("1 ORDER BY record, device, n", ())

    def history(self, kind: str, record: str) -> list[Change]:
        """The changes of a record in the order of (at, device, n). Raises `NotFound`."""
        found = sorted(self._changes_of(kind, record), key=lambda c: (c.at, c.device, c.n))
        if not found:
            raise NotFound(f"Không có hồ sơ {record}.", hint="Kiểm tra lại mã hồ sơ.")
        return found

    def state(self, kind: str, record: str) -> State:
        """A record folded from its changes: what a form opens. Raises `NotFound`."""
        return fold(self.history(kind, record))

    def _changes_of(self, kind: str, record: str) -> list[Change]:
        return list(
            self._read(
                "record = ? AND kind = ? AND NOT EXISTS"
                " (SELECT 1 FROM refusals WHERE refusals.device = changes.device AND refusals.n = changes.n)",
                (record, kind),
            )
        )

    def _read(self, where: str, arguments: Sequence[object]) -> Iterator[Change]:
        rows = self._db.execute(
            f'SELECT device, n, kind, record, at, "set", seen FROM changes WHERE {where}',  # noqa: S608
            arguments,
        )
        for device, n, kind, record, at, set_, seen in rows:
            yield Change(device, n, kind, record, at, _decode_set(set_), _decode_seen(seen))

    def _insert(self, change: Change) -> bool:
        cursor = self._db.conn.execute(
            "INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                change.device,
                change.n,
                change.kind,
                change.record,
                change.at,
                _encode(change.set),
                _encode(change.seen),
            ),
        )
        return cursor.rowcount == 1

    def _fold_again(self, records: Iterable[tuple[str, str]]) -> None:
        for kind, record in set(records):
            changes = self._changes_of(kind, record)
            if changes:
                self._projection.project([fold(changes)])
            else:
                self._projection.forget(kind, record)


def describe(folder: Path) -> Description:
    """What stands beside the database of the workspace in `folder`. Raises `NotFound`, `WorkspaceError`."""
    path = folder / DESCRIPTION_FILE
    try:
        description = msgspec.json.decode(path.read_bytes(), type=Description)
    except FileNotFoundError:
        raise NotFound(
            f"Thư mục “{folder}” chưa có dữ liệu kcdesk.",
            hint="Tạo mới bằng kcdesk init, hoặc chọn thư mục khác.",
        ) from None
    except (OSError, msgspec.DecodeError) as error:
        raise WorkspaceError(
            f"Không đọc được tệp {DESCRIPTION_FILE} trong thư mục “{folder}”.",
            hint="Chép lại tệp này từ bản sao lưu của thư mục.",
        ) from error
    if description.format > FORMAT:
        raise newer_version()
    return description


def _empty_folder(folder: Path, undo: ExitStack) -> None:
    """Make `folder` where it is absent; what is made in it from now on goes again when the stack unwinds."""
    if (folder / DESCRIPTION_FILE).exists() or (folder / DATABASE_FILE).exists():
        raise WorkspaceError(
            f"Thư mục “{folder}” đã có dữ liệu kcdesk.", hint="Chọn thư mục khác.", code="exists"
        )
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    there = set(folder.iterdir())

    def clear() -> None:
        for file in set(folder.iterdir()) - there:
            file.unlink()
        for each in made:
            each.rmdir()

    undo.callback(clear)


def _require_form(change: Change) -> None:
    """Raise `BadInput` for what a person can do wrong, ValueError for the rest: that is our mistake."""
    match check_form(change):
        case None:
            return
        case "size":
            raise BadInput(
                f"Một lần ghi không được quá {MAX_BYTES // 1024} KB chữ.",
                hint="Rút ngắn nội dung; tài liệu dài thì để thành tệp riêng.",
            )
        case "field":
            raise BadInput(
                "Tên trường chỉ gồm chữ cái không dấu, chữ số và các dấu _ . - /.",
                hint="Kiểm tra lại tên các trường: " + ", ".join(change.set) + ".",
            )
        case problem:
            raise ValueError(f"a change of {change.kind} has the wrong form: {problem}")


def _insert_device(db: Database, person: str, randomness: Randomness) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    private = randomness(32)
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    device = hashlib.sha256(public).hexdigest()[:16]
    start = chain_start(device)
    db.execute(
        "INSERT INTO device VALUES (1, ?, ?, ?, 0, ?, 0, 0, ?)",
        (device, person, private, start, start),
    )
    db.execute("INSERT INTO devices VALUES (?, ?)", (device, person))


_encode = msgspec.json.Encoder().encode
_decode_set = msgspec.json.Decoder(dict[str, Value]).decode
_decode_seen = msgspec.json.Decoder(dict[str, int]).decode

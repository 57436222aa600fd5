"""Backups: made when due and before what may go wrong, copied to a second place, restored, and recovery from damage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from kcdesk.actions.desk import Desk, default_marks, shipped_units
from kcdesk.actions.revocation import require_key
from kcdesk.domain.clock import Clock, Randomness, local_time, system_clock, system_randomness
from kcdesk.domain.findings import Finding, soft
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NoKey
from kcdesk.storage.backups.copying import (
    SECOND_PLACE,
    SMALL_FILES,
    opened_home,
    second_home,
    update_second_place,
    write_single_file,
)
from kcdesk.storage.backups.manifest import DUE, Manifest
from kcdesk.storage.backups.repository import Progress, Repository, Written
from kcdesk.storage.backups.sealing import Seal
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.folder.description import DESCRIPTION_FILE, Description, describe
from kcdesk.storage.keys import KeyMode, KeyringKeys, KeySource
from kcdesk.storage.safety.recovery import Recovered
from kcdesk.storage.safety.recovery import recover as recover_files
from kcdesk.storage.safety.replacing import Place, Restored
from kcdesk.storage.safety.replacing import restore as restore_files

DUE_AFTER_MS = 3_600_000
SECOND_PLACE_DAYS = 7
"""After so many days without a copy in the second place the status says so."""

_SECOND_PLACE_AT = "backup_place_at"
_DAY_MS = 24 * 3_600_000

_REASONS = {
    DUE: "định kỳ",
    "import": "trước khi nhập danh sách",
    "upgrade": "trước khi nâng cấp",
    "restore": "trước khi khôi phục",
    "asked": "theo yêu cầu",
}

KeysFor = Callable[[KeyMode], KeySource]
"""Gives the source of a key once it is known how the key is kept."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup that somebody asked for did: the backup, what it cost here, and what was written elsewhere.

    output: the single file or the folder in the second place;  output_bytes: what is new there
    """

    manifest: Manifest
    new_bytes: int
    output: Path | None = None
    output_bytes: int = 0

    def as_json(self) -> dict[str, Value]:
        return {
            **manifest_as_json(self.manifest),
            "new_bytes": self.new_bytes,
            "output": str(self.output) if self.output is not None else None,
            "output_bytes": self.output_bytes,
        }


@dataclass(frozen=True, slots=True)
class BackupStatus:
    """How safe the workspace is: its newest backup, how many there are, the second place and when it was last used.

    findings: what the person should do about it
    """

    newest_at: int | None
    count: int
    second_place: Path | None
    second_place_at: int | None
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Value]:
        return {
            "newest_at": _iso(self.newest_at),
            "count": self.count,
            "second_place": str(self.second_place) if self.second_place is not None else None,
            "second_place_at": _iso(self.second_place_at),
            "findings": [finding.message for finding in self.findings],
        }


def back_up_if_due(desk: Desk, *, cancel: threading.Event | None = None) -> Written | None:
    """Back up when the newest backup is an hour old; None when it is not. Raises `WorkspaceError`, `Cancelled`.

    To be called now and then while the program runs.
    """
    newest, now = desk.workspace.backups.newest(), desk.clock()
    if newest is not None and 0 <= now - newest.at < DUE_AFTER_MS:
        return None
    return desk.workspace.back_up(DUE, cancel=cancel)


def back_up(
    desk: Desk,
    *,
    output: Path | None = None,
    place: Path | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> BackupReport:
    """Back up now: in the workspace's folder, and then into one file, or into a folder that is remembered.

    output: a file;  place: a folder, on a stick for instance
    Raises `WorkspaceError`, `BadInput`, `Cancelled`.
    """
    workspace = desk.workspace
    written = workspace.back_up("asked", progress=progress, cancel=cancel)
    report = BackupReport(written.manifest, written.new_bytes)
    if output is not None:
        if output.is_dir():
            raise BadInput(
                f"“{output}” là một thư mục.", hint="Ghi tên tệp, hoặc dùng --to cho thư mục."
            )
        size = write_single_file(
            output, workspace.backups, written.manifest, progress=progress, cancel=cancel
        )
        return BackupReport(written.manifest, written.new_bytes, output, size)
    if place is not None:
        if not place.is_dir():
            raise BadInput(
                f"Không có thư mục “{place}”.", hint="Kiểm tra lại đường dẫn; ổ USB đã cắm chưa?"
            )
        home = second_home(place, workspace.id, workspace.backups.seal.key_name)
        there = update_second_place(
            workspace.backups, written.manifest, home, progress=progress, cancel=cancel
        )
        workspace.erasing.forget_in_second_place(home)
        workspace.set_setting(SECOND_PLACE, str(place.absolute()))
        workspace.set_setting(_SECOND_PLACE_AT, str(desk.clock()))
        return BackupReport(written.manifest, written.new_bytes, home, there.new_bytes)
    return report


def connected_second_home(desk: Desk) -> Path | None:
    """The folder of this workspace's backups in the second place, where that is there now."""
    workspace = desk.workspace
    place = workspace.setting(SECOND_PLACE)
    if place is None:
        return None
    home = second_home(Path(place), workspace.id, workspace.backups.seal.key_name)
    return home if home.is_dir() else None


def backups_in(desk: Desk, place: Path | None = None) -> list[Manifest]:
    """The backups that can be restored, oldest first: those kept here, or in a file or folder.

    Raises `NotFound`, `BadInput` for a place without any.
    """
    if place is None:
        return desk.workspace.backups.kept()
    with opened_home(place, desk.workspace.id) as home:
        return Repository(home, Seal(desk.workspace.key)).kept()


def backup_status(desk: Desk) -> BackupStatus:
    """How old the backups are, here and in the second place, and what should be done."""
    kept, newest = desk.workspace.backups.names(), desk.workspace.backups.newest()
    place = desk.workspace.setting(SECOND_PLACE)
    at = desk.workspace.setting(_SECOND_PLACE_AT)
    second_at = int(at) if at is not None else None
    return BackupStatus(
        newest.at if newest is not None else None,
        len(kept),
        Path(place) if place is not None else None,
        second_at,
        tuple(_second_place_findings(desk, second_at)),
    )


def backups_of(folder: Path, keys_for: KeysFor) -> list[Manifest]:
    """The backups kept beside a workspace that may not open itself, oldest first.

    Raises `NotFound`, `NoKey`, `WrongKey`, `WorkspaceError`.
    """
    require_key(folder)
    description = describe(folder)
    key = keys_for(description.key).read(folder, description.id)
    return Repository(folder, Seal(key)).kept()


def restore(
    folder: Path,
    source: Path | None,
    keys_for: KeysFor,
    *,
    moment: int | None = None,
    marks: Marks | None = None,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Restored:
    """Make the workspace in `folder` as a backup has it; what is there is set aside.

    source: a single file, a folder with backups, None: the backups kept in `folder` itself
    moment: milliseconds UTC; the newest backup made then or before, None: the newest of all
    Raises `NotFound`, `BadInput`, `NoKey`, `WrongKey`, `WorkspaceError`, `WorkspaceBusy`, `Cancelled`; then the old
    workspace stands as it was.
    """
    require_key(folder)
    with opened_home(source or folder, _id_in(folder)) as home:
        description, keys, key = _opened(home, keys_for)
        place = Place(
            folder,
            description.id,
            key,
            marks or default_marks(),
            shipped_units(),
            clock,
            randomness,
        )
        restored = restore_files(
            place, Repository(home, Seal(key)), moment, progress=progress, cancel=cancel
        )
    if description.key == "keyring" and not isinstance(keys, KeyringKeys):
        with suppress(NoKey):  # the next opening says what is wrong with the keyring
            KeyringKeys().write(folder, description.id, key)
    return restored


def recover(
    folder: Path,
    keys_for: KeysFor,
    *,
    others: Path | None = None,
    marks: Marks | None = None,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Recovered:
    """Make a damaged workspace whole again, from its backups, those in `others`, and what its file still holds.

    Raises as `restore`; the damaged files are set aside untouched.
    """
    require_key(folder)
    description = describe(folder)
    key = keys_for(description.key).read(folder, description.id)
    place = Place(
        folder, description.id, key, marks or default_marks(), shipped_units(), clock, randomness
    )
    with ExitStack() as stack:
        further = []
        if others is not None:
            home = stack.enter_context(opened_home(others, description.id))
            further.append(Repository(home, Seal(key)))
        return recover_files(place, further, progress=progress, cancel=cancel)


def reason_text(reason: str) -> str:
    """Why a backup was made, in words."""
    return _REASONS.get(reason, reason)


def manifest_as_json(manifest: Manifest) -> dict[str, Value]:
    return {
        "at": _iso(manifest.at),
        "reason": manifest.reason,
        "changes": manifest.changes,
        "n": manifest.n,
        "bytes": manifest.size,
    }


def restored_as_json(restored: Restored) -> dict[str, Value]:
    return {
        "backup": manifest_as_json(restored.manifest),
        "device": restored.went_on.device,
        "set_aside": str(restored.set_aside) if restored.set_aside is not None else None,
    }


def recovered_as_json(recovered: Recovered) -> dict[str, Value]:
    return {
        "backup": manifest_as_json(recovered.backup) if recovered.backup is not None else None,
        "from_backups": recovered.from_backups,
        "from_file": recovered.from_file,
        "pages": recovered.pages,
        "bad_pages": recovered.bad_pages,
        "missing": [
            {
                "first": gap.first_n,
                "last": gap.last_n,
                "from": _iso(gap.from_at),
                "to": _iso(gap.to_at),
                "message": gap.sentence,
            }
            for gap in recovered.gaps
        ],
        "device": recovered.went_on.device,
        "set_aside": str(recovered.set_aside) if recovered.set_aside is not None else None,
    }


def _second_place_findings(desk: Desk, at: int | None) -> Iterator[Finding]:
    if desk.workspace.chain().last_n == 0:
        return
    if at is None:
        yield soft(
            "backup.no_second_place",
            "",
            "Dữ liệu mới chỉ được sao lưu trên chính máy này.",
            hint="Cắm một ổ USB và sao lưu thêm vào đó: kcdesk backup --to THƯ_MỤC.",
        )
    elif (days := (desk.clock() - at) // _DAY_MS) >= SECOND_PLACE_DAYS:
        yield soft(
            "backup.second_place_old",
            "",
            f"Bản sao lưu ở nơi thứ hai đã {days} ngày chưa cập nhật.",
            hint="Cắm ổ ấy vào và chạy: kcdesk backup --to THƯ_MỤC.",
        )


def _opened(home: Traversable, keys_for: KeysFor) -> tuple[Description, KeySource, bytes]:
    """Whose backups these are, and their key."""
    try:
        content = (home / DESCRIPTION_FILE).read_bytes()
        description = msgspec.json.decode(content, type=Description)
    except (OSError, KeyError, msgspec.DecodeError) as error:
        raise BadInput(
            f"Bản sao lưu thiếu tệp {DESCRIPTION_FILE}, hoặc tệp ấy bị hỏng.",
            hint="Dùng bản sao lưu khác.",
            code="no_backup",
        ) from error
    keys = keys_for(description.key)
    with _small_files(home) as folder:
        return description, keys, keys.read(folder, description.id)


@contextmanager
def _small_files(home: Traversable) -> Iterator[Path]:
    """A folder with what must be known before the key is, also where the backups are inside a single file."""
    if isinstance(home, Path):
        yield home
        return
    with TemporaryDirectory(prefix="kcdesk-") as folder:
        for name in SMALL_FILES:
            if (home / name).is_file():
                (Path(folder) / name).write_bytes((home / name).read_bytes())
        yield Path(folder)


def _id_in(folder: Path) -> str | None:
    try:
        content = (folder / DESCRIPTION_FILE).read_bytes()
        return msgspec.json.decode(content, type=Description).id
    except (OSError, msgspec.DecodeError):
        return None


def _iso(at: int | None) -> str | None:
    return None if at is None else local_time(at).isoformat()

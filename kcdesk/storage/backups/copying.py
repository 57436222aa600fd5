"""Backups in a second place: a folder on a USB stick, or a single file.

Both have the layout of a workspace's folder without its database. In a folder only what is missing is copied. A single
file is a zip without compression, for what is in it is sealed. Pictures and scans are sealed already and go as they
are.
"""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO, NamedTuple

from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.backups.manifest import KEPT, Manifest
from kcdesk.storage.backups.repository import (
    BACKUPS_FOLDER,
    Progress,
    Repository,
    WritableRepository,
    Written,
    cannot_write,
    stop_if,
)
from kcdesk.storage.backups.sealing import Damaged
from kcdesk.storage.folder.durable import sync_folder, write_durably

ATTACHMENTS = "attachments"
SMALL_FILES = ("workspace.json", "key.json")
"""What must be known before the key is, besides the backups and attachments; the second one may be absent."""

SECOND_PLACE = "backup_place"
"""The setting of a workspace that says where its second place was last."""
_PREFIX = "kcdesk-"
_CHUNK = 1 << 20


class File(NamedTuple):
    """A file inside of a home, by its path there."""

    path: str
    file: Traversable


def second_home(place: Path, workspace: str, key_name: str) -> Path:
    """The folder of this workspace's backups in `place`; under a new key another one begins."""
    return place / f"{_PREFIX}{workspace[:8]}-{key_name}"


def update_second_place(
    own: Repository,
    manifest: Manifest,
    home: Path,
    *,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Written:
    """Copy a backup and all attachments into the folder `home`, as far as they are not there.

    `progress` counts bytes of attachments. Raises `WorkspaceError`, `Cancelled`.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name in SMALL_FILES:
            if (own.home / name).is_file():
                write_durably(home / name, (own.home / name).read_bytes())
    except OSError as error:
        raise cannot_write(home) from error
    copy_attachments(own.home, home, progress=progress, cancel=cancel)
    there = WritableRepository(home, own.seal)
    written = there.add(own, manifest, cancel=cancel)
    there.thin(manifest.at)
    return written


def copy_attachments(
    source: Traversable,
    target: Path,
    *,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> int:
    """Copy the attachments that are missing in `target`, each whole or not at all; how many.

    A file with the same name and size counts as the same: names say what is in them. Raises `WorkspaceError`,
    `Cancelled`.
    """
    missing = [
        (each, size)
        for each in attachment_files(source)
        if (size := _size(each.file)) != _size(target / each.path)
    ]
    total, done = sum(size or 0 for _, size in missing), 0
    try:
        for each, size in missing:
            stop_if(cancel)
            path = target / each.path
            path.parent.mkdir(parents=True, exist_ok=True)
            content = each.file.read_bytes()
            write_durably(path, content)
            if path.read_bytes() != content:
                raise Damaged(
                    f"Tệp vừa chép vào “{target}” không giống tệp gốc.",
                    hint="Ổ đĩa này có thể đã hỏng: dùng ổ khác.",
                )
            done += size or 0
            if progress is not None:
                progress(done, total)
    except OSError as error:
        raise cannot_write(target) from error
    return len(missing)


def write_single_file(
    path: Path,
    own: Repository,
    manifest: Manifest,
    *,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> int:
    """One backup with everything it needs in one file at `path`, checked after writing; its bytes.

    `progress` counts bytes. Raises `WorkspaceError`, `Cancelled`; then nothing is left at `path`.
    """
    files = list(_files_of(own, manifest))
    total, done = sum(_size(each.file) or 0 for each in files), 0
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with new.open("wb") as out:
                with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
                    for each in files:
                        with each.file.open("rb") as opened, packed.open(each.path, "w") as to:
                            for chunk in _chunks(opened):
                                stop_if(cancel)
                                to.write(chunk)
                                done += len(chunk)
                                if progress is not None:
                                    progress(done, total)
                out.flush()
                os.fsync(out.fileno())
            _check(new, own, manifest, cancel)
            new.replace(path)
            sync_folder(path.parent)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path.parent) from error
    return path.stat().st_size


@contextmanager
def opened_home(path: Path, workspace: str | None = None) -> Iterator[Traversable]:
    """The home of the backups that a person names by a single file, by a folder with them, or by a stick's folder.

    workspace: its id where a stick has several. Raises `NotFound`, `BadInput`.
    """
    if path.is_file():
        try:
            packed = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise BadInput(
                f"Tệp “{path.name}” không phải bản sao lưu của kcdesk, hoặc đã bị hỏng.",
                hint="Chọn tệp do kcdesk backup -o ghi ra, hoặc dùng bản sao lưu khác.",
                code="no_backup",
            ) from error
        with packed:
            yield zipfile.Path(packed)
        return
    homes = [path] if (path / BACKUPS_FOLDER).is_dir() else _homes_in(path)
    if workspace is not None and len(homes) > 1:
        homes = [home for home in homes if home.name.startswith(_PREFIX + workspace[:8])]
    if not homes:
        raise NotFound(
            f"Trong “{path}” không có bản sao lưu nào của kcdesk.",
            hint="Kiểm tra lại đường dẫn; ổ USB đã cắm chưa?",
        )
    if len(homes) > 1:
        names = ", ".join(home.name for home in homes)
        raise BadInput(
            f"Trong “{path}” có bản sao lưu của nhiều bộ dữ liệu: {names}.",
            hint="Ghi rõ thư mục cần dùng.",
        )
    yield homes[0]


def attachment_files(home: Traversable) -> Iterator[File]:
    """All files of attachments, thumbnails too."""
    folder = home / ATTACHMENTS
    if folder.is_dir():
        yield from _files_below(folder, ATTACHMENTS)


def _homes_in(path: Path) -> list[Path]:
    return sorted(home for home in path.glob(f"{_PREFIX}*") if (home / BACKUPS_FOLDER).is_dir())


def _files_of(own: Repository, manifest: Manifest) -> Iterator[File]:
    for name in SMALL_FILES:
        if (own.home / name).is_file():
            yield File(name, own.home / name)
    for path in dict.fromkeys(piece.path for piece in manifest.pieces):
        yield File(f"{BACKUPS_FOLDER}/{path}", own.home / BACKUPS_FOLDER / path)
    kept = f"{BACKUPS_FOLDER}/{KEPT}/{manifest.name}"
    yield File(kept, own.home / kept)
    yield from attachment_files(own.home)


def _files_below(folder: Traversable, path: str) -> Iterator[File]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _files_below(each, f"{path}/{each.name}")
        elif not each.name.endswith(".new"):
            yield File(f"{path}/{each.name}", each)


def _check(path: Path, own: Repository, manifest: Manifest, cancel: threading.Event | None) -> None:
    """Read the whole file again: every backup piece is decoded, everything else has its checksum."""
    with zipfile.ZipFile(path) as packed:
        copy = Repository(zipfile.Path(packed), own.seal)
        copy.verify(copy.manifest(manifest.name), cancel=cancel)
        for info in packed.infolist():
            with packed.open(info) as opened:
                for _ in _chunks(opened):
                    stop_if(cancel)


def _chunks(opened: IO[bytes]) -> Iterator[bytes]:
    while chunk := opened.read(_CHUNK):
        yield chunk


def _size(file: Traversable) -> int | None:
    """The bytes of a file on a disk or in a zip; None when it is not there."""
    if not file.is_file():
        return None
    if isinstance(file, zipfile.Path):
        return file.root.getinfo(file.at).file_size
    return Path(str(file)).stat().st_size

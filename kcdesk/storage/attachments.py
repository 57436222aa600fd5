"""The contents of pictures and scans: one encrypted file each, beside the database and named by what is in it.

    attachments/<sha256>              what a record names
    attachments/thumbnails/<sha256>   a small picture of it; can be made again, so it is never missed

Owns these files and the table `contents`, which says what this computer holds. A file is on disk before the table
says so, and the table says so before a record names it: after a cut something may lie here that nobody names, never
the other way round. The records themselves are of kind `attachments`.
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kcdesk.domain.clock import Randomness
from kcdesk.errors import NotFound, WorkspaceError
from kcdesk.storage.content_places import ContentPlace, ContentPlaces, forget_content
from kcdesk.storage.folder.durable import remove_durably, write_durably
from kcdesk.storage.keys.derive import derived_key
from kcdesk.storage.safety.check import Difference
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FOLDER = "attachments"
THUMBNAILS = "thumbnails"
PURPOSE = "kcdesk attachments"
UNNAMED_FOR_MS = 30 * 24 * 3_600_000
"""How long a content may lie unnamed: after a restore, changes that come back from the province name it again."""

_NONCE_BYTES = 12
_NAME = re.compile(r"[0-9a-f]{64}")

Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many; may raise to stop."""


class Attachments:
    """The contents kept in the workspace in `folder`. Belongs to the thread of its database."""

    def __init__(self, db: Database, folder: Path, key: bytes) -> None:
        self._db = db
        self._folder = folder / FOLDER
        self._key = key

    @cached_property
    def _seal(self) -> _Seal:
        return _Seal(self._key)

    def keep(self, content: bytes, thumbnail: bytes | None, randomness: Randomness) -> str:
        """Keep a content, once however often it comes; its SHA-256, by which a record may name it from now on.

        Raises `WorkspaceError` when it cannot be written.
        """
        name = hashlib.sha256(content).hexdigest()
        if self._content(name) is None:
            self._write(name, content, randomness)
        if thumbnail is not None and self.thumbnail(name) is None:
            self._write(f"{THUMBNAILS}/{name}", thumbnail, randomness)
        with transaction(self._db):
            self._db.execute("INSERT OR IGNORE INTO contents VALUES (?, ?)", (name, len(content)))
        return name

    def read(self, name: str) -> bytes:
        """The content of that SHA-256. Raises `NotFound` when it is not here, `WorkspaceError` when it is damaged."""
        content = self._content(name)
        if content is not None:
            return content
        if self.holds(name):
            raise WorkspaceError(
                "Tệp ảnh hoặc tài liệu này trên máy đã bị hỏng hoặc bị xoá mất.",
                hint="Tải lại từ tỉnh, khôi phục từ bản sao lưu, hoặc thêm lại chính tệp đó.",
                code="damaged",
            )
        raise NotFound(
            "Nội dung của ảnh hoặc tài liệu này không có trên máy này.",
            hint="Tải về từ tỉnh: kcdesk attachment fetch, hoặc nút “Tải về” trong cửa sổ.",
            code="no_content",
        )

    def thumbnail(self, name: str) -> bytes | None:
        """The small picture (JPEG) of a content, where there is a good one."""
        return self._content(f"{THUMBNAILS}/{name}")

    def holds(self, name: str) -> bool:
        """Whether this computer is to have the content."""
        query = "SELECT 1 FROM contents WHERE sha256 = ?"
        return self._db.execute(query, (name,)).fetchone() is not None

    def remove(self, name: str) -> None:
        """Take a content and its thumbnail off this computer."""
        with _told_plainly():
            for each in (f"{THUMBNAILS}/{name}", name):
                if (self._folder / each).exists():
                    remove_durably(self._folder / each)
        with transaction(self._db):
            forget_content(self._db, name)

    def check(self, progress: Progress | None = None) -> Iterator[Difference]:
        """Read every content that should be here, one after the other; the records of those that cannot be read."""
        names = [
            name for (name,) in self._db.execute("SELECT sha256 FROM contents ORDER BY sha256")
        ]
        for done, name in enumerate(names, start=1):
            content = self._content(name)
            if content is None or hashlib.sha256(content).hexdigest() != name:
                there = (self._folder / name).exists()
                what = "đã bị hỏng" if there else "không còn trên máy"
                at_province = ContentPlaces(self._db).place(name)[0] is ContentPlace.PROVINCE
                for record, title in self._records_of(name) or [(name, "")]:
                    again = f" Tải lại từ tỉnh: kcdesk attachment fetch {record}."
                    said = f"Tệp của ảnh, tài liệu “{title}” {what}."
                    yield Difference(FOLDER, record, "", said + (again if at_province else ""))
            if progress is not None:
                progress(done, len(names))

    def sweep(self, now: int) -> int:
        """Remove what no change of any record has named for a month, `now` in ms UTC; how many contents went.

        They are left by a cut between keeping a content and saving its record.
        """
        named = self.named()
        written: dict[str, int] = {}
        for path in _files(self._folder):
            at = path.stat().st_mtime_ns // 1_000_000
            written[path.name] = max(at, written.get(path.name, at))
        unnamed = [
            name for name, at in written.items() if now - at > UNNAMED_FOR_MS and name not in named
        ]
        for name in unnamed:
            self.remove(name)
        return len(unnamed)

    def named(self) -> frozenset[str]:
        """Every content that a change of any record names."""
        rows = self._db.execute(
            "SELECT json_extract(CAST(\"set\" AS TEXT), '$.sha256'),"
            " json_extract(CAST(\"set\" AS TEXT), '$.original_sha256')"
            " FROM changes WHERE kind = 'attachments'"
        )
        return frozenset(str(name) for row in rows for name in row if name is not None)

    def _records_of(self, name: str) -> list[tuple[str, str]]:
        return self._db.execute(
            "SELECT id, coalesce(title, '') FROM attachments"
            " WHERE sha256 = ? OR json_extract(rest, '$.original_sha256') = ? ORDER BY id",
            (name, name),
        ).fetchall()

    def _content(self, name: str) -> bytes | None:
        """What the file holds; None when it is not there or not as it was written."""
        if not _NAME.fullmatch(name.rpartition("/")[2]):
            return None  # a record from elsewhere may name anything
        try:
            return self._seal.open(name, (self._folder / name).read_bytes())
        except (OSError, ValueError):
            return None

    def _write(self, name: str, content: bytes, randomness: Randomness) -> None:
        path = self._folder / name
        with _told_plainly():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, self._seal.close(name, content, randomness))


def reseal(
    folder: Path,
    old_key: bytes,
    new_key: bytes,
    randomness: Randomness,
    progress: Progress | None = None,
) -> int:
    """Encrypt every file of the workspace in `folder` again under its new key; how many were still under the old.

    May be cut at any moment and repeated: a file under the new key already is left, one that opens with neither is
    damaged and left too. Raises `WorkspaceError` when a file cannot be written.
    """
    old, new = _Seal(old_key), _Seal(new_key)
    paths = list(_files(folder / FOLDER))
    changed = 0
    for done, path in enumerate(paths, start=1):
        name = path.relative_to(folder / FOLDER).as_posix()
        with _told_plainly():
            sealed = path.read_bytes()
            content = None if new.opens(name, sealed) else _opened(old, name, sealed)
            if content is not None:
                write_durably(path, new.close(name, content, randomness))
                changed += 1
        if progress is not None:
            progress(done, len(paths))
    return changed


class _Seal:
    """AES-256-GCM under the key that follows from a workspace key; a file is tied to its name."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        self._cipher: AESGCM = AESGCM(derived_key(key, PURPOSE))

    def close(self, name: str, content: bytes, randomness: Randomness) -> bytes:
        nonce = randomness(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, name.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        """Raises ValueError for what was not sealed so."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except InvalidTag:
            raise ValueError("not as it was sealed") from None

    def opens(self, name: str, sealed: bytes) -> bool:
        return _opened(self, name, sealed) is not None


def _opened(seal: _Seal, name: str, sealed: bytes) -> bytes | None:
    try:
        return seal.open(name, sealed)
    except ValueError:
        return None


def _files(folder: Path) -> Iterator[Path]:
    for each in (folder, folder / THUMBNAILS):
        if each.is_dir():
            yield from sorted(path for path in each.iterdir() if path.is_file())


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise WorkspaceError(
                "Ổ đĩa đã đầy, chưa cất được ảnh.",
                hint="Xoá bớt tệp không cần rồi làm lại.",
                code="disk_full",
            ) from error
        raise WorkspaceError(
            "Không ghi được vào thư mục ảnh của dữ liệu.",
            hint="Kiểm tra quyền ghi và chỗ trống của ổ đĩa.",
            code="read_only",
        ) from error

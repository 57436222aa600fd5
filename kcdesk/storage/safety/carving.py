"""Changes read out of a damaged database file, page by page, without SQLite.

SQLite gives up a whole branch of a table behind one bad page, and SQLCipher the whole connection. Here each page is
checked and decrypted by itself (SQLCipher 4: AES-256-CBC, HMAC-SHA512 over page and number; 80 bytes reserved), and
every cell of an index page that is a change is taken: https://www.sqlite.org/fileformat2.html, sections 1.5, 1.6 and
4. A page whose HMAC is wrong is not believed in any part. Pages that SQLite has freed are left alone.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from kcdesk.changes import Change, Value, check_form

PAGE = 4096
SALT_BYTES = 16
_USABLE = PAGE - 80
_IV = slice(_USABLE, _USABLE + 16)
_HMAC = slice(_USABLE + 16, PAGE)
_MAX_LOCAL = (_USABLE - 12) * 64 // 255 - 23
_MIN_LOCAL = (_USABLE - 12) * 32 // 255 - 23
_MAX_PAYLOAD = 4 << 20
_INDEX_LEAF, _INDEX_INTERIOR = 0x0A, 0x02
_WAL_HEADER, _FRAME_HEADER = 32, 24

Row = tuple[str, int, str, str, int, bytes, bytes]
"""device, n, kind, record, at, set, seen: as the table `changes` has them."""


@dataclass
class Carved:
    """What carving met on the way; counts rise while the rows are read."""

    pages: int = 0
    bad_pages: int = 0
    rows: int = 0


def salt_of(database: Path) -> bytes:
    """The salt at the start of the file, which the check of every page depends on."""
    with database.open("rb") as file:
        return file.read(SALT_BYTES)


def carve(
    database: Path, wal: Path, key: bytes, salts: Iterable[bytes], met: Carved
) -> Iterator[Row]:
    """The changes that readable pages of `database` and its `wal` hold; either may be missing.

    salts: what the salt of the file may be, when its own does not fit: of earlier backups
    Raises OSError.
    """
    frames = _committed_frames(wal)
    with _opened(database) as main, _opened(wal) as log:
        files = _Files(main, log, frames)
        for salt in [files.first_bytes(SALT_BYTES), *salts]:
            pages = _Pages(files, key, salt)
            if pages.any_readable():
                break
        free = pages.free()
        for number in files.numbers():
            met.pages += 1
            page = pages.read(number)
            if page is None:
                met.bad_pages += 1
            elif number not in free:
                for row in _rows_of(page, pages):
                    met.rows += 1
                    yield row


class _Files:
    """Encrypted pages by number: the newest committed frames of the log first, then the file itself."""

    def __init__(
        self, main: BinaryIO | None, log: BinaryIO | None, frames: Mapping[int, list[int]]
    ) -> None:
        self._main = main
        self._log = log
        self._frames = frames
        self._count = main.seek(0, 2) // PAGE if main is not None else 0

    def numbers(self) -> list[int]:
        return sorted({*range(1, self._count + 1), *self._frames})

    def first_bytes(self, size: int) -> bytes:
        if self._main is None:
            return b""
        self._main.seek(0)
        return self._main.read(size)

    def versions(self, number: int) -> Iterator[bytes]:
        """What stands for a page, newest first."""
        if self._log is not None:
            for offset in reversed(self._frames.get(number, ())):
                self._log.seek(offset)
                yield self._log.read(PAGE)
        if self._main is not None and number <= self._count:
            self._main.seek((number - 1) * PAGE)
            yield self._main.read(PAGE)


class _Pages:
    """Pages in clear, each only when its HMAC is right."""

    def __init__(self, files: _Files, key: bytes, salt: bytes) -> None:
        mask = bytes(byte ^ 0x3A for byte in salt)
        self._files = files
        self._key = key
        self._hmac_key = hashlib.pbkdf2_hmac("sha512", key, mask, 2, 32)

    def read(self, number: int) -> bytes | None:
        for page in self._files.versions(number):
            start = SALT_BYTES if number == 1 else 0
            signed = page[start : _IV.stop] + struct.pack("<I", number)
            if hmac.compare_digest(hmac.digest(self._hmac_key, signed, "sha512"), page[_HMAC]):
                return bytes(start) + self._decrypted(page[start:_USABLE], page[_IV])
        return None

    def any_readable(self) -> bool:
        return any(self.read(number) is not None for number in self._files.numbers()[:64])

    def free(self) -> set[int]:
        """The pages that SQLite has freed, as far as the list of them can be read."""
        first = self.read(1)
        found: set[int] = set()
        trunk = struct.unpack_from(">I", first, 32)[0] if first is not None else 0
        while trunk and trunk not in found:
            found.add(trunk)
            page = self.read(trunk)
            if page is None:
                break
            following, count = struct.unpack_from(">II", page)
            found.update(struct.unpack_from(f">{min(count, _USABLE // 4 - 2)}I", page, 8))
            trunk = following
        return found

    def _decrypted(self, data: bytes, iv: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(iv)).decryptor()
        return decryptor.update(data) + decryptor.finalize()


def _rows_of(page: bytes, pages: _Pages) -> Iterator[Row]:
    """The changes among the cells of a page."""
    kind = page[0]
    if kind not in (_INDEX_LEAF, _INDEX_INTERIOR):
        return
    interior = kind == _INDEX_INTERIOR
    (count,) = struct.unpack_from(">H", page, 3)
    pointers = 12 if interior else 8
    if pointers + 2 * count > _USABLE:
        return
    for (offset,) in struct.iter_unpack(">H", page[pointers : pointers + 2 * count]):
        try:
            payload = _payload(page, offset + 4 if interior else offset, pages)
            row = _row(payload) if payload is not None else None
        except (IndexError, struct.error, UnicodeDecodeError):
            continue  # a cell of another table, whose overflow page cannot be read
        if row is not None:
            yield row


def _payload(page: bytes, offset: int, pages: _Pages) -> bytes | None:
    size, offset = _varint(page, offset)
    if size > _MAX_PAYLOAD:
        return None
    if size <= _MAX_LOCAL:
        return page[offset : offset + size]
    local = _MIN_LOCAL + (size - _MIN_LOCAL) % (_USABLE - 4)
    if local > _MAX_LOCAL:
        local = _MIN_LOCAL
    parts = [page[offset : offset + local]]
    left = size - local
    (following,) = struct.unpack_from(">I", page, offset + local)
    while left > 0 and following:
        more = pages.read(following)
        if more is None:
            return None
        (following,) = struct.unpack_from(">I", more)
        parts.append(more[4 : 4 + min(left, _USABLE - 4)])
        left -= len(parts[-1])
    return b"".join(parts) if left == 0 else None


def _row(payload: bytes) -> Row | None:
    """The record (section 2.1 of the file format) as a change, or None when it is none."""
    header, at = _varint(payload, 0)
    types = []
    while at < header:
        type_, at = _varint(payload, at)
        types.append(type_)
    if len(types) < 7:
        return None
    values: list[object] = []
    for type_ in types[:7]:
        value, at = _value(payload, at, type_)
        values.append(value)
    match values:
        case [
            str() as device,
            int() as n,
            str() as kind,
            str() as record,
            int() as made,
            bytes() as set_,
            bytes() as seen,
        ]:
            try:
                change = Change(
                    device, n, kind, record, made, _decode_set(set_), _decode_seen(seen)
                )
            except msgspec.DecodeError:
                return None
            return None if check_form(change) else (device, n, kind, record, made, set_, seen)
        case _:
            return None


def _value(payload: bytes, at: int, type_: int) -> tuple[object, int]:
    if type_ in (8, 9):
        return type_ - 8, at
    if 1 <= type_ <= 6:
        size = (1, 2, 3, 4, 6, 8)[type_ - 1]
        return int.from_bytes(payload[at : at + size], "big", signed=True), at + size
    if type_ == 7:
        return None, at + 8  # a float: no column of a change
    if type_ >= 12:
        size = (type_ - 12) // 2
        data = payload[at : at + size]
        return (data.decode() if type_ % 2 else data), at + size
    return None, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for n in range(9):
        byte = data[at + n]
        if n == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + n + 1
    raise AssertionError


def _committed_frames(wal: Path) -> dict[int, list[int]]:
    """Page number -> where its frames stand in the log, oldest first: those up to the last commit.

    Frames of an earlier use of the file carry other salts. Checksums are not asked: a page has its HMAC.
    """
    found: list[tuple[int, int]] = []
    committed = 0
    with _opened(wal) as file:
        if file is None:
            return {}
        size = file.seek(0, 2)
        salts: bytes | None = None
        for start in range(_WAL_HEADER, size - _FRAME_HEADER - PAGE + 1, _FRAME_HEADER + PAGE):
            file.seek(start)
            header = file.read(_FRAME_HEADER)
            number, pages = struct.unpack_from(">II", header)
            salts = header[8:16] if salts is None else salts
            if header[8:16] == salts and number:
                found.append((number, start + _FRAME_HEADER))
                if pages:
                    committed = len(found)
    frames: dict[int, list[int]] = {}
    for number, offset in found[:committed]:
        frames.setdefault(number, []).append(offset)
    return frames


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | None]:
    """The file at `path`, None when there is none."""
    if not path.is_file():
        yield None
        return
    with path.open("rb") as file:
        yield file


_decode_set = msgspec.json.Decoder(dict[str, Value]).decode
_decode_seen = msgspec.json.Decoder(dict[str, int]).decode

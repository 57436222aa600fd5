"""The envelope of a parcel: what a finder or a relay sees of it, how it is closed, and how it opens.

    9 bytes    `kcparcel` and the version, 1
    2 bytes    length of the header, big-endian
    header     JSON, `Header`: the only part that can be read without a key
    age file   for one X25519 recipient; in it one zstd stream of sections, as in a body (`kcdesk/sync/format.py`)
    64 bytes   Ed25519 signature over `statement(SHA-512 of all bytes before)`

What is read was copied first, so that a stick that changes or is pulled out while it is read changes nothing. The copy
is as encrypted as the stick. Memory is bounded whatever the size. Leaves to others: what the sections mean
(`contents`), whose keys they are.
"""

from __future__ import annotations

import hashlib
import os
import queue
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Literal, Self, cast

import msgspec

from kcdesk.errors import BadInput
from kcdesk.sync import format as packing
from kcdesk.sync.protocol import is_signed

MAGIC = b"kcparcel\x01"
SIGNATURE_BYTES = 64
LARGEST_PARCEL = 2_000_000_000
"""Bytes of a file: what every file system of a stick takes, and less than an int of 31 bits."""
LARGEST_SECTIONS = 1_900_000_000
"""Bytes of sections in one file, before they are packed: packing never makes them larger than a parcel may be."""
LARGEST_CONTENT = 16 << 30
"""Bytes of sections of one parcel, unpacked. They are taken one by one; this ends a stream that never ends."""
FILE_ENDING = ".kcparcel"

_IN_MEMORY = 8 << 20
_HEADER_LIMIT = 4096

Kind = Literal["up", "down", "enrolment"]
Sign = Callable[[bytes], bytes]
"""Gives the Ed25519 signature of a statement."""


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """What anybody may read of a parcel. Nothing in it names a person or a device.

    id:       32 hexadecimal digits, random
    kind:     `up` to the province, `down` to a device, `enrolment` to whoever knows the code
    province: fingerprint of the province's signing key, as `protocol.device_id`
    answers:  of one that goes down, the ids of the parcels it answers
    salt:     of an enrolment, what goes with the code
    """

    id: str
    kind: Kind
    province: str
    answers: list[str] = []
    salt: bytes = b""


class BadParcel(BadInput):
    """A file that is no parcel, is damaged, or is for somebody else."""

    code = "bad_parcel"


def statement(digest: bytes) -> bytes:
    """What is signed; `digest`: SHA-512 of all bytes before the signature."""
    return f"kcdesk parcel\n{digest.hex()}".encode()


def write(
    target: IO[bytes], header: Header, recipient: str, sections: Iterable[bytes], sign: Sign
) -> int:
    """Write a parcel for one age recipient; returns its bytes. What `sections` or `target` raise goes through."""
    from pyrage import EncryptError, encrypt_io, x25519  # noqa: PLC0415

    out = _Hashing(target)
    said = msgspec.json.encode(header)
    out.write(MAGIC + len(said).to_bytes(2, "big") + said)
    source = _Source(packing.pack(sections))
    try:
        encrypt_io(source, out, [x25519.Recipient.from_str(recipient)])
    except EncryptError:
        if source.failed is None:
            raise
        raise source.failed from None
    signature = sign(statement(out.digest()))
    out.write(signature)
    return out.size


def write_file(
    path: Path, header: Header, recipient: str, sections: Iterable[bytes], sign: Sign
) -> int:
    """Write a parcel so that after a power cut the file is whole or not there; returns its bytes. Raises `BadInput`."""
    with _durable(path) as file:
        return write(file, header, recipient, sections, sign)


def write_bytes(path: Path, pieces: Iterable[bytes]) -> None:
    """Write the bytes of a parcel likewise. Raises `BadInput`."""
    with _durable(path) as file:
        file.writelines(pieces)


@contextmanager
def _durable(path: Path) -> Iterator[IO[bytes]]:
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _finish(new, path)
    except BaseException as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise BadInput(
            f"Không ghi được gói “{path.name}” vào “{path.parent}”: {error.strerror or error}.",
            hint="Kiểm tra thẻ nhớ còn chỗ và không bị khoá ghi, rồi ghi lại. Dữ liệu trên máy vẫn đầy đủ.",
            code="not_written",
        ) from error


def _finish(new: Path, path: Path) -> None:
    """Give a file that is on disk its name, durably. Raises OSError."""
    new.replace(path)
    if os.name != "nt":  # Windows does so by itself and cannot open a folder
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            with suppress(OSError):  # some file systems of sticks have no such call
                os.fsync(handle)
        finally:
            os.close(handle)


def read_header(path: Path) -> Header:
    """The header alone, believed by nobody yet. Raises `BadParcel`."""
    try:
        with path.open("rb") as file:
            return _header_of(file, path.name)
    except OSError as error:
        raise _unreadable(path.name, error) from error


class Parcel:
    """A parcel that was copied from where it came. A context manager.

    name: how it is called in sentences;  size: its bytes
    """

    def __init__(self, pieces: Iterable[bytes], name: str) -> None:
        """Raises `BadParcel`; what reading `pieces` raises goes through."""
        self.name = name
        self._file = cast(
            "IO[bytes]",
            tempfile.SpooledTemporaryFile(_IN_MEMORY),  # noqa: SIM115 -- closed by close()
        )
        try:
            self._copy(pieces)
        except BaseException:
            self._file.close()
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """Copy a file. Raises `BadParcel`."""
        try:
            if path.stat().st_size > LARGEST_PARCEL:
                raise too_large(path.name)
            with path.open("rb") as file:
                return cls(iter(lambda: file.read(packing.PIECE), b""), path.name)
        except OSError as error:
            raise _unreadable(path.name, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether every byte is as the owner of this key (Ed25519, 32 bytes) wrote it."""
        return is_signed(public_key, self._signature, statement(self._digest))

    def sections(self, identity: str) -> Iterator[bytes]:
        """The content, for the identity it was encrypted for.

        Raises `BadParcel` (`not_for_us` at the start for another identity's, `bad_parcel`), `BadBody`.
        """
        with closing(self._decrypted(identity)) as pieces:
            yield from packing.unpack(pieces, limit=LARGEST_CONTENT)

    def pieces(self) -> Iterator[bytes]:
        """All bytes as they came."""
        self._file.seek(0)
        yield from iter(lambda: self._file.read(packing.PIECE), b"")

    def _copy(self, pieces: Iterable[bytes]) -> None:
        digest, held, size = hashlib.sha512(), b"", 0
        for piece in pieces:
            size += len(piece)
            if size > LARGEST_PARCEL:
                raise too_large(self.name)
            self._file.write(piece)
            held += piece
            digest.update(held[:-SIGNATURE_BYTES])
            held = held[-SIGNATURE_BYTES:]
        self.size = size
        self._signature = held
        self._digest = digest.digest()
        self._file.seek(0)
        self.header = _header_of(self._file, self.name)
        self._start = self._file.tell()
        if size < self._start + SIGNATURE_BYTES:
            raise damaged(self.name)

    def _decrypted(self, identity: str) -> Generator[bytes, None, None]:
        """Clear pieces, pulled; the library pushes, so it runs on a thread of its own, a few pieces ahead."""
        from pyrage import DecryptError, decrypt_io, x25519  # noqa: PLC0415

        sink = _Sink()
        source = _Part(self._file, self._start, self.size - SIGNATURE_BYTES)
        key = x25519.Identity.from_str(identity)

        def work() -> None:
            try:
                decrypt_io(source, sink, [key])
                sink.end(None)
            except _Stopped:
                pass
            except Exception as error:  # noqa: BLE001 -- raised again where the pieces are pulled
                sink.end(error)

        thread = threading.Thread(target=work, name="parcel", daemon=True)
        thread.start()
        try:
            while piece := sink.take():
                yield piece
        except DecryptError:
            raise BadParcel(
                f"Gói “{self.name}” không dành cho nơi đang đọc nó, hoặc đã bị hỏng.",
                hint="Kiểm tra đúng thẻ nhớ, đúng tệp; nếu đúng, xin ghi lại gói này.",
                code="not_for_us",
            ) from None
        except OSError:
            raise damaged(self.name) from None
        finally:
            sink.stop()
            thread.join()


class _Stopped(Exception):
    """Nobody pulls any more."""


class _Sink:
    """Where the library writes to, and where pieces are taken from on another thread."""

    def __init__(self) -> None:
        self._pieces: queue.Queue[bytes | Exception] = queue.Queue(maxsize=8)
        self._stopped = threading.Event()

    def write(self, data: bytes) -> int:
        if self._stopped.is_set():
            raise _Stopped
        if data:
            self._pieces.put(bytes(data))
        return len(data)

    def flush(self) -> None:
        """The library asks for it."""

    def end(self, error: Exception | None) -> None:
        if not self._stopped.is_set():
            self._pieces.put(b"" if error is None else error)

    def take(self) -> bytes:
        piece = self._pieces.get()
        if isinstance(piece, Exception):
            raise piece
        return piece

    def stop(self) -> None:
        self._stopped.set()
        with suppress(queue.Empty):
            while True:  # one that waits to put goes on, and finds that nobody pulls
                self._pieces.get_nowait()


class _Hashing:
    """Writes through and keeps count."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha512()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._target.write(data)
        self._digest.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """The library asks for it; the file is flushed by who opened it."""

    def digest(self) -> bytes:
        return self._digest.digest()


class _Source:
    """An iterator of pieces as the file that the library reads from; remembers what went wrong in it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = filter(None, pieces)
        self._held = b""
        self.failed: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            if not self._held:
                self._held = next(self._pieces, b"")
        except BaseException as error:
            self.failed = error
            raise
        if size < 0:
            size = len(self._held)
        data, self._held = self._held[:size], self._held[size:]
        return data


class _Part:
    """Bytes `start` to `end` of a file, as a file to read from."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file = file
        self._left = end - start
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        data = self._file.read(size)
        self._left -= len(data)
        return data


def _header_of(file: IO[bytes], name: str) -> Header:
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        if magic[:-1] == MAGIC[:-1]:
            raise BadParcel(
                f"Gói “{name}” do một phiên bản kcdesk mới hơn ghi, hoặc đã bị hỏng.",
                hint="Cài phiên bản kcdesk mới nhất rồi đọc lại.",
                code="version",
            )
        raise BadParcel(
            f"Tệp “{name}” không phải là gói dữ liệu của kcdesk.",
            hint=f"Gói dữ liệu có tên kết thúc bằng {FILE_ENDING}.",
        )
    size = int.from_bytes(file.read(2), "big")
    said = file.read(size) if size <= _HEADER_LIMIT else b""
    try:
        header = _decode_header(said)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise damaged(name) from None
    if len(header.id) != 32 or not set(header.id) <= set("0123456789abcdef"):
        raise damaged(name)
    return header


def damaged(name: str) -> BadParcel:
    """What is said of a parcel that is not as it was written."""
    return BadParcel(
        f"Gói “{name}” đã bị hỏng hoặc bị sửa: không còn đúng như lúc được ghi.",
        hint="Không có gì được nhận từ gói này. Xin ghi lại gói, dùng thẻ nhớ khác nếu vẫn vậy.",
        code="damaged_parcel",
    )


def too_large(name: str) -> BadParcel:
    return BadParcel(
        f"Tệp “{name}” lớn hơn 2 GB nên không phải là một gói dữ liệu.",
        hint="Chọn đúng tệp gói dữ liệu.",
        code="too_large",
    )


def _unreadable(name: str, error: OSError) -> BadParcel:
    return BadParcel(
        f"Không đọc được tệp “{name}”: {error.strerror or error}.",
        hint="Kiểm tra thẻ nhớ đã cắm chắc và tệp còn trên thẻ.",
        code="unreadable",
    )


_decode_header = msgspec.json.Decoder(Header).decode

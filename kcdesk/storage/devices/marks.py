"""What this computer knows of a workspace outside of its file: how to tell the newest file from a copy of it.

A mark is a tiny file for each workspace and device: the instance tokens that the file may show, and the number and time
of the newest change this computer has seen committed. A file with another token is a copy, or was put back; a file with
fewer changes has lost some (docs/decisions/0013-going-on-as-a-new-device.md).

A mark is brought forward after each commit without waiting for the disk: after a power cut it may say less than the
file holds, and that proves nothing. What it must never do is say more, so it is written after the commit. Its tokens
do wait for the disk, for they are written before the file.

Two slots are written in turn, each with its own checksum, so a write that was cut short leaves the one before. Marks
hold no personal data: ids, tokens that mean nothing elsewhere, a number, a time. Leaves to others: what follows from
them (`identity`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path

import msgspec

from kcdesk.domain.clock import Randomness
from kcdesk.storage.folder.durable import sync_folder

SLOT = 512
"""Bytes of a slot: a sector of the oldest disks, which is written whole."""
_SUM = 16
_FOLLOWERS = 8
_TOKEN_BYTES = 16


class Mark(msgspec.Struct, frozen=True):
    """What a computer knows of one device of one workspace.

    tokens: what the file may show as its instance; n, at: number and time of its newest change
    then:   devices that files which showed no token of this mark went on as here, the newest last
    """

    tokens: tuple[str, ...]
    n: int
    at: int
    then: tuple[str, ...] = ()

    def followed_by(self, device: str) -> Mark:
        """The mark with one more device after it; the oldest of many are forgotten."""
        return msgspec.structs.replace(self, then=(*self.then, device)[-_FOLLOWERS:])


class _Slot(msgspec.Struct, frozen=True):
    turn: int
    mark: Mark


class MarksFail(Exception):
    """A mark cannot be read or written. No OSError: a transaction around it would take it for the workspace's own."""


class Marks:
    """The folder of this computer's marks; made when something is first written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, workspace: str, device: str) -> Mark | None:
        """The mark of a device, or None. Raises `MarksFail`."""
        try:
            with self.open(workspace, device) as file:
                return _newest(file).mark
        except (FileNotFoundError, LookupError):
            return None
        except OSError as error:
            raise MarksFail from error

    def if_readable(self, workspace: str, device: str) -> Mark | None:
        """The mark of a device, or None when there is none, or none that can be read."""
        with suppress(MarksFail):
            return self.read(workspace, device)
        return None

    def write(self, workspace: str, device: str, mark: Mark) -> None:
        """Put a mark in place of what is there, on disk when this returns. Raises `MarksFail`."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.open(workspace, device, create=True) as file:
                _put(file, mark)
                os.fsync(file.fileno())
            sync_folder(self._folder)
        except OSError as error:
            raise MarksFail from error

    def keeper(self, workspace: str) -> Keeper:
        return Keeper(self, workspace)

    def open(self, workspace: str, device: str, *, create: bool = False) -> FileIO:
        """The file of a mark, for reading and writing, unbuffered. Raises OSError."""

        def opener(path: str, flags: int) -> int:
            return os.open(path, flags | (os.O_CREAT if create else 0), 0o600)

        path = self._folder / f"{workspace}-{device}.mark"
        return FileIO(path, "r+", opener=opener)


class Keeper:
    """Brings the marks of one open workspace forward. Keeps the file open: a commit pays some microseconds for it."""

    def __init__(self, marks: Marks, workspace: str) -> None:
        self._marks = marks
        self._workspace = workspace
        self._device = ""
        self._file: FileIO | None = None

    def bring_forward(self, device: str, n: int, at: int) -> None:
        """Note that change `n` of `device` is committed. A mark that cannot be written stays behind: harmless."""
        with suppress(OSError, LookupError):
            if self._file is None or device != self._device:
                self.close()
                self._device, self._file = device, self._marks.open(self._workspace, device)
            known = _newest(self._file).mark
            if n > known.n:
                _put(self._file, msgspec.structs.replace(known, n=n, at=max(at, known.at)))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def new_token(randomness: Randomness) -> str:
    """A fresh instance token."""
    return randomness(_TOKEN_BYTES).hex()


def _put(file: FileIO, mark: Mark) -> None:
    """Write a mark over the older slot."""
    turn = 1 + max((slot.turn for slot in _slots(file)), default=0)
    said = _encode(_Slot(turn, mark))
    if _SUM + len(said) > SLOT:
        raise ValueError("a mark is small")
    file.seek(SLOT * (turn % 2))
    file.write((_sum(said) + said).ljust(SLOT))


def _newest(file: FileIO) -> _Slot:
    """The newer slot. Raises LookupError when none is whole."""
    slots = sorted(_slots(file), key=lambda slot: slot.turn)
    if not slots:
        raise LookupError
    return slots[-1]


def _slots(file: FileIO) -> Iterator[_Slot]:
    file.seek(0)
    content = file.read(2 * SLOT)
    for start in (0, SLOT):
        slot = content[start : start + SLOT].rstrip()
        said = slot[_SUM:]
        if said and slot[:_SUM] == _sum(said):
            with suppress(msgspec.MsgspecError):
                yield _decode(said)


def _sum(said: bytes) -> bytes:
    return hashlib.blake2b(said, digest_size=_SUM // 2).hexdigest().encode()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Slot).decode

"""The tail of a body: sixteen bytes by which a receiver knows that it has all of it, bit for bit.

zstd alone does not say so. A body may be cut where one frame ends and another should begin; a decoder that finds its
source empty inside a frame gives back nothing, as at the end; and some bits can change without another content coming
out. So a body ends with a skippable frame (RFC 8878, 3.1.2), which every zstd decoder passes over:

    4 bytes   magic number, 50 2A 4D 18
    4 bytes   length of what follows, little-endian: 8
    8 bytes   BLAKE2b of all bytes before

It is against damage, not against forgers: whoever makes a body makes its tail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

DIGEST_BYTES = 8
_START = bytes.fromhex("502a4d18") + DIGEST_BYTES.to_bytes(4, "little")
TAIL_BYTES = len(_START) + DIGEST_BYTES


class Cut(Exception):
    """The bytes do not end with their tail."""


def with_tail(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, and their tail."""
    digest = _digest()
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
    yield _START + digest.digest()


class Whole:
    """Pieces that end with their tail, as a file to read from, the tail included."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = filter(None, pieces)
        self._digest = _digest()
        self._last = b""

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 -- what comes, however long
        """The next piece; nothing at the end. Raises `Cut` there when something is missing or has changed."""
        piece = next(self._pieces, b"")
        if not piece and self._last != _START + self._digest.digest():
            raise Cut
        last = self._last + piece
        if piece:
            self._digest.update(last[:-TAIL_BYTES])
            self._last = last[-TAIL_BYTES:]
        return piece


def _digest() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=DIGEST_BYTES)

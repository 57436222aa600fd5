"""The chain of a device's changes: `h(n) = BLAKE2b(h(n-1) | change n)`, 32 bytes.

Two sides that hold the same `(n, h)` hold the same changes 1..n of that device, so delivery is a fact.
Nobody keeps the hash of a single change: only ends of ranges are stored, so an erased value cannot be
guessed back from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from kcdesk.changes.model import Change

HASH_BYTES = 32


def chain_start(device: str) -> bytes:
    """`h(0)` of a device."""
    return hashlib.blake2b(f"kcdesk chain {device}".encode(), digest_size=HASH_BYTES).digest()


def extend(h: bytes, changes: Iterable[Change]) -> bytes:
    """The chain hash after `changes`, which follow each other in number from the one `h` stands for."""
    for change in changes:
        h = hashlib.blake2b(h + change.canonical(), digest_size=HASH_BYTES).digest()
    return h

"""A change of the workspace key that a power cut may meet anywhere: the old key or the new one always opens.

While the change is under way the file `key-next.json` holds each of the two keys, encrypted under the other, and the
key file as it will be. It is there before the database is rewritten, which is the moment that counts, and goes when
every place holds the new key. Rewriting the database is `rekey`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kcdesk.domain.clock import Randomness
from kcdesk.storage.folder.durable import remove_durably, write_durably
from kcdesk.storage.keys.derive import derived_key
from kcdesk.storage.keys.place import KeySource
from kcdesk.storage.keys.system_keyring import KeyringKeys
from kcdesk.storage.keys.wrapped import Wraps, damaged, write_wraps

NEXT_KEY_FILE = "key-next.json"
_PURPOSE = "kcdesk next key"
_NONCE_BYTES = 12

Reseal = Callable[[bytes, bytes], object]
"""Encrypts what lies beside the database again, from the old key to the new; may be repeated after a cut."""


class _Announced(msgspec.Struct, frozen=True):
    """What `key-next.json` holds; bytes in hexadecimal.

    new:   the new key under the old;  old: the old key under the new
    wraps: the key file as it will be
    """

    new: str
    old: str
    wraps: Wraps


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A change under way in `folder`, of the workspace with this id."""

    folder: Path
    workspace: str
    old: bytes
    new: bytes
    wraps: Wraps

    def announce(self, randomness: Randomness) -> None:
        """Write the change down before anything changes. Raises OSError."""
        announced = _Announced(
            _sealed(self.old, self.new, self.workspace, randomness),
            _sealed(self.new, self.old, self.workspace, randomness),
            self.wraps,
        )
        write_durably(self.folder / NEXT_KEY_FILE, msgspec.json.encode(announced))

    def finish(self, keys: KeySource, reseal: Reseal) -> None:
        """The database has the new key: let every place follow, then forget the change. May be repeated."""
        write_wraps(self.folder, self.wraps)
        if isinstance(keys, KeyringKeys):
            keys.write(self.folder, self.workspace, self.new)
        reseal(self.old, self.new)
        self.forget()

    def forget(self) -> None:
        """Take back the announcement."""
        remove_durably(self.folder / NEXT_KEY_FILE)


def settle(
    folder: Path,
    workspace: str,
    key: bytes,
    keys: KeySource,
    *,
    opens: Callable[[bytes], bool],
    reseal: Reseal,
) -> bytes:
    """The key that opens the workspace, given the one that `keys` holds; ends a change that was cut off.

    opens: whether a key opens the database. A change that had not reached it is forgotten; one that had is brought
    to its end. Raises `NoKey`, `WrongKey`, OSError.
    """
    change = _announced(folder, workspace, key)
    if change is None:
        return key
    if opens(change.new):
        change.finish(keys, reseal)
        return change.new
    change.forget()
    return change.old


def _announced(folder: Path, workspace: str, key: bytes) -> KeyChange | None:
    """The change that `key`, the old one or the new one, belongs to; None when there is none."""
    path = folder / NEXT_KEY_FILE
    if not path.exists():
        return None
    try:
        announced = msgspec.json.decode(path.read_bytes(), type=_Announced)
        new = _opened(key, announced.new, workspace)
        old = _opened(key, announced.old, workspace)
    except (msgspec.DecodeError, ValueError):
        raise damaged(NEXT_KEY_FILE) from None
    if new is not None:
        return KeyChange(folder, workspace, key, new, announced.wraps)
    if old is not None:
        return KeyChange(folder, workspace, old, key, announced.wraps)
    return None


def _sealed(under: bytes, key: bytes, workspace: str, randomness: Randomness) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    nonce = randomness(_NONCE_BYTES)
    sealed = AESGCM(derived_key(under, _PURPOSE)).encrypt(nonce, key, workspace.encode())
    return (nonce + sealed).hex()


def _opened(under: bytes, sealed: str, workspace: str) -> bytes | None:
    """The key that was sealed under `under`; None when it was sealed under another."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    data = bytes.fromhex(sealed)
    try:
        return AESGCM(derived_key(under, _PURPOSE)).decrypt(
            data[:_NONCE_BYTES], data[_NONCE_BYTES:], workspace.encode()
        )
    except InvalidTag:
        return None

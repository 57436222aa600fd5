"""Sealing what a backup writes: AES-256-GCM (NIST SP 800-38D) under a key of its own.

The same content gives the same bytes, so that backups share pieces: the nonce is a keyed hash of the content. Only
who has the key can tell from it that two contents are equal.
"""

from __future__ import annotations

import hashlib

from kcdesk.errors import WorkspaceError
from kcdesk.storage.keys.derive import derived_key

_PURPOSE = "kcdesk backups"
_NONCE_BYTES = 12
_PRINT_BYTES = 16


class Damaged(WorkspaceError):
    """A piece or list of a backup that is not what was written."""

    code = "backup_damaged"


class Seal:
    """Seals and opens under the key of backups that follows from a workspace key of 32 bytes."""

    def __init__(self, workspace_key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        key = derived_key(workspace_key, _PURPOSE)
        self._aead = AESGCM(key)
        self._nonce_key = hashlib.blake2b(b"nonce", key=key).digest()
        self._print_key = hashlib.blake2b(b"print", key=key).digest()
        self.key_name = hashlib.blake2b(b"name", key=key, digest_size=4).hexdigest()
        """Eight hexadecimal digits that tell keys apart and say nothing about them."""

    def print_of(self, content: bytes) -> bytes:
        """A keyed hash by which the same content is known again: 16 bytes."""
        return hashlib.blake2b(content, digest_size=_PRINT_BYTES, key=self._print_key).digest()

    def close(self, purpose: str, content: bytes) -> bytes:
        """`content` sealed for `purpose`: nonce, ciphertext and tag."""
        nonce = hashlib.blake2b(content, digest_size=_NONCE_BYTES, key=self._nonce_key).digest()
        return nonce + self._aead.encrypt(nonce, content, purpose.encode())

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed for `purpose`. Raises `Damaged`."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        try:
            return self._aead.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise Damaged(
                "Một tệp của bản sao lưu bị hỏng, hoặc khoá không đúng.",
                hint="Dùng bản sao lưu khác: kcdesk backup --list.",
            ) from error

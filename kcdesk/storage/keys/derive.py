"""Keys that follow from the key of a workspace, one for each store beside the database."""

from __future__ import annotations

from kcdesk.storage.keys.size import KEY_BYTES


def derived_key(key: bytes, purpose: str) -> bytes:
    """The 32-byte key of the store named by `purpose` ("kcdesk attachments"), from the 32-byte workspace key.

    HKDF with SHA-256 (RFC 5869), no salt, `purpose` as info: the workspace key is random already.
    """
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    if len(key) != KEY_BYTES:
        raise ValueError("a workspace key has 32 bytes")
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)

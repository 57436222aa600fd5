"""The keys that parcels are encrypted with: age identities (X25519), beside the Ed25519 keys that sign.

A device or province keeps one secret of 32 bytes. It signs with it (Ed25519), and what parcels are opened with follows
from it by HKDF, so a copy, a branch or a workspace made by an older version needs no second secret kept in step. An
enrolment file is opened with an identity that follows from the code said by telephone.
"""

from __future__ import annotations

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
"""The alphabet of Bech32 (BIP-173)."""
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)

CODE_COST = 1 << 16
"""scrypt's N with r = 8: 64 MB for a moment. The file format's own passphrase mode takes a gigabyte when the file was
written on a fast server, more than an old laptop has; a code of 80 random bits needs no such cost."""


def parcel_identity(signing_key: bytes) -> str:
    """The age identity (`AGE-SECRET-KEY-1...`) that belongs to an Ed25519 private key of 32 bytes."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return age_identity(HKDF(SHA256(), 32, salt=None, info=b"kcdesk parcels").derive(signing_key))


def code_identity(code: str, salt: bytes) -> str:
    """The age identity that belongs to a code said by telephone; takes a fraction of a second, on purpose."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415

    return age_identity(Scrypt(salt, 32, CODE_COST, 8, 1).derive(plain_code(code).encode()))


def recipient_of(identity: str) -> str:
    """The public half of an identity (`age1...`)."""
    from pyrage import x25519  # noqa: PLC0415

    return str(x25519.Identity.from_str(identity).to_public())


def plain_code(code: str) -> str:
    """A code as it is compared: spaces, hyphens and small letters are how people type it.

    >>> plain_code(" k7qm-2xwf 9rta-P3HD ")
    'K7QM2XWF9RTAP3HD'
    """
    return "".join(filter(str.isalnum, code.upper()))


def age_identity(secret: bytes) -> str:
    """An X25519 secret of 32 bytes as age writes it: Bech32 with the prefix `age-secret-key-`, in capitals."""
    prefix = "age-secret-key-"
    bits = int.from_bytes(secret, "big") << 4  # 256 bits in groups of five need four more
    data = [bits >> shift & 31 for shift in range(255, -1, -5)]
    expanded = [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix)]
    check = _checksum([*expanded, *data, 0, 0, 0, 0, 0, 0]) ^ 1
    data += [check >> shift & 31 for shift in range(25, -1, -5)]
    return f"{prefix}1{''.join(_LETTERS[five] for five in data)}".upper()


def _checksum(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check

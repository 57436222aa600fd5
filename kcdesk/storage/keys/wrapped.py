"""The file `key.json`: the key of the workspace, wrapped by a passphrase, by a recovery code, or by both.

Owns the file and the wrapping (AES-256-GCM; scrypt for a passphrase, HKDF for a code, which needs no stretching).
What a passphrase or a code looks like is `passphrase` and `recovery_code`.
"""

from __future__ import annotations

import binascii
from pathlib import Path
from typing import Literal

import msgspec

from kcdesk.domain.clock import Randomness
from kcdesk.errors import NoKey, WrongKey
from kcdesk.storage.folder.durable import write_durably
from kcdesk.storage.keys.size import KEY_BYTES

WRAPPED_KEY_FILE = "key.json"

MAX_SCRYPT_BYTES = 256 << 20
"""Memory a key file may ask for: a damaged one must not take the whole machine."""

_SALT_BYTES, _NONCE_BYTES = 16, 12


class PassphraseWrap(msgspec.Struct, frozen=True):
    """The key under scrypt (RFC 7914) of a passphrase; bytes in hexadecimal."""

    kdf: Literal["scrypt"]
    n: int
    r: int
    p: int
    salt: str
    nonce: str
    wrapped: str


class CodeWrap(msgspec.Struct, frozen=True):
    """The key under HKDF-SHA256 (RFC 5869) of a recovery code; bytes in hexadecimal."""

    kdf: Literal["hkdf-sha256"]
    salt: str
    nonce: str
    wrapped: str


class Wraps(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `key.json` holds."""

    passphrase: PassphraseWrap | None = None
    recovery_code: CodeWrap | None = None


def read_wraps(folder: Path) -> Wraps:
    """The key file of the workspace in `folder`. Raises `NoKey` when it cannot be read, `WrongKey` when damaged."""
    path = folder / WRAPPED_KEY_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Wraps)
    except OSError:
        raise NoKey(
            f"Không đọc được tệp khoá {path.name} trong thư mục dữ liệu.",
            hint="Chép lại tệp này từ bản sao lưu của thư mục.",
        ) from None
    except msgspec.DecodeError:
        raise damaged() from None


def kept_wraps(folder: Path) -> Wraps:
    """What the key file holds that a new one takes over: nothing when there is none or it is damaged."""
    try:
        return read_wraps(folder)
    except (NoKey, WrongKey):
        return Wraps()


def write_wraps(folder: Path, wraps: Wraps) -> None:
    """Put the key file in place of the one that is there, durably. Raises OSError."""
    content = msgspec.json.format(msgspec.json.encode(wraps))
    write_durably(folder / WRAPPED_KEY_FILE, content)


def wrap_by_passphrase(
    key: bytes, passphrase: str, workspace: str, randomness: Randomness
) -> PassphraseWrap:
    """`key` as only this passphrase opens it, bound to the workspace with this id."""
    salt, nonce = randomness(_SALT_BYTES), randomness(_NONCE_BYTES)
    n, r, p = 1 << 15, 8, 1
    wrapped = _seal(_stretched(passphrase, salt, n, r, p), nonce, key, workspace)
    return PassphraseWrap("scrypt", n, r, p, salt.hex(), nonce.hex(), wrapped)


def wrap_by_code(key: bytes, code: bytes, workspace: str, randomness: Randomness) -> CodeWrap:
    """`key` as only this code opens it, bound to the workspace with this id."""
    salt, nonce = randomness(_SALT_BYTES), randomness(_NONCE_BYTES)
    wrapped = _seal(_expanded(code, salt), nonce, key, workspace)
    return CodeWrap("hkdf-sha256", salt.hex(), nonce.hex(), wrapped)


def unwrap(wrap: PassphraseWrap | CodeWrap, secret: str | bytes, workspace: str) -> bytes | None:
    """The key, or None when the passphrase or code does not fit. Raises `WrongKey` for a damaged wrap."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        salt, nonce, wrapped = map(bytes.fromhex, (wrap.salt, wrap.nonce, wrap.wrapped))
        if isinstance(wrap, PassphraseWrap):
            assert isinstance(secret, str)
            own = _stretched(secret, salt, wrap.n, wrap.r, wrap.p)
        else:
            assert isinstance(secret, bytes)
            own = _expanded(secret, salt)
        return AESGCM(own).decrypt(nonce, wrapped, workspace.encode())
    except InvalidTag:
        return None
    except (binascii.Error, ValueError):
        raise damaged() from None


def damaged(name: str = WRAPPED_KEY_FILE) -> WrongKey:
    """What is said of a key file that is none."""
    return WrongKey(f"Tệp khoá {name} đã bị hỏng.", hint="Chép lại tệp này từ bản sao lưu.")


def _seal(own: bytes, nonce: bytes, key: bytes, workspace: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(own).encrypt(nonce, key, workspace.encode()).hex()


def _stretched(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415

    if not (n > 1 and r > 0 and 0 < p <= 16 and 128 * n * r <= MAX_SCRYPT_BYTES):
        raise ValueError("scrypt parameters out of range")
    return Scrypt(salt=salt, length=KEY_BYTES, n=n, r=r, p=p).derive(passphrase.encode())


def _expanded(code: bytes, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"kcdesk recovery code").derive(code)

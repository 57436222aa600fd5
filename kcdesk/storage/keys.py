"""Where the key of a workspace lives: the system keyring, or a file beside it wrapped by a passphrase.

The key itself is 32 random bytes made once. Leaves to others: opening the file with it (`sqlite`).
"""

from __future__ import annotations

import binascii
import os
import queue
import re
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from kcdesk.domain.clock import Randomness
from kcdesk.errors import NoKey, WrongKey

KEY_BYTES = 32
SERVICE = "kcdesk"
KEYRING_TIMEOUT_S = 20.0
WRAPPED_KEY_FILE = "key.json"

MAX_SCRYPT_BYTES = 256 << 20
"""Memory a key file may ask for: a damaged one must not take the whole machine."""

_KEY_TEXT = re.compile(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}")

KeyMode = Literal["keyring", "passphrase"]


class Keys(Protocol):
    """A place that keeps one key per workspace id. Both methods raise `NoKey`; `read` also `WrongKey`."""

    mode: KeyMode

    def write(self, folder: Path, workspace: str, key: bytes) -> None: ...

    def read(self, folder: Path, workspace: str) -> bytes: ...


class KeyringKeys:
    """The operating system's keyring; the key is kept as 64 hexadecimal digits.

    The keyring may ask the user, hang or break: it is called on a thread of its own with a time limit.
    """

    mode: KeyMode = "keyring"

    def __init__(self, *, timeout_s: float = KEYRING_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s

    def write(self, folder: Path, workspace: str, key: bytes) -> None:  # noqa: ARG002
        def set_and_read_back() -> str | None:
            import keyring  # noqa: PLC0415

            keyring.set_password(SERVICE, workspace, key.hex())
            return keyring.get_password(SERVICE, workspace)

        if _ask(set_and_read_back, self._timeout_s) != key.hex():
            raise NoKey(
                "Kho khoá của máy không giữ lại khoá vừa ghi.",
                hint="Dùng mật khẩu riêng cho dữ liệu: --passphrase-file.",
            )

    def read(self, folder: Path, workspace: str) -> bytes:  # noqa: ARG002
        def get() -> str | None:
            import keyring  # noqa: PLC0415

            return keyring.get_password(SERVICE, workspace)

        text = _ask(get, self._timeout_s)
        if text is None:
            raise NoKey(
                "Kho khoá của máy không có khoá của dữ liệu này.",
                hint="Đăng nhập đúng tài khoản máy đã tạo dữ liệu, hoặc dùng bản sao lưu.",
            )
        if not _KEY_TEXT.fullmatch(text):
            raise WrongKey(
                "Khoá trong kho khoá của máy đã bị hỏng.", hint="Dùng bản sao lưu của dữ liệu."
            )
        return bytes.fromhex(text)


class WrappedKey(msgspec.Struct, frozen=True):
    """The file `key.json`: the key under scrypt (RFC 7914) and AES-256-GCM; bytes in hexadecimal."""

    kdf: Literal["scrypt"]
    n: int
    r: int
    p: int
    salt: str
    nonce: str
    wrapped: str


class PassphraseKeys:
    """The key in `key.json`, wrapped by a passphrase. Wrong passphrase and changed file are told alike.

    The passphrase counts in NFC: input methods write Vietnamese letters composed or decomposed.
    """

    mode: KeyMode = "passphrase"

    def __init__(self, passphrase: str, randomness: Randomness) -> None:
        if not passphrase:
            raise NoKey(
                "Mật khẩu đang để trống.", hint="Ghi mật khẩu vào dòng đầu của tệp mật khẩu."
            )
        self._passphrase = unicodedata.normalize("NFC", passphrase)
        self._randomness = randomness

    def write(self, folder: Path, workspace: str, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        salt, nonce = self._randomness(16), self._randomness(12)
        n, r, p = 1 << 15, 8, 1
        wrapped = AESGCM(self._derive(salt, n, r, p)).encrypt(nonce, key, workspace.encode())
        content = WrappedKey("scrypt", n, r, p, salt.hex(), nonce.hex(), wrapped.hex())
        path = folder / WRAPPED_KEY_FILE
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(content)))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    def read(self, folder: Path, workspace: str) -> bytes:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        path = folder / WRAPPED_KEY_FILE
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=WrappedKey)
            key = self._derive(bytes.fromhex(kept.salt), kept.n, kept.r, kept.p)
            return AESGCM(key).decrypt(
                bytes.fromhex(kept.nonce), bytes.fromhex(kept.wrapped), workspace.encode()
            )
        except OSError:
            raise NoKey(
                f"Không đọc được tệp khoá {path.name} trong thư mục dữ liệu.",
                hint="Chép lại tệp này từ bản sao lưu của thư mục.",
            ) from None
        except (msgspec.DecodeError, binascii.Error, ValueError):
            raise WrongKey(
                f"Tệp khoá {path.name} đã bị hỏng.", hint="Chép lại tệp này từ bản sao lưu."
            ) from None
        except InvalidTag:
            raise WrongKey(
                "Mật khẩu không đúng.", hint="Gõ lại mật khẩu; chú ý phím Caps Lock và bộ gõ."
            ) from None

    def _derive(self, salt: bytes, n: int, r: int, p: int) -> bytes:
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415

        if not (n > 1 and r > 0 and 0 < p <= 16 and 128 * n * r <= MAX_SCRYPT_BYTES):
            raise ValueError("scrypt parameters out of range")
        return Scrypt(salt=salt, length=KEY_BYTES, n=n, r=r, p=p).derive(self._passphrase.encode())


def read_passphrase(path: Path) -> str:
    """The first line of a passphrase file, without its line end. Raises `NoKey`."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()  # Notepad puts a mark before the text
    except (OSError, UnicodeDecodeError):
        raise NoKey(
            f"Không đọc được tệp mật khẩu “{path}”.", hint="Kiểm tra đường dẫn và quyền đọc tệp."
        ) from None
    return lines[0] if lines else ""


def _ask(call: Callable[[], str | None], timeout_s: float) -> str | None:
    """Run a keyring call with a time limit. A daemon thread: a keyring that hangs must not keep the program."""
    answer: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            answer.put(call())
        except Exception as error:  # noqa: BLE001 -- backends raise whatever they like (facts: locked, no display)
            answer.put(error)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        result = answer.get(timeout=timeout_s)
    except queue.Empty:
        raise NoKey(
            "Kho khoá của máy không trả lời.",
            hint="Mở khoá kho khoá (keyring) của máy rồi thử lại.",
        ) from None
    if isinstance(result, BaseException):
        raise NoKey(
            "Máy này không có kho khoá (keyring) dùng được, hoặc kho đang khoá.",
            hint="Mở khoá kho khoá rồi thử lại, hoặc dùng mật khẩu riêng: --passphrase-file TỆP.",
        ) from result
    return result

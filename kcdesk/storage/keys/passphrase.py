"""The key in `key.json`, wrapped by a passphrase."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import msgspec

from kcdesk.domain.clock import Randomness
from kcdesk.errors import NoKey, WrongKey
from kcdesk.storage.keys.place import KeyMode
from kcdesk.storage.keys.wrapped import (
    WRAPPED_KEY_FILE,
    PassphraseWrap,
    kept_wraps,
    read_wraps,
    unwrap,
    wrap_by_passphrase,
    write_wraps,
)


class PassphraseKeys:
    """The key under a passphrase. Wrong passphrase and changed file are told alike.

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

    def wrap(self, workspace: str, key: bytes) -> PassphraseWrap:
        """The key as this passphrase opens it."""
        return wrap_by_passphrase(key, self._passphrase, workspace, self._randomness)

    def write(self, folder: Path, workspace: str, key: bytes) -> None:
        """Wrap the key anew; a recovery code stays as it is."""
        wraps = msgspec.structs.replace(kept_wraps(folder), passphrase=self.wrap(workspace, key))
        write_wraps(folder, wraps)

    def read(self, folder: Path, workspace: str) -> bytes:
        wrap = read_wraps(folder).passphrase
        if wrap is None:
            raise WrongKey(
                f"Tệp khoá {WRAPPED_KEY_FILE} không có khoá nào mở bằng mật khẩu.",
                hint="Mở bằng mã khôi phục, hoặc chép lại tệp này từ bản sao lưu.",
            )
        key = unwrap(wrap, self._passphrase, workspace)
        if key is None:
            raise WrongKey(
                "Mật khẩu không đúng.", hint="Gõ lại mật khẩu; chú ý phím Caps Lock và bộ gõ."
            )
        return key


def read_passphrase(path: Path) -> str:
    """The first line of a passphrase file, without its line end. Raises `NoKey`."""
    return first_line(path, "mật khẩu")


def first_line(path: Path, what: str) -> str:
    """The first line of a file that holds a secret, called `what` in the sentence. Raises `NoKey`."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()  # Notepad puts a mark before the text
    except (OSError, UnicodeDecodeError):
        raise NoKey(
            f"Không đọc được tệp {what} “{path}”.", hint="Kiểm tra đường dẫn và quyền đọc tệp."
        ) from None
    return lines[0] if lines else ""

"""The key in `key.json`, wrapped by the recovery code that was printed when the workspace was made."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kcdesk.domain.clock import Randomness
from kcdesk.errors import NoKey, WrongKey
from kcdesk.storage.keys.passphrase import first_line
from kcdesk.storage.keys.recovery_code import read_code
from kcdesk.storage.keys.wrapped import (
    CodeWrap,
    kept_wraps,
    read_wraps,
    unwrap,
    wrap_by_code,
    write_wraps,
)


class RecoveryKeys:
    """The key under a recovery code. Raises `WrongKey` for a code that cannot be one, and names the wrong group."""

    def __init__(self, code: str) -> None:
        self._code = read_code(code).encode()

    def wrap(self, workspace: str, key: bytes, randomness: Randomness) -> CodeWrap:
        """The key as this code opens it."""
        return wrap_by_code(key, self._code, workspace, randomness)

    def write(self, folder: Path, workspace: str, key: bytes, randomness: Randomness) -> None:
        """Let this code open the workspace from now on, and no earlier one; a passphrase stays as it is."""
        wrap = self.wrap(workspace, key, randomness)
        write_wraps(folder, msgspec.structs.replace(kept_wraps(folder), recovery_code=wrap))

    def read(self, folder: Path, workspace: str) -> bytes:
        wrap = read_wraps(folder).recovery_code
        if wrap is None:
            raise NoKey(
                "Dữ liệu này không có mã khôi phục.",
                hint="Mở bằng mật khẩu, hoặc trên tài khoản máy đã tạo dữ liệu.",
            )
        key = unwrap(wrap, self._code, workspace)
        if key is None:
            raise WrongKey(
                "Mã khôi phục này không mở được dữ liệu.",
                hint="Có thể mã thuộc về dữ liệu khác, hoặc đã được thay: dùng tờ giấy mới nhất.",
            )
        return key


def read_recovery_code(path: Path) -> str:
    """The first line of a file that holds a recovery code. Raises `NoKey`."""
    return first_line(path, "mã khôi phục")

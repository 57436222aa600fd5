"""The key in the operating system's keyring, and every way in which a keyring lets one down.

A keyring may be absent, locked, slow or forgetful: it is called on a thread of its own with a time limit, what it
kept is read back, and each trouble has its own sentence.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable
from pathlib import Path

from kcdesk.errors import NoKey, WrongKey
from kcdesk.storage.keys.place import KeyMode
from kcdesk.storage.keys.size import KEY_BYTES

SERVICE = "kcdesk"
KEYRING_TIMEOUT_S = 20.0
FORGOT = "keyring_forgot"
"""Code of the error that says so: the recovery code opens the workspace and puts the key back."""

_KEY_TEXT = re.compile(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}")
_OTHER_WAY = "Mở khoá kho khoá rồi thử lại, hoặc dùng mật khẩu riêng: --passphrase-file TỆP."
_RECOVER = (
    "Đăng nhập đúng tài khoản máy đã tạo dữ liệu, hoặc mở bằng mã khôi phục:"
    " --recovery-code-file TỆP; khoá sẽ được ghi lại vào kho khoá."
)


class KeyringKeys:
    """The operating system's keyring; the key is kept as 64 hexadecimal digits, one entry per workspace id."""

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
                hint="Dùng mật khẩu riêng cho dữ liệu: --passphrase-file TỆP.",
            )

    def read(self, folder: Path, workspace: str) -> bytes:  # noqa: ARG002
        def get() -> str | None:
            import keyring  # noqa: PLC0415

            return keyring.get_password(SERVICE, workspace)

        text = _ask(get, self._timeout_s)
        if text is None:
            raise NoKey(
                "Kho khoá của máy không có khoá của dữ liệu này.", hint=_RECOVER, code=FORGOT
            )
        if not _KEY_TEXT.fullmatch(text):
            raise WrongKey("Khoá trong kho khoá của máy đã bị hỏng.", hint=_RECOVER, code=FORGOT)
        return bytes.fromhex(text)

    def forget(self, workspace: str) -> None:
        """Take the key out of the keyring; nothing happens when it is not there. Raises `NoKey`."""

        def delete() -> None:
            import keyring  # noqa: PLC0415

            if keyring.get_password(SERVICE, workspace) is not None:
                keyring.delete_password(SERVICE, workspace)

        _ask(delete, self._timeout_s)


def _ask(call: Callable[[], str | None], timeout_s: float) -> str | None:
    """Run a keyring call with a time limit. A daemon thread: a keyring that hangs must not keep the program."""
    answer: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            answer.put(call())
        except Exception as error:  # noqa: BLE001 -- backends raise whatever they like, not only KeyringError
            answer.put(error)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        result = answer.get(timeout=timeout_s)
    except queue.Empty:
        raise NoKey(
            "Kho khoá của máy không trả lời.",
            hint="Có thể kho khoá đang đợi mật khẩu: mở khoá nó rồi thử lại.",
        ) from None
    if isinstance(result, BaseException):
        raise _trouble(result) from result
    return result


def _trouble(error: BaseException) -> NoKey:
    from keyring.errors import InitError, KeyringLocked, NoKeyringError  # noqa: PLC0415

    match error:
        case NoKeyringError():
            return NoKey(
                "Máy này không có kho khoá (keyring) dùng được.",
                hint="Dùng mật khẩu riêng cho dữ liệu: --passphrase-file TỆP.",
            )
        case KeyringLocked() | InitError():
            return NoKey("Kho khoá (keyring) của máy đang khoá.", hint=_OTHER_WAY)
        case _:
            return NoKey("Kho khoá (keyring) của máy không làm việc.", hint=_OTHER_WAY)

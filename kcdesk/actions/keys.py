"""What opens a workspace: passphrase, keyring, recovery code, and a new key for all of them."""

from __future__ import annotations

import contextlib
import datetime

import msgspec

from kcdesk.actions.desk import Desk
from kcdesk.actions.people import on_shared_account
from kcdesk.errors import BadInput, NoKey, WorkspaceError
from kcdesk.storage.folder.description import DATABASE_FILE, describe, describe_as
from kcdesk.storage.folder.durable import remove_durably
from kcdesk.storage.keys import (
    KEY_BYTES,
    WRAPPED_KEY_FILE,
    KeyringKeys,
    PassphraseKeys,
    RecoveryKeys,
    make_code,
)
from kcdesk.storage.keys.rekey import rekey
from kcdesk.storage.keys.wrapped import Wraps, kept_wraps, write_wraps
from kcdesk.storage.sqlite import opens

IDLE_MINUTES = 10
MOST_IDLE_MINUTES = 240
_IDLE = "idle_minutes"


def new_recovery_code(desk: Desk) -> str:
    """A recovery code that opens this workspace from now on, and no earlier one does. Raises `WorkspaceError`.

    It has opened the workspace once, from the disk, before it is given out.
    """
    workspace = desk.workspace
    code = make_code(desk.randomness)
    try:
        RecoveryKeys(code).write(workspace.folder, workspace.id, workspace.key, desk.randomness)
    except OSError as error:
        raise _not_written() from error
    key = RecoveryKeys(code).read(workspace.folder, workspace.id)
    if not opens(workspace.folder / DATABASE_FILE, key):
        raise RuntimeError("a recovery code that does not open its workspace")
    return code


def recovery_page(person: str, code: str, on: datetime.date) -> bytes:
    """One A4 page with the recovery code, to print and put away: PDF bytes."""
    from kcdesk.documents.recovery_page import draw_recovery_page  # noqa: PLC0415 -- ReportLab

    return draw_recovery_page(person, code, on)


def set_passphrase(desk: Desk, passphrase: str) -> None:
    """Let `passphrase` open this workspace from now on, instead of the keyring or an earlier passphrase.

    Raises `NoKey` for an empty one, `WorkspaceError`.
    """
    workspace = desk.workspace
    keys = PassphraseKeys(passphrase, desk.randomness)
    description = describe(workspace.folder)
    try:
        keys.write(workspace.folder, workspace.id, workspace.key)
        describe_as(workspace.folder, msgspec.structs.replace(description, key=keys.mode))
    except OSError as error:
        raise _not_written() from error
    if description.key == "keyring":
        with contextlib.suppress(
            NoKey
        ):  # a keyring that forgot, or is not there, holds nothing to take out
            KeyringKeys().forget(workspace.id)


def use_keyring(desk: Desk) -> None:
    """Let the keyring of the computer account open this workspace from now on, and no passphrase.

    Raises `NoKey` when it does not keep the key, or when several people share the account; `WorkspaceError`.
    """
    workspace = desk.workspace
    if on_shared_account(workspace.folder):
        raise NoKey(
            "Nhiều người dùng chung tài khoản máy này, nên không dùng được kho khoá của máy:"
            " ai cũng mở được dữ liệu của nhau.",
            hint="Giữ mật khẩu riêng của mỗi người.",
        )
    keys = KeyringKeys()
    keys.write(workspace.folder, workspace.id, workspace.key)
    description = msgspec.structs.replace(describe(workspace.folder), key=keys.mode)
    wraps = msgspec.structs.replace(kept_wraps(workspace.folder), passphrase=None)
    try:
        describe_as(workspace.folder, description)
        if wraps == Wraps():
            remove_durably(workspace.folder / WRAPPED_KEY_FILE)
        else:
            write_wraps(workspace.folder, wraps)
    except OSError as error:
        raise _not_written() from error


def new_key(desk: Desk, passphrase: str | None) -> str:
    """Encrypt this workspace anew under another random key; the new recovery code. The desk must be the only one.

    passphrase: the one that opens the workspace, None when the keyring does. Attachments and kept backups follow.
    Raises `WorkspaceBusy`, `NoKey`, `WorkspaceError`; whatever happens on the way, what opened the workspace before,
    the recovery code aside, opens it afterwards.
    """
    workspace = desk.workspace
    new, code = desk.randomness(KEY_BYTES), make_code(desk.randomness)
    keys = KeyringKeys() if passphrase is None else PassphraseKeys(passphrase, desk.randomness)
    wraps = Wraps(
        passphrase=keys.wrap(workspace.id, new) if isinstance(keys, PassphraseKeys) else None,
        recovery_code=RecoveryKeys(code).wrap(workspace.id, new, desk.randomness),
    )
    try:
        rekey(workspace, keys, new=new, wraps=wraps, randomness=desk.randomness)
    except OSError as error:
        raise _not_written() from error
    return code


def idle_minutes(desk: Desk) -> int:
    """After how many minutes without a key or a click the window locks; 10 unless the person set another number."""
    kept = desk.workspace.setting(_IDLE)
    return int(kept) if kept is not None else IDLE_MINUTES


def set_idle_minutes(desk: Desk, minutes: int) -> None:
    """Raises `BadInput` for less than 1 minute or more than 4 hours."""
    if not 1 <= minutes <= MOST_IDLE_MINUTES:
        raise BadInput(
            f"Số phút tự khoá là từ 1 đến {MOST_IDLE_MINUTES}.", hint="Ghi một số phút khác."
        )
    desk.workspace.set_setting(_IDLE, str(minutes))


def _not_written() -> WorkspaceError:
    return WorkspaceError(
        "Không ghi được tệp khoá vào thư mục dữ liệu.",
        hint="Kiểm tra quyền ghi và chỗ trống của ổ đĩa rồi thử lại.",
        code="read_only",
    )

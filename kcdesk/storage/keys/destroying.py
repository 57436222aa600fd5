"""Destroying the key of a workspace for good, because the province revoked its device.

What is to be done is written down before anything is done (`revoked.json`), so what a cut left is finished at the next
start; from then on the workspace does not open. Whoever plants such a file could delete what lies beside it as well,
but not what the keyring holds: that goes only when the file proves that it was written with that very key. Whether the
province really said so is judged before (`sync.revocation`).

Destroyed are the entry in the keyring and every key file that the program made and can reach: beside the database, in
what was set aside or is being restored, in the second place of backups. The database stays, and nobody can read it.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from kcdesk.domain.clock import local_time
from kcdesk.errors import KcdeskError, KeyDestroyed, NoKey, WorkspaceError, WrongKey
from kcdesk.storage.folder.description import DESCRIPTION_FILE, Description, describe
from kcdesk.storage.folder.durable import remove_durably, write_durably
from kcdesk.storage.folder.swap import RESTORING, SET_ASIDE
from kcdesk.storage.keys.change import NEXT_KEY_FILE
from kcdesk.storage.keys.derive import derived_key
from kcdesk.storage.keys.system_keyring import FORGOT, KeyringKeys
from kcdesk.storage.keys.wrapped import WRAPPED_KEY_FILE

REVOKED_FILE = "revoked.json"
_KEY_FILES = tuple(name + end for name in (WRAPPED_KEY_FILE, NEXT_KEY_FILE) for end in ("", ".new"))


class Destruction(msgspec.Struct, frozen=True):
    """What `revoked.json` holds. Bytes in hexadecimal, the instant in ms UTC, of the province's clock.

    device:    the one that was revoked;  signature: its word that the key is gone, for the province
    url:       of the province's server; empty: none is known
    proof:     that it was written by somebody who had the key
    places:    where a second place of backups may hold more key files
    told:      the province has that word
    ca:        the authority that its server's certificate may be of (PEM); empty: none but the public ones
    """

    device: str
    province: str
    url: str
    revoked_at: int
    signature: str
    proof: str = ""
    places: tuple[str, ...] = ()
    told: bool = False
    ca: str = ""


def announced(folder: Path) -> Destruction | None:
    """What was begun in this folder; None: nothing.

    Raises `WorkspaceError` for a file that cannot be read: nothing opens then, and no key is destroyed on its word.
    """
    try:
        return msgspec.json.decode((folder / REVOKED_FILE).read_bytes(), type=Destruction)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise WorkspaceError(
            f"Không đọc được tệp {REVOKED_FILE} trong thư mục dữ liệu “{folder}”.",
            hint="Tệp này nói máy có bị tỉnh thu hồi không. Kiểm tra ổ đĩa, hoặc liên hệ trung tâm.",
            code="revoked_unreadable",
        ) from error


def announce(folder: Path, key: bytes, destruction: Destruction) -> Destruction:
    """Write down that `key`, of the workspace in `folder`, is to be destroyed; what was written. Raises OSError."""
    proved = msgspec.structs.replace(destruction, proof=_proof(key, destruction))
    write_durably(folder / REVOKED_FILE, msgspec.json.encode(proved))
    return proved


def note_told(folder: Path, destruction: Destruction) -> None:
    """Write down that the province knows. Raises OSError."""
    told = msgspec.structs.replace(destruction, told=True)
    write_durably(folder / REVOKED_FILE, msgspec.json.encode(told))


def finish(folder: Path, destruction: Destruction) -> bool:
    """Destroy every key of the workspace in `folder`, as far as that is possible now; whether it was. May be repeated.

    A second place that is not there does not count: the next start looks again.
    """
    descriptions = [found for home in _homes(folder) if (found := _described(home)) is not None]
    done = True
    for workspace in dict.fromkeys(each.id for each in descriptions):
        try:
            _forget(folder, workspace, destruction)
        except NoKey:  # where there is no keyring, and the key never was in one, nothing is wrong
            done &= not any(one.id == workspace and one.key == "keyring" for one in descriptions)
    for home in (*_homes(folder), *_second_homes(destruction.places, descriptions)):
        for name in _KEY_FILES:
            done &= _wiped(home / name)
    return done


def require_key(folder: Path) -> None:
    """Raises `KeyDestroyed` where a destruction was begun, after bringing it to its end as far as that is possible."""
    destruction = announced(folder)
    if destruction is not None:
        raise destroyed(destruction, done=finish(folder, destruction))


def destroyed(destruction: Destruction, *, done: bool) -> KeyDestroyed:
    """What the person is told."""
    day = local_time(destruction.revoked_at).strftime("%d/%m/%Y")
    when = f" ngày {day}" if destruction.revoked_at else ""
    who = destruction.province or "Tỉnh"
    if not done:
        return KeyDestroyed(
            f"{who} đã thu hồi máy này{when}: dữ liệu không mở được nữa, nhưng khoá chưa huỷ xong.",
            hint="Mở kho khoá của máy hoặc cho phép ghi vào thư mục dữ liệu, rồi mở lại kcdesk để huỷ nốt.",
        )
    return KeyDestroyed(
        f"{who} đã thu hồi máy này{when}: khoá của dữ liệu đã bị huỷ, dữ liệu trên máy không mở được nữa.",
        hint="Liên hệ trung tâm khuyến công của tỉnh. Muốn dùng lại máy này, xin mã đăng ký mới"
        " và tạo dữ liệu trong một thư mục khác.",
    )


def _forget(folder: Path, workspace: str, destruction: Destruction) -> None:
    """Take the key out of the keyring, if it is the one that the file was written with. Raises `NoKey`."""
    keyring = KeyringKeys()
    try:
        key = keyring.read(folder, workspace)
    except WrongKey:  # no key, whatever it is
        pass
    except NoKey as error:
        if error.code == FORGOT:
            return
        raise
    else:
        if not hmac.compare_digest(_proof(key, destruction), destruction.proof):
            return
    keyring.forget(workspace)


def _proof(key: bytes, destruction: Destruction) -> str:
    said = f"{destruction.device}\n{destruction.revoked_at}\n{destruction.signature}".encode()
    return hmac.digest(derived_key(key, "kcdesk revoked"), said, "sha256").hex()


def _homes(folder: Path) -> Iterator[Path]:
    """Where key files of the workspace may lie on this computer."""
    yield folder
    yield folder / RESTORING
    with suppress(OSError):
        yield from sorted((folder / SET_ASIDE).iterdir())


def _second_homes(places: Iterable[str], descriptions: Iterable[Description]) -> Iterator[Path]:
    workspaces = {each.id for each in descriptions}
    for place in places:
        for workspace in sorted(workspaces):
            with suppress(OSError):
                yield from Path(place).glob(f"kcdesk-{workspace[:8]}-*")


def _described(home: Path) -> Description | None:
    if not (home / DESCRIPTION_FILE).is_file():
        return None
    with suppress(KcdeskError):
        return describe(home)
    return None


def _wiped(path: Path) -> bool:
    """Overwrite a key file, then remove it; whether none is there. Some disks keep old bytes all the same."""
    try:
        if path.is_file():
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            remove_durably(path)
    except OSError:
        return False
    return True

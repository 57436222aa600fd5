"""The people of one computer account: each has a workspace of its own, and who shares has a passphrase of its own.

The first person's workspace lies in the default folder, the others' in `people/<name>` beside it. A workspace that
`--workspace` names anywhere else belongs to nobody's list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.desk import Desk, create_desk, data_folder, default_folder
from kcdesk.domain.clock import Clock, Randomness, system_clock, system_randomness
from kcdesk.domain.text import fold
from kcdesk.errors import KcdeskError, NoKey, NotFound
from kcdesk.storage.folder.description import describe
from kcdesk.storage.keys import KeyMode, Keys

PEOPLE_FOLDER = "people"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a workspace on this account. `key`: what opens it; None for one whose description is damaged."""

    name: str
    folder: Path
    key: KeyMode | None


def list_people() -> list[Person]:
    """Everybody with a workspace on this account, the first one first, the others by the name of their folder."""
    others = data_folder() / PEOPLE_FOLDER
    folders = [default_folder(), *(sorted(others.iterdir()) if others.is_dir() else ())]
    return [person for folder in folders if (person := _person(folder)) is not None]


def on_shared_account(folder: Path) -> bool:
    """Whether the workspace in `folder` is one of several on this account."""
    people = list_people()
    return len(people) > 1 and any(person.folder == folder for person in people)


def add_person(
    name: str,
    areas: Sequence[str],
    keys: Keys,
    *,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
) -> Desk:
    """Make a workspace for one more person of this account, and open it. Raises `KcdeskError`.

    Refused while somebody's workspace opens without a passphrase (`require_passphrases`), and without one for this.
    """
    people = list_people()
    require_passphrases(people)
    if people and keys.mode != "passphrase":
        raise NoKey(
            "Kho khoá của máy là của cả tài khoản, nên người thứ hai cần mật khẩu riêng.",
            hint="Đặt mật khẩu cho người này: --passphrase-file TỆP.",
        )
    folder = folder_for(name) if people else default_folder()
    return create_desk(
        folder, person=name, areas=areas, keys=keys, clock=clock, randomness=randomness
    )


def require_passphrases(people: Sequence[Person]) -> None:
    """Raise `NoKey` when the workspace of one of them opens by the keyring: whoever comes next could open it too."""
    for person in people:
        if person.key == "keyring":
            raise NoKey(
                f"Dữ liệu của {person.name} chưa có mật khẩu riêng, nên người khác dùng chung tài khoản máy"
                " sẽ mở được.",
                hint=f"{person.name} đặt mật khẩu trước: kcdesk key passphrase --new-passphrase-file TỆP.",
                code="first_needs_passphrase",
            )


def folder_for(name: str) -> Path:
    """A folder that nobody has yet, named after the person in plain letters."""
    plain = "-".join(
        "".join(letter for letter in word if letter.isascii() and letter.isalnum())
        for word in fold(name).split()
    ).strip("-")
    base = data_folder() / PEOPLE_FOLDER / (plain or "nguoi-dung")
    number, folder = 1, base
    while folder.exists():
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    return folder


def _person(folder: Path) -> Person | None:
    try:
        description = describe(folder)
    except NotFound:
        return None
    except KcdeskError:
        return Person(folder.name, folder, None)
    return Person(description.person or folder.name, folder, description.key)

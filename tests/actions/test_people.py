"""People who share a computer account: each has a workspace and a passphrase of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from kcdesk.actions.desk import Desk, create_desk, default_folder, open_desk_with
from kcdesk.actions.keys import set_passphrase, use_keyring
from kcdesk.actions.people import add_person, folder_for, list_people, on_shared_account
from kcdesk.domain.clock import system_randomness
from kcdesk.errors import KcdeskError, NoKey, WrongKey
from kcdesk.storage.keys import KeyringKeys, PassphraseKeys
from tests.storage.test_keys import InMemory

AREAS = ["02989"]


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemory]:
    """A computer account that nobody has used, with a keyring."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    before = keyring.get_keyring()
    backend = InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def passphrase(text: str) -> PassphraseKeys:
    return PassphraseKeys(text, system_randomness)


def add(name: str, text: str) -> Path:
    """A new person's folder."""
    desk = add_person(name, AREAS, passphrase(text) if text else KeyringKeys())
    with desk.workspace:
        return desk.workspace.folder


def opened(folder: Path, text: str) -> str:
    with open_desk_with(folder, passphrase(text)) as desk:
        return desk.workspace.person


def test_nobody_is_there_at_first() -> None:
    assert list_people() == []


def test_the_first_person_has_the_default_folder_and_may_use_the_keyring() -> None:
    assert add("Nguyễn Thị Hoa", "") == default_folder()
    (hoa,) = list_people()
    assert (hoa.name, hoa.folder, hoa.key) == ("Nguyễn Thị Hoa", default_folder(), "keyring")
    assert not on_shared_account(default_folder())


def test_the_second_waits_until_the_first_has_a_passphrase(account: InMemory) -> None:
    folder = add("Hoa", "")
    with pytest.raises(NoKey, match="Hoa chưa có mật khẩu riêng") as caught:
        add("Lò Văn Sơn", "mật khẩu của Sơn")
    assert caught.value.code == "first_needs_passphrase"
    assert len(list_people()) == 1
    with open_desk_with(folder, KeyringKeys()) as desk:
        set_passphrase(desk, "mật khẩu của Hoa")
    assert account.kept == {}  # the keyring belongs to the account and is not used any more
    son = add("Lò Văn Sơn", "mật khẩu của Sơn")
    assert son.name == "lo-van-son"
    assert [person.name for person in list_people()] == ["Hoa", "Lò Văn Sơn"]
    assert opened(folder, "mật khẩu của Hoa") == "Hoa"
    assert opened(son, "mật khẩu của Sơn") == "Lò Văn Sơn"
    for other, text in ((folder, "mật khẩu của Sơn"), (son, "mật khẩu của Hoa")):
        with pytest.raises(WrongKey):
            opened(other, text)


def test_who_shares_the_account_does_not_go_back_to_the_keyring() -> None:
    hoa = add("Hoa", "mật khẩu của Hoa")
    with open_desk_with(hoa, passphrase("mật khẩu của Hoa")) as desk:
        use_keyring(desk)
        set_passphrase(desk, "mật khẩu của Hoa")
    with pytest.raises(NoKey, match="người thứ hai cần mật khẩu"):
        add("Sơn", "")
    add("Sơn", "mật khẩu của Sơn")
    assert on_shared_account(hoa)
    with open_desk_with(hoa, passphrase("mật khẩu của Hoa")) as desk:
        with pytest.raises(NoKey, match="dùng chung tài khoản"):
            use_keyring(desk)
    assert [person.key for person in list_people()] == ["passphrase", "passphrase"]


def test_each_has_a_device_of_their_own() -> None:
    devices = set()
    for name in ("Hoa", "Sơn"):
        folder = add(name, f"mật khẩu của {name}")
        with open_desk_with(folder, passphrase(f"mật khẩu của {name}")) as desk:
            devices.add(desk.workspace.device_id)
    assert len(devices) == 2


def test_people_of_the_same_name_have_different_folders() -> None:
    add("Hoa", "mật khẩu 1")
    names = [add("Lý Thị Mẩy", f"mật khẩu {n}").name for n in (2, 3)]
    assert names == ["ly-thi-may", "ly-thi-may-2"]
    assert folder_for("../../Đặng").name == "dang"
    assert folder_for("李").name == "nguoi-dung"


def test_a_damaged_workspace_still_stands_in_the_list() -> None:
    folder = add("Hoa", "mật khẩu của Hoa")
    (folder / "workspace.json").write_bytes(b"{")
    (person,) = list_people()
    assert (person.name, person.key) == ("workspace", None)
    with pytest.raises(KcdeskError):
        opened(folder, "mật khẩu của Hoa")


def test_a_folder_that_was_named_belongs_to_nobodys_list(tmp_path: Path) -> None:
    desk: Desk = create_desk(
        tmp_path / "usb", person="Lan", areas=AREAS, keys=passphrase("mật khẩu của Lan")
    )
    desk.workspace.close()
    assert list_people() == []
    assert not on_shared_account(tmp_path / "usb")

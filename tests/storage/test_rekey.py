"""A new key: the old one opens nothing any more, and a cut at any moment costs nothing."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest

from kcdesk.actions.desk import shipped_units
from kcdesk.domain.clock import Randomness
from kcdesk.errors import WorkspaceBusy, WrongKey
from kcdesk.storage.edits import Edit
from kcdesk.storage.keys import (
    KeyringKeys,
    Keys,
    KeySource,
    PassphraseKeys,
    RecoveryKeys,
    derived_key,
    make_code,
)
from kcdesk.storage.keys import change as change_module
from kcdesk.storage.keys import rekey as rekey_module
from kcdesk.storage.keys.change import NEXT_KEY_FILE, KeyChange
from kcdesk.storage.keys.rekey import rekey
from kcdesk.storage.keys.wrapped import Wraps
from kcdesk.storage.workspace import Workspace
from tests.storage.test_keys import InMemory
from tests.storage.workspaces import NOW, marks_of

ONE, TWO = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
NEW = bytes(range(100, 132))
PICTURE = b"\xff\xd8 a picture"


class CutOffError(Exception):
    """The process ended here."""


@pytest.fixture
def passphrase(randomness: Randomness) -> PassphraseKeys:
    return PassphraseKeys("mật khẩu của Lan", randomness)


@pytest.fixture
def in_keyring() -> Iterator[KeyringKeys]:
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield KeyringKeys()
    keyring.set_keyring(before)


def make(folder: Path, keys: Keys) -> Workspace:
    chance = random.Random("rekey").randbytes
    workspace = Workspace.create(
        folder,
        keys,
        marks_of(folder),
        person="Lan",
        areas=["02989"],
        units=shipped_units(),
        clock=lambda: NOW,
        randomness=chance,
    )
    workspace.save([Edit("establishments", ONE, {"name": "Hộ Vàng A Páo"})])
    workspace.attachments.keep(PICTURE, None, chance)
    return workspace


def reopen(folder: Path, keys: KeySource) -> Workspace:
    return Workspace.open(
        folder,
        keys,
        marks_of(folder),
        units=shipped_units(),
        clock=lambda: NOW,
        randomness=random.Random("again").randbytes,
    )


def assert_whole(workspace: Workspace, key: bytes) -> None:
    assert workspace.key == key
    assert workspace.state("establishments", ONE).get("name") == "Hộ Vàng A Páo"
    (name,) = (path for path in (workspace.folder / "attachments").iterdir() if path.is_file())
    assert workspace.attachments.read(name.name) == PICTURE
    assert not (workspace.folder / NEXT_KEY_FILE).exists()


def test_after_a_new_key_the_old_one_opens_nothing(
    tmp_path: Path, passphrase: PassphraseKeys, randomness: Randomness
) -> None:
    folder = tmp_path / "workspace"
    workspace = make(folder, passphrase)
    old_code, code = make_code(randomness), make_code(randomness)
    RecoveryKeys(old_code).write(folder, workspace.id, workspace.key, randomness)
    shutil.copytree(folder, tmp_path / "copy")
    wraps = Wraps(
        passphrase.wrap(workspace.id, NEW), RecoveryKeys(code).wrap(workspace.id, NEW, randomness)
    )
    rekey(workspace, passphrase, new=NEW, wraps=wraps, randomness=randomness)
    workspace.save([Edit("establishments", TWO, {"name": "sau khi đổi"})])  # it goes on
    workspace.close()
    for keys in (passphrase, RecoveryKeys(code)):
        with reopen(folder, keys) as again:
            assert_whole(again, NEW)
            assert again.state("establishments", TWO).get("name") == "sau khi đổi"
    with pytest.raises(WrongKey):
        reopen(folder, RecoveryKeys(old_code))
    # whoever kept the old key file has a key that opens neither database nor picture
    shutil.copy(tmp_path / "copy" / "key.json", folder / "key.json")
    with pytest.raises(WrongKey):
        reopen(folder, passphrase)


def test_nobody_else_may_have_it_open(
    tmp_path: Path, passphrase: PassphraseKeys, randomness: Randomness
) -> None:
    folder = tmp_path / "workspace"
    with make(folder, passphrase) as workspace, reopen(folder, passphrase):
        with pytest.raises(WorkspaceBusy):
            rekey(workspace, passphrase, new=NEW, wraps=Wraps(), randomness=randomness)
        assert not (folder / NEXT_KEY_FILE).exists()


CUTS: dict[str, tuple[object, str, bool]] = {
    "before it is announced": (KeyChange, "announce", False),
    "announced": (Workspace, "change_key", False),
    "the database is changed": (KeyChange, "finish", True),
    "the key file is to be written": (change_module, "write_wraps", True),
    "the pictures are to be sealed": (rekey_module, "reseal", True),
    "all but the end": (KeyChange, "forget", True),
}
"""Where the process ends: directly before this is done. Then: whether the database has the new key."""


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("place", ["passphrase", "in_keyring"])
def test_a_cut_anywhere_leaves_a_workspace_that_opens(
    tmp_path: Path,
    cut: str,
    place: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    randomness: Randomness,
) -> None:
    keys: Keys = request.getfixturevalue(place)
    folder = tmp_path / "workspace"
    workspace = make(folder, keys)
    old = workspace.key
    wrap = keys.wrap(workspace.id, NEW) if isinstance(keys, PassphraseKeys) else None
    owner, name, changed = CUTS[cut]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, _end)
        with pytest.raises(CutOffError):
            rekey(workspace, keys, new=NEW, wraps=Wraps(wrap), randomness=randomness)
    workspace.close()
    for _ in range(2):
        with reopen(folder, keys) as again:
            assert_whole(again, NEW if changed else old)


def _end(*_: object, **__: object) -> None:
    raise CutOffError


def test_a_damaged_announcement_is_a_sentence(tmp_path: Path, passphrase: PassphraseKeys) -> None:
    folder = tmp_path / "workspace"
    make(folder, passphrase).close()
    damages: list[Callable[[], object]] = [
        lambda: (folder / NEXT_KEY_FILE).write_bytes(b"{"),
        lambda: (folder / NEXT_KEY_FILE).write_text('{"new": "zz", "old": "00", "wraps": {}}'),
    ]
    for damage in damages:
        damage()
        with pytest.raises(WrongKey, match=NEXT_KEY_FILE):
            reopen(folder, passphrase)


def test_an_announcement_of_another_key_is_nobodys(
    tmp_path: Path, passphrase: PassphraseKeys, randomness: Randomness
) -> None:
    folder = tmp_path / "workspace"
    make(folder, passphrase).close()
    foreign = KeyChange(folder, "other", derived_key(NEW, "x"), derived_key(NEW, "y"), Wraps())
    foreign.announce(randomness)
    with reopen(folder, passphrase) as workspace:
        assert workspace.state("establishments", ONE).get("name") == "Hộ Vàng A Páo"

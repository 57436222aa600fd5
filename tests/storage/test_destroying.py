"""A key that is destroyed: every copy that the program made, whatever cut it, and nobody else's."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from kcdesk.actions.desk import shipped_units
from kcdesk.domain.clock import Randomness
from kcdesk.errors import KeyDestroyed, WorkspaceError
from kcdesk.storage.backups.copying import second_home, update_second_place
from kcdesk.storage.edits import Edit
from kcdesk.storage.keys import (
    KeyringKeys,
    Keys,
    PassphraseKeys,
    RecoveryKeys,
    destroying,
    make_code,
)
from kcdesk.storage.keys.destroying import Destruction
from kcdesk.storage.workspace import Workspace
from tests.cli import file_keyring
from tests.storage.test_keys import InMemory, Raising
from tests.storage.test_rekey import ONE
from tests.storage.workspaces import NOW, marks_of

SAID = Destruction("0123456789abcdef", "Tỉnh Lào Cai", "", NOW, "aa" * 64)
EVENTS = frozenset(("os.rename", "os.remove"))


@pytest.fixture
def shared_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A keyring that a forked process shares; its file."""
    file = tmp_path / "keyring.json"
    monkeypatch.setenv("KCDESK_TEST_KEYRING", str(file))
    before = keyring.get_keyring()
    keyring.set_keyring(file_keyring.Keyring())
    yield file
    keyring.set_keyring(before)


def make(folder: Path, keys: Keys) -> Workspace:
    return Workspace.create(
        folder,
        keys,
        marks_of(folder),
        person="Lan",
        areas=["02989"],
        units=shipped_units(),
        clock=lambda: NOW,
        randomness=random.Random(str(folder)).randbytes,
    )


def reopen(folder: Path, keys: Keys) -> Workspace:
    return Workspace.open(
        folder,
        keys,
        marks_of(folder),
        units=shipped_units(),
        clock=lambda: NOW,
        randomness=random.Random("again").randbytes,
    )


def with_copies(folder: Path, keys: Keys, randomness: Randomness) -> tuple[bytes, Destruction]:
    """A workspace with a key file in each place where the program puts one; its key, and what destroys it."""
    with make(folder, keys) as workspace:
        workspace.save([Edit("establishments", ONE, {"name": "Hộ Vàng A Páo"})])
        RecoveryKeys(make_code(randomness)).write(folder, workspace.id, workspace.key, randomness)
        manifest = workspace.back_up("asked").manifest
        stick = folder.with_name(f"{folder.name}.stick")
        stick.mkdir(exist_ok=True)
        home = second_home(stick, workspace.id, workspace.backups.seal.key_name)
        update_second_place(workspace.backups, manifest, home)
        key = workspace.key
    aside = folder / "set-aside" / "2026-03-01-080000"
    aside.mkdir(parents=True)
    for name in ("workspace.json", "key.json"):
        shutil.copy(folder / name, aside / name)
    (folder / "key.json.new").write_bytes((folder / "key.json").read_bytes())
    assert len(key_files(folder)) == 4
    return key, Destruction(
        SAID.device, SAID.province, "", NOW, SAID.signature, places=(str(stick),)
    )


def key_files(folder: Path) -> list[Path]:
    """Every key file that is left, in the folder and on its stick."""
    places = (folder, folder.with_name(f"{folder.name}.stick"))
    return [found for place in places for found in place.rglob("key*.json*")]


def die_at(count: int, work: object) -> bool:
    """Do `work` in a process that is killed at its event number `count`; whether it came so far."""
    child = os.fork()
    if child == 0:
        left = count

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            writes = event == "open" and str(arguments[0]).endswith("keyring.json")
            if event in EVENTS or (writes and arguments[1] == "w"):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            work()  # type: ignore[operator]
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="killed processes are forked here")
def test_what_a_kill_left_is_finished_at_the_next_start(
    tmp_path: Path, shared_keyring: Path, randomness: Randomness
) -> None:
    """Killed at each file that is renamed or removed and at the keyring: all keys, or none, and never half at work."""
    count, killed, begun = 0, True, set()
    while killed:
        folder = tmp_path / str(count)
        key, said = with_copies(folder, KeyringKeys(), randomness)
        database = (folder / "workspace.db").read_bytes()

        def work(folder: Path = folder, key: bytes = key, said: Destruction = said) -> None:
            destroying.finish(folder, destroying.announce(folder, key, said))

        killed = die_at(count, work)
        if destroying.announced(folder) is None:  # nothing had begun: everything opens
            reopen(folder, KeyringKeys()).close()
            assert len(key_files(folder)) == 4
        else:
            begun.add(killed)
            with pytest.raises(KeyDestroyed) as told:
                reopen(folder, KeyringKeys())
            assert "Tỉnh Lào Cai đã thu hồi máy này ngày 02/03/2026" in told.value.message
            assert key_files(folder) == []
            assert key.hex() not in shared_keyring.read_text()
            assert (folder / "workspace.db").read_bytes() == database
            with pytest.raises(KeyDestroyed):
                reopen(folder, KeyringKeys())
        count += 1
    assert begun == {True, False}
    assert count > 5


def test_a_passphrase_opens_nothing_either(tmp_path: Path, randomness: Randomness) -> None:
    """On a machine without a keyring, which is no trouble."""
    keys = PassphraseKeys("mật khẩu của Lan", randomness)
    key, said = with_copies(tmp_path / "workspace", keys, randomness)
    folder = tmp_path / "workspace"
    assert destroying.finish(folder, destroying.announce(folder, key, said))
    assert key_files(folder) == []
    with pytest.raises(KeyDestroyed):
        reopen(folder, keys)


def test_a_second_place_that_comes_back_loses_its_key_then(
    tmp_path: Path, randomness: Randomness
) -> None:
    keys = PassphraseKeys("mật khẩu của Lan", randomness)
    folder = tmp_path / "workspace"
    key, said = with_copies(folder, keys, randomness)
    (tmp_path / "workspace.stick").rename(tmp_path / "away")
    destroying.finish(folder, destroying.announce(folder, key, said))
    (tmp_path / "away").rename(tmp_path / "workspace.stick")
    assert len(key_files(folder)) == 1
    with pytest.raises(KeyDestroyed):
        reopen(folder, keys)
    assert key_files(folder) == []


def test_a_keyring_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    good = InMemory()
    before = keyring.get_keyring()
    try:
        keyring.set_keyring(good)
        folder = tmp_path / "workspace"
        with make(folder, KeyringKeys()) as workspace:
            key = workspace.key
        keyring.set_keyring(Raising(keyring.errors.KeyringLocked()))
        assert not destroying.finish(folder, destroying.announce(folder, key, SAID))
        with pytest.raises(KeyDestroyed) as told:
            reopen(folder, KeyringKeys())
        assert "khoá chưa huỷ xong" in told.value.message
        assert good.kept
        keyring.set_keyring(good)
        with pytest.raises(KeyDestroyed) as told:
            reopen(folder, KeyringKeys())
        assert "đã bị huỷ" in told.value.message
        assert not good.kept
    finally:
        keyring.set_keyring(before)


def test_a_planted_file_takes_nothing_out_of_the_keyring(
    tmp_path: Path, shared_keyring: Path
) -> None:
    """Somebody knows the id of Lan's workspace, and makes her open a folder that says it was revoked."""
    folder, planted = tmp_path / "workspace", tmp_path / "planted"
    with make(folder, KeyringKeys()) as workspace:
        key = workspace.key
    planted.mkdir()
    shutil.copy(folder / "workspace.json", planted)
    destroying.announce(planted, bytes(32), SAID)
    with pytest.raises(KeyDestroyed):
        reopen(planted, KeyringKeys())
    assert key.hex() in shared_keyring.read_text()
    reopen(folder, KeyringKeys()).close()


@pytest.mark.parametrize("content", ["{", "", '{"device": 1}', None])
def test_a_file_that_cannot_be_read_destroys_nothing(tmp_path: Path, content: str | None) -> None:
    """A bad sector must not cost the key: nothing opens, and nothing is taken away."""
    folder = tmp_path / "workspace"
    keys = PassphraseKeys("một câu dài để mở dữ liệu", random.Random(1).randbytes)
    make(folder, keys).close()
    revoked = folder / destroying.REVOKED_FILE
    if content is None:
        revoked.mkdir()
    else:
        revoked.write_text(content)
    with pytest.raises(WorkspaceError) as told:
        reopen(folder, keys)
    assert told.value.code == "revoked_unreadable"
    assert (folder / "key.json").is_file()
    if content is None:
        revoked.rmdir()
    else:
        revoked.unlink()
    reopen(folder, keys).close()

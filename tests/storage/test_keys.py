"""Where the key of a workspace lives, and every way in which it cannot be had: one sentence each."""

from __future__ import annotations

import hmac
import os
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import msgspec
import pytest

from kcdesk.domain.clock import Randomness
from kcdesk.errors import KcdeskError, NoKey, WrongKey
from kcdesk.storage.keys import (
    WRAPPED_KEY_FILE,
    KeyringKeys,
    PassphraseKeys,
    RecoveryKeys,
    derived_key,
    make_code,
    read_passphrase,
)

KEY = bytes(range(32))


class InMemory(keyring.backend.KeyringBackend):
    """A keyring of one process."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Forgetful(InMemory):
    """Says yes and keeps nothing, as a keyring in a broken session does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Raising(InMemory):
    """Answers every question with the same error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error


class Hanging(InMemory):
    """Waits for a person who is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.someone_came = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.someone_came.wait()
        return None


@pytest.fixture
def use() -> Iterator[object]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def said(error: KcdeskError) -> None:
    """A sentence and a way on, in Vietnamese."""
    assert error.message.endswith(".")
    assert len(error.message) >= 20
    assert error.hint.endswith(".")


def test_the_keyring_keeps_a_key_for_each_workspace(tmp_path: Path, use: object) -> None:
    backend = InMemory()
    use(backend)  # type: ignore[operator]
    keys = KeyringKeys()
    keys.write(tmp_path, "one", KEY)
    keys.write(tmp_path, "two", KEY[::-1])
    assert keys.read(tmp_path, "one") == KEY
    assert keys.read(tmp_path, "two") == KEY[::-1]
    assert backend.kept["kcdesk", "one"] == KEY.hex()
    assert list(tmp_path.iterdir()) == []


def test_no_key_in_the_keyring(tmp_path: Path, use: object) -> None:
    use(InMemory())  # type: ignore[operator]
    with pytest.raises(NoKey) as caught:
        KeyringKeys().read(tmp_path, "unknown")
    said(caught.value)


def test_a_keyring_that_forgets_is_found_out_at_once(tmp_path: Path, use: object) -> None:
    use(Forgetful())  # type: ignore[operator]
    with pytest.raises(NoKey) as caught:
        KeyringKeys().write(tmp_path, "one", KEY)
    said(caught.value)


@pytest.mark.parametrize("kept", ["", "xyz", KEY.hex()[:-2], KEY.hex() + "00", "é" * 64])
def test_a_damaged_key_in_the_keyring(tmp_path: Path, use: object, kept: str) -> None:
    backend = InMemory()
    backend.kept["kcdesk", "one"] = kept
    use(backend)  # type: ignore[operator]
    with pytest.raises(WrongKey) as caught:
        KeyringKeys().read(tmp_path, "one")
    said(caught.value)


def test_a_keyring_that_hangs_keeps_nobody_waiting(tmp_path: Path, use: object) -> None:
    backend = Hanging()
    use(backend)  # type: ignore[operator]
    try:
        with pytest.raises(NoKey) as caught:
            KeyringKeys(timeout_s=0.05).read(tmp_path, "one")
        said(caught.value)
    finally:
        backend.someone_came.set()


def test_every_trouble_of_a_keyring_has_its_own_sentence(tmp_path: Path, use: object) -> None:
    errors = keyring.errors
    told = {}
    for error in (errors.NoKeyringError(), errors.KeyringLocked(), errors.InitError(), OSError(5)):
        use(Raising(error))  # type: ignore[operator]
        with pytest.raises(NoKey) as caught:
            KeyringKeys().read(tmp_path, "one")
        said(caught.value)
        told[type(error).__name__] = caught.value.message
    assert told["KeyringLocked"] == told["InitError"]
    assert len(set(told.values())) == 3


def test_a_keyring_forgets_on_request(tmp_path: Path, use: object) -> None:
    backend = InMemory()
    use(backend)  # type: ignore[operator]
    KeyringKeys().write(tmp_path, "one", KEY)
    KeyringKeys().forget("one")
    KeyringKeys().forget("one")  # gone already
    with pytest.raises(NoKey) as caught:
        KeyringKeys().read(tmp_path, "one")
    assert caught.value.code == "keyring_forgot"


def test_a_hanging_keyring_does_not_keep_the_program(tmp_path: Path) -> None:
    code = (
        "import threading, pathlib, keyring, keyring.backend\n"
        "class Hanging(keyring.backend.KeyringBackend):\n"
        "    priority = 1\n"
        "    def get_password(self, service, username): threading.Event().wait()\n"
        "    def set_password(self, service, username, password): threading.Event().wait()\n"
        "keyring.set_keyring(Hanging())\n"
        "from kcdesk.storage.keys import KeyringKeys\n"
        "from kcdesk.errors import NoKey\n"
        "try: KeyringKeys(timeout_s=0.05).read(pathlib.Path(), 'one')\n"
        "except NoKey as error: print(error.code)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert result.stdout == "no_key\n"


def test_no_keyring_at_all(tmp_path: Path) -> None:
    """Tests run with the failing backend of a machine without one (tests/conftest.py)."""
    assert os.environ["PYTHON_KEYRING_BACKEND"] == "keyring.backends.fail.Keyring"
    for ask in (
        lambda: KeyringKeys().write(tmp_path, "one", KEY),
        lambda: KeyringKeys().read(tmp_path, "one"),
    ):
        with pytest.raises(NoKey) as caught:
            ask()
        said(caught.value)
        assert "--passphrase-file" in caught.value.hint


def test_a_passphrase_opens_what_it_closed(tmp_path: Path, randomness: Randomness) -> None:
    PassphraseKeys("Mật khẩu của Lan", randomness).write(tmp_path, "one", KEY)
    assert PassphraseKeys("Mật khẩu của Lan", randomness).read(tmp_path, "one") == KEY
    file = (tmp_path / WRAPPED_KEY_FILE).read_bytes()
    assert KEY not in file
    assert KEY.hex().encode() not in file
    assert [path.name for path in tmp_path.iterdir()] == [WRAPPED_KEY_FILE]


def test_a_passphrase_is_the_same_however_its_letters_are_composed(
    tmp_path: Path, randomness: Randomness
) -> None:
    PassphraseKeys(unicodedata.normalize("NFD", "Đường về"), randomness).write(tmp_path, "a", KEY)
    composed = unicodedata.normalize("NFC", "Đường về")
    assert PassphraseKeys(composed, randomness).read(tmp_path, "a") == KEY


def test_a_new_passphrase_leaves_the_recovery_code(tmp_path: Path, randomness: Randomness) -> None:
    code = RecoveryKeys(make_code(randomness))
    PassphraseKeys("cũ", randomness).write(tmp_path, "one", KEY)
    code.write(tmp_path, "one", KEY, randomness)
    PassphraseKeys("mới", randomness).write(tmp_path, "one", KEY)
    assert code.read(tmp_path, "one") == PassphraseKeys("mới", randomness).read(tmp_path, "one")
    with pytest.raises(WrongKey):
        PassphraseKeys("cũ", randomness).read(tmp_path, "one")


def test_the_keys_of_the_stores_are_their_own(randomness: Randomness) -> None:
    purposes = ("kcdesk attachments", "kcdesk backups")
    keys = {derived_key(KEY, purpose) for purpose in purposes} | {KEY}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    # RFC 5869 with SHA-256, no salt: computed once with the reference formula, so that stores stay readable
    prk = hmac.digest(bytes(32), KEY, "sha256")
    assert derived_key(KEY, purposes[0]) == hmac.digest(prk, purposes[0].encode() + b"\1", "sha256")
    with pytest.raises(ValueError, match="32 bytes"):
        derived_key(b"short", purposes[0])


def test_a_wrong_passphrase(tmp_path: Path, randomness: Randomness) -> None:
    PassphraseKeys("đúng", randomness).write(tmp_path, "one", KEY)
    for passphrase, workspace in (("sai", "one"), ("đúng ", "one"), ("đúng", "another")):
        with pytest.raises(WrongKey) as caught:
            PassphraseKeys(passphrase, randomness).read(tmp_path, workspace)
        said(caught.value)


def _damages() -> dict[str, object]:
    return {
        "empty": lambda kept: b"",
        "no JSON": lambda kept: b"\xff\xfe key",
        "cut": lambda kept: _file(kept)[:-20],
        "no passphrase": lambda kept: b"{}",
        "a field missing": lambda kept: _file({k: v for k, v in kept.items() if k != "salt"}),
        "no hexadecimal": lambda kept: _file({**kept, "wrapped": "zz"}),
        "a short nonce": lambda kept: _file({**kept, "nonce": "00"}),
        "all the memory there is": lambda kept: _file({**kept, "n": 1 << 40}),
        "a gigabyte": lambda kept: _file({**kept, "n": 1 << 20, "r": 8}),
        "no power of two": lambda kept: _file({**kept, "n": 12345}),
        "nothing to do": lambda kept: _file({**kept, "n": 0}),
        "another method": lambda kept: _file({**kept, "kdf": "md5"}),
        "one bit": lambda kept: _file(
            {**kept, "wrapped": f"{int(kept['wrapped'][0], 16) ^ 1:x}" + kept["wrapped"][1:]}
        ),
    }


def _file(kept: dict[str, object]) -> bytes:
    return msgspec.json.encode({"passphrase": kept})


@pytest.mark.parametrize("damage", _damages())
def test_a_damaged_key_file(tmp_path: Path, randomness: Randomness, damage: str) -> None:
    keys = PassphraseKeys("đúng", randomness)
    keys.write(tmp_path, "one", KEY)
    path = tmp_path / WRAPPED_KEY_FILE
    kept = msgspec.json.decode(path.read_bytes())["passphrase"]
    path.write_bytes(_damages()[damage](kept))  # type: ignore[operator]
    with pytest.raises(WrongKey) as caught:
        keys.read(tmp_path, "one")
    said(caught.value)


def test_no_key_file(tmp_path: Path, randomness: Randomness) -> None:
    with pytest.raises(NoKey) as caught:
        PassphraseKeys("đúng", randomness).read(tmp_path, "one")
    said(caught.value)
    (tmp_path / WRAPPED_KEY_FILE).mkdir()
    with pytest.raises(NoKey):
        PassphraseKeys("đúng", randomness).read(tmp_path, "one")


def test_a_passphrase_file_is_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "pass"
    for content in ("một hai\n", "một hai", "\ufeffmột hai\r\nghi chú\r\n"):
        path.write_bytes(content.encode())
        assert read_passphrase(path) == "một hai"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe\x00"])
def test_a_passphrase_file_that_is_none(
    tmp_path: Path, randomness: Randomness, content: bytes | None
) -> None:
    path = tmp_path / "pass"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NoKey) as caught:
        PassphraseKeys(read_passphrase(path), randomness)
    said(caught.value)

"""The command line as people and programs use it: in this process, or in one of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import keyring
import pytest

from kcdesk.cli import main
from tests.cli import file_keyring
from tests.storage.workspaces import REGISTER

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


@dataclass
class Kcdesk:
    """Runs commands on one workspace."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    passphrase: Path | None = None

    @property
    def where(self) -> list[str]:
        locked = ["--passphrase-file", str(self.passphrase)] if self.passphrase else []
        return ["--workspace", str(self.folder), *locked]

    def __call__(self, *words: object) -> Result:
        """In this process."""
        self.capture.readouterr()
        status = main([*self.where, *map(str, words)])
        out, err = self.capture.readouterr()
        return Result(status, out, err)

    def json(self, *words: object) -> Any:
        """What the command says with --json; it must succeed."""
        result = self(*words, "--json")
        assert result.status == 0, result
        return result.json

    def process(self, *words: object) -> Result:
        """In a process of its own."""
        return process(*self.where, *words)


def process(*words: object, **environment: str) -> Result:
    done = subprocess.run(
        [sys.executable, "-m", "kcdesk", *map(str, words)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="session")
def keyring_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "keyring.json"


@pytest.fixture
def _keyring(keyring_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A keyring for this process and those it starts."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.cli.file_keyring.Keyring")
    monkeypatch.setenv("KCDESK_TEST_KEYRING", str(keyring_file))
    before = keyring.get_keyring()
    keyring.set_keyring(file_keyring.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def kcdesk(tmp_path: Path, capsys: pytest.CaptureFixture[str], _keyring: None) -> Kcdesk:
    """With a workspace not made yet, its key in a keyring."""
    return Kcdesk(tmp_path / "workspace", capsys)


@pytest.fixture
def locked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Kcdesk:
    """With a workspace that a passphrase opens, on a machine without a keyring."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("Mật khẩu của Lan\n", "utf-8")
    made = Kcdesk(tmp_path / "workspace", capsys, passphrase)
    assert made("init", "--name", "Lan", "--area", "old:10").status == 0
    return made


@pytest.fixture
def lan(kcdesk: Kcdesk) -> Kcdesk:
    """With an empty workspace for the former province of Lào Cai."""
    assert kcdesk("init", "--name", "Lan", "--area", "old:10").status == 0
    return kcdesk


@pytest.fixture
def register(
    kcdesk: Kcdesk,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Kcdesk:
    """With the whole register, imported through the command line once per process.

    With the copy comes what a computer knows of it: otherwise what one test wrote is missing in the next one's file.
    """
    imported = _imported(tmp_path_factory.getbasetemp())
    shutil.copytree(imported / "workspace", kcdesk.folder)
    shutil.copytree(imported / "state", tmp_path / "state")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return kcdesk


@cache
def _imported(base: Path) -> Path:
    folder = base / "cli-register"
    where = ["--workspace", str(folder / "workspace")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        assert main([*where, "init", "--name", "Lan", "--area", "old:10"]) == 0
        assert main([*where, "import", "establishments", str(REGISTER)]) == 0
    return folder

"""The real keyring of a Linux desktop (Secret Service, gnome-keyring): unlocked, locked, absent, forgetful.

Each session is a D-Bus of its own with a home of its own, so nothing of the machine's is touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.storage.test_keys import KEY

pytestmark = pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-run-session") is None,
    reason="gnome-keyring is not installed",
)

NO_SERVICES = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir={folder}</listen>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""

ASK = """
import json, sys
from pathlib import Path
import keyring
from kcdesk.errors import KcdeskError
from kcdesk.storage.keys import KeyringKeys
said = {}
keys = KeyringKeys(timeout_s=15)
for word in sys.argv[1:]:
    try:
        if word == "write": keys.write(Path(), "one", bytes(range(32)))
        elif word == "read": said["key"] = keys.read(Path(), "one").hex()
        elif word == "forget": keys.forget("one")
    except KcdeskError as error:
        said[word] = [error.code, error.message]
said["backend"] = type(keyring.get_keyring()).__module__
print(json.dumps(said))
"""


@dataclass(frozen=True)
class Desktop:
    """A computer account with a keyring that `password` opens."""

    home: Path

    def session(
        self, *command: str, password: str | None = "ci"
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a new session; without a password in one that offers no keyring."""
        if password is None:
            config = self.home / "bus.conf"
            config.write_text(NO_SERVICES.format(folder=self.home))
            start = ["dbus-run-session", f"--config-file={config}", "--", *command]
        else:
            unlock = (
                'printf %s "$0" | gnome-keyring-daemon --unlock --components=secrets >/dev/null'
                ' && exec "$@"'
            )
            start = ["dbus-run-session", "--", "sh", "-c", unlock, password, *command]
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"PYTHON_KEYRING_BACKEND", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS"}
            and not name.startswith("XDG_")
        }
        return subprocess.run(
            start,
            env={**environment, "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def ask(self, *words: str, password: str | None = "ci") -> dict[str, object]:
        done = self.session(sys.executable, "-c", ASK, *words, password=password)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def kcdesk(self, *words: object, password: str | None = "ci") -> tuple[int, dict[str, object]]:
        """Status and JSON of a command."""
        done = self.session(
            sys.executable, "-m", "kcdesk", *map(str, words), "--json", password=password
        )
        assert done.returncode in {0, 1}, done.stderr
        return done.returncode, dict(json.loads(done.stdout))


@pytest.fixture
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Desktop:
    home = tmp_path_factory.mktemp("h")  # the path of a socket may not be long
    home.chmod(0o700)
    return Desktop(home)


def test_the_key_is_there_in_the_next_session(desktop: Desktop) -> None:
    said = desktop.ask("write")
    assert said == {"backend": "keyring.backends.SecretService"}
    assert desktop.ask("read")["key"] == KEY.hex()
    locked = desktop.ask("read", password="another")
    assert locked["read"] == ["no_key", "Kho khoá (keyring) của máy đang khoá."]
    assert "read" not in desktop.ask("read")  # locked is not lost
    assert "forget" not in desktop.ask("forget")
    assert desktop.ask("read")["read"] == [
        "keyring_forgot",
        "Kho khoá của máy không có khoá của dữ liệu này.",
    ]


def test_without_a_service_there_is_no_keyring(desktop: Desktop) -> None:
    said = desktop.ask("write", "read", password=None)
    absent = ["no_key", "Máy này không có kho khoá (keyring) dùng được."]
    assert (said["write"], said["read"]) == (absent, absent)


def test_a_keyring_that_forgot_gets_its_key_back_by_the_recovery_code(
    desktop: Desktop, tmp_path: Path
) -> None:
    where = ("--workspace", tmp_path / "workspace")
    status, made = desktop.kcdesk(*where, "init", "--name", "Lan", "--area", "02989")
    assert status == 0
    assert desktop.kcdesk(*where, "status")[0] == 0
    shutil.rmtree(desktop.home / ".local" / "share" / "keyrings")
    status, refused = desktop.kcdesk(*where, "status")
    assert (status, refused["error"]["code"]) == (1, "keyring_forgot")  # type: ignore[index]
    code = tmp_path / "code.txt"
    code.write_text(str(made["recovery_code"]).lower())
    assert desktop.kcdesk(*where, "--recovery-code-file", code, "status")[0] == 0
    assert desktop.kcdesk(*where, "status")[0] == 0

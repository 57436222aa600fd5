"""scripts/setup and its callers, on a small copy of the project and a machine made of recorded commands.

The commands that reach out of the project (apt-get, sudo, python3 -m venv, pip) are replaced by ones that write down
how they were called; everything else is the real bash, sha256sum and so on.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent

REAL_TOOLS = (
    "bash",
    "cat",
    "dirname",
    "env",
    "flock",
    "mkdir",
    "readlink",
    "rm",
    "sh",
    "sha256sum",
    "touch",
)

OFFSCREEN = (
    "libEGL.so.1",
    "libGL.so.1",
    "libgthread-2.0.so.0",
    "libfontconfig.so.1",
    "libxkbcommon.so.0",
    "libdbus-1.so.3",
    "libbrotlidec.so.1",
)
X11 = (
    "libxkbcommon-x11.so.0",
    "libxcb-cursor.so.0",
    "libxcb-icccm.so.4",
    "libxcb-keysyms.so.1",
    "libxcb-shape.so.0",
)
TOOLS_OF_TESTS = ("Xvfb", "dbus-run-session", "gnome-keyring-daemon", "strace", "pg_createcluster")
WAYLAND = ("libwayland-cursor.so.0", "libwayland-egl.so.1")

PYTHON = """#!/bin/sh
# python3: knows its version, has ensurepip, and makes virtual environments whose python writes down what pip is asked.
case "$*" in
    *version_info*) exit {old} ;;
    *ensurepip*) exit {no_ensurepip} ;;
    "-m venv .venv")
        echo "venv" >> {log}
        mkdir -p .venv/bin
        cat > .venv/bin/python <<'EOF'
#!/bin/sh
echo "$*" >> {log}
exit $(cat {pip_status})
EOF
        cat > .venv/bin/kcdesk <<'EOF'
#!/bin/sh
echo "kcdesk $*"
EOF
        chmod +x .venv/bin/python .venv/bin/kcdesk ;;
esac
"""


class Machine:
    """A copy of the project in `root`, and a PATH of its own in `bin`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.bin = folder / "bin"
        self.log = folder / "log"
        self.pip_status = folder / "pip-status"
        self.bin.mkdir()
        (self.root / "scripts").mkdir(parents=True)
        (self.root / "kcdesk").mkdir()
        for name in (
            "run",
            "scripts/setup",
            "requirements.lock",
            "requirements-dev.lock",
            "pyproject.toml",
        ):
            shutil.copy(PROJECT / name, self.root / name)
        shutil.copy(PROJECT / "kcdesk/__init__.py", self.root / "kcdesk")
        for tool in (*REAL_TOOLS, "chmod"):
            real = shutil.which(tool)
            assert real is not None, tool
            (self.bin / tool).symlink_to(real)
        self.install_python()
        self.have(*OFFSCREEN, *X11)
        for tool in TOOLS_OF_TESTS:
            self.command(tool, "")
        self.command("apt-get", f'echo "apt-get $*" >> {self.log}')
        self.command("id", "echo 0")
        self.pip_status.write_text("0")

    def command(self, name: str, body: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.bin / name).chmod(0o755)

    def have(self, *libraries: str) -> None:
        lines = "".join(f"\t{name} (libc6,x86-64) => /usr/lib/{name}\n" for name in libraries)
        self.command("ldconfig", f"cat <<'EOF'\n{lines}EOF")

    def install_python(self, *, old: bool = False, no_ensurepip: bool = False) -> None:
        text = PYTHON.format(
            log=self.log, pip_status=self.pip_status, old=int(old), no_ensurepip=int(no_ensurepip)
        )
        (self.bin / "python3").write_text(text)
        (self.bin / "python3").chmod(0o755)

    def start(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=self.root,
            env={"PATH": str(self.bin), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """What was called since the last time this was asked."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_first_run_installs_second_run_starts_at_once(machine: Machine) -> None:
    first = machine.start("./run")
    assert (first.returncode, first.stdout) == (0, "kcdesk demo --check\n")
    venv, packages, program = machine.calls()
    assert venv == "venv"
    assert "--require-hashes" in packages
    assert packages.endswith("-r requirements.lock")
    assert program.endswith("--no-deps --no-build-isolation -e .")

    machine.pip_status.write_text("1")  # now neither would work
    machine.command("apt-get", "exit 1")
    second = machine.start("./run")
    assert (second.returncode, second.stdout, second.stderr) == (0, "kcdesk demo --check\n", "")
    assert machine.calls() == []


def test_tests_need_more_than_a_run_and_a_run_nothing_more_than_tests(machine: Machine) -> None:
    assert machine.start("scripts/setup", "run").returncode == 0
    machine.calls()
    assert machine.start("scripts/setup", "test").returncode == 0
    packages, _program = machine.calls()
    assert packages.endswith("-r requirements-dev.lock")
    assert machine.start("scripts/setup", "run").returncode == 0
    assert machine.calls() == []


@pytest.mark.parametrize(
    ("arguments", "environment", "started"),
    [
        ([], {}, "demo --check"),
        (["--keep", "a folder"], {}, "demo --check --keep a folder"),
        ([], {"DISPLAY": ":0"}, "demo"),
        ([], {"WAYLAND_DISPLAY": "wayland-0"}, "demo"),
        (["--check"], {"DISPLAY": ":0"}, "demo --check"),
    ],
)
def test_run_opens_the_window_only_where_there_is_a_display(
    machine: Machine, arguments: list[str], environment: dict[str, str], started: str
) -> None:
    machine.have(*OFFSCREEN, *(X11 + WAYLAND if started == "demo" else ()))
    assert machine.start("./run", *arguments, **environment).stdout == f"kcdesk {started}\n"
    assert not [call for call in machine.calls() if call.startswith("apt-get")]


@pytest.mark.parametrize(
    ("words", "packages"),
    [
        (
            ["run"],
            "libegl1 libgl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libdbus-1-3 libbrotli1",
        ),
        (
            ["run", "window"],
            "libegl1 libgl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libdbus-1-3 libbrotli1"
            " libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0",
        ),
        (
            ["test"],
            "libegl1 libgl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libdbus-1-3 libbrotli1"
            " libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 xvfb"
            " dbus-daemon gnome-keyring strace postgresql",
        ),
    ],
)
def test_root_installs_the_missing_libraries(
    machine: Machine, words: list[str], packages: str
) -> None:
    machine.have("libc.so.6")
    for tool in TOOLS_OF_TESTS:
        (machine.bin / tool).unlink()
    assert machine.start("scripts/setup", *words).returncode == 0
    assert machine.calls()[:2] == [
        "apt-get update",
        f"apt-get install -y --no-install-recommends {packages}",
    ]


def test_wayland_needs_two_more(machine: Machine) -> None:
    machine.start("./run", WAYLAND_DISPLAY="wayland-0")
    assert machine.calls()[1] == (
        "apt-get install -y --no-install-recommends libwayland-cursor0 libwayland-egl1"
    )


def test_only_what_is_missing_is_installed(machine: Machine) -> None:
    machine.have(*OFFSCREEN[1:])
    machine.start("./run")
    assert machine.calls()[1] == "apt-get install -y --no-install-recommends libegl1"


def test_without_root_one_command_is_printed(machine: Machine) -> None:
    machine.have(*OFFSCREEN[1:])
    machine.install_python(no_ensurepip=True)
    machine.command("id", "echo 1000")
    done = machine.start("./run")
    assert (done.returncode, done.stdout) == (1, "")
    commands = [line for line in done.stderr.splitlines() if "apt-get" in line]
    assert commands == [
        "    apt-get update && apt-get install -y --no-install-recommends libegl1 python3-venv"
    ]
    assert machine.calls() == []
    assert not (machine.root / ".venv").exists()


@pytest.mark.parametrize("sudo_knows_us", [True, False])
def test_sudo_is_used_where_it_needs_no_question(machine: Machine, sudo_knows_us: bool) -> None:
    machine.have(*OFFSCREEN[1:])
    machine.command("id", "echo 1000")
    machine.command(
        "sudo", f'[ "$1" = -n ] && exit {int(not sudo_knows_us)}\necho sudo >> {machine.log}\n"$@"'
    )
    done = machine.start("./run")
    if sudo_knows_us:
        assert done.returncode == 0
        assert machine.calls()[:2] == ["sudo", "apt-get update"]
    else:
        assert done.returncode == 1
        assert machine.calls() == []


def test_apt_that_fails_stops_with_the_command(machine: Machine) -> None:
    machine.have(*OFFSCREEN[1:])
    machine.command("apt-get", "exit 100")
    done = machine.start("./run")
    assert done.returncode == 1
    assert "apt-get install -y --no-install-recommends libegl1" in done.stderr
    assert not (machine.root / ".venv").exists()


def test_without_apt_the_missing_names_are_said(machine: Machine) -> None:
    machine.have(*OFFSCREEN[1:])
    (machine.bin / "apt-get").unlink()
    done = machine.start("./run")
    assert done.returncode == 1
    assert "libegl1" in done.stderr


def test_set_up_that_was_cut_off_is_made_anew(machine: Machine) -> None:
    machine.pip_status.write_text("137")  # killed
    done = machine.start("./run")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Không cài được các gói Python" in done.stderr
    half = machine.root / ".venv" / "half-unpacked"
    half.touch()
    machine.calls()

    machine.pip_status.write_text("0")
    assert machine.start("./run").returncode == 0
    assert machine.calls()[0] == "venv"
    assert not half.exists()


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", "kcdesk/__init__.py"])
def test_a_changed_lock_or_project_is_installed_again(machine: Machine, changed: str) -> None:
    machine.start("./run")
    machine.calls()
    with (machine.root / changed).open("a") as file:
        file.write("\n# changed\n")
    assert machine.start("./run").returncode == 0
    assert ["venv" in call.split() for call in machine.calls()] == [False, False]


def test_a_moved_checkout_gets_a_new_environment(machine: Machine) -> None:
    machine.start("./run")
    machine.calls()
    machine.root = machine.root.rename(machine.root.with_name("elsewhere"))
    assert machine.start("./run").returncode == 0
    assert machine.calls()[0] == "venv"


def test_python_too_old_is_said_in_a_sentence(machine: Machine) -> None:
    machine.install_python(old=True)
    done = machine.start("./run")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Cần Python 3.11, 3.12 hoặc 3.13" in done.stderr


# --- the lock files ----------------------------------------------------------------------------------------------


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Package to (version with its marker, number of hashes)."""
    found: dict[str, tuple[str, int]] = {}
    package = ""
    for line in (PROJECT / name).read_text("utf-8").splitlines():
        if pin := re.fullmatch(r"([a-z0-9-]+)==(\S+.*?) \\", line):
            package = pin[1]
            found[package] = (pin[2], 0)
        elif line.startswith("    --hash=sha256:"):
            version, hashes = found[package]
            found[package] = (version, hashes + 1)
        else:
            assert line.strip().startswith("#"), line
    return found


def test_every_package_is_pinned_and_hashed() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert all(hashes > 0 for _version, hashes in locked(name).values())
        assert "://" not in (PROJECT / name).read_text("utf-8")


def test_lock_files_agree_with_each_other_and_with_the_project() -> None:
    run, development = locked("requirements.lock"), locked("requirements-dev.lock")
    for package, (pin, _hashes) in run.items():
        assert development[package][0].split()[0] == pin.split()[0]
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    for names, lock in (
        (project["project"]["dependencies"] + project["build-system"]["requires"], run),
        (project["dependency-groups"]["dev"], development),
    ):
        for requirement in names:
            name, _, wanted = requirement.partition("==")
            name = name.partition("[")[0]
            pin, _hashes = lock[name.lower().replace("_", "-")]
            assert not wanted or pin.split()[0] == wanted


@pytest.mark.parametrize(
    "name", ["run", "test", "check", ".ci/run", "scripts/setup", "scripts/lock"]
)
def test_scripts_can_be_started(name: str) -> None:
    assert os.access(PROJECT / name, os.X_OK)

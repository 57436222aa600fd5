"""A disk that is full, that fails, that may only be read: a sentence, nothing half, and work goes on afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.recording import Part, afterwards, computer, places
from tests.faults.rig import REFUSED, Ran, Rig
from tests.faults.trace import fail_from

SMALL_BYTES = 8 << 20


FULL = {"disk_full", "backup_not_written"}
FAILS = {"disk_fails", "backup_not_written"}


def test_no_write_finds_space_from_some_moment_on(rig: Rig, part: Part, tmp_path: Path) -> None:
    _no_write_succeeds(rig, part, tmp_path, "ENOSPC", FULL)


def test_the_disk_fails_from_some_moment_on(rig: Rig, day: dict[str, Part], tmp_path: Path) -> None:
    _no_write_succeeds(rig, day["edit"], tmp_path, "EIO", FAILS)


def _no_write_succeeds(rig: Rig, part: Part, tmp_path: Path, error: str, codes: set[str]) -> None:
    """From the middle write to each kind of file on. Closing may go without: the log is kept and used later."""
    refused = 0
    for (file, call), ops in places(part.writes()).items():
        if call not in ("write", "pwrite64"):
            continue
        with computer(rig, part, tmp_path / "computer") as home:
            watch = fail_from(part.ops, ops[len(ops) // 2], error)
            ran = rig.run("run", part.name, home, watch=watch)
            _refused_or_done(ran, part, codes, file)
            refused += ran.status == REFUSED
            assert afterwards(rig, part, home, _promised(ran, part)) == [], file
    assert refused


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _mount("-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "none", str(folder)):
        pytest.skip(
            "this account may not mount a file system; the test above fills the disk without"
        )
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_small_disk_is_full(rig: Rig, part: Part, small_disk: Path, tmp_path: Path) -> None:
    """With next to nothing left the part is refused; once there is space again it goes on."""
    _on_a_small_disk(rig, part, small_disk, tmp_path, 48 * 1024)


def test_a_disk_without_a_single_byte(
    rig: Rig, day: dict[str, Part], small_disk: Path, tmp_path: Path
) -> None:
    """The workspace cannot even be opened."""
    _on_a_small_disk(rig, day["edit"], small_disk, tmp_path, 0)


def _on_a_small_disk(rig: Rig, part: Part, small_disk: Path, tmp_path: Path, left: int) -> None:
    with computer(rig, part, tmp_path / "computer") as home:
        shutil.move(home, small_disk)
        home.symlink_to(small_disk / home.name)
        ballast = _fill(small_disk, left)
        ran = rig.run("run", part.name, home)
        assert ran.status == REFUSED, ran
        _says(ran, FULL)
        ballast.unlink()
        assert afterwards(rig, part, home, _promised(ran, part)) == []


@pytest.mark.parametrize("what", ["folder", "files"])
def test_a_folder_that_may_only_be_read(
    rig: Rig, day: dict[str, Part], tmp_path: Path, what: str
) -> None:
    part = day["edit"]
    with computer(rig, part, tmp_path / "computer") as home:
        kept = [home / "workspace", *(home / "workspace").rglob("*")]
        closed = [each for each in kept if what == "folder" or each.is_file()]
        modes = {each: each.stat().st_mode for each in closed}
        for each in closed:
            each.chmod(0o555 if each.is_dir() else 0o444)
        ran = rig.run("run", part.name, home, humble=True)
        for each, mode in modes.items():
            each.chmod(mode)
        assert ran.status == REFUSED, ran
        _says(ran, {"read_only"})
        assert afterwards(rig, part, home, part.promised) == []


def test_marks_that_may_not_be_written_stop_nothing(
    rig: Rig, day: dict[str, Part], tmp_path: Path
) -> None:
    """They lie in the user's own folders, outside of the workspace; without them a copy is only not recognised."""
    part = day["edit"]
    with computer(rig, part, tmp_path / "computer") as home:
        marks = home / "state" / "kcdesk" / "marks"
        kept = [marks, *marks.iterdir()]
        for each in kept:
            each.chmod(0o555 if each.is_dir() else 0o444)
        ran = rig.run("run", part.name, home, humble=True)
        assert ran.status == 0, ran
        assert [said["n"] for said in ran.said] == [said["n"] for said in part.said]
        for each in kept:
            each.chmod(0o755 if each.is_dir() else 0o644)


def _refused_or_done(ran: Ran, part: Part, codes: set[str], where: str) -> None:
    if ran.status == REFUSED:
        _says(ran, codes)
    else:
        assert ran.status == 0, (where, ran)
        assert ran.said == part.said


def _says(ran: Ran, codes: set[str]) -> None:
    error = ran.said[-1]
    assert error["code"] in codes, ran
    assert error["message"].endswith(".")
    assert error["hint"].endswith(".")


def _promised(ran: Ran, part: Part) -> dict[str, Any]:
    return next((line for line in reversed(ran.said) if "step" in line), part.promised)


def _fill(disk: Path, left: int) -> Path:
    """A file that takes all but so many bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    os.truncate(ballast, ballast.stat().st_size - left)
    return ballast


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0

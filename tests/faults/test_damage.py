"""Damaged files: a sentence that says what to do, or all data as they were. Never others."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.faults.recording import Part, computer
from tests.faults.rig import REFUSED, Ran, Rig
from tests.faults.trace import kill_at

PAGE_BYTES = 4096
WAL_HEADER_BYTES, FRAME_BYTES = 32, 24 + PAGE_BYTES


@pytest.fixture(scope="module")
def evening(rig: Rig, day: dict[str, Part]) -> tuple[Path, Ran]:
    """The laptop at the end of the day, and all that it says when asked for everything."""
    home = day["delete"].after / "home"
    said = rig.run("read_all", home)
    assert said.status == 0, said
    return home, said


def test_a_byte_of_each_page(rig: Rig, evening: tuple[Path, Ran], tmp_path: Path) -> None:
    """Every page of the file: header, changes, tables of records, their indexes, search index, free pages."""
    home, whole = evening
    size = (home / "workspace" / "workspace.db").stat().st_size
    refused = 0
    for place in range(PAGE_BYTES // 2, size, PAGE_BYTES):
        damaged = _copy(home, tmp_path)
        _flip(damaged / "workspace" / "workspace.db", place)
        ran = rig.run("read_all", damaged)
        _told_or_whole(ran, whole, {"damaged", "wrong_key"}, place)
        if ran.status == REFUSED:
            refused += 1
            continue
        checked = rig.run("check_all", damaged)
        assert checked.status == 0, (place, checked)
        assert checked.said[-1]["wrong"], place
    # the rest: indexes and pages that no screen reads on that day
    assert refused * 3 > size // PAGE_BYTES * 2


def test_a_file_that_was_cut_off(rig: Rig, evening: tuple[Path, Ran], tmp_path: Path) -> None:
    home, whole = evening
    pages = (home / "workspace" / "workspace.db").stat().st_size // PAGE_BYTES
    for size in (0, 100, PAGE_BYTES, PAGE_BYTES * pages // 2, PAGE_BYTES * (pages - 1)):
        damaged = _copy(home, tmp_path)
        with (damaged / "workspace" / "workspace.db").open("r+b") as file:
            file.truncate(size)
        ran = rig.run("read_all", damaged)
        assert ran.status == REFUSED, (size, ran)
        _told_or_whole(ran, whole, {"damaged", "wrong_key"}, size)
        assert (damaged / "workspace" / "workspace.db").stat().st_size == size, "left as it was"


@pytest.mark.parametrize("file", ["workspace.db", "workspace.json"])
def test_a_file_that_is_gone(
    rig: Rig, evening: tuple[Path, Ran], tmp_path: Path, file: str
) -> None:
    home, whole = evening
    damaged = _copy(home, tmp_path)
    (damaged / "workspace" / file).unlink()
    ran = rig.run("read_all", damaged)
    assert ran.status == REFUSED, ran
    _told_or_whole(ran, whole, {"damaged", "not_found"}, 0)
    assert not (damaged / "workspace" / file).exists(), "nothing new in its place"


def test_another_key(rig: Rig, evening: tuple[Path, Ran]) -> None:
    home, _ = evening
    keyring = rig.folder / "keyring.json"
    kept = keyring.read_text()
    keyring.write_text(json.dumps(dict.fromkeys(json.loads(kept), "00" * 32)))
    ran = rig.run("read_all", home)
    keyring.write_text(kept)
    assert ran.status == REFUSED, ran
    _told_or_whole(ran, ran, {"wrong_key"}, "key")


def test_a_log_that_is_gone_or_damaged(rig: Rig, day: dict[str, Part], tmp_path: Path) -> None:
    """Killed with three actions in the log beside the file: what is missing then is told, not passed over."""
    part = day["edit"]
    first_of_closing = next(op for op in part.ops if op.path.endswith(".db"))
    with computer(rig, part, tmp_path / "computer") as home:
        ran = rig.run("run", part.name, home, watch=kill_at(first_of_closing))
        assert ran.said == part.said
        whole = rig.run("read_all", _copy(home, tmp_path))
        assert whole.status == 0, whole
        log = home / "workspace" / "workspace.db-wal"
        size = log.stat().st_size
        frames = range(WAL_HEADER_BYTES + 100, size, FRAME_BYTES * 5)
        for place in [None, *frames]:
            damaged = _copy(home, tmp_path)
            (damaged / "workspace" / "workspace.db-shm").unlink(missing_ok=True)
            if place is None:
                (damaged / "workspace" / log.name).unlink()
            else:
                _flip(damaged / "workspace" / log.name, place)
            _told_or_whole(rig.run("read_all", damaged), whole, {"changes_missing"}, place)


def _copy(home: Path, tmp_path: Path) -> Path:
    """The laptop once more, in the same place each time."""
    copy = tmp_path / "damaged" / "home"
    shutil.rmtree(copy, ignore_errors=True)
    return Path(shutil.copytree(home, copy))


def _flip(file: Path, place: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        (byte,) = opened.read(1)
        opened.seek(place)
        opened.write(bytes([byte ^ 1]))


def _told_or_whole(ran: Ran, whole: Ran, codes: Iterable[str], place: object) -> None:
    if ran.status == 0:
        assert ran.said == whole.said, place
        return
    assert ran.status == REFUSED, (place, ran)
    error = ran.said[-1]
    assert error["code"] in codes, (place, error)
    assert error["message"].endswith(".")
    assert error["hint"].endswith(".")

"""What a computer remembers of a workspace outside its file: whole after any cut, cheap, and nobody's secret."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from kcdesk.storage.devices.marks import SLOT, Mark, Marks
from tests.conftest import SettableClock
from tests.storage.workspaces import make

WORKSPACE, DEVICE = "w" * 32, "d" * 16
ONE = Mark(("a" * 32,), 1, 1000)
TWO = Mark(("a" * 32, "b" * 32), 1 << 50, 1 << 50, tuple("cdef0123"[i] * 16 for i in range(8)))


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    return Marks(tmp_path / "state" / "marks")


def file_of(tmp_path: Path) -> Path:
    return next((tmp_path / "state" / "marks").iterdir())


def test_what_was_written_is_read(marks: Marks) -> None:
    assert marks.read(WORKSPACE, DEVICE) is None
    for mark in (ONE, TWO, ONE):
        marks.write(WORKSPACE, DEVICE, mark)
        assert marks.read(WORKSPACE, DEVICE) == mark
    assert marks.read(WORKSPACE, "f" * 16) is None


def test_a_write_cut_short_leaves_the_one_before(marks: Marks, tmp_path: Path) -> None:
    marks.write(WORKSPACE, DEVICE, ONE)
    before = file_of(tmp_path).read_bytes().ljust(2 * SLOT, b"\0")
    marks.write(WORKSPACE, DEVICE, TWO)
    after = file_of(tmp_path).read_bytes().ljust(2 * SLOT, b"\0")
    for cut in range(0, 2 * SLOT + 1, 4):
        for torn in (after[:cut] + before[cut:], before[:cut] + after[cut:]):
            file_of(tmp_path).write_bytes(torn)
            assert marks.read(WORKSPACE, DEVICE) in (ONE, TWO)


def test_nonsense_is_no_mark(marks: Marks, tmp_path: Path) -> None:
    marks.write(WORKSPACE, DEVICE, ONE)
    whole = file_of(tmp_path).read_bytes()
    chance = random.Random("marks")
    for content in (b"", b" " * 2 * SLOT, chance.randbytes(2 * SLOT), whole[: SLOT + 60]):
        file_of(tmp_path).write_bytes(content)
        assert marks.read(WORKSPACE, DEVICE) is None
    for _ in range(200):
        at = SLOT + chance.randrange(90)
        file_of(tmp_path).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert marks.read(WORKSPACE, DEVICE) is None


def test_the_last_devices_after_one_are_remembered() -> None:
    mark = ONE
    for number in range(20):
        mark = mark.followed_by(f"{number:016}")
    assert mark.then == tuple(f"{number:016}" for number in range(12, 20))


def test_a_keeper_brings_forward_and_never_back(marks: Marks) -> None:
    marks.write(WORKSPACE, DEVICE, ONE)
    keeper, other = marks.keeper(WORKSPACE), marks.keeper(WORKSPACE)
    keeper.bring_forward(DEVICE, 5, 5000)
    other.bring_forward(DEVICE, 3, 3000)  # another thread, a little late
    assert marks.read(WORKSPACE, DEVICE) == Mark(ONE.tokens, 5, 5000)
    keeper.bring_forward("f" * 16, 1, 1)  # a device without a mark
    assert marks.read(WORKSPACE, "f" * 16) is None
    keeper.bring_forward(DEVICE, 6, 4000)
    assert marks.read(WORKSPACE, DEVICE) == Mark(ONE.tokens, 6, 5000)
    keeper.close()
    other.close()


def test_a_mark_costs_a_save_next_to_nothing(marks: Marks) -> None:
    marks.write(WORKSPACE, DEVICE, ONE)
    keeper = marks.keeper(WORKSPACE)
    best = float("inf")
    for n in range(2, 500):
        start = time.perf_counter()
        keeper.bring_forward(DEVICE, n, n)
        best = min(best, time.perf_counter() - start)
    keeper.close()
    assert best < 0.001  # about 25 microseconds


def test_nothing_personal_stands_in_it(tmp_path: Path, clock: SettableClock) -> None:
    folder = tmp_path / "workspace"
    with make(folder, person="Lò Thị Sáng", clock=clock) as workspace:
        device, key = workspace.device_id, workspace.key
        speaker = workspace.identity.speaker()
    (file,) = (tmp_path / "workspace.marks").iterdir()
    content = file.read_bytes()
    assert device in file.name
    for secret in ("Lò Thị Sáng".encode(), key, key.hex().encode(), speaker.signing_key):
        assert secret not in content

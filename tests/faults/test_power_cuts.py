"""The power goes at some moment of the day: whatever the disk holds then, it opens clean with all that was said.

Some moments here; benchmarks/faults.py does all of them.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import power
from tests.faults.recording import Moment, Part, cut, cuts
from tests.faults.rig import Rig

MOMENTS = 3


def test_the_power_goes(rig: Rig, part: Part, tmp_path: Path) -> None:
    moments = cuts(part)
    chance = random.Random(part.name)
    chosen = [moments[-1], *chance.sample(moments[:-1], min(MOMENTS, len(moments) - 1))]
    wrong = {
        str(moment): found
        for moment in chosen
        if (found := cut(rig, part, moment, tmp_path / "computer"))
    }
    assert not wrong


def test_a_program_that_does_not_sync_is_found_out(
    rig: Rig, day: dict[str, Part], tmp_path: Path
) -> None:
    """The same day without its fsyncs: what was said is gone."""
    part = day["edit"]
    careless = replace(part, ops=[op for op in part.ops if op.kind != "sync"])
    moment = next(m for m in reversed(cuts(careless)) if m.loss == "all lost")
    assert any("is not there" in line for line in cut(rig, careless, moment, tmp_path / "c"))


def test_a_name_without_a_sync_may_be_gone() -> None:
    from tests.faults.trace import Disk, Op

    before = Disk({"a": 1}, {1: bytearray(b"old")})
    new = Op("openat", 1, "create", "a.new", inode=2)
    content = Op("write", 1, "write", "a.new", inode=2, data=b"fresh")
    sync = Op("fsync", 1, "sync", "a.new", inode=2)
    rename = Op("rename", 1, "rename", "a.new", inode=2, to="a")
    folder = Op("fsync", 2, "sync", ".")
    lost = power.all_lost

    def files(*ops: Op, names: int = 0) -> dict[str, bytes]:
        return power.after_cut(before, ops, lost, names).files()

    assert files(new, content) == {"a": b"old"}
    assert files(new, content, sync) == {"a": b"old", "a.new": b"fresh"}
    assert files(new, content, sync, rename) == {"a": b"old", "a.new": b"fresh"}
    assert files(new, content, sync, rename, names=1) == {"a": b"fresh"}
    assert files(new, content, sync, rename, folder) == {"a": b"fresh"}
    # without the sync of the file its new name stands for nothing
    assert files(new, content, rename, folder) == {"a": b""}
    grown = power.after_cut(before, [new, content, rename, folder], power.zeros, 0)
    assert grown.files() == {"a": bytes(5)}


def test_half_a_page_that_the_log_holds_whole_is_no_damage(
    rig: Rig, day: dict[str, Part], tmp_path: Path
) -> None:
    """The power goes while closing copies the log into the file: `check` must not call that damage."""
    part = day["survey"]
    copied = max(place for place, op in enumerate(part.ops) if op.path.endswith(".db") and op.data)
    assert cut(rig, part, Moment(copied + 1, "some"), tmp_path / "computer") == []


@pytest.mark.parametrize("seed", range(5))
def test_a_write_may_be_torn_at_its_sectors(seed: int) -> None:
    from tests.faults.trace import Disk, Op

    before = Disk({"a": 1}, {1: bytearray(b"o" * 4096)})
    write = Op("pwrite64", 1, "write", "a", inode=1, offset=100, data=b"n" * 3900)
    content = power.after_cut(before, [write] * 9, power.some(random.Random(seed)), 0).files()["a"]
    sectors = {content[start : start + 512] for start in range(512, 3584, 512)}
    assert sectors <= {b"o" * 512, b"n" * 512}
    assert content[:100] == b"o" * 100

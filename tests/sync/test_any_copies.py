"""Any history of a folder that is copied and put back: real files, the real server; nothing lost, nothing doubled."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.storage.edits import Edit
from tests.changes.copies import (
    COLLEAGUE,
    Copy,
    Keep,
    Look,
    PutBack,
    Say,
    Step,
    Sync,
    World,
    all_sync,
    steps,
)
from tests.sync.databases import sqlite_only
from tests.sync.in_process import Cut
from tests.sync.laptops import FIELD, Laptop, settled
from tests.sync.provinces import Province

SPOTS = (FIELD, "trade")
cuts = st.lists(
    st.none()
    | st.builds(Cut, st.sampled_from(("body", "answer")), st.none() | st.integers(0, 600)),
    max_size=3,
)


class Play:
    """The same steps on real folders."""

    def __init__(self, province: Province) -> None:
        self.province = province
        mine = Laptop.new(province, "An", "0")
        self.record = province.establishment(
            mine.workspace, "Cơ sở mộc", commune=province.communes[0]
        )
        colleague = Laptop.new(province, "Bình", str(COLLEAGUE))
        for laptop in (mine, colleague):
            laptop.sync()
        self.laptops = {0: mine, COLLEAGUE: colleague}
        self.forms: dict[int, dict[str, int]] = {}
        self.kept: dict[int, tuple[Path, Path]] = {}

    def do(self, step: Step, name: str, line: list[Cut | None]) -> None:
        laptop = self.laptops[step.place]
        match step:
            case Look():
                state = laptop.workspace.state("establishments", self.record)
                self.forms[step.place] = state.seen
            case Say():
                seen = self.forms.pop(step.place, None)
                fields = {SPOTS[step.spot]: name}
                laptop.workspace.save([Edit("establishments", self.record, fields, seen)])
            case Sync():
                report = laptop.sync(self.province.transport(*line))
                assert report.digests_equal
                assert report.waiting == 0
            case Copy():
                self._copy(laptop, step)
            case Keep():
                kept = self.province.folder / f"kept{step.place}"
                shutil.rmtree(kept, ignore_errors=True)
                laptop.workspace.close()
                shutil.copytree(laptop.folder, kept / "workspace")
                shutil.copytree(laptop.marks, kept / "marks")
                laptop.open()
                self.kept[step.place] = kept / "workspace", kept / "marks"
            case PutBack():
                folder, marks = self.kept[step.place]
                laptop.workspace.close()
                self._replace(laptop, folder, marks if step.disk else None)

    def _copy(self, laptop: Laptop, step: Copy) -> None:
        self.kept.pop(step.to, None)
        there = self.province.folder / str(step.to)
        if step.to in self.laptops:
            self.laptops[step.to].workspace.close()
        laptop.workspace.close()
        copy = Laptop(self.province, there / "workspace", there / "marks", laptop.workspace)
        self._replace(copy, laptop.folder, laptop.marks if step.disk else None)
        laptop.open()
        self.laptops[step.to] = copy

    def _replace(self, laptop: Laptop, folder: Path, marks: Path | None) -> None:
        shutil.rmtree(laptop.folder, ignore_errors=True)
        shutil.copytree(folder, laptop.folder)
        if marks is not None:
            shutil.rmtree(laptop.marks, ignore_errors=True)
            shutil.copytree(marks, laptop.marks)
        for place, other in self.laptops.items():
            if other.folder == laptop.folder:
                self.forms.pop(place, None)
        laptop.open(missing_accepted=True)


@sqlite_only
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.data())
def test_copies_give_what_one_folder_would(
    make_province: Callable[[], Province], history: list[Step], data: st.DataObject
) -> None:
    play, world = Play(make_province()), World()
    for step in history:
        if world.possible(step):
            name = world.do(step)
            play.do(step, name, data.draw(cuts) if isinstance(step, Sync) else [])
    for step in all_sync(world):
        world.do(step)
        play.do(step, "", [])

    spoken = {one.name for one in world.said.values() if one.name in world.province}
    laptops = list(play.laptops.values())
    settled(play.province, laptops, {n for n in spoken if world.said[n].spot == 0})
    for laptop in laptops:
        heads = laptop.workspace.state("establishments", play.record).heads
        for spot, field in enumerate(SPOTS):
            assert {head.value for head in heads.get(field, ())} == world.heads(spot)

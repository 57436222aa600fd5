"""Folders of workspaces that are copied, put back and used on several computers, and what must come of them."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import select

from kcdesk.changes import fold
from kcdesk.server import tables
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from kcdesk.sync.engine import SyncReport
from tests.sync.in_process import InProcess
from tests.sync.provinces import AREA, Province

FIELD = "note"
"""What laptops write: another value each time, so that a change can be told from every other wherever it is found."""


@dataclass
class Laptop:
    """A folder on a computer. `marks` is what the computer knows; a computer may have several folders."""

    province: Province
    folder: Path
    marks: Path
    workspace: Workspace
    told: list[str] = field(default_factory=list)

    @classmethod
    def new(cls, province: Province, person: str, name: str = "a", *, joins: bool = True) -> Laptop:
        folder, marks = province.folder / name / "workspace", province.folder / name / "marks"
        workspace = Workspace.create(
            folder,
            province.keys,
            Marks(marks),
            person=province.person(person),
            areas=[AREA],
            units=province.units,
            clock=province.clock,
            randomness=province.randomness,
        )
        province.workspaces.append(workspace)
        return cls(province, folder, marks, province.join(workspace) if joins else workspace)

    def copied(self, name: str, *, marks: Path | None = None, with_marks: bool = False) -> Laptop:
        """A copy of the folder on another computer, or on the one with these `marks`, opened there.

        with_marks: the whole disk is copied, marks and all
        """
        folder = self.province.folder / name / "workspace"
        marks = marks or self.province.folder / name / "marks"
        self.workspace.close()
        shutil.copytree(self.folder, folder)
        if with_marks:
            shutil.copytree(self.marks, marks)
        self.open()
        copy = Laptop(self.province, folder, marks, self.workspace)
        copy.open()
        return copy

    def saved(self, to: Path) -> Path:
        """A copy of the folder as it is now, which nobody opens."""
        self.workspace.close()
        shutil.copytree(self.folder, to)
        self.open()
        return to

    def open(self, *, missing_accepted: bool = False) -> None:
        self.workspace = Workspace.open(
            self.folder,
            self.province.keys,
            Marks(self.marks),
            units=self.province.units,
            clock=self.province.clock,
            randomness=self.province.randomness,
            missing_accepted=missing_accepted,
        )
        self.province.workspaces.append(self.workspace)
        if self.workspace.went_on is not None:
            self.told.append(self.workspace.went_on.reason)

    def reopen(self) -> None:
        self.workspace.close()
        self.open()

    def put_back(self, saved: Path, *, missing_accepted: bool = True) -> None:
        """Have the folder be as it was, as a system restore does."""
        self.workspace.close()
        shutil.rmtree(self.folder)
        shutil.copytree(saved, self.folder)
        self.open(missing_accepted=missing_accepted)

    def write(self, record: str, value: str, seen: dict[str, int] | None = None) -> None:
        self.workspace.save([Edit("establishments", record, {FIELD: value}, seen)])

    def sync(self, line: InProcess | None = None) -> SyncReport:
        report = self.province.sync(self.workspace, line)
        self.told += [went_on.reason for went_on in report.went_on]
        return report

    def join(self) -> None:
        self.province.join(self.workspace)

    def values(self, record: str) -> set[object]:
        """What the heads of the record's FIELD say."""
        heads = self.workspace.state("establishments", record).heads.get(FIELD, ())
        return {head.value for head in heads}


def written(province: Province) -> list[str]:
    """What the province holds of the laptops' writing, every change of it."""
    with province.database.connect() as connection:
        said = connection.scalars(select(tables.changes.c.set)).all()
    sets = [msgspec.json.decode(one) for one in said]
    return sorted(one[FIELD] for one in sets if FIELD in one)


def settled(province: Province, laptops: list[Laptop], expected: set[str]) -> None:
    """Sync everybody until nothing moves; nothing is lost, nothing is doubled, all hold the same."""
    for _ in range(2):
        for laptop in laptops:
            report = laptop.sync()
            assert report.digests_equal
            assert report.waiting == 0
    assert written(province) == sorted(expected)
    changes = [{(c.device, c.n): c for c in laptop.workspace.changes()} for laptop in laptops]
    for one, other in itertools.pairwise(changes):
        assert one == other
    states = [
        {key: fold(group) for key, group in _by_record(laptop.workspace)} for laptop in laptops
    ]
    for one_state, other_state in itertools.pairwise(states):
        assert one_state == other_state
    for laptop in laptops:
        assert laptop.workspace.identity.predecessors(unsettled_only=True) == []
        laptop.reopen()
        assert laptop.workspace.went_on is None
    status = province.status()
    assert (status.double_changes, status.double_entries) == (0, 0)


def _by_record(workspace: Workspace) -> list[tuple[str, list[object]]]:
    return [
        (record, list(group))
        for record, group in itertools.groupby(workspace.changes(), lambda c: c.record)
    ]

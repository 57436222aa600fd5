"""Opening a file that is not the newest of its device, and every state that a cut may leave between mark and file."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from kcdesk.actions.desk import shipped_units
from kcdesk.changes import chain_start, extend
from kcdesk.changes.fold import OWN
from kcdesk.errors import ChangesMissing
from kcdesk.storage.devices import identity
from kcdesk.storage.devices.identity import go_on_as_new_device
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.edits import Edit
from kcdesk.storage.folder.description import DATABASE_FILE, describe
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import NOW, FileKeys, make, marks_of, raw

RECORD = "01900000-0000-7000-8000-000000000001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with three changes, closed."""
    folder = tmp_path / "workspace"
    with make(folder) as workspace:
        for value in ("a", "b", "c"):
            workspace.save([Edit("establishments", RECORD, {"note": value})])
    return folder


def opened(
    folder: Path, marks: Path | None = None, *, missing_accepted: bool = False, now: int = NOW
) -> Workspace:
    return Workspace.open(
        folder,
        FileKeys(),
        marks_of(folder) if marks is None else Marks(marks),
        units=shipped_units(),
        clock=lambda: now,
        randomness=random.SystemRandom().randbytes,
        missing_accepted=missing_accepted,
    )


def marks_folder(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.marks")


def copy(folder: Path, name: str) -> Path:
    return Path(shutil.copytree(folder, folder.with_name(name)))


def reason(workspace: Workspace) -> str | None:
    return workspace.went_on.reason if workspace.went_on is not None else None


def test_the_newest_file_stays_the_device_it_is(folder: Path) -> None:
    devices = set()
    for _ in range(3):
        with opened(folder) as workspace, opened(folder) as also:  # the window's two threads
            assert (reason(workspace), reason(also), workspace.findings) == (None, None, ())
            devices.add(workspace.device_id)
            also.save([Edit("establishments", RECORD, {"note": "d"})])
            workspace.save([Edit("establishments", RECORD, {"note": "e"})])
    assert len(devices) == 1


def test_a_copy_on_another_computer_is_a_new_device(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other" / "marks"
    with opened(folder) as original:
        before = original.identity.speaker()
    there = copy(folder, "copy")
    with opened(there, elsewhere, now=NOW - 3_600_000) as workspace:
        assert reason(workspace) == "elsewhere"
        assert workspace.went_on is not None
        assert workspace.went_on.before == before.id
        assert workspace.identity.went_on() == [workspace.went_on]
        (former,) = workspace.identity.predecessors()
        assert (former.id, former.signing_key, former.last_n) == (before.id, before.signing_key, 3)
        state = workspace.state("establishments", RECORD)
        assert state.get("note") == "c"
        # which of its own changes goes without saying, only until when
        assert set(state.seen) == {OWN}
        (change,) = workspace.save([Edit("establishments", RECORD, {"note": "d"})])
        assert (change.n, change.seen) == (1, {before.id: 3})
        assert change.at > max(c.at for c in workspace.own_changes(0, 9, before.id))
        assert workspace.chain().last_hash == extend(chain_start(workspace.device_id), [change])
        assert workspace.state("establishments", RECORD).conflicts == ()
        assert workspace.devices()[workspace.device_id] == workspace.person
    with opened(there, elsewhere) as again:
        assert reason(again) is None
    with opened(folder) as original:
        assert reason(original) is None


def test_of_two_copies_on_one_computer_the_first_opened_goes_on_as_it_was(folder: Path) -> None:
    second = copy(folder, "second")
    marks = marks_folder(folder)
    with opened(second, marks) as workspace:
        assert reason(workspace) is None
    with opened(folder, marks) as workspace:
        assert reason(workspace) == "copy"
    for each in (second, folder, second):
        with opened(each, marks) as workspace:
            assert reason(workspace) is None
            workspace.save([Edit("establishments", RECORD, {"note": "x"})])


def test_an_older_file_is_not_used_as_if_it_were_whole(folder: Path) -> None:
    saved = copy(folder, "saved")
    with opened(folder) as workspace:
        device = workspace.device_id
        for value in ("d", "e"):
            (change,) = workspace.save([Edit("establishments", RECORD, {"note": value})])
    shutil.rmtree(folder)
    shutil.copytree(saved, folder)
    for _ in range(2):
        with pytest.raises(ChangesMissing) as missing:
            opened(folder)
        error = missing.value
        assert (error.code, error.device) == ("changes_missing", device)
        assert (error.first_n, error.last_n, error.to_at) == (4, 5, change.at)
        assert "số 4 đến 5" in error.message
        assert error.hint
    with opened(folder, missing_accepted=True) as workspace:
        assert reason(workspace) == "missing"
        (later,) = workspace.save([Edit("establishments", RECORD, {"note": "f"})])
        assert later.at > change.at
    with opened(folder) as workspace:
        assert reason(workspace) is None


def test_a_lost_wal_is_missed(folder: Path) -> None:
    live = folder.with_name("live")
    with opened(folder) as workspace:
        workspace.save([Edit("establishments", RECORD, {"note": "d"})])
        assert (folder / f"{DATABASE_FILE}-wal").stat().st_size > 0
        shutil.copytree(folder, live)
    shutil.copytree(marks_folder(folder), marks_folder(live))
    (live / f"{DATABASE_FILE}-wal").unlink()
    (live / f"{DATABASE_FILE}-shm").unlink()
    with pytest.raises(ChangesMissing) as missing:
        opened(live)
    assert (missing.value.first_n, missing.value.last_n) == (4, 4)


def test_a_file_from_before_its_folder_went_on_is_older(folder: Path, tmp_path: Path) -> None:
    """The marks of the old device say nothing is missing of it; what came after it is."""
    marks = tmp_path / "new computer"
    there, saved = copy(folder, "there"), copy(folder, "saved")
    with opened(there, marks) as workspace:
        assert reason(workspace) == "elsewhere"
        successor = workspace.device_id
    with opened(saved, marks) as workspace:  # nothing was made since: just another copy
        assert reason(workspace) == "copy"
    with opened(there, marks) as workspace:
        workspace.save([Edit("establishments", RECORD, {"note": "d"})])
    again = copy(folder, "again")
    with pytest.raises(ChangesMissing) as missing:
        opened(again, marks)
    assert (missing.value.device, missing.value.first_n, missing.value.last_n) == (successor, 1, 1)


def test_marks_put_back_cost_a_device_and_nothing_else(folder: Path) -> None:
    marks = marks_folder(folder)
    shutil.copytree(marks, folder.with_name("old marks"))
    with opened(folder) as workspace:
        workspace.save([Edit("establishments", RECORD, {"note": "d"})])
    shutil.rmtree(marks)
    shutil.copytree(folder.with_name("old marks"), marks)
    with opened(folder) as workspace:
        assert reason(workspace) == "copy"
        assert workspace.state("establishments", RECORD).get("note") == "d"
    shutil.rmtree(marks)
    with opened(folder) as workspace:
        assert reason(workspace) == "elsewhere"
        assert len(workspace.identity.predecessors()) == 2


def test_marks_that_cannot_be_written_stop_nothing(folder: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with opened(folder) as workspace:
        device = workspace.device_id
    for _ in range(2):
        with opened(folder, blocked / "marks") as workspace:
            assert (workspace.device_id, reason(workspace)) == (device, None)
            (finding,) = workspace.findings
            assert finding.code == "workspace.unmarked"
            assert finding.hint
            workspace.save([Edit("establishments", RECORD, {"note": "d"})])
    fresh = Workspace.create(
        tmp_path / "fresh",
        FileKeys(),
        Marks(blocked / "marks"),
        person="Lan",
        areas=["old:10"],
        units=shipped_units(),
        clock=lambda: NOW,
        randomness=random.Random("fresh").randbytes,
    )
    with fresh:
        assert [finding.code for finding in fresh.findings] == ["workspace.unmarked"]


def test_a_restored_file_opens_as_the_device_it_was_made(folder: Path) -> None:
    db = raw(folder)
    went_on = go_on_as_new_device(
        db,
        reason="restored",
        marks=marks_of(folder),
        workspace=describe(folder).id,
        randomness=random.Random("restored").randbytes,
        at=NOW + 1000,
    )
    db.close()
    with opened(folder) as workspace:
        assert workspace.device_id == went_on.device
        assert reason(workspace) is None
        assert [each.reason for each in workspace.identity.went_on()] == ["restored"]
        (change,) = workspace.save([Edit("establishments", RECORD, {"note": "d"})])
        assert change.at > NOW + 1000


# Killed while opening


class Killed(BaseException):
    pass


@pytest.mark.parametrize("kind", ["newest", "copied"])
@pytest.mark.parametrize("step", range(1, 7))
def test_killed_while_opening(
    folder: Path, kind: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each write of a mark, inside and after each transaction; then it opens as it would have."""
    if kind == "copied":
        shutil.rmtree(marks_folder(folder))
    steps = 0

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def counting(*arguments: object, **named: object) -> object:
            nonlocal steps
            result = call(*arguments, **named)
            steps += 1
            if steps == step:
                raise Killed
            return result

        return counting

    with monkeypatch.context() as patch:
        patch.setattr(Marks, "write", counted(Marks.write))
        for name in ("_judge", "_go_on", "_forget_older_tokens", "recognise"):
            patch.setattr(identity, name, counted(getattr(identity, name)))
        with suppress(Killed):
            opened(folder).close()
    assert steps >= min(step, 4)
    with opened(folder) as workspace:
        assert len(workspace.identity.went_on()) == (kind == "copied")
        assert workspace.state("establishments", RECORD).get("note") == "c"
        workspace.save([Edit("establishments", RECORD, {"note": "d"})])
    with opened(folder) as workspace:
        assert reason(workspace) is None

"""The contents of pictures and scans: kept once, encrypted, tied to their names, checked, swept, sealed anew."""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest

from kcdesk.errors import NotFound, WorkspaceError
from kcdesk.storage.attachments import FOLDER, THUMBNAILS, UNNAMED_FOR_MS, Attachments, reseal
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import NOW, make, raw

PICTURE = b"Vang A Pao 010090001234 " * 4000
SMALL = b"small " * 900
A, B, C = (f"019a2b3c-4d5e-7000-8000-00000000000{n}" for n in (1, 2, 3))
chance = random.Random("attachments").randbytes


def keep(workspace: Workspace, content: bytes = PICTURE, thumbnail: bytes | None = SMALL) -> str:
    return workspace.attachments.keep(content, thumbnail, chance)


def say(workspace: Workspace, name: str, *, record: str = A, field: str = "sha256") -> None:
    workspace.save([Edit("attachments", record, {"title": "Máy ép", field: name})])


def files(folder: Path) -> dict[str, bytes]:
    base = folder / FOLDER
    found = (path for path in base.rglob("*") if path.is_file())
    return {path.relative_to(base).as_posix(): path.read_bytes() for path in found}


def grow_old(folder: Path, ms: int = UNNAMED_FOR_MS + 1) -> None:
    for path in (folder / FOLDER).rglob("*"):
        os.utime(path, ns=((NOW - ms) * 1_000_000,) * 2)


def test_a_content_comes_back_as_it_was(workspace: Workspace) -> None:
    name = keep(workspace)
    assert name == hashlib.sha256(PICTURE).hexdigest()
    assert workspace.attachments.read(name) == PICTURE
    assert workspace.attachments.thumbnail(name) == SMALL
    assert workspace.attachments.holds(name)


def test_nothing_lies_on_disk_in_clear(workspace: Workspace, folder: Path) -> None:
    name = keep(workspace)
    say(workspace, name)
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"Vang A Pao" not in content, path
            assert b"small small" not in content, path


def test_the_same_content_is_kept_once(workspace: Workspace, folder: Path) -> None:
    keep(workspace)
    before = files(folder)
    keep(workspace)
    assert files(folder) == before
    assert len(before) == 2
    keep(workspace, b"another", None)
    assert len(files(folder)) == 3


def test_what_is_damaged_is_told_and_kept_again_when_it_comes_again(
    workspace: Workspace, folder: Path
) -> None:
    name = keep(workspace)
    path = folder / FOLDER / name
    sealed = bytearray(path.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    path.write_bytes(sealed)
    with pytest.raises(WorkspaceError) as raised:
        workspace.attachments.read(name)
    assert raised.value.code == "damaged"
    keep(workspace)
    assert workspace.attachments.read(name) == PICTURE


def test_one_file_cannot_stand_for_another(workspace: Workspace, folder: Path) -> None:
    first, second = keep(workspace), keep(workspace, b"another", b"its thumbnail")
    base = folder / FOLDER
    (base / second).write_bytes((base / first).read_bytes())
    with pytest.raises(WorkspaceError):
        workspace.attachments.read(second)
    (base / THUMBNAILS / first).write_bytes((base / first).read_bytes())
    assert workspace.attachments.thumbnail(first) is None


@pytest.mark.parametrize("name", ["0" * 64, "../workspace.db", "", "x" * 64])
def test_what_is_not_here_is_said_to_be_elsewhere(workspace: Workspace, name: str) -> None:
    with pytest.raises(NotFound) as raised:
        workspace.attachments.read(name)
    assert raised.value.code == "no_content"
    assert workspace.attachments.thumbnail(name) is None


def test_removed_means_gone(workspace: Workspace, folder: Path) -> None:
    name = keep(workspace)
    workspace.attachments.remove(name)
    assert files(folder) == {}
    assert not workspace.attachments.holds(name)
    workspace.attachments.remove(name)


# Checking


def test_a_check_of_whole_contents_finds_nothing(workspace: Workspace) -> None:
    say(workspace, keep(workspace))
    keep(workspace, b"second", None)
    seen: list[tuple[int, int]] = []
    assert list(workspace.attachments.check(lambda *done: seen.append(done))) == []
    assert seen == [(1, 2), (2, 2)]


def test_a_check_names_the_records_of_what_is_missing_or_damaged(
    workspace: Workspace, folder: Path
) -> None:
    missing, damaged = keep(workspace), keep(workspace, b"original", None)
    unnamed = keep(workspace, b"unnamed", None)
    say(workspace, missing, record=A)
    say(workspace, damaged, record=B, field="original_sha256")
    say(workspace, "0" * 64, record=C)  # held by another computer
    (folder / FOLDER / missing).unlink()
    for name in (damaged, unnamed):
        with (folder / FOLDER / name).open("ab") as file:
            file.write(b"x")
    found = {one.record: one.what for one in workspace.attachments.check()}
    assert found.keys() == {A, B, unnamed}
    assert "Máy ép" in found[A]
    assert "không còn" in found[A]
    assert "hỏng" in found[B]


def test_a_lost_thumbnail_is_no_damage(workspace: Workspace, folder: Path) -> None:
    name = keep(workspace)
    (folder / FOLDER / THUMBNAILS / name).unlink()
    assert list(workspace.attachments.check()) == []


# Sweeping


def test_only_what_nobody_names_for_a_month_is_swept(workspace: Workspace, folder: Path) -> None:
    named, original = keep(workspace), keep(workspace, b"original", None)
    unnamed = keep(workspace, b"left by a cut", b"its thumbnail")
    say(workspace, named, record=A)
    say(workspace, original, record=B, field="original_sha256")
    (folder / FOLDER / f"{unnamed}.new").write_bytes(b"half")
    assert workspace.attachments.sweep(NOW) == 0
    grow_old(folder, UNNAMED_FOR_MS - 60_000)
    assert workspace.attachments.sweep(NOW) == 0
    grow_old(folder)
    (folder / FOLDER / THUMBNAILS / unnamed).touch()
    assert workspace.attachments.sweep(NOW) == 1, "what was cut off; the other was touched just now"
    grow_old(folder)
    assert workspace.attachments.sweep(NOW) == 1
    assert files(folder).keys() == {named, f"{THUMBNAILS}/{named}", original}
    assert not workspace.attachments.holds(unnamed)
    assert list(workspace.attachments.check()) == []


def test_what_any_change_named_stays(workspace: Workspace, folder: Path) -> None:
    first, second = keep(workspace), keep(workspace, b"another", None)
    say(workspace, first)
    say(workspace, second)
    workspace.save([Edit("attachments", A, {"deleted": True})])
    grow_old(folder)
    assert workspace.attachments.sweep(NOW) == 0


def test_sweeping_where_there_is_nothing(workspace: Workspace) -> None:
    assert workspace.attachments.sweep(NOW) == 0


# A new key


class Cut(Exception):
    pass


def test_a_new_key_can_be_cut_anywhere_and_goes_on(tmp_path: Path) -> None:
    new = bytes(range(32))
    with make(tmp_path / "w") as workspace:
        contents = [b"picture %d " % number * 100 for number in range(4)]
        names = [keep(workspace, content, content[:9]) for content in contents]
        old, base = workspace.key, workspace.folder
        before = files(base)

        def cut_at(last: int) -> None:
            def progress(done: int, total: int) -> None:
                assert total == 8
                if done == last:
                    raise Cut

            with pytest.raises(Cut):
                reseal(base, old, new, chance, progress)

        for last in (1, 3, 8):
            cut_at(last)
        assert reseal(base, old, new, chance) == 0
        assert not set(before.values()) & set(files(base).values())
        with_new = Attachments(raw(base), base, new)
        assert [with_new.read(name) for name in names] == contents
        assert [with_new.thumbnail(name) for name in names] == [c[:9] for c in contents]
        with_new._db.close()
        with pytest.raises(WorkspaceError):
            workspace.attachments.read(names[0])


def test_a_damaged_file_does_not_stop_a_new_key(workspace: Workspace, folder: Path) -> None:
    whole, damaged = keep(workspace), keep(workspace, b"another", None)
    (folder / FOLDER / damaged).write_bytes(b"short")
    assert reseal(folder, workspace.key, bytes(32), chance) == 2
    assert (folder / FOLDER / damaged).read_bytes() == b"short"
    assert whole in files(folder)


# Trouble


@pytest.mark.skipif(os.name == "nt", reason="permissions of folders are POSIX's")
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told(workspace: Workspace, folder: Path) -> None:
    (folder / FOLDER).mkdir()
    (folder / FOLDER).chmod(0o500)
    with pytest.raises(WorkspaceError) as raised:
        keep(workspace)
    assert raised.value.code == "read_only"


def test_a_folder_that_cannot_be_made_is_told(workspace: Workspace, folder: Path) -> None:
    (folder / FOLDER).write_bytes(b"a file where the folder should be")
    with pytest.raises(WorkspaceError) as raised:
        keep(workspace)
    assert raised.value.code == "read_only"
    assert not workspace.attachments.holds(hashlib.sha256(PICTURE).hexdigest())

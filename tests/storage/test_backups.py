"""Backups: what is written is what comes back, shared, sealed, checked; what is cut off or damaged harms nothing."""

from __future__ import annotations

import random
import threading
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcdesk.actions.desk import shipped_units
from kcdesk.changes import Change
from kcdesk.errors import BadInput, Cancelled, NotFound, WorkspaceError
from kcdesk.storage.backups.copying import (
    opened_home,
    second_home,
    update_second_place,
    write_single_file,
)
from kcdesk.storage.backups.repository import Repository
from kcdesk.storage.backups.sealing import Damaged, Seal
from kcdesk.storage.edits import Edit
from kcdesk.storage.keys.resealing import reseal_backups
from kcdesk.storage.safety.replacing import Place, Restored, restore
from kcdesk.storage.workspace import Workspace
from tests.changes.histories import RECORDS, Save, steps
from tests.conftest import SettableClock
from tests.storage.workspaces import make, marks_of, raw, register_copy, reopen, rows_of

HOUR = 3_600_000


def edit(workspace: Workspace, value: object, record: int = 0) -> Change:
    (made,) = workspace.save([Edit("establishments", RECORDS[record], {"name": value})])  # type: ignore[dict-item]
    return made


def place(folder: Path, workspace: Workspace, clock: SettableClock) -> Place:
    return Place(
        folder,
        workspace.id,
        workspace.key,
        marks_of(folder),
        shipped_units(),
        clock,
        random.Random("restored").randbytes,
    )


def restore_from(source: Path, where: Place, moment: int | None = None) -> Restored:
    with opened_home(source) as home:
        return restore(where, Repository(home, Seal(where.key)), moment)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_is_backed_up_comes_back(
    tmp_path: Path, workspace: Workspace, folder: Path, clock: SettableClock
) -> None:
    first = edit(workspace, "một")
    written = workspace.back_up("due")
    assert (written.manifest.n, written.manifest.changes, written.manifest.reason) == (1, 1, "due")
    assert written.new_bytes > 0
    edit(workspace, "hai")
    where = place(tmp_path / "elsewhere", workspace, clock)
    restored = restore_from(folder, where)
    (where.folder / "bare.key").write_bytes(workspace.key)
    assert restored.manifest == written.manifest
    with reopen(where.folder, clock=clock) as back:
        assert list(back.changes()) == [first]
        assert back.device_id == restored.went_on.device != workspace.device_id
        assert (back.person, back.areas) == (workspace.person, workspace.areas)
        assert back.lists.get("establishments", RECORDS[0])["name"] == "một"
        assert edit(back, "ba").n == 1  # numbers of the device that was are never used again


def test_a_backup_with_nothing_new_costs_nothing(
    workspace: Workspace, folder: Path, clock: SettableClock
) -> None:
    edit(workspace, "một")
    workspace.back_up("due")
    before = files_of(folder / "backups")
    workspace.close()
    clock.advance(HOUR)
    with reopen(folder, clock=clock) as again:
        assert again.back_up("due").new_bytes == 0
    assert files_of(folder / "backups") == before


def test_full_blocks_are_shared(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, clock: SettableClock
) -> None:
    folder = register_copy(tmp_path_factory.getbasetemp(), tmp_path / "register")
    with reopen(folder, clock=clock) as workspace:
        clock.advance(HOUR)
        whole = workspace.back_up("import")
        clock.advance(1)
        edit(workspace, "thêm")
        more = workspace.back_up("due")
        assert whole.manifest.changes == 13_068
        assert more.new_pieces == 2  # the last block of changes, and the device's own row
        assert more.new_bytes < whole.new_bytes / 5
        workspace.backups.verify(whole.manifest)
        workspace.backups.verify(more.manifest)


def test_nothing_of_a_backup_is_in_clear(workspace: Workspace, folder: Path) -> None:
    edit(workspace, "Dấu vết không được thấy")
    workspace.back_up("due")
    for content in files_of(folder / "backups").values():
        assert "Dấu vết".encode() not in content
        assert RECORDS[0].encode() not in content
        assert workspace.person.encode() not in content


def test_another_key_reads_nothing(workspace: Workspace, folder: Path) -> None:
    edit(workspace, "một")
    written = workspace.back_up("due")
    other = Repository(folder, Seal(bytes(32)))
    assert other.newest() is None
    with pytest.raises(Damaged):
        other.manifest(written.manifest.name)
    with pytest.raises(NotFound):
        other.at(None)


def test_a_damaged_piece_is_found_and_the_next_backup_writes_it_anew(
    workspace: Workspace, folder: Path
) -> None:
    edit(workspace, "một")
    manifest = workspace.back_up("due").manifest
    piece = next(piece for piece in manifest.pieces if piece.table == "changes")
    path = folder / "backups" / piece.path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Damaged):
        workspace.backups.verify(manifest)
    workspace.back_up("due")
    workspace.backups.verify(manifest)
    path.unlink()
    with pytest.raises(Damaged):
        workspace.backups.verify(manifest)


def test_a_list_that_is_damaged_leaves_the_one_before(
    workspace: Workspace, folder: Path, clock: SettableClock
) -> None:
    edit(workspace, "một")
    first = workspace.back_up("due").manifest
    clock.advance(1)
    edit(workspace, "hai")
    second = workspace.back_up("due").manifest
    (folder / "backups" / "kept" / second.name).write_bytes(b"?")
    assert workspace.backups.newest() == first
    third = workspace.back_up("due").manifest
    assert (third.sequence, third.n) == (3, 2)


def test_a_file_that_lacks_changes_is_not_backed_up(workspace: Workspace, folder: Path) -> None:
    edit(workspace, "một")
    edit(workspace, "hai")
    db = raw(folder)
    db.execute("DELETE FROM changes WHERE n = 1")
    db.close()
    with pytest.raises(WorkspaceError, match="thiếu 1 thay đổi") as refused:
        workspace.back_up("due")
    assert refused.value.code == "damaged"
    assert "kcdesk recover" in refused.value.hint
    assert workspace.backups.names() == []


def test_a_backup_that_is_stopped_leaves_nothing_that_counts(
    workspace: Workspace, folder: Path
) -> None:
    edit(workspace, "một")
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        workspace.back_up("due", cancel=cancel)
    assert workspace.backups.names() == []


def test_left_over_pieces_go_with_the_next_thinning(workspace: Workspace, folder: Path) -> None:
    edit(workspace, "một")
    written = workspace.back_up("due")
    left = folder / "backups" / "pieces" / "ab"
    left.mkdir(exist_ok=True)
    (left / "abcd").write_bytes(b"cut off")
    workspace.backups.thin(written.manifest.at)
    assert not (left / "abcd").exists()
    workspace.backups.verify(written.manifest)


def test_thinning_keeps_what_the_kept_backups_need(
    workspace: Workspace, clock: SettableClock
) -> None:
    for day in range(40):
        edit(workspace, str(day))
        workspace.back_up("due")
        clock.advance(24 * HOUR)
    kept = workspace.backups.kept()
    assert (
        len(kept) == 33
    )  # one of each day that lies in the last 31 times 24 hours, and the last of March before
    assert kept[-1].n == 40
    for manifest in kept:
        workspace.backups.verify(manifest)
    named = {piece.name for manifest in kept for piece in manifest.pieces}
    on_disk = {path.name for path in workspace.backups.folder.glob("pieces/*/*")}
    assert on_disk == named


def test_a_clock_that_was_wrong(workspace: Workspace, clock: SettableClock) -> None:
    right = clock.now
    clock.advance(400 * 24 * HOUR)
    edit(workspace, "một")
    workspace.back_up("due")
    clock.now = right
    edit(workspace, "hai")
    second = workspace.back_up("due").manifest
    assert workspace.backups.newest() == second
    assert workspace.backups.at(None) == second


def test_a_new_key_takes_the_backups_along(
    workspace: Workspace, folder: Path, clock: SettableClock
) -> None:
    edit(workspace, "một")
    first = workspace.back_up("asked").manifest
    clock.advance(1)
    edit(workspace, "hai")
    second = workspace.back_up("asked").manifest
    piece = folder / "backups" / first.pieces[0].path
    new = bytes(range(32))
    for _ in range(2):  # may be repeated
        reseal_backups(folder, workspace.key, new)
    resealed = Repository(folder, Seal(new))
    assert [(each.name, each.n) for each in resealed.kept()] == [
        (each.name, each.n) for each in (first, second)
    ]
    for each in resealed.kept():
        resealed.verify(each)
    assert workspace.backups.kept() == []
    assert not piece.exists()


# A second place


@pytest.fixture
def attachments(folder: Path, workspace: Workspace) -> Path:
    """Two files as the store of attachments has them."""
    for name in ("ab" * 32, "thumbnails/" + "cd" * 32):
        path = folder / "attachments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.Random(name).randbytes(5_000))
    return folder / "attachments"


def test_a_second_place_gets_what_is_missing(
    tmp_path: Path,
    workspace: Workspace,
    folder: Path,
    attachments: Path,
    clock: SettableClock,
) -> None:
    first = edit(workspace, "một")
    stick = tmp_path / "USB của Lan"
    home = second_home(stick, workspace.id, workspace.backups.seal.key_name)
    update_second_place(workspace.backups, workspace.back_up("asked").manifest, home)
    assert files_of(home / "attachments") == files_of(attachments)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    again = update_second_place(workspace.backups, workspace.back_up("asked").manifest, home)
    assert again.new_bytes == 0
    assert all(
        path.stat().st_mtime_ns == at
        for path, at in before.items()
        if path.name != "workspace.json"
    )
    edit(workspace, "hai")
    more = update_second_place(workspace.backups, workspace.back_up("asked").manifest, home)
    assert more.new_pieces == 2
    where = place(tmp_path / "elsewhere", workspace, clock)
    assert restore_from(stick, where).manifest.n == 2
    assert files_of(where.folder / "attachments") == files_of(attachments)
    assert first.n == 1


def test_a_single_file_holds_everything(
    tmp_path: Path,
    workspace: Workspace,
    folder: Path,
    attachments: Path,
    clock: SettableClock,
) -> None:
    edit(workspace, "một")
    path = tmp_path / "sao-luu.kcdesk"
    written = workspace.back_up("asked").manifest
    size = write_single_file(path, workspace.backups, written)
    assert path.stat().st_size == size
    assert not list(tmp_path.glob("*.new"))
    where = place(tmp_path / "elsewhere", workspace, clock)
    assert restore_from(path, where).manifest == written
    assert files_of(where.folder / "attachments") == files_of(attachments)
    assert (where.folder / "workspace.json").read_bytes() == (
        folder / "workspace.json"
    ).read_bytes()


@pytest.mark.parametrize("at", [0.3, 0.6, 0.9])
def test_a_single_file_that_is_damaged_or_cut(
    tmp_path: Path,
    workspace: Workspace,
    attachments: Path,
    clock: SettableClock,
    at: float,
) -> None:
    edit(workspace, "một")
    path = tmp_path / "sao-luu.kcdesk"
    size = write_single_file(path, workspace.backups, workspace.back_up("asked").manifest)
    path.write_bytes(path.read_bytes()[: int(size * at)])
    where = place(tmp_path / "elsewhere", workspace, clock)
    with pytest.raises(BadInput) as refused:
        restore_from(path, where)
    assert refused.value.code == "no_backup"
    assert not where.folder.exists()


def test_a_single_file_with_a_flipped_byte_in_a_piece(
    tmp_path: Path, workspace: Workspace, clock: SettableClock
) -> None:
    edit(workspace, "một")
    path = tmp_path / "sao-luu.kcdesk"
    manifest = workspace.back_up("asked").manifest
    write_single_file(path, workspace.backups, manifest)
    with zipfile.ZipFile(path) as packed:
        offset = packed.getinfo(f"backups/{manifest.pieces[1].path}").header_offset
    content = bytearray(path.read_bytes())
    content[offset + 200] ^= 1
    path.write_bytes(content)
    where = place(tmp_path / "elsewhere", workspace, clock)
    with pytest.raises(WorkspaceError):
        restore_from(path, where)
    assert not (where.folder / "workspace.db").exists()


def test_a_folder_without_backups(tmp_path: Path) -> None:
    with pytest.raises(NotFound), opened_home(tmp_path):
        pass
    (tmp_path / "thư.txt").write_text("x")
    with pytest.raises(BadInput), opened_home(tmp_path / "thư.txt"):
        pass


# Restoring over what is there


def test_what_was_there_is_set_aside(
    workspace: Workspace, folder: Path, clock: SettableClock
) -> None:
    edit(workspace, "một")
    first = workspace.back_up("due").manifest
    clock.advance(HOUR)
    edit(workspace, "hai")
    where = place(folder, workspace, clock)
    workspace.close()
    restored = restore(where, Repository(folder, Seal(where.key)), None)
    assert restored.manifest == first
    assert restored.set_aside is not None
    assert (restored.set_aside / "workspace.db").is_file()
    with reopen(folder, clock=clock) as back:
        assert len(list(back.changes())) == 1
        assert [each.reason for each in back.backups.kept()] == ["due", "restore"]
    clock.advance(HOUR)
    newest = restore(where, Repository(folder, Seal(where.key)), None)
    assert (newest.manifest.reason, newest.manifest.changes) == ("restore", 2)
    assert len(list((folder / "set-aside").iterdir())) == 2


def test_a_restore_that_is_stopped_leaves_all_as_it_was(
    workspace: Workspace, folder: Path, clock: SettableClock
) -> None:
    edit(workspace, "một")
    workspace.back_up("due")
    edit(workspace, "hai")
    where, device = place(folder, workspace, clock), workspace.device_id
    workspace.close()
    cancel = threading.Event()

    def stop(done: int, total: int) -> None:
        cancel.set()

    with pytest.raises(Cancelled):
        restore(where, Repository(folder, Seal(where.key)), None, progress=stop, cancel=cancel)
    assert not (folder / "restoring").exists()
    assert not (folder / "set-aside").exists()
    with reopen(folder, clock=clock) as back:
        assert len(list(back.changes())) == 2
        assert back.device_id == device


def test_backups_and_pictures_under_another_key_go_aside_too(
    tmp_path: Path,
    workspace: Workspace,
    folder: Path,
    attachments: Path,
    clock: SettableClock,
) -> None:
    """The stick holds the state before the key was changed."""
    edit(workspace, "một")
    stick = tmp_path / "USB"
    home = second_home(stick, workspace.id, workspace.backups.seal.key_name)
    update_second_place(workspace.backups, workspace.back_up("asked").manifest, home)
    where = place(folder, workspace, clock)
    new = bytes(range(32))
    reseal_backups(folder, workspace.key, new)
    workspace.change_key(new)
    workspace.close()
    restored = restore_from(stick, where)
    assert restored.set_aside is not None
    assert {"workspace.db", "backups", "attachments"} <= {
        path.name for path in restored.set_aside.iterdir()
    }
    assert files_of(attachments) == files_of(home / "attachments")
    with reopen(folder, clock=clock) as back:
        assert len(list(back.changes())) == 1


# The drill: any history, backed up at any moment


@settings(max_examples=12)
@given(history=steps, moments=st.sets(st.integers(0, 24), min_size=1, max_size=3), data=st.data())
def test_any_moment_of_any_history_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[object],
    moments: set[int],
    data: st.DataObject,
) -> None:
    base = tmp_path_factory.mktemp("drill")
    clock = SettableClock(1_772_415_000_000)
    folder = base / "workspace"
    expected = {}
    with make(folder, clock=clock) as workspace:
        other = 0
        for number, step in enumerate(history):
            if isinstance(step, Save):
                record = RECORDS[step.record]
                if step.device == 0:
                    workspace.save([Edit("establishments", record, dict(step.fields))])
                else:
                    other += 1
                    change = Change(
                        "00000000000000b2",
                        other,
                        "establishments",
                        record,
                        9,
                        dict(step.fields),
                        {},
                    )
                    workspace.receive([change], {})
            if number in moments:
                clock.advance(1000)
                manifest = workspace.back_up("drill").manifest
                expected[manifest.sequence] = (set(map(str, workspace.changes())), rows_of(folder))
        for sequence, (changes, rows) in expected.items():
            manifest = next(m for m in workspace.backups.kept() if m.sequence == sequence)
            where = place(base / f"restored-{sequence}", workspace, clock)
            restored = restore(where, workspace.backups, manifest.at)
            (where.folder / "bare.key").write_bytes(workspace.key)
            assert restored.manifest == manifest
            with reopen(where.folder, clock=clock) as back:
                assert set(map(str, back.changes())) == changes
            assert rows_of(where.folder) == rows

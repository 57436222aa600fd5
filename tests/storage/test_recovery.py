"""Damaged workspaces: refused, set aside untouched, and made whole from backups and readable pages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kcdesk.actions.desk import shipped_units
from kcdesk.errors import ChangesMissing, KcdeskError, WorkspaceError
from kcdesk.storage.edits import Edit
from kcdesk.storage.folder.description import DATABASE_FILE, describe
from kcdesk.storage.safety.carving import Carved, carve
from kcdesk.storage.safety.recovery import Gap, Recovered, recover
from kcdesk.storage.safety.replacing import Place
from kcdesk.storage.workspace import Workspace
from tests.conftest import SettableClock
from tests.storage.workspaces import make, marks_of, raw, reopen, rows_of

PAGE = 4096
MINUTE = 60_000
WAL = f"{DATABASE_FILE}-wal"


def record(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012d}"


def add(workspace: Workspace, first: int, last: int, clock: SettableClock) -> None:
    """One change a minute for the records with these numbers; some need pages of their own."""
    for number in range(first, last + 1):
        clock.advance(MINUTE)
        note = random.Random(number).randbytes(3_000).hex() if number % 10 == 0 else "ghi chú"
        workspace.save(
            [Edit("establishments", record(number), {"name": f"Hộ {number}", "note": note})]
        )


def place(folder: Path, clock: SettableClock) -> Place:
    return Place(
        folder,
        describe(folder).id,
        (folder / "bare.key").read_bytes(),
        marks_of(folder),
        shipped_units(),
        clock,
        random.Random("recovered").randbytes,
    )


def numbers(folder: Path, device: str) -> list[int]:
    db = raw(folder)
    try:
        query = "SELECT n FROM changes WHERE device = ? ORDER BY n"
        return [n for (n,) in db.execute(query, (device,)).fetchall()]
    finally:
        db.close()


def pages_of_changes(folder: Path) -> list[int]:
    """Pages of the file, closed and without a log, that hold changes."""
    path, key = folder / DATABASE_FILE, (folder / "bare.key").read_bytes()
    whole = len(list(carve(path, folder / WAL, key, [], Carved())))
    content = path.read_bytes()
    found = []
    for number in range(2, len(content) // PAGE + 1):
        damaged = bytearray(content)
        damaged[(number - 1) * PAGE + 100] ^= 1
        path.write_bytes(damaged)
        if len(list(carve(path, folder / WAL, key, [], Carved()))) < whole:
            found.append(number)
    path.write_bytes(content)
    return found


def damage(folder: Path, *pages: int) -> None:
    path = folder / DATABASE_FILE
    content = bytearray(path.read_bytes())
    for page in pages:
        content[(page - 1) * PAGE + 200] ^= 1
    path.write_bytes(content)


def untouched(folder: Path, recovered: Recovered, before: dict[str, bytes]) -> None:
    aside = recovered.set_aside
    assert {path.name: path.read_bytes() for path in aside.iterdir() if "db" in path.name} == before


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(f"{DATABASE_FILE}*")}


@pytest.fixture
def backed_up(folder: Path, clock: SettableClock) -> str:
    """A workspace with 60 changes, of which a backup has 40; its device."""
    with make(folder, clock=clock) as workspace:
        add(workspace, 1, 40, clock)
        workspace.back_up("due")
        add(workspace, 41, 60, clock)
        return workspace.device_id


def goes_on(folder: Path, clock: SettableClock, before: str, held: list[int]) -> None:
    """The workspace opens, is whole, shows every change it holds, and numbers its own from 1."""
    with reopen(folder, clock=clock) as workspace:
        assert workspace.device_id != before
        for number in held:
            assert workspace.lists.get("establishments", record(number))["name"] == f"Hộ {number}"
        (change,) = workspace.save([Edit("establishments", record(999), {"name": "mới"})])
        assert change.n == 1
        assert change.at > clock.now - 1
    rows = rows_of(folder)["establishments"]
    assert len(rows) == len(held) + 1


@pytest.mark.parametrize("kind", ["leaf", "interior", "several"])
def test_damaged_pages(folder: Path, clock: SettableClock, backed_up: str, kind: str) -> None:
    pages = pages_of_changes(folder)
    chosen = {"leaf": pages[-1:], "interior": pages[:1], "several": pages[::3]}[kind]
    damage(folder, *chosen)
    before = files(folder)
    key = (folder / "bare.key").read_bytes()
    readable = {row[1] for row in carve(folder / DATABASE_FILE, folder / WAL, key, [], Carved())}
    assert len(readable) < 60
    recovered = recover(place(folder, clock))
    held = sorted({*range(1, 41), *readable})
    assert numbers(folder, backed_up) == held
    assert recovered.from_backups == 40
    assert recovered.from_file == len(held) - 40
    assert recovered.bad_pages == len(chosen)
    missing = {n for gap in recovered.gaps for n in range(gap.first_n, gap.last_n + 1)}
    assert missing == set(range(1, 61)) - set(held)
    untouched(folder, recovered, before)
    goes_on(folder, clock, backed_up, held)


def test_what_is_missing_is_named_by_number_and_hour(
    folder: Path, clock: SettableClock, backed_up: str
) -> None:
    """Nothing is left but the backup; the mark outside the file knows how far it went."""
    damage(folder, *range(1, len((folder / DATABASE_FILE).read_bytes()) // PAGE + 1))
    recovered = recover(place(folder, clock))
    assert (recovered.from_backups, recovered.from_file) == (40, 0)
    assert recovered.backup is not None
    (gap,) = recovered.gaps
    assert (gap.first_n, gap.last_n) == (41, 60)
    assert gap.sentence == ("thay đổi số 41–60, từ 09:10 ngày 02/03/2026 đến 09:30 ngày 02/03/2026")
    goes_on(folder, clock, backed_up, list(range(1, 41)))


def test_the_first_page(folder: Path, clock: SettableClock, backed_up: str) -> None:
    """SQLite opens nothing; the salt in it, on which the check of every page depends, is known from backups."""
    path = folder / DATABASE_FILE
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    content[500] ^= 1
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match="Khoá không mở được") as refused:
        reopen(folder, clock=clock)
    assert "kcdesk recover" in refused.value.hint
    recovered = recover(place(folder, clock))
    assert recovered.from_file == 20
    assert recovered.gaps == ()
    goes_on(folder, clock, backed_up, list(range(1, 61)))


@pytest.mark.parametrize("left", [0.2, 0.5, 0.9])
def test_a_truncated_file(folder: Path, clock: SettableClock, backed_up: str, left: float) -> None:
    path = folder / DATABASE_FILE
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * left)])
    with pytest.raises(WorkspaceError) as refused:
        reopen(folder, clock=clock)
    assert refused.value.code == "damaged"
    assert "kcdesk recover" in refused.value.hint
    key = (folder / "bare.key").read_bytes()
    readable = {row[1] for row in carve(path, folder / WAL, key, [], Carved())}
    recovered = recover(place(folder, clock))
    held = sorted({*range(1, 41), *readable})
    assert numbers(folder, backed_up) == held
    assert {n for gap in recovered.gaps for n in range(gap.first_n, gap.last_n + 1)} == (
        set(range(1, 61)) - set(held)
    )
    goes_on(folder, clock, backed_up, held)


@pytest.mark.parametrize("gone", [DATABASE_FILE, "both"])
def test_the_file_is_gone(folder: Path, clock: SettableClock, backed_up: str, gone: str) -> None:
    (folder / DATABASE_FILE).unlink()
    if gone == "both":
        (folder / WAL).unlink(missing_ok=True)
    with pytest.raises(WorkspaceError, match=DATABASE_FILE) as refused:
        reopen(folder, clock=clock)
    assert "kcdesk recover" in refused.value.hint
    recovered = recover(place(folder, clock))
    assert [(gap.first_n, gap.last_n) for gap in recovered.gaps] == [(41, 60)]
    goes_on(folder, clock, backed_up, list(range(1, 41)))


def killed_with_log(folder: Path, clock: SettableClock, tmp_path: Path) -> str:
    """A workspace as a killed process leaves it: the last 20 of 60 changes stand in the log only; its device."""
    workspace = make(folder, clock=clock)
    add(workspace, 1, 40, clock)
    db = raw(folder)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    add(workspace, 41, 60, clock)
    kept = {name: (folder / name).read_bytes() for name in (DATABASE_FILE, WAL)}
    device = workspace.device_id
    workspace.close()
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    return device


def test_the_log_is_gone(folder: Path, clock: SettableClock, tmp_path: Path) -> None:
    """Without any backup: what the file still has is whole, and the mark knows that it is not all."""
    device = killed_with_log(folder, clock, tmp_path)
    (folder / WAL).unlink()
    with pytest.raises(ChangesMissing) as refused:
        reopen(folder, clock=clock)
    assert "kcdesk recover" in refused.value.hint
    recovered = recover(place(folder, clock))
    assert recovered.backup is None
    assert recovered.from_file == 40
    assert [(gap.first_n, gap.last_n) for gap in recovered.gaps] == [(41, 60)]
    goes_on(folder, clock, device, list(range(1, 41)))


def test_the_log_is_read_behind_a_damage(
    folder: Path, clock: SettableClock, tmp_path: Path
) -> None:
    """SQLite stops at the first wrong checksum of the log; each page has its own."""
    device = killed_with_log(folder, clock, tmp_path)
    log = bytearray((folder / WAL).read_bytes())
    log[32 + 24 + 100] ^= 1
    (folder / WAL).write_bytes(log)
    with pytest.raises(ChangesMissing):
        reopen(folder, clock=clock)
    for name in (DATABASE_FILE, WAL):  # opening has taken the log for empty
        assert (folder / name).exists() or name == WAL
    (folder / WAL).write_bytes(log)
    recovered = recover(place(folder, clock))
    assert numbers(folder, device) == list(range(1, 61))
    assert recovered.gaps == ()


def test_an_older_backup_when_the_newest_is_bad(
    folder: Path, clock: SettableClock, backed_up: str
) -> None:
    with reopen(folder, clock=clock) as workspace:
        newest = workspace.back_up("due").manifest
    (folder / "backups" / "kept" / newest.name).write_bytes(b"?")
    (folder / DATABASE_FILE).unlink()
    recovered = recover(place(folder, clock))
    assert recovered.backup is not None
    assert recovered.backup.n == 40
    assert numbers(folder, backed_up) == list(range(1, 41))


def test_good_pieces_of_a_bad_backup_count(
    folder: Path, clock: SettableClock, backed_up: str
) -> None:
    with reopen(folder, clock=clock) as workspace:
        newest = workspace.back_up("due").manifest
    piece = next(piece for piece in newest.pieces if piece.table == "device")
    (folder / "backups" / piece.path).write_bytes(b"?")
    (folder / DATABASE_FILE).unlink()
    recovered = recover(place(folder, clock))
    assert recovered.backup is not None
    assert recovered.backup.n == 40
    assert numbers(folder, backed_up) == list(range(1, 61))


def test_nothing_to_start_from(folder: Path, clock: SettableClock) -> None:
    with make(folder, clock=clock) as workspace:
        add(workspace, 1, 3, clock)
    damage(folder, *range(1, len((folder / DATABASE_FILE).read_bytes()) // PAGE + 1))
    before = files(folder)
    with pytest.raises(WorkspaceError) as refused:
        recover(place(folder, clock))
    assert refused.value.code == "nothing_to_recover"
    assert files(folder) == before
    assert not (folder / "restoring").exists()


def test_a_workspace_in_use_is_not_recovered(
    folder: Path, clock: SettableClock, backed_up: str
) -> None:
    with reopen(folder, clock=clock), pytest.raises(KcdeskError) as refused:
        recover(place(folder, clock))
    assert refused.value.code == "workspace_busy"


def test_rows_that_sqlite_freed_are_left_alone(folder: Path, clock: SettableClock) -> None:
    """What was taken out of the history must not come back from pages nobody uses any more."""
    with make(folder, clock=clock) as workspace:
        add(workspace, 1, 60, clock)
    db = raw(folder)
    db.execute("PRAGMA secure_delete = OFF").fetchall()
    db.execute("DELETE FROM changes WHERE n > 5")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert db.execute("PRAGMA freelist_count").fetchone()[0] > 0
    db.close()
    key = (folder / "bare.key").read_bytes()
    rows = carve(folder / DATABASE_FILE, folder / WAL, key, [], Carved())
    assert sorted(row[1] for row in rows) == [1, 2, 3, 4, 5]


def test_any_page_may_be_damaged(folder: Path, clock: SettableClock, tmp_path: Path) -> None:
    """Whatever page it is: no more is lost than stands on it, and nothing comes back that never was."""
    with make(folder, clock=clock) as workspace:
        add(workspace, 1, 60, clock)
        changes = {change.n: change for change in workspace.changes()}
    path, key = folder / DATABASE_FILE, (folder / "bare.key").read_bytes()
    content = path.read_bytes()
    lost: set[int] = set()
    for page in range(2, len(content) // PAGE + 1):
        damage(folder, page)
        found = {row[1]: row[4] for row in carve(path, folder / WAL, key, [], Carved())}
        assert found == {n: changes[n].at for n in found}
        assert len(found) >= 60 - 20
        lost |= changes.keys() - found.keys()
        path.write_bytes(content)
    assert lost == changes.keys()  # each change stands on some page


@pytest.mark.parametrize(
    ("gap", "sentence"),
    [
        (Gap(3, 3, None, None), "thay đổi số 3"),
        (Gap(1, 3, None, 1_772_415_000_000), "thay đổi số 1–3, đến 08:30 ngày 02/03/2026"),
    ],
)
def test_a_gap_in_words(gap: Gap, sentence: str) -> None:
    assert gap.sentence == sentence

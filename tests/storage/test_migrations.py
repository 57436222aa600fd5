"""Files of every schema since the first: upgraded, killed in the middle of it, and newer ones refused."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from importlib import resources
from itertools import count
from pathlib import Path

import pytest

from kcdesk.actions.checking import check
from kcdesk.actions.desk import shipped_units
from kcdesk.domain.kinds import KINDS
from kcdesk.errors import WorkspaceError
from kcdesk.storage.folder.description import DATABASE_FILE
from kcdesk.storage.schema import applied_steps, migrate, outdated, schema_sql, statements
from kcdesk.storage.sqlite import Database, connect
from kcdesk.storage.workspace import Workspace
from tests.conftest import SettableClock
from tests.storage.keep_schema import keep
from tests.storage.workspaces import FileKeys, desk_on, marks_of, raw, reopen

FIXTURES = Path(__file__).parent / "fixtures"
KEPT = sorted(path.name for path in FIXTURES.glob("schema-*"))
SCRIPTS = resources.files("kcdesk.storage") / "migrations"
STEPS = sorted(
    file.name.removesuffix(".sql") for file in SCRIPTS.iterdir() if file.name.endswith(".sql")
)


@pytest.fixture(params=[*KEPT, "today"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a kept workspace of an older schema, or one of today's as it would be kept."""
    if request.param == "today":
        return keep(tmp_path)
    return Path(shutil.copytree(FIXTURES / request.param, tmp_path / "workspace"))


def changes_of(folder: Path) -> list[tuple[object, ...]]:
    db = raw(folder)
    try:
        return db.execute("SELECT * FROM changes ORDER BY device, n").fetchall()
    finally:
        db.close()


def steps_of(folder: Path) -> list[str]:
    db = raw(folder)
    try:
        return applied_steps(db)
    finally:
        db.close()


def test_a_kept_workspace_is_upgraded(kept: Path, clock: SettableClock) -> None:
    before = changes_of(kept)
    assert before
    number = kept_number(kept)
    with reopen(kept, clock=clock) as workspace:
        assert [
            (c.device, c.n, c.kind, c.record, c.at)
            for c in sorted(workspace.changes(), key=lambda c: c.id)
        ] == [row[:5] for row in before]
        for kind in KINDS:
            records = {row[3] for row in before if row[2] == kind}
            assert {row["id"] for row in _all_rows(workspace, kind)} == records
        assert list(workspace.lists.every("establishments"))
        assert check(desk_on(workspace, clock=clock)).found == ()
    assert steps_of(kept) == STEPS
    if number < len(STEPS):
        (backup,) = workspace.backups.kept()
        assert (backup.reason, backup.steps) == ("upgrade", STEPS[:number])
        workspace.backups.verify(backup)


def _all_rows(workspace: Workspace, kind: str) -> Iterator[dict[str, object]]:
    yield from workspace.lists.every(kind)
    yield from workspace.lists.every(kind, deleted=True)


def kept_number(folder: Path) -> int:
    return len(steps_of(folder))


def test_an_upgraded_file_has_the_schema_of_a_new_one(kept: Path, tmp_path: Path) -> None:
    new = connect(tmp_path / "new.db", bytes(32), create=True)
    migrate(new)
    old = raw(kept)
    migrate(old)
    assert sorted(schema_sql(old).split("\n\n")) == sorted(schema_sql(new).split("\n\n"))
    new.close()
    old.close()


def test_killed_at_each_statement_of_an_upgrade(kept: Path, tmp_path: Path) -> None:
    """Whatever statement it is, the file stands between two steps, holds every change and goes on to the end."""
    pending = [name for name in STEPS if name not in steps_of(kept)]
    before = changes_of(kept)
    seen = set()
    for number in count():
        folder = Path(shutil.copytree(kept, tmp_path / f"killed-{number}"))
        if not _killed_at_statement(folder, number):
            break
        steps = steps_of(folder)
        assert steps == STEPS[: len(steps)]
        seen.add(len(steps))
        db = raw(folder)
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master").fetchall()}
        assert not names & made_by(STEPS[len(steps) :])
        migrate(db)
        db.close()
        assert steps_of(folder) == STEPS
        assert changes_of(folder) == before
    assert seen >= set(range(len(STEPS) - len(pending), len(STEPS)))


def made_by(steps: Sequence[str]) -> set[str]:
    """The tables that these steps make."""
    return {
        words[2]
        for step in steps
        for statement in statements((SCRIPTS / f"{step}.sql").read_text("utf-8"))
        if (
            words := statement[statement.index("CREATE") :].split() if "CREATE" in statement else []
        )
        and words[1] == "TABLE"
    }


def _killed_at_statement(folder: Path, number: int) -> bool:
    """Upgrade in a process that dies when it comes to statement `number` that writes; whether it came so far."""
    child = os.fork()
    if child == 0:
        try:
            db = raw(folder)
            _die_at(db, number)
            migrate(db)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _die_at(db: Database, number: int) -> None:
    left = number

    def trace(statement: str) -> None:
        nonlocal left
        if statement.lower().startswith(("select", "pragma", "-- select")):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    db.conn.set_trace_callback(trace)


def test_a_file_of_a_newer_version_is_refused(kept: Path, clock: SettableClock) -> None:
    reopen(kept, clock=clock).close()
    db = raw(kept)
    db["_sqlite_migrations"].insert(
        {"migration_set": "kcdesk", "name": "9999_later", "applied_at": "later"}
    )
    db.close()
    content = (kept / DATABASE_FILE).read_bytes()
    with pytest.raises(WorkspaceError) as refused:
        reopen(kept, clock=clock)
    assert refused.value.code == "newer_version"
    assert "phiên bản kcdesk mới" in refused.value.message
    assert (kept / DATABASE_FILE).read_bytes() == content


def test_a_new_file_is_not_outdated(tmp_path: Path) -> None:
    db = connect(tmp_path / "new.db", bytes(32), create=True)
    assert not outdated(db)
    migrate(db, only=STEPS[:1])
    assert applied_steps(db) == STEPS[:1]
    assert outdated(db)
    migrate(db)
    assert not outdated(db)
    db.close()


def test_a_backup_of_each_schema_is_restored(
    kept: Path, tmp_path: Path, clock: SettableClock
) -> None:
    """What was backed up before an upgrade comes back as the file of today."""
    from tests.storage.test_backups import place, restore_from

    with reopen(kept, clock=clock) as workspace:
        if not workspace.backups.names():
            pytest.skip("today's schema has no upgrade")
        where = place(tmp_path / "restored", workspace, clock)
        before = set(map(str, workspace.changes()))
    restored = restore_from(kept, where)
    assert restored.manifest.reason == "upgrade"
    (where.folder / "bare.key").write_bytes(where.key)
    with Workspace.open(
        where.folder,
        FileKeys(),
        marks_of(where.folder),
        units=shipped_units(),
        clock=clock,
        randomness=where.randomness,
    ) as back:
        assert set(map(str, back.changes())) == before
        assert list(back.lists.every("establishments"))

"""Checking finds every difference between the changes and what follows from them, and makes it anew from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kcdesk.changes import Change
from kcdesk.errors import Cancelled
from kcdesk.storage.drafts import Form
from kcdesk.storage.edits import Edit
from kcdesk.storage.folder.description import DATABASE_FILE
from kcdesk.storage.safety.check import Checker, Difference
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import make, raw, register_copy, reopen

KIND = "establishments"
A, B, C = (f"01900000-0000-7000-8000-{n:012d}" for n in (1, 2, 3))
FIGURES = "01900000-0000-7000-8000-000000000009"
OTHER = "00000000000000b2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three establishments, one of them merged, figures, a refused change, a record of a kind nobody knows, a draft."""
    folder = tmp_path / "workspace"
    with make(folder) as workspace:
        workspace.save([Edit(KIND, A, {"name": "Hộ A", "phone": "+84912345678"})])
        workspace.save([Edit(KIND, B, {"name": "Hộ B"}), Edit(KIND, C, {"name": "Hộ C"})])
        workspace.save([Edit("figures", FIGURES, {"establishment": B, "year": 2025})])
        workspace.save([Edit(KIND, B, {"merged_into": A})])
        (refused,) = workspace.save([Edit(KIND, C, {"deleted": True})])
        workspace.confirm(refused.n, workspace.chain().last_hash, [(refused.n, "no_right")])
        workspace.save([Edit(KIND, A, {"hamlet": "Thôn Dín"})])
        workspace.receive([Change(OTHER, 1, "fairs", FIGURES, 1, {"name": "Hội chợ"}, {})], {})
        workspace.drafts.keep(Form(KIND, A), {"name": "Hộ A B"}, at=1)
    return folder


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with reopen(folder) as opened:
        yield opened


def found(checker: Checker) -> list[Difference]:
    def progress(done: int, total: int) -> None:
        assert 0 <= done <= total

    parts = [checker.file(), checker.schema(), checker.rows(progress), checker.search()]
    return [one for part in (*parts, checker.counters(), checker.drafts()) for one in part]


def test_a_workspace_as_it_should_be(workspace: Workspace) -> None:
    assert found(workspace.checker) == []
    assert workspace.checker.repair([]) == []


def test_the_register_is_as_it_should_be(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = register_copy(tmp_path_factory.getbasetemp(), tmp_path / "register")
    with reopen(folder) as workspace:
        calls: list[tuple[int, int]] = []
        assert list(workspace.checker.rows(lambda done, total: calls.append((done, total)))) == []
        assert calls[-1] == (workspace.count_changes(), workspace.count_changes())
        assert len(calls) > 5


REPAIRABLE = {
    "a value": (f"UPDATE {KIND} SET phone = 'x' WHERE id = '{A}'", (KIND, A, "phone")),
    "a cleared one": (f"UPDATE {KIND} SET name = NULL WHERE id = '{C}'", (KIND, C, "name")),
    "the rest": ("UPDATE figures SET rest = '{\"x\":1}'", ("figures", FIGURES, "rest")),
    "conflicts": (f"UPDATE {KIND} SET conflicts = 1 WHERE id = '{A}'", (KIND, A, "conflicts")),
    "a missing row": (f"DELETE FROM {KIND} WHERE id = '{C}'", (KIND, C, "")),
    "an extra row": (
        "INSERT INTO needs (id, conflicts, deleted, sort_key, rest) VALUES ('x', 0, 0, '', '{}')",
        ("needs", "x", "id"),
    ),
    "a survivor": (f"UPDATE {KIND} SET survivor = '{C}' WHERE id = '{B}'", (KIND, B, "survivor")),
    "no survivor": (f"UPDATE {KIND} SET survivor = NULL", (KIND, B, "survivor")),
    "a survivor of nobody": (
        f"UPDATE {KIND} SET survivor = '{A}' WHERE id = '{C}'",
        (KIND, C, "survivor"),
    ),
    "the index of search": (
        "INSERT INTO establishments_search (establishments_search, rowid, name_folded, rep_name_folded,"
        " place_folded) SELECT 'delete', key, name_folded, rep_name_folded, place_folded FROM establishments",
        ("establishments_search", "", ""),
    ),
    "a trigger": (
        "DROP TRIGGER establishments_search_update",
        ("schema", "establishments_search_update", "trigger"),
    ),
    "an index": ("DROP INDEX establishments_phone", ("schema", "establishments_phone", "index")),
    "a foreign index": (
        "CREATE INDEX mine ON establishments (rest)",
        ("schema", "mine", "index"),
    ),
    "half a draft": (
        "INSERT INTO draft_fields VALUES ('needs', 'x', 'total', CAST('1' AS BLOB))",
        ("draft_fields", "x", ""),
    ),
}


@pytest.mark.parametrize("what", REPAIRABLE)
def test_what_is_wrong_is_named_and_made_anew(workspace: Workspace, what: str) -> None:
    damage, place = REPAIRABLE[what]
    before = list(workspace.changes())
    workspace._db.execute(damage)
    differences = found(workspace.checker)
    assert [(one.table, one.record, one.column) for one in differences] == [place]
    assert differences[0].what.endswith(".")
    assert workspace.checker.repair(differences) == differences
    assert found(workspace.checker) == []
    assert list(workspace.changes()) == before
    workspace.save([Edit(KIND, A, {"name": "Hộ Đức"})])
    assert [row["id"] for row in workspace.lists.page(KIND, search="ho duc").records] == [A]


def _without(change: str) -> str:
    return f"DELETE FROM changes WHERE device = (SELECT id FROM device) AND n = {change}"


COUNTED = {
    "a gap": (_without("2"), ["n", ""]),
    "the last one": (_without("7"), ["last_n", "last_hash"]),
    "a value": (
        "UPDATE changes SET \"set\" = CAST(replace(\"set\", 'Dín', 'Đen') AS BLOB) WHERE n = 7",
        ["", "last_hash"],
    ),
    "the count": ("UPDATE device SET last_n = 9", ["last_n"]),
    "the hour": ("UPDATE device SET last_at = 1", ["last_at"]),
    "confirmed": ("UPDATE device SET confirmed_n = 99", ["confirmed_n", "last_hash"]),
    "a refusal": ("INSERT INTO refusals VALUES ('00000000000000ff', 1, 'x')", [""]),
}


@pytest.mark.parametrize("what", COUNTED)
def test_numbers_are_counted_and_hashed(workspace: Workspace, what: str) -> None:
    damage, columns = COUNTED[what]
    workspace._db.execute(damage)
    differences = list(workspace.checker.counters())
    assert {one.column for one in differences} <= set(columns)
    assert {one.column for one in differences} >= set(columns) - {""}
    assert workspace.checker.repair(differences) == []
    assert list(workspace.checker.counters()) == differences


def test_values_erased_from_what_is_confirmed_are_no_difference(workspace: Workspace) -> None:
    erased = 'UPDATE changes SET "set" = CAST(\'{"phone":null}\' AS BLOB) WHERE n = 1'
    workspace._db.execute(erased)
    assert list(workspace.checker.counters()) == []


def test_a_draft_for_an_establishment_that_is_not_here(workspace: Workspace) -> None:
    workspace.drafts.keep(Form("needs", FIGURES, "nobody"), {"total": "1"}, at=1)
    (one,) = workspace.checker.drafts()
    assert (one.table, one.record, one.column) == ("drafts", FIGURES, "establishment")
    assert workspace.checker.repair([one]) == []  # what somebody typed is not thrown away


def test_a_flipped_byte_is_found(folder: Path) -> None:
    with reopen(folder) as workspace:
        workspace._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = workspace._db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'cursors'"
        ).fetchone()[0]
    data = bytearray((folder / DATABASE_FILE).read_bytes())
    data[(page - 1) * 4096 + 2000] ^= 1
    (folder / DATABASE_FILE).write_bytes(data)
    with reopen(folder) as workspace:
        assert {one.table for one in workspace.checker.file()} == {"file"}


def test_it_can_be_stopped_and_leaves_nothing_behind(workspace: Workspace) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("Đã dừng.")

    with pytest.raises(Cancelled):
        list(workspace.checker.rows(stop))
    assert not workspace._db.conn.in_transaction
    workspace.save([Edit(KIND, A, {"name": "Hộ A1"})])


def test_a_save_beside_it_changes_nothing_of_what_it_sees(folder: Path) -> None:
    other = raw(folder)

    def disturb(done: int, total: int) -> None:
        if done == 0:
            other.execute(f"UPDATE {KIND} SET phone = 'x'")

    with reopen(folder) as workspace:
        assert list(workspace.checker.rows(disturb)) == []
        assert len(list(workspace.checker.rows(lambda done, total: None))) == 3
    other.close()


@pytest.mark.parametrize(
    "undo",
    [
        "UPDATE establishments SET merged_into = NULL, survivor = NULL, rest = json_set(rest, '$.merged_into', 'x')",
        "DELETE FROM figures",
    ],
)
def test_rows_that_an_older_version_could_not_make_are_made_at_the_next_start(
    folder: Path, undo: str
) -> None:
    db = raw(folder)
    db.execute(undo)
    db.execute("PRAGMA user_version = 1")
    db.close()
    with reopen(folder) as workspace:
        assert found(workspace.checker) == []
        assert workspace._db.execute("PRAGMA user_version").fetchone()[0] > 1

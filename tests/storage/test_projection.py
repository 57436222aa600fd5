"""Rows for lists and search: any state can be projected, and the search index follows every edit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.changes import Change
from kcdesk.storage.edits import Edit
from kcdesk.storage.schema import schema_sql
from kcdesk.storage.workspace import Workspace
from tests.changes.test_model import json_values
from tests.storage.workspaces import NOW, make, raw

KIND = "establishments"
IDS = [f"01900000-0000-7000-8000-{n:012d}" for n in range(4)]
SCHEMA = Path(__file__).parents[2] / "kcdesk" / "storage" / "schema.sql"

FIELDS = (
    *("name", "founded_year", "workers", "year", "x", "machines"),
    *("id", "kind", "conflicts", "key", "deleted", "place", "rest", "sort_key"),
    *("machines/22a/name", "machines/22a/row", "machines/22a/deleted"),
)
names = st.sampled_from(["Hộ Đặng Văn Đức", "ĐỨC", "duc", "", "Ðức", "a\0b", "Ế̀", "𞤀𞤀"]) | st.text()


def test_the_kept_schema_is_that_of_a_new_workspace(folder: Path) -> None:
    """After a change: write what `schema_sql` says of a fresh workspace into kcdesk/storage/schema.sql."""
    make(folder).close()
    db = raw(folder)
    found = schema_sql(db)
    db.close()
    assert found == SCHEMA.read_text("utf-8")


def test_the_schema_names_triggers_and_indexes() -> None:
    text = SCHEMA.read_text("utf-8")
    for what in ("insert", "delete", "update"):
        assert f"CREATE TRIGGER establishments_search_{what}" in text
    assert "CREATE INDEX establishments_sorted" in text
    assert "establishments_search_data" not in text


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(IDS),
            st.dictionaries(
                st.sampled_from(["name", "rep_name", "hamlet", "commune", "old_commune"]),
                names | st.sampled_from(["02989", "02974"]) | json_values,
                min_size=1,
            )
            | st.sampled_from([{"deleted": True}, {"deleted": False}]),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_the_search_index_is_right_after_any_edits(
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[str, dict[str, object], bool]],
) -> None:
    """Also after records whose only change was refused have gone again."""
    folder = tmp_path_factory.mktemp("fts") / "workspace"
    with make(folder) as workspace:
        for record, fields, refuse in edits:
            (change,) = workspace.save([Edit(KIND, record, fields)])
            if refuse:
                workspace.confirm(change.n, b"", [(change.n, "x")])
            workspace._db.execute(
                "INSERT INTO establishments_search (establishments_search, rank) VALUES ('integrity-check', 1)"
            )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        json_values | st.integers(-(1 << 70), 1 << 70),
        min_size=1,
    ),
    st.sampled_from(["establishments", "figures", "surveys", "needs"]),
)
def test_any_change_can_be_projected_and_read(
    shared: Workspace, fields: dict[str, object], kind: str
) -> None:
    n = shared_number(shared)
    record = f"01900000-0000-7000-9000-{n:012d}"
    shared.receive([Change("00000000000000b2", n, kind, record, NOW, fields, {})], {})
    row = shared.lists.get(kind, record)
    assert row["id"] == record
    assert row["kind"] == kind
    assert row["conflicts"] == 0
    listed = {"id", "kind", "conflicts", "deleted"} | {f for f in fields if "/" in f}
    for name, value in fields.items():
        if name not in listed and value is not None:
            assert row[name] == value
    if fields.get("deleted") is not True:
        assert record in [each["id"] for each in shared.lists.every(kind)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make(tmp_path_factory.mktemp("any") / "workspace")


def shared_number(workspace: Workspace) -> int:
    return len(list(workspace.changes())) + 1


def test_rows_keep_their_order_and_deleted_ones_are_gone(workspace: Workspace) -> None:
    cells = {
        "main_products/23bbbbb/name": "Đậu phụ",
        "main_products/22aaaaa/name": "Rượu",
        "main_products/22aaaaa/output": "2.5",
        "main_products/24ccccc/name": "Chè",
        "main_products/23bbbbb/deleted": True,
    }
    workspace.save([Edit(KIND, IDS[0], {"name": "Hộ A", **cells})])
    rows = workspace.lists.get(KIND, IDS[0])["main_products"]
    assert rows == [
        {"row": "22aaaaa", "name": "Rượu", "output": "2.5"},
        {"row": "24ccccc", "name": "Chè"},
    ]


def test_a_deleted_record_is_in_the_bin_and_comes_back(workspace: Workspace) -> None:
    workspace.save([Edit(KIND, IDS[0], {"name": "Hộ A"})])
    workspace.save([Edit(KIND, IDS[0], {"deleted": True})])
    assert workspace.lists.page(KIND).records == []
    assert workspace.lists.page(KIND, search="ho a").records == []
    assert workspace.lists.count(KIND) == 0
    assert [row["name"] for row in workspace.lists.page(KIND, deleted=True).records] == ["Hộ A"]
    workspace.save([Edit(KIND, IDS[0], {"deleted": False})])
    assert workspace.lists.count(KIND) == 1
    assert workspace.lists.page(KIND, deleted=True).records == []

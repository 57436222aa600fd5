"""Much at once, and long lists: an action or an answer of thousands of changes, establishments by person, page ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcdesk.changes import Change, Value, chain_start, extend
from kcdesk.domain.text import person_sort_key
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Row
from kcdesk.storage.reading.search import CHUNK
from kcdesk.storage.workspace import GROUP, Workspace

KIND = "establishments"
STEP = Path(__file__).parents[2] / "kcdesk/storage/migrations/0006_search_and_persons.sql"


def record(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012}"


def edits() -> list[Edit]:
    """More than are written together; each record comes again in the same group and in another one."""
    many = 2 * GROUP + 7
    return [
        Edit(
            KIND, record(number * 7 % 601), {"name": f"Hộ {number}", f"extra_{number % 3}": number}
        )
        for number in range(many)
    ] + [Edit("figures", record(number), {"year": number}) for number in range(50)]


def assert_sound(workspace: Workspace) -> None:
    assert list(workspace.checker.rows(lambda done, total: None)) == []
    assert list(workspace.checker.search()) == []


def said() -> dict[str, dict[str, Value]]:
    """What the establishments say after `edits`: of each field the last word."""
    records: dict[str, dict[str, Value]] = {}
    for edit in edits():
        if edit.kind == KIND:
            records.setdefault(edit.record, {}).update(edit.set)
    return records


def test_an_action_of_thousands(workspace: Workspace) -> None:
    made = workspace.save(edits())
    assert [change.n for change in made] == list(range(1, len(edits()) + 1))
    assert workspace.chain().last_hash == extend(chain_start(workspace.device_id), made)
    assert list(workspace.own_changes(0, len(made))) == made
    assert_sound(workspace)
    for record_id, values in said().items():
        assert workspace.state(KIND, record_id).values == values
        assert workspace.lists.get(KIND, record_id)["name"] == values["name"]


def test_thousands_received_in_any_order(workspace: Workspace) -> None:
    device = "00112233445566aa"
    changes = [
        Change(device, n, edit.kind, edit.record, n, edit.set, {})
        for n, edit in enumerate(edits(), 1)
    ]
    workspace.receive([*changes[1500:], *changes[:1700]], {})
    for record_id, values in said().items():
        assert workspace.state(KIND, record_id).values == values
    assert_sound(workspace)


def test_what_fails_in_a_later_group_leaves_nothing(workspace: Workspace) -> None:
    wrong = Edit(KIND, record(1), {"no field": 1})
    with pytest.raises(Exception, match="Tên trường"):
        workspace.save([*edits(), wrong])
    assert workspace.chain().last_n == 0
    assert workspace.lists.count(KIND) == 0


# Establishments in the order of their persons


def by_person(workspace: Workspace, size: int) -> list[Row]:
    rows: list[Row] = []
    after = None
    while True:
        page = workspace.lists.page(KIND, limit=size, after=after, by_person=True)
        rows += page.records
        after = page.next
        if after is None:
            return rows


def test_persons_by_given_name_and_nobody_last(register: Workspace, workspace: Workspace) -> None:
    rows = by_person(register, 500)
    persons = [str(row["rep_name"]) for row in rows if row.get("rep_name")]
    assert len({row["id"] for row in rows}) == register.lists.count(KIND)
    assert persons == sorted(persons, key=person_sort_key)
    for number, person in enumerate((None, "Trần Thị Ân", "Đỗ Văn An", "", "Lê Bình")):
        workspace.save([Edit(KIND, record(number), {"name": f"Hộ {number}", "rep_name": person})])
    found = [row.get("rep_name") or None for row in by_person(workspace, 2)]
    assert found == ["Đỗ Văn An", "Trần Thị Ân", "Lê Bình", None, None]


def test_an_upgraded_file_has_the_same_order(register: Workspace) -> None:
    """The step of the schema and the projection say the same of every establishment."""
    (update,) = [line for line in STEP.read_text("utf-8").splitlines() if line.startswith("UPDATE")]
    keys = "SELECT id, person_key FROM establishments ORDER BY id"
    before = register._db.execute(keys).fetchall()
    register._db.execute("BEGIN")
    register._db.execute("UPDATE establishments SET person_key = '~'")
    register._db.execute(update)
    after = register._db.execute(keys).fetchall()
    register._db.execute("ROLLBACK")
    assert before == after
    assert len({key for _, key in before}) > 1000


# Where pages end


def test_page_ends_are_what_the_pages_say(register: Workspace) -> None:
    ends: list[str] = []
    page = register.lists.page(KIND, limit=CHUNK)
    first = page.next
    assert first is not None
    while page.next is not None:
        ends.append(page.next)
        page = register.lists.page(KIND, limit=CHUNK, after=page.next)
    assert register.lists.page_ends(KIND, size=CHUNK, after=first) == ends[1:]
    assert register.lists.page_ends(KIND, size=CHUNK, after=first, pages=3) == ends[1:4]
    assert register.lists.page_ends(KIND, size=CHUNK, after=ends[-1]) == []

"""Reading follows merged duplicates, whatever the order in which it became known who merged whom into whom."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.changes import Change, survivors
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import make, rows_of

KIND = "establishments"
IDS = [f"01900000-0000-7000-8000-{n:012d}" for n in range(6)]
A, B, C, D, E, F = IDS
OTHER = "00000000000000b2"
graphs = st.dictionaries(st.sampled_from(IDS), st.sampled_from(IDS))


@given(graphs)
def test_following_ends_at_one_that_stands_for_itself(merged_into: dict[str, str]) -> None:
    found = survivors(merged_into)
    for record in IDS:
        way = [record]
        while way[-1] in merged_into and merged_into[way[-1]] not in way:
            way.append(merged_into[way[-1]])
        last = way[-1]
        circle = way[way.index(merged_into[last]) :] if last in merged_into else [last]
        end = min(circle)
        assert found.get(record, record) == end
        assert end not in found


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(IDS),
            st.sampled_from([*IDS, None, 7]).map(lambda into: {"merged_into": into})
            | st.sampled_from([{"deleted": True}, {"deleted": False}, {"name": "x"}]),
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
    st.sets(st.integers(1, 12), max_size=3),
)
def test_any_order_of_merging_and_parting_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[tuple[str, dict[str, object]]],
    order: random.Random,
    refused: set[int],
) -> None:
    """One workspace makes the changes one after the other; another receives them shuffled, in pieces."""
    base = tmp_path_factory.mktemp("merged")
    with make(base / "one") as one:
        made = [
            change for record, fields in said for change in one.save([Edit(KIND, record, fields)])
        ]
        one.confirm(len(made), b"", [(c.n, "x") for c in made if c.n in refused])
        assert list(one.checker.rows(lambda done, total: None)) == []
        arriving = [c for c in made if c.n not in refused]
    with make(base / "two", seed="two") as two:
        order.shuffle(arriving)
        while arriving:
            some = order.randint(1, len(arriving))
            two.receive(arriving[:some], {})
            arriving = arriving[some:]
        assert list(two.checker.rows(lambda done, total: None)) == []
    assert rows_of(base / "one") == rows_of(base / "two")


@pytest.fixture
def three(workspace: Workspace) -> Workspace:
    """A, B and C, with figures of A and C and a survey of A."""
    workspace.save([Edit(KIND, record, {"name": f"Hộ {record[-1]}"}) for record in (A, B, C)])
    workspace.save(
        [
            Edit("figures", D, {"establishment": A, "year": 2025, "workers": 3}),
            Edit("figures", E, {"establishment": C, "year": 2025, "workers": 5}),
            Edit("surveys", F, {"establishment": A, "survey_no": "1"}),
        ]
    )
    return workspace


def shown(workspace: Workspace) -> list[str]:
    return [str(row["id"]) for row in workspace.lists.every(KIND)]


def test_what_hangs_on_the_merged_one_is_read_under_the_other(three: Workspace) -> None:
    three.save([Edit(KIND, A, {"merged_into": B})])
    lists = three.lists
    assert shown(three) == [B, C]
    assert lists.count(KIND) == 2
    assert [row["id"] for row in lists.page(KIND, search="ho").records] == [B, C]
    (figures,) = lists.of_establishments("figures", [B])
    assert (figures["id"], figures["establishment"], figures["merged_from"]) == (D, B, A)
    (survey,) = lists.page("surveys", where={"establishment": B}).records
    assert survey["establishment"] == B
    assert [row["id"] for row in lists.page("surveys", search="ho 1").records] == [F]
    assert lists.page("surveys", search="ho 0").records == []
    assert lists.get(KIND, A)["survivor"] == B
    assert lists.stands_for(A) == B
    assert "survivor" not in lists.get(KIND, B)
    three.save([Edit(KIND, A, {"merged_into": None})])
    assert shown(three) == [A, B, C]
    assert lists.of_establishments("figures", [B]) == []
    assert "merged_from" not in lists.get("figures", D)


def test_chains_are_followed_and_parting_in_the_middle_parts_both(three: Workspace) -> None:
    three.save([Edit(KIND, A, {"merged_into": B})])
    three.save([Edit(KIND, B, {"merged_into": C})])
    assert shown(three) == [C]
    assert {row["id"] for row in three.lists.of_establishments("figures", [C])} == {D, E}
    three.save([Edit(KIND, B, {"merged_into": None})])
    assert shown(three) == [B, C]
    assert three.lists.stands_for(A) == B


def test_in_a_circle_the_smallest_stands_and_it_is_a_conflict(three: Workspace) -> None:
    three.save([Edit(KIND, C, {"merged_into": B})])
    three.receive([Change(OTHER, 1, KIND, B, 1, {"merged_into": C}, {})], {})
    assert shown(three) == [A, B]
    assert [row["id"] for row in three.lists.in_conflict()] == [B]
    assert [row["id"] for row in three.lists.of_establishments("figures", [B])] == [E]
    three.save([Edit(KIND, B, {"merged_into": None})])
    assert three.lists.in_conflict() == []


def test_merged_into_something_that_is_not_here_stands_until_that_arrives(
    workspace: Workspace,
) -> None:
    workspace.save([Edit(KIND, A, {"name": "Hộ A", "merged_into": B})])
    assert shown(workspace) == [A]
    assert workspace.lists.in_conflict() == []
    workspace.receive([Change(OTHER, 1, KIND, B, 1, {"name": "Hộ B"}, {})], {})
    assert shown(workspace) == [B]


def test_a_refused_merge_never_was(three: Workspace) -> None:
    (change,) = three.save([Edit(KIND, A, {"merged_into": B})])
    assert shown(three) == [B, C]
    three.confirm(change.n, b"", [(change.n, "no_right")])
    assert shown(three) == [A, B, C]


def test_what_hangs_on_something_in_the_bin_is_not_listed(three: Workspace) -> None:
    three.save([Edit(KIND, A, {"deleted": True})])
    lists = three.lists
    assert [row["id"] for row in lists.every("figures")] == [E]
    assert (lists.count("figures"), lists.count("surveys")) == (1, 0)
    assert lists.page("surveys", search="1").records == []
    assert [row["id"] for row in lists.of_establishments("surveys", [A])] == [F]
    assert list(lists.values("surveys", "survey_no")) == ["1"]
    three.save([Edit(KIND, A, {"deleted": False})])
    assert lists.count("figures") == 2


def test_a_survivor_in_the_bin_takes_all_along(three: Workspace) -> None:
    three.save([Edit(KIND, A, {"merged_into": B})])
    three.save([Edit(KIND, B, {"deleted": True})])
    assert shown(three) == [C]
    assert [row["id"] for row in three.lists.every("figures")] == [E]


def test_rows_of_no_establishment_are_listed(workspace: Workspace, tmp_path: Path) -> None:
    workspace.save([Edit(KIND, A, {"deleted": True}), Edit("needs", B, {"purpose": "x"})])
    assert workspace.lists.count("needs") == 1

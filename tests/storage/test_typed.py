"""What people type finds what they mean, however they type it: queries drawn from the rows of the real register.

Every query carries what makes its row the only one, or its few namesakes: name and commune, a telephone, a code.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

import pytest

from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Lists
from kcdesk.storage.workspace import Workspace
from tests.storage.typed_queries import COMMUNE, NAME, PHONE, TAX, WAYS, lone_rows, typed_queries

COUNT = 150


@pytest.fixture(scope="module")
def lists(register: Workspace) -> Lists:
    return register.lists


@pytest.fixture(scope="module")
def drawn() -> list[list[str]]:
    return random.Random(20_26).sample(lone_rows(), COUNT)


def place(lists: Lists, typed: str, name: str, limit: int = 50) -> int | None:
    """Where the name stands among what was found."""
    found = [
        str(row["name"]) for row in lists.page("establishments", search=typed, limit=limit).records
    ]
    return found.index(name) if name in found else None


@pytest.mark.parametrize("how", WAYS)
def test_name_and_commune(lists: Lists, drawn: list[list[str]], how: Callable[[str], str]) -> None:
    places = {
        typed: place(lists, typed, unicodedata.normalize("NFC", row[NAME]))
        for row in drawn
        if (typed := how(f"{row[NAME]} {row[COMMUNE]}"))
    }
    assert [typed for typed, at in places.items() if at is None] == []
    first = sum(at is not None and at < 5 for at in places.values())
    assert first >= 0.95 * len(places)


def test_two_thousand_queries(lists: Lists) -> None:
    """All are found, 95 of 100 among the first five."""
    queries = list(typed_queries(2_000))
    places = [place(lists, query.typed, query.name) for query in queries]
    assert [q.typed for q, at in zip(queries, places, strict=True) if at is None] == []
    assert sum(at is not None and at < 5 for at in places) >= 0.95 * len(places)


def test_telephones_and_codes_whole_and_in_part(lists: Lists, drawn: list[list[str]]) -> None:
    for row in drawn:
        name = unicodedata.normalize("NFC", row[NAME])
        parts = [row[PHONE], row[PHONE][1:], row[PHONE][-7:], f"{row[PHONE][:4]} {row[PHONE][4:]}"]
        parts += [row[TAX], row[TAX][-7:]] if row[TAX] else []
        for typed in filter(None, parts):
            assert place(lists, typed, name) is not None, typed


def test_beginnings_of_numbers_come_before_their_inside(lists: Lists) -> None:
    rows = lists.page("establishments", search="5303", limit=500).records
    begins = [
        str(row.get("tax_code", "")).startswith("5303") or str(row["phone"]).startswith("+845303")
        for row in rows
    ]
    assert begins == sorted(begins, reverse=True)
    assert 0 < begins.count(False) < len(begins)
    pages = []
    after = None
    while True:
        page = lists.page("establishments", search="5303", limit=37, after=after)
        pages += page.records
        after = page.next
        if after is None:
            break
    assert pages[: len(rows)] == rows
    assert len({row["id"] for row in pages}) == len(pages)


def test_other_kinds_are_found_as_typed(workspace: Workspace) -> None:
    need = "01900000-0000-7000-8000-000000000002"
    workspace.save([Edit("needs", need, {"purpose": "Mua máy ép gạch"})])
    for typed in ("mays", "ma1y e1p", "Mua mays esp gachj"):
        rows = workspace.lists.page("needs", search=typed).records
        assert [row["id"] for row in rows] == [need], typed
    assert workspace.lists.page("needs", search="mayss gachjk").records == []

"""What people type finds what they mean, however they type it: queries drawn from the rows of the real register.

Every query carries what makes its row the only one, or its few namesakes: name and commune, a telephone, a code.
"""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Callable

import pytest
from python_calamine import CalamineWorkbook

from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Lists
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import REGISTER

NAME, TAX, PHONE, COMMUNE = 1, 4, 5, 7
COUNT = 150
_TELEX = {
    "\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j", "\u0306": "w", "\u031b": "w",
}  # fmt: skip
_VNI = {
    "\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5", "\u0302": "6", "\u031b": "7",
    "\u0306": "8",
}  # fmt: skip


def _keys(text: str, marks: dict[str, str], stroke: str, *, double: bool) -> str:
    """The keys of an input method, those of a letter right behind it."""
    keys = ""
    for letter in unicodedata.normalize("NFD", text.lower()):
        if letter == "\u0302" and double:
            keys += keys[-1]
        elif letter == "o" and keys.endswith("o") and double:
            keys += "oo"  # a third o makes two of ô: Loỏng
        elif letter == "đ":
            keys += stroke
        else:
            keys += marks.get(letter, letter)
    return keys


def telex(text: str) -> str:
    return _keys(text, _TELEX, "dd", double=True)


def telex_tones_last(text: str) -> str:
    """The tone typed at the end of its word, as most people do."""
    words = []
    for word in text.split():
        letters = unicodedata.normalize("NFD", word)
        tones = [letter for letter in letters if letter in "\u0301\u0300\u0309\u0303\u0323"]
        words.append(telex("".join(c for c in letters if c not in tones) + "".join(tones)))
    return " ".join(words)


def vni(text: str) -> str:
    return _keys(text, _VNI, "d9", double=False)


def plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def wrong_marks(text: str) -> str:
    return text.translate(str.maketrans("áàảãạ" + "ôơ" + "ưu", "àáạảã" + "ơô" + "uư"))


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.fixture(scope="module")
def lists(register: Workspace) -> Lists:
    return register.lists


@pytest.fixture(scope="module")
def drawn() -> list[list[str]]:
    """Rows of the register, no two of which share name and commune."""
    sheet = CalamineWorkbook.from_path(str(REGISTER)).get_sheet_by_index(0).to_python()
    rows = [[str(cell) for cell in row] for row in sheet if isinstance(row[0], float)]
    seen = Counter((plain(row[NAME]), plain(row[COMMUNE])) for row in rows)
    alone = [row for row in rows if seen[plain(row[NAME]), plain(row[COMMUNE])] == 1]
    return random.Random(20_26).sample(alone, COUNT)


def place(lists: Lists, typed: str, name: str, limit: int = 50) -> int | None:
    """Where the name stands among what was found."""
    found = [
        str(row["name"]) for row in lists.page("establishments", search=typed, limit=limit).records
    ]
    return found.index(name) if name in found else None


@pytest.mark.parametrize(
    "how", [telex, telex_tones_last, vni, plain, wrong_marks, decomposed, str, str.upper]
)
def test_name_and_commune(lists: Lists, drawn: list[list[str]], how: Callable[[str], str]) -> None:
    places = {
        typed: place(lists, typed, unicodedata.normalize("NFC", row[NAME]))
        for row in drawn
        if (typed := how(f"{row[NAME]} {row[COMMUNE]}"))
    }
    assert [typed for typed, at in places.items() if at is None] == []
    first = sum(at is not None and at < 5 for at in places.values())
    assert first >= 0.95 * len(places)


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

"""What people type, drawn from the rows of the sample register: each query carries what makes its row the only one.

Name and commune, a telephone or a code, whole or in part; with marks, without, with wrong ones, decomposed, in
capitals, and as the keys of Telex and VNI. The same seed draws the same queries.
"""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from python_calamine import CalamineWorkbook

from tests.storage.workspaces import REGISTER

NAME, TAX, PHONE, COMMUNE = 1, 4, 5, 7
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


WAYS: tuple[Callable[[str], str], ...] = (
    *(telex, telex_tones_last, vni, plain, wrong_marks, decomposed, str, str.upper),
)


class Query(NamedTuple):
    """what: name and commune, phone or code; typed: the words; name, phone: of the one that is meant."""

    what: str
    typed: str
    name: str
    phone: str


def lone_rows() -> list[list[str]]:
    """Rows of the register, no two of which share name and commune."""
    sheet = CalamineWorkbook.from_path(str(REGISTER)).get_sheet_by_index(0).to_python()
    rows = [[str(cell) for cell in row] for row in sheet if isinstance(row[0], float)]
    seen = Counter((plain(row[NAME]), plain(row[COMMUNE])) for row in rows)
    return [row for row in rows if seen[plain(row[NAME]), plain(row[COMMUNE])] == 1]


def typed_queries(count: int, seed: str = "queries") -> Iterator[Query]:
    """`count` queries: six of ten by name and commune, the others by telephone or code, whole or in part."""
    chance = random.Random(seed)
    rows = lone_rows()
    with_code = [row for row in rows if row[TAX]]
    for _ in range(count):
        kind = chance.random()
        row = chance.choice(rows if kind < 0.8 else with_code)
        if kind < 0.6:
            what = "name and commune"
            typed = chance.choice(WAYS)(f"{row[NAME]} {row[COMMUNE]}")
        elif kind < 0.8:
            what, number = "phone", row[PHONE]
            parts = (number, number[1:], number[-7:], f"{number[:4]} {number[4:]}")
            typed = chance.choice(parts)
        else:
            what, typed = "tax code", chance.choice((row[TAX], row[TAX][-7:]))
        yield Query(what, typed, unicodedata.normalize("NFC", row[NAME]), row[PHONE])

"""Names of establishments and people: the words that tell one from another, and how alike two names are.

Owns what in a name is only form ("Hộ", "Công ty TNHH", "HTX"), how people shorten words, and the likeness of two
names. Words are compared without marks, in any order; marks count a little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from kcdesk.domain.text import fold, normalise, split_tone

_Words = list[tuple[str, str]]
"""The words of a name, each folded and as written in small letters."""

_WORD = re.compile(r"[^\W_]+")


def _phrases(*texts: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(text.split()) for text in texts)


_FORM = _phrases(
    *("cong ty trach nhiem huu han", "cong ty", "cty", "tong cong ty", "trach nhiem huu han"),
    *("tnhh", "mtv", "mot thanh vien", "1 thanh vien", "hai thanh vien", "2 thanh vien"),
    *("co phan", "cp", "ctcp", "doanh nghiep tu nhan", "doanh nghiep", "dntn", "dn", "xi nghiep"),
    *("lien hiep hop tac xa", "lien hiep htx", "lh htx", "lhhtx", "hop tac xa", "htx"),
    *("to hop tac", "tht", "ho kinh doanh ca the", "ho kinh doanh", "ho ca the", "ho gia dinh"),
    *("hkd", "hkdct", "co so", "cs", "cssx", "xuong", "to san xuat"),
)
"""Says how an establishment is organised; two records of one establishment often disagree on it."""
_BRANCH = _phrases("chi nhanh", "cn", "van phong dai dien", "vpdd", "dia diem kinh doanh", "ddkd")
_COMMON = _phrases(
    *("san xuat", "kinh doanh", "che bien", "thuong mai", "dich vu", "xay dung", "xuat nhap khau"),
    *("tong hop", "nong nghiep", "va", "gia cong", "dau tu", "phat trien"),
)
"""Words of trade that so many names have that they tell nothing; left out while another word is there."""
_FIRST_WORDS = {
    phrases: frozenset(phrase[0] for phrase in phrases) for phrases in (_FORM, _BRANCH, _COMMON)
}
_LONGEST = 5
"""Words of the longest phrase above, less the one it starts with."""
_SHORT = {
    "sx": "san xuat",
    "sxkd": "san xuat kinh doanh",
    "kd": "kinh doanh",
    "cb": "che bien",
    "tm": "thuong mai",
    "dv": "dich vu",
    "tmdv": "thuong mai dich vu",
    "xd": "xay dung",
    "xnk": "xuat nhap khau",
    "nn": "nong nghiep",
    "vlxd": "vat lieu xay dung",
    "ng": "nguyen",
}
_BEFORE_PERSONS = frozenset(("hộ", "ông", "bà", "anh", "chị"))
"""Before a person's name. With their marks only: Hồ, Bá and Ánh are names."""

_SHARED = frozenset(
    (
        *(
            "nguyen",
            "tran",
            "le",
            "pham",
            "hoang",
            "huynh",
            "phan",
            "vu",
            "vo",
            "dang",
            "bui",
            "do",
        ),
        *(
            "ngo",
            "duong",
            "ly",
            "van",
            "thi",
            "a",
            "huu",
            "duc",
            "quoc",
            "minh",
            "xuan",
            "seo",
            "lao",
        ),
    )
)
"""Family and middle names that many people have: half the weight of another word."""

_LONG = 7
"""Letters from which on a word may have two typing mistakes; in a shorter one they make another word."""
_INITIAL = 0.8
"""How alike a word and its first letter are."""
MARKS_DIFFER = 0.95


class Name(NamedTuple):
    """A name, reduced.

    words:  what is left without form and common words, folded, in alphabetical order
    joined: the same in the order of the name, without spaces; "" for a name without a letter
    marked: its words with their marks, with spaces; "" when it has none
    branch: the name says that it is a branch
    """

    words: tuple[str, ...]
    joined: str
    marked: str
    branch: bool


@lru_cache(maxsize=16384)
def read_name(text: str) -> Name:
    """The name in a text, of an establishment or a person.

    >>> read_name("Công ty TNHH MTV SX & TM Hoàng Liên").words == read_name("CTY Hoàng Liên").words
    True
    >>> read_name("Hộ ông Vàng A Páo").words, read_name("Hồ Văn An").words
    (('a', 'pao', 'vang'), ('an', 'ho', 'van'))
    """
    written = [(fold(word), word) for word in _WORD.findall(normalise(text).casefold())]
    whole = [word for pair in _without_title(written) for word in _in_full(pair)]
    without_branch = _without(whole, _BRANCH)
    kept = _without(_without(without_branch, _FORM), _COMMON)
    folded, marked = (" ".join(words) for words in zip(*kept, strict=True)) if kept else ("", "")
    return Name(
        tuple(sorted(word for word, _ in kept)),
        folded.replace(" ", ""),
        "" if folded == marked else marked,
        branch=len(without_branch) < len(whole),
    )


def likeness(one: Name, other: Name) -> float:
    """How alike two names are, 0 to 1, the same in both directions. 1: the same words; 0.95: their marks differ.

    Words are paired, a typing mistake or an initial counts in part, what is left over counts against.

    >>> likeness(read_name("Hộ Vàng A Páo"), read_name("VANG A PAO"))
    1.0
    >>> round(likeness(read_name("Vàng A Páo"), read_name("Vàng A Sử")), 2)
    0.6
    """
    if not one.joined or not other.joined:
        return 0.0
    if one.joined == other.joined:
        return 1.0 if _marks_agree(one.marked, other.marked) else MARKS_DIFFER
    if one.words == other.words:
        return 1.0
    left, right = list(one.words), list(other.words)
    agreed = 0.0
    for word in one.words:
        if word in right:
            left.remove(word)
            right.remove(word)
            agreed += 2 * _weight(word)
    while left and right:
        alike, _, a, b = max((_alike(a, b), sorted((a, b)), a, b) for a in left for b in right)
        if not alike:
            break
        left.remove(a)
        right.remove(b)
        agreed += alike * (_weight(a) + _weight(b))
    return agreed / (sum(map(_weight, one.words)) + sum(map(_weight, other.words)))


def parts_of(name: Name) -> Iterator[tuple[str, ...]]:
    """The words of a name less each one in turn: what one mistake in it leaves.

    >>> list(parts_of(read_name("Nguyễn Văn Hùng")))
    [('nguyen', 'van'), ('hung', 'van'), ('hung', 'nguyen')]
    """
    for place in range(len(name.words)):
        if rest := name.words[:place] + name.words[place + 1 :]:
            yield rest


def _weight(word: str) -> float:
    return 0.5 if word in _SHARED else 1.0


def _alike(one: str, other: str) -> float:
    if one.isdecimal() or other.isdecimal():
        return float(one == other)
    if (len(one) == 1) != (len(other) == 1) and one[0] == other[0]:
        return _INITIAL
    mistakes = OSA.distance(one, other, score_cutoff=2)
    if mistakes > (2 if min(len(one), len(other)) >= _LONG else 1):
        return 0.0
    return 1 - mistakes / max(len(one), len(other))


def _marks_agree(one: str, other: str) -> bool:
    """Whether two names with the same letters can be one: a word without any marks may mean every marked one."""
    if one == other or not one or not other:
        return True
    return all(
        fold(a) == a or fold(b) == b or split_tone(a) == split_tone(b)
        for a, b in zip(one.split(), other.split(), strict=False)
    )


def _without_title(words: _Words) -> _Words:
    """Without "Hộ", "ông", "bà" in front; "ho" without its mark only before a whole name of three words."""
    kept = words
    while len(kept) > 1 and kept[0][1] in _BEFORE_PERSONS:
        kept = kept[1:]
    if len(kept) == len(words) > 3 and words[0][1] == "ho":
        return words[1:]
    return kept


def _in_full(word: tuple[str, str]) -> _Words:
    full = _SHORT.get(word[0])
    return [(part, part) for part in full.split()] if full else [word]


def _without(words: _Words, phrases: frozenset[tuple[str, ...]]) -> _Words:
    """The words that are in none of the phrases; all of them when nothing else would be left."""
    folded = tuple(word for word, _ in words)
    if _FIRST_WORDS[phrases].isdisjoint(folded):
        return words
    kept: _Words = []
    place = 0
    while place < len(folded):
        length = _phrase_at(folded, place, phrases)
        if not length:
            kept.append(words[place])
        place += length or 1
    return kept or words


def _phrase_at(words: Sequence[str], place: int, phrases: frozenset[tuple[str, ...]]) -> int:
    for length in range(min(_LONGEST + 1, len(words) - place), 0, -1):
        if tuple(words[place : place + length]) in phrases:
            return length
    return 0

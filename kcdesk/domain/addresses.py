"""How people write administrative units: "TT. Bát Xát", "P.9", "xa krong na", "Q1", "TP.HCM".

Owns the text of one cell: the kind and the name in it, and when two spellings are one name.
Which units exist is the business of `administrative_units`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import lru_cache

import msgspec

from kcdesk.domain.text import fold, normalise, split_tone

COMMUNE_KINDS: Mapping[str, tuple[str, ...]] = {
    "Thị trấn": ("thị trấn", "ttr", "tt", "t.t"),
    "Đặc khu": ("đặc khu", "đk"),
    "Phường": ("phường", "p"),
    "Xã": ("xã", "x"),
    "Huyện": ("huyện", "h"),  # five island districts had no communes and stand in their place
}
DISTRICT_KINDS: Mapping[str, tuple[str, ...]] = {
    "Thành phố": ("thành phố", "tp", "t.p"),
    "Thị xã": ("thị xã", "tx", "t.x"),
    "Huyện": ("huyện", "h"),
    "Quận": ("quận", "q"),
}
PROVINCE_KINDS: Mapping[str, tuple[str, ...]] = {
    "Thành phố": ("thành phố", "tp", "t.p"),
    "Tỉnh": ("tỉnh", "t"),
}
_PROVINCE_ALIASES = {
    "hcm": "hochiminh",
    "tphcm": "hochiminh",
    "saigon": "hochiminh",
    "hn": "hanoi",
    "thuathienhue": "hue",
    "brvt": "bariavungtau",
    "daclac": "daklak",
    "dacnong": "daknong",
}

_APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ")
_WORD = re.compile(r"[^\W_]+")
_Y_FOR_I = re.compile(r"(qu|[bcdđghklmnprstvx]*)y")
_STATE_FARM = re.compile(r"(?i)^(t\.?t\.?)?n\.?t\b\.?\s*")
_COUNTRY = re.compile(r"(?i)^(việt nam|viet nam|vn)\.?$")
_COMMA = re.compile(r"[,;]")
_HYPHEN = re.compile(r"\s[-–]\s")
_BEFORE_KIND = re.compile(
    r"(?i)\s+(?=(?:thị trấn|thị xã|thành phố|đặc khu|phường|(?<!thị )xã|huyện|quận|tỉnh"
    r"|tt\.|tx\.?|tp\.?|p\.|x\.|h\.|q\.)\s*\S)"
)


class Likeness(IntEnum):
    """How well a written name fits a unit's name that has the same letters; higher is better."""

    OTHER_MARKS = 0
    SPELLING = 1
    UNMARKED = 2
    EXACT = 3


class Written(msgspec.Struct, frozen=True):
    """One reading of a cell: the kind, when one was written, and the name."""

    kind: str | None
    name: str
    unmarked_kind: bool = False
    """The kind, or everything around, was written without its marks ("phuong"), so the name lacks them too."""


def readings(cell: str, kinds: Mapping[str, tuple[str, ...]]) -> Iterator[Written]:
    """The ways to read a cell, the likeliest first: with its first word as a kind, then all of it as a name.

    >>> [(w.kind, w.name) for w in readings("TT. Bát Xát", COMMUNE_KINDS)]
    [('Thị trấn', 'Bát Xát'), (None, 'TT. Bát Xát')]
    >>> [(w.kind, w.name) for w in readings("P9", COMMUNE_KINDS)]
    [('Phường', '9'), (None, 'P9')]
    >>> [(w.kind, w.name) for w in readings("Xà Bang", COMMUNE_KINDS)]
    [(None, 'Xà Bang')]
    """
    cell = normalise(cell).strip(" .,;")
    cell = _STATE_FARM.sub(lambda found: f"{found[1] or ''} Nông trường ".lstrip(), cell)
    folded = fold(cell)
    if len(folded) == len(cell):  # else places in one are not places in the other
        for kind, spellings in kinds.items():
            written = _strip_kind(cell, folded, kind, spellings)
            if written is not None:
                yield written
                break
    if cell:
        yield Written(None, cell)


def _strip_kind(cell: str, folded: str, kind: str, spellings: tuple[str, ...]) -> Written | None:
    for spelling in spellings:
        plain = fold(spelling)
        match = re.match(re.escape(plain) + r"(?:\.\s*|\s+|(?=\d))(?=[^\W_])", folded)
        if match is None:
            continue
        head = cell[: len(plain)].casefold()
        if head not in {spelling, plain}:
            return None  # "Xà ..." is no "Xã ..."
        name = _STATE_FARM.sub("Nông trường ", cell[match.end() :])
        return Written(kind, name, unmarked_kind=head == plain != spelling)
    return None


def name_key(name: str) -> str:
    """What all spellings of a name have in common: letters and digits without marks, spaces and signs.

    >>> name_key("Ea H’leo") == name_key("ea hleo") and name_key("Quí Hoà") == name_key("Quý Hòa")
    True
    >>> name_key("09")
    '9'
    """
    return "".join(_plain_word(word) for word in _words(fold(name)))


def province_key(name: str) -> str:
    """`name_key` of a province, with the usual short and former names understood.

    >>> province_key("HCM"), province_key("Thừa Thiên - Huế")
    ('hochiminh', 'hue')
    """
    key = name_key(name)
    return _PROVINCE_ALIASES.get(key, key)


def likeness(written: Written, name: str) -> Likeness:
    """How `written` fits the unit's `name`; both have the same `name_key`.

    Hoà and Hòa, Quý and Quí, Ð and Đ are exact. A text without any mark may mean every name with its letters.
    Where some marks lack on one side (Đăk, Đắk, Đak) it is a spelling; where marks contradict each other it
    is most likely another place.

    >>> likeness(Written("Phường", "Sa Pa"), "Sa Pả").name, likeness(Written(None, "tan thanh"), "Tân Thạnh").name
    ('UNMARKED', 'UNMARKED')
    >>> likeness(Written("Xã", "Tân Thành"), "Tân Thạnh").name, likeness(Written("Xã", "Đăk Pơ"), "Đak Pơ").name
    ('OTHER_MARKS', 'SPELLING')
    """
    ours, theirs = _marked_words(written.name), _marked_words(name)
    if not written.unmarked_kind and _joined(ours) == _joined(theirs):
        return Likeness.EXACT
    if all(fold(word) == word and tone == 0 for word, tone in ours):
        return Likeness.UNMARKED
    if len(ours) == len(theirs) and all(map(_fits, ours, theirs)):
        return Likeness.SPELLING
    return Likeness.OTHER_MARKS


def address_parts(address: str) -> Iterator[tuple[str, ...]]:
    """The parts of an address in one cell, smallest first: split at commas, then also before written
    kinds, then also at hyphens.

    >>> next(address_parts("Thôn 3, xã Long Phú; tỉnh Bà Rịa - Vũng Tàu, Việt Nam"))
    ('Thôn 3', 'xã Long Phú', 'tỉnh Bà Rịa - Vũng Tàu')
    >>> list(address_parts("Thôn 3 xã Long Phú thị xã Sa Pa - Lào Cai"))[-1]
    ('Thôn 3', 'xã Long Phú', 'thị xã Sa Pa', 'Lào Cai')
    """
    parts = _pieces(_COMMA, (address,))
    by_kind = _pieces(_BEFORE_KIND, parts)
    by_hyphen = _pieces(_HYPHEN, by_kind)
    yield from dict.fromkeys((parts, by_kind, by_hyphen))


def _pieces(separator: re.Pattern[str], parts: tuple[str, ...]) -> tuple[str, ...]:
    pieces = (normalise(piece).strip(" -–.") for part in parts for piece in separator.split(part))
    return tuple(piece for piece in pieces if piece and not _COUNTRY.match(piece))


def _words(text: str) -> list[str]:
    return _WORD.findall(normalise(text).translate(_APOSTROPHES))


def _plain_word(word: str) -> str:
    if word.isdecimal():
        return str(int(word))
    return word[:-1] + "i" if _Y_FOR_I.fullmatch(word) else word


@lru_cache(maxsize=4096)
def _marked_words(name: str) -> tuple[tuple[str, int], ...]:
    split = (split_tone(word) for word in _words(name))
    return tuple((_plain_word(word), tone) for word, tone in split)


def _joined(words: tuple[tuple[str, int], ...]) -> str:
    return "".join(f"{word}{tone or ''}" if not word.isdecimal() else word for word, tone in words)


def _fits(ours: tuple[str, int], theirs: tuple[str, int]) -> bool:
    (word, tone), (other, other_tone) = ours, theirs
    same_letters = len(word) == len(other) and all(
        a == b or fold(a) == b or a == fold(b) for a, b in zip(word, other, strict=True)
    )
    return same_letters and (tone == other_tone or 0 in {tone, other_tone})

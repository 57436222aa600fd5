"""Vietnamese text: one written form, the form for searching, and the order of the dictionary.

Owns letters, tones and their order. Knows nothing of what a text names (see `addresses` for places).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
"""The 29 Vietnamese letters in their order, with f, j, w and z of foreign words at their usual places."""

_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""Huyền, hỏi, ngã, sắc, nặng as combining marks; 0 is ngang. The order of Vietnamese dictionaries."""

_QUALITIES = {"\u0302", "\u0306", "\u031b"}
"""Circumflex, breve and horn: they make another letter, not another tone."""

_D_WITHOUT_STROKE = {ord("đ"): "d", ord("ð"): "d"}
_D_WITH_STROKE = {ord("ð"): "đ"}
_WORD = re.compile(r"[^\W_]+")

_RANKS = {ord(letter): chr(ord("A") + rank) for rank, letter in enumerate(_ALPHABET)}
_END_OF_LEVEL = "\t"
"""Below the space, so that "An" comes before "An Bình"."""


def normalise(text: str) -> str:
    """The one form in which text is kept: NFC, white space collapsed to single spaces, none at the ends.

    >>> normalise("  Phường\\u00a0 Buôn  Ma Thuột ")
    'Phường Buôn Ma Thuột'
    """
    text = " ".join(text.split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Small letters without any marks, the same letters SQLite's `unicode61 remove_diacritics 2` finds.

    The stroke of đ is no combining mark, and Ð (eth) is often typed for it: both become d.

    >>> fold("Vàng A Páo, Ðường ĐẶNG")
    'vang a pao, duong dang'
    """
    letters = unicodedata.normalize("NFD", text.casefold()).translate(_D_WITHOUT_STROKE)
    return letters if letters.isascii() else "".join(filterfalse(unicodedata.combining, letters))


def search_tokens(text: str) -> tuple[str, ...]:
    """The folded words of what somebody typed into a search box.

    >>> search_tokens('Cơ sở "Đức-Hòa"')
    ('co', 'so', 'duc', 'hoa')
    """
    return tuple(_WORD.findall(fold(text)))


def split_tone(word: str) -> tuple[str, int]:
    """The small letters of one word without its tone, and the tone (0 ngang ... 5 nặng).

    Where the mark was set does not matter; marks that are not Vietnamese are left out.

    >>> split_tone("Hoà") == split_tone("hòa") == ("hoa", 1)
    True
    >>> split_tone("ĐẶNG")
    ('đăng', 5)
    """
    letters: list[str] = []
    tone = 0
    for letter in unicodedata.normalize("NFD", word.casefold()).translate(_D_WITH_STROKE):
        if letter in _TONES:
            tone = tone or _TONES[letter]
        elif letter in _QUALITIES or not unicodedata.combining(letter):
            letters.append(letter)
    return unicodedata.normalize("NFC", "".join(letters)), tone


def sort_key(text: str) -> str:
    """A string whose plain codepoint (or UTF-8 byte) order is the order of Vietnamese dictionaries.

    First the letters a ă â b c d đ e ê ... of all words, a space before any letter; texts with the same
    letters then follow the tones of their words: ngang, huyền, hỏi, ngã, sắc, nặng.
    Case, punctuation and the place of the tone mark do not count.

    >>> names = ["Đặng", "Dương", "Ân", "Ăn", "An Bình", "An", "Dũng"]
    >>> sorted(names, key=sort_key)
    ['An', 'An Bình', 'Ăn', 'Ân', 'Dũng', 'Dương', 'Đặng']
    >>> sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=sort_key)
    ['ma', 'mà', 'mả', 'mã', 'má', 'mạ']
    """
    words = [_ranked(word) for word in _WORD.findall(unicodedata.normalize("NFC", text))]
    letters = " ".join([word for word, _ in words])
    return letters + _END_OF_LEVEL + "".join([tone for _, tone in words])


@lru_cache(maxsize=1 << 14)
def _ranked(word: str) -> tuple[str, str]:
    """What one word adds to a sort key: names of people and places are few words said again and again."""
    letters, tone = split_tone(word)
    return letters.translate(_RANKS), str(tone)


def person_sort_key(name: str) -> str:
    """`sort_key` of a person: by given name (the last word), then by the words before it.

    >>> sorted(["Trần Thị An", "Lê Văn Bình", "Đỗ Văn An"], key=person_sort_key)
    ['Đỗ Văn An', 'Trần Thị An', 'Lê Văn Bình']
    """
    *before, given = normalise(name).split(" ")
    return sort_key(given) + _END_OF_LEVEL + sort_key(" ".join(before))


def has_marks(text: str) -> bool:
    """Whether a letter of the text has a mark of Vietnamese.

    >>> has_marks("TINH LAO CAI"), has_marks("Lào Cai"), has_marks("Đ")
    (False, True, True)
    """
    return fold(text) != normalise(text).casefold()


_COMPUTED = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A text as it stands in a .csv file: an apostrophe before what a spreadsheet would take for a formula.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("Hộ A - B")
    ("'=1+1", "''=1+1", 'Hộ A - B')
    """
    return f"'{text}" if _COMPUTED.match(text) else text


def unguarded(text: str) -> str:
    """The text that was guarded; any other stays.

    >>> unguarded("'=1+1"), unguarded("'Hộ A")
    ('=1+1', "'Hộ A")
    """
    return text[1:] if _GUARDED.match(text) else text

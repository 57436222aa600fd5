"""Syllables are told from other words, and raw keystrokes of Telex and VNI are understood."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.syllables import looks_vietnamese, meant_by_keys
from kcdesk.domain.text import fold
from kcdesk.resources import resource_path


@pytest.mark.parametrize(
    "text",
    [
        *("Đường", "Nguyễn", "Quỳnh", "Thuỵ", "Khuyến", "nghiêng", "xoèn", "quyệt", "gì", "Ỷ"),
        *("oẳn", "uỵch", "xoong", "người", "rượu"),
    ],
)
def test_vietnamese_syllables(text: str) -> None:
    assert looks_vietnamese(text)


@pytest.mark.parametrize("text", ["Th«n", "phöôøng", "B¸t", "xyz", "ngk", "ấà", ""])
def test_not_vietnamese(text: str) -> None:
    assert not looks_vietnamese(text)


UNITS = AdministrativeUnits.read(resource_path("administrative-units", "units.tsv"))
NAMES = [unit.name for units in (UNITS.old_communes, UNITS.new_communes) for unit in units.values()]
PARTS = {word for name in NAMES for word in re.findall(r"[^\W\d_]+", name)}
WORDS = sorted(filter(looks_vietnamese, PARTS))
TELEX = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
VNI = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}


def telex(word: str, *, late: bool) -> str:
    """A word as Telex takes it; `late`: hats, horns and the tone after the whole word."""
    out, tone, after = "", "", ""
    for letter in unicodedata.normalize("NFD", word.lower()):
        if letter in TELEX:
            tone = TELEX[letter]
        elif letter == "\u0302":
            after, out = (after + out[-1], out) if late else (after, out + out[-1])
        elif letter in "\u0306\u031b":
            after, out = (after + "w", out) if late else (after, out + "w")
        elif letter == "đ":
            out += "dd"
        else:
            out += letter
    return out + after + tone


def vni(word: str, *, late: bool) -> str:
    out, tone, after = "", "", ""
    for letter in unicodedata.normalize("NFD", word.lower()):
        if letter in VNI:
            tone = VNI[letter]
        elif letter in "\u0302\u0306\u031b":
            digit = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}[letter]
            after, out = (after + digit, out) if late else (after, out + digit)
        elif letter == "đ":
            out += "d9"
        else:
            out += letter
    return out + after + tone


@given(st.sampled_from(WORDS), st.booleans())
def test_vni_keys_mean_the_word(word: str, late: bool) -> None:
    keys = vni(word, late=late)
    assume(keys != fold(word))
    assert meant_by_keys(keys) == fold(word)


@given(st.sampled_from(WORDS), st.booleans())
def test_telex_keys_mean_the_word(word: str, late: bool) -> None:
    keys = telex(word, late=late)
    assume(keys != fold(word))
    assume("oo" not in fold(word))  # xoong: Telex takes it for a hat
    assert meant_by_keys(keys) == fold(word)


def test_words_of_communes_are_mostly_syllables() -> None:
    """The rest are names of other languages: Ngọk, Kuăng, Pắc."""
    assert len(WORDS) > 1_500
    assert len(WORDS) / len(PARTS) > 0.85


@given(st.text(max_size=12) | st.text(alphabet="abcdeghioqrstuvwxy0123456789", max_size=9))
def test_what_is_meant_is_a_plain_syllable(text: str) -> None:
    meant = meant_by_keys(text)
    assert meant is None or (meant == fold(meant) and meant != text and meant.isalpha())

"""Laws of normalising, folding and sorting Vietnamese text."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.text import (
    fold,
    normalise,
    person_sort_key,
    search_tokens,
    sort_key,
    split_tone,
)

ALPHABET = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")

letters = st.sampled_from(ALPHABET)
vowels = st.builds(
    lambda vowel, tone: unicodedata.normalize("NFC", vowel + tone),
    st.sampled_from(VOWELS),
    st.sampled_from(TONES),
)
syllables = st.builds(
    lambda before, vowel, after: before + vowel + after,
    st.text(letters.filter(lambda letter: letter not in VOWELS), max_size=2),
    vowels,
    st.text(letters.filter(lambda letter: letter not in VOWELS), max_size=2),
)
names = st.lists(syllables, min_size=1, max_size=4).map(" ".join)


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert "  " not in normalise(text)


@given(names)
def test_both_unicode_forms_are_one_text(name: str) -> None:
    decomposed = unicodedata.normalize("NFD", name)
    assert normalise(decomposed) == name
    assert fold(decomposed) == fold(name)
    assert sort_key(decomposed) == sort_key(name)


@given(names)
def test_folding_leaves_plain_letters_one_for_each(name: str) -> None:
    folded = fold(name.upper())
    assert folded == fold(name)
    assert folded.isascii()
    assert len(folded) == len(name)


def test_all_letter_forms_fold_to_ascii() -> None:
    for vowel in VOWELS:
        for tone in TONES:
            assert fold(unicodedata.normalize("NFC", vowel + tone)) == fold(vowel) in set("aeiouy")
    assert fold("đĐðÐ") == "dddd"


def test_search_tokens_of_signs_are_none() -> None:
    assert search_tokens(' "*-() ') == ()
    assert search_tokens("K'Bang a_b 0987") == ("k", "bang", "a", "b", "0987")


@pytest.mark.parametrize(
    "in_order",
    [
        ["An", "Ăn", "Ân", "Dương", "Đặng", "Em", "Ếch", "Ông", "Ơn", "Uyên", "Ưng"],
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["Bá An", "Ba Anh", "Bà Anh"],
        ["An", "An Bình", "An Châu", "Anh"],
        ["Phường 1", "Phường An"],
        ["Hộ Vàng A Páo", "Hộ Vàng A Pháo", "Hộ Vàng Á Phèo"],
    ],
)
def test_order_of_the_dictionary(in_order: list[str]) -> None:
    names_to_sort = in_order[::-1]
    names_to_sort.sort(key=sort_key)
    assert names_to_sort == in_order


@given(st.lists(names, max_size=8))
def test_order_is_letters_of_the_alphabet_first_and_tones_second(some: list[str]) -> None:
    def by_alphabet(name: str) -> tuple[list[list[int]], list[int]]:
        words = [split_tone(word) for word in name.split(" ")]
        return [[ALPHABET.index(letter) for letter in word] for word, _ in words], [
            tone for _, tone in words
        ]

    assert [by_alphabet(name) for name in sorted(some, key=sort_key)] == sorted(
        map(by_alphabet, some)
    )


@given(st.lists(st.text(), max_size=8))
def test_order_of_characters_is_order_of_bytes(some: list[str]) -> None:
    keys = sorted(map(sort_key, some))
    bytewise = [key.encode(errors="surrogatepass") for key in keys]
    assert all(a <= b for a, b in pairwise(bytewise))


@given(st.lists(st.tuples(names, syllables), max_size=8))
def test_people_are_ordered_by_given_name_then_by_the_rest(people: list[tuple[str, str]]) -> None:
    full = [f"{rest} {given_name}" for rest, given_name in people]
    keys = [(sort_key(given_name), sort_key(rest)) for rest, given_name in people]
    by_parts = [name for _, name in sorted(zip(keys, full, strict=True))]
    assert [person_sort_key(n) for n in sorted(full, key=person_sort_key)] == [
        person_sort_key(n) for n in by_parts
    ]


def test_people_without_a_name_come_first() -> None:
    assert person_sort_key("") < person_sort_key("An")

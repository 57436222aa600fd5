"""Numbers in words: the table of right readings, the traps, and words that read back to the number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.words import WordStyle, dong_in_words, in_words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (1, "một"),
        (5, "năm"),
        (10, "mười"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (25, "hai mươi lăm"),
        (55, "năm mươi lăm"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (105, "một trăm linh năm"),
        (115, "một trăm mười lăm"),
        (1_000_000, "một triệu"),
        (21_000_000, "hai mươi mốt triệu"),
        (300_000_000, "ba trăm triệu"),
        (
            1_234_567_891,
            "một tỷ hai trăm ba mươi tư triệu năm trăm sáu mươi bảy nghìn tám trăm chín mươi mốt",
        ),
        (15_000_000_000, "mười lăm tỷ"),
        (10**12, "một nghìn tỷ"),
        # What public libraries get wrong.
        (1_001, "một nghìn không trăm linh một"),
        (1_005, "một nghìn không trăm linh năm"),
        (1_050, "một nghìn không trăm năm mươi"),
        (1_015, "một nghìn không trăm mười lăm"),
        (1_000_005, "một triệu không nghìn không trăm linh năm"),
        (1_005_000, "một triệu không trăm linh năm nghìn"),
        (1_000_000_001, "một tỷ không triệu không nghìn không trăm linh một"),
        (2_015_000_000, "hai tỷ không trăm mười lăm triệu"),
        (1_250_500_000_000, "một nghìn hai trăm năm mươi tỷ năm trăm triệu"),
        (-5_000, "âm năm nghìn"),
        # Further corners.
        (11, "mười một"),
        (14, "mười bốn"),
        (41, "bốn mươi mốt"),
        (44, "bốn mươi tư"),
        (104, "một trăm linh bốn"),
        (110, "một trăm mười"),
        (10_004, "mười nghìn không trăm linh bốn"),
        (10**18, "một tỷ tỷ"),
        (10**18 + 10**9, "một tỷ không triệu không nghìn không trăm linh một tỷ"),
    ],
)
def test_reads_as_officials_write(number: int, words: str) -> None:
    assert in_words(number) == words


def test_words_of_taste_are_settings() -> None:
    southern = WordStyle(linh="lẻ", nghin="ngàn", ty="tỉ", dong="đồng chẵn")
    assert in_words(2_001_005, southern) == "hai triệu không trăm lẻ một ngàn không trăm lẻ năm"
    assert dong_in_words(15_000_000_000, southern) == "Mười lăm tỉ đồng chẵn"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (105_000_000, "Một trăm linh năm triệu đồng"),
        (-5_000, "Âm năm nghìn đồng"),
    ],
)
def test_money_starts_with_a_capital(amount: int, words: str) -> None:
    assert dong_in_words(amount) == words


styles = st.builds(WordStyle, linh=..., nghin=..., ty=..., dong=...)


@given(st.integers(-(10**30), 10**30), styles)
def test_words_read_back_to_the_number(number: int, style: WordStyle) -> None:
    assert read(in_words(number, style)) == number


@given(st.integers(0, 10**6), st.integers(0, 10**12), styles)
def test_round_amounts_read_back_too(head: int, zeros: int, style: WordStyle) -> None:
    number = head * 10 ** (zeros % 19)
    assert read(in_words(number, style)) == number


def read(words: str) -> int:
    """The number that Vietnamese words say: written from the grammar, not from the speller."""
    names = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
    digits = {name: digit for digit, name in enumerate(names)}
    digits |= {"mốt": 1, "tư": 4, "lăm": 5}
    total = millions = group = pending = 0
    tokens = words.split()
    negative = tokens[0] == "âm"
    for token in tokens[negative:]:
        if token in digits:
            pending = digits[token]
        elif token == "trăm":
            group, pending = pending * 100, 0
        elif token == "mươi":
            group, pending = group + pending * 10, 0
        elif token == "mười":
            group += 10
        elif token in ("nghìn", "ngàn", "triệu"):
            millions += (group + pending) * (10**6 if token == "triệu" else 1000)
            group = pending = 0
        elif token in ("tỷ", "tỉ"):
            total = (total + millions + group + pending) * 10**9
            millions = group = pending = 0
        else:
            assert token in ("linh", "lẻ"), f"no Vietnamese number word: {token}"
    value = total + millions + group + pending
    return -value if negative else value

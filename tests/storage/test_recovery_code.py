"""The recovery code: it opens the workspace, and a slip of the pen is found in its group."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.clock import Randomness
from kcdesk.errors import NoKey, WrongKey
from kcdesk.storage.keys import PassphraseKeys, RecoveryKeys, make_code, read_code
from kcdesk.storage.keys.recovery_code import ALPHABET, GROUP, GROUPS

KEY = bytes(range(32))
CODES = st.binary(min_size=27, max_size=27).map(lambda chance: make_code(lambda _: chance))


@given(CODES)
def test_a_code_is_read_however_it_was_typed(code: str) -> None:
    groups = code.split("-")
    assert (len(groups), {len(group) for group in groups}) == (GROUPS, {GROUP})
    assert read_code(code) == code
    for typed in (code.lower(), code.replace("-", " "), code.replace("-", ""), f"  {code}\n"):
        assert read_code(typed) == code
    assert read_code(code.replace("0", "o").replace("1", "l")) == code
    assert read_code(code.replace("1", "I")) == code


@given(CODES, st.integers(0, GROUPS * GROUP - 1), st.sampled_from(ALPHABET))
def test_one_wrong_letter_names_its_group(code: str, at: int, letter: str) -> None:
    letters = code.replace("-", "")
    typed = letters[:at] + letter + letters[at + 1 :]
    if typed == letters:
        return
    with pytest.raises(WrongKey, match=rf"^Nhóm thứ {at // GROUP + 1} của mã khôi phục") as caught:
        read_code(typed)
    assert letters[at // GROUP * GROUP :][:GROUP] not in caught.value.message


@given(CODES, st.integers(0, GROUPS - 2))
def test_groups_in_the_wrong_order_are_named(code: str, at: int) -> None:
    groups = code.split("-")
    groups[at], groups[at + 1] = groups[at + 1], groups[at]
    with pytest.raises(WrongKey, match=rf"^Nhóm thứ {at + 1}, {at + 2} của"):
        read_code("-".join(groups))


@pytest.mark.parametrize("typed", ["", "7Q4X", "A" * 35, "A" * 37])
def test_a_code_of_the_wrong_length_says_how_many_letters_came(typed: str) -> None:
    with pytest.raises(WrongKey, match=f"có {len(typed)} ký tự"):
        read_code(typed)


def test_an_input_method_that_made_vietnamese_of_it_is_named(randomness: Randomness) -> None:
    code = make_code(randomness)
    with pytest.raises(WrongKey) as caught:
        read_code("Đ" + code[1:])
    assert "Nhóm thứ 1 của" in caught.value.message
    assert "bộ gõ" in caught.value.hint


def test_a_code_holds_135_random_bits() -> None:
    asked: list[int] = []

    def chance(size: int) -> bytes:
        asked.append(size)
        return random.Random(size).randbytes(size)

    make_code(chance)
    assert asked == [27]
    # every value of a byte leads to each letter equally often
    assert 256 % len(ALPHABET) == 0


def test_the_code_opens_what_it_closed_beside_the_passphrase(
    tmp_path: Path, randomness: Randomness
) -> None:
    PassphraseKeys("đúng rồi", randomness).write(tmp_path, "one", KEY)
    first, second = make_code(randomness), make_code(randomness)
    RecoveryKeys(first).write(tmp_path, "one", KEY, randomness)
    assert RecoveryKeys(first.lower()).read(tmp_path, "one") == KEY
    RecoveryKeys(second).write(tmp_path, "one", KEY, randomness)
    assert RecoveryKeys(second).read(tmp_path, "one") == KEY
    for code, workspace in ((first, "one"), (second, "another")):
        with pytest.raises(WrongKey, match="không mở được"):
            RecoveryKeys(code).read(tmp_path, workspace)
    assert PassphraseKeys("đúng rồi", randomness).read(tmp_path, "one") == KEY


def test_without_a_code_there_is_a_sentence(tmp_path: Path, randomness: Randomness) -> None:
    PassphraseKeys("đúng rồi", randomness).write(tmp_path, "one", KEY)
    with pytest.raises(NoKey, match="không có mã khôi phục"):
        RecoveryKeys(make_code(randomness)).read(tmp_path, "one")

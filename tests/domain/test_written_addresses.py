"""Addresses as people write them, by the thousand: what is called certain is right, and most of them are certain."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kcdesk.domain.administrative_units import AdministrativeUnits, OldCommune, Reason, Resolution
from kcdesk.domain.text import fold
from kcdesk.resources import resource_path

UNITS = AdministrativeUnits.read(resource_path("administrative-units", "units.tsv"))
ADDRESSES = 5_000
SHORT = {
    "Xã": ("x. ", "X.", "xã ", "Xã ", "xa "),
    "Phường": ("P. ", "P.", "phường ", "Phường ", "p. "),
    "Thị trấn": ("TT ", "TT. ", "thị trấn ", "T.T ", "tt "),
    "Huyện": ("H. ", "H.", "huyện ", "Huyện ", ""),
    "Thị xã": ("TX ", "Tx. ", "thị xã ", "T.X ", ""),
    "Thành phố": ("TP ", "TP. ", "thành phố ", "Tp.", ""),
    "Quận": ("Q. ", "quận ", "Q.", ""),
    "Tỉnh": ("tỉnh ", "", "Tỉnh ", "T. "),
}
HAMLETS = (
    "Thôn 3",
    "Bản Phìn Hồ",
    "tổ dân phố số 5",
    "Số 12, đường Hoàng Liên",
    "ấp Bưng Long",
    "Xóm Mới",
)


@dataclass(frozen=True)
class Written:
    text: str
    old: OldCommune
    how: str
    with_district: bool


def misspelled(name: str, chance: random.Random) -> str:
    """One slip of the fingers: a letter left out, doubled, or changed with its neighbour."""
    places = [place for place, letter in enumerate(name) if letter.isalpha() and place]
    if not places:
        return name
    place = chance.choice(places)
    return chance.choice(
        (
            name[:place] + name[place + 1 :],
            name[:place] + name[place] + name[place:],
            name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :],
        )
    )


HOW: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda text, _: text,
    "without marks": lambda text, _: fold(text),
    "capitals": lambda text, _: text.upper(),
    "decomposed": lambda text, _: unicodedata.normalize("NFD", text),
    "old style of marks": lambda text, _: (
        text.replace("òa", "oà").replace("ủy", "uỷ").replace("úy", "uý")
    ),
    "capitals without marks": lambda text, _: fold(text).upper(),
}


def addresses(seed: int) -> list[Written]:
    chance = random.Random(seed)
    olds = [old for old in UNITS.old_communes.values() if old.code != old.district]
    return [written(chance.choice(olds), chance) for _ in range(ADDRESSES)]


def written(old: OldCommune, chance: random.Random) -> Written:
    district = UNITS.old_districts[old.district]
    province = UNITS.old_province_of(old)
    how = chance.choice([*HOW, "misspelled"])
    name = misspelled(old.name, chance) if how == "misspelled" else old.name
    numbered = not any(letter.isalpha() for letter in name)
    kinds = SHORT[old.kind] if numbered else (*SHORT[old.kind], "")
    parts = [f"{chance.choice(kinds)}{name}"]
    with_district = chance.random() < 0.75
    if with_district:
        kind_of_district = chance.choice(
            ("Quận ", "Q.", "Q. ") if district.name.isdecimal() else SHORT[district.kind]
        )
        parts.append(f"{kind_of_district}{district.name}")
    if not with_district or chance.random() < 0.7:
        parts.append(f"{chance.choice(SHORT[province.kind])}{province.name}")
    if chance.random() < 0.15 and len(parts) > 1:
        text = ", ".join(parts[::-1])
    else:
        hamlet = [chance.choice(HAMLETS)] if chance.random() < 0.4 else []
        text = chance.choice((", ", ", ", ",", " - ", "; ")).join([*hamlet, *parts])
    return Written(HOW.get(how, HOW["as it is"])(text, chance), old, how, with_district)


def right(resolution: Resolution, one: Written) -> bool:
    """Whether the commune of today is where the drawn one went, or has the written name today and was meant by it."""
    return resolution.new in UNITS.new_of(one.old.code)


@pytest.fixture(scope="module")
def resolved() -> list[tuple[Written, Resolution]]:
    return [(one, UNITS.resolve_address(one.text)[1]) for one in addresses(20260302)]


def test_what_is_certain_is_right(resolved: list[tuple[Written, Resolution]]) -> None:
    certain = [(one, found) for one, found in resolved if found.certain]
    wrong = [
        (one.text, one.old.code, found.message) for one, found in certain if not right(found, one)
    ]
    assert len(certain) > 0.6 * ADDRESSES
    assert len(wrong) <= 0.001 * len(certain), wrong[:20]


def test_most_are_certain_and_the_right_one_is_offered(
    resolved: list[tuple[Written, Resolution]],
) -> None:
    whole = [
        (one, found)
        for one, found in resolved
        if one.with_district and not one.old.divided and one.how != "misspelled"
    ]
    certain = sum(found.certain for _, found in whole)
    assert certain >= 0.95 * len(whole), Counter(f.reason for _, f in whole)
    offered = [
        not set(UNITS.new_of(one.old.code)).isdisjoint(found.candidates) for one, found in resolved
    ]
    assert sum(offered) >= 0.95 * len(offered), Counter(
        (one.how, found.reason)
        for (one, found), fits in zip(resolved, offered, strict=True)
        if not fits
    )


def test_a_slip_of_the_fingers_is_never_certain_and_mostly_guessed() -> None:
    for text, name in (
        ("xã Cốcc Mỳ, huyện Bát Xát, Lào Cai", "Trịnh Tường"),
        ("x. khánh yên hạj, H. Văn Bàn", "Khánh Yên"),
        ("Mườn Hum, Bát Xát, Lào Cai", "Mường Hum"),
    ):
        _, found = UNITS.resolve_address(text)
        assert (found.reason, found.certain) == (Reason.MISSPELLED, False)
        assert name in [unit.name for unit in found.candidates]


def test_divided_ones_are_never_certain_with_their_district(
    resolved: list[tuple[Written, Resolution]],
) -> None:
    divided = [found for one, found in resolved if one.old.divided and one.with_district]
    assert len(divided) > 100
    assert not any(found.certain for found in divided)

"""Pairs of records with the truth beside them: the same establishment written twice, and hard strangers.

Made from the sample register with a fixed seed. A true pair is a row of the register and what another list might say
of it a few years later: other words, mistakes, empty cells. A stranger is somebody else who looks alike. As many of
each, and so many of each class that a class stands for itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stdnum.vn import mst

from kcdesk.actions.desk import shipped_units
from kcdesk.domain.text import fold
from kcdesk.domain.value import Value
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.workbook import read_sheet

REGISTER = Path(__file__).parents[2] / "resources" / "samples" / "lao-cai-register.xlsx"
EACH = 250
"""Pairs of each class."""

Record = dict[str, Value]


@dataclass(frozen=True)
class Pair:
    kind: str
    same: bool
    one: Record
    other: Record


def register_records() -> list[Record]:
    """The establishments of the sample register, as an import would store them."""
    plan = plan_establishments(read_sheet(REGISTER), shipped_units(), ["old:10"])
    return [row.establishment for row in plan.rows]


def labelled_pairs(records: list[Record], each: int = EACH, seed: str = "pairs") -> list[Pair]:
    """`each` pairs of every class; four classes of strangers, and of true pairs as many in all."""
    chance = random.Random(seed)
    made = _Maker(chance, records)
    firms = [r for r in records if r["legal_form"] != "HO_KINH_DOANH"]
    true: dict[str, tuple[Callable[[Record], Record], list[Record]]] = {
        "typing errors": (made.mistyped, records),
        "changed owner": (made.new_owner, firms),
        "moved commune": (made.moved, records),
        "abbreviations": (made.abbreviated, [*records[:: len(records) // 500], *firms]),
        "swapped words": (made.swapped, records),
        "without marks": (made.unmarked, records),
        "new communes only": (made.by_new_units, records),
        "empty cells": (made.with_gaps, records),
    }
    strangers: dict[str, tuple[Callable[[Record], Record], list[Record]]] = {
        "same name, other hamlet": (made.namesake, records),
        "father and son": (made.son, [r for r in records if r["legal_form"] == "HO_KINH_DOANH"]),
        "two firms of one owner": (made.other_firm, firms),
        "branch and head office": (made.branch, firms),
    }
    pairs = []
    for kind, (make, of) in true.items():
        pairs += [Pair(kind, True, one, make(one)) for one in _some(chance, of, each // 2)]
    for kind, (make, of) in strangers.items():
        pairs += [Pair(kind, False, one, make(one)) for one in _some(chance, of, each)]
    return pairs


def _some(chance: random.Random, records: list[Record], count: int) -> Iterator[Record]:
    for _ in range(count):
        yield dict(chance.choice(records))


class _Maker:
    def __init__(self, chance: random.Random, records: list[Record]) -> None:
        self.chance = chance
        self.records = records
        self.persons = sorted({str(r["rep_name"]) for r in records})
        self.firms = [r for r in records if r["legal_form"] != "HO_KINH_DOANH"]

    # One establishment, written twice

    def mistyped(self, one: Record) -> Record:
        other = self.with_gaps(one)
        other["name"] = self._mistype(str(one["name"]))
        if "rep_name" in other and self._is(0.5):
            other["rep_name"] = self._mistype(str(one["rep_name"]))
        if "phone" in other and self._is(0.2):
            other["phone"] = self._wrong_digit(str(one["phone"]))
        return other

    def new_owner(self, one: Record) -> Record:
        """A firm or cooperative; a household's owner is the household."""
        other = self.with_gaps(one, keep=("tax_code", "phone") if self._is(0.5) else ("tax_code",))
        other["rep_name"] = self.chance.choice(self.persons)
        if "phone" in other and self._is(0.5):
            other["phone"] = self._phone()
        return other

    def moved(self, one: Record) -> Record:
        """Found again by a number; without one nobody could tell."""
        other = self.with_gaps(one, keep=("phone", "tax_code"))
        place = self.chance.choice(self.records)
        for field in ("commune", "old_commune", "hamlet"):
            other[field] = place[field]
        return other

    def abbreviated(self, one: Record) -> Record:
        other = self.with_gaps(one)
        name = str(one["name"])
        for long, shorts in {
            "Công ty TNHH": ("Cty TNHH", "CTY", "Công ty trách nhiệm hữu hạn", "Công ty TNHH MTV"),
            "HTX": ("Hợp tác xã", "htx.", "HTX sản xuất"),
            "chế biến": ("CB", "chế biến", "SX và CB"),
            "Hộ ": ("Cơ sở ", "HKD ", "Hộ kinh doanh ", "Hộ ông ", ""),
            " Văn ": (" V. ", " V "),
            " Thị ": (" T. ", " T "),
            "Nguyễn": ("Ng.", "Ng"),
            " Quốc ": (" Q. ",),
            " Xuân ": (" X. ",),
        }.items():
            name = name.replace(long, self.chance.choice(shorts))
        other["name"] = name
        return other

    def swapped(self, one: Record) -> Record:
        other = self.with_gaps(one)
        words = str(one["name"]).split()
        place = self.chance.randrange(1, len(words) - 1)
        words[place], words[place + 1] = words[place + 1], words[place]
        other["name"] = " ".join(words)
        return other

    def unmarked(self, one: Record) -> Record:
        other = self.with_gaps(one)
        for field in ("name", "rep_name", "hamlet"):
            if field in other:
                other[field] = fold(str(other[field])).upper()
        return other

    def by_new_units(self, one: Record) -> Record:
        other = self.with_gaps(one)
        other.pop("old_commune")
        return other

    def with_gaps(self, one: Record, keep: tuple[str, ...] = ()) -> Record:
        """Lists leave cells empty. Something beside name and commune is always there."""
        missing = {
            "phone": 0.25,
            "tax_code": 0.3,
            "hamlet": 0.15,
            "founded_year": 0.4,
            "trade": 0.2,
            "vsic": 0.5,
            "rep_name": 0.15,
        }
        other = {
            field: value
            for field, value in one.items()
            if field in keep or not self._is(missing.get(field, 0))
        }
        if not {"phone", "tax_code", "hamlet"} & set(other):
            other["hamlet"] = one["hamlet"]
        if "phone" in other and "phone" not in keep and self._is(0.1):
            other["phone"] = self._phone()
        return other

    # Somebody else who looks alike

    def namesake(self, one: Record) -> Record:
        there = [
            r
            for r in self.records
            if r["commune"] == one["commune"] and r["hamlet"] != one["hamlet"]
        ]
        place, work = self.chance.choice(there), self.chance.choice(self.records)
        other = {**one, "hamlet": place["hamlet"], "phone": self._phone()}
        if self._is(0.5):
            other["old_commune"] = place["old_commune"]
        for field in ("trade", "vsic", "founded_year"):
            other[field] = work[field]
        if "tax_code" in one:
            other["tax_code"] = self._tax_code()
        return self._gaps_but(other, ("hamlet",))

    def son(self, one: Record) -> Record:
        """At home with his father, at one telephone, often in the same trade."""
        *before, given = str(one["rep_name"]).split()
        people = [person.split()[-1] for person in self.chance.sample(self.persons, 20)]
        name = " ".join([*before, next(name for name in people if name != given)])
        other = {**one, "name": f"Hộ {name}", "rep_name": name}
        other.pop("tax_code", None)
        if self._is(0.5):
            work = self.chance.choice(self.records)
            other["trade"], other["vsic"] = work["trade"], work["vsic"]
        year = one["founded_year"]
        assert isinstance(year, int)
        other["founded_year"] = min(2023, year + self.chance.randint(5, 25))
        return self._gaps_but(other, ("phone",))

    def other_firm(self, one: Record) -> Record:
        firm = self.chance.choice([r for r in self.firms if r["name"] != one["name"]])
        other = {**firm, "rep_name": one["rep_name"], "tax_code": self._tax_code()}
        if self._is(0.7):
            other["phone"] = one["phone"]
        if self._is(0.7):
            for field in ("commune", "old_commune", "hamlet"):
                other[field] = one[field]
        return self._gaps_but(other, ("phone", "rep_name"))

    def branch(self, one: Record) -> Record:
        place = self.chance.choice(self.records)
        units = shipped_units()
        where = units.new_commune(str(place["commune"])).name
        name = self.chance.choice(
            (
                f"Chi nhánh {one['name']} tại {where}",
                f"CN {one['name']}",
                f"{one['name']} - Chi nhánh {where}",
            )
        )
        other = {
            **one,
            "name": name,
            "tax_code": f"{one['tax_code']}-{self.chance.randint(1, 9):03}",
        }
        if self._is(0.6):
            for field in ("commune", "old_commune", "hamlet"):
                other[field] = place[field]
        if self._is(0.5):
            other["phone"] = self._phone()
        return self._gaps_but(other, ())

    # Chance

    def _gaps_but(self, other: Record, keep: tuple[str, ...]) -> Record:
        missing = {"founded_year": 0.3, "trade": 0.2, "tax_code": 0.3, "vsic": 0.5, "rep_name": 0.1}
        return {f: v for f, v in other.items() if f in keep or not self._is(missing.get(f, 0))}

    def _is(self, likely: float) -> bool:
        return self.chance.random() < likely

    def _phone(self) -> str:
        return f"+84{self.chance.choice('3789')}{self.chance.randrange(10**8):08}"

    def _tax_code(self) -> str:
        while True:
            base = f"53{self.chance.randrange(10**7):07}"
            try:
                return base + mst.calc_check_digit(base)
            except Exception:  # noqa: BLE001
                continue

    def _wrong_digit(self, number: str) -> str:
        place = self.chance.randrange(4, len(number))
        return (
            number[:place]
            + str((int(number[place]) + self.chance.randint(1, 9)) % 10)
            + number[place + 1 :]
        )

    def _mistype(self, text: str) -> str:
        """One slip of the finger after the first word: a letter left out, doubled, changed or exchanged; or a mark."""
        start = text.index(" ") + 1
        places = [place for place in range(start, len(text) - 1) if text[place] != " "]
        place = self.chance.choice(places)
        letter = text[place]
        kind = self.chance.choice(("left out", "doubled", "changed", "exchanged", "mark"))
        if kind == "left out":
            return text[:place] + text[place + 1 :]
        if kind == "doubled":
            return text[:place] + letter + text[place:]
        if kind == "exchanged" and text[place + 1] != " ":
            return text[:place] + text[place + 1] + letter + text[place + 2 :]
        if kind == "mark":
            return text[:place] + fold(letter) + text[place + 1 :]
        return text[:place] + self.chance.choice("aeinotuhg") + text[place + 1 :]

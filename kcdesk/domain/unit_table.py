"""Administrative units of Vietnam before and after 1 July 2025, and which became which.

Before: 63 provinces, 696 districts, 10,035 communes (and five island districts without communes, which
stand in the place of one). Since: 34 provinces and 3,321 communes. Owns the table
`resources/administrative-units/units.tsv`, looking things up in it, and what an area code stands for.
Finding a unit by what somebody wrote is the business of `administrative_units`.
"""

from __future__ import annotations

import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NewType, Self

import msgspec

from kcdesk.errors import NotFound

OldCommuneCode = NewType("OldCommuneCode", str)
NewCommuneCode = NewType("NewCommuneCode", str)
TWO_TIERS_FROM = datetime.date(2025, 7, 1)
"""Communes and provinces of today, and no districts, since this day; former units until the day before."""

AreaCode = str
"""`02728` a commune, `15` a province, `old:10` a former province, `old:082` a former district."""


class Checked(StrEnum):
    """What a second source says of a new commune's code; names are what both agree on."""

    AGREED = "agreed"
    SPELLING = "spelling"  # same code, the name spelled differently
    OTHER_CODE = "other_code"  # the same name in the same province has another code there
    OTHER_NAME = "other_name"  # the code belongs to another commune of the province there
    FORMER_CODE = "former_code"  # it has another code there, which none of its former communes had
    ABSENT = "absent"  # neither the code nor the name is there


class Province(msgspec.Struct, frozen=True):
    """A province since July 2025."""

    code: str
    kind: str
    name: str


class OldProvince(msgspec.Struct, frozen=True):
    """A province before July 2025; `province` is the code of the one it became part of."""

    code: str
    kind: str
    name: str
    province: str


class OldDistrict(msgspec.Struct, frozen=True):
    """A district before July 2025; `old_province` is a code."""

    code: str
    kind: str
    name: str
    old_province: str


class NewCommune(msgspec.Struct, frozen=True):
    """A commune (xã, phường, đặc khu) since July 2025; `province` is a code.

    `latitude`, `longitude` (degrees) and `radius_km`: a circle that it lies in, where the source is sure of one.
    """

    code: NewCommuneCode
    kind: str
    name: str
    province: str
    checked: Checked
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float | None = None


class OldCommune(msgspec.Struct, frozen=True):
    """A commune before July 2025; `district` is a code.

    `successors`: the new communes it went to, the one the source takes by default first.
    """

    code: OldCommuneCode
    kind: str
    name: str
    district: str
    successors: tuple[NewCommuneCode, ...]

    @property
    def divided(self) -> bool:
        """Went to several new communes: only a person can tell where one address is now."""
        return len(self.successors) > 1


Unit = Province | OldProvince | OldDistrict | NewCommune | OldCommune


class Succession(msgspec.Struct, frozen=True):
    """A commune of today's list that has ended: since `since` the communes `successors` are where it was."""

    since: datetime.date
    successors: tuple[NewCommuneCode, ...]


class UnitTable:
    """All units, read once. Indexes are built when first asked.

    A commune that ended later stays among `new_communes`, for records that name it; it counts no more for areas.
    """

    def __init__(self, table: str) -> None:
        """`table`: the text of `units.tsv`; its lines are described in the README beside it."""
        self.provinces: dict[str, Province] = {}
        self.old_provinces: dict[str, OldProvince] = {}
        self.old_districts: dict[str, OldDistrict] = {}
        self.new_communes: dict[NewCommuneCode, NewCommune] = {}
        self.old_communes: dict[OldCommuneCode, OldCommune] = {}
        self.successions: dict[NewCommuneCode, Succession] = {}
        checked = {mark.value: mark for mark in Checked}  # ten times faster than Checked(...)
        for line in table.splitlines():
            match line.split("\t"):
                case ["old_commune", code, kind, name, district, codes]:
                    successors = tuple(map(NewCommuneCode, codes.split(" ")))
                    old = OldCommune(OldCommuneCode(code), kind, name, district, successors)
                    self.old_communes[old.code] = old
                case ["commune", code, kind, name, province, mark, *circle]:
                    new = NewCommune(
                        NewCommuneCode(code),
                        kind,
                        name,
                        province,
                        checked[mark],
                        *map(float, circle),
                    )
                    self.new_communes[new.code] = new
                case ["old_district", code, kind, name, province]:
                    self.old_districts[code] = OldDistrict(code, kind, name, province)
                case ["old_province", code, kind, name, province]:
                    self.old_provinces[code] = OldProvince(code, kind, name, province)
                case ["province", code, kind, name]:
                    self.provinces[code] = Province(code, kind, name)
                case ["succession", code, day, codes]:
                    successors = tuple(map(NewCommuneCode, codes.split(" ")))
                    since = datetime.date.fromisoformat(day)
                    self.successions[NewCommuneCode(code)] = Succession(since, successors)
        if self.successions:
            for old_code, old in self.old_communes.items():
                now = dict.fromkeys(c for code in old.successors for c in self._standing(code))
                self.old_communes[old_code] = msgspec.structs.replace(old, successors=tuple(now))

    @classmethod
    def read(cls, path: Path) -> Self:
        """The units of the table at `path` (UTF-8)."""
        return cls(path.read_text(encoding="utf-8"))

    # One unit

    def new_commune(self, code: str) -> NewCommune:
        """Raises `NotFound` for a code that no commune has since July 2025."""
        commune = self.new_communes.get(NewCommuneCode(code))
        if commune is None:
            raise _no_such_unit(code)
        return commune

    def old_commune(self, code: str) -> OldCommune:
        """Raises `NotFound` for a code that no commune had before July 2025."""
        commune = self.old_communes.get(OldCommuneCode(code))
        if commune is None:
            raise _no_such_unit(code)
        return commune

    def new_of(self, old_code: str) -> tuple[NewCommune, ...]:
        """The communes a former commune went to, the source's default first."""
        return tuple(self.new_communes[code] for code in self.old_commune(old_code).successors)

    def standing(self, code: str) -> tuple[NewCommune, ...]:
        """The communes that are where this one was: itself, or what it went to since. Raises `NotFound`."""
        return tuple(map(self.new_commune, self._standing(self.new_commune(code).code)))

    def _standing(self, code: NewCommuneCode) -> tuple[NewCommuneCode, ...]:
        ended = self.successions.get(code)
        if ended is None:
            return (code,)
        return tuple(dict.fromkeys(c for after in ended.successors for c in self._standing(after)))

    def old_of(self, new_code: str) -> tuple[OldCommune, ...]:
        """The former communes of which a commune was made, whole or in part, in order of code."""
        return self._predecessors[self.new_commune(new_code).code]

    def old_province_of(self, commune: OldCommune) -> OldProvince:
        return self.old_provinces[self.old_districts[commune.district].old_province]

    def commune_name(self, code: str) -> str:
        """A commune of today as people read it; a code of another list stays as it is, nothing stays blank."""
        commune = self.new_communes.get(NewCommuneCode(code))
        return self.display_name(commune) if commune is not None else code

    def display_name(self, unit: Unit) -> str:
        """The unit with what it belongs to: "Xã Bát Xát, tỉnh Lào Cai", and "(cũ)" after former units."""
        match unit:
            case NewCommune():
                return f"{_title(unit)}, {_inside(self.provinces[unit.province])}"
            case OldCommune():
                district = self.old_districts[unit.district]
                between = f", {_inside(district)}" if district.code != unit.code else ""
                return f"{_title(unit)}{between}, {_inside(self.old_province_of(unit))} (cũ)"
            case OldDistrict():
                return f"{_title(unit)}, {_inside(self.old_provinces[unit.old_province])} (cũ)"
            case OldProvince():
                return f"{_title(unit)} (cũ)"
            case Province():
                return _title(unit)

    # Areas

    def communes_of(self, area_code: AreaCode) -> tuple[NewCommune, ...]:
        """The communes an area stands for today, in order of code. Raises `NotFound`."""
        unit = self._area_unit(area_code)
        match unit:
            case NewCommune():
                return self.standing(unit.code)
            case Province():
                return tuple(
                    commune
                    for commune in self.new_communes.values()
                    if commune.province == unit.code and commune.code not in self.successions
                )
        codes = {code for old in self.old_communes_of(area_code) for code in old.successors}
        return tuple(self.new_communes[code] for code in sorted(codes))

    def old_communes_of(self, area_code: AreaCode) -> tuple[OldCommune, ...]:
        """The former communes of an area, in order of code. Raises `NotFound`.

        Of a commune or province of today: those that went to it, whole or in part.
        """
        unit = self._area_unit(area_code)
        match unit:
            case NewCommune():
                return self.old_of(unit.code)
            case OldDistrict():
                return tuple(c for c in self.old_communes.values() if c.district == unit.code)
            case OldProvince():
                return tuple(
                    c for c in self.old_communes.values() if self.old_province_of(c) == unit
                )
            case Province():
                return tuple(
                    c
                    for c in self.old_communes.values()
                    if self.old_province_of(c).province == unit.code
                )

    def area_name(self, area_code: AreaCode) -> str:
        """The area in words: "Tỉnh Lào Cai (cũ)". Raises `NotFound`."""
        return self.display_name(self._area_unit(area_code))

    def _area_unit(self, area_code: AreaCode) -> Province | OldProvince | OldDistrict | NewCommune:
        unit: Province | OldProvince | OldDistrict | NewCommune | None
        code = area_code.removeprefix("old:")
        if code != area_code:
            unit = self.old_provinces.get(code) or self.old_districts.get(code)
        else:
            unit = self.provinces.get(code) or self.new_communes.get(NewCommuneCode(code))
        if unit is None:
            raise _no_such_unit(area_code)
        return unit

    @cached_property
    def _predecessors(self) -> dict[NewCommuneCode, tuple[OldCommune, ...]]:
        lists: dict[NewCommuneCode, list[OldCommune]] = {code: [] for code in self.new_communes}
        for old in self.old_communes.values():
            for code in old.successors:
                lists[code].append(old)
        return {code: tuple(olds) for code, olds in lists.items()}


def _no_such_unit(code: str) -> NotFound:
    return NotFound(
        f"Không có đơn vị hành chính nào mang mã “{code}”.",
        hint="Mã địa bàn là mã xã (02728), mã tỉnh (15), mã tỉnh cũ (old:10) hoặc mã huyện cũ (old:082).",
        code="area_not_found",
    )


def _title(unit: Unit) -> str:
    return f"{unit.kind} {unit.name}"


def _inside(unit: Unit) -> str:
    return f"{unit.kind.lower()} {unit.name}"

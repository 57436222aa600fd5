"""Which unit somebody meant: the cells "Xã Bát Xát" and "Bát Xát", or a whole address.

Owns the reading of written communes against the table of units, old and new, and says how sure it is.
How names are spelled is in `addresses`, the table in `unit_table` (whose names are also found here). A name with a
typing mistake is guessed at and never certain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import TypeVar

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kcdesk.domain.addresses import (
    COMMUNE_KINDS,
    DISTRICT_KINDS,
    PROVINCE_KINDS,
    Likeness,
    Written,
    address_parts,
    likeness,
    name_key,
    province_key,
    readings,
)
from kcdesk.domain.resolutions import READ_WELL, SENTENCES, Reason, Resolution, unknown
from kcdesk.domain.text import has_marks
from kcdesk.domain.unit_table import (
    AreaCode,
    Checked,
    NewCommune,
    NewCommuneCode,
    OldCommune,
    OldCommuneCode,
    OldDistrict,
    OldProvince,
    Province,
    Unit,
    UnitTable,
)

__all__ = [
    "AdministrativeUnits",
    "AreaCode",
    "Checked",
    "NewCommune",
    "NewCommuneCode",
    "OldCommune",
    "OldCommuneCode",
    "OldDistrict",
    "OldProvince",
    "Province",
    "Reason",
    "Resolution",
    "Unit",
]

Commune = OldCommune | NewCommune
AnyUnit = TypeVar("AnyUnit", bound=Unit)


class _Pool(msgspec.Struct, frozen=True):
    """The communes a name may mean, and what of the rest of the address did not fit them."""

    olds: tuple[OldCommune, ...]
    news: tuple[NewCommune, ...]
    doubts: tuple[Reason, ...] = ()
    in_district: bool = False

    def doubting(self, reason: Reason) -> _Pool:
        return msgspec.structs.replace(self, doubts=(*self.doubts, reason))

    def narrowed(
        self, olds: Iterable[OldCommune], news: Iterable[NewCommune], doubt: Reason
    ) -> _Pool:
        """The part of the pool that fits one more thing; or all of it, in doubt, when nothing does."""
        olds, news = tuple(olds), tuple(news)
        if not olds and not news:
            return self.doubting(doubt)
        return msgspec.structs.replace(self, olds=olds, news=news)


class AdministrativeUnits(UnitTable):
    """The table of units, and the reading of what people write.

    `within` narrows a reading to the communes of some areas; a commune elsewhere is named, but never certain.
    """

    def resolve(
        self,
        commune: str,
        district: str = "",
        province: str = "",
        within: Sequence[AreaCode] = (),
    ) -> Resolution:
        """What the cells commune, district and province mean; district and province may be empty.

        With a district that has such a commune, the former one is meant. Without, a name that was and is
        in use is certain when both readings lead to one commune of today. A divided commune never is.
        Raises `NotFound` for an unknown code in `within`.
        """
        unmarked = not has_marks(f"{commune}{district}{province}")
        for written in readings(commune, COMMUNE_KINDS):
            if unmarked:
                written = msgspec.structs.replace(written, unmarked_kind=True)  # noqa: PLW2901
            resolution = self._resolve_name(written, district, province, within)
            if resolution.reason is not Reason.UNKNOWN:
                return resolution
        return unknown(commune)

    def resolve_address(
        self, address: str, within: Sequence[AreaCode] = ()
    ) -> tuple[str, Resolution]:
        """What an address in one cell means, and the part before its commune (hamlet, street).

        The last parts are tried as commune, district, province, then with one or two of them missing.
        An address without any known commune comes back whole.
        """
        second_best: tuple[str, Resolution] | None = None
        for parts in address_parts(address):
            for rest, commune, district, province in chain(
                self._from_large_to_small(parts), self._address_readings(parts)
            ):
                resolution = self.resolve(commune, district, province, within)
                if resolution.certain and not district and self._may_be_district(commune):
                    resolution = self._doubted(resolution, commune)
                found = ", ".join(rest), resolution
                if resolution.reason in READ_WELL:
                    return found
                if resolution.reason is not Reason.UNKNOWN:
                    second_best = second_best or found
        return second_best or (address, unknown(address))

    def _from_large_to_small(
        self, parts: Sequence[str]
    ) -> Iterable[tuple[Sequence[str], str, str, str]]:
        """The readings of "Lào Cai, Bát Xát, Cốc Mỳ": only where it must be meant so, by what stands first or last."""
        if len(parts) < 2 or any(self._provinces_named(parts[-1])):
            return
        if not (
            any(self._provinces_named(parts[0]))
            or next(readings(parts[0], DISTRICT_KINDS)).kind
            or next(readings(parts[-1], COMMUNE_KINDS)).kind not in {None, "Huyện"}
        ):
            return
        for rest, commune, district, province in self._address_readings(parts[::-1]):
            if district or province:
                yield rest[::-1], commune, district, province

    def _address_readings(
        self, parts: Sequence[str]
    ) -> Iterable[tuple[Sequence[str], str, str, str]]:
        *before, last = parts or [""]
        is_province = any(self._provinces_named(last))
        if is_province and len(before) > 1 and self._districts_named(before[-1]):
            yield before[:-2], before[-2], before[-1], last
        if is_province and before:
            yield before[:-1], before[-1], "", last
        if before and self._districts_named(last):
            yield before[:-1], before[-1], last, ""
        if not is_province and before and any(self._provinces_named(before[0])):
            yield before[1:], last, "", before[0]
        elif not is_province:
            yield before, last, "", ""

    def _resolve_name(
        self, written: Written, district: str, province: str, within: Sequence[AreaCode]
    ) -> Resolution:
        key = name_key(written.name)
        pool = self._named(key)
        if written.kind == "Huyện":
            pool = _Pool(tuple(old for old in pool.olds if old.kind == "Huyện"), ())
        if not key or not (pool.olds or pool.news):
            return unknown(written.name)
        if province.strip():
            pool = self._in_province(pool, province, has_district=bool(district.strip()))
        if district.strip():
            pool = self._in_district(pool, written, district)
        if within:
            old_codes, new_codes = self._area_codes(tuple(within))
            pool = pool.narrowed(
                (old for old in pool.olds if old.code in old_codes),
                (new for new in pool.news if not new_codes.isdisjoint(self._standing(new.code))),
                Reason.OUTSIDE_AREA,
            )
        return self._decide(pool, written)

    def _named(self, key: str) -> _Pool:
        """The communes with a name; when there are none those whose names are a typing mistake away, in doubt."""
        olds, news = self._old_by_name.get(key, ()), self._new_by_name.get(key, ())
        if olds or news or len(key) < _LONG_ENOUGH:
            return _Pool(olds, news)
        mistakes = 2 if len(key) >= _FOR_TWO_MISTAKES else 1
        near = process.extract(
            key, self._names, scorer=OSA.distance, score_cutoff=mistakes, limit=None
        )
        names = [name for name, distance, _ in near if distance == near[0][1]]
        return _Pool(
            tuple(old for name in names for old in self._old_by_name.get(name, ())),
            tuple(new for name in names for new in self._new_by_name.get(name, ())),
            (Reason.MISSPELLED,) if names else (),
        )

    def _in_province(self, pool: _Pool, province: str, *, has_district: bool) -> _Pool:
        olds_of, news_of = self._provinces_named(province)
        new_here = [new for new in pool.news if new.province in news_of]
        old_here = [old for old in pool.olds if self.old_province_of(old).code in olds_of]
        if not old_here and (has_district or not new_here):
            # "huyện Long Phú, TP Cần Thơ": a former district with the province of today
            old_here = [old for old in pool.olds if self.old_province_of(old).province in news_of]
        return pool.narrowed(old_here, new_here, Reason.OTHER_PROVINCE)

    def _in_district(self, pool: _Pool, written: Written, district: str) -> _Pool:
        districts = self._districts_named(district)
        olds = tuple(old for old in pool.olds if old.district in districts)
        if not olds:
            return pool.doubting(Reason.OTHER_DISTRICT)
        right_kind = any(_kind_fits(written, old) for old in olds)
        return _Pool(olds, () if right_kind else pool.news, pool.doubts, in_district=True)

    def _decide(self, pool: _Pool, written: Written) -> Resolution:
        communes: tuple[Commune, ...] = (*pool.olds, *pool.news)
        likeliest = _likeliest(written, communes)
        olds = tuple(unit for unit in likeliest if isinstance(unit, OldCommune))
        news = tuple(unit for unit in likeliest if isinstance(unit, NewCommune))
        codes = [code for new in news for code in self._standing(new.code)]
        codes += [code for old in olds for code in old.successors]
        candidates = tuple(self.new_communes[code] for code in dict.fromkeys(codes))
        like = likeness(written, likeliest[0].name)

        doubts = list(pool.doubts)
        if not _kind_fits(written, likeliest[0]):
            doubts.append(Reason.OTHER_KIND)
        if like is Likeness.OTHER_MARKS or (like is Likeness.SPELLING and not pool.in_district):
            doubts.append(Reason.OTHER_MARKS)
        old = olds[0] if len(olds) == 1 and not news and not doubts else None
        if old is not None and old.divided:
            doubts.append(Reason.DIVIDED)
        elif len(candidates) > 1:
            doubts.append(Reason.AMBIGUOUS)
        elif any(other.divided for other in olds):
            doubts.append(Reason.DIVIDED)

        if doubts:
            reason = doubts[0]
        elif old is not None:
            reason = Reason[like.name]
        else:
            reason = Reason.SAME_RESULT if olds else Reason.NEW_NAME
        return Resolution(
            reason,
            self._sentence(reason, written, olds, candidates),
            certain=not doubts,
            old=old,
            new=None if doubts else candidates[0],
            candidates=candidates,
            old_candidates=olds,
            namesake=self._namesake(old, candidates) if old is not None else None,
        )

    def _namesake(self, old: OldCommune, candidates: Sequence[NewCommune]) -> NewCommune | None:
        province = self.old_province_of(old).province
        same_name = self._new_by_name.get(name_key(old.name), ())
        for new in _likeliest(
            Written(None, old.name), [n for n in same_name if n.province == province]
        ):
            if new not in candidates:
                return new
        return None

    def _may_be_district(self, part: str) -> bool:
        """ "Bát Xát, Lào Cai" may say the district and leave the commune out."""
        return next(readings(part, COMMUNE_KINDS)).kind is None and bool(
            self._districts_named(part)
        )

    def _doubted(self, resolution: Resolution, name: str) -> Resolution:
        reason = Reason.DISTRICT_ONLY
        sentence = self._sentence(reason, Written(None, name), (), resolution.candidates)
        return msgspec.structs.replace(
            resolution, reason=reason, message=sentence, certain=False, old=None, new=None
        )

    def _sentence(
        self,
        reason: Reason,
        written: Written,
        olds: Sequence[OldCommune],
        candidates: Sequence[NewCommune],
    ) -> str:
        name = f"{written.kind} {written.name}" if written.kind else written.name
        old = self.display_name(olds[0]) if olds else name
        now = "; ".join(self.display_name(candidate) for candidate in candidates[:_NAMED])
        if len(candidates) > _NAMED:
            now += f" và {len(candidates) - _NAMED} nơi khác"
        return SENTENCES[reason].format(name=name, old=old, now=now)

    def _area_codes(self, within: tuple[AreaCode, ...]) -> tuple[set[str], set[str]]:
        codes = self._areas.get(within)
        if codes is None:
            codes = (
                {str(old.code) for area in within for old in self.old_communes_of(area)},
                {str(new.code) for area in within for new in self.communes_of(area)},
            )
            self._areas[within] = codes
        return codes

    def _provinces_named(self, text: str) -> tuple[Collection[str], Collection[str]]:
        """Codes of the former provinces and of those of today that a cell names; either may be empty."""
        for written in readings(text, PROVINCE_KINDS):
            key = province_key(written.name)
            olds = [p.code for p in self.old_provinces.values() if _province_is(p, key, written)]
            news = [p.code for p in self.provinces.values() if _province_is(p, key, written)]
            if olds or news:
                return olds, news
        return (), ()

    def _districts_named(self, text: str) -> Collection[str]:
        """Codes of the former districts a cell names, in all provinces; a wrong kind is forgiven."""
        for written in readings(text, DISTRICT_KINDS):
            districts = self._districts_by_name.get(name_key(written.name), ())
            if districts:
                return [district.code for district in _likeliest(written, districts)]
        return ()

    @cached_property
    def _areas(self) -> dict[tuple[AreaCode, ...], tuple[set[str], set[str]]]:
        return {}

    @cached_property
    def _old_by_name(self) -> dict[str, tuple[OldCommune, ...]]:
        return _by_name(self.old_communes.values())

    @cached_property
    def _new_by_name(self) -> dict[str, tuple[NewCommune, ...]]:
        return _by_name(self.new_communes.values())

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._old_by_name, *self._new_by_name)))

    @cached_property
    def _districts_by_name(self) -> dict[str, tuple[OldDistrict, ...]]:
        return _by_name(self.old_districts.values())


_LONG_ENOUGH, _FOR_TWO_MISTAKES = 5, 9
"""So many letters a name needs for a guess, and for a guess at two mistakes."""

_NAMED = 3
"""So many candidates a sentence names."""


def _likeliest(written: Written, units: Sequence[AnyUnit]) -> tuple[AnyUnit, ...]:
    """Those of the units with the letters of the name that fit best: first the kind counts, then the marks."""
    fits = [(_kind_fits(written, unit), likeness(written, unit.name)) for unit in units]
    best = max(fits, default=None)
    return tuple(unit for unit, fit in zip(units, fits, strict=True) if fit == best)


def _kind_fits(written: Written, unit: Unit) -> bool:
    return written.kind in {None, unit.kind}


def _province_is(province: Province | OldProvince, key: str, written: Written) -> bool:
    """ "TP Sóc Trăng" is the town; "tỉnh Cần Thơ" is forgiven."""
    return province_key(province.name) == key and (
        written.kind != "Thành phố" or province.kind == "Thành phố"
    )


def _by_name(units: Iterable[AnyUnit]) -> dict[str, tuple[AnyUnit, ...]]:
    lists: dict[str, list[AnyUnit]] = {}
    for unit in units:
        lists.setdefault(name_key(unit.name), []).append(unit)
    return {key: tuple(named) for key, named in lists.items()}

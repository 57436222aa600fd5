"""What `make_administrative_units.py` works out from positions: where communes lie, and which parts of them are false.

Every commune of the source has a position from two independent places: the new ones from the map of the mergers, the
former ones from a geocoder, with a box around. Either is wrong now and then (a namesake elsewhere was found), so a
position counts only where two of them agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Row = Mapping[str, Any]

NEAR_KM = 10.0
"""So far apart two positions of one commune may lie besides its size."""
WIDEST_BOX_KM = 15.0
"""A geocoder's box around a commune that reaches farther from its middle is that of something else."""
FALSE_KM = 15.0
"""From here on a part with a namesake's neighbours is the namesake's."""


class Around(NamedTuple):
    """A circle that a commune lies in: degrees, and kilometres."""

    latitude: float
    longitude: float
    radius_km: float

    @property
    def place(self) -> tuple[float, float]:
        return self.latitude, self.longitude


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Good to some percent within Vietnam, from degrees of latitude and longitude."""
    east = (a[1] - b[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(a[0] - b[0], east) * 111.2


def circle_of_new(row: Row) -> Around:
    """The position of a commune of today, and the radius of a circle with its area."""
    return Around(row["wardLat"], row["wardLon"], math.sqrt((row["wardAreaKm2"] or 0) / math.pi))


def circle_of_old(row: Row) -> Around | None:
    """The position of a former commune, and how far the corners of its box are; None where the source has none."""
    if row["wardLat"] is None:
        return None
    middle = row["wardLat"], row["wardLon"]
    radius = 0.0
    if row["wardBounds"]:
        corners = [corner.split(",") for corner in row["wardBounds"].split(" – ")]
        south_west, north_east = [(float(a), float(b)) for a, b in corners]
        radius = distance_km(south_west, north_east) / 2
    return Around(*middle, radius if radius <= WIDEST_BOX_KM else 0.0)


def circle_around(today: Around, before: Iterable[Around]) -> Around | None:
    """The circle of a commune: around the positions that agree with each other, its own or its former communes'.

    `before`: those of former communes that went to it whole. None when no two positions agree.
    """
    points = [today, *before]
    reach = NEAR_KM + 2 * today.radius_km

    def agreeing(point: Around) -> list[Around]:
        return [other for other in points if distance_km(point.place, other.place) <= reach]

    kept = max(map(agreeing, points), key=len)
    if len(kept) < 2:
        return None
    middle = (
        (min(p.latitude for p in kept) + max(p.latitude for p in kept)) / 2,
        (min(p.longitude for p in kept) + max(p.longitude for p in kept)) / 2,
    )
    radius = max(distance_km(middle, point.place) + point.radius_km for point in kept)
    return Around(*middle, max(radius, today.radius_km))


def false_parts(
    communes: Mapping[str, Row], parts: Mapping[str, Sequence[str]], new: Mapping[str, Row]
) -> dict[str, set[str]]:
    """Parts that divided communes only have because the source took a namesake for them: old code -> new codes.

    communes: the former ones by code; parts: the new codes each went to; new: the communes of today by code

    The source joined names within each province of today. A part is false when all of this holds: another former
    commune with the same kind and name went there, with others of that one's district; none of this one's own district
    went there whose name is not shared like that; and it lies far from where this one was.
    """
    province = {
        code: new[codes[0]]["provinceCode"] for code, codes in parts.items() if code in communes
    }
    named: dict[tuple[str, str], list[str]] = {}
    went_to: dict[str, list[str]] = {}
    for code, row in communes.items():
        named.setdefault((province[code], row["wardKey"] or ""), []).append(code)
        for part in parts[code]:
            went_to.setdefault(part, []).append(code)

    def namesakes(code: str) -> list[str]:
        alike = named[province[code], communes[code]["wardKey"] or ""]
        return [other for other in alike if other != code]

    found: dict[str, set[str]] = {}
    for code, codes in parts.items():
        if len(codes) < 2 or not namesakes(code):
            continue
        here = circle_of_old(communes[code])
        for part in codes:
            others = [other for other in went_to[part] if other != code]
            taken_for = [other for other in others if other in namesakes(code)]
            districts = {communes[other]["districtCode"] for other in taken_for}
            alone = [other for other in others if not (len(parts[other]) > 1 and namesakes(other))]
            if (
                here is not None
                and any(communes[other]["districtCode"] in districts for other in alone)
                and all(
                    communes[other]["districtCode"] != communes[code]["districtCode"]
                    for other in alone
                )
                and distance_km(here.place, circle_of_new(new[part]).place) > FALSE_KM
            ):
                found.setdefault(code, set()).add(part)
    return {code: wrong for code, wrong in found.items() if wrong < set(parts[code])}

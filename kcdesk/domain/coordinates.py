"""Where an establishment or a photo is: latitude and longitude as people write them, and whether they fit its commune.

Owns the reading of coordinates (degrees of WGS 84, what phones and web maps show) and the rule V-GEO. Where communes
lie is in the table of units; lengths for the functions of questionnaires are `questionnaire.geometry`'s.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from kcdesk.domain.findings import Checked, Finding, hard, soft
from kcdesk.domain.text import normalise
from kcdesk.domain.unit_table import NewCommune, NewCommuneCode, UnitTable
from kcdesk.domain.value import Value

EARTH_RADIUS_KM = 6371.0
TOLERANCE_KM = 2.0
"""So far outside the circle of its commune a place may lie before anybody is asked: the circle is no border."""

_VIETNAM = (6.0, 23.5, 102.0, 118.0)
"""South, north, west, east, with the islands."""
_PLACES = 6
"""Decimals that are kept: a tenth of a metre."""

_IN_MAP_LINK = re.compile(r"(?:@|[?&](?:q|ll|query|center)=)(-?\d+\.\d+)(?:,|%2C)\s*(-?\d+\.\d+)")
_NUMBER = r"[-+]?\d+(?:[.,]\d+)?"
_SEXAGESIMAL = re.compile(
    rf"(?P<degrees>\d+)\s*[°º]\s*(?P<minutes>{_NUMBER})\s*['’′]?\s*"
    rf"(?:(?P<seconds>{_NUMBER})\s*(?:[\"”″]|''|’’))?"
)
_DECIMAL = re.compile(rf"{_NUMBER}\s*[°º]?")
_COMPASS = re.compile(r"(?i)(?<![^\W\d_])[NEBĐ](?![^\W\d_])")
"""North and east, in English and Vietnamese; nothing of Vietnam lies south or west."""
_WORDS = re.compile(
    r"(?i)\b(?:vĩ độ|kinh độ|vi do|kinh do|lat(?:itude)?|long?(?:gitude)?)\b\s*[:=]?"
)

_EXAMPLE = "Ghi vĩ độ rồi kinh độ như điện thoại hiện ra, ví dụ: 22,4856; 103,9707."


class Coordinates(NamedTuple):
    """Degrees; north and east are positive."""

    latitude: float
    longitude: float


def read_coordinates(text: str, field: str = "geo") -> Checked[list[str]]:
    """Latitude and longitude in a text, as two decimals; in the wrong order they are turned round and it is said.

    >>> read_coordinates("22.4856, 103.9707").value
    ['22.4856', '103.9707']
    >>> read_coordinates("22,4856; 103,9707").value == read_coordinates("22.4856 103.9707").value
    True
    >>> read_coordinates('''22°29'08.2"N 103°58'14.5"E''').value
    ['22.485611', '103.970694']
    """
    written = normalise(text)
    if not written:
        return Checked(None)
    numbers = _numbers_in(written)
    if len(numbers) != 2:
        message = f"“{written}” không phải là toạ độ (V-GEO)."
        return Checked(None, (hard("V-GEO.form", field, message, written, _EXAMPLE),))
    findings: list[Finding] = []
    latitude, longitude = numbers
    if abs(latitude) > 90 or (_within(longitude, latitude) and not _within(latitude, longitude)):
        latitude, longitude = longitude, latitude
        message = f"“{written}” ghi kinh độ trước vĩ độ, đã đổi lại (V-GEO)."
        findings.append(soft("V-GEO.order", field, message, written))
    if abs(latitude) > 90 or abs(longitude) > 180:
        message = f"“{written}” không phải là kinh độ, vĩ độ tính bằng độ (V-GEO)."
        hint = f"Toạ độ VN-2000 tính bằng mét cần đổi trước. {_EXAMPLE}"
        return Checked(None, (hard("V-GEO.range", field, message, written, hint),))
    if not _within(latitude, longitude):
        message = f"Toạ độ “{written}” nằm ngoài lãnh thổ Việt Nam (V-GEO)."
        findings.append(soft("V-GEO.country", field, message, written, _EXAMPLE))
    return Checked([_plain(latitude), _plain(longitude)], tuple(findings))


def coordinates_of(value: Value) -> Coordinates | None:
    """The coordinates that a record keeps, or None for anything else."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    try:
        latitude, longitude = (float(str(part)) for part in value)
    except ValueError:
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return Coordinates(latitude, longitude)


def show_coordinates(value: Sequence[Value]) -> str:
    """Kept coordinates as a person reads them, and `read_coordinates` reads them back.

    >>> show_coordinates(["22.4856", "103.9707"])
    '22,4856; 103,9707'
    """
    return "; ".join(str(part).replace(".", ",") for part in value)


def distance_km(a: Coordinates, b: Coordinates) -> float:
    """Along the surface of the earth (haversine).

    >>> round(distance_km(Coordinates(21.0285, 105.8542), Coordinates(10.7769, 106.7009)))
    1144
    """
    north_a, north_b = math.radians(a.latitude), math.radians(b.latitude)
    half_north = (north_b - north_a) / 2
    half_east = math.radians(b.longitude - a.longitude) / 2
    root = math.sin(half_north) ** 2 + math.cos(north_a) * math.cos(north_b) * (
        math.sin(half_east) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, root)))


def outside_km(commune: NewCommune, place: Coordinates) -> float:
    """How far a place lies outside the circle of a commune; 0 inside, and where no circle is known."""
    if commune.latitude is None or commune.longitude is None or commune.radius_km is None:
        return 0.0
    middle = Coordinates(commune.latitude, commune.longitude)
    return max(0.0, distance_km(middle, place) - commune.radius_km)


def findings_of_place(
    units: UnitTable, commune: Value, geo: Value, *, what: str = "Toạ độ", field: str = "geo"
) -> tuple[Finding, ...]:
    """A soft finding (V-GEO.commune) when coordinates lie outside the surroundings of the record's commune.

    `commune`, `geo`: as records keep them; what is missing or unknown is not judged. `what`: begins the sentence.
    """
    place = coordinates_of(geo)
    unit = units.new_communes.get(NewCommuneCode(str(commune)))
    if place is None or unit is None:
        return ()
    outside = outside_km(unit, place)
    if outside <= TOLERANCE_KM:
        return ()
    far = f"{outside:.0f}" if outside >= 10 else f"{outside:.1f}".replace(".", ",")
    message = f"{what} cách {units.display_name(unit)} khoảng {far} km (V-GEO)."
    hint = "Kiểm tra lại toạ độ và xã, phường."
    shown = show_coordinates(geo) if isinstance(geo, list) else ""
    return (soft("V-GEO.commune", field, message, shown, hint),)


def _numbers_in(written: str) -> list[Decimal]:
    link = _IN_MAP_LINK.search(written)
    if link is not None:
        return [Decimal(link[1]), Decimal(link[2])]
    plain = normalise(_COMPASS.sub(" ", _WORDS.sub(" ", written)))
    sexagesimal = list(_SEXAGESIMAL.finditer(plain))
    if sexagesimal:
        return [] if _SEXAGESIMAL.sub("", plain).strip(" ,;") else list(map(_degrees, sexagesimal))
    pieces = re.split(r"\s*;\s*|,\s+|\s+(?=[-+\d])", plain.strip(" ,;()"))
    if len(pieces) == 1 and pieces[0].count(",") == 1 and "." in pieces[0]:
        pieces = pieces[0].split(",")
    pieces = [piece.strip(" ,") for piece in pieces if piece.strip(" ,")]
    if not all(_DECIMAL.fullmatch(piece) for piece in pieces):
        return []
    return [Decimal(piece.rstrip(" °º").replace(",", ".")) for piece in pieces]


def _degrees(match: re.Match[str]) -> Decimal:
    def part(name: str) -> Decimal:
        return Decimal((match[name] or "0").replace(",", "."))

    return part("degrees") + part("minutes") / 60 + part("seconds") / 3600


def _within(latitude: Decimal, longitude: Decimal) -> bool:
    south, north, west, east = _VIETNAM
    return south <= latitude <= north and west <= longitude <= east


def _plain(degrees: Decimal) -> str:
    rounded = round(degrees, _PLACES).normalize()
    return f"{rounded:f}"

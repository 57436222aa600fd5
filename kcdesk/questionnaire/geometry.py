"""Lengths and areas on the earth, for the functions `distance`, `area` and `geofence`.

Points are the texts of geopoint answers, `latitude longitude [altitude accuracy]` in degrees; a line is points
parted by semicolons. The earth is a sphere with the radius that ODK engines share, 6,378,100 m, so that the same
answer gives the same number here and there. Specification: ODK XForms, "XPath Functions", Geographic.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

EARTH_RADIUS_M = 6_378_100.0


class Point(NamedTuple):
    """Degrees; north and east are positive."""

    latitude: float
    longitude: float


def read_point(text: str) -> Point | None:
    """The point of a geopoint answer, or None."""
    words = text.split()
    if not 2 <= len(words) <= 4:
        return None
    try:
        latitude, longitude, *_ = map(float, words)
    except ValueError:
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return Point(latitude, longitude)


def read_line(text: str) -> list[Point] | None:
    """The points of `lat lon; lat lon; ...`, none of a blank text; None when one of them cannot be read."""
    text = text.strip().rstrip("; ")
    points = [read_point(part) for part in text.split(";")] if text else []
    read = [point for point in points if point is not None]
    return read if len(read) == len(points) else None


def distance_m(points: Sequence[Point]) -> float:
    """The length of the line through the points, in metres (spherical law of cosines)."""
    return sum(_arc(a, b) for a, b in itertools.pairwise(points)) * EARTH_RADIUS_M


def _arc(a: Point, b: Point) -> float:
    north_a, north_b = math.radians(a.latitude), math.radians(b.latitude)
    turn = math.radians(a.longitude - b.longitude)
    cosine = math.sin(north_a) * math.sin(north_b) + math.cos(north_a) * math.cos(
        north_b
    ) * math.cos(turn)
    return math.acos(max(-1.0, min(1.0, cosine)))


def area_m2(points: Sequence[Point]) -> float:
    """The area inside the points, in square metres; the last point is joined to the first."""
    if len(points) < 3:
        return 0.0
    total = sum(
        math.radians(b.longitude - a.longitude)
        * (2 + math.sin(math.radians(a.latitude)) + math.sin(math.radians(b.latitude)))
        for a, b in zip(points, [*points[1:], points[0]], strict=True)
    )
    return abs(total) * EARTH_RADIUS_M**2 / 2


def is_inside(point: Point, shape: Sequence[Point]) -> bool:
    """Whether a point lies inside a closed shape (its last point is its first): an odd number of edges to the east."""
    if len(shape) < 2 or shape[0] != shape[-1]:
        return False
    inside = False
    for a, b in itertools.pairwise(shape):
        if (a.latitude > point.latitude) != (b.latitude > point.latitude):
            slope = (a.longitude - b.longitude) / (a.latitude - b.latitude)
            if point.longitude < b.longitude + slope * (point.latitude - b.latitude):
                inside = not inside
    return inside

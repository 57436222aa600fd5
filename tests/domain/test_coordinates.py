"""Coordinates as people write them, and the distance to the commune that they should lie in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.coordinates import (
    Coordinates,
    coordinates_of,
    distance_km,
    findings_of_place,
    outside_km,
    read_coordinates,
    show_coordinates,
)
from kcdesk.resources import resource_path

UNITS = AdministrativeUnits.read(resource_path("administrative-units", "units.tsv"))
BAT_XAT = "02683"


@pytest.mark.parametrize(
    "text",
    [
        "22.4856, 103.9707",
        "22.4856,103.9707",
        "22.4856 103.9707",
        "22,4856; 103,9707",
        "22,4856 103,9707",
        "(22.4856; 103.9707)",
        "22.4856° N, 103.9707° E",
        "N 22.4856 E 103.9707",
        "Vĩ độ: 22.4856 Kinh độ: 103.9707",
        "vĩ độ 22,4856, kinh độ 103,9707",
        "lat 22.4856, long 103.9707",
        "22°29'8.16\"N 103°58'14.52\"E",
        "22° 29.136' , 103° 58.242'",
        "https://www.google.com/maps/@22.4856,103.9707,15z",
        "https://maps.google.com/?q=22.4856,103.9707",
    ],
)
def test_forms(text: str) -> None:
    read = read_coordinates(text)
    assert read.value == ["22.4856", "103.9707"]
    assert read.findings == ()


def test_the_wrong_order_is_turned_and_told() -> None:
    read = read_coordinates("103.9707, 22.4856")
    assert read.value == ["22.4856", "103.9707"]
    assert [finding.code for finding in read.findings] == ["V-GEO.order"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("gần chợ", "V-GEO.form"),
        ("22.4856", "V-GEO.form"),
        ("22.4856, 103.9707, 12", "V-GEO.form"),
        ("2487654.3; 412345.6", "V-GEO.range"),
        ("91; 103", "V-GEO.range"),
        ("22°29'8\" và gần đó", "V-GEO.form"),
    ],
)
def test_what_is_no_place(text: str, code: str) -> None:
    read = read_coordinates(text)
    assert read.value is None
    (finding,) = read.findings
    assert (finding.code, finding.level) == (code, "hard")
    assert "22,4856" in finding.hint


def test_abroad_is_kept_and_told() -> None:
    read = read_coordinates("48.8584, 2.2945")
    assert read.value == ["48.8584", "2.2945"]
    assert [finding.code for finding in read.findings] == ["V-GEO.country"]


def test_nothing_is_nothing() -> None:
    assert read_coordinates("  ").value is None
    assert read_coordinates("").findings == ()


@given(
    st.decimals("6", "23.5", places=6, allow_nan=False),
    st.decimals("102", "118", places=6, allow_nan=False),
)
def test_what_is_shown_is_read_back(latitude, longitude) -> None:  # type: ignore[no-untyped-def]
    value = read_coordinates(f"{latitude}, {longitude}").value
    assert value is not None
    again = read_coordinates(show_coordinates(value))
    assert (again.value, again.findings) == (value, ())
    place = coordinates_of(list(value))
    assert place is not None
    assert abs(place.latitude - float(latitude)) < 1e-5


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    read = read_coordinates(text)
    assert read.value is None or coordinates_of(list(read.value)) is not None
    assert read.value is not None or read.findings or not text.strip()


@pytest.mark.parametrize(
    "value",
    [None, "22; 103", [], ["22"], ["a", "b"], ["91", "0"], ["nan", "0"], ["0", "inf"], [1, 2, 3]],
)
def test_what_no_record_keeps_is_passed_over(value: object) -> None:
    assert coordinates_of(value) is None  # type: ignore[arg-type]
    assert findings_of_place(UNITS, BAT_XAT, value) == ()  # type: ignore[arg-type]


def test_a_place_far_from_its_commune_is_told_with_the_distance() -> None:
    hanoi: list[object] = ["21.0285", "105.8542"]
    (finding,) = findings_of_place(UNITS, BAT_XAT, hanoi)  # type: ignore[arg-type]
    commune = UNITS.new_commune(BAT_XAT)
    outside = outside_km(commune, Coordinates(21.0285, 105.8542))
    assert 240 < outside < 270
    assert f"khoảng {outside:.0f} km" in finding.message
    assert "Xã Bát Xát, tỉnh Lào Cai" in finding.message
    assert (finding.code, finding.level) == ("V-GEO.commune", "soft")
    for unknown in (None, "99999", ["02683"]):
        assert findings_of_place(UNITS, unknown, hanoi) == ()  # type: ignore[arg-type]


def test_the_middle_of_every_commune_fits_it_and_no_neighbour_far_away() -> None:
    """Each commune's own circle is quiet; a commune 60 km off is told for nearly all."""
    placed = [c for c in UNITS.new_communes.values() if c.radius_km is not None]
    told = 0
    for commune in placed:
        assert commune.latitude is not None
        assert commune.longitude is not None
        middle: list[object] = [f"{commune.latitude}", f"{commune.longitude}"]
        assert findings_of_place(UNITS, commune.code, middle) == ()  # type: ignore[arg-type]
        off: list[object] = [f"{commune.latitude - 0.54}", f"{commune.longitude}"]
        told += bool(findings_of_place(UNITS, commune.code, off))  # type: ignore[arg-type]
    assert told == len(placed)


def test_distance() -> None:
    hanoi, saigon = Coordinates(21.0285, 105.8542), Coordinates(10.7769, 106.7009)
    assert 1140 < distance_km(hanoi, saigon) < 1150
    assert distance_km(hanoi, hanoi) == 0

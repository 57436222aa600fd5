"""The table of administrative units, its succession, and the reading of written addresses."""

from __future__ import annotations

import importlib.util
import re
import sys
import time
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kcdesk.domain.administrative_units import AdministrativeUnits, Checked, Reason, Resolution
from kcdesk.domain.coordinates import Coordinates, outside_km
from kcdesk.domain.text import fold, normalise
from kcdesk.errors import NotFound
from kcdesk.resources import resource_path

TABLE = resource_path("administrative-units", "units.tsv")
DOUBTS = TABLE.with_name("codes-in-doubt.tsv")
UNITS = AdministrativeUnits.read(TABLE)
OLD = list(UNITS.old_communes.values())
LAO_CAI = ["old:10"]

# The table


def test_counts() -> None:
    assert len(UNITS.provinces) == 34
    assert len(UNITS.new_communes) == 3321
    assert len(UNITS.old_provinces) == 63
    assert len(UNITS.old_districts) == 696
    assert len(UNITS.old_communes) == 10_040
    assert sum(old.divided for old in OLD) == 446


def test_the_readme_tells_the_counts_of_the_table() -> None:
    readme = (TABLE.parent / "README.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", readme, re.M))
    counted = Counter(commune.checked.value for commune in UNITS.new_communes.values())
    assert told == {mark.value: f"{counted[mark.value]:,}" for mark in Checked}


def test_every_line_of_the_table_is_read() -> None:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) == 34 + 3321 + 63 + 696 + 10_040
    assert all(line == "\t".join(map(normalise, line.split("\t"))) for line in lines)


def test_every_code_in_doubt_is_listed_with_the_other_one() -> None:
    lines = [line.split("\t") for line in DOUBTS.read_text("utf-8").splitlines()[1:]]
    doubted = {
        code: commune.checked.value
        for code, commune in UNITS.new_communes.items()
        if commune.checked not in {Checked.AGREED, Checked.SPELLING}
    }
    assert {code: mark for code, _, _, mark in lines} == doubted
    assert all(re.fullmatch(r"\d{5}", other) and other != code for code, _, other, _ in lines)
    former = {code: {old.code for old in UNITS.old_of(code)} for code, *_ in lines}
    assert all(code in former[code] for code in former)
    for code, _, other, mark in lines:
        assert (other not in former[code]) == (mark == Checked.FORMER_CODE)


def test_parts_that_are_a_namesakes_are_left_out() -> None:
    """Two communes of one name in one province of today, each of which went where its own district went."""
    for pair in (("31669", "31480"), ("31666", "31268"), ("25462", "27691"), ("31606", "31483")):
        one, other = (UNITS.old_commune(code) for code in pair)
        assert one.name == other.name
        assert one.district != other.district
        assert not one.divided
        assert not other.divided
        assert one.successors != other.successors


def test_circles_hold_known_places() -> None:
    """Three places that everybody finds on a map: Bát Xát, Sa Pa, Sóc Trăng."""
    placed = [c for c in UNITS.new_communes.values() if c.radius_km is not None]
    assert len(placed) == 3274
    for commune in placed:
        assert commune.latitude is not None
        assert commune.longitude is not None
        assert 8 < commune.latitude < 24
        assert 102 < commune.longitude < 110
    for code, latitude, longitude in (
        ("02683", 22.5358, 103.8886),
        ("03006", 22.3364, 103.8438),
        ("31507", 9.6037, 105.9739),
    ):
        commune = UNITS.new_commune(code)
        assert outside_km(commune, Coordinates(latitude, longitude)) == 0


def test_official_codes_and_parents() -> None:
    assert UNITS.display_name(UNITS.old_provinces["10"]) == "Tỉnh Lào Cai (cũ)"
    bat_xat = UNITS.old_districts["082"]
    assert UNITS.display_name(bat_xat) == "Huyện Bát Xát, tỉnh Lào Cai (cũ)"
    for old in OLD:
        assert UNITS.old_province_of(old).province in UNITS.provinces


def test_succession_stays_in_the_province_and_reaches_every_commune() -> None:
    reached = set()
    for old in OLD:
        assert len(set(old.successors)) == len(old.successors) > 0
        for new in UNITS.new_of(old.code):
            assert new.province == UNITS.old_province_of(old).province
            assert old in UNITS.old_of(new.code)
            reached.add(new.code)
    assert reached == set(UNITS.new_communes)


def test_loading_is_fast() -> None:
    best = min(_seconds_to_load() for _ in range(5))
    assert best < 0.15  # about 0.02 s on the slowest machine measured; room for a busy one


def _seconds_to_load() -> float:
    start = time.perf_counter()
    AdministrativeUnits.read(TABLE)
    return time.perf_counter() - start


@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("vietnamadminunits", "vietnam_provinces"))),
    reason="dependency group `units` is not installed",
)
def test_the_script_writes_the_same_bytes() -> None:
    script = _script()
    assert script.make_table().encode() == TABLE.read_bytes()
    assert script.list_doubts(UNITS).encode() == DOUBTS.read_bytes()


def _script() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "make_administrative_units.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


# Areas


@pytest.mark.parametrize(
    ("area", "name", "now", "before"),
    [
        ("02728", "Xã Mường Hum, tỉnh Lào Cai", 1, 3),
        ("15", "Tỉnh Lào Cai", 99, 319),
        ("old:10", "Tỉnh Lào Cai (cũ)", 48, 151),
        ("old:082", "Huyện Bát Xát, tỉnh Lào Cai (cũ)", 8, 21),
    ],
)
def test_areas(area: str, name: str, now: int, before: int) -> None:
    assert UNITS.area_name(area) == name
    assert len(UNITS.communes_of(area)) == now
    assert len(UNITS.old_communes_of(area)) == before
    codes = [commune.code for commune in UNITS.communes_of(area)]
    assert codes == sorted(codes)


def test_a_former_province_is_the_sum_of_its_districts() -> None:
    districts = [d for d in UNITS.old_districts.values() if d.old_province == "10"]
    olds = {old.code for d in districts for old in UNITS.old_communes_of(f"old:{d.code}")}
    assert olds == {old.code for old in UNITS.old_communes_of("old:10")}
    assert len(districts) == 9


@pytest.mark.parametrize("area", ["", "old:", "99", "old:99", "old:02728", "10", "082", "lào cai"])
def test_unknown_area(area: str) -> None:
    with pytest.raises(NotFound, match=f"“{area}”") as caught:
        UNITS.communes_of(area)
    assert caught.value.code == "area_not_found"
    assert "old:082" in caught.value.hint
    for ask in (UNITS.old_communes_of, UNITS.area_name):
        with pytest.raises(NotFound):
            ask(area)


def test_unknown_units() -> None:
    for ask in (UNITS.new_commune, UNITS.old_commune, UNITS.new_of, UNITS.old_of):
        with pytest.raises(NotFound):
            ask("99999")


def test_display_names() -> None:
    assert UNITS.display_name(UNITS.new_commune("02683")) == "Xã Bát Xát, tỉnh Lào Cai"
    old = UNITS.old_commune("02704")
    assert UNITS.display_name(old) == "Xã Cốc Mỳ, huyện Bát Xát, tỉnh Lào Cai (cũ)"
    island = UNITS.old_commune("536")
    assert UNITS.display_name(island) == "Huyện Lý Sơn, tỉnh Quảng Ngãi (cũ)"
    assert [UNITS.display_name(new) for new in UNITS.new_of("536")] == [
        "Đặc khu Lý Sơn, tỉnh Quảng Ngãi"
    ]


# Written communes


def test_all_communes_of_the_register_are_certain() -> None:
    sheet = CalamineWorkbook.from_path(resource_path("samples", "lao-cai-register.xlsx"))
    rows = sheet.get_sheet_by_index(0).to_python(skip_empty_area=False)
    header = rows[4]
    commune, district = map(header.index, ("Xã, phường, thị trấn", "Huyện, thị xã, thành phố"))
    written = {(str(row[commune]), str(row[district])) for row in rows[6:] if row[commune]}
    assert len(written) == 151
    found = {cells: UNITS.resolve(*cells, within=LAO_CAI) for cells in written}
    assert {resolution.reason for resolution in found.values()} == {Reason.EXACT}
    assert len({resolution.old for resolution in found.values()}) == 151
    for (name, _), resolution in found.items():
        assert resolution.old is not None
        assert f"{resolution.old.kind} {resolution.old.name}" == name


def test_every_undivided_commune_converts_and_no_divided_one_does() -> None:
    for old in OLD:
        district = UNITS.old_districts[old.district]
        resolution = UNITS.resolve(
            f"{old.kind} {old.name}",
            f"{district.kind} {district.name}",
            UNITS.old_province_of(old).name,
        )
        assert resolution.old == old
        assert resolution.candidates == UNITS.new_of(old.code)
        if old.divided:
            assert (resolution.reason, resolution.new) == (Reason.DIVIDED, None)
            assert not resolution.certain
        else:
            assert (resolution.reason, resolution.certain) == (Reason.EXACT, True)
            assert (resolution.new,) == UNITS.new_of(old.code)


@given(st.sampled_from(OLD), st.booleans(), st.booleans())
def test_what_is_certain_without_marks_is_right(old, with_district, capitals) -> None:  # type: ignore[no-untyped-def]
    district = UNITS.old_districts[old.district].name if with_district else ""
    name = fold(f"{old.kind} {old.name}")
    province = fold(UNITS.old_province_of(old).name)
    resolution = UNITS.resolve(name.upper() if capitals else name, fold(district), province)
    assert resolution.candidates
    if resolution.certain and with_district:
        assert resolution.new in UNITS.new_of(old.code)
    if resolution.old is not None and with_district:
        assert resolution.old == old


@given(st.text(max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_any_text_has_an_answer(commune: str, district: str, province: str) -> None:
    for resolution in (
        UNITS.resolve(commune, district, province, within=LAO_CAI),
        UNITS.resolve_address(", ".join((commune, district, province)))[1],
    ):
        assert resolution.message
        assert resolution.certain == (resolution.new is not None)


def _resolved(*cells: str) -> Resolution:
    return UNITS.resolve(*cells, within=LAO_CAI)


@pytest.mark.parametrize(
    ("cells", "old", "new", "reason"),
    [
        (("Phường Sa Pa", "Thị xã Sa Pa"), "Sa Pa", "03006", Reason.EXACT),
        (("Phường Sa Pả", "Thị xã Sa Pa"), "Sa Pả", "03006", Reason.EXACT),
        (("p.Sa Pả", "TX. Sa Pa"), "Sa Pả", "03006", Reason.EXACT),
        (("TT. Bát Xát", "H. Bát Xát"), "Bát Xát", "02683", Reason.EXACT),
        (("tt bat xat", "bat xat"), "Bát Xát", "02683", Reason.UNMARKED),
        (("xa coc my", "huyen bat xat"), "Cốc Mỳ", "02695", Reason.UNMARKED),
        (("Xã Cốc Mì", "Bát Xát"), "Cốc Mỳ", "02695", Reason.EXACT),
        (("Xã Cốc My", "Bát Xát"), "Cốc Mỳ", "02695", Reason.SPELLING),
        (("X. Vạn Hoà", "TP Lào Cai"), "Vạn Hòa", None, Reason.EXACT),
        (("Xã Ðồng Tuyển", "TP. Lào Cai"), "Đồng Tuyển", None, Reason.EXACT),
        (("TTNT Phong Hải", "Bảo Thắng"), "Nông trường Phong Hải", "02902", Reason.EXACT),
        (("Xã Bát Xát", ""), None, "02683", Reason.NEW_NAME),
        (("Xã Bát Xát", "Bát Xát"), None, "02683", Reason.NEW_NAME),
        (("Xã Mường Hum", ""), None, "02728", Reason.SAME_RESULT),
        (("phuong sa pa", ""), None, "03006", Reason.SAME_RESULT),
    ],
)
def test_spellings_that_are_certain(
    cells: tuple[str, ...], old: str | None, new: str | None, reason: Reason
) -> None:
    resolution = _resolved(*cells)
    assert (resolution.reason, resolution.certain) == (reason, True)
    assert (resolution.old and resolution.old.name) == old
    assert resolution.new is not None
    assert new in {None, resolution.new.code}


@pytest.mark.parametrize(
    ("cells", "reason", "candidates"),
    [
        (("Xã Thanh Bình", ""), Reason.AMBIGUOUS, {"Mường Khương", "Bản Hồ"}),
        (("Phường Bát Xát", "Bát Xát"), Reason.OTHER_KIND, {"Bát Xát"}),
        (("Xã Cốc Mý", "Bát Xát"), Reason.OTHER_MARKS, {"Trịnh Tường"}),
        (("Xã Cốc My", ""), Reason.OTHER_MARKS, {"Trịnh Tường"}),
        (("Xã Cốc Mỳ", "Văn Bàn"), Reason.OTHER_DISTRICT, {"Trịnh Tường"}),
        (("Xã Cốc Mỳ", "Bát Xát", "Sóc Trăng"), Reason.OTHER_PROVINCE, {"Trịnh Tường"}),
        (("Xã Đại Tâm", "Mỹ Xuyên"), Reason.OUTSIDE_AREA, {"Mỹ Xuyên"}),
        (("Xã Không Có", "Bát Xát"), Reason.UNKNOWN, set()),
        (("", "Bát Xát"), Reason.UNKNOWN, set()),
        ((" . ", ""), Reason.UNKNOWN, set()),
    ],
)
def test_what_a_person_must_decide(
    cells: tuple[str, ...], reason: Reason, candidates: set[str]
) -> None:
    resolution = _resolved(*cells)
    assert (resolution.reason, resolution.certain, resolution.new) == (reason, False, None)
    assert {candidate.name for candidate in resolution.candidates} == candidates
    assert resolution.message.endswith(".")


@pytest.mark.parametrize(
    ("cells", "old_code", "candidates"),
    [
        (("xã Hòa Bình", "huyện Vĩnh Bảo", "Hải Phòng"), "11890", ["11911", "10843"]),
        (("phường 9", "thành phố Tuy Hòa", ""), "22024", ["22015", "22045"]),
        (("phường 9", "Tuy Hòa", "Phú Yên"), "22024", ["22015", "22045"]),
    ],
)
def test_divided_communes_keep_the_old_one_and_list_the_new(
    cells: tuple[str, ...], old_code: str, candidates: list[str]
) -> None:
    resolution = UNITS.resolve(*cells)
    assert (resolution.reason, resolution.certain) == (Reason.DIVIDED, False)
    assert resolution.old == UNITS.old_commune(old_code)
    assert [candidate.code for candidate in resolution.candidates] == candidates
    for candidate in resolution.candidates:
        assert UNITS.display_name(candidate) in resolution.message


def test_a_divided_commune_is_new_for_sure_with_the_province_of_today() -> None:
    resolution = UNITS.resolve("Xã Long Phú", "", "Cần Thơ")
    assert (resolution.reason, resolution.new) == (Reason.NEW_NAME, UNITS.new_commune("31639"))


def test_another_commune_that_has_the_name_today_is_told() -> None:
    other = [
        (old, new)
        for old in OLD
        if not old.divided
        for new in UNITS.communes_of(UNITS.old_province_of(old).province)
        if (new.kind, new.name) == (old.kind, old.name) and new.code not in old.successors
    ]
    assert other
    for old, new in other[:20]:
        district = UNITS.old_districts[old.district]
        province = UNITS.old_province_of(old).name
        resolution = UNITS.resolve(
            f"{old.kind} {old.name}", f"{district.kind} {district.name}", province
        )
        assert resolution.old == old
        assert resolution.namesake == new


# Addresses in one cell


@pytest.mark.parametrize(
    ("address", "rest", "new"),
    [
        ("Mường Hum, Bát Xát, Lào Cai", "", "02728"),
        ("TT Bát Xát, Bát Xát, Lào Cai", "", "02683"),
        ("Phường 2, TP Sóc Trăng", "", "31510"),
        ("Đại Tâm, Mỹ Xuyên, Sóc Trăng", "", "31684"),
        ("Ea Tu, Buôn Ma Thuột", "", "24163"),
        ("xa krong na, huyen buon don, dak lak", "", "24235"),
        ("Phường Bến Nghé, Q.1, TP.HCM", "", "26740"),
        ("Số 5, phường 5, Vũng Tàu, Bà Rịa - Vũng Tàu", "Số 5", "26506"),
        ("12 Nguyễn Huệ, P. Duyên Hải, TP Lào Cai, Lào Cai, Việt Nam", "12 Nguyễn Huệ", "02647"),
        ("tổ 5 phường Sa Pả thị xã Sa Pa tỉnh Lào Cai", "tổ 5", "03006"),
        ("Thôn 1, Bản Giàng, Xã Cốc Mỳ, huyện Bát Xát", "Thôn 1, Bản Giàng", "02695"),
        ("Xã Bát Xát, tỉnh Lào Cai", "", "02683"),
        ("phường Sóc Trăng, TP Cần Thơ", "", "31507"),
        ("huyện Lý Sơn, Quảng Ngãi", "", "21548"),
    ],
)
def test_addresses(address: str, rest: str, new: str) -> None:
    found, resolution = UNITS.resolve_address(address)
    assert found == rest
    assert resolution.certain
    assert resolution.new == UNITS.new_commune(new)


@pytest.mark.parametrize(
    ("address", "rest", "reason"),
    [
        ("Thôn 3, xã Hòa Bình, huyện Vĩnh Bảo, thành phố Hải Phòng", "Thôn 3", Reason.DIVIDED),
        ("Thôn 3 - xã Hòa Bình - huyện Vĩnh Bảo - Hải Phòng", "Thôn 3", Reason.DIVIDED),
        ("phường 9, Tuy Hòa, Phú Yên", "", Reason.DIVIDED),
        ("Bát Xát, Lào Cai", "", Reason.DISTRICT_ONLY),
        ("Huyện Bát Xát, Lào Cai", "Huyện Bát Xát, Lào Cai", Reason.UNKNOWN),
        ("Lào Cai", "Lào Cai", Reason.UNKNOWN),
        ("", "", Reason.UNKNOWN),
    ],
)
def test_addresses_a_person_must_decide(address: str, rest: str, reason: Reason) -> None:
    found, resolution = UNITS.resolve_address(address)
    assert (found, resolution.reason) == (rest, reason)
    assert not resolution.certain
    assert resolution.new is None


def test_an_address_outside_the_area_is_named_but_not_certain() -> None:
    _, resolution = UNITS.resolve_address("Đại Tâm, Mỹ Xuyên, Sóc Trăng", within=LAO_CAI)
    assert resolution.reason is Reason.OUTSIDE_AREA
    assert [candidate.code for candidate in resolution.candidates] == ["31684"]


def test_a_wrong_area_is_told() -> None:
    with pytest.raises(NotFound, match="“old:99”"):
        UNITS.resolve("Xã Cốc Mỳ", within=["old:99"])

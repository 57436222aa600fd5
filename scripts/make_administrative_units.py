"""Make `resources/administrative-units/units.tsv` from public packages, and report how far they agree.

Needs the dependency group `units` of pyproject.toml (in an environment of its own) and this project:

    pip install --group units && python scripts/make_administrative_units.py

Units, codes and succession are the data of `vietnamadminunits` (its code is not used); codes and names
of the new communes are compared with `vietnam-provinces`, which leaves a mark on each. With
`--old-units FILE`, the `nested-divisions.json` of vietnam-provinces 0.6.0, the former units are compared
too (report only; the two versions cannot be installed together). Same input, same bytes.
"""

from __future__ import annotations

import argparse
import json
import math
import sqlite3  # noqa: TID251  the source is a plain SQLite file, not a workspace
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kcdesk.domain.addresses import name_key  # noqa: E402
from kcdesk.domain.administrative_units import AdministrativeUnits, Checked  # noqa: E402
from kcdesk.domain.text import normalise  # noqa: E402

TABLE = ROOT / "resources" / "administrative-units" / "units.tsv"
KINDS = ("Tỉnh", "Thành phố", "Quận", "Huyện", "Thị xã", "Thị trấn", "Phường", "Xã", "Đặc khu")
FAR_KM = 30

Row = dict[str, Any]
Entry = tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=TABLE)
    parser.add_argument("--old-units", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    table = make_table()
    arguments.output.write_bytes(table.encode())
    units = AdministrativeUnits(table)
    report(units)
    if arguments.old_units is not None:
        report_old_units(units, json.loads(arguments.old_units.read_text("utf-8")))


def make_table() -> str:
    """The text of `units.tsv`."""
    old, new = read_units("admin_units_legacy"), read_units("admin_units")
    conversion = json.loads(
        data_file("vietnamadminunits", "converter_2025.json").read_text("utf-8")
    )
    entries = {
        *(("province", row["provinceCode"], *kind_and_name(row["province"])) for row in new),
        *new_communes(new),
        *old_provinces(old, new, conversion),
        *(
            (
                "old_district",
                row["districtCode"],
                *kind_and_name(row["district"]),
                row["provinceCode"],
            )
            for row in old
        ),
        *old_communes(old, new, conversion),
    }
    order = ("province", "commune", "old_province", "old_district", "old_commune")
    header = (
        f"# vietnamadminunits {version('vietnamadminunits')} (MIT), compared with "
        f"vietnam-provinces {version('vietnam-provinces')}; see README.md\n"
    )
    lines = sorted(entries, key=lambda entry: (order.index(entry[0]), entry[1]))
    assert len({entry[:2] for entry in lines}) == len(lines), "one code, two units"
    return header + "".join("\t".join(line) + "\n" for line in lines)


def data_file(package: str, name: str) -> Path:
    """A data file of an installed package, without running the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        sys.exit(f"{package} is not installed: pip install --group units")
    return Path(spec.origin).parent / "data" / name


def read_units(table: str) -> list[Row]:
    path = data_file("vietnamadminunits", "dataset.db")
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    finally:
        connection.close()


def kind_and_name(text: str) -> tuple[str, str]:
    """The kind is read from the name: the source's own column says "Xã" for twelve phường and thị trấn."""
    text = normalise(text)
    for kind in KINDS:
        if text.casefold().startswith(kind.casefold() + " "):
            return kind, text[len(kind) + 1 :]
    raise ValueError(f"no kind in {text!r}")


def new_communes(new: list[Row]) -> Iterator[Entry]:
    other = other_codes()
    by_name = {(province, name_key(name)) for province, name in other.values()}
    for row in new:
        code, province, name = row["wardCode"], row["provinceCode"], normalise(row["ward"])
        key = (province, name_key(name))
        other_province, other_name = other.get(code, ("", ""))
        if (other_province, other_name) == (province, name):
            checked = Checked.AGREED
        elif (other_province, name_key(other_name)) == key:
            checked = Checked.SPELLING
        elif other_name:
            checked = Checked.OTHER_NAME
        else:
            checked = Checked.OTHER_CODE if key in by_name else Checked.ABSENT
        yield "commune", code, *kind_and_name(name), province, checked.value


def other_codes() -> dict[str, tuple[str, str]]:
    """Commune code -> province code and name, in vietnam-provinces."""
    provinces = json.loads(
        data_file("vietnam_provinces", "nested-divisions.json").read_text("utf-8")
    )
    return {
        f"{ward['code']:05}": (f"{province['code']:02}", normalise(ward["name"]))
        for province in provinces
        for ward in province["wards"]
    }


def old_provinces(old: list[Row], new: list[Row], conversion: Row) -> Iterator[Entry]:
    new_code = {row["provinceKey"]: row["provinceCode"] for row in new}
    became = {
        old_key: new_code[key]
        for key, olds in conversion["DICT_PROVINCE"].items()
        for old_key in olds
    }
    for row in old:
        yield (
            "old_province",
            row["provinceCode"],
            *kind_and_name(row["province"]),
            became[row["provinceKey"]],
        )


def old_communes(old: list[Row], new: list[Row], conversion: Row) -> Iterator[Entry]:
    code_of = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new}
    successors: dict[str, tuple[str, ...]] = {}
    for province, communes in conversion["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for key, olds in communes.items():
            successors |= dict.fromkeys(olds, (code_of[province, key],))
    for province, divided in conversion["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old_key, parts in divided.items():
            default_first = sorted(parts, key=lambda part: not part["isDefaultNewWard"])
            codes = (code_of[province, part["newWardKey"]] for part in default_first)
            successors[old_key] = tuple(codes)
    for row in old:
        key = "_".join((row["provinceKey"], row["districtKey"], row["wardKey"] or ""))
        code = row["wardCode"] or row["districtCode"]
        name = kind_and_name(row["ward"] or row["district"])
        yield "old_commune", code, *name, row["districtCode"], " ".join(successors[key])


def report(units: AdministrativeUnits) -> None:
    print(f"provinces {len(units.provinces)}, communes {len(units.new_communes)}")
    print(
        f"old provinces {len(units.old_provinces)}, districts {len(units.old_districts)}, "
        f"communes {len(units.old_communes)}"
    )
    print("divided", sum(commune.divided for commune in units.old_communes.values()))
    for mark, count in sorted(Counter(c.checked for c in units.new_communes.values()).items()):
        print(f"checked {mark.value}: {count}")
    print(f"divided with a part more than {FAR_KM} km away:", *far_parts(units))


def far_parts(units: AdministrativeUnits) -> list[str]:
    """Codes of divided communes one of whose parts lies too far away to be true.

    The source joined names within a new province, so a commune of the same name elsewhere slipped in.
    """
    place = {row["wardCode"]: (row["wardLat"], row["wardLon"]) for row in read_units("admin_units")}
    return sorted(
        row["wardCode"]
        for row in read_units("admin_units_legacy")
        if row["wardCode"]
        and len(parts := units.old_commune(row["wardCode"]).successors) > 1
        and any(
            distance_km((row["wardLat"], row["wardLon"]), place[code]) > FAR_KM for code in parts
        )
    )


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Good to some percent within Vietnam, from degrees of latitude and longitude."""
    east = (a[1] - b[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(a[0] - b[0], east) * 111.2


def report_old_units(units: AdministrativeUnits, provinces: Iterable[Row]) -> None:
    there = {
        f"{ward['code']:05}": (f"{province['code']:02}", f"{district['code']:03}", ward["name"])
        for province in provinces
        for district in province["districts"]
        for ward in district["wards"]
    }
    here = {
        str(c.code): (units.old_province_of(c).code, c.district, f"{c.kind} {c.name}")
        for c in units.old_communes.values()
        if c.code != c.district
    }
    both = here.keys() & there.keys()
    print(f"old codes only here {len(here.keys() - both)}, only there {len(there.keys() - both)}")
    print("old codes in both", len(both))
    print("  other district", sum(here[code][:2] != there[code][:2] for code in both))
    print("  other name", sum(name_key(here[code][2]) != name_key(there[code][2]) for code in both))


if __name__ == "__main__":
    main()

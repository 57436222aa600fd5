"""Make `resources/administrative-units/units.tsv` from public packages, and report how far they agree.

Needs the dependency group `units` of pyproject.toml (in an environment of its own) and this project:

    pip install --group units && python scripts/make_administrative_units.py

Units, codes, positions and succession are the data of `vietnamadminunits` (its code is not used), less the parts that
`commune_positions` shows to be false; codes and names of the new communes are compared with `vietnam-provinces`, which
leaves a mark on each. With
`--old-units FILE`, the `nested-divisions.json` of vietnam-provinces 0.6.0, the former units are compared
too (report only; the two versions cannot be installed together). Same input, same bytes.
"""

from __future__ import annotations

import argparse
import json
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
from scripts.commune_positions import (  # noqa: E402
    circle_around,
    circle_of_new,
    circle_of_old,
    false_parts,
)

TABLE = ROOT / "resources" / "administrative-units" / "units.tsv"
DOUBTS = TABLE.with_name("codes-in-doubt.tsv")
KINDS = ("Tỉnh", "Thành phố", "Quận", "Huyện", "Thị xã", "Thị trấn", "Phường", "Xã", "Đặc khu")

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
    arguments.output.with_name(DOUBTS.name).write_bytes(list_doubts(units).encode())
    report(units)
    if arguments.old_units is not None:
        report_old_units(units, json.loads(arguments.old_units.read_text("utf-8")))


def make_table() -> str:
    """The text of `units.tsv`."""
    old, new = read_units("admin_units_legacy"), read_units("admin_units")
    conversion = json.loads(
        data_file("vietnamadminunits", "converter_2025.json").read_text("utf-8")
    )
    successors = succession(old, new, conversion)
    entries = {
        *(("province", row["provinceCode"], *kind_and_name(row["province"])) for row in new),
        *new_communes(old, new, successors),
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
        *old_communes(old, successors),
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


def new_communes(
    old: list[Row], new: list[Row], successors: dict[str, tuple[str, ...]]
) -> Iterator[Entry]:
    other = other_codes()
    by_name = {(province, name_key(name)): code for code, (province, name) in other.items()}
    predecessors: dict[str, list[Row]] = {}
    for row in old:
        for code in successors[old_code(row)]:
            predecessors.setdefault(code, []).append(row)
    for row in new:
        code, province, name = row["wardCode"], row["provinceCode"], normalise(row["ward"])
        before = predecessors[code]
        key = (province, name_key(name))
        other_province, other_name = other.get(code, ("", ""))
        if (other_province, other_name) == (province, name):
            checked = Checked.AGREED
        elif (other_province, name_key(other_name)) == key:
            checked = Checked.SPELLING
        elif key not in by_name and not other_name:
            checked = Checked.ABSENT
        elif by_name.get(key) not in (codes := {old_code(b) for b in before}) and code in codes:
            checked = Checked.FORMER_CODE
        else:
            checked = Checked.OTHER_NAME if other_name else Checked.OTHER_CODE
        whole = (circle_of_old(b) for b in before if len(successors[old_code(b)]) == 1)
        around = circle_around(circle_of_new(row), [circle for circle in whole if circle])
        circle = (
            (f"{around.latitude:.4f}", f"{around.longitude:.4f}", f"{around.radius_km:.1f}")
            if around is not None
            else ()
        )
        yield "commune", code, *kind_and_name(name), province, checked.value, *circle


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


def succession(old: list[Row], new: list[Row], conversion: Row) -> dict[str, tuple[str, ...]]:
    """Old code -> the new codes it went to, the source's default first, without false parts."""
    code_of = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new}
    of_key: dict[str, tuple[str, ...]] = {}
    for province, communes in conversion["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for key, olds in communes.items():
            of_key |= dict.fromkeys(olds, (code_of[province, key],))
    for province, divided in conversion["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old_key, parts in divided.items():
            default_first = sorted(parts, key=lambda part: not part["isDefaultNewWard"])
            codes = (code_of[province, part["newWardKey"]] for part in default_first)
            of_key[old_key] = tuple(codes)
    parts_of = {
        old_code(row): of_key[
            "_".join((row["provinceKey"], row["districtKey"], row["wardKey"] or ""))
        ]
        for row in old
    }
    wrong = false_parts(
        {old_code(row): row for row in old}, parts_of, {row["wardCode"]: row for row in new}
    )
    for code, false in wrong.items():
        parts_of[code] = tuple(part for part in parts_of[code] if part not in false)
    return parts_of


def old_code(row: Row) -> str:
    """The code of a former commune; of an island district without communes its own."""
    return str(row["wardCode"] or row["districtCode"])


def old_communes(old: list[Row], successors: dict[str, tuple[str, ...]]) -> Iterator[Entry]:
    for row in old:
        name = kind_and_name(row["ward"] or row["district"])
        code = old_code(row)
        yield "old_commune", code, *name, row["districtCode"], " ".join(successors[code])


def report(units: AdministrativeUnits) -> None:
    print(f"provinces {len(units.provinces)}, communes {len(units.new_communes)}")
    print(
        f"old provinces {len(units.old_provinces)}, districts {len(units.old_districts)}, "
        f"communes {len(units.old_communes)}"
    )
    print("divided", sum(commune.divided for commune in units.old_communes.values()))
    for mark, count in sorted(Counter(c.checked for c in units.new_communes.values()).items()):
        print(f"checked {mark.value}: {count}")
    placed = [c.radius_km for c in units.new_communes.values() if c.radius_km is not None]
    print(f"with a position {len(placed)}, radius up to {max(placed)} km")


def list_doubts(units: AdministrativeUnits) -> str:
    """The text of `codes-in-doubt.tsv`: code, commune, the other source's code for it, and the mark."""
    lines = [
        f"{code}\t{units.display_name(commune := units.new_commune(code))}\t{other}\t{commune.checked.value}\n"
        for code, other in codes_in_doubt(units)
    ]
    return (
        "# code, commune, code in the second source, mark of the comparison; see README.md\n"
        + "".join(lines)
    )


def codes_in_doubt(units: AdministrativeUnits) -> Iterator[tuple[str, str]]:
    """Codes on which the two sources disagree, each with the other's for the same name in the same province."""
    there = {(province, name_key(name)): code for code, (province, name) in other_codes().items()}
    for commune in units.new_communes.values():
        if commune.checked not in {Checked.AGREED, Checked.SPELLING}:
            key = commune.province, name_key(f"{commune.kind} {commune.name}")
            yield commune.code, there.get(key, "-")


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

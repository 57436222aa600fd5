"""Table B4 (dossier section 6.3, F25): establishments by legal form, with what they employ and produce."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kcdesk.domain.code_lists import LegalForm
from kcdesk.domain.value import Value

Record = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class B4Row:
    """One legal form. Money in đồng; `avg_wage` weighs each establishment's wage with its workers."""

    legal_form: str
    label: str
    establishments: int
    workers: int
    production_value: int
    revenue: int
    avg_wage: int | None


class Area(NamedTuple):
    """An administrative unit that a report counts for; the code of what nobody knows is empty."""

    level: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class B4Area:
    """Table B4 of one unit: of a province, then of each of its communes (or districts, with theirs)."""

    level: str
    code: str
    name: str
    rows: tuple[B4Row, ...]
    total: B4Row


@dataclass(frozen=True, slots=True)
class B4:
    """Table B4. `rows` in the order of the code list, `total` over all of them.

    areas:            the same of each unit, from large to small, when units were asked for; the units of each level
                      count every record once
    in_conflict:      how many of its records have a field in conflict (they count with the provisional value)
    figures_left_out: how many figures were not counted because duplicates that were merged had them twice
    """

    rows: tuple[B4Row, ...]
    total: B4Row
    in_conflict: int
    figures_left_out: int
    areas: tuple[B4Area, ...] = ()


def table_b4(
    records: Iterable[Record], areas_of: Callable[[Record], tuple[Area, ...]] | None = None
) -> B4:
    """Table B4 of establishments as lists show them (keys of dossier section 6.2, figures of the latest year).

    areas_of: the units that a record counts for, the largest first, as many for each record
    """
    everything = list(records)
    of_areas: dict[tuple[Area, ...], list[Record]] = {}
    for record in everything if areas_of is not None else ():
        assert areas_of is not None
        areas = areas_of(record)
        for depth in range(1, len(areas) + 1):
            of_areas.setdefault(areas[:depth], []).append(record)
    return B4(
        _rows(everything),
        _row("", _TOTAL, everything),
        sum(bool(record.get("conflicts")) for record in everything),
        sum(_count(record, "figures_left_out") for record in everything),
        tuple(
            B4Area(*path[-1], _rows(of_areas[path]), _row("", _TOTAL, of_areas[path]))
            for path in sorted(of_areas, key=_codes)
        ),
    )


_TOTAL = "Tổng cộng"


def _codes(path: tuple[Area, ...]) -> list[tuple[bool, str]]:
    """In order of codes, each unit before what lies in it; what nobody knows comes last."""
    return [(not area.code, area.code) for area in path]


def _rows(records: list[Record]) -> tuple[B4Row, ...]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(str(record.get("legal_form", "")), []).append(record)
    order = [form.value for form in LegalForm]
    codes = sorted(
        groups, key=lambda code: (order.index(code) if code in order else len(order), code)
    )
    return tuple(_row(code, _label(code), groups[code]) for code in codes)


def _row(code: str, label: str, records: list[Record]) -> B4Row:
    waged = [
        (_count(record, "avg_wage"), _count(record, "workers_total"))
        for record in records
        if "avg_wage" in record and "workers_total" in record
    ]
    workers_waged = sum(workers for _, workers in waged)
    return B4Row(
        code,
        label,
        len(records),
        sum(_count(record, "workers_total") for record in records),
        sum(_count(record, "production_value") for record in records),
        sum(_count(record, "revenue") for record in records),
        sum(wage * workers for wage, workers in waged) // workers_waged if workers_waged else None,
    )


def _count(record: Record, key: str) -> int:
    value = record.get(key)
    return value if isinstance(value, int) else 0


def _label(code: str) -> str:
    return next((form.label for form in LegalForm if form == code), code or "Chưa rõ loại hình")

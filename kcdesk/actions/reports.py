"""Reports over the records of the workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import islice

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import with_figures
from kcdesk.domain.administrative_units import (
    AdministrativeUnits,
    NewCommuneCode,
    OldCommuneCode,
    Unit,
)
from kcdesk.reports.establishments import B4, Area, Record, table_b4
from kcdesk.storage.reading.lists import Row

_AT_ONCE = 500


class UnitMap(StrEnum):
    """The administrative units that a report counts for: those since July 2025, or those before."""

    NEW = "new"
    OLD = "old"


def report_b4(desk: Desk, area: str | None = None, unit_map: UnitMap | None = None) -> B4:
    """Table B4, of the whole workspace or of one area code; with `unit_map` also of each unit.

    An area is the communes it has today; on the old map the former communes of it, so that `old:082` is exactly the
    district that it was. Raises `NotFound`.
    """
    field, communes = "commune", None
    if area is not None and unit_map is UnitMap.OLD:
        field = "old_commune"
        communes = {str(unit.code) for unit in desk.units.old_communes_of(area)}
    elif area is not None:
        communes = {str(unit.code) for unit in desk.units.communes_of(area)}
    return table_b4(_establishments(desk, field, communes), _areas_of(desk.units, unit_map))


def _areas_of(
    units: AdministrativeUnits, unit_map: UnitMap | None
) -> Callable[[Record], tuple[Area, ...]] | None:
    def of(level: str, unit: Unit) -> Area:
        return Area(level, str(unit.code), f"{unit.kind} {unit.name}")

    def new(record: Record) -> tuple[Area, ...]:
        commune = units.new_communes.get(NewCommuneCode(str(record.get("commune"))))
        if commune is None:
            return Area("province", "", _UNKNOWN), Area("commune", "", _UNKNOWN)
        return of("province", units.provinces[commune.province]), of("commune", commune)

    def old(record: Record) -> tuple[Area, ...]:
        commune = units.old_communes.get(OldCommuneCode(str(record.get("old_commune"))))
        if commune is None:
            return tuple(Area(level, "", _UNKNOWN) for level in ("province", "district", "commune"))
        district = units.old_districts[commune.district]
        province = units.old_provinces[district.old_province]
        return of("province", province), of("district", district), of("commune", commune)

    return None if unit_map is None else new if unit_map is UnitMap.NEW else old


_UNKNOWN = "Chưa rõ xã, phường"


def _establishments(desk: Desk, field: str, communes: set[str] | None) -> Iterator[Row]:
    rows = (
        row
        for row in desk.workspace.lists.every("establishments")
        if communes is None or row.get(field) in communes
    )
    while some := list(islice(rows, _AT_ONCE)):
        yield from with_figures(desk, some)

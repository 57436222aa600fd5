"""Reports over the records of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import with_figures
from kcdesk.reports.establishments import B4, table_b4
from kcdesk.storage.reading.lists import Row

_AT_ONCE = 500


def report_b4(desk: Desk, area: str | None = None) -> B4:
    """Table B4, of the whole workspace or of the communes of one area code. Raises `NotFound`."""
    communes = (
        {str(unit.code) for unit in desk.units.communes_of(area)} if area is not None else None
    )
    return table_b4(_establishments(desk, communes))


def _establishments(desk: Desk, communes: set[str] | None) -> Iterator[Row]:
    rows = (
        row
        for row in desk.workspace.lists.every("establishments")
        if communes is None or row.get("commune") in communes
    )
    while some := list(islice(rows, _AT_ONCE)):
        yield from with_figures(desk, some)

"""When anything of an area last arrived, by the province's own clock: the table area_activity."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select, update

from kcdesk.server.database import insert_rows
from kcdesk.server.tables import area_activity


def note(connection: Connection, logs: Iterable[str], at: int) -> None:
    """Something goes into these logs now. Before the logs themselves are locked, each row in order of its area."""
    touched = sorted({int(area) for log in logs for _, _, area in [log.partition(":")] if area})
    if not touched:
        return
    insert_rows(connection, area_activity, [(area, at) for area in touched], or_leave=True)
    one = (area_activity.c.area == bindparam("of")) & (area_activity.c.last_at < at)
    connection.execute(
        update(area_activity).where(one).values(last_at=at), [{"of": area} for area in touched]
    )


def last_at(connection: Connection) -> dict[int, int]:
    """Area -> when anything of it last arrived, ms UTC."""
    rows = connection.execute(select(area_activity.c.area, area_activity.c.last_at))
    return {row.area: row.last_at for row in rows}

"""Every row that follows from changes, made again from all changes of a file: after a restore, into empty tables."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from kcdesk.changes import Change, State, fold
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.errors import Cancelled
from kcdesk.storage import change_table
from kcdesk.storage.bulk import in_groups
from kcdesk.storage.projection import Projection
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction

GROUP = 500
"""States in memory at a time, and between two calls of `progress`."""


def project_all(
    db: Database,
    units: AdministrativeUnits,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Project every record of the file, in one transaction; `progress` counts records. Raises `Cancelled`."""
    (total,) = db.execute("SELECT count(DISTINCT record) FROM changes").fetchone()
    projection = Projection(db, units)
    refused = change_table.refused(db)
    changes = change_table.read(db, "1 ORDER BY record, kind", ())
    done = 0
    with transaction(db):
        for group in in_groups(_states(c for c in changes if c.id not in refused), GROUP):
            projection.project(group)
            done += len(group)
            if progress is not None:
                progress(min(done, total), total)
            if cancel is not None and cancel.is_set():
                raise Cancelled("Đã dừng theo yêu cầu.", hint="Dữ liệu vẫn như cũ.")


def _states(changes: Iterable[Change]) -> Iterator[State]:
    for _, of_record in groupby(changes, lambda change: (change.record, change.kind)):
        yield fold(of_record)

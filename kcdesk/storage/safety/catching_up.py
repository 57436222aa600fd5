"""Rows that have to be made again: of single records, and after new steps of the schema.

A kind or a field that an older version did not know was kept in the changes only. Once its table or column is there,
its rows are made from them; the file remembers after how many steps that was done, so a process that is killed in
between does it at the next start.
"""

from __future__ import annotations

from collections.abc import Iterable

from kcdesk.changes import fold
from kcdesk.domain.kinds import KINDS
from kcdesk.storage import change_table
from kcdesk.storage.bulk import in_groups
from kcdesk.storage.projection import Projection
from kcdesk.storage.schema import applied_steps
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction

_GROUP = 1_000


def project_again(db: Database, projection: Projection, kind: str, records: Iterable[str]) -> None:
    """Write the rows of these records from their changes; the row of one that has none goes."""
    for group in in_groups(dict.fromkeys(records), _GROUP):
        known = change_table.of_records(db, group)
        projection.project(fold(known[kind, record]) for record in group if (kind, record) in known)
        for record in group:
            if (kind, record) not in known:
                projection.forget(kind, record)


def catch_up(db: Database, projection: Projection) -> None:
    """Make the rows that a step of the schema has found a place for. Does nothing where that was done."""
    steps = len(applied_steps(db))
    if db.execute("PRAGMA user_version").fetchone()[0] == steps:
        return
    with transaction(db):
        for kind in KINDS:
            names = ", ".join(f"'{name}'" for name in projection.columns(kind))
            stale = db.execute(
                f"SELECT record FROM changes WHERE kind = ? AND record NOT IN (SELECT id FROM {kind})"  # noqa: S608
                f" UNION SELECT id FROM {kind} WHERE EXISTS (SELECT 1 FROM json_each(rest) WHERE key IN ({names}))",
                (kind,),
            ).fetchall()
            project_again(db, projection, kind, [record for (record,) in stale])
        db.execute(f"PRAGMA user_version = {steps}")

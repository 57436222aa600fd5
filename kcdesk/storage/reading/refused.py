"""Which refused changes still stand, and what of them.

A refused change has no part in the state. It stands until the person withdraws it, or this workspace says everything in
it anew: what was said anew is judged as a change of its own. Owns the table withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from kcdesk.changes import Change, ChangeId, Value
from kcdesk.storage import change_table
from kcdesk.storage.bulk import ANY_OF
from kcdesk.storage.devices.identity import Identity
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class Standing:
    """A refused change and the province's reason. fields: what of it was not said anew since"""

    change: Change
    reason: str
    fields: Mapping[str, Value]


class Refused:
    """The refused changes of one open workspace; belongs to its thread."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def standing(self, records: Collection[str] | None = None) -> list[Standing]:
        """Those that stand, newest first; of these records, or of all."""
        found = _refused(self._db, records)
        if not found:
            return []
        by_record: defaultdict[str, list[Change]] = defaultdict(list)
        past = Identity(self._db).past()
        spoken = {change.record for change, _ in found}
        for change in change_table.read(
            self._db, f"record IN {ANY_OF}", (_encode(sorted(spoken)),)
        ):
            if past.made(change):
                by_record[change.record].append(change)
        left = [Standing(c, reason, _not_anew(c, by_record[c.record])) for c, reason in found]
        return [one for one in left if one.fields]

    def count(self) -> int:
        """How many changes of this workspace the province has ever left out."""
        return int(self._db.execute("SELECT count(*) FROM refusals").fetchone()[0])

    def reasons(self, records: Collection[str]) -> dict[str, str]:
        """record -> why the newest of its refused changes that stand was refused."""
        return {one.change.record: one.reason for one in reversed(self.standing(records))}

    def withdraw(self, changes: Iterable[ChangeId], at: int) -> None:
        """Let these refused changes stand no longer."""
        with transaction(self._db):
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO withdrawn VALUES (?, ?, ?)",
                [(change.device, change.n, at) for change in changes],
            )


def _refused(db: Database, records: Collection[str] | None) -> list[tuple[Change, str]]:
    """Refused changes that nobody has withdrawn, with their reasons, newest first."""
    if not db.execute("SELECT EXISTS (SELECT 1 FROM refusals)").fetchone()[0]:
        return []
    # CROSS JOIN: of some records their changes are looked up first, of all the refusals
    source = "refusals CROSS JOIN changes" if records is None else "changes CROSS JOIN refusals"
    where = "" if records is None else f" AND record IN {ANY_OF}"
    rows = db.execute(
        'SELECT changes.device, changes.n, kind, record, changes.at, "set", seen, reason'  # noqa: S608
        f" FROM {source} ON refusals.device = changes.device AND refusals.n = changes.n"
        " LEFT JOIN withdrawn ON withdrawn.device = changes.device AND withdrawn.n = changes.n"
        f" WHERE withdrawn.n IS NULL{where} ORDER BY changes.at DESC, changes.device, changes.n DESC",
        () if records is None else (_encode(sorted(records)),),
    ).fetchall()
    changes = change_table.decoded(row[:-1] for row in rows)
    return [(change, row[-1]) for change, row in zip(changes, rows, strict=True)]


def _not_anew(refused: Change, own: Iterable[Change]) -> dict[str, Value]:
    """The fields of a refused change that no later one of this workspace's `own` sets; its clock never goes back."""
    later = [c for c in own if (c.at, c.n) > (refused.at, refused.n) and c.kind == refused.kind]
    anew = {field for change in later for field in change.set}
    return {field: value for field, value in refused.set.items() if field not in anew}


_encode = msgspec.json.Encoder().encode

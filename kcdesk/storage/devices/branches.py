"""Branching: changes of a former device whose numbers the province knows otherwise get a device of their own.

Its key follows from the old key and the first change that differs, so every copy of the folder makes the same device of
the same changes. What was written afterwards and never sent names the branch instead. Leaves to others: when to branch
(`sync.settling`).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kcdesk.changes import Change, chain_start, extend
from kcdesk.storage import change_table
from kcdesk.storage.change_table import RecordKey
from kcdesk.storage.devices.identity import Speaker, device_id_of, token_of
from kcdesk.storage.keys import derived_key
from kcdesk.storage.sqlite import Database


def branch_off(db: Database, old: Speaker, n: int, chain_hash: bytes) -> set[RecordKey]:
    """Move a former device's changes after `n` to a device of their own, which comes next; `chain_hash`: at `n`.

    Call it in a transaction. Returns the records that must be folded again. Nothing of the devices after it may have
    been sent.
    """
    moved = list(change_table.read(db, "device = ? AND n > ? ORDER BY n", (old.id, n)))
    branch_key = derived_key(
        old.signing_key,
        f"kcdesk fork {chain_hash.hex()} {hashlib.sha256(moved[0].canonical()).hexdigest()}",
    )
    branch = device_id_of(branch_key)
    prefix = _newest_of_records(db, old.id, n, {change.record for change in moved})

    numbers = [change.n for change in moved]  # with gaps where a recovery has not found all

    def renamed(change: Change) -> Change:
        seen = {**change.seen, **_known(prefix, old.id, change.record)}
        n = bisect_right(numbers, change.n)
        return msgspec.structs.replace(change, device=branch, n=n, seen=seen)

    def sighted(change: Change) -> Change:
        seen = dict(change.seen)
        if known := bisect_right(numbers, seen.pop(old.id)):
            seen[branch] = known
        seen.update(_known(prefix, old.id, change.record))
        return msgspec.structs.replace(change, seen=seen)

    db.execute("DELETE FROM changes WHERE device = ? AND n > ?", (old.id, n))
    db.execute("DELETE FROM refusals WHERE device = ? AND n > ?", (old.id, n))
    branched = [renamed(change) for change in moved]
    change_table.insert(db, branched)
    start = chain_start(branch)
    generation, fork, reason, at = db.execute(
        "SELECT generation, fork, reason, left_at FROM predecessors WHERE id = ?", (old.id,)
    ).fetchone()
    db.execute(
        "UPDATE predecessors SET last_n = ?, last_hash = ? WHERE id = ?", (n, chain_hash, old.id)
    )
    db.execute(
        "INSERT INTO predecessors VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0)",
        (
            generation,
            fork + 1,
            branch,
            branch_key,
            token_of(branch_key),
            len(branched),
            extend(start, branched),
            start,
            reason,
            at,
        ),
    )
    db.execute("INSERT OR IGNORE INTO devices SELECT ?, person FROM device", (branch,))
    touched = {(change.kind, change.record) for change in moved}
    later = db.execute(
        "SELECT id FROM predecessors WHERE generation > ? UNION ALL SELECT id FROM device",
        (generation,),
    ).fetchall()
    for (device,) in later:
        own = list(change_table.read(db, "device = ? ORDER BY n", (device,)))
        told_anew = [
            sighted(change) if change.seen.get(old.id, 0) > n else change for change in own
        ]
        _rewrite(db, device, own, told_anew)
    return touched


def _rewrite(db: Database, device: str, before: Sequence[Change], after: Sequence[Change]) -> None:
    """Put changes that were never sent in place of those with the same numbers."""
    changed = [new for old, new in zip(before, after, strict=True) if new is not old]
    if not changed:
        return
    db.conn.executemany(
        "DELETE FROM changes WHERE device = ? AND n = ?", [(c.device, c.n) for c in changed]
    )
    change_table.insert(db, changed)
    last_hash = extend(chain_start(device), after)
    db.execute("UPDATE device SET last_hash = ? WHERE id = ?", (last_hash, device))
    db.execute("UPDATE predecessors SET last_hash = ? WHERE id = ?", (last_hash, device))


def _newest_of_records(db: Database, device: str, n: int, records: Iterable[str]) -> dict[str, int]:
    """record -> the newest of a device's changes of it up to `n`."""
    wanted = set(records)
    (held,) = db.execute(
        "SELECT count(*) FROM changes WHERE device = ? AND n <= ?", (device, n)
    ).fetchone()
    if held < n:  # some are missing here, and may be of any record
        return dict.fromkeys(wanted, n)
    rows = db.execute(
        "SELECT record, max(n) FROM changes WHERE device = ? AND n <= ? GROUP BY record",
        (device, n),
    )
    return {record: newest for record, newest in rows if record in wanted}


def _known(prefix: Mapping[str, int], device: str, record: str) -> dict[str, int]:
    return {device: prefix[record]} if record in prefix else {}

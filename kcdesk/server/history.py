"""Changes as the database keeps them, read back; and the order in which a record's changes can be told again.

Leaves to others: which changes are wanted (`intake`, `answer`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from kcdesk.changes import Change, Value


def change_of(row: Any) -> Change:
    """A row with the columns of `changes` as the change it is."""
    return Change(row.device, row.n, row.kind, row.record, row.at, _set(row.set), _seen(row.seen))


def by_record(rows: Iterable[Any]) -> dict[str, list[Change]]:
    """Rows of changes, record by record, each record's in causal order."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for row in rows:
        found[row.record].append(change_of(row))
    return {name: causal_order(changes) for name, changes in found.items()}


def causal_order(changes: Iterable[Change]) -> list[Change]:
    """Changes of one record, each after those of them that it has seen. Clocks are not asked.

    A log is read from its start, perhaps not to its end: what lies before a change must not come behind it. Changes
    that say they have seen each other, which no honest device writes, come in order of their device.
    """
    waiting: dict[str, list[Change]] = defaultdict(list)
    for change in sorted(changes, key=lambda c: (c.device, -c.n)):
        waiting[change.device].append(change)
    ordered: list[Change] = []
    while waiting:
        free = (
            device
            for device, own in waiting.items()
            if not any(
                own[-1].has_seen(others[-1]) for others in waiting.values() if others is not own
            )
        )
        device = next(free, None) or next(iter(waiting))
        ordered.append(waiting[device].pop())
        if not waiting[device]:
            del waiting[device]
    return ordered


_set = msgspec.json.Decoder(dict[str, Value]).decode
_seen = msgspec.json.Decoder(dict[str, int]).decode

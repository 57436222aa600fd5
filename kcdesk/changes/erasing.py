"""Erasing: values that the law wants forgotten are null in every change that says them; the change itself stays.

An erasure is a change of the kind `erasures` that names a record and fields of it. It covers what was said of them by
whoever had not seen it: that a change has seen another follows from `seen`, so the same changes give the same nulls in
whatever order they arrive, and somebody who had seen it may write a new value. Nobody unsays an erasure: one that is
deleted or refused still counts where it is held.

Pure functions. Leaves to others: where values have to be forgotten besides (`storage.erasing`), and who may erase.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from kcdesk.changes.fold import DELETED
from kcdesk.changes.merging import MERGED_INTO
from kcdesk.changes.model import Change, is_record_id

KIND = "erasures"
OF_KIND = "of_kind"
OF = "of"
FIELDS = "fields"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure names. `by`: the change that says so; `fields`: names of fields, or of whole tables."""

    by: Change
    kind: str
    record: str
    fields: frozenset[str]

    def names(self, field: str) -> bool:
        """Whether a field is named, or one of the tables and rows it lies in; what is deleted or merged stays so.

        >>> by = Change("d", 1, KIND, "e", 0, {}, {})
        >>> [Erasure(by, "needs", "r", frozenset({"a"})).names(field) for field in ("a", "a/1/b", "a/1/deleted", "ab")]
        [True, True, False, False]
        """
        if field == MERGED_INTO or field.rpartition("/")[2] == DELETED:
            return False
        while field not in self.fields:
            field, slash, _ = field.rpartition("/")
            if not slash:
                return False
        return True

    def covers(self, change: Change) -> bool:
        """Whether `change` is one of that record by somebody who had not seen the erasure."""
        return (change.kind, change.record) == (
            self.kind,
            self.record,
        ) and not change.has_seen(self.by)


def erasure_of(change: Change) -> Erasure | None:
    """What a change of the kind `erasures` erases; None for any other change, and for one that makes no sense."""
    if change.kind != KIND:
        return None
    kind, record, fields = (change.set.get(name) for name in (OF_KIND, OF, FIELDS))
    if (
        isinstance(kind, str)
        and kind != KIND
        and isinstance(record, str)
        and is_record_id(record)
        and isinstance(fields, list)
    ):
        return Erasure(change, kind, record, frozenset(map(str, fields)))
    return None


def without_erased(change: Change, erasures: Iterable[Erasure]) -> Change:
    """The change with null for each value that one of `erasures` covers; the very same where there is none."""
    gone = {
        field
        for erasure in erasures
        if erasure.covers(change)
        for field, value in change.set.items()
        if value is not None and erasure.names(field)
    }
    if not gone:
        return change
    said = {field: None if field in gone else value for field, value in change.set.items()}
    return msgspec.structs.replace(change, set=said)

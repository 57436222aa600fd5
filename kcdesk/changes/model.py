"""The change: what one device said about one record at one moment, and never unsaid."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import msgspec

from kcdesk.domain.value import Value

MAX_FIELDS = 2_000
"""Fields of one change. An answer sheet of 300 questions with full tables stays far below."""
MAX_BYTES = 256 * 1024
"""Canonical bytes of one change; larger things are attachments."""

_DEVICE = re.compile(r"[0-9a-f]{16}")
_RECORD = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_KIND = re.compile(r"[a-z][a-z_]{1,39}")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}(/[A-Za-z0-9_.-]{1,64}){0,8}")
_names_field = lru_cache(maxsize=4096)(_FIELD.fullmatch)
"""Few names stand in all changes."""


class ChangeId(NamedTuple):
    """A change's name: its device and its number there."""

    device: str
    n: int

    def __str__(self) -> str:
        return f"{self.device}-{self.n}"


class Change(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One change (design: records, changes and heads).

    device: id of the device that made it
    n:      1, 2, 3 ... on that device, without gaps
    kind:   plural name of the kind of record
    record: id of the record
    at:     the device's clock in milliseconds UTC, equal for all changes of one action, rising with each
    set:    field -> value; a table's cell is the field `table/row/cell`
    seen:   device -> n, of this record: the newest change of each other device that lay before the
            author when the form was opened
    """

    device: str
    n: int
    kind: str
    record: str
    at: int
    set: dict[str, Value]
    seen: dict[str, int]

    @property
    def id(self) -> ChangeId:
        return ChangeId(self.device, self.n)

    def has_seen(self, other: Change) -> bool:
        """Whether `other` lay before the author; a device has always seen its own earlier changes."""
        if self.device == other.device:
            return self.n > other.n
        return self.seen.get(other.device, 0) >= other.n

    def canonical(self) -> bytes:
        """The same bytes for the same change on every machine: what the chain hashes."""
        return _canonical.encode((self.n, self.kind, self.record, self.at, self.set, self.seen))


_canonical = msgspec.json.Encoder(order="deterministic")


def same(one: Value, other: Value) -> bool:
    """Whether two values say the same: equal as JSON, so `1` is neither `True` nor `"1"`.

    >>> same(1, True), same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    (False, True)
    """
    return one is other or _canonical.encode(one) == _canonical.encode(other)


def is_record_id(text: str) -> bool:
    """Whether a text has the form of a record's id."""
    return _RECORD.fullmatch(text) is not None


def check_form(change: Change) -> str | None:
    """Why a change that came from outside has the wrong form, or None. A value is never judged here.

    Returns a stable code: `device`, `number`, `kind`, `record`, `time`, `empty`, `field`, `seen`, `size`.
    """
    if not _DEVICE.fullmatch(change.device):
        return "device"
    if not 1 <= change.n < 1 << 53:
        return "number"
    if not _KIND.fullmatch(change.kind):
        return "kind"
    if not _RECORD.fullmatch(change.record):
        return "record"
    if not 0 <= change.at < 1 << 53:
        return "time"
    if not change.set:
        return "empty"
    if len(change.set) > MAX_FIELDS:
        return "size"
    if not all(map(_names_field, change.set)):
        return "field"
    if not all(
        _DEVICE.fullmatch(device) and device != change.device and 1 <= n < 1 << 53
        for device, n in change.seen.items()
    ):
        return "seen"
    if len(change.canonical()) > MAX_BYTES:
        return "size"
    return None

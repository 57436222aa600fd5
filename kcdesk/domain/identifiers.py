"""Identifiers of records, table rows and devices: how they look and how they are made.

Record ids are UUIDv7 (RFC 9562, section 5.7): made offline, never colliding, sorting by creation.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import NewType

from kcdesk.domain.clock import Clock, Randomness

RecordId = NewType("RecordId", str)
EstablishmentId = NewType("EstablishmentId", RecordId)
SurveyId = NewType("SurveyId", RecordId)
NeedId = NewType("NeedId", RecordId)
DeviceId = NewType("DeviceId", str)
"""Sixteen hexadecimal digits: the first 8 bytes of the SHA-256 of the device's public signing key."""
RowId = NewType("RowId", str)

_ROW_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"
"""32 characters in ASCII order, without 0, 1, l, o: row ids are read aloud on the telephone."""


def new_record_id(clock: Clock, randomness: Randomness) -> RecordId:
    """A fresh UUIDv7 in its usual hyphenated lower-case text form.

    >>> new_record_id(lambda: 0x019A2B3C4D5E, lambda n: bytes(n))
    '019a2b3c-4d5e-7000-8000-000000000000'
    """
    rand = int.from_bytes(randomness(10), "big")
    value = (clock() & (1 << 48) - 1) << 80 | 0x7 << 76 | (rand >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | rand & (1 << 62) - 1
    return RecordId(str(uuid.UUID(int=value)))


def new_row_id(rows: Collection[str], randomness: Randomness) -> RowId:
    """A fresh id of a row in a table that has `rows`: two characters that count, five of chance.

    Rows stand in the order of their ids, so a row added below the others stays below them, and two
    people who each add a row offline get two rows.

    >>> new_row_id([], lambda n: bytes(n))
    '2222222'
    >>> new_row_id(["2222222", "29abcde"], lambda n: bytes(n))
    '2a22222'
    """
    place = 1 + max((_place(row) for row in rows), default=-1)
    high, low = divmod(min(place, 32 * 32 - 1), 32)
    chance = "".join(_ROW_ALPHABET[byte & 31] for byte in randomness(5))
    return RowId(_ROW_ALPHABET[high] + _ROW_ALPHABET[low] + chance)


def _place(row: str) -> int:
    high, low = (max(_ROW_ALPHABET.find(letter), 0) for letter in row[:2].ljust(2, "2"))
    return high * 32 + low

"""Which pairs of many records are worth weighing: those that share a number, a name, or most of a name and a place.

Comparing everything with everything is out of the question: 100,000 records make 5 billion pairs. Each record gets a
dozen of keys, and two records that share one are compared. A key that a crowd of records shares tells nothing and
is passed over; a true pair shares several. Which pairs are found does not depend on any order.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby

from kcdesk.importing.duplicates.names import parts_of
from kcdesk.importing.duplicates.profiles import Profile

CROWD = 60
SMALL_CROWD = 10
"""For names less a word in a whole commune, which are many and seldom the only key of a true pair."""
_HASH = (1 << 40) - 1
_PART = "part"


class Index:
    """Finds, among the profiles it was made of, those that share a key. Holds eight bytes a key."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.profiles: Sequence[Profile] = tuple(profiles)
        self._bits = max(1, len(self.profiles).bit_length())
        self._place = (1 << self._bits) - 1
        # Sorted numbers instead of a table: a tenth of the memory. Equal hashes of two keys cost a comparison.
        self._entries = array(
            "Q",
            sorted(
                hashed << self._bits | place
                for place, profile in enumerate(self.profiles)
                for hashed in _hashes(profile)
            ),
        )

    def near(self, profile: Profile) -> set[int]:
        """The places of the profiles that share a key with this one."""
        found: set[int] = set()
        entries, bits = self._entries, self._bits
        last = len(entries)
        for hashed in _hashes(profile):
            start = bisect_left(entries, hashed << bits)
            end, crowd = start, _crowd(hashed)
            while end < last and end - start <= crowd and entries[end] >> bits == hashed:
                end += 1
            if end - start <= crowd:
                found.update(entry & self._place for entry in entries[start:end])
        return found

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Each pair of places that share a key once, the smaller place second; in order."""
        found: set[int] = set()
        for hashed, run in groupby(self._entries, lambda entry: entry >> self._bits):
            places = [entry & self._place for entry in run]
            if 1 < len(places) <= _crowd(hashed):
                found.update(high << self._bits | low for low, high in combinations(places, 2))
        for pair in sorted(found):
            yield pair >> self._bits, pair & self._place


def _hashes(profile: Profile) -> set[int]:
    """A number for each key; the odd ones have the small crowd."""
    return {(hash(key) & _HASH) << 1 | (key[0] is _PART) for key in keys_of(profile)}


def _crowd(hashed: int) -> int:
    return SMALL_CROWD if hashed & 1 else CROWD


def keys_of(profile: Profile) -> Iterator[tuple[object, ...]]:
    """The keys of a profile: its numbers; name and owner in a commune; the name less a word, for mistakes in it.

    A household with another number in another place is another household, a firm need not be: its name is a key
    everywhere.
    """
    if profile.tax_code:
        yield "tax", profile.tax_code[:10]
    for number in profile.numbers:
        yield "number", number
    for phone in profile.phones:
        yield "phone", phone
    words = profile.name.words
    if not words:
        return
    if not profile.personal:
        yield "name", *words
    if profile.hamlet:
        yield "name in hamlet", profile.hamlet, *words
    parts = list(parts_of(profile.name))
    for commune in profile.communes:
        yield "name in commune", commune, *words
        if profile.person.words:
            yield "person", commune, *profile.person.words
        for part in parts:
            yield _PART, commune, *part
            if profile.hamlet:
                yield "part in hamlet", commune, profile.hamlet, *part

"""Where merged duplicates lead: a pure function of what the records say of themselves.

The field `merged_into` of a record names the one it is a duplicate of. Links are never rewritten: reading follows the
field, over any number of steps. In a circle (two people merged the same two the other way round) the smallest id
survives, and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping

MERGED_INTO = "merged_into"
"""The field of a record that says which one it is a duplicate of."""


def survivors(merged_into: Mapping[str, str]) -> dict[str, str]:
    """Record -> the one that it is read under, for those that do not stand for themselves.

    `merged_into`: what merged records say; one that leads to a record that is not held must be left out.

    >>> survivors({"c": "b", "b": "a", "y": "x", "x": "y"})
    {'c': 'a', 'b': 'a', 'y': 'x'}
    """
    found: dict[str, str] = {}
    for start in merged_into:
        way = [start]
        while (last := way[-1]) not in found and last in merged_into:
            following = merged_into[last]
            if following in way:
                smallest = min(way[way.index(following) :])
                break
            way.append(following)
        else:
            smallest = found.get(last, last)
        found |= dict.fromkeys(way, smallest)
    return {record: survivor for record, survivor in found.items() if record != survivor}

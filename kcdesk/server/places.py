"""In which areas a record is, from what its changes say.

Areas are communes of today with an id of their own; codes are dated data about them. Owns the mapping of codes to areas
and the rule for each kind; leaves to others: what follows from a move (`intake`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select

from kcdesk.changes import Change, Value, fold
from kcdesk.domain.kinds import KINDS, Kind
from kcdesk.server.tables import area_codes

Areas = frozenset[int]
NOWHERE: Areas = frozenset()

_PLACE_FIELDS = ("commune", "commune_candidates", "old_commune")


@dataclass(frozen=True, slots=True)
class Communes:
    """Codes of communes -> areas. A former commune may lie in several."""

    new: dict[str, Areas]
    old: dict[str, Areas]

    @classmethod
    def load(cls, connection: Connection) -> Communes:
        found: dict[str, dict[str, set[int]]] = {"new": defaultdict(set), "old": defaultdict(set)}
        for area, era, code in connection.execute(
            select(area_codes.c.area, area_codes.c.era, area_codes.c.code)
        ):
            found[era][code].add(area)
        new, old = (
            {code: frozenset(areas) for code, areas in found[era].items()} for era in ("new", "old")
        )
        return cls(new, old)


def placing_fields(kind: Kind) -> tuple[str, ...]:
    """The fields of a kind that say where its records are."""
    return (kind.parent,) if kind.parent else _PLACE_FIELDS


def places(change: Change) -> bool:
    """Whether a change says something about where its record is."""
    kind = KINDS.get(change.kind)
    return kind is not None and any(field in change.set for field in placing_fields(kind))


def parent_of(kind: Kind, changes: Iterable[Change]) -> str | None:
    """The record that a record of `kind` belongs to, as all its changes together say; None: none named."""
    if kind.parent is None:
        return None
    values = list(_said(changes, kind.parent))
    return values[-1] if values and isinstance(values[-1], str) else None


def areas_of(changes: Iterable[Change], communes: Communes) -> Areas:
    """The areas of an establishment: those of its commune; while that is undecided, of all it may be in.

    In conflict it is in all that are said, so that everyone who has to decide sees it.
    """
    changes = list(changes)
    decided = _union(communes.new, _said(changes, "commune"))
    if decided:
        return decided
    candidates = (
        code
        for value in _said(changes, "commune_candidates")
        if isinstance(value, list)
        for code in value
    )
    return _union(communes.new, candidates) or _union(communes.old, _said(changes, "old_commune"))


def _said(changes: Iterable[Change], field: str) -> Iterator[Value]:
    """What the heads of one field say, the latest last."""
    cut = [
        msgspec.structs.replace(change, set={field: change.set[field]})
        for change in changes
        if field in change.set
    ]
    if len(cut) == 1:
        yield cut[0].set[field]
    elif cut:
        yield from (head.value for head in fold(cut).heads[field])


def _union(areas: dict[str, Areas], codes: Iterable[Value]) -> Areas:
    return NOWHERE.union(*(areas.get(code, NOWHERE) for code in codes if isinstance(code, str)))

"""What sorts of lists come in: the columns each reads, what it cannot do without, and how its rows are told apart.

Owns the table only. One pipeline reads them all (`planning`); a further sort is an entry here and, where its rows say
something new, a reader beside `establishment_rows`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kcdesk.importing.columns import COUNTS, LABELS, MONEY


@dataclass(frozen=True, slots=True)
class ListKind:
    """A sort of list.

    name:    the kind of record its rows become, as `domain.kinds` names it
    noun:    what one row is, in Vietnamese
    reads:   keys of the meanings that its columns may have
    needed:  of each group one column has to be there
    by_year: a measure may have a column for each year, and each year of a row is a record of its own
    """

    name: str
    noun: str
    reads: frozenset[str]
    needed: tuple[tuple[str, ...], ...]
    by_year: bool = False


_FOR_READING = frozenset(("stt", "district", "province", "address", "hamlet", "commune"))
_MEASURES = frozenset((*COUNTS, *MONEY))

ESTABLISHMENT_LIST = ListKind(
    "establishments",
    "cơ sở",
    reads=frozenset(LABELS) - {"year", "basis", "establishment"},
    needed=(("name",), ("commune", "address")),
)
FIGURE_LIST = ListKind(
    "figures",
    "số liệu",
    reads=_FOR_READING
    | _MEASURES
    | {"name", "tax_code", "rep_name", "year", "basis", "establishment"},
    needed=(
        ("name", "tax_code", "establishment"),
        ("commune", "address", "tax_code", "establishment"),
        tuple(sorted(_MEASURES)),
    ),
    by_year=True,
)

LIST_KINDS = {kind.name: kind for kind in (ESTABLISHMENT_LIST, FIGURE_LIST)}

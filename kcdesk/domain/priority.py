"""Priority of an establishment: criteria that are met, each with the weight a province gives it (dossier 4.4).

A transparent sum that advises and rejects nobody. Owns the sum; which criteria a record meets is told by `actions`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kcdesk.domain.code_lists import PriorityFlag
from kcdesk.domain.published.tables import Weight

EQUAL_WEIGHT = Decimal(10)
"""Designed: what each criterion counts where the province has published no weights at all."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of priority: whether it is met (None: the record does not say), and what it counts."""

    flag: PriorityFlag
    met: bool | None
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Priority:
    criteria: tuple[Criterion, ...]

    @property
    def score(self) -> Decimal:
        """The weights of what is met."""
        return sum((each.weight for each in self.criteria if each.met), Decimal(0))

    @property
    def highest(self) -> Decimal:
        """What it would be with everything met that the record does not say."""
        return sum((each.weight for each in self.criteria if each.met is not False), Decimal(0))


def prioritise(
    met: Mapping[PriorityFlag, bool | None], weights: Iterable[Weight], day: datetime.date
) -> Priority:
    """Criteria in the order of the list; those without a weight on that day count nothing."""
    published = list(weights)
    on_day = {
        each.flag: each.weight
        for each in published
        if (each.valid_from or day) <= day <= (each.valid_to or day)
    }
    otherwise = Decimal(0) if published else EQUAL_WEIGHT
    return Priority(
        tuple(
            Criterion(flag, met.get(flag), on_day.get(flag.value, otherwise))
            for flag in PriorityFlag
        )
    )

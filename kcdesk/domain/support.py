"""Support levels: which rule held on a day, and what it gives for a cost (dossier section 4).

Pure functions over the rows of `published.tables`. Owns the formula of section 4.1 and the choice of the row. Where the
rows come from, and what an establishment had before, is left to `actions`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

import msgspec

from kcdesk.domain.code_lists import ActivityGroup, Fund
from kcdesk.domain.published.confidence import Confidence
from kcdesk.domain.published.tables import SupportRule

ROUNDED_TO_VND = 1_000
"""Designed: what support is rounded down to where the province has set nothing; 1.000 and 10.000 are usual."""

CapKind = Literal["percent", "money"]


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit of a rule for one cost: `vnd` đồng at most, and how far that can be trusted."""

    kind: CapKind
    vnd: int
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class SupportLevel:
    """What a rule gives for a cost, all in đồng.

    cost:        the eligible cost (*chi phí hợp lệ*);  units: how many of the rule's unit
    caps:        the limits of the rule; none where it names no level of its own
    support:     the most that may be given, rounded down; None without a limit
    counterpart: what the establishment must put up then (*vốn đối ứng*); None with `support`
    """

    rule: SupportRule
    cost: int
    units: int
    caps: tuple[Cap, ...]
    support: int | None
    counterpart: int | None

    def exceeded(self, proposed: int) -> tuple[Cap, ...]:
        """The limits that an amount of support is above, in đồng; the lowest first."""
        return tuple(cap for cap in self.caps if proposed > cap.vnd)

    def blocks(self, proposed: int) -> bool:
        """Whether a limit that binds forbids this amount; one that was not checked against its source only warns."""
        return any(cap.confidence.binds for cap in self.exceeded(proposed))


def held_on(
    rules: Iterable[SupportRule],
    rule_id: str,
    fund: Fund,
    province_code: str | None,
    day: datetime.date,
) -> SupportRule | None:
    """The row that held on a day; None: none did.

    The national fund has rows for the whole country. A local fund has those of its province alone: no national figure
    steps in for a missing one (dossier 4.3).
    """
    place = None if fund is Fund.KCQG else province_code
    for rule in rules:
        if (rule.rule_id, rule.fund) != (rule_id, fund) or rule.province_code != place:
            continue
        if fund is Fund.KCDP and place is None:
            continue
        if rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to):
            return rule
    return None


def level(
    rule: SupportRule, cost: int, units: int = 1, rounded_to: int = ROUNDED_TO_VND
) -> SupportLevel:
    """The formula of dossier 4.1, and never above the cost.

    `min(floor(percent x cost), money cap x multiplier x units)`

    cost: đồng, above 0;  units: 1 or more;  rounded_to: đồng to which support is rounded down
    """
    if cost <= 0 or units <= 0 or rounded_to <= 0:
        raise ValueError("cost, units and rounded_to are positive")
    mark = Confidence.of(rule.confidence)
    caps: list[Cap] = []
    if rule.percent_cap is not None:
        share = (rule.percent_cap * cost / 100).to_integral_value(ROUND_FLOOR)
        of_percent = Confidence.of(rule.percent_confidence) if rule.percent_confidence else mark
        caps.append(Cap("percent", int(share), of_percent))
    if rule.money_cap_vnd is not None:
        most = rule.money_cap_vnd * (rule.multiplier or Decimal(1)) * units
        caps.append(Cap("money", int(most.to_integral_value(ROUND_FLOOR)), mark))
    caps.sort(key=lambda cap: cap.vnd)
    if not caps:
        return SupportLevel(rule, cost, units, (), None, None)
    support = min(caps[0].vnd, cost) // rounded_to * rounded_to
    return SupportLevel(rule, cost, units, tuple(caps), support, cost - support)


def over(shipped: Sequence[SupportRule], published: Sequence[SupportRule]) -> list[SupportRule]:
    """The shipped rows with those that a province publishes: its rows of a rule, fund and place replace all of ours.

    So a province adds its own levels without copying the national ones. A row without a name has that of ours.
    """
    names = {rule.rule_id: rule.name for rule in shipped if rule.name}
    replaced = {_key(rule) for rule in published}
    own = [
        msgspec.structs.replace(rule, name=rule.name or names.get(rule.rule_id))
        for rule in published
    ]
    return [rule for rule in shipped if _key(rule) not in replaced] + own


def rule_ids(rules: Iterable[SupportRule]) -> dict[str, str]:
    """Every rule there is, with its name, in order of its code."""
    return {rule.rule_id: rule.name or rule.rule_id for rule in sorted(rules, key=_key)}


def activity_of(rule_id: str) -> ActivityGroup | None:
    """The activity group that a rule supports: `KC3.LINE` is of `KC3_TECHNOLOGY`.

    >>> activity_of("KC3.LINE"), activity_of("X.1")
    (<ActivityGroup.KC3_TECHNOLOGY: 'KC3_TECHNOLOGY'>, None)
    """
    prefix = rule_id.partition(".")[0] + "_"
    return next((group for group in ActivityGroup if group.startswith(prefix)), None)


def _key(rule: SupportRule) -> tuple[str, str, str]:
    return rule.rule_id, rule.fund, rule.province_code or ""

"""The lists of several sheets of a workbook as one: matched together, stored together, told apart by their sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kcdesk.importing.cells import CellFinding
from kcdesk.importing.plan import CommuneUse, ImportPlan
from kcdesk.importing.planning import HIDDEN


def joined(plans: Sequence[ImportPlan]) -> ImportPlan:
    """One plan of the plans of several sheets, which stay in it as its parts; of one sheet that plan itself."""
    first = plans[0]
    if len(plans) == 1:
        return first
    years = {plan.year for plan in plans}
    return replace(
        first,
        sheet=", ".join(plan.sheet for plan in plans),
        year=first.year if len(years) == 1 else None,
        rows=tuple(row for plan in plans for row in plan.rows),
        rejected=tuple(row for plan in plans for row in plan.rejected),
        findings=(*first.findings, *_without_hidden(plans[1:])),
        totals=tuple(total for plan in plans for total in plan.totals),
        communes=_joined_uses(use for plan in plans for use in plan.communes),
        as_before=all(plan.as_before for plan in plans),
        cells={place: cells for plan in plans for place, cells in plan.cells.items()},
        parts=tuple(plans),
    )


def _without_hidden(plans: Iterable[ImportPlan]) -> Iterator[CellFinding]:
    """The findings of further sheets: which sheets are hidden has been said by the first."""
    return (found for plan in plans for found in plan.findings if found.finding.code != HIDDEN)


def _joined_uses(uses: Iterable[CommuneUse]) -> tuple[CommuneUse, ...]:
    together: dict[tuple[str, str | None], CommuneUse] = {}
    for use in uses:
        key = use.old.code, use.new.code if use.new is not None else None
        before = together.get(key)
        together[key] = replace(use, rows=use.rows + (before.rows if before else 0))
    return tuple(together.values())

"""Soft findings of a list that somebody has accepted: before, in the record, or now for all rows of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kcdesk.domain.accepting import acceptance, accepted_path, reason_in_row
from kcdesk.domain.value import Value
from kcdesk.importing.cells import CellFinding
from kcdesk.importing.plan import Action, FieldChange, ImportPlan, PlannedRow


def without_known_findings(
    plan: ImportPlan, there: Mapping[str, Mapping[str, Value]]
) -> ImportPlan:
    """The plan without soft findings that were accepted in the record that a row stands for.

    there: id of an establishment -> what it says, its tables as lists of rows
    """
    known: set[CellFinding] = set()
    rows = []
    for row in plan.rows:
        match = row.proposal.match
        record = there.get(match.record or "", {}) if match is not None else {}
        accepted = {
            found
            for found in row.findings
            if record
            and reason_in_row(found.finding, record, row.establishment.get(found.finding.field))
        }
        known |= accepted
        left = tuple(found for found in row.findings if found not in accepted)
        rows.append(replace(row, findings=left) if accepted else row)
    if not known:
        return plan
    return replace(
        plan, rows=tuple(rows), findings=tuple(f for f in plan.findings if f not in known)
    )


def accepting(plan: ImportPlan, reasons: Mapping[str, str]) -> ImportPlan:
    """The plan in which rows say of these soft findings (by code) that they were accepted, and why.

    Of an establishment that is there a finding is accepted where it says the same as the row; what it says differently
    is accepted together with the change.
    """
    known: set[CellFinding] = set()
    rows = []
    for row in plan.rows:
        mine = [
            found
            for found in row.findings
            if found.finding.code in reasons and found.finding.field in row.establishment
        ]
        known |= set(mine)
        rows.append(_with_reasons(row, mine, reasons) if mine else row)
    return replace(
        plan, rows=tuple(rows), findings=tuple(f for f in plan.findings if f not in known)
    )


def _with_reasons(
    row: PlannedRow, found: list[CellFinding], reasons: Mapping[str, str]
) -> PlannedRow:
    said = {
        accepted_path(f.finding.field, f.finding.code): acceptance(
            row.establishment[f.finding.field], reasons[f.finding.code]
        )
        for f in found
    }
    left = tuple(each for each in row.findings if each not in found)
    proposal = row.proposal
    if proposal.action is Action.ADD:
        return replace(row, findings=left, establishment={**row.establishment, **said})
    if proposal.action is Action.SKIP or proposal.match is None or proposal.match.record is None:
        return row
    record = proposal.match.record
    changing = {change.field for change in proposal.changes if change.kind == "establishments"}
    with_change: list[FieldChange] = []
    as_it_is: list[FieldChange] = []
    for one, (path, value) in zip(found, said.items(), strict=True):
        of = with_change if one.finding.field in changing else as_it_is
        of.append(FieldChange("establishments", record, path, None, value))
    changes = tuple(sorted((*proposal.changes, *with_change), key=lambda c: (c.kind, c.record)))
    proposal = replace(proposal, changes=changes, accepted=tuple(as_it_is))
    return replace(row, findings=left, proposal=proposal)

"""What an import did or would do, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass

from kcdesk.actions.duplicates import likeness_as_json
from kcdesk.domain.value import Value
from kcdesk.importing.plan import ImportPlan, Match, PlannedRow


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did (`dry_run`: would do).

    imported:  records of the list's kind that were added: establishments, or figures of a year
    updated:   those that were there, and of which something was set
    unchanged: those that were there, and of which the list says nothing new
    waiting:   those that were there, and of which the list says something else; left as they are without `update`
    accepted:  those that were there, nothing of which was set but that soft findings were accepted
    skipped:   rows for an establishment that another row of the list stands for, or that a person left out
    """

    plan: ImportPlan
    imported: int
    updated: int
    unchanged: int
    waiting: int
    skipped: int
    dry_run: bool
    accepted: int = 0

    def as_json(self) -> dict[str, Value]:
        plan = self.plan
        return {
            "kind": plan.kind.name,
            "source": plan.source,
            "sheet": plan.sheet,
            "dry_run": self.dry_run,
            "imported": self.imported,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "waiting": self.waiting,
            "skipped": self.skipped,
            "accepted": self.accepted,
            "rejected": len(plan.rejected),
            "year": plan.year,
            "basis": plan.basis.value,
            "by_legal_form": dict(plan.by_legal_form),
            "workers": plan.sum_of("workers"),
            "production_value": plan.sum_of("production_value"),
            "old_communes": len(plan.communes),
            "old_communes_resolved": sum(use.new is not None for use in plan.communes),
            "undecided": len(plan.undecided),
            "as_before": plan.as_before,
            "sheets": [part.sheet for part in plan.sheets],
            "columns": [
                {
                    "sheet": part.sheet,
                    "column": column.letter,
                    "header": column.header,
                    "field": column.meaning,
                    "certainty": column.certainty,
                    "unit": column.unit.value if column.unit is not None else None,
                    "possible": column.possible,
                }
                for part in plan.sheets
                for column in part.columns
            ],
            "encodings": [
                {
                    "sheet": part.sheet,
                    "column": typed.letter,
                    "encoding": typed.encoding.name,
                    "certainty": typed.certainty,
                    "reason": typed.reason,
                    "open": typed in plan.open_encodings,
                    "samples": [
                        {"before": before, "after": after} for before, after in typed.samples
                    ],
                }
                for part in plan.sheets
                for typed in part.encodings
            ],
            "totals": [
                {
                    "sheet": part.sheet,
                    "row": total.row,
                    "column": total.column,
                    "field": total.field,
                    "stated": total.stated,
                    "computed": total.computed,
                    "agrees": total.agrees,
                    "first_row": total.covers[0],
                    "last_row": total.covers[1],
                }
                for part in plan.sheets
                for total in part.totals
            ],
            "duplicates": [
                _duplicate_as_json(row)
                for row in plan.rows
                if row.proposal.match is not None or row.proposal.questions
            ],
            "missing": [{"id": record, "name": name} for record, name in plan.missing],
            "findings": [
                {
                    "sheet": found.sheet,
                    "row": found.row,
                    "column": found.column,
                    "level": found.finding.level,
                    "code": found.finding.code,
                    "field": found.finding.field,
                    "value": found.finding.value,
                    "message": found.finding.message,
                    "hint": found.finding.hint,
                }
                for found in plan.findings
            ],
        }


def _duplicate_as_json(row: PlannedRow) -> Value:
    proposal = row.proposal
    return {
        "sheet": row.sheet,
        "row": row.row_number,
        "name": row.establishment.get("name"),
        "action": proposal.action.value,
        "match": None if proposal.match is None else _match_as_json(proposal.match),
        "questions": [_match_as_json(question) for question in proposal.questions],
        "changes": [
            {"kind": c.kind, "record": c.record, "field": c.field, "old": c.old, "new": c.new}
            for c in proposal.changes
        ],
    }


def _match_as_json(match: Match) -> dict[str, Value]:
    where: dict[str, Value] = (
        {"record": match.record} if match.record else {"of_row": match.row_number}
    )
    if match.sheet:
        where["of_sheet"] = match.sheet
    return {**where, "name": match.name, **likeness_as_json(match.likeness)}

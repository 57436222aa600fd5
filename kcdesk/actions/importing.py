"""Taking in other people's lists: one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.desk import Desk
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.identifiers import new_record_id
from kcdesk.domain.kinds import figures_id
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput
from kcdesk.importing.establishments import plan_establishments
from kcdesk.importing.plan import ImportPlan, PlannedRow
from kcdesk.importing.workbook import read_sheet
from kcdesk.storage.workspace import Edit

Progress = Callable[[int, int], None]
"""Called with how many rows are done, and of how many."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did (`dry_run`: would do)."""

    plan: ImportPlan
    imported: int
    dry_run: bool

    def as_json(self) -> dict[str, Value]:
        plan = self.plan
        return {
            "source": plan.source,
            "sheet": plan.sheet,
            "dry_run": self.dry_run,
            "imported": self.imported,
            "rejected": len(plan.rejected),
            "year": plan.year,
            "basis": plan.basis.value,
            "by_legal_form": dict(plan.by_legal_form),
            "workers": plan.sum_of("workers"),
            "production_value": plan.sum_of("production_value"),
            "old_communes": len(plan.communes),
            "old_communes_resolved": sum(use.new is not None for use in plan.communes),
            "undecided": len(plan.undecided),
            "columns": [
                {
                    "column": column.letter,
                    "header": column.header,
                    "field": column.meaning,
                    "certainty": column.certainty,
                }
                for column in plan.columns
            ],
            "totals": [
                {
                    "row": total.row,
                    "column": total.column,
                    "field": total.field,
                    "stated": total.stated,
                    "computed": total.computed,
                    "agrees": total.agrees,
                }
                for total in plan.totals
            ],
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


def plan_import(
    desk: Desk,
    path: Path,
    *,
    sheet: str | None = None,
    year: int | None = None,
    basis: FigureBasis | None = None,
) -> ImportPlan:
    """What importing a list of establishments would do. Raises `BadInput` for a file that cannot be read so."""
    return plan_establishments(
        read_sheet(path, sheet),
        desk.units,
        desk.workspace.areas,
        year=year,
        basis=basis,
        today=desk.today,
    )


def import_establishments(
    desk: Desk,
    path: Path,
    *,
    sheet: str | None = None,
    year: int | None = None,
    basis: FigureBasis | None = None,
    all_or_nothing: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a list of establishments and their figures of a year, in one transaction.

    Rows with a hard finding stay out and stand in the report; with `all_or_nothing`, and where no row is left, they
    refuse the whole list.
    Raises `BadInput`, `WorkspaceError`; then nothing was written.
    """
    plan = plan_import(desk, path, sheet=sheet, year=year, basis=basis)
    if plan.rejected and (all_or_nothing or not plan.rows):
        first = next(f for f in plan.rejected[0].findings if f.finding.level == "hard")
        others = " hoặc bỏ --all-or-nothing." if plan.rows else ""
        raise BadInput(
            f"{len(plan.rejected)} dòng của danh sách không nhập được nên chưa nhập dòng nào. {first.sentence}",
            hint=f"Sửa các dòng đó rồi nhập lại{',' if others else '.'}{others}",
        )
    if not dry_run:
        desk.workspace.save(_edits(desk, plan, progress))
    return ImportReport(plan, len(plan.rows), dry_run)


def _edits(desk: Desk, plan: ImportPlan, progress: Progress | None) -> Iterator[Edit]:
    for done, row in enumerate(plan.rows, start=1):
        yield from _edits_of_row(desk, row)
        if progress is not None and (done % 500 == 0 or done == len(plan.rows)):
            progress(done, len(plan.rows))


def _edits_of_row(desk: Desk, row: PlannedRow) -> Iterator[Edit]:
    establishment = new_record_id(desk.clock, desk.randomness)
    yield Edit("establishments", establishment, row.establishment)
    year, basis = row.figures.get("year"), row.figures.get("basis")
    if isinstance(year, int) and isinstance(basis, str):
        record = figures_id(establishment, year, basis)
        yield Edit("figures", record, {"establishment": establishment, **row.figures})

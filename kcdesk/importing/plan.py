"""What an import would do: plain data that a person reads before anything is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from kcdesk.domain.administrative_units import NewCommune, OldCommune
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.value import Value
from kcdesk.importing.cells import CellFinding
from kcdesk.importing.columns import Column
from kcdesk.importing.totals import StatedTotal
from kcdesk.importing.workbook import Cell


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row that would be imported.

    row_number:    in the sheet, from 1
    establishment: fields of the kind `establishments`; `commune` only when it is certain, otherwise
                   `commune_candidates` holds the codes a person chooses from (none when nothing fits)
    figures:       fields of the kind `figures` without the establishment; empty when the list has none
    findings:      soft ones
    """

    row_number: int
    establishment: dict[str, Value]
    figures: dict[str, Value]
    findings: tuple[CellFinding, ...]


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that would not be imported: its cells as read, and why."""

    row_number: int
    cells: tuple[Cell, ...]
    findings: tuple[CellFinding, ...]


@dataclass(frozen=True, slots=True)
class CommuneUse:
    """A former commune of the list, and the one of today its establishments go to.

    new:  None while a person has to choose
    rows: how many rows name it
    """

    old: OldCommune
    new: NewCommune | None
    rows: int


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """All that an import would do, for a person to read before anything is stored.

    source, sheet: file name and sheet
    columns:       what was proposed for each column
    year, basis:   of the figures; without year no figures are imported
    rows:          what would be imported
    rejected:      what would not
    findings:      all findings, of the whole list first, then in order of rows
    totals:        stated totals beside the computed ones
    communes:      former communes and what became of them, in order of first mention
    """

    source: str
    sheet: str
    columns: tuple[Column, ...]
    year: int | None
    basis: FigureBasis
    rows: tuple[PlannedRow, ...]
    rejected: tuple[RejectedRow, ...]
    findings: tuple[CellFinding, ...]
    totals: tuple[StatedTotal, ...]
    communes: tuple[CommuneUse, ...]

    @property
    def by_legal_form(self) -> dict[str, int]:
        """How many rows would be imported of each legal form, most frequent first; "" where it is unknown."""
        forms = Counter(str(row.establishment.get("legal_form", "")) for row in self.rows)
        return dict(forms.most_common())

    @property
    def undecided(self) -> tuple[PlannedRow, ...]:
        """Rows that would be imported and wait until a person decides on their commune."""
        return tuple(row for row in self.rows if "commune" not in row.establishment)

    def sum_of(self, field: str) -> int:
        """The sum of a field of the figures (`workers`, `production_value` in đồng) that would be imported."""
        amounts = (row.figures.get(field, 0) for row in self.rows)
        return sum(amount for amount in amounts if isinstance(amount, int))

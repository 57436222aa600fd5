"""What an import would do: plain data that a person reads before anything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kcdesk.domain.administrative_units import NewCommune, OldCommune
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.value import Value
from kcdesk.importing.cells import CellFinding
from kcdesk.importing.columns import Column
from kcdesk.importing.duplicates import Likeness
from kcdesk.importing.encoding_detection import ColumnEncoding
from kcdesk.importing.list_kinds import ESTABLISHMENT_LIST, ListKind
from kcdesk.importing.totals import StatedTotal
from kcdesk.importing.workbook import Cell

Place = tuple[str, int]
"""Name of a sheet, and the number of a row in it from 1."""


class Action(StrEnum):
    """What is proposed for a row.

    ADD:    a new establishment
    UPDATE: it is there already and the list says something else, or more, of it
    KEEP:   it is there already and the list says nothing new
    SKIP:   another row stands for it: the list has it twice, or the two were merged
    """

    ADD = "add"
    UPDATE = "update"
    KEEP = "keep"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Match:
    """What a row is like: an establishment that is there (`record`), or another row of the list (`row_number`).

    sheet: of that row, where it stands on another sheet
    """

    name: str
    likeness: Likeness
    record: str | None = None
    row_number: int | None = None
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that the list says differently; `old` is None where nothing was said before."""

    kind: str
    record: str
    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for a row, and why.

    match:     the establishment or row that it certainly is; None for ADD
    questions: what it may be, likeliest first: a person has to look
    changes:   what UPDATE would set
    accepted:  which soft findings somebody accepts, of what the establishment says already: it is set in any case
    """

    action: Action = Action.ADD
    match: Match | None = None
    questions: tuple[Match, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    accepted: tuple[FieldChange, ...] = ()


NEW = Proposal()


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row that would be imported.

    row_number:    in the sheet, from 1
    establishment: fields of the kind `establishments`; `commune` only when it is certain, otherwise
                   `commune_candidates` holds the codes a person chooses from (none when nothing fits)
    figures:       fields of the kind `figures` without the establishment; empty when the list has none
    findings:      soft ones
    proposal:      whether it is there already
    record:        the id of the establishment that the list says it is: one that was given out by kcdesk
    sheet:         where it stands
    """

    row_number: int
    establishment: dict[str, Value]
    figures: dict[str, Value]
    findings: tuple[CellFinding, ...]
    proposal: Proposal = NEW
    record: str = ""
    sheet: str = ""

    @property
    def place(self) -> Place:
        return self.sheet, self.row_number


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that would not be imported: its cells as read, and why."""

    row_number: int
    cells: tuple[Cell, ...]
    findings: tuple[CellFinding, ...]
    sheet: str = ""

    @property
    def place(self) -> Place:
        return self.sheet, self.row_number


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

    Of several sheets (`several_sheets`) rows, findings, totals and communes are those of all of them; what is said of
    a head and of columns is said by `sheets`, each.

    kind:          what sort of list it is
    source, sheet: file name and sheet
    head_row:      the last row of the head, from 1
    columns:       what was proposed for each column
    year, basis:   of the figures; without year no figures are imported
    rows:          what can be imported, each with what is proposed for it
    rejected:      what cannot
    findings:      all findings: of the whole list, of its rows in order, and what is or may be there already
    totals:        stated totals beside the computed ones
    communes:      former communes and what became of them, in order of first mention
    missing:       establishments (id, name) in communes and of legal forms of the list that are not on it
    encodings:     columns that were typed in something else than plain Unicode, and how
    layout:        what lists of its source have in common (`column_map.layout_of`)
    as_before:     columns are read as a person said of an earlier list with these heads
    cells:         row -> its cells as read, where a row can still be rejected
    parts:         the plans of several sheets that this one is made of; their rows are those before matching
    """

    source: str
    sheet: str
    head_row: int
    columns: tuple[Column, ...]
    year: int | None
    basis: FigureBasis
    rows: tuple[PlannedRow, ...]
    rejected: tuple[RejectedRow, ...]
    findings: tuple[CellFinding, ...]
    totals: tuple[StatedTotal, ...]
    communes: tuple[CommuneUse, ...]
    missing: tuple[tuple[str, str], ...] = ()
    encodings: tuple[ColumnEncoding, ...] = ()
    kind: ListKind = ESTABLISHMENT_LIST
    layout: str | None = None
    as_before: bool = False
    cells: Mapping[Place, tuple[Cell, ...]] = field(default_factory=dict)
    parts: tuple[ImportPlan, ...] = ()

    @property
    def sheets(self) -> tuple[ImportPlan, ...]:
        """The plan of each sheet: how its head, its columns and its encodings were read."""
        return self.parts or (self,)

    def letter_of(self, meaning: str, sheet: str) -> str:
        """The letter of the column of that sheet that has this meaning; empty without one."""
        columns = (c for part in self.sheets if part.sheet == sheet for c in part.columns)
        return next((c.letter for c in columns if c.meaning == meaning), "")

    @property
    def by_legal_form(self) -> dict[str, int]:
        """How many establishments of each legal form the list has, most frequent first; "" where it is unknown."""
        forms = Counter(str(row.establishment.get("legal_form", "")) for row in self.rows)
        return dict(forms.most_common())

    @property
    def open_encodings(self) -> tuple[ColumnEncoding, ...]:
        """Columns that are read and of which it is not certain how they were typed: a person decides."""
        if self.parts:
            return tuple(typed for part in self.parts for typed in part.open_encodings)
        read = {column.index for column in self.columns if column.meaning is not None}
        return tuple(c for c in self.encodings if not c.is_certain and c.index in read)

    def proposed(self, *actions: Action) -> tuple[PlannedRow, ...]:
        """The rows for which one of these is proposed."""
        return tuple(row for row in self.rows if row.proposal.action in actions)

    @property
    def added(self) -> tuple[PlannedRow, ...]:
        """The rows that are new establishments."""
        return self.proposed(Action.ADD)

    @property
    def undecided(self) -> tuple[PlannedRow, ...]:
        """Rows that would be added and wait until a person decides on their commune."""
        new = self.proposed(Action.ADD) if not self.kind.by_year else ()
        return tuple(row for row in new if "commune" not in row.establishment)

    @property
    def records(self) -> frozenset[str]:
        """The establishments that are there and that rows certainly stand for."""
        matches = (row.proposal.match for row in self.rows)
        return frozenset(m.record for m in matches if m is not None and m.record is not None)

    def sum_of(self, field: str) -> int:
        """The sum of a field of the figures (`workers`, `production_value` in đồng) of the list's rows."""
        amounts = (row.figures.get(field, 0) for row in self.rows)
        return sum(amount for amount in amounts if isinstance(amount, int))

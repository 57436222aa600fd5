"""What a person said on how a list is to be read, so far; and the two things to do with it: plan, and take in.

Both run on the desk's thread. The workbook reader is loaded with the first list, not with the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kcdesk.errors import BadInput

if TYPE_CHECKING:
    from kcdesk.actions.desk import Desk
    from kcdesk.actions.import_report import ImportReport
    from kcdesk.actions.importing import Decisions
    from kcdesk.importing.column_map import MappedColumn
    from kcdesk.importing.old_encodings import Encoding
    from kcdesk.importing.plan import ImportPlan
    from kcdesk.importing.reading import Choices
    from kcdesk.ui.tasks import Running


class Planned(NamedTuple):
    """A plan, the wishes it was made by, and the names of the sheets that there are."""

    plan: ImportPlan
    wishes: Wishes
    sheets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """kind:    what sort of list it is, by the name of its records
    sheet:   None for the first, `EVERY_SHEET`, or a name
    year:    of figures of which the list does not say it
    said:    head of a column -> what it means
    typed:   letter of a column -> how it was typed
    cased:   letters of columns in capitals that are read in proper case
    accepted: code of soft findings -> why they are right
    accept_proposed: uncertain columns are read as proposed, to be seen and corrected
    """

    kind: str = "establishments"
    sheet: str | None = None
    year: int | None = None
    said: Mapping[str, MappedColumn] = field(default_factory=dict)
    typed: Mapping[str, Encoding] = field(default_factory=dict)
    cased: frozenset[str] = frozenset()
    accepted: Mapping[str, str] = field(default_factory=dict)
    accept_proposed: bool = False

    def with_column(self, header: str, meaning: str | None) -> Wishes:
        """The column with that head read as this field, or not at all; no other column is that field."""
        from kcdesk.importing.column_map import MappedColumn  # noqa: PLC0415

        others = {
            head: column
            for head, column in self.said.items()
            if column.field is None or column.field != meaning
        }
        return replace(self, said={**others, header: MappedColumn(header, meaning)})

    def with_unit(self, header: str, unit: str | None, plan: ImportPlan) -> Wishes:
        """Plain numbers of the column of money with that head count this unit; None: as its head says."""
        from kcdesk.importing.column_map import MappedColumn  # noqa: PLC0415

        columns = (column for part in plan.sheets for column in part.columns)
        meaning = next((column.meaning for column in columns if column.header == header), None)
        return replace(self, said={**self.said, header: MappedColumn(header, meaning, unit)})

    def with_map(self, path: Path) -> Wishes:
        """The columns read as a kept file says. Raises `BadInput`."""
        from kcdesk.importing.column_map import read_map  # noqa: PLC0415

        return replace(self, said={column.header: column for column in read_map(path)}, typed={})

    def with_case(self, letter: str, *, proper: bool) -> Wishes:
        cased = self.cased | {letter} if proper else self.cased - {letter}
        return replace(self, cased=cased)

    def plan(self, path: Path, desk: Desk, running: Running) -> Planned:
        """What importing the list would do; uncertain columns are read as proposed where one of them is needed."""
        from kcdesk.actions.importing import plan_import  # noqa: PLC0415
        from kcdesk.importing.accepted import accepting  # noqa: PLC0415
        from kcdesk.importing.list_kinds import LIST_KINDS  # noqa: PLC0415
        from kcdesk.importing.workbook import sheet_names  # noqa: PLC0415

        def planned(wishes: Wishes) -> ImportPlan:
            return plan_import(
                desk,
                path,
                kind=LIST_KINDS[wishes.kind],
                sheet=wishes.sheet,
                year=wishes.year,
                choices=wishes._choices(),
                reading=lambda done, total: running.progress("reading", done, total),
                compared=lambda done, total: running.progress("compared", done, total),
            )

        wishes = self
        try:
            plan = planned(wishes)
        except BadInput as error:
            if error.code != "open_columns":
                raise
            wishes = replace(self, accept_proposed=True)
            plan = planned(wishes)
        return Planned(accepting(plan, self.accepted), wishes, sheet_names(path))

    def take_in(
        self, desk: Desk, path: Path, running: Running, *, update: bool, decisions: Decisions
    ) -> ImportReport:
        """Import the list, in one transaction."""
        from kcdesk.actions.importing import import_list  # noqa: PLC0415
        from kcdesk.importing.list_kinds import LIST_KINDS  # noqa: PLC0415

        return import_list(
            desk,
            path,
            kind=LIST_KINDS[self.kind],
            sheet=self.sheet,
            year=self.year,
            choices=self._choices(),
            update=update,
            decisions=decisions,
            accepted=self.accepted,
            reading=lambda done, total: running.progress("reading", done, total),
            compared=lambda done, total: running.progress("compared", done, total),
            progress=lambda done, total: running.progress("rows", done, total),
        )

    def _choices(self) -> Choices:
        from kcdesk.importing.reading import Choices  # noqa: PLC0415

        return Choices(
            columns=tuple(self.said.values()),
            encodings=self.typed,
            proper_case=self.cased,
            accept_proposed=self.accept_proposed,
        )

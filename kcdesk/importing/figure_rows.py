"""Counts and amounts of a year in a row of a list; and rows that say nothing else, for establishments that are there.

Owns what the measures of a row say together. Which establishment a row of figures is about is `figure_matching`'s.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from kcdesk.domain.administrative_units import AdministrativeUnits, AreaCode
from kcdesk.domain.code_lists import FigureBasis, FigureSource
from kcdesk.domain.codes import check_tax_code
from kcdesk.domain.findings import Checked, Finding, hard, soft
from kcdesk.domain.text import fold
from kcdesk.domain.value import Value
from kcdesk.importing.cells import (
    CellFinding,
    column_letter,
    count_of,
    money_of,
    number_text,
    text_of,
    year_of,
)
from kcdesk.importing.columns import COUNTS, LABELS, MONEY, Column
from kcdesk.importing.layout import ListRow
from kcdesk.importing.plan import PlannedRow
from kcdesk.importing.row_places import PlaceReader, WrittenPlace
from kcdesk.importing.workbook import Cell

_USUAL_WAGE = range(1_000_000, 100_000_001)
"""Đồng a month; outside a person should look (dossier 6.2)."""


class MeasureReader:
    """Reads the counts and amounts of the columns of one year."""

    def __init__(self, columns: Sequence[Column], basis: FigureBasis) -> None:
        self._basis = basis
        self._counts = [(c.meaning, c.index) for c in columns if c.meaning in COUNTS]
        self._money = [(c.meaning, c.index, c.unit) for c in columns if c.meaning in MONEY]

    def read(self, row: ListRow) -> tuple[dict[str, int], list[Finding]]:
        """The readable counts and amounts of a row by field, and what was found."""
        amounts: dict[str, int] = {}
        findings: list[Finding] = []
        read: list[tuple[str, Checked[int]]] = [
            (key, count_of(row.cells[index], key)) for key, index in self._counts if key
        ]
        read += [
            (key, money_of(row.cells[index], unit, key)) for key, index, unit in self._money if key
        ]
        for key, checked in read:
            findings += checked.findings
            if checked.value is not None:
                amounts[key] = checked.value
        return amounts, findings + _findings_of_figures(amounts)

    def figures(
        self, amounts: dict[str, int], year: int | None, basis: FigureBasis | None = None
    ) -> dict[str, Value]:
        """The fields of the kind `figures`; none where there is nothing to say or nobody knows the year.

        `basis`: where the row says another one than the list.
        """
        if not amounts or year is None:
            return {}
        return {
            "year": year,
            "basis": (basis or self._basis).value,
            **amounts,
            "source": FigureSource.LIST.value,
        }


class FigureRowReader:
    """Reads rows that say the figures of a year for establishments that are there."""

    def __init__(
        self,
        sheet: str,
        columns: Sequence[Column],
        units: AdministrativeUnits,
        within: Sequence[AreaCode],
        year: int | None,
        basis: FigureBasis,
        today: datetime.date | None,
    ) -> None:
        self._sheet = sheet
        self._indexes = {c.meaning: c.index for c in columns if c.meaning}
        self._measures = MeasureReader(columns, basis)
        self._places = PlaceReader(units, within)
        self._year = year
        self._today = today

    def read(self, row: ListRow) -> tuple[PlannedRow, dict[str, int]]:
        """The row with what tells its establishment and its figures, and its readable counts and amounts."""

        def cell(key: str) -> Cell:
            index = self._indexes.get(key)
            return "" if index is None else row.cells[index]

        findings: list[Finding] = []
        name = text_of(cell("name"))
        tax_code = check_tax_code(number_text(cell("tax_code")))
        findings += [found for found in tax_code.findings if found.level == "hard"]
        record = text_of(cell("establishment"))
        if not name and not number_text(cell("tax_code")) and not record:
            message = "Dòng này không có tên cơ sở hay mã số thuế."
            findings.append(hard("figures.nobody", "name", message))
        year = self._year
        if "year" in self._indexes:
            said = year_of(cell("year"), "year", self._today)
            findings += said.findings
            year = said.value or year
        basis, of_basis = _basis(text_of(cell("basis")))
        findings += of_basis
        amounts, of_measures = self._measures.read(row)
        findings += of_measures
        if amounts and year is None and not any(f.field == "year" for f in findings):
            message = "Dòng này có số liệu nhưng không ghi năm."
            findings.append(hard("figures.no_year", "year", message))
        written = WrittenPlace(*(text_of(cell(key)) for key in WrittenPlace._fields))
        place = self._places.read(written)[0] if written.commune or written.address else {}
        establishment = {
            "name": name,
            "tax_code": tax_code.value,
            "rep_name": text_of(cell("rep_name")),
            **place,
        }
        planned = PlannedRow(
            row.number,
            {key: value for key, value in establishment.items() if value not in ("", None)},
            self._measures.figures(amounts, year, basis),
            tuple(
                CellFinding(self._sheet, row.number, self._letter(found.field), found)
                for found in findings
            ),
            record=record,
            sheet=self._sheet,
        )
        return planned, amounts

    def _letter(self, field: str) -> str:
        index = self._indexes.get(field)
        return "" if index is None else column_letter(index)


def _basis(written: str) -> tuple[FigureBasis | None, list[Finding]]:
    """What a cell says of its figures: actual, estimated or planned; nothing where it says nothing."""
    if not written:
        return None, []
    for basis in FigureBasis:
        if fold(written) in (fold(basis.label), basis.value):
            return basis, []
    labels = ", ".join(basis.label for basis in FigureBasis)
    message = f"Không rõ tính chất số liệu “{written}”."
    return None, [hard("figures.basis", "basis", message, written, f"Ghi một trong: {labels}.")]


def _findings_of_figures(amounts: dict[str, int]) -> list[Finding]:
    findings = []
    for part in ("workers_female", "workers_ethnic"):
        if part in amounts and "workers" in amounts and amounts[part] > amounts["workers"]:
            message = f"{LABELS[part]} ({amounts[part]}) nhiều hơn tổng số lao động ({amounts['workers']})."
            findings.append(soft("figures.parts", part, message, str(amounts[part])))
    if "avg_wage" in amounts and amounts["avg_wage"] not in _USUAL_WAGE:
        message = "Thu nhập bình quân một tháng nằm ngoài khoảng từ 1 đến 100 triệu đồng."
        findings.append(soft("figures.avg_wage", "avg_wage", message, str(amounts["avg_wage"])))
    return findings

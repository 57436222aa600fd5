"""What a column may hold, by its cells, where its head is missing or says nothing known.

Owns the guess with its certainty, which stays below that of a head that says it: what cells hold is a question to a
person, never an answer. Which columns are read is `columns`' choice.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from kcdesk.domain.addresses import COMMUNE_KINDS, DISTRICT_KINDS, readings
from kcdesk.domain.administrative_units import AdministrativeUnits, AreaCode, Reason
from kcdesk.domain.code_lists import Gender
from kcdesk.domain.codes import (
    check_date,
    check_email,
    check_personal_number,
    check_phone,
    check_tax_code,
)
from kcdesk.domain.money import check_money
from kcdesk.domain.text import fold
from kcdesk.importing.cells import several_in, text_of
from kcdesk.importing.legal_forms import form_of_name, form_written
from kcdesk.importing.row_places import begins_with_hamlet
from kcdesk.importing.workbook import Cell

Guess = tuple[str, float]
"""Key of a meaning, and how certain it is."""

MOST = 0.65
"""The certainty of a column all of whose cells fit: less than that of any head that is read."""

_FITTING = 0.7
"""So many of the cells have to fit."""

_AT_LEAST = 3
_LOOKED_AT = 200
_ANYWHERE = frozenset((Reason.MISSPELLED, Reason.OUTSIDE_AREA))
"""Somewhere in the country most names of people are names of communes, too."""

_ANSWERS = 30
"""Letters of a legal form or a gender; a name is longer now and then."""

_BUSINESS = re.compile(
    r"(?i)(cơ sở|cs|xưởng|làng nghề|nhà máy|xí nghiệp|cửa hàng|lò|trang trại|chi nhánh)\s"
)


@dataclass(frozen=True, slots=True)
class ColumnContents:
    """Guesses at columns by what they hold. `within`: the areas whose communes are meant where a name fits several."""

    units: AdministrativeUnits
    within: Sequence[AreaCode] = ()

    def guess(
        self, rows: Sequence[Sequence[Cell]], indexes: Collection[int], known: Collection[str] = ()
    ) -> Mapping[int, Guess]:
        """What these columns may mean; those of which nothing can be said are left out.

        known: meanings that heads of other columns give. Where none is the name of the establishment, a column of
        names of persons may be: households are called so.
        """
        guesses = {
            index: guess
            for index in indexes
            if (guess := self._of_cells(self._some(rows, index))) is not None
        }
        meanings = {*known, *(key for key, _ in guesses.values())}
        persons = [index for index, (key, _) in guesses.items() if key == "rep_name"]
        if "name" not in meanings and persons:
            guesses[persons[0]] = "name", guesses[persons[0]][1]
        return guesses

    def fits(self, key: str, cell: Cell) -> bool:
        """Whether one cell is of that meaning."""
        return text_of(cell) != "" and self._recognisers()[key](cell)

    def _some(self, rows: Sequence[Sequence[Cell]], index: int) -> list[Cell]:
        cells = (row[index] for row in rows if index < len(row))
        return list(islice((cell for cell in cells if text_of(cell)), _LOOKED_AT))

    def _of_cells(self, cells: Sequence[Cell]) -> Guess | None:
        if len(cells) < _AT_LEAST:
            return None
        different = len({text_of(cell) for cell in cells})
        for key, fits in self._recognisers().items():
            if key == "legal_form" and different * 2 > len(cells):  # these are names
                continue
            if key == "rep_name" and different * 2 < len(cells):
                continue
            share = sum(map(fits, cells)) / len(cells)
            if share >= _FITTING:
                return key, round(MOST * share, 2)
        return None

    def _recognisers(self) -> Mapping[str, Callable[[Cell], bool]]:
        """Meaning -> whether a cell is of it, what tells most first."""
        return {
            "email": lambda cell: "@" in text_of(cell) and not check_email(text_of(cell)).findings,
            "rep_id_no": _is_personal_number,
            "tax_code": _is_tax_code,
            "phone": _is_phone,
            "reg_date": _is_date,
            "rep_gender": _is_gender,
            "legal_form": _is_form,
            "revenue": _is_money,
            "hamlet": lambda cell: "," not in text_of(cell) and begins_with_hamlet(text_of(cell)),
            "district": _is_district,
            "commune": self._is_commune,
            "address": self._is_address,
            "name": _is_business,
            "rep_name": _is_person,
        }

    def _is_commune(self, cell: Cell) -> bool:
        text = text_of(cell)
        if not isinstance(cell, str) or "," in text or any(map(str.isdigit, text[:1])):
            return False
        reason = self.units.resolve(text, within=self.within).reason
        if next(readings(text, COMMUNE_KINDS)).kind is None and reason in _ANYWHERE:
            return False
        return reason is not Reason.UNKNOWN

    def _is_address(self, cell: Cell) -> bool:
        text = text_of(cell)
        if "," not in text:
            return False
        return self.units.resolve_address(text, self.within)[1].reason is not Reason.UNKNOWN


def _is_personal_number(cell: Cell) -> bool:
    text = text_of(cell).lstrip("'")
    checked = check_personal_number(text)
    return checked.value is not None and not checked.findings


def _is_tax_code(cell: Cell) -> bool:
    text = text_of(cell).lstrip("'")
    checked = check_tax_code(text)
    return checked.value is not None and not checked.findings


def _is_phone(cell: Cell) -> bool:
    return any(
        len(text) >= 9 and all(f.code == "V-PHONE.zero" for f in check_phone(text).findings)
        for text in several_in(cell)
    )


def _is_date(cell: Cell) -> bool:
    if isinstance(cell, datetime.date):
        return True
    return isinstance(cell, str) and check_date(cell, field="").value is not None


def _is_gender(cell: Cell) -> bool:
    return fold(text_of(cell)) in {fold(gender.label) for gender in Gender}


def _is_form(cell: Cell) -> bool:
    text = text_of(cell)
    return isinstance(cell, str) and len(text) <= _ANSWERS and form_written(text) is not None


def _is_money(cell: Cell) -> bool:
    """An amount that says its unit: plain numbers may count anything."""
    text = text_of(cell)
    if not isinstance(cell, str) or not any(map(str.isalpha, text)):
        return False
    return check_money(text).value is not None


def _is_district(cell: Cell) -> bool:
    written = next(readings(text_of(cell), DISTRICT_KINDS), None)
    return isinstance(cell, str) and written is not None and written.kind is not None


def _is_business(cell: Cell) -> bool:
    text = text_of(cell)
    return isinstance(cell, str) and (
        form_of_name(text) is not None or _BUSINESS.match(text) is not None
    )


def _is_person(cell: Cell) -> bool:
    """Two to five words, each beginning with a capital letter, and nothing else."""
    words = text_of(cell).split(" ")
    return (
        isinstance(cell, str)
        and 2 <= len(words) <= 5
        and all(word.isalpha() and word[0].isupper() for word in words)
    )

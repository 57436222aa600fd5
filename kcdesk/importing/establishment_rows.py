"""One row of a list becomes an establishment and its figures of a year.

Owns what the cells of a row say together. Single cells are read by `cells`, values judged by `domain`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kcdesk.domain.administrative_units import AdministrativeUnits, AreaCode, Reason, Resolution
from kcdesk.domain.code_lists import FigureBasis, FigureSource
from kcdesk.domain.codes import check_email, check_phone, check_tax_code, check_vsic
from kcdesk.domain.findings import Checked, Finding, hard, soft
from kcdesk.domain.money import MoneyUnit
from kcdesk.domain.value import Value
from kcdesk.importing.cells import (
    CellFinding,
    column_letter,
    count_of,
    money_of,
    number_text,
    several_in,
    text_of,
    year_of,
)
from kcdesk.importing.columns import COUNTS, LABELS, MONEY, Column
from kcdesk.importing.layout import ListRow
from kcdesk.importing.legal_forms import form_of_name, form_written
from kcdesk.importing.plan import PlannedRow
from kcdesk.importing.workbook import Cell

_HAMLET = re.compile(
    r"(?i)(thôn|bản|ấp|xóm|làng|buôn|bon|khóm|khối|tổ dân phố|tdp|tổ|khu phố|khu dân cư)\b"
)
"""An address that begins so begins with a hamlet."""

_USUAL_WAGE = range(1_000_000, 100_000_001)
"""Đồng a month; outside a person should look (dossier 6.2)."""


class WrittenPlace(NamedTuple):
    """The texts of a row that say where, in the order in which they are kept together."""

    address: str
    hamlet: str
    commune: str
    district: str
    province: str


class RowReader:
    """Reads the rows of one list; remembers what places mean, for lists name few places many times."""

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
        self._units_of_money: dict[str, MoneyUnit | None] = {
            c.meaning: c.unit for c in columns if c.meaning in MONEY
        }
        self._counts = [key for key in COUNTS if key in self._indexes]
        self._money = [key for key in MONEY if key in self._indexes]
        self._units = units
        self._within = tuple(within)
        self._year = year
        self._basis = basis
        self._today = today
        self._resolutions: dict[tuple[str, ...], tuple[str, Resolution]] = {}

    def read(self, row: ListRow) -> tuple[PlannedRow, dict[str, int]]:
        """The row as it would be imported, with all findings, and its readable counts and amounts."""
        findings: list[Finding] = []

        def cell(key: str) -> Cell:
            index = self._indexes.get(key)
            return "" if index is None else row.cells[index]

        def kept(checked: Checked[str] | Checked[int]) -> str | int | None:
            findings.extend(checked.findings)
            return checked.value

        name = text_of(cell("name"))
        findings += _findings_of_name(name)
        tax_code, phone = _tax_code_and_phone(cell("tax_code"), cell("phone"))
        if isinstance(cell("tax_code"), float) and len(tax_code) == 9:
            findings.append(_zero_lost(tax_code))
            tax_code = f"0{tax_code}"
        form, form_findings = _legal_form(text_of(cell("legal_form")), name)
        findings += form_findings
        place, place_findings = self._place(
            WrittenPlace(
                address=text_of(cell("address")),
                hamlet=text_of(cell("hamlet")),
                commune=text_of(cell("commune")),
                district=text_of(cell("district")),
                province=text_of(cell("province")),
            )
        )
        findings += place_findings
        establishment: dict[str, Value] = {
            "name": name,
            "legal_form": form,
            "rep_name": text_of(cell("rep_name")),
            "tax_code": kept(check_tax_code(tax_code)) if tax_code else None,
            "phone": kept(check_phone(phone)),
            "email": kept(check_email(number_text(cell("email")))),
            **place,
            "trade": text_of(cell("trade")),
            "vsic": kept(check_vsic(number_text(cell("vsic")))),
            "founded_year": kept(year_of(cell("founded_year"), "founded_year", self._today)),
            "note": text_of(cell("note")),
        }

        amounts: dict[str, int] = {}
        for key in self._counts:
            if (count := kept(count_of(cell(key), key))) is not None:
                amounts[key] = int(count)
        for key in self._money:
            if (amount := kept(money_of(cell(key), self._units_of_money[key], key))) is not None:
                amounts[key] = int(amount)
        findings += _findings_of_figures(amounts)
        figures: dict[str, Value] = {}
        if amounts and self._year is not None:
            figures = {
                "year": self._year,
                "basis": self._basis.value,
                **amounts,
                "source": FigureSource.LIST.value,
            }
        planned = PlannedRow(
            row.number,
            {key: value for key, value in establishment.items() if value not in ("", None)},
            figures,
            tuple(
                CellFinding(self._sheet, row.number, self._letter(found.field), found)
                for found in findings
            ),
        )
        return planned, amounts

    def _place(self, written: WrittenPlace) -> tuple[dict[str, Value], list[Finding]]:
        """Where the establishment is, as fields of the record; what nobody knows is None."""
        if not written.commune and not written.address:
            message = "Dòng này không ghi xã, phường (V-ADMIN)."
            return {}, [hard("V-ADMIN.missing", "commune", message)]
        rest, resolution = self._resolve(written)
        hamlet, street = written.hamlet, written.address if written.commune else rest
        if not hamlet and _HAMLET.match(street):
            hamlet, _, street = (part.strip() for part in street.partition(","))
        place: dict[str, Value] = {
            "hamlet": hamlet,
            "address": street,
            "old_commune": resolution.old.code if resolution.old else None,
            "address_as_written": ", ".join(text for text in written if text),
        }
        if resolution.certain and resolution.new is not None:
            place["commune"] = resolution.new.code
            return place, []
        place["commune_candidates"] = [new.code for new in resolution.candidates]
        field = "commune" if written.commune else "address"
        hint = "Chọn xã, phường trong danh sách việc cần quyết định."
        value = written.commune or written.address
        code = f"V-ADMIN.{resolution.reason}"
        return place, [soft(code, field, resolution.message, value, hint)]

    def _resolve(self, written: WrittenPlace) -> tuple[str, Resolution]:
        """The part of an address before its commune, and what the commune means.

        A commune outside our areas waits for a person, yet it may be plain which former one was written.
        """
        key = written[2:] if written.commune else written[:1]
        found = self._resolutions.get(key)
        if found is None:
            found = rest, resolution = self._resolve_within(written, self._within)
            if resolution.reason is Reason.OUTSIDE_AREA:
                _, anywhere = self._resolve_within(written, ())
                found = rest, msgspec.structs.replace(resolution, old=anywhere.old)
            self._resolutions[key] = found
        return found

    def _resolve_within(
        self, written: WrittenPlace, within: Sequence[AreaCode]
    ) -> tuple[str, Resolution]:
        if written.commune:
            return "", self._units.resolve(*written[2:], within)
        return self._units.resolve_address(written.address, within)

    def _letter(self, field: str) -> str:
        index = self._indexes.get(field)
        return "" if index is None else column_letter(index)


def _tax_code_and_phone(tax_cell: Cell, phone_cell: Cell) -> tuple[str, str]:
    """Both as written; a tax code that stands beside the telephone in one cell is told by its check digit."""
    tax_code, phones = number_text(tax_cell), several_in(phone_cell)
    if tax_code or len(phones) < 2:
        return tax_code, number_text(phone_cell)
    codes = [text for text in phones if _is_tax_code(text) and check_phone(text).findings]
    others = [text for text in phones if text not in codes]
    return (codes[0] if codes else ""), ", ".join([*others, *codes[1:]])


def _is_tax_code(text: str) -> bool:
    checked = check_tax_code(text)
    return checked.value is not None and not checked.findings


def _legal_form(written: str, name: str) -> tuple[str | None, list[Finding]]:
    form = form_written(written) if written else None
    findings = []
    if written and form is None:
        message = f"Không rõ loại hình “{written}”."
        hint = "Ghi Doanh nghiệp, HTX, Tổ hợp tác hoặc Hộ kinh doanh."
        findings.append(soft("legal_form.unknown", "legal_form", message, written, hint))
    form = form or form_of_name(name)
    return (form.value if form else None), findings


def _findings_of_name(name: str) -> list[Finding]:
    if not name:
        return [hard("name.missing", "name", "Dòng này không có tên cơ sở.")]
    if not 2 <= len(name) <= 200:
        return [hard("name.length", "name", "Tên cơ sở phải có từ 2 đến 200 ký tự.", name)]
    return []


def _zero_lost(tax_code: str) -> Finding:
    message = f"Mã số thuế {tax_code} được ghi dạng số nên mất số 0 ở đầu, đã hiểu là 0{tax_code} (V-MST)."
    return soft("V-MST.zero", "tax_code", message, tax_code)


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

"""One row of a list becomes an establishment and its figures of a year.

Owns what the cells of a row say together. Single cells are read by `cells`, values judged by `domain`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from kcdesk.domain.administrative_units import AdministrativeUnits, AreaCode
from kcdesk.domain.code_lists import FigureBasis, Gender
from kcdesk.domain.codes import (
    check_email,
    check_personal_number,
    check_phone,
    check_tax_code,
    check_vsic,
)
from kcdesk.domain.findings import Checked, Finding, hard, soft
from kcdesk.domain.text import fold
from kcdesk.domain.value import Value
from kcdesk.importing.cells import (
    CellFinding,
    column_letter,
    date_of,
    long_text_of,
    number_text,
    several_in,
    text_of,
    year_of,
)
from kcdesk.importing.columns import Column
from kcdesk.importing.figure_rows import MeasureReader
from kcdesk.importing.layout import ListRow
from kcdesk.importing.legal_forms import form_of_name, form_written
from kcdesk.importing.plan import PlannedRow
from kcdesk.importing.row_places import PlaceReader, WrittenPlace
from kcdesk.importing.workbook import Cell


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
        self._measures = MeasureReader(columns, basis)
        self._places = PlaceReader(units, within)
        self._year = year
        self._today = today

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
        tax_code, lost = _with_zero(tax_code, cell("tax_code"))
        findings += lost
        gender, gender_findings = _gender(text_of(cell("rep_gender")))
        findings += gender_findings
        personal, lost = _with_zero_of_person(number_text(cell("rep_id_no")), cell("rep_id_no"))
        findings += lost
        record = text_of(cell("record"))
        form, form_findings = _legal_form(text_of(cell("legal_form")), "" if record else name)
        findings += form_findings
        place, place_findings = self._places.read(
            WrittenPlace(
                address=text_of(cell("address")),
                hamlet=text_of(cell("hamlet")),
                commune=text_of(cell("commune")),
                district=text_of(cell("district")),
                province=text_of(cell("province")),
            )
        )
        findings += place_findings
        geo, geo_findings = self._places.coordinates(
            number_text(cell("geo")),
            number_text(cell("latitude")),
            number_text(cell("longitude")),
            place.get("commune"),
        )
        findings += geo_findings
        establishment: dict[str, Value] = {
            "name": name,
            "legal_form": form,
            "rep_name": text_of(cell("rep_name")),
            "rep_gender": gender,
            "rep_id_no": kept(check_personal_number(personal, gender=gender)),
            "reg_no": number_text(cell("reg_no")),
            "reg_date": kept(date_of(cell("reg_date"), "reg_date", self._today)),
            "tax_code": kept(check_tax_code(tax_code)) if tax_code else None,
            "phone": kept(check_phone(phone)),
            "email": kept(check_email(number_text(cell("email")))),
            **place,
            "geo": geo,
            "trade": text_of(cell("trade")),
            "vsic": kept(check_vsic(number_text(cell("vsic")))),
            "founded_year": kept(year_of(cell("founded_year"), "founded_year", self._today)),
            "note": long_text_of(cell("note")),
        }

        amounts, of_measures = self._measures.read(row)
        findings += of_measures
        figures = self._measures.figures(amounts, self._year)
        planned = PlannedRow(
            row.number,
            {key: value for key, value in establishment.items() if value not in ("", None)},
            figures,
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
    """The form that is written, else that `name` says; "" for a name that is not to be asked."""
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


def _with_zero(code: str, cell: Cell) -> tuple[str, list[Finding]]:
    """A tax code with the zero that a spreadsheet dropped at its front, where the length or the check digit tells."""
    if not (code.isascii() and code.isdigit() and len(code) in (9, 11)):
        return code, []
    whole = f"0{code}"
    if not isinstance(cell, float) and check_tax_code(whole).findings:
        return code, []
    message = f"Mã số thuế {code} mất số 0 ở đầu, đã hiểu là {whole} (V-MST)."
    return whole, [soft("V-MST.zero", "tax_code", message, code)]


def _with_zero_of_person(number: str, cell: Cell) -> tuple[str, list[Finding]]:
    """A personal number with its lost zero: those of Vietnamese provinces all begin with one."""
    if not (number.isascii() and number.isdigit() and len(number) == 11):
        return number, []
    whole = f"0{number}"
    if not isinstance(cell, float) and check_personal_number(whole).findings:
        return number, []
    message = f"Số định danh {number} mất số 0 ở đầu, đã hiểu là {whole} (V-CCCD)."
    return whole, [soft("V-CCCD.zero", "rep_id_no", message, number)]


def _gender(written: str) -> tuple[str | None, list[Finding]]:
    """The code of a gender: Nam, Nữ, or what the code list calls it."""
    if not written or written == "-":
        return None, []
    for gender in Gender:
        if fold(written) in (fold(gender.label), gender.value.casefold()):
            return gender.value, []
    message = f"Không rõ giới tính “{written}”."
    hint = "Ghi Nam hoặc Nữ."
    return None, [soft("rep_gender.unknown", "rep_gender", message, written, hint)]

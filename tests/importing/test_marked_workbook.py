"""A workbook is marked in place: what is not marked stays as it was, to the byte."""

from __future__ import annotations

import datetime
import io
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from python_calamine import CalamineWorkbook

from kcdesk.importing.marked_workbook import SheetMarks, Unmarkable, marked

RED = "FFF4B6B6"
DAY = datetime.datetime(2021, 3, 7)  # noqa: DTZ001 -- spreadsheets know no time zones


def book() -> bytes:
    """Formats, a date, empty cells between, a chart, a hidden sheet, a wide last column."""
    whole = Workbook()
    page = whole.active
    assert page is not None
    page.title = "Cơ sở & hộ"
    page.append(["Tên", "Ngày", None, "Số"])
    page.append(["Hộ <A> & B", DAY, None, 5])
    page.append(["HTX", None, None, 7.25])
    page.append([None, None, "giữa"])
    page["A2"].font = Font(name="Times New Roman", bold=True)
    page["A2"].fill = PatternFill("solid", "FF00FF00")
    page["B2"].number_format = "dd/mm/yyyy"
    page["B2"].alignment = Alignment(horizontal="right")
    page.column_dimensions["A"].width = 33
    chart = BarChart()
    chart.add_data(Reference(page, min_col=4, min_row=1, max_row=3))
    page.add_chart(chart, "H2")
    hidden = whole.create_sheet("Ẩn")
    hidden["A1"] = "=1+1"
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


MARKS = SheetMarks(
    column=4,
    head_row=1,
    head="Nhận xét",
    width=70,
    remarks={2: "sai <ngày> & tên\x0b", 4: "thiếu tên"},
    colours={(2, 1): RED, (3, 1): RED, (4, 0): RED},
)


def test_marks_remarks_and_looks() -> None:
    out = marked(book(), {"Cơ sở & hộ": MARKS})
    page = load_workbook(io.BytesIO(out))["Cơ sở & hộ"]
    assert [page.cell(row, 5).value for row in (1, 2, 3, 4)] == [
        *("Nhận xét", "sai <ngày> & tên", None, "thiếu tên"),
    ]
    assert page["E2"].alignment.wrap_text
    assert page.column_dimensions["E"].width == 70
    assert page.column_dimensions["A"].width == 33
    coloured = {
        cell.coordinate for row in page.iter_rows() for cell in row if cell.fill.fgColor.rgb == RED
    }
    assert coloured == {"B2", "B3", "A4"}
    assert page["B2"].number_format == "dd/mm/yyyy"
    assert page["B2"].alignment.horizontal == "right"
    assert page["A2"].font.name == "Times New Roman"
    assert page["A2"].fill.fgColor.rgb == "FF00FF00"


def test_values_are_those_that_were_there() -> None:
    before, after = (
        CalamineWorkbook.from_filelike(io.BytesIO(content))
        .get_sheet_by_name("Cơ sở & hộ")
        .to_python()
        for content in (book(), marked(book(), {"Cơ sở & hộ": MARKS}))
    )
    assert [row[:4] for row in after] == before


def test_everything_else_is_the_same_to_the_byte() -> None:
    before, after = parts(book()), parts(marked(book(), {"Cơ sở & hộ": MARKS}))
    assert list(before) == list(after)
    assert "xl/charts/chart1.xml" in after
    changed = {name for name, content in after.items() if content != before[name]}
    assert changed == {"xl/styles.xml", "xl/worksheets/sheet1.xml"}


def test_marked_again_the_old_remarks_are_gone() -> None:
    again = SheetMarks(4, 1, "Nhận xét", 70, {3: "chỉ dòng này"})
    out = marked(marked(book(), {"Cơ sở & hộ": MARKS}), {"Cơ sở & hộ": again})
    page = load_workbook(io.BytesIO(out))["Cơ sở & hộ"]
    assert [page.cell(row, 5).value for row in (1, 2, 3, 4)] == [
        *("Nhận xét", None, "chỉ dòng này", None),
    ]


def test_what_is_written_otherwise_is_refused() -> None:
    for content in (b"", b"PK\x03\x04", b"Ten;Xa"):
        with pytest.raises(Unmarkable):
            marked(content, {"Cơ sở & hộ": MARKS})
    with pytest.raises(Unmarkable):
        marked(book(), {"không có": MARKS})
    with pytest.raises(Unmarkable):  # no such row
        marked(book(), {"Cơ sở & hộ": SheetMarks(4, 1, "", 70, {9: "x"})})
    macros = io.BytesIO()
    with ZipFile(macros, "w") as archive:
        for name, part in parts(book()).items():
            archive.writestr(name, part.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml"))
    with pytest.raises(Unmarkable):
        marked(macros.getvalue(), {"Cơ sở & hộ": MARKS})

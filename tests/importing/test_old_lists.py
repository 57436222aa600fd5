"""Lists in old encodings come in whole: turned into Unicode, or asked about."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlwt
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.errors import BadInput
from kcdesk.importing.old_encodings import Encoding, encode
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.reading import Choices, read_in_unicode

RESOURCES = Path(__file__).parents[2] / "resources"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "old-lists.xlsx"
HEAD = ("Tên cơ sở", "Xã, phường", "Chủ cơ sở")
ROWS = [
    ("HTX chế biến gỗ Lùng Phình", "Xã Lùng Phình", "Thào Văn Thủy"),
    ("Hộ Đỗ Thành Đạt", "Xã Bảo Hà", "Đỗ Thành Đạt"),
    ("Cơ sở nấu rượu Bản Phố", "Xã Bắc Hà", "Giàng Thị Sở"),
    ("HTX thổ cẩm Tả Phìn", "Xã Tả Phìn", "Lý Mẩy Chạn"),
    ("Hộ Ưng Thị Phượng", "Xã Mường Khương", "Ưng Thị Phượng"),
    ("Xưởng mộc Nguyễn Thuỵ", "Xã Si Ma Cai", "Nguyễn Thuỵ Ngân"),
]


@pytest.fixture
def units() -> AdministrativeUnits:
    return AdministrativeUnits.read(RESOURCES / "administrative-units" / "units.tsv")


def write(path: Path, *, fonts: bool, only: set[int] | None = None, count: int = 6) -> Path:
    """The first rows, each column in another encoding; `only`: just these columns, the others in Unicode."""
    book = Workbook()
    page = book.active
    assert page is not None
    how = ((Encoding.TCVN3, ".VnTimeH"), (Encoding.VNI, "VNI-Times"), (Encoding.TCVN3, ".VnTime"))
    for number, row in enumerate((HEAD, *ROWS[:count]), 1):
        for column, text in enumerate(row):
            encoding, font = how[column]
            cell = page.cell(number, column + 1, text)
            if only is None or column in only:
                cell.value = encode(text, encoding)
            if fonts:
                cell.font = Font(name=font)
    book.save(path)
    return path


def test_each_column_is_read_as_it_was_typed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", fonts=True)
    sheet, columns = read_in_unicode(path, None, Choices())
    assert [(c.letter, c.encoding, c.is_certain) for c in columns] == [
        ("A", Encoding.TCVN3, True),
        ("B", Encoding.VNI, True),
        ("C", Encoding.TCVN3, True),
    ]
    upper = [(name.upper(), commune, owner) for name, commune, owner in (HEAD, *ROWS)]
    assert [tuple(row) for row in sheet.rows] == upper


def test_a_person_goes_before_the_guess(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", fonts=False, only={0, 1})
    _, guessed = read_in_unicode(path, None, Choices())
    assert [column.letter for column in guessed] == ["A", "B"]
    chosen = {"A": Encoding.UNICODE, "C": Encoding.VNI}
    sheet, columns = read_in_unicode(path, None, Choices(encodings=chosen))
    assert [(c.letter, c.encoding, c.reason) for c in columns if c.letter in chosen] == [
        ("A", Encoding.UNICODE, "được chọn"),
        ("C", Encoding.VNI, "được chọn"),
    ]
    assert sheet.rows[1][0] == encode(ROWS[0][0], Encoding.TCVN3)
    with pytest.raises(BadInput, match="không có cột Q"):
        read_in_unicode(path, None, Choices(encodings={"Q": Encoding.VNI}))


def test_fonts_of_xls_say_capitals_too(tmp_path: Path) -> None:
    """What was typed in small letters and shown in a font of capitals; a font of Unicode between old ones."""
    book = xlwt.Workbook()
    page = book.add_sheet("DS")
    fonts = (".VnTimeH", "VNI-Times", ".VnTime")
    for number, row in enumerate((HEAD, *ROWS)):
        for column, (text, font) in enumerate(zip(row, fonts, strict=True)):
            old = Encoding.VNI if font.startswith("VNI") else Encoding.TCVN3
            typed = text.lower() if font.endswith("H") else text
            page.write(number, column, encode(typed, old), xlwt.easyxf(f"font: name {font}"))
    page.write(7, 0, "Hộ Đỗ Thành Đạt", xlwt.easyxf("font: name Arial"))
    path = tmp_path / "cu.xls"
    book.save(str(path))
    sheet, columns = read_in_unicode(path, None, Choices())
    assert [(c.letter, c.encoding, c.is_certain) for c in columns] == [
        ("A", Encoding.TCVN3, True),
        ("B", Encoding.VNI, True),
        ("C", Encoding.TCVN3, True),
    ]
    assert [str(row[0]) for row in sheet.rows] == [
        *(name.upper() for name, *_ in (HEAD, *ROWS)),
        "Hộ Đỗ Thành Đạt",
    ]
    assert [row[2] for row in sheet.rows[:7]] == [owner for *_, owner in (HEAD, *ROWS)]


ODS_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2">
<office:font-face-decls><style:font-face style:name="f1" svg:font-family="'.VnTimeH'"/></office:font-face-decls>
<office:automatic-styles>
<style:style style:name="ce1" style:family="table-cell"><style:text-properties style:font-name="f1"/></style:style>
<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="ce1"/>
<style:style style:name="ce3" style:family="table-cell"><style:text-properties style:font-name="Arial"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="DS">
<table:table-column table:default-cell-style-name="ce2"/>
{rows}
<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


ODS_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""


def test_fonts_of_ods_say_capitals_too(tmp_path: Path) -> None:
    """By the column, by a style that goes back to another; one cell in a font of Unicode."""
    names = [name for name, *_ in (HEAD, *ROWS)]
    said = [(encode(name.lower(), Encoding.TCVN3), "") for name in names]
    said.append(("Hộ Đỗ Thành Đạt", ' table:style-name="ce3"'))
    rows = "".join(
        f'<table:table-row><table:table-cell office:value-type="string"{style}>'
        f"<text:p>{text}</text:p></table:table-cell></table:table-row>"
        for text, style in said
    )
    path = tmp_path / "cu.ods"
    with ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        parts.writestr("content.xml", ODS_CONTENT.format(rows=rows))
    sheet, (column,) = read_in_unicode(path, None, Choices())
    assert (column.encoding, column.is_certain) == (Encoding.TCVN3, True)
    assert [row[0] for row in sheet.rows[:8]] == [*map(str.upper, names), "Hộ Đỗ Thành Đạt"]


def test_plain_unicode_is_left_alone(tmp_path: Path) -> None:
    sheet, columns = read_in_unicode(
        write(tmp_path / "a.xlsx", fonts=False, only=set()), None, Choices()
    )
    assert columns == ()
    assert sheet.rows[1] == list(ROWS[0])


def test_vps_is_named_and_refused(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for number in range(1, 8):
        page.cell(number, 1, "Hµ ±²³½").font = Font(name="VPS Times")
    path = tmp_path / "a.xlsx"
    book.save(path)
    with pytest.raises(BadInput, match="bảng mã VPS") as refused:
        read_in_unicode(path, None, Choices())
    assert refused.value.code == "unsupported_encoding"
    read_in_unicode(path, None, Choices(encodings={"A": Encoding.UNICODE}))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the sample data is not beside the project")
@pytest.mark.parametrize("name", ["TCVN3", "TCVN3 chu hoa", "VNI", "NFD"])
def test_the_sample_workbook_comes_in_letter_by_letter(
    units: AdministrativeUnits, name: str
) -> None:
    truth: list[dict[str, Any]] = json.loads(SHARED.with_suffix(".truth.json").read_bytes())[
        "sheets"
    ][name]
    sheet, columns = read_in_unicode(SHARED, name, Choices())
    assert columns
    assert all(column.is_certain for column in columns)
    plan = plan_establishments(sheet, units, ["old:10"], year=2020)
    assert len(plan.rows) == len(truth)
    assert plan.rejected == ()
    for planned, meant in zip(plan.rows, truth, strict=True):
        read = planned.establishment
        on_paper = meant["name"].upper() if name == "TCVN3 chu hoa" else meant["name"]
        assert read["name"] == on_paper
        assert read["rep_name"] == meant["owner"]
        assert read["trade"] == meant["trade"]
        assert "commune" in read


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the sample data is not beside the project")
def test_every_text_of_the_sample_workbook_is_composed_afterwards() -> None:
    for name in load_workbook(SHARED, read_only=True).sheetnames:
        sheet, _ = read_in_unicode(SHARED, name, Choices())
        texts = [cell for row in sheet.rows for cell in row if isinstance(cell, str)]
        assert [t for t in texts if unicodedata.normalize("NFC", t) != t] == []

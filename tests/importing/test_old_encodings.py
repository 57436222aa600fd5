"""Lists typed in TCVN3 and VNI come in as they were read on paper; what was Unicode stays as it is."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Font

from kcdesk.importing.encoding_detection import detect_columns, in_unicode
from kcdesk.importing.fonts import read_fonts
from kcdesk.importing.old_encodings import TCVN3, Encoding, decode, encode
from kcdesk.importing.workbook import Sheet, read_sheet

SMALL = "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ"
LETTERS = SMALL + SMALL.upper()
SEVEN = "ĂÂÊÔƠƯĐ"
NAMES = [
    "HTX chế biến gỗ Lùng Thẩn",
    "Hộ Đỗ Thành Đạt",
    "Công ty TNHH Mường Khương",
    "Cơ sở nấu rượu Bản Phố",
    "Xưởng mộc Ân Nguyễn Thuỵ",
    "Hộ Ưng Thị Ỷ",
    "HTX thổ cẩm Tả Phìn",
    "Hộ Giàng Seo Phử",
]


def test_all_letters_with_marks_are_there() -> None:
    assert len(LETTERS) == 134
    assert len(TCVN3) == len(SMALL) + len(SEVEN) == 74
    assert set(TCVN3.values()) == {*SMALL, *SEVEN}


@given(st.text(alphabet=LETTERS + " abcxyzABCXYZ.,-0123456789", max_size=40))
def test_vni_there_and_back(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert decode(encode(text, Encoding.VNI), Encoding.VNI) == text


@given(st.text(alphabet=SMALL + SEVEN + " abcxyzABCXYZ.,-0123456789", max_size=40))
def test_tcvn3_there_and_back(text: str) -> None:
    assert decode(encode(text, Encoding.TCVN3), Encoding.TCVN3) == text


@given(st.text(alphabet=LETTERS + " abcxyzABCXYZ.,-0123456789", max_size=40))
def test_tcvn3_with_its_font_of_capitals_there_and_back(text: str) -> None:
    """All letters in both cases: each run of capitals stands in the font of capitals, as it is typed."""
    typed = [
        (encode(letter.lower(), Encoding.TCVN3), letter.isupper())
        for letter in unicodedata.normalize("NFC", text)
    ]
    read = (decode(code, Encoding.TCVN3, capitals=capitals) for code, capitals in typed)
    assert "".join(read) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("letter", SMALL)
def test_tcvn3_capitals_are_small_letters_in_a_font_of_capitals(letter: str) -> None:
    code = encode(letter, Encoding.TCVN3)
    assert decode(code, Encoding.TCVN3, capitals=True) == letter.upper()


def test_tcvn3_is_what_the_system_says() -> None:
    if shutil.which("iconv") is None:
        pytest.skip("no iconv on this machine")
    for code, letter in TCVN3.items():
        said = subprocess.run(
            ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"],
            input=code.encode("latin-1"),
            capture_output=True,
            check=True,
        )
        assert unicodedata.normalize("NFC", said.stdout.decode()) == letter
        written = subprocess.run(
            ["iconv", "-f", "UTF-8", "-t", "TCVN5712-1"],
            input=letter.encode(),
            capture_output=True,
            check=True,
        )
        assert written.stdout.decode("latin-1") == encode(letter, Encoding.TCVN3) == code


@given(st.sampled_from([Encoding.TCVN3, Encoding.VNI]), st.text(max_size=60))
def test_decoding_never_fails(encoding: Encoding, text: str) -> None:
    decoded = decode(text, encoding)
    assert unicodedata.is_normalized("NFC", decoded)


def test_the_soft_hyphen_is_a_letter() -> None:
    assert decode("Mêng Kh\xad¬ng", Encoding.TCVN3) == "Mờng Khương"
    assert decode("M\xadêng Kh\xad¬ng", Encoding.TCVN3) == "Mường Khương"


def sheet_of(columns: list[list[str]]) -> Sheet:
    return Sheet("a.xlsx", "Trang 1", [list(row) for row in zip(*columns, strict=True)])


@pytest.mark.parametrize("encoding", [Encoding.TCVN3, Encoding.VNI])
def test_columns_are_told_apart_by_what_they_say(encoding: Encoding) -> None:
    old = [encode(name, encoding) for name in NAMES]
    codes = [f"53030{number:05}" for number in range(len(NAMES))]
    sheet = sheet_of([codes, old, NAMES])
    (column,) = detect_columns(sheet)
    assert (column.index, column.letter, column.encoding) == (1, "B", encoding)
    assert column.is_certain
    assert column.samples[0] == (old[0], NAMES[0])
    assert in_unicode(sheet, {1: encoding}).rows == sheet_of([codes, NAMES, NAMES]).rows


def test_plain_unicode_is_nothing_to_report() -> None:
    sheet = sheet_of([NAMES, ["Nguyễn Đức Ân", "Lò Văn Ỏ", "Má A Quỳnh", *NAMES[3:]]])
    assert detect_columns(sheet) == ()


def test_a_column_of_few_words_follows_its_neighbours() -> None:
    old = [encode(name, Encoding.TCVN3) for name in NAMES]
    few = ["", "", "", "", "", "", encode("Hộ cá thể", Encoding.TCVN3), ""]
    assert [column.is_certain for column in detect_columns(sheet_of([few]))] == [False]
    together = detect_columns(sheet_of([old, few]))
    assert [column.is_certain for column in together] == [True, True]
    assert "cột bên cạnh" in together[1].reason


def test_a_word_that_reads_both_ways_is_for_a_person() -> None:
    old = [encode(name, Encoding.TCVN3) for name in NAMES]
    both = ["Hé", *["" for _ in NAMES[1:]]]  # in TCVN3: Hộ
    assert detect_columns(sheet_of([both])) == ()
    column = detect_columns(sheet_of([old, both]))[1]
    assert (column.samples, column.is_certain) == ((("Hé", "Hộ"),), False)


@pytest.mark.parametrize(
    "plain",
    [
        ["Xã Long Phú", "Xã Mường Hum"],  # ườ is no character of TCVN3
        ["Mã ngành", "2511"],  # a head, and only so
    ],
)
def test_a_column_that_shows_that_it_is_unicode_is_left_alone(plain: list[str]) -> None:
    old = [encode(name, Encoding.TCVN3) for name in NAMES]
    beside = [*plain, *["" for _ in NAMES[2:]]]
    assert [column.letter for column in detect_columns(sheet_of([old, beside]))] == ["A"]


def test_a_font_of_unicode_says_so() -> None:
    old = [encode(name, Encoding.TCVN3) for name in NAMES]
    both = ["Hé", *["" for _ in NAMES[1:]]]
    fonts = {(row, 0): ".VnTime" for row in range(len(NAMES))}
    sheet = sheet_of([old, both])
    assert len(detect_columns(sheet, fonts)) == 2
    assert len(detect_columns(sheet, fonts | {(0, 1): "Times New Roman"})) == 1


def test_a_cell_that_was_unicode_already_stays() -> None:
    mixed = [encode(name, Encoding.TCVN3) for name in NAMES] + ["Xã Tả Phời"]
    sheet = sheet_of([mixed])
    turned = in_unicode(sheet, {0: Encoding.TCVN3})
    assert [row[0] for row in turned.rows] == [*NAMES, "Xã Tả Phời"]


def test_decomposed_letters_are_put_together() -> None:
    apart = [unicodedata.normalize("NFD", name) for name in NAMES]
    sheet = sheet_of([apart])
    (column,) = detect_columns(sheet)
    assert column.encoding is Encoding.DECOMPOSED
    assert [row[0] for row in in_unicode(sheet, {0: column.encoding}).rows] == NAMES


def test_fonts_settle_it_and_say_capitals(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for number, name in enumerate(NAMES, 1):
        page.cell(number, 1, encode(name.lower(), Encoding.TCVN3)).font = Font(name=".VnTimeH")
        page.cell(number, 2, encode(name, Encoding.VNI)).font = Font(name="VNI-Times")
        page.cell(number, 3, "±²³").font = Font(name="VPS Times")
        page.cell(number, 4, name).font = Font(name="Times New Roman")
    path = tmp_path / "cũ.xlsx"
    book.save(path)
    sheet = read_sheet(path)
    fonts = read_fonts(path, sheet.name)
    columns = detect_columns(sheet, fonts)
    assert [(column.letter, column.encoding) for column in columns] == [
        ("A", Encoding.TCVN3),
        ("B", Encoding.VNI),
        ("C", Encoding.VPS),
    ]
    assert all(column.is_certain for column in columns)
    turned = in_unicode(sheet, {column.index: column.encoding for column in columns}, fonts)
    assert [row[0] for row in turned.rows] == [name.upper() for name in NAMES]
    assert [row[1] for row in turned.rows] == NAMES
    assert [row[2] for row in turned.rows] == ["±²³"] * len(NAMES)
    assert [row[3] for row in turned.rows] == NAMES


def test_files_without_fonts_give_none(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a;b\n", "utf-8")
    assert read_fonts(path, "x") == {}

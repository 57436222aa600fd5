"""Files that are no list: one clear sentence each."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from kcdesk.errors import BadInput
from kcdesk.importing.encoding_detection import detect_columns, in_unicode
from kcdesk.importing.layout import read_layout
from kcdesk.importing.old_encodings import Encoding, encode
from kcdesk.importing.workbook import Sheet, read_sheet

FIXTURES = Path(__file__).parent / "fixtures"
REGISTER = Path(__file__).parents[2] / "resources" / "samples" / "lao-cai-register.xlsx"


def refused(path: Path, sheet: str | None = None) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_sheet(path, sheet)
    message = caught.value.message
    assert message.endswith(".")
    assert ". " not in message  # one sentence
    assert "\n" not in message
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        "Không có gì ở đây.\n".encode(),
        b"%PDF-1.7\n...",
        b"\x00" * 4096,
    ],
    ids=["empty", "prose", "pdf", "zeros"],
)
def test_a_file_that_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "danh sách.xlsx"
    path.write_bytes(content)
    error = refused(path)
    assert error.code == "no_workbook"
    assert "“danh sách.xlsx” không phải bảng tính" in error.message


LIST = 'STT;Tên cơ sở;Xã, phường\n1;Hộ Đỗ Thành Đạt;Mường Khương\n2;"HTX; Ân";Bản Phố\n'
ROWS = [
    ["STT", "Tên cơ sở", "Xã, phường"],
    ["1", "Hộ Đỗ Thành Đạt", "Mường Khương"],
    ["2", "HTX; Ân", "Bản Phố"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_lists_as_text(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "danh sách.csv"
    text = LIST.replace(";", separator).replace(f"HTX{separator} Ân", "HTX; Ân")
    path.write_bytes(text.encode(encoding))
    sheet = read_sheet(path)
    assert (sheet.source, sheet.name, sheet.rows) == ("danh sách.csv", "danh sách", ROWS)
    assert read_layout(sheet).header == ("STT", "Tên cơ sở", "Xã, phường")
    assert "danh sách" in refused(path, "Sheet2").hint


@pytest.mark.parametrize("old", [Encoding.TCVN3, Encoding.VNI])
def test_lists_as_text_in_an_old_encoding(tmp_path: Path, old: Encoding) -> None:
    path = tmp_path / "cũ.csv"
    rows = [ROWS[0], *ROWS[1:] * 5]
    text = "\n".join("\t".join(row) for row in rows)
    path.write_bytes(encode(text, old).encode("latin-1"))
    sheet = read_sheet(path)
    columns = detect_columns(sheet)
    assert {column.encoding for column in columns} == {old}
    assert in_unicode(sheet, {column.index: old for column in columns}).rows == rows


def test_a_workbook_cut_short_in_copying(tmp_path: Path) -> None:
    path = tmp_path / "nửa.xlsx"
    path.write_bytes(REGISTER.read_bytes()[:100_000])
    error = refused(path)
    assert error.code == "no_workbook"
    assert "bị hỏng" in error.message


def test_a_workbook_locked_with_a_password() -> None:
    # Encrypted as Excel does it (ECMA-376 agile encryption, msoffcrypto-tool 6.1.0).
    error = refused(FIXTURES / "locked.xlsx")
    assert error.code == "locked"
    assert error.message == "Tệp “locked.xlsx” bị khóa bằng mật khẩu."
    assert "bỏ mật khẩu" in error.hint


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "Không tìm thấy tệp" in refused(tmp_path / "không có.xlsx").message
    assert "là thư mục" in refused(tmp_path).message


def test_a_sheet_that_is_not_there_or_empty(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Một"
    book.create_sheet("Hai")["B2"] = "x"
    hidden = book.create_sheet("Ẩn")
    hidden["A1"], hidden.sheet_state = "y", "hidden"
    path = tmp_path / "b.xlsx"
    book.save(path)

    error = refused(path, "Ba")
    assert "“Ba”" in error.message
    assert error.hint == "Các trang tính có thể chọn: Một, Hai."
    assert "còn trống" in refused(path, "Một").message
    assert read_sheet(path) == Sheet("b.xlsx", "Hai", [["", ""], ["", "x"]], hidden=("Ẩn",))
    assert read_sheet(path, "Ẩn").rows == [["y"]]

    book.remove(book["Hai"])
    book.remove(book["Ẩn"])
    book.save(path)
    assert "không có trang tính nào có dữ liệu" in refused(path).message


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "register.xls"
    path.write_bytes(REGISTER.read_bytes())
    assert len(read_sheet(path).rows) == 6541


def test_a_sheet_without_a_head() -> None:
    cells = [["Báo cáo", ""], ["Hộ Lý A Sử", "Xã Cốc Mỳ"], ["Hộ Má A Páo", "Phường Sa Pa"]]
    with pytest.raises(BadInput, match="Không tìm thấy dòng tiêu đề") as caught:
        read_layout(Sheet("a.xlsx", "Sheet1", [[*row] for row in cells]))
    assert caught.value.code == "no_header"

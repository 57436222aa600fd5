"""Form files: the shipped ones are good, a bad one is refused with a sentence that says where."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from kcdesk.documents import list_forms, load_form
from kcdesk.documents.form import FORMS
from kcdesk.errors import BadInput, NotFound

GOOD = (FORMS / "F02.toml").read_text("utf-8")


def write(folder: Path, text: str, name: str = "F02.toml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def test_f02_is_listed() -> None:
    (info,) = [info for info in list_forms() if info.id == "F02"]
    assert info.title == "Đơn đề nghị hỗ trợ kinh phí khuyến công"
    assert (info.family, info.source) == ("B", "needs")


def test_an_unknown_form_is_not_found() -> None:
    with pytest.raises(NotFound, match="F99"):
        load_form("F99")


def test_a_form_id_is_no_path() -> None:
    with pytest.raises(NotFound):
        load_form("../documents/F02")


def test_a_province_replaces_a_form_by_its_own_file(tmp_path: Path) -> None:
    text = GOOD.replace("Đơn đề nghị hỗ trợ", "Đơn xin hỗ trợ", 1)
    folder = write(tmp_path, unicodedata.normalize("NFD", text))
    assert load_form("F02", folder).title == "Đơn xin hỗ trợ kinh phí khuyến công"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('id = "F02"', "id = F02", "dòng 5"),
        ('id = "F02"', 'id = "F03"', "khác tên tệp"),
        ('family = "B"', 'family = "C"', "khóa family: “C” không có trong danh sách"),
        ('family = "B"', "", "thiếu “family”"),
        ('family = "B"', 'family = "B"\ncolour = "red"', "không hiểu “colour”"),
        ('label = "Email"', "label = 5", "fields.*: kiểu giá trị phải là str"),
        ('kind = "grid"', 'kind = "picture"', r"body\[\d+\].*“picture”"),
        ("{email}", "{e_mail}", r"khóa body\[\d+\]: trường “e_mail” chưa khai báo"),
        ("{email}", "{email", "ngoặc nhọn"),
        ("{total:words}", "{total:roman}", "cách in “roman”"),
        ('codes = "gender"', 'codes = "genders"', "không có danh mục “genders”"),
        ("width = 110", "width = 111", "166 mm"),
        ('head = "Xuất xứ", width = 16', 'head = "Xuất xứ", width = 17', "158 mm"),
        ('["Nguồn khác", "{other}"]', '["Nguồn khác"]', "1 ô"),
        ('key = "machines_to_buy"', 'key = "machines"', "“machines” chưa khai báo"),
        ('name = "signer_name"', 'name = "signer"', "khóa signature: trường “signer”"),
        ('item = "{name} (', 'item = "{name} {', "ngoặc nhọn"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert old in GOOD
    folder = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(BadInput, match=reason) as refused:
        load_form("F02", folder)
    assert refused.value.message.startswith("Tệp mẫu F02.toml không dùng được: ")
    assert refused.value.hint


def test_a_file_in_an_old_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "F02.toml").write_bytes(b'title = "\xde"')
    with pytest.raises(BadInput, match="UTF-8"):
        list_forms(tmp_path)

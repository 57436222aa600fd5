"""Form files: the shipped ones are good, a bad one is refused with a sentence that says where."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from kcdesk.documents import list_forms, load_form
from kcdesk.documents.form_files import FORMS
from kcdesk.documents.toml_lines import lines_of
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
        ('id = "F02"', "id = F02", r"dòng 5: .*cột 6"),
        ('id = "F02"', 'id = "F03"', "dòng 5, khóa id: “F03” khác tên tệp"),
        ('family = "B"', 'family = "C"', "dòng 7, khóa family: “C” không có trong danh sách"),
        ('family = "B"', "", "thiếu “family”"),
        (
            'family = "B"',
            'family = "B"\ncolour = "red"',
            "dòng 8, khóa colour: không hiểu “colour”",
        ),
        ('label = "Nội dung đề nghị"', "label = 5", r"fields.*: kiểu giá trị phải là str"),
        (
            'include = ["EST", "FUND", "SIGN"]',
            'include = ["EST", "FUNDS", "SIGN"]',
            "dòng 10.*không có khối “FUNDS”",
        ),
        ('part = "FUND.table"', 'part = "FUND.list"', r"dòng 24.*không có phần “FUND.list”"),
        (
            "{purpose}",
            "{purposes}",
            r"dòng 19, khóa body.\d+.texts.1: trường “purposes” chưa khai báo",
        ),
        ("{purpose}", "{purpose", "ngoặc nhọn"),
        ("{purpose}", "{purpose:roman}", "cách in “roman”"),
        ("{purpose}", "{purpose:boxes}", "boxes cần trường kiểu code"),
        ('codes = "activity_group"', 'codes = "groups"', "không có danh mục “groups”"),
        ('head = "Xuất xứ", width = 16', 'head = "Xuất xứ", width = 17', "158 mm"),
        ('key = "machines_to_buy"', 'key = "machines"', "“machines” chưa khai báo"),
        (
            'name = "signer_name"',
            'name = "signer"',
            "dòng 11, khóa signatures.0.0: trường “signer”",
        ),
        ('  "Cơ sở chúng tôi xin cam kết:",', '  { kind = "picture" },', r"“picture”"),
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


def test_a_fault_in_a_shared_block_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    block = (FORMS / "blocks" / "FUND.toml").read_text("utf-8").replace("{kcdp}", "{kcxx}")
    (tmp_path / "blocks" / "FUND.toml").write_text(block, "utf-8")
    folder = write(tmp_path, GOOD)
    line = next(n for n, text in enumerate(block.splitlines(), 1) if "{kcxx}" in text)
    with pytest.raises(BadInput, match=rf"FUND\.toml .*dòng {line}, .*“kcxx” chưa khai báo"):
        load_form("F02", folder)


def test_a_province_adds_a_form(tmp_path: Path) -> None:
    text = GOOD.replace('id = "F02"', 'id = "LC01"')
    assert load_form("LC01", write(tmp_path, text, "LC01.toml")).id == "LC01"
    assert "LC01" in [info.id for info in list_forms(tmp_path)]
    assert "F02" in [info.id for info in list_forms(tmp_path)]


@pytest.mark.parametrize("path", sorted(FORMS.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_key_of_a_file_has_its_line(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = lines_of(text)

    def keys(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
        inner = (
            value.items()
            if isinstance(value, dict)
            else enumerate(value)
            if isinstance(value, list)
            else ()
        )
        for name, one in inner:
            yield (*at, name)
            yield from keys(one, (*at, name))

    assert set(lines) == set(keys(tomllib.loads(text)))
    rows = text.splitlines()
    for key, line in lines.items():
        assert isinstance(key[-1], int) or key[-1] in rows[line - 1]

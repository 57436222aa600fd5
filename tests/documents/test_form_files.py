"""Form files: the shipped ones are good, a bad one is refused with a sentence that says where."""

from __future__ import annotations

import datetime
import io
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest

from kcdesk.documents import Manner, check_block, list_forms, load_form, render
from kcdesk.documents.form_files import FORMS
from kcdesk.documents.samples import sample_issuer, sample_record
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


def with_block(folder: Path, name: str, text: str) -> Path:
    (folder / "blocks").mkdir(exist_ok=True)
    (folder / "blocks" / name).write_text(text, "utf-8")
    return folder


FUND = (FORMS / "blocks" / "FUND.toml").read_text("utf-8")
LAW = (FORMS / "blocks" / "LAW.toml").read_text("utf-8")


def test_a_block_of_a_province_goes_before_ours_in_every_form(tmp_path: Path) -> None:
    (label,) = [line for line in FUND.splitlines() if line.startswith("kcdp = ")]
    folder = with_block(tmp_path, "FUND.toml", FUND.replace(label, 'kcdp = { label = "Vốn tỉnh" }'))
    assert load_form("F02", folder).fields["kcdp"].label == "Vốn tỉnh"
    assert load_form("F02").fields["kcdp"].label != "Vốn tỉnh"


def test_a_law_of_a_province_stands_on_its_papers(tmp_path: Path) -> None:
    text = (FORMS / "F10.toml").read_text("utf-8")
    assert 'laws = ["' in text
    folder = write(tmp_path, text.replace('laws = ["', 'laws = ["NQ_TINH", "', 1), "F10.toml")
    with pytest.raises(BadInput, match="NQ_TINH"):
        load_form("F10", folder)
    law = '\n[NQ_TINH]\ntext = "Căn cứ Nghị quyết của tỉnh"\nfrom = 2026-01-01\n'
    with_block(folder, "LAW.toml", LAW + law)
    form = load_form("F10", folder)
    record, issuer = sample_record(form), Manner(sample_issuer(form))

    def text_on(day: datetime.date) -> str:
        dated = {**record, "date": day.isoformat()}
        pdf = render(form, dated, version="", on_date=day, manner=issuer)
        return pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()

    assert "Căn cứ Nghị quyết của tỉnh" in text_on(datetime.date(2026, 5, 20))
    assert "Căn cứ Nghị quyết của tỉnh" not in text_on(datetime.date(2025, 12, 31))


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("FUND.toml", "label = ", "lable = ", r"dòng \d+, khóa fields.\w+.lable: không hiểu “lable”"),
        ("FUND.toml", "[fields]", '[fields]\nx = { label = "X", type = "colour" }',
         r"khóa fields.x.type: “colour” không có trong danh sách"),
        ("FUND.toml", "[fields]", "[parts.more]\n[fields]", "giá trị|kiểu"),
        ("LAW.toml", "text = ", "txt = ", r"dòng \d+, khóa .*txt: không hiểu “txt”"),
        ("LAW.toml", "from = 2012-07-05", 'from = "hôm qua"', r"dòng \d+, khóa ND45.from"),
    ],
)  # fmt: skip
def test_a_bad_block_is_refused_with_a_sentence(
    tmp_path: Path, name: str, old: str, new: str, reason: str
) -> None:
    text = (FORMS / "blocks" / name).read_text("utf-8")
    assert old in text
    folder = with_block(tmp_path, name, text.replace(old, new, 1))
    with pytest.raises(BadInput, match=reason) as refused:
        check_block(folder / "blocks" / name)
    assert refused.value.message.startswith(f"Tệp mẫu {name} không dùng được")


def test_checking_a_block_checks_the_forms_that_take_it_up(tmp_path: Path) -> None:
    folder = with_block(tmp_path, "FUND.toml", FUND)
    used = [info.id for info in check_block(folder / "blocks" / "FUND.toml")]
    assert "F02" in used
    assert "F31" not in used
    with_block(
        folder,
        "FUND.toml",
        FUND.replace("[parts]", "[others]").replace("table = [", "tabel = [", 1),
    )
    with pytest.raises(BadInput):
        check_block(folder / "blocks" / "FUND.toml")


def test_a_block_takes_up_no_other_block(tmp_path: Path) -> None:
    text = '[parts]\nfull = [{ kind = "block", part = "EST.full" }]\n'
    folder = with_block(tmp_path, "MINE.toml", text)
    with pytest.raises(BadInput, match="không lấy phần của khối khác"):
        check_block(folder / "blocks" / "MINE.toml")


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

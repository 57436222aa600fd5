"""Bad input: one clear sentence each, exit status 1, one JSON document, and nothing half done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.conftest import ROOT, Kcdesk, Result, process
from tests.storage.workspaces import DIVIDED

LOCKED = ROOT / "tests" / "importing" / "fixtures" / "locked.xlsx"


def edited(path: Path, edit: Callable[[object], None]) -> Path:
    book = openpyxl.load_workbook(DIVIDED)
    edit(book.active)
    book.save(path)
    return path


def no_workbook(folder: Path) -> Path:
    path = folder / "danh-sach.xlsx"
    path.write_text("Đây là một bức thư.", "utf-8")
    return path


def cut_in_half(folder: Path) -> Path:
    path = folder / "cut.xlsx"
    path.write_bytes(DIVIDED.read_bytes()[:4000])
    return path


def without_names(folder: Path) -> Path:
    return edited(folder / "no-names.xlsx", lambda sheet: sheet.delete_cols(2))  # type: ignore[attr-defined]


def without_communes(folder: Path) -> Path:
    return edited(folder / "no-communes.xlsx", lambda sheet: sheet.delete_cols(8))  # type: ignore[attr-defined]


def without_head(folder: Path) -> Path:
    return edited(folder / "no-head.xlsx", lambda sheet: sheet.delete_rows(1, 6))  # type: ignore[attr-defined]


def words_for_numbers(folder: Path) -> Path:
    def write(sheet: object) -> None:
        for row in range(7, 15):
            sheet.cell(row, 13).value = "rất nhiều"  # type: ignore[attr-defined]

    return edited(folder / "words.xlsx", write)


def nothing_in_it(folder: Path) -> Path:
    path = folder / "empty.xlsx"
    openpyxl.Workbook().save(path)
    return path


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no file": (lambda folder: folder / "nowhere.xlsx", "Không tìm thấy tệp"),
    "a folder": (lambda folder: folder, "là thư mục"),
    "no workbook": (no_workbook, "không phải bảng tính"),
    "half a workbook": (cut_in_half, "bị hỏng"),
    "locked": (lambda folder: LOCKED, "bị khóa bằng mật khẩu"),
    "empty": (nothing_in_it, "không có trang tính nào có dữ liệu"),
    "no column of names": (without_names, "ột"),
    "no column of communes": (without_communes, "ột"),
    "no head": (without_head, "Chưa chắc các cột"),
    "words for numbers": (words_for_numbers, "rất nhiều"),
}


def refused(result: Result, code: str | None = None) -> dict[str, Any]:
    assert result.status == 1
    document = json.loads(result.out)
    assert set(document) == {"error"}
    error = document["error"]
    assert set(error) - {"problems"} == {"code", "message", "hint"}
    assert all(problem["sentence"] for problem in error.get("problems", ()))
    assert error["message"].endswith((".", "!", "”"))
    assert error["message"] in result.err
    assert "Traceback" not in result.err
    if code is not None:
        assert error["code"] == code
    return dict(error)


@pytest.mark.parametrize("kind", FILES)
def test_a_list_that_cannot_be_imported(lan: Kcdesk, tmp_path: Path, kind: str) -> None:
    make, said = FILES[kind]
    path = make(tmp_path)
    error = refused(lan("import", "establishments", path, "--json"))
    assert said in error["message"]
    plain = lan("import", "establishments", path)
    assert (plain.status, plain.out) == (1, "")
    assert plain.err.splitlines()[0] == error["message"]
    assert lan.json("status")["changes"] == 0


def test_a_row_that_cannot_be_imported_is_named_and_the_others_are_in(
    lan: Kcdesk, tmp_path: Path
) -> None:
    def write(sheet: object) -> None:
        sheet["M8"] = "rất nhiều"  # type: ignore[index]

    path = edited(tmp_path / "one.xlsx", write)
    error = refused(lan("import", "establishments", path, "--all-or-nothing", "--json"))
    assert "ô M8" in error["message"]
    assert lan.json("status")["changes"] == 0
    result = lan("import", "establishments", path)
    assert result.status == 0
    assert "Đã nhập 7 cơ sở" in result.out
    assert "M8" in result.err
    assert lan.json("status")["records"]["establishments"] == 7


def test_no_such_sheet(lan: Kcdesk) -> None:
    error = refused(
        lan("import", "establishments", DIVIDED, "--sheet", "Trang 9", "--json"), "no_sheet"
    )
    assert "Danh sách" in error["hint"]


NOBODY = "01900000-0000-7000-8000-00000000ffff"
COMMANDS = [
    (f"show establishments {NOBODY}", "not_found"),
    ("show establishments x", "not_found"),
    (f"show nothings {NOBODY}", "not_found"),
    ("list nothings", "not_found"),
    ("list establishments --limit 0", "bad_input"),
    ("list establishments --limit 99999999999999999999", "bad_input"),
    ("list establishments --after xyz", "bad_input"),
    ("list establishments --where comune=02989", "no_field"),
    (f"set establishments {NOBODY} name=x", "not_found"),
    ("set establishments {id} phne=0912345678", "no_field"),
    ("set establishments {id} founded_year=xưa", "bad_input"),
    ("set establishments {id} tax_code=12", "bad_input"),
    ("set establishments {id} commune=99999", "area_not_found"),
    ("set establishments {id} reg_date=31/02/2020", "bad_input"),
    ("add establishments phone=0912345678", "bad_input"),
    ("add nothings name=x", "not_found"),
    ("add needs purpose=x", "not_found"),
    ("add needs establishment={id} total=nhiều", "bad_input"),
    ("add figures establishment={id} workers=1", "bad_input"),
    ("resolve establishments {id} phone --value 0912345678", "bad_input"),
    ("communes decide {id} 99999", "area_not_found"),
    (f"communes decide {NOBODY} 02989", "not_found"),
    ("questionnaire fill F99 {answers} --establishment {id}", "not_found"),
    (f"questionnaire fill F01 {{answers}} --establishment {NOBODY}", "not_found"),
    ("questionnaire fill F01 {answers} --establishment {id}", "answer"),
    ("questionnaire fill F01 nowhere.json --establishment {id}", "bad_input"),
    ("questionnaire fill F01 {letter} --establishment {id}", "bad_input"),
    ("questionnaire fill F01 {list} --establishment {id}", "bad_input"),
    ("questionnaire check nowhere.xlsx", "no_file"),
    ("questionnaire check {letter}", None),
    ("document print F99 --blank -o {out}", "not_found"),
    ("document print F02 --record {id} -o {out}", "not_found"),
    ("document print F02 --blank -o {letter}/x.pdf", "unwritable"),
    ("document text {letter}", None),
    ("report B4 --area 99999", "area_not_found"),
    ("report B4 --area lào-cai", "area_not_found"),
    ("sync", None),
    ("join --server http://127.0.0.1:9 --code abc", None),
    ("join --server nonsense --code abc", None),
]


@pytest.mark.parametrize(("words", "code"), COMMANDS)
def test_a_command_that_is_refused_changes_nothing(
    lan: Kcdesk, tmp_path: Path, words: str, code: str | None
) -> None:
    (tmp_path / "letter").write_text("Kính gửi", "utf-8")
    (tmp_path / "list").write_text("[]", "utf-8")
    (tmp_path / "answers").write_text('{"phone": "12"}', "utf-8")
    record = lan.json("add", "establishments", "name=Hộ A")["id"]
    files = {name: tmp_path / name for name in ("letter", "list", "answers", "out")}
    before = lan.json("status")
    refused(lan(*words.format(id=record, **files).split(), "--json"), code)
    assert lan.json("status") == before
    assert not (tmp_path / "out").exists()


def test_no_keyring_and_no_passphrase(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    result = process("--workspace", folder, "init", "--name", "Lan", "--area", "old:10", "--json")
    error = refused(result, "no_key")
    assert "--passphrase-file" in error["hint"]
    assert not folder.exists()


def test_no_workspace(kcdesk: Kcdesk) -> None:
    error = refused(kcdesk("status", "--json"), "not_found")
    assert "kcdesk init" in error["hint"]
    assert not kcdesk.folder.exists()


def test_an_area_that_is_none(kcdesk: Kcdesk) -> None:
    refused(kcdesk("init", "--name", "Lan", "--area", "99999", "--json"), "area_not_found")
    assert not kcdesk.folder.exists()


def test_a_workspace_is_not_made_over_another(lan: Kcdesk) -> None:
    before = lan.json("status")
    refused(lan("init", "--name", "Hùng", "--area", "old:10", "--json"), "exists")
    assert lan.json("status") == before


def test_a_folder_that_is_a_file(kcdesk: Kcdesk, tmp_path: Path) -> None:
    kcdesk.folder.write_text("x")
    refused(kcdesk("init", "--name", "Lan", "--area", "old:10", "--json"), "read_only")
    refused(kcdesk("status", "--json"), "workspace")
    assert kcdesk.folder.read_text() == "x"


def test_the_passphrase(locked: Kcdesk) -> None:
    lan = locked
    assert lan.passphrase is not None
    right = lan.passphrase.read_bytes()
    for content, code in ((b"sai\n", "wrong_key"), (b"", "no_key"), (b"\xff\n", "no_key")):
        lan.passphrase.write_bytes(content)
        refused(lan("status", "--json"), code)
    lan.passphrase.unlink()
    refused(lan("status", "--json"), "no_key")
    lan.passphrase.write_bytes(right)
    assert lan("status").status == 0
    result = process("--workspace", lan.folder, "status", "--json")
    assert "--passphrase-file" in refused(result, "no_key")["hint"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("key.json", "wrong_key"), ("workspace.db", "wrong_key"), ("workspace.json", "workspace")],
)
def test_a_damaged_workspace(locked: Kcdesk, name: str, code: str) -> None:
    (locked.folder / name).write_bytes(b"damaged " * 2000)
    refused(locked("status", "--json"), code)
    (locked.folder / name).unlink()
    assert locked("status", "--json").status == 1

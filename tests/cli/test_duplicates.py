"""`kcdesk import` of what is there already, and `kcdesk duplicates`."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Kcdesk
from tests.storage.workspaces import DIVIDED


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """The short list with another telephone in row 8."""
    book = openpyxl.load_workbook(DIVIDED)
    sheet = book.active
    assert sheet is not None
    sheet["F8"] = "0912 000 111"
    path = tmp_path / "edited.xlsx"
    book.save(path)
    return path


def test_twice_changes_nothing_and_says_so(lan: Kcdesk) -> None:
    assert lan.json("import", "establishments", DIVIDED)["imported"] == 8
    again = lan("import", "establishments", DIVIDED)
    assert again.out.startswith("Đã nhập 0 cơ sở")
    assert "Mọi cơ sở của danh sách đều đã có, không có gì thay đổi." in again.out
    said = lan.json("import", "establishments", DIVIDED, "--update")
    assert (said["imported"], said["updated"], said["unchanged"]) == (0, 0, 8)
    assert len(said["duplicates"]) == 8
    assert all(each["match"]["verdict"] == "certain" for each in said["duplicates"])
    assert len(lan.json("list", "establishments")["records"]) == 8


def test_what_the_list_says_differently(lan: Kcdesk, edited: Path) -> None:
    lan.json("import", "establishments", DIVIDED)
    left = lan("import", "establishments", edited)
    assert "1 cơ sở đã có, danh sách ghi khác hoặc ghi thêm: chưa sửa gì" in left.out
    assert "dòng 8 HTX đan lát Long Phú: Điện thoại: +84983512660 → +84912000111" in left.out
    done = lan("import", "establishments", edited, "--update")
    assert "Đã cập nhật 1 cơ sở đã có." in done.out
    assert lan.json("list", "establishments", "--search", "0912000111")["records"]
    next_year = lan("import", "establishments", edited, "--year", "2025", "--update")
    assert "thêm số liệu năm 2025" in next_year.out
    assert lan.json("import", "establishments", edited, "--year", "2025")["unchanged"] == 8


def test_decided_row_by_row(lan: Kcdesk, edited: Path) -> None:
    lan.json("import", "establishments", DIVIDED)
    said = lan.json("import", "establishments", edited, "--row", "8=update", "--row", "9=add")
    assert (said["imported"], said["updated"]) == (1, 1)
    refused = lan("import", "establishments", edited, "--row", "99=add")
    assert refused.status == 1
    with pytest.raises(SystemExit) as stopped:
        lan("import", "establishments", edited, "--row", "8=merge")
    assert stopped.value.code == 2


def test_pairs_with_reasons_and_keeping_them_apart(lan: Kcdesk) -> None:
    assert "Không thấy cơ sở nào" in lan("duplicates").out
    fields = ["name=HTX rèn Tân Thượng", "commune=02989", "tax_code=5300000017"]
    ids = [lan.json("add", "establishments", *fields)["id"] for _ in range(2)]
    (pair,) = lan.json("duplicates")["duplicates"]
    assert sorted(ids) == [record["id"] for record in pair["records"]]
    assert pair["verdict"] == "certain"
    assert pair["score"] == sum(reason["points"] for reason in pair["reasons"])
    assert "cùng mã số thuế 5300000017" in pair["why"]
    told = lan("duplicates").out
    assert told.startswith("Trùng (")
    assert all(record in told for record in ids)
    assert lan.json("duplicates", "--different", *ids)["changed"] is True
    assert lan.json("duplicates", "--different", *ids)["changed"] is False
    assert lan.json("duplicates") == {"duplicates": []}
    assert lan("duplicates", "--different", ids[0], ids[0]).status == 1

"""`kcdesk export`: a list as a file, which comes in again as it is."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Kcdesk
from tests.storage.workspaces import DIVIDED


def test_out_and_in(lan: Kcdesk, tmp_path: Path) -> None:
    lan.json("import", "establishments", DIVIDED)
    path = tmp_path / "so.xlsx"
    assert lan.json("export", "establishments", "-o", path) == {
        "kind": "establishments",
        "records": 8,
        "file": str(path),
    }
    again = lan("import", "establishments", path, "--update")
    assert "Mọi cơ sở của danh sách đều đã có, không có gì thay đổi." in again.out


def test_only_some_of_them(lan: Kcdesk, tmp_path: Path) -> None:
    lan.json("import", "establishments", DIVIDED)
    path = tmp_path / "htx.csv"
    told = lan("export", "establishments", "-o", path, "--where", "legal_form=HTX")
    assert told.out.startswith("Đã ghi 2 hồ sơ ra")
    assert "không mã hoá" in told.out
    assert len(path.read_text("utf-8-sig").splitlines()) == 3
    assert lan("export", "establishments", "-o", tmp_path / "so.doc").status == 1


def test_lists_of_work(lan: Kcdesk, tmp_path: Path) -> None:
    undecided = lan.json("import", "establishments", DIVIDED)["undecided"]
    path = tmp_path / "cho.csv"
    said = lan.json("export", "communes", "-o", path)
    assert said["records"] == undecided > 0
    assert len(path.read_text("utf-8-sig").splitlines()) == said["records"] + 1
    refused = lan("export", "bin", "-o", tmp_path / "bin.csv", "--search", "An")
    assert "--search và --where chỉ dùng cho" in refused.err
    assert lan("export", "bin", "-o", tmp_path / "bin.xlsx").out.startswith("Đã ghi 0 dòng ra")

"""`kcdesk import` of lists in old encodings: before and after is shown, and what is not certain is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from kcdesk.importing.old_encodings import Encoding, encode
from tests.cli.conftest import Kcdesk

NAMES = ["Hộ Vàng A Páo", "Hộ Đỗ Thành Đạt", "Hộ Ưng Thị Phượng"]


@pytest.fixture
def unsure(tmp_path: Path) -> Path:
    """Three names in TCVN3, too few to be certain, without a font that tells it."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["Tªn c¬ së", "Xã, phường"])
    for name in NAMES:
        page.append([encode(name, Encoding.TCVN3), "Xã Bảo Hà"])
    path = tmp_path / "cu.xlsx"
    book.save(path)
    return path


def names(kcdesk: Kcdesk) -> list[str]:
    return sorted(record["name"] for record in kcdesk.json("list", "establishments")["records"])


def test_an_uncertain_column_is_asked_about(lan: Kcdesk, unsure: Path) -> None:
    would = lan.json("import", "establishments", unsure, "--dry-run")
    (column,) = would["encodings"]
    assert (column["column"], column["encoding"], column["open"]) == ("A", "TCVN3", True)
    assert column["samples"][0] == {"before": "Tªn c¬ së", "after": "Tên cơ sở"}
    refused = lan("import", "establishments", unsure)
    assert refused.status == 1
    assert "cột A (“Tên cơ sở”:" in refused.err
    assert "--encoding A=TCVN3" in refused.err
    assert names(lan) == []


@pytest.mark.parametrize("words", [("--encoding", "a=tcvn3"), ("--accept", "proposed")])
def test_decided_it_comes_in(lan: Kcdesk, unsure: Path, words: tuple[str, str]) -> None:
    done = lan("import", "establishments", unsure, *words)
    assert done.status == 0
    assert "Cột A gõ bằng TCVN3 (ABC)" in done.out
    assert "  Hé Vµng A P¸o → Hộ Vàng A Páo" in done.out
    assert names(lan) == sorted(NAMES)


def test_an_encoding_that_is_none(lan: Kcdesk, unsure: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        lan("import", "establishments", unsure, "--encoding", "A=VPS")
    assert stopped.value.code == 2


def test_the_columns_are_kept_for_the_next_time(lan: Kcdesk, unsure: Path, tmp_path: Path) -> None:
    kept = tmp_path / "mau.json"
    would = lan.json("import", "establishments", unsure, "--dry-run", "--save-map", kept)
    assert [(c["column"], c["field"], c["certainty"]) for c in would["columns"]] == [
        ("A", "name", 1.0),
        ("B", "commune", 1.0),
    ]
    done = lan("import", "establishments", unsure, "--map", kept)
    assert done.status == 0
    assert "  A Tên cơ sở: Tên cơ sở, chắc 100%" in done.out
    assert names(lan) == sorted(NAMES)


def test_a_column_that_is_needed_is_asked_about(lan: Kcdesk, tmp_path: Path) -> None:
    path = tmp_path / "ds.csv"
    path.write_text(
        "Tên đơn vị thụ hưởng vốn;Xã, phường;Điện thoại\nHộ A;Xã Bảo Hà;0912000111\n", "utf-8"
    )
    refused = lan("import", "establishments", path)
    assert refused.status == 1
    assert "A “Tên đơn vị thụ hưởng vốn” là “Tên cơ sở”" in refused.err
    assert "--accept proposed" in refused.err
    assert lan.json("import", "establishments", path, "--accept", "proposed")["imported"] == 1


def test_what_was_said_of_a_source_is_known_the_next_year(lan: Kcdesk, tmp_path: Path) -> None:
    first, second = tmp_path / "2023.csv", tmp_path / "2024.csv"
    head = "Tên đơn vị thụ hưởng vốn;Xã, phường;Điện thoại;Doanh thu năm {0}\n"
    first.write_text(head.format(2023) + "Hộ A;Xã Bảo Hà;0912000111;\n", "utf-8")
    second.write_text(head.format(2024) + "Hộ B;Xã Bảo Hà;0912000112;\n", "utf-8")
    assert lan("import", "establishments", first).status == 1
    done = lan.json("import", "establishments", first, "--accept", "proposed")
    assert (done["imported"], done["as_before"]) == (1, False)
    told = lan("import", "establishments", second)
    assert told.status == 0
    assert "Các cột được hiểu là, như lần nhập trước của mẫu danh sách này:" in told.out
    assert names(lan) == ["Hộ A", "Hộ B"]


def test_what_is_said_now_goes_before_what_was_kept(lan: Kcdesk, tmp_path: Path) -> None:
    path, kept = tmp_path / "ds.csv", tmp_path / "mau.json"
    path.write_text("Tên cơ sở;Xã, phường;Biệt danh\nHộ A;Xã Bảo Hà;Hộ X\n", "utf-8")
    kept.write_text('{"columns":[{"header":"Biệt danh","field":"name"}]}', "utf-8")
    assert lan.json("import", "establishments", path, "--map", kept)["imported"] == 1
    assert names(lan) == ["Hộ X"]
    kept.write_text('{"columns":[{"header":"Tên cơ sở","field":"name"}]}', "utf-8")
    assert lan.json("import", "establishments", path, "--map", kept)["imported"] == 1
    assert names(lan) == ["Hộ A", "Hộ X"]

"""Soft findings are accepted with a reason, which stays with the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Kcdesk

WRONG, RIGHT, OTHER = "0312687879", "0312687878", "0100233480"


@pytest.fixture
def record(lan: Kcdesk) -> str:
    return str(
        lan.json(
            *("add", "establishments", "name=Hộ A", f"tax_code={WRONG}"),
            *("rep_gender=FEMALE", "rep_id_no=010085000001"),
        )["id"]
    )


def found(kcdesk: Kcdesk, record: str) -> dict[str, str | None]:
    listed = kcdesk.json("finding", "list", "establishments", record)["findings"]
    return {one["code"]: one["accepted"] for one in listed}


def test_a_finding_is_accepted_and_asked_again_for_another_value(lan: Kcdesk, record: str) -> None:
    assert found(lan, record) == {"V-MST.checksum": None, "V-CCCD.gender": None}
    accept = "finding", "accept", "establishments", record, "tax_code", "V-MST.checksum"
    assert lan(*accept, "--reason", "Giấy phép cũ ghi vậy").status == 0
    assert found(lan, record) == {
        "V-CCCD.gender": None,
        "V-MST.checksum": "Giấy phép cũ ghi vậy",
    }
    assert lan.json(*accept, "--reason", "Giấy phép cũ ghi vậy") == {"changed": False}
    again = lan.json("set", "establishments", record, f"tax_code={WRONG}")
    assert again["findings"] == []
    changed = lan.json("set", "establishments", record, f"tax_code={OTHER}")
    assert [f["code"] for f in changed["findings"]] == ["V-MST.checksum"]
    assert found(lan, record)["V-MST.checksum"] is None
    lan.json("set", "establishments", record, f"tax_code={WRONG}")
    assert found(lan, record)["V-MST.checksum"] == "Giấy phép cũ ghi vậy"
    history = lan("show", "establishments", record, "--history").out
    assert "Giấy phép cũ ghi vậy" in history


def test_what_cannot_be_accepted(lan: Kcdesk, record: str) -> None:
    accept = "finding", "accept", "establishments", record, "tax_code"
    refused = lan(*accept, "V-MST.length", "--reason", "x")
    assert refused.status == 1
    assert "V-MST.checksum" in refused.err
    assert lan(*accept, "V-MST.checksum", "--reason", "  ").status == 1
    assert found(lan, record)["V-MST.checksum"] is None


def test_accepted_for_a_whole_list_and_not_asked_the_next_year(lan: Kcdesk, tmp_path: Path) -> None:
    path = tmp_path / "ds.csv"
    path.write_text(
        f"Tên cơ sở;Xã, phường;Mã số thuế\nHộ A;Xã Bảo Hà;{WRONG}\nHộ B;Xã Bảo Hà;{RIGHT}\n",
        "utf-8",
    )
    asked = lan.json("import", "establishments", path, "--dry-run")
    assert [f["code"] for f in asked["findings"]] == ["V-MST.checksum"]
    words = "--accept-finding", "V-MST.checksum=Mã cấp trước năm 2000"
    done = lan.json("import", "establishments", path, *words)
    assert (done["imported"], done["findings"]) == (2, [])
    (wrong,) = lan.json("list", "establishments", "--where", f"tax_code={WRONG}")["records"]
    assert found(lan, wrong["id"]) == {"V-MST.checksum": "Mã cấp trước năm 2000"}
    again = lan.json("import", "establishments", path)
    assert (again["imported"], again["unchanged"], again["findings"]) == (0, 2, [])
    path.write_text(path.read_text("utf-8").replace(WRONG, OTHER), "utf-8")
    other = lan.json("import", "establishments", path, "--dry-run")
    assert "V-MST.checksum" in [f["code"] for f in other["findings"]]
    assert lan("import", "establishments", path, "--accept-finding", "V-MST.checksum=").status == 1


def test_accepted_for_an_establishment_that_is_there(lan: Kcdesk, tmp_path: Path) -> None:
    path = tmp_path / "ds.csv"
    path.write_text(f"Tên cơ sở;Xã, phường;Mã số thuế\nHộ A;Xã Bảo Hà;{WRONG}\n", "utf-8")
    lan.json("import", "establishments", path)
    words = "--accept-finding", "V-MST.checksum=Đã đối chiếu", "--update"
    assert lan.json("import", "establishments", path, *words)["updated"] == 1
    again = lan.json("import", "establishments", path, *words)
    assert (again["updated"], again["unchanged"], again["findings"]) == (0, 1, [])


def test_accepted_without_an_update(lan: Kcdesk, tmp_path: Path) -> None:
    """What the establishment says already is accepted; what the list says differently waits, with its finding."""
    path = tmp_path / "ds.csv"
    head = "Tên cơ sở;Xã, phường;Mã số thuế;Điện thoại"
    there = f"Hộ Lý A;Xã Bảo Hà;{WRONG};0912000111", "HTX thổ cẩm;Xã Bảo Yên;;0912000222"
    path.write_text("\n".join((head, *there)), "utf-8")
    lan.json("import", "establishments", path)
    says = f"Hộ Lý A;Xã Bảo Hà;{WRONG};0912000333", f"HTX thổ cẩm;Xã Bảo Yên;{OTHER};0912000222"
    path.write_text("\n".join((head, *says)), "utf-8")
    words = "--accept-finding", "V-MST.checksum=Đã đối chiếu"
    done = lan.json("import", "establishments", path, *words)
    assert (done["updated"], done["waiting"], done["accepted"]) == (0, 2, 1)
    records = {r["name"]: r for r in lan.json("list", "establishments")["records"]}
    assert records["Hộ Lý A"]["phone"] == "+84912000111"
    assert "tax_code" not in records["HTX thổ cẩm"]
    assert found(lan, records["Hộ Lý A"]["id"])["V-MST.checksum"] == "Đã đối chiếu"
    asked = lan.json("import", "establishments", path, "--dry-run")
    assert [f["row"] for f in asked["findings"] if f["code"] == "V-MST.checksum"] == [3]
    taken = lan.json("import", "establishments", path, *words, "--update")
    assert (taken["updated"], taken["waiting"]) == (2, 0)
    (other,) = lan.json("list", "establishments", "--where", f"tax_code={OTHER}")["records"]
    assert found(lan, other["id"])["V-MST.checksum"] == "Đã đối chiếu"

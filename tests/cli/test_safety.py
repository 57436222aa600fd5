"""Backups, restoring and recovering through the command line: a laptop that is lost, damaged, or only worried about."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kcdesk.cli import main
from kcdesk.cli.safety import moment
from kcdesk.storage.folder.description import DATABASE_FILE
from tests.cli.conftest import Kcdesk, Result

PAGE = 4096


def add(kcdesk: Kcdesk, name: str) -> str:
    words = ("add", "establishments", f"name={name}", "legal_form=Hộ kinh doanh", "commune=02989")
    return str(kcdesk.json(*words)["id"])


def names(kcdesk: Kcdesk) -> list[str]:
    return sorted(each["name"] for each in kcdesk.json("list", "establishments")["records"])


@pytest.fixture
def elsewhere(tmp_path: Path, lan: Kcdesk) -> Kcdesk:
    """Another folder, without a workspace; the keyring is the same."""
    return Kcdesk(tmp_path / "máy khác" / "dữ liệu", lan.capture)


def test_one_file_makes_the_workspace_anew(lan: Kcdesk, elsewhere: Kcdesk, tmp_path: Path) -> None:
    add(lan, "Hộ A")
    out = tmp_path / "USB" / "sao-luu.kcdesk"
    said = lan.json("backup", "-o", out)
    assert (said["changes"], said["output"]) == (1, str(out))
    assert said["output_bytes"] == out.stat().st_size > 0
    add(lan, "Hộ B")
    before = lan.json("status")["device"]
    restored = elsewhere.json("restore", out)
    assert restored["backup"]["changes"] == 1
    assert restored["set_aside"] is None
    assert names(elsewhere) == ["Hộ A"]
    assert elsewhere.json("status")["device"] == restored["device"] != before
    assert names(lan) == ["Hộ A", "Hộ B"]


def test_a_stick_is_kept_up_to_date_and_remembered(
    lan: Kcdesk, elsewhere: Kcdesk, tmp_path: Path
) -> None:
    add(lan, "Hộ A")
    stick = tmp_path / "USB"
    assert lan("backup", "--to", stick).status == 1  # not plugged in
    stick.mkdir()
    assert lan.json("status")["backups"]["second_place"] is None
    assert "chính máy này" in lan("backup").err
    first = lan.json("backup", "--to", stick)
    assert lan.json("status")["backups"]["second_place"] == str(stick)
    assert lan.json("status")["backups"]["findings"] == []
    add(lan, "Hộ B")
    second = lan.json("backup", "--to", stick)
    assert 0 < second["output_bytes"] < first["output_bytes"] + 10_000
    assert len(lan.json("backup", "--list", "--from", stick)["backups"]) == 2
    elsewhere.json("restore", stick)
    assert names(elsewhere) == ["Hộ A", "Hộ B"]


def test_back_to_before(lan: Kcdesk) -> None:
    add(lan, "Hộ A")
    lan.json("backup")
    add(lan, "Hộ B")
    result = lan("restore")
    assert result.status == 0, result
    assert names(lan) == ["Hộ A"]
    listed = lan.json("backup", "--list")["backups"]
    assert [(each["reason"], each["changes"]) for each in listed] == [("asked", 1), ("restore", 2)]
    assert lan("backup", "--list").out.startswith("Bản sao lưu lúc ")
    assert lan("restore", "--at", "2001-01-01").status == 1
    assert names(lan) == ["Hộ A"]


def test_another_workspace_is_not_written_over(
    lan: Kcdesk, elsewhere: Kcdesk, tmp_path: Path
) -> None:
    out = tmp_path / "sao-luu.kcdesk"
    lan.json("backup", "-o", out)
    elsewhere.json("init", "--name", "Minh", "--area", "old:10")
    refused = elsewhere("restore", out, "--json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "other_workspace")
    assert elsewhere.json("status")["person"] == "Minh"


def test_a_passphrase_and_a_recovery_code_open_a_backup(
    locked: Kcdesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = tmp_path / "code"
    code.write_text(locked.json("key", "recovery-code")["recovery_code"], "utf-8")
    add(locked, "Hộ A")
    out = tmp_path / "sao-luu.kcdesk"
    locked.json("backup", "-o", out)

    def restored(name: str, *words: object) -> Result:
        capsys.readouterr()
        status = main(["--workspace", str(tmp_path / name), "restore", str(out), *map(str, words)])
        return Result(status, *capsys.readouterr())

    assert restored("one", "--json").json["error"]["code"] == "no_key"
    assert not (tmp_path / "one").exists()
    wrong = tmp_path / "wrong"
    wrong.write_text("khác", "utf-8")
    assert (
        restored("two", "--passphrase-file", wrong, "--json").json["error"]["code"] == "wrong_key"
    )
    assert restored("three", "--passphrase-file", locked.passphrase).status == 0
    assert restored("four", "--recovery-code-file", code).status == 0
    for name in ("three", "four"):
        assert names(Kcdesk(tmp_path / name, capsys, locked.passphrase)) == ["Hộ A"]


def test_damage_is_told_and_recovered(lan: Kcdesk) -> None:
    for letter in "ABCDE":
        add(lan, f"Hộ {letter}")
    lan.json("backup")
    add(lan, "Hộ G")
    path = lan.folder / DATABASE_FILE
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    refused = lan("list", "establishments")
    assert refused.status == 1
    assert "kcdesk recover" in refused.err
    result = lan.json("recover")
    assert result["from_backups"] == 5
    assert Path(result["set_aside"], DATABASE_FILE).read_bytes() == content[: len(content) // 2]
    assert set(names(lan)) >= {f"Hộ {letter}" for letter in "ABCDE"}
    said = lan("recover")  # a workspace that is whole comes to no harm
    assert said.status == 0
    assert "Không thiếu thay đổi nào" in said.out


def test_what_is_missing_is_told(lan: Kcdesk, tmp_path: Path) -> None:
    add(lan, "Hộ A")
    lan.json("backup", "-o", tmp_path / "sao-luu.kcdesk")
    add(lan, "Hộ B")
    (lan.folder / DATABASE_FILE).unlink()
    shutil.rmtree(lan.folder / "backups")
    assert lan("recover").status == 1
    said = lan("recover", "--from", tmp_path / "sao-luu.kcdesk")
    assert said.status == 0, said
    assert "Còn thiếu thay đổi số 2, từ " in said.out
    assert names(lan) == ["Hộ A"]


def test_an_import_is_backed_up_before(register: Kcdesk) -> None:
    listed = register.json("backup", "--list")["backups"]
    assert [(each["reason"], each["changes"]) for each in listed] == [("import", 0)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-03-02 08:30", 1_772_415_059_999),
        ("08:30 02/03/2026", 1_772_415_059_999),
        ("2026-03-02", 1_772_470_799_999),
        ("02/03/2026", 1_772_470_799_999),
    ],
)
def test_moments(text: str, said: int) -> None:
    assert moment(text) == said

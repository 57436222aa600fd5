"""What opens a workspace, on the command line: recovery code, passphrase, keyring, a new key, and who shares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kcdesk.ui.pdf_text import pdf_pages
from tests.cli.conftest import Kcdesk, process
from tests.storage.test_instance_lock import other_process


@pytest.fixture
def code_file(tmp_path: Path) -> Path:
    return tmp_path / "code.txt"


def opens(kcdesk: Kcdesk, *words: object) -> bool:
    kcdesk.capture.readouterr()
    return kcdesk("status", "--json", *words).status == 0


def test_init_gives_the_recovery_code_once(kcdesk: Kcdesk, code_file: Path) -> None:
    made = kcdesk.json("init", "--name", "Lan", "--area", "02989")
    assert made["findings"] == []
    code_file.write_text(made["recovery_code"] + "\n")
    assert opens(kcdesk, "--recovery-code-file", code_file)
    files = [path.read_bytes() for path in kcdesk.folder.rglob("*") if path.is_file()]
    bare = made["recovery_code"].replace("-", "").encode()
    assert not any(
        part in file for file in files for part in (made["recovery_code"].encode(), bare)
    )


def test_init_without_a_recovery_code(kcdesk: Kcdesk, code_file: Path) -> None:
    made = kcdesk.json("init", "--name", "Lan", "--area", "02989", "--no-recovery-code")
    assert made["recovery_code"] is None
    assert not (kcdesk.folder / "key.json").exists()
    code_file.write_text("7Q4X")
    assert kcdesk("status", "--recovery-code-file", code_file).status == 1


def test_init_in_words_shows_code_and_warning(
    kcdesk: Kcdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OneDrive", str(tmp_path))
    result = kcdesk("init", "--name", "Lan", "--area", "02989")
    assert result.status == 0
    assert "Mã khôi phục: " in result.out
    assert "OneDrive" in result.err


def test_a_new_code_voids_the_old_one(locked: Kcdesk, code_file: Path, tmp_path: Path) -> None:
    first = locked.json("key", "recovery-code")["recovery_code"]
    page = tmp_path / "ma.pdf"
    second = locked.json("key", "recovery-code", "-o", page)["recovery_code"]
    (text,) = pdf_pages(page)
    assert all(group in text for group in second.split("-"))
    assert "Lan" in text
    code_file.write_text(first)
    assert not opens(locked, "--recovery-code-file", code_file)
    code_file.write_text(second)
    assert opens(locked, "--recovery-code-file", code_file)
    assert opens(locked)
    assert locked("key", "recovery-code", "-o", tmp_path / "none" / "x.pdf").status == 1


def test_a_forgotten_passphrase_is_set_anew_by_the_code(
    locked: Kcdesk, code_file: Path, tmp_path: Path
) -> None:
    code_file.write_text(locked.json("key", "recovery-code")["recovery_code"])
    new = tmp_path / "moi.txt"
    new.write_text("mật khẩu mới\n")
    old, locked.passphrase = locked.passphrase, None
    words = ("key", "passphrase", "--new-passphrase-file", new, "--recovery-code-file", code_file)
    assert locked(*words).status == 0
    assert opens(locked, "--passphrase-file", new)
    assert opens(locked, "--recovery-code-file", code_file)
    assert not opens(locked, "--passphrase-file", old)


def test_from_the_keyring_to_a_passphrase_and_back(
    lan: Kcdesk, keyring_file: Path, tmp_path: Path
) -> None:
    passphrase = tmp_path / "mat-khau.txt"
    passphrase.write_text("mật khẩu của Lan")
    workspace = json.loads((lan.folder / "workspace.json").read_text())["id"]
    assert f"kcdesk/{workspace}" in json.loads(keyring_file.read_text())
    assert lan("key", "passphrase", "--new-passphrase-file", passphrase).status == 0
    assert f"kcdesk/{workspace}" not in json.loads(keyring_file.read_text())
    assert not opens(lan)
    lan.passphrase = passphrase
    assert lan("key", "keyring").status == 0
    lan.passphrase = None
    assert opens(lan)
    passphrase.write_text("")
    assert lan("key", "passphrase", "--new-passphrase-file", passphrase).status == 1
    assert opens(lan)


def test_a_new_key_with_everything_in_place(locked: Kcdesk, code_file: Path) -> None:
    record = locked.json("add", "establishments", "name=Hộ Vàng A Páo")["id"]
    old = locked.json("key", "recovery-code")["recovery_code"]
    before = (locked.folder / "workspace.db").read_bytes()
    locked.json("backup")
    said = locked.json("key", "new")
    assert [one["reason"] for one in locked.json("backup", "--list")["backups"]] == ["asked"]
    assert locked.json("show", "establishments", record)["name"] == "Hộ Vàng A Páo"
    after = (locked.folder / "workspace.db").read_bytes()
    pages = range(0, min(len(before), len(after)), 4096)
    assert not any(before[at : at + 4096] == after[at : at + 4096] for at in pages)
    code_file.write_text(said["recovery_code"])
    assert opens(locked, "--recovery-code-file", code_file)
    code_file.write_text(old)
    assert not opens(locked, "--recovery-code-file", code_file)


def test_a_new_key_of_the_keyring(lan: Kcdesk, keyring_file: Path) -> None:
    before = keyring_file.read_text()
    assert "khoá mới" in lan("key", "new").out
    assert keyring_file.read_text() != before
    assert opens(lan)


def test_a_new_key_needs_the_passphrase(locked: Kcdesk, code_file: Path) -> None:
    code_file.write_text(locked.json("key", "recovery-code")["recovery_code"])
    locked.passphrase = None
    refused = locked("key", "new", "--recovery-code-file", code_file)
    assert refused.status == 1
    assert "mật khẩu" in refused.err


def test_the_idle_minutes_are_kept_in_the_workspace(lan: Kcdesk) -> None:
    assert lan.json("key", "lock-after") == {"minutes": 10}
    assert lan.json("key", "lock-after", 25) == {"minutes": 25}
    assert "25 phút" in lan("key", "lock-after").out
    assert lan("key", "lock-after", 0).status == 1
    assert lan.json("key", "lock-after") == {"minutes": 25}


def test_a_command_is_refused_while_a_window_has_the_workspace(
    lan: Kcdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kcdesk.storage.folder import instance_lock

    with other_process(lan.folder):
        refused = lan.process("status", "--json")
    assert refused.status == 1
    assert refused.json["error"]["code"] == "workspace_busy"
    assert "(từ 08:30)" in refused.json["error"]["message"]
    assert instance_lock.PATIENCE_S == 5


def test_people_of_an_account(tmp_path: Path) -> None:
    environment = {"XDG_DATA_HOME": str(tmp_path / "data")}
    for name in ("hoa", "son"):
        (tmp_path / name).write_text(f"mật khẩu của {name}")
    assert process("people", "list", **environment).out == "Chưa có ai.\n"
    for name in ("hoa", "son"):
        words = ("people", "add", "--name", name, "--area", "02989", "--passphrase-file")
        made = process(*words, tmp_path / name, "--json", **environment)
        assert made.status == 0, made
        assert made.json["recovery_code"]
    listed = process("people", "list", "--json", **environment).json["people"]
    assert [one["name"] for one in listed] == ["hoa", "son"]
    son = listed[1]["workspace"]
    status = process(
        *("status", "--json", "--workspace", son, "--passphrase-file", tmp_path / "son"),
        **environment,
    )
    assert status.json["person"] == "son"

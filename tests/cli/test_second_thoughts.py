"""Delete, take back, undo, merge, drafts and check, as they are typed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from kcdesk.actions.desk import open_desk
from kcdesk.actions.drafts import keep_draft
from kcdesk.storage.drafts import Form
from tests.cli.conftest import ROOT, Kcdesk

KIND = "establishments"


@pytest.fixture
def two(lan: Kcdesk) -> tuple[Kcdesk, str, str]:
    ids = [
        str(lan.json("add", KIND, f"name={name}", "commune=02989", f"email={email}")["id"])
        for name, email in (("Hộ Đức", "a@b.vn"), ("Hộ Duc", "c@d.vn"))
    ]
    return lan, ids[0], ids[1]


def test_deleting_asks_and_the_bin_gives_back(two: tuple[Kcdesk, str, str]) -> None:
    kcdesk, one, _ = two
    kcdesk("add", "figures", f"establishment={one}", "year=2025", "basis=actual")
    refused = kcdesk("delete", KIND, one)
    assert refused.status == 1
    assert "Không hiện cùng với nó: 1 số liệu theo năm" in refused.err
    assert "--yes" in refused.err
    assert kcdesk.json("delete", KIND, one, "--yes")["hanging"] == {"figures": 1}
    (thrown,) = kcdesk.json("bin", "list")["records"]
    assert (thrown["id"], thrown["deleted_by"], thrown["hanging"]) == (one, "Lan", {"figures": 1})
    assert one in kcdesk("bin", "list").out
    assert kcdesk.json("bin", "take", KIND, one)["name"] == "Hộ Đức"
    assert kcdesk("bin", "list").out == "Thùng rác trống.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
@pytest.mark.parametrize(("answer", "status"), [("c", 0), ("", 1)])
def test_deleting_asks_on_a_terminal(
    two: tuple[Kcdesk, str, str], answer: str, status: int
) -> None:
    kcdesk, one, _ = two
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "kcdesk", *kcdesk.where, "delete", KIND, one],
        stdin=theirs,
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    for end in (ours, theirs):
        os.close(end)
    assert done.returncode == status
    assert "Bỏ cơ sở công nghiệp nông thôn “Hộ Đức” vào thùng rác?" in done.stderr.decode()
    assert len(kcdesk.json("bin", "list")["records"]) == 1 - status


def test_undo_lists_tells_and_takes_back(two: tuple[Kcdesk, str, str]) -> None:
    kcdesk, one, _ = two
    kcdesk("set", KIND, one, "note=x")
    actions = kcdesk.json("undo")["actions"]
    assert [action["action"] for action in actions] == ["changed", "added", "added"]
    assert actions[0]["text"] in kcdesk("undo").out
    plan = kcdesk.json("undo", actions[0]["id"], "--dry-run")
    assert plan["records"] == [{"kind": KIND, "id": one, "set": {"note": None}}]
    assert not plan["undone"]
    assert kcdesk.json("show", KIND, one)["note"] == "x"
    assert kcdesk.json("undo", "--last")["undone"]
    assert "note" not in kcdesk.json("show", KIND, one)
    kcdesk("set", KIND, one, "note=y")
    refused = kcdesk("undo", actions[0]["id"], "--json")
    assert refused.status == 1
    assert refused.json["error"]["code"] == "changed_since"
    told = kcdesk("undo", actions[0]["id"], "--dry-run").out
    assert "Lan đã ghi note" in told


def test_merge_and_unmerge(two: tuple[Kcdesk, str, str]) -> None:
    kcdesk, one, other = two
    merged = kcdesk.json("merge", other, one, "--take", "email")
    assert (merged["into"]["id"], merged["into"]["email"]) == (one, "c@d.vn")
    assert [record["id"] for record in kcdesk.json("list", KIND)["records"]] == [one]
    assert kcdesk.json("show", KIND, other)["survivor"] == one
    assert "thành cơ sở riêng" in kcdesk("unmerge", other).out
    assert len(kcdesk.json("list", KIND)["records"]) == 2


def test_history_of_one_field(two: tuple[Kcdesk, str, str]) -> None:
    kcdesk, one, _ = two
    kcdesk("set", KIND, one, "note=x", "phone=0911111111")
    entries = kcdesk.json("show", KIND, one, "--history", "--field", "note")["history"]
    assert [(e["old"], e["new"], e["who"], e["state"]) for e in entries] == [
        (None, "x", "Lan", "local")
    ]
    assert entries[0]["device"] in entries[0]["change"]
    assert "note:  → x" in kcdesk("show", KIND, one, "--field", "note").out


@pytest.mark.usefixtures("_keyring")
def test_what_is_half_typed(two: tuple[Kcdesk, str, str]) -> None:
    kcdesk, one, _ = two
    assert kcdesk("draft", "list").out == "Không có gì đang ghi dở.\n"
    with open_desk(kcdesk.folder) as desk:
        keep_draft(desk, Form(KIND, one), {"name": "Hộ Đức Thịnh"})
    (draft,) = kcdesk.json("draft", "list")["drafts"]
    assert (draft["id"], draft["title"], draft["new"]) == (one, "Hộ Đức", False)
    assert kcdesk.json("draft", "drop", KIND, one)["dropped"]
    assert kcdesk("draft", "drop", KIND, one).status == 1


@pytest.mark.usefixtures("_keyring")
def test_check_says_what_is_wrong_and_repairs_it(two: tuple[Kcdesk, str, str]) -> None:
    kcdesk, one, _ = two
    assert kcdesk("check").out.endswith("mọi thứ đều đúng.\n")
    with open_desk(kcdesk.folder) as desk:
        desk.workspace._db.execute("UPDATE establishments SET tax_code = 'x' WHERE id = ?", [one])
    wrong = kcdesk("check", "--json")
    assert wrong.status == 1
    (difference,) = wrong.json["differences"]
    place = {key: difference[key] for key in ("table", "record", "column", "repaired")}
    assert place == {"table": KIND, "record": one, "column": "tax_code", "repaired": False}
    assert "mục tax_code không đúng" in kcdesk("check").out
    assert kcdesk("check", "--repair").status == 0
    assert kcdesk.json("check") == {
        "clean": True,
        "changes": 2,
        "differences": [],
    }

"""Publishing and its lists, as they are typed; a device that gets it over a real server."""

from __future__ import annotations

from pathlib import Path

from kcdesk.resources import resource_path
from tests.cli.conftest import Kcdesk
from tests.sync import published
from tests.ui.servers import province


def test_a_folder_is_checked_published_and_listed(kcdesk: Kcdesk, tmp_path: Path) -> None:
    db = ("--db", f"sqlite:///{tmp_path / 'p.db'}")
    kcdesk("server", "init", "Tỉnh Lào Cai", *db)
    assert "số 0" in kcdesk("server", "editions", *db).out
    folder = published.write(tmp_path / "f", weights_csv="flag;weight;confidence\nX;5;designed\n")
    refused = kcdesk("server", "publish", folder, *db)
    assert refused.status == 1
    assert "weights.csv, dòng 2, cột flag" in refused.err
    told = kcdesk("server", "publish", folder, *db, "--json")
    (fault,) = told.json["error"]["faults"]
    assert (fault["path"], fault["row"], fault["column"]) == ("weights.csv", 2, "flag")
    published.everything(folder)
    would = kcdesk("server", "publish", folder, *db, "--dry-run")
    assert "Sẽ công bố bản số 1" in would.out
    assert "documents/F02.toml (thay cho bản đi kèm chương trình)" in would.out
    assert kcdesk.json("server", "editions", *db) == {"editions": []}
    done = kcdesk.json("server", "publish", folder, *db, "--note", "Năm 2027")
    assert (done["number"], len(done["added"])) == (1, 9)
    assert kcdesk("server", "publish", folder, *db, "--dry-run").out.startswith("Không có gì khác")
    assert "giống hệt" in kcdesk("server", "publish", folder, *db).err
    assert "Năm 2027" in kcdesk("server", "editions", *db).out


def test_a_device_says_what_it_uses(lan: Kcdesk, tmp_path: Path) -> None:
    (zero,) = lan.json("editions")["editions"]
    assert (zero["number"], zero["files"]) == (0, [])
    assert "đang dùng" in lan("editions").out
    with province(tmp_path, 1) as (url, (code, *_)):
        lan("join", "--server", url, "--code", code)
        folder = published.write(
            tmp_path / "f",
            questionnaires__TEST_xlsx=published.questionnaire("7"),
            documents__F02_toml=published.form("Đơn của tỉnh"),
        )
        db = f"sqlite:///{(tmp_path / 'tinh.db').as_posix()}"
        lan.json("server", "publish", folder, "--db", db, "--note", "Mẫu mới")
        assert lan.json("sync")["edition"] == 1
    assert lan.json("status")["edition"] == 1
    newest, _ = lan.json("editions")["editions"]
    assert (newest["number"], newest["in_use"], newest["note"]) == (1, True, "Mẫu mới")
    assert "Mẫu giấy tờ" in lan("editions").out
    titles = {one["id"]: one["title"] for one in lan.json("document", "list")["documents"]}
    assert titles["F02"] == "Đơn của tỉnh"
    known = {
        one["id"]: one["version"] for one in lan.json("questionnaire", "list")["questionnaires"]
    }
    assert known["TEST"] == "7"
    shipped = {path.stem for path in resource_path("questionnaires").glob("*.xlsx")}
    assert known.keys() == shipped | {"TEST"}


def test_after_the_database_was_put_back_it_gets_a_new_epoch(
    kcdesk: Kcdesk, tmp_path: Path
) -> None:
    db = ("--db", f"sqlite:///{tmp_path / 'p.db'}")
    assert kcdesk("server", "restored", *db).status == 1  # there is no province yet
    kcdesk("server", "init", "Tỉnh Lào Cai", *db)
    first, second = (kcdesk.json("server", "restored", *db) for _ in range(2))
    assert first["epoch"] != second["epoch"]
    assert (first["changes"], first["last_contact_at"]) == (0, None)
    said = kcdesk("server", "restored", *db).out
    assert "tự gửi lại" in said
    assert "phải làm lại" in said

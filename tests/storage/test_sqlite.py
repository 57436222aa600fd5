"""The binding of SQLCipher and sqlite-utils: what is written is there, and a lost alias is not silent."""

from __future__ import annotations

import sqlite3 as standard
import subprocess
import sys
from pathlib import Path

import pytest

from kcdesk.storage.sqlite import connect, sqlite3

KEY = bytes(range(32))


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_rows_returned_by_an_insert_are_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = connect(path, KEY, create=True)
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
    assert list(db.query("INSERT INTO t (name) VALUES ('một') RETURNING id")) == [{"id": 1}]
    assert not db.conn.in_transaction
    db["t"].insert({"name": "hai"})
    db.close()
    again = connect(path, KEY)
    assert [row["name"] for row in again["t"].rows] == ["một", "hai"]
    again.close()


def test_importing_sqlite_utils_first_is_refused() -> None:
    result = run("import sqlite_utils\nimport kcdesk.storage.sqlite")
    assert result.returncode != 0
    assert "must be imported before sqlite_utils" in result.stderr


def test_another_pysqlite3_is_refused() -> None:
    result = run(
        "import sqlite3, sys\nsys.modules['pysqlite3'] = sqlite3\nimport sqlite_utils\n"
        "import kcdesk.storage.sqlite"
    )
    assert result.returncode != 0
    assert "must be imported before sqlite_utils" in result.stderr


def test_sqlite_utils_recovers_where_it_catches_sqlite_errors(tmp_path: Path) -> None:
    """`alter=True` works by catching OperationalError: the right one only with the alias."""
    db = connect(tmp_path / "a.db", KEY, create=True)
    db["t"].insert({"a": 1})
    db["t"].insert({"a": 2, "b": "x"}, alter=True)
    assert [row["b"] for row in db["t"].rows] == [None, "x"]
    db.close()


def test_the_standard_library_cannot_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = connect(path, KEY, create=True)
    db.execute("CREATE TABLE t (a)")
    db.close()
    plain = standard.connect(path)
    with pytest.raises(standard.DatabaseError, match="not a database"):
        plain.execute("SELECT * FROM sqlite_master").fetchall()
    plain.close()


@pytest.mark.parametrize("key", [bytes(32), KEY[::-1]])
def test_a_wrong_key_is_refused_without_noise(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "a.db"
    connect(path, KEY, create=True).close()
    db = connect(path, KEY)
    db.execute("CREATE TABLE t (a)")
    db.close()
    result = run(
        "import pathlib\nfrom kcdesk.storage.sqlite import connect, sqlite3\n"
        f"try: connect(pathlib.Path({str(path)!r}), bytes.fromhex('{key.hex()}'))\n"
        "except sqlite3.DatabaseError as error: print(error)"
    )
    assert result.stdout.strip() == "file is not a database"
    assert result.stderr == ""


def test_a_key_has_32_bytes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        connect(tmp_path / "a.db", KEY[:31], create=True)


def test_opening_never_makes_a_file(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        connect(tmp_path / "a.db", KEY)
    assert list(tmp_path.iterdir()) == []


def test_every_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    db = connect(tmp_path / "a.db", KEY, create=True)
    settings = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("synchronous", "journal_mode", "foreign_keys", "recursive_triggers")
    }
    db.close()
    full = 2
    assert settings == {
        "synchronous": full,
        "journal_mode": "wal",
        "foreign_keys": 1,
        "recursive_triggers": 1,
    }

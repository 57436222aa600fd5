"""The one place that binds SQLCipher and sqlite-utils, in the one order that is safe.

sqlite-utils takes its `sqlite3` from a module named `pysqlite3` when there is one. Without the alias its
`except OperationalError` clauses miss SQLCipher's exceptions and an `INSERT ... RETURNING` leaves a transaction
open whose rows are silently lost at close (docs/decisions/0001-sqlcipher.md; tests/storage/test_sqlite.py).
Everything else imports `sqlite3` and `Database` from here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sqlcipher3
from sqlcipher3 import dbapi2 as sqlite3

if "sqlite_utils" in sys.modules and sys.modules.get("pysqlite3") is not sqlcipher3:
    raise ImportError("kcdesk.storage.sqlite must be imported before sqlite_utils")
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = sqlite3

import sqlite_utils.utils as _utils  # noqa: E402
from sqlite_utils import Database, Migrations  # noqa: E402

if (
    vars(_utils)["sqlite3"] is not sqlcipher3
    or vars(_utils)["OperationalError"] is not sqlite3.OperationalError
):
    raise ImportError("sqlite_utils is not bound to SQLCipher")

__all__ = ["Database", "Migrations", "change_key", "connect", "opens", "sqlite3"]

BUSY_TIMEOUT_S = 10.0
CACHE_KIB = 20 << 10
"""Decrypted pages kept in memory. Laptops have little; what falls out is still in the system's cache, encrypted."""


def connect(path: Path, key: bytes, *, create: bool = False) -> Database:
    """Open the SQLCipher file at `path` with its raw 32-byte key.

    Raises `sqlite3.DatabaseError` when the key does not fit or the file is damaged: SQLCipher cannot tell the
    two apart before a page has been read. `create=False` never makes a file.
    """
    if len(key) != 32:
        raise ValueError("a workspace key has 32 bytes")
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        return Database(connection, recursive_triggers=True)
    except BaseException:
        connection.close()
        raise


def opens(path: Path, key: bytes) -> bool:
    """Whether `key` opens the file at `path`; a file that is damaged from its first page on opens with none."""
    try:
        connect(path, key).close()
    except sqlite3.DatabaseError:
        return False
    return True


def change_key(db: Database, new: bytes) -> None:
    """Encrypt the whole file under `new`, in one transaction; `db`, the only connection, goes on with it.

    Outside of WAL mode: the file that is cut off in between has its old pages in the journal, under the old key.
    """
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute(f"PRAGMA rekey = \"x'{new.hex()}'\"")
    db.execute("PRAGMA journal_mode = WAL")

"""One transaction at a time on one connection, and what SQLite and the system say of the world in the user's words."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kcdesk.errors import WorkspaceBusy, WorkspaceError, WrongKey
from kcdesk.storage.sqlite import Database, sqlite3

SPACE_TO_OPEN_BYTES = 64 * 1024
"""What SQLite needs beside a file to open it; where less is free it says no more than that the disk fails."""


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Everything inside is written, durably, or nothing is. Inside another transaction it is part of that one."""
    if db.conn.in_transaction:
        yield
        return
    with told_plainly():
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            require_sound(db)
            db.execute("COMMIT")
        except BaseException:
            db.rollback()  # SQLite itself may have rolled back already: a full disk does
            require_sound(db)
            raise


def require_sound(db: Database) -> None:
    """Raise `WorkspaceError` when a page that was read since the file was opened is damaged.

    SQLCipher notices each such page, fills it with zeros, remembers it and refuses to write. SQLite notices too, for
    zeros are no page; but at the end of a long value they pass for one, and the value would be wrong without a word.
    """
    if db.execute("PRAGMA cipher_status").fetchone() == ("0",):
        raise _damaged()


@contextmanager
def told_plainly(folder: Path | None = None) -> Iterator[None]:
    """Turn errors about the world (full disk, read-only folder, damage) into `WorkspaceError`, whoever says them.

    folder: where the file lies that is being opened
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        known = _of_sqlite(error)
        if known is None:
            raise
        if known.code == "disk_fails" and folder is not None and _is_full(folder):
            known = _disk_full()
        raise known from error
    except OSError as error:
        known = _of_system(error)
        if known is None:
            raise
        raise known from error


def _of_sqlite(error: sqlite3.DatabaseError) -> WorkspaceError | None:
    """By SQLite's code (https://sqlite.org/rescode.html); the lowest byte of an extended one is the primary one."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_NOTADB:
            return WrongKey(
                "Khoá không mở được dữ liệu này, hoặc tệp dữ liệu đã bị hỏng ở phần đầu.",
                hint="Kiểm tra đúng thư mục và đúng khoá (mật khẩu); nếu vẫn vậy: kcdesk recover.",
            )
        case sqlite3.SQLITE_CORRUPT:
            return WorkspaceError(
                "Tệp dữ liệu bị hỏng.",
                hint="Đừng nhập tiếp; khôi phục bằng lệnh: kcdesk recover.",
                code="damaged",
            )
        case sqlite3.SQLITE_FULL:
            return _disk_full()
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return WorkspaceError(
                "Không ghi được vào thư mục dữ liệu.",
                hint="Kiểm tra quyền ghi của thư mục, hoặc chọn thư mục khác.",
                code="read_only",
            )
        case sqlite3.SQLITE_IOERR:
            return _disk_fails()
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return WorkspaceBusy(
                "Dữ liệu đang được một cửa sổ kcdesk khác ghi.",
                hint="Đợi cửa sổ kia xong, hoặc đóng nó lại.",
            )
    return None


def _of_system(error: OSError) -> WorkspaceError | None:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return _disk_full()
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return WorkspaceError(
                f"Không có quyền đọc hoặc ghi “{error.filename}”.",
                hint="Kiểm tra quyền của tệp và thư mục này, hoặc chọn nơi khác.",
                code="read_only",
            )
        case errno.EIO:
            return _disk_fails()
    return None


def _is_full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < SPACE_TO_OPEN_BYTES


def _damaged() -> WorkspaceError:
    return WorkspaceError(
        "Tệp dữ liệu bị hỏng.",
        hint="Không ghi tiếp vào tệp này; khôi phục bằng lệnh: kcdesk recover.",
        code="damaged",
    )


def _disk_full() -> WorkspaceError:
    return WorkspaceError(
        "Ổ đĩa đã đầy, việc vừa làm chưa được lưu.",
        hint="Xoá bớt tệp không cần rồi làm lại.",
        code="disk_full",
    )


def _disk_fails() -> WorkspaceError:
    return WorkspaceError(
        "Ổ đĩa báo lỗi khi đọc hoặc ghi dữ liệu.",
        hint="Kiểm tra chỗ trống và dây nối của ổ đĩa, khởi động lại máy; nếu vẫn vậy, khôi phục vào ổ khác.",
        code="disk_fails",
    )

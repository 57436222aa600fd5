"""One transaction at a time on one connection, and what SQLite says of the world in the user's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kcdesk.errors import WorkspaceBusy, WorkspaceError, WrongKey
from kcdesk.storage.sqlite import Database, sqlite3


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
            db.execute("COMMIT")
        except BaseException:
            db.rollback()  # SQLite itself may have rolled back already: a full disk does
            raise


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn SQLite's errors about the world (full disk, read-only folder, damage) into `WorkspaceError`."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        known = _in_words(str(error))
        if known is None:
            raise
        raise known from error


def _in_words(text: str) -> WorkspaceError | None:
    if "file is not a database" in text:
        return WrongKey(
            "Khoá không mở được dữ liệu này, hoặc tệp dữ liệu đã bị hỏng ở phần đầu.",
            hint="Kiểm tra đúng thư mục và đúng khoá (mật khẩu); nếu vẫn vậy, dùng bản sao lưu.",
        )
    if "malformed" in text:
        return WorkspaceError(
            "Tệp dữ liệu bị hỏng.",
            hint="Không ghi tiếp vào tệp này; khôi phục từ bản sao lưu.",
            code="damaged",
        )
    if "is full" in text:
        return WorkspaceError(
            "Ổ đĩa đã đầy, chưa ghi được gì.",
            hint="Xoá bớt tệp không cần rồi làm lại.",
            code="disk_full",
        )
    if "readonly" in text or "unable to open" in text:
        return WorkspaceError(
            "Không ghi được vào thư mục dữ liệu.",
            hint="Kiểm tra quyền ghi của thư mục, hoặc chọn thư mục khác.",
            code="read_only",
        )
    if "locked" in text:
        return WorkspaceBusy(
            "Dữ liệu đang được một cửa sổ kcdesk khác ghi.",
            hint="Đợi cửa sổ kia xong, hoặc đóng nó lại.",
        )
    return None

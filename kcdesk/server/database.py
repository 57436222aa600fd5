"""The provincial database: opening it, bringing it up to date, reading and writing transactions, bulk inserts.

Owns everything that differs between SQLite and PostgreSQL. Leaves to others what is in the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from alembic.util import CommandError
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from kcdesk.errors import ServerError

BUSY_TIMEOUT_S = 30.0
OLDEST_POSTGRESQL = 15
_CONNECT_TIMEOUT_S = 10
_POOL = 10
"""Connections that a worker keeps; it may have as many again for a while."""
_SETTINGS = f"-c lock_timeout={int(BUSY_TIMEOUT_S)}s -c jit=off"
"""Of each session. Compiling pays for reports, and costs more than any statement here takes."""
_UPGRADING = 0x6B63_6465_736B
"""The advisory lock of PostgreSQL under which tables are made."""


class DatabaseProblem(ServerError):
    """The database cannot be opened, read or written."""

    code = "database"


def open_database(url: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql+psycopg://...`. Raises `DatabaseProblem`.

    Nothing is read or made yet; `upgrade` does that.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        return create_engine(
            parsed,
            connect_args={"application_name": "kcdesk", **_told_unless(parsed)},
            pool_pre_ping=True,  # a database that was started again meanwhile
            pool_size=_POOL,
            max_overflow=_POOL,
            pool_timeout=BUSY_TIMEOUT_S,
        )
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise DatabaseProblem(
            f"“{url}” không phải là địa chỉ cơ sở dữ liệu dùng được.",
            hint="Dùng sqlite:///TỆP hoặc postgresql+psycopg://NGƯỜI_DÙNG@MÁY/TÊN.",
        ) from error


def upgrade(engine: Engine) -> None:
    """Bring the database to this version's tables, all or nothing. Raises `DatabaseProblem`."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    try:
        with writing(engine) as connection:
            if engine.dialect.name == "postgresql":
                _require_usable(connection)
                # workers and machines that start at the same moment: one makes the tables
                connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")
    except DBAPIError as error:
        raise DatabaseProblem(
            "Không mở được cơ sở dữ liệu của tỉnh.",
            hint="Kiểm tra đường dẫn, quyền ghi và máy chủ cơ sở dữ liệu.",
        ) from error
    except CommandError as error:
        raise DatabaseProblem(
            "Cơ sở dữ liệu của tỉnh do một phiên bản kcdesk mới hơn tạo ra.",
            hint="Cài phiên bản kcdesk mới nhất trên máy chủ.",
        ) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; rows it depends on are locked with `FOR UPDATE` (SQLite locks the whole file)."""
    with engine.connect() as connection:
        connection = connection.execution_options(kcdesk_writes=True)  # noqa: PLW2901
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one moment of the database, however long it takes."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(  # noqa: PLW2901
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[tuple[Any, ...]],
    *,
    or_leave: bool = False,
) -> int:
    """Insert many rows, values in the order of the table's columns; `or_leave` leaves rows that exist as they are.

    Returns how many were inserted. A row that another transaction is inserting at this moment is waited for.

    Past SQLAlchemy's compiler, straight to the driver: a third of the time for a row.
    """
    if not rows:
        return 0
    dialect = connection.dialect
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    columns = ", ".join(quote(column.name) for column in table.columns)
    marks = ", ".join([mark] * len(table.columns))
    statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})"  # noqa: S608
    if or_leave:
        statement += " ON CONFLICT DO NOTHING"
    return connection.exec_driver_sql(statement, list(rows)).rowcount


def _told_unless(url: URL) -> dict[str, object]:
    """What a connection to PostgreSQL is told where its address says nothing of it."""
    wanted = {"connect_timeout": _CONNECT_TIMEOUT_S, "options": _SETTINGS}
    return {name: value for name, value in wanted.items() if name not in url.query}


def _require_usable(connection: Connection) -> None:
    """A PostgreSQL that is new enough, and keeps any letter. Raises `DatabaseProblem`."""
    if connection.scalar(text("SHOW server_encoding")) != "UTF8":
        raise DatabaseProblem(
            "Cơ sở dữ liệu PostgreSQL này không dùng bảng mã UTF8, sẽ không giữ được chữ tiếng Việt.",
            hint="Tạo lại bằng: createdb --encoding=UTF8 --template=template0 TÊN.",
        )
    number = int(connection.scalar(text("SHOW server_version_num")) or 0)
    if number < OLDEST_POSTGRESQL * 10_000:
        raise DatabaseProblem(
            f"Máy chủ PostgreSQL này là phiên bản {number // 10_000}, cần từ {OLDEST_POSTGRESQL} trở lên.",
            hint="Nâng cấp PostgreSQL rồi chạy lại.",
        )


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite` alone
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails when another wrote in between: lock at once.
    writes = connection.get_execution_options().get("kcdesk_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

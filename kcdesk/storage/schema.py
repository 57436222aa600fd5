"""The schema of the workspace file: numbered steps of SQL, applied in order and each all-or-nothing.

A step never changes once it has been released; a new need is a new file `migrations/NNNN_name.sql`. A file
that knows a step we do not was written by a newer version and is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from importlib import resources

from kcdesk.domain.text import person_sort_key
from kcdesk.errors import WorkspaceError
from kcdesk.storage.sqlite import Database, Migrations, sqlite3

MIGRATION_SET = "kcdesk"


def migrate(db: Database, only: Collection[str] | None = None) -> list[str]:
    """Bring the file to this version's schema; returns the names of the steps applied. Raises WorkspaceError.

    `only`: the steps to apply and no others, for a file as an older version had it. A step is one transaction
    together with the note that it was applied, so a process that is killed leaves the file between two steps.
    Steps may call `person_sort_key`.
    """
    db.register_function(person_sort_key, deterministic=True)
    migrations = Migrations(MIGRATION_SET)
    known = set()
    for name, script in _steps():
        known.add(name)
        if only is None or name in only:
            migrations(name=name)(_step(script))
    if not known.issuperset([*applied_steps(db), *(only or ())]):
        raise newer_version()
    pending = [step.name for step in migrations.pending(db)]
    migrations.apply(db)
    return pending


def applied_steps(db: Database) -> list[str]:
    """The names of the steps the file has, in the order they were applied."""
    return [step.name for step in Migrations(MIGRATION_SET).applied(db)]


def outdated(db: Database) -> bool:
    """Whether the file has been used with an older schema: the moment to back it up before `migrate`."""
    applied = applied_steps(db)
    return bool(applied) and any(name not in applied for name, _ in _steps())


def newer_version() -> WorkspaceError:
    """What is said of a workspace that a newer kcdesk has written."""
    return WorkspaceError(
        "Dữ liệu này do một phiên bản kcdesk mới hơn ghi ra, phiên bản đang chạy không đọc được.",
        hint="Cài phiên bản kcdesk mới nhất rồi mở lại. Dữ liệu chưa bị thay đổi gì.",
        code="newer_version",
    )


def schema_sql(db: Database) -> str:
    """The whole schema as SQL text, triggers and all, without the tables that FTS5 makes for itself.

    A copy is kept in `schema.sql`, so that a review shows what a new step changes.
    """
    rows = db.query(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'"
        " AND NOT (type = 'table' AND name GLOB '*_search_*') ORDER BY rowid"
    )
    return "\n\n".join(f"{row['sql']};" for row in rows) + "\n"


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one; `executescript()` would commit the open transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def _steps() -> Iterator[tuple[str, str]]:
    """Name and script of each step, in order."""
    folder = resources.files("kcdesk.storage") / "migrations"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield file.name.removesuffix(".sql"), file.read_text("utf-8")


def _step(script: str) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        for statement in statements(script):
            db.execute(statement)

    return apply

"""Is everything as it should be? What follows from the changes is worked out beside what stands in the file.

Owns comparing and repairing: rows of records, merged ones, search index, schema objects, counters, drafts, and the file
itself. Changes are the truth: they are read and never written. A Difference names its place; repairing makes anew
whatever can be made from changes, and leaves the rest to a backup.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from kcdesk.changes import MERGED_INTO, Change, State, extend, fold, survivors
from kcdesk.domain.kinds import ESTABLISHMENTS, KINDS
from kcdesk.storage import change_table
from kcdesk.storage.projection import Projection
from kcdesk.storage.safety.catching_up import project_again
from kcdesk.storage.schema import migrate
from kcdesk.storage.sqlite import Database, sqlite3
from kcdesk.storage.transactions import transaction

Progress = Callable[[int, int], None]
"""Called with what is done and of how much; what it raises stops the check."""

_EACH = 2_000
"""Changes between two calls of a Progress."""
_SEARCH = "establishments_search"
_REMADE = frozenset(("trigger", "index", "view"))


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it should be, and where.

    table:  of the workspace file; of other things their kind (`file`, `attachments`, `backups`)
    record: which row: the id of a record, a number, the name of a schema object; empty: the whole table
    what:   a sentence for people
    """

    table: str
    record: str
    column: str
    what: str


class Checker:
    """Checks one open workspace; belongs to its thread."""

    def __init__(self, db: Database, projection: Projection) -> None:
        self._db = db
        self._projection = projection

    # Finding

    def file(self) -> Iterator[Difference]:
        """Pages whose seal is broken (a flipped byte), and pages that do not fit together."""
        # seals are looked at in the file itself: a power cut may have left half a page there, whole in the log
        self._db.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
        for (said,) in self._db.execute("PRAGMA cipher_integrity_check"):
            yield _damage(said)
        try:
            for (said,) in self._db.execute("PRAGMA quick_check"):
                if said != "ok":
                    yield _damage(said)
        except sqlite3.DatabaseError as error:  # a page that cannot be read at all
            yield _damage(str(error))

    def schema(self) -> Iterator[Difference]:
        """Tables, indexes and triggers against those that this version's steps make."""
        wanted, found = _wanted_schema(), _schema(self._db)
        for key in sorted(wanted.keys() | found.keys()):
            of_type, name = key
            if key not in found:
                yield Difference("schema", name, of_type, f"Thiếu {of_type} {name}.")
            elif key not in wanted:
                yield Difference("schema", name, of_type, f"Thừa {of_type} {name}.")
            elif wanted[key] != found[key]:
                yield Difference(
                    "schema", name, of_type, f"{of_type} {name} khác với bản chương trình tạo."
                )

    def rows(self, progress: Progress) -> Iterator[Difference]:
        """Every row of every kind against the row that its changes make: missing, extra, different and in what."""
        with _snapshot(self._db):
            total = self._db.execute("SELECT count(*) FROM changes").fetchone()[0]
            live = {kind: _Live(self._db, kind, self._projection.columns(kind)) for kind in KINDS}
            merged: dict[str, str] = {}
            for state in self._states(total, progress):
                table = live.get(state.kind)
                if table is None:
                    continue
                yield from table.compare(state.record, self._projection.row(state))
                into = state.get(MERGED_INTO)
                if isinstance(into, str) and state.kind == ESTABLISHMENTS.name:
                    merged[state.record] = into
            for table in live.values():
                yield from table.rest()
            yield from self._survivors(merged)

    def search(self) -> Iterator[Difference]:
        """The search index against the rows it stands for."""
        try:
            self._db.execute(
                f"INSERT INTO {_SEARCH} ({_SEARCH}, rank) VALUES ('integrity-check', 1)"  # noqa: S608
            )
        except sqlite3.DatabaseError:
            yield Difference(_SEARCH, "", "", "Chỉ mục tìm kiếm không khớp với các cơ sở.")

    def counters(self) -> Iterator[Difference]:
        """This device's numbers without a gap, its chain of hashes, what is confirmed, and refusals."""
        device, last_n, last_hash, last_at, confirmed_n, confirmed_hash = self._db.execute(
            "SELECT id, last_n, last_hash, last_at, confirmed_n, confirmed_hash FROM device"
        ).fetchone()
        count, newest, at = self._db.execute(
            "SELECT count(*), coalesce(max(n), 0), coalesce(max(at), 0) FROM changes WHERE device = ?",
            (device,),
        ).fetchone()
        if count != newest:
            yield Difference(
                "changes", device, "n", f"Thiếu {newest - count} thay đổi của máy này."
            )
        if newest != last_n:
            what = f"Máy này ghi đến số {newest}, sổ nói {last_n}."
            yield Difference("device", device, "last_n", what)
        if at > last_at:
            yield Difference(
                "device", device, "last_at", "Giờ của thay đổi cuối không khớp với sổ."
            )
        if confirmed_n > last_n:
            what = f"Sổ nói tỉnh đã nhận đến số {confirmed_n}, máy này chỉ ghi đến {last_n}."
            yield Difference("device", device, "confirmed_n", what)
        # Values of what is confirmed may have been erased since, so only what follows is hashed again.
        later = change_table.read(
            self._db, "device = ? AND n > ? ORDER BY n", (device, confirmed_n)
        )
        if extend(confirmed_hash, later) != last_hash:
            what = "Các thay đổi chưa gửi không khớp với dấu kiểm của chúng."
            yield Difference("device", device, "last_hash", what)
        for of, n in self._db.execute(
            "SELECT device, n FROM refusals EXCEPT SELECT device, n FROM changes"
        ):
            what = f"Tỉnh từ chối thay đổi số {n}, nhưng thay đổi ấy không có trên máy."
            yield Difference("refusals", f"{of}-{n}", "", what)

    def drafts(self) -> Iterator[Difference]:
        """Fields of drafts without their form, and forms about a record that is not here."""
        for kind, record in self._db.execute(
            "SELECT DISTINCT kind, record FROM draft_fields EXCEPT SELECT kind, record FROM drafts"
        ):
            yield Difference(
                "draft_fields", record, "", f"Phần đang ghi dở của {kind} {record} không có phiếu."
            )
        for kind, record in self._db.execute(
            "SELECT kind, record FROM drafts WHERE establishment IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM establishments WHERE id = drafts.establishment)"
        ):
            yield Difference(
                "drafts",
                record,
                "establishment",
                f"{kind} {record} đang ghi dở cho cơ sở không có.",
            )

    # Repairing

    def repair(self, found: Iterable[Difference]) -> list[Difference]:
        """Make anew what follows from changes, in one transaction; those of `found` that this puts right."""
        repaired = [one for one in found if _can_be_made_anew(one)]
        if not repaired:
            return []
        by_table: dict[str, list[Difference]] = defaultdict(list)
        for one in repaired:
            by_table[one.table].append(one)
        with transaction(self._db):
            for one in by_table["schema"]:
                self._remake(one.column, one.record)
            for kind in KINDS:
                again = [one.record for one in by_table[kind]]
                project_again(self._db, self._projection, kind, again)
            self._db.execute(
                "DELETE FROM draft_fields WHERE (kind, record) NOT IN (SELECT kind, record FROM drafts)"
            )
            self._db.execute(f"INSERT INTO {_SEARCH} ({_SEARCH}) VALUES ('rebuild')")  # noqa: S608
        return repaired

    def _remake(self, of_type: str, name: str) -> None:
        self._db.execute(f'DROP {of_type} IF EXISTS "{name}"')
        sql = _wanted_schema().get((of_type, name))
        if sql is not None:
            self._db.execute(sql)

    # Parts

    def _states(self, total: int, progress: Progress) -> Iterator[State]:
        """Every record that has a state, in the order of their ids."""
        refused = change_table.refused(self._db)
        done = 0
        for _, of_record in groupby(
            change_table.read(self._db, "1 ORDER BY record, device, n", ()), attrgetter("record")
        ):
            of_kinds: dict[str, list[Change]] = {}
            for change in of_record:
                if done % _EACH == 0:
                    progress(done, total)
                done += 1
                if not refused or change.id not in refused:
                    of_kinds.setdefault(change.kind, []).append(change)
            for changes in of_kinds.values():
                yield fold(changes)
        progress(done, total)

    def _survivors(self, merged: dict[str, str]) -> Iterator[Difference]:
        held = {
            record
            for kind, record in change_table.of_records(self._db, set(merged.values()))
            if kind == ESTABLISHMENTS.name
        }
        wanted = survivors({record: into for record, into in merged.items() if into in held})
        found = dict(
            self._db.execute(
                "SELECT id, survivor FROM establishments WHERE survivor IS NOT NULL"
            ).fetchall()
        )
        for record in sorted(wanted.keys() | found.keys()):
            if wanted.get(record) != found.get(record):
                what = f"Cơ sở {record} đang tính vào {found.get(record)}, đúng ra là {wanted.get(record)}."
                yield Difference(ESTABLISHMENTS.name, record, "survivor", what)


class _Live:
    """The rows of one kind as they stand, in the order of their ids, beside the rows they should be."""

    def __init__(self, db: Database, kind: str, columns: tuple[str, ...]) -> None:
        self._kind = kind
        self._columns = columns
        self._rows = db.execute(f"SELECT {', '.join(columns)} FROM {kind} ORDER BY id")  # noqa: S608
        self._row = self._rows.fetchone()

    def compare(self, record: str, wanted: list[object]) -> Iterator[Difference]:
        """`record` must rise from call to call."""
        while self._row is not None and self._row[0] < record:
            yield self._extra()
        row = self._row
        if row is None or row[0] != record:
            yield Difference(self._kind, record, "", f"Thiếu {self._kind} {record}.")
            return
        if list(row) != wanted:
            for column, there, right in zip(self._columns, row, wanted, strict=True):
                if there != right:
                    what = f"{self._kind} {record}: mục {column} không đúng như đã ghi."
                    yield Difference(self._kind, record, column, what)
        self._row = self._rows.fetchone()

    def rest(self) -> Iterator[Difference]:
        """The rows after the last record."""
        while self._row is not None:
            yield self._extra()

    def _extra(self) -> Difference:
        record = self._row[0]
        self._row = self._rows.fetchone()
        return Difference(
            self._kind, record, "id", f"Thừa {self._kind} {record}: chưa ai ghi hồ sơ này."
        )


def _damage(said: str) -> Difference:
    return Difference("file", "", "", f"Tệp dữ liệu có chỗ bị hỏng ({said}).")


def _can_be_made_anew(one: Difference) -> bool:
    if one.table == "schema":
        return one.column in _REMADE
    return one.table in KINDS or one.table in (_SEARCH, "draft_fields")


@contextmanager
def _snapshot(db: Database) -> Iterator[None]:
    """Reading inside sees the file as it is now, whatever other connections write meanwhile."""
    if db.conn.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.rollback()


def _schema(db: Database) -> dict[tuple[str, str], str]:
    """(type, name) -> SQL of everything that was made by a statement."""
    return {
        (of_type, name): sql
        for of_type, name, sql in db.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'"
        )
    }


def _wanted_schema() -> dict[tuple[str, str], str]:
    db = Database(memory=True)
    try:
        migrate(db)
        return _schema(db)
    finally:
        db.close()

"""The administrator's functions, and the database below them."""

from __future__ import annotations

import datetime
import random
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Randomness
from kcdesk.errors import BadInput, NotFound, ServerError
from kcdesk.server import admin
from kcdesk.server.database import (
    DatabaseProblem,
    insert_rows,
    open_database,
    reading,
    upgrade,
    writing,
)
from kcdesk.server.people import CODE_ALPHABET, hash_code, new_code
from kcdesk.server.run import run
from kcdesk.server.tables import area_codes, metadata, users
from tests.conftest import SettableClock
from tests.postgres import Cluster
from tests.sync.databases import Databases, postgresql_only, sqlite_only
from tests.sync.provinces import Province

DAY = 24 * 3600 * 1000


def test_the_steps_make_the_tables_that_the_code_knows(
    databases: Databases, tmp_path: Path
) -> None:
    engine = open_database(databases.blank(tmp_path))
    upgrade(engine)
    upgrade(engine)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_transaction_is_all_or_nothing(databases: Databases, tmp_path: Path) -> None:
    engine = open_database(databases.blank(tmp_path))
    upgrade(engine)
    rows = [(1, "An", "officer"), (2, "Bình", "centre")]
    with pytest.raises(IntegrityError), writing(engine) as connection:
        insert_rows(connection, users, [*rows, rows[0]])
    with writing(engine) as connection:
        assert insert_rows(connection, users, rows[:1]) == 1
        assert insert_rows(connection, users, rows, or_leave=True) == 1
        assert insert_rows(connection, users, []) == 0
    with reading(engine) as connection:
        assert connection.execute(users.select()).all() == rows
    engine.dispose()


@sqlite_only
def test_a_file_waits_for_the_disk_and_keeps_its_rules(province: Province) -> None:
    with reading(province.database) as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


@pytest.mark.parametrize("url", ["", "p.db", "oracle+nothing://x", "sqlite3:///p.db"])
def test_what_is_no_database_url(url: str) -> None:
    with pytest.raises(DatabaseProblem) as problem:
        open_database(url)
    assert "sqlite:///" in problem.value.hint


def test_a_database_that_cannot_be_opened(tmp_path: Path, randomness: Randomness) -> None:
    with pytest.raises(DatabaseProblem):
        admin.init_province(f"sqlite:///{tmp_path / 'none' / 'p.db'}", "A", randomness=randomness)
    (tmp_path / "p.db").write_bytes(b"not a database, whatever its name says" * 50)
    with pytest.raises(DatabaseProblem):
        admin.init_province(f"sqlite:///{tmp_path / 'p.db'}", "A", randomness=randomness)


def test_a_database_that_cannot_keep_vietnamese(cluster: Cluster, randomness: Randomness) -> None:
    name = cluster.create(more="ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(DatabaseProblem, match="UTF8"):
        admin.init_province(cluster.url(name), "A", randomness=randomness)
    cluster.drop(name)


def test_a_database_server_that_is_not_there(cluster: Cluster, randomness: Randomness) -> None:
    with pytest.raises(DatabaseProblem):
        admin.init_province(cluster.url("not_there"), "A", randomness=randomness)
    url = f"postgresql+psycopg://somebody@/any?host={cluster.folder / 'nowhere'}"
    with pytest.raises(DatabaseProblem):
        admin.init_province(url, "A", randomness=randomness)


@postgresql_only
def test_servers_that_start_at_once_make_the_tables_once(
    databases: Databases, tmp_path: Path, randomness: Randomness
) -> None:
    url = databases.blank(tmp_path)
    start = threading.Barrier(4)

    def make(_: int) -> None:
        start.wait(60)
        admin.init_province(url, "Tỉnh Lào Cai", randomness=randomness).dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(4)))
    with admin.province_at(url) as engine:
        assert admin.status(engine, 0).name == "Tỉnh Lào Cai"


def test_a_database_of_a_newer_version_is_left_alone(province: Province) -> None:
    with province.database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseProblem) as newer:
        admin.open_province(province.url)
    assert "mới hơn" in newer.value.message


def test_a_province_is_made_once(
    databases: Databases, tmp_path: Path, randomness: Randomness
) -> None:
    url = databases.blank(tmp_path)
    with pytest.raises(NotFound):
        admin.open_province(url)

    def key(name: str) -> object:
        engine = admin.init_province(url, name, randomness=randomness)
        with reading(engine) as connection:
            found = connection.execute(text("SELECT signing_key, epoch FROM province")).one()
        engine.dispose()
        return found

    assert key("Tỉnh Lào Cai") == key("Tỉnh Lào Cai")
    with pytest.raises(BadInput) as other:
        key("Tỉnh khác")
    assert other.value.code == "other_province"
    with admin.province_at(url) as engine:
        assert admin.status(engine, 0).name == "Tỉnh Lào Cai"


def test_areas_are_communes_of_today_and_come_once(
    province: Province, units: AdministrativeUnits
) -> None:
    communes = units.communes_of("old:10")
    assert admin.add_area(province.database, "old:10", units) == 0
    assert admin.add_area(province.database, communes[0].code, units) == 0
    with pytest.raises(NotFound):
        admin.add_area(province.database, "old:999", units)
    with reading(province.database) as connection:
        held = area_codes.c
        codes = connection.execute(
            select(held.era, held.code, held.valid_from, held.valid_to).order_by(held.code)
        ).all()
    assert [code for era, code, *_ in codes if era == "new"] == [c.code for c in communes]
    assert {code for era, code, *_ in codes if era == "old"} == {
        str(old.code) for commune in communes for old in units.old_of(commune.code)
    }
    assert {(era, valid_from, valid_to) for era, _, valid_from, valid_to in codes} == {
        ("new", datetime.date(2025, 7, 1), None),
        ("old", None, datetime.date(2025, 6, 30)),
    }


def test_assignments(province: Province, units: AdministrativeUnits, clock: SettableClock) -> None:
    database, communes = province.database, province.communes
    admin.add_user(database, "An", "officer")
    with pytest.raises(BadInput) as twice:
        admin.add_user(database, "An", "centre")
    assert twice.value.code == "exists"
    assert admin.assign(database, "An", communes[0], units, clock=clock) == 1
    assert admin.assign(database, "An", "old:10", units, clock=clock) == len(communes) - 1
    assert admin.assign(database, "An", "old:10", units, clock=clock) == 0
    with pytest.raises(NotFound) as nobody:
        admin.assign(database, "Ai", "old:10", units, clock=clock)
    assert nobody.value.code == "user_not_found"
    elsewhere = units.communes_of("92")[0].code
    with pytest.raises(NotFound) as outside:
        admin.assign(database, "An", elsewhere, units, clock=clock)
    assert outside.value.code == "area_not_found"


def test_an_assignment_that_ended_still_lets_what_was_written_under_it_come_for_90_days(
    province: Province, clock: SettableClock
) -> None:
    workspace = province.joined(province.person("An"))
    with province.database.begin() as connection:
        connection.execute(text("UPDATE assignments SET valid_to = '2026-03-02'"))  # today
    clock.advance(90 * DAY)
    province.establishment(workspace, "Muộn", commune=province.communes[0])
    report = province.sync(workspace)
    assert (report.refused, report.received) == ((), 0)
    assert workspace.cursors() == {}  # writing is not reading
    clock.advance(DAY)
    province.establishment(workspace, "Quá muộn", commune=province.communes[0])
    (refused,) = province.sync(workspace).refused
    assert refused.reason_code == "no_area"


def test_codes_are_long_readable_and_forgiving() -> None:
    codes = [new_code(random.Random(seed).randbytes) for seed in range(50)]
    assert len(set(codes)) == 50
    group = f"[{CODE_ALPHABET}]{{4}}"
    assert all(re.fullmatch(f"{group}-{group}-{group}-{group}", code) for code in codes)
    assert not set("01IO") & set(CODE_ALPHABET)
    assert len(CODE_ALPHABET) == 32
    code = codes[0]
    assert hash_code(code) == hash_code(f" {code.lower().replace('-', ' ')}\n")
    assert hash_code(code) != hash_code(codes[1])


def test_the_status_counts(province: Province) -> None:
    workspace = province.joined(province.person("An"))
    province.establishment(workspace, "Một", commune=province.communes[0])
    province.establishment(workspace, "Không ở đâu", note="x")
    province.sync(workspace)
    status = province.status()
    assert (status.changes, status.records, status.refusals, status.log_entries) == (1, 1, 1, 1)
    (device,) = status.devices
    assert (device.person, device.role, device.n) == ("An", "officer", 2)
    assert (device.last_contact_at, device.revoked_at) == (province.clock(), None)
    with province.database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO log_entries SELECT log, number + 1, device, n, digest FROM log_entries"
            )
        )
    assert province.status().double_entries == 1


def test_a_port_that_is_taken(province: Province, randomness: Randomness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError) as busy:
            run(
                province.url,
                host="127.0.0.1",
                port=port,
                clock=province.clock,
                randomness=randomness,
                ready=lambda listening: pytest.fail("it cannot listen"),
            )
    assert busy.value.code == "port"
    assert str(port) in busy.value.message

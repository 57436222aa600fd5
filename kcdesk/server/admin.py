"""What an administrator does on the server's own machine: the province, people, areas, codes, how things stand.

Plain functions over the database; the command line is their door. Nobody signs in over the network.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection, Engine, FromClause, Row, func, insert, select

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness, local_date
from kcdesk.domain.unit_table import TWO_TIERS_FROM
from kcdesk.errors import BadInput, NotFound
from kcdesk.server import audit, erasing, standing, tables
from kcdesk.server.database import insert_rows, open_database, reading, upgrade, writing
from kcdesk.server.people import CODE_MS, hash_code, new_code
from kcdesk.sync.protocol import CommuneStanding, DeviceStanding, Role


class ProvinceStatus(msgspec.Struct, frozen=True):
    """How a province stands.

    double_changes: changes beyond the first of the same device and number; always 0
    double_entries: entries of a log beyond the first of the same change; only a record that came back to an area it
                    had left makes any
    """

    name: str
    at: int
    devices: list[DeviceStanding]
    communes: list[CommuneStanding]
    changes: int
    records: int
    refusals: int
    log_entries: int
    double_changes: int
    double_entries: int


def init_province(url: str, name: str, *, randomness: Randomness) -> Engine:
    """Make the province's database and keys, or open what is there. Raises `ServerError`, `BadInput`.

    A database that exists keeps its name; another name is refused.
    """
    with _opened(url) as engine:
        upgrade(engine)
        with writing(engine) as connection:
            row = (1, name, randomness(8).hex(), randomness(32))
            if insert_rows(connection, tables.province, [row], or_leave=True):
                audit.note(connection, "province.made", name=name)
            known = connection.scalar(select(tables.province.c.name))
            if known != name:
                raise BadInput(
                    f"Cơ sở dữ liệu này là của “{known}”, không phải “{name}”.",
                    hint="Dùng đúng tên, hoặc một cơ sở dữ liệu khác.",
                    code="other_province",
                )
        return engine


def open_province(url: str) -> Engine:
    """Open the database of a province that exists, brought up to date. Raises `ServerError`, `NotFound`."""
    with _opened(url) as engine:
        upgrade(engine)
        with reading(engine) as connection:
            if connection.scalar(select(tables.province.c.name)) is None:
                raise NotFound(
                    "Cơ sở dữ liệu này chưa được lập cho tỉnh nào.",
                    hint="Chạy kcdesk server init trước.",
                )
        erasing.finish(engine)
        return engine


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    """A database that stays open, unless something is wrong with it."""
    engine = open_database(url)
    try:
        yield engine
    except BaseException:
        engine.dispose()
        raise


@contextmanager
def province_at(url: str) -> Iterator[Engine]:
    """The province's database, open for a while. Raises `ServerError`."""
    engine = open_province(url)
    try:
        yield engine
    finally:
        engine.dispose()


def add_user(engine: Engine, name: str, role: Role) -> None:
    """Add a person. Raises `BadInput` when somebody has that name already."""
    with writing(engine) as connection:
        if connection.scalar(select(tables.users.c.id).where(tables.users.c.name == name)):
            raise BadInput(
                f"Đã có người dùng “{name}”.",
                hint="Thêm tên đệm hoặc đơn vị để phân biệt.",
                code="exists",
            )
        connection.execute(insert(tables.users).values(name=name, role=role))
        audit.note(connection, "user.added", user=name, role=role)


def add_area(engine: Engine, code: str, units: AdministrativeUnits) -> int:
    """Make an area of each commune of today that `code` stands for; those there are stay. Returns how many are new.

    Raises `NotFound` for an unknown code.
    """
    added = 0
    with writing(engine) as connection:
        known = _areas_by_code(connection)
        for commune in units.communes_of(code):
            if commune.code in known:
                continue
            area = connection.execute(
                insert(tables.areas).values(name=units.display_name(commune))
            ).inserted_primary_key
            assert area is not None
            codes: list[tuple[object, ...]] = [(area[0], "new", commune.code, TWO_TIERS_FROM, None)]
            last_day = TWO_TIERS_FROM - datetime.timedelta(days=1)
            codes += [
                (area[0], "old", old.code, None, last_day) for old in units.old_of(commune.code)
            ]
            insert_rows(connection, tables.area_codes, codes)
            added += 1
        if added:
            audit.note(connection, "area.added", code=code, communes=added)
    return added


def assign(
    engine: Engine, user: str, code: str, units: AdministrativeUnits, *, clock: Clock
) -> int:
    """Assign a person to all communes that `code` stands for, from today. Returns how many are new to them.

    Raises `NotFound` for an unknown person or code, or a commune that is no area of this province yet.
    """
    today = local_date(clock())
    held = tables.assignments
    with writing(engine) as connection:
        person = _user(connection, user)
        known = _areas_by_code(connection)
        has = set(
            connection.scalars(
                select(held.c.area).where(held.c.user == person.id, held.c.valid_to.is_(None))
            )
        )
        wanted: list[int] = []
        for commune in units.communes_of(code):
            if commune.code not in known:
                raise NotFound(
                    f"{units.display_name(commune)} chưa là địa bàn của tỉnh trên máy chủ này.",
                    hint=f"Chạy kcdesk server area add {code} trước.",
                    code="area_not_found",
                )
            wanted += known[commune.code]
        fresh = dict.fromkeys(area for area in wanted if area not in has)
        rows = [(person.id, area, today, None) for area in fresh]
        insert_rows(connection, held, rows)
        if rows:
            audit.note(
                connection,
                "area.assigned",
                user=user,
                code=code,
                communes=len(rows),
                valid_from=today.isoformat(),
            )
    return len(rows)


def enrol(
    engine: Engine,
    user: str,
    *,
    clock: Clock,
    randomness: Randomness,
    valid_ms: int = CODE_MS,
) -> str:
    """A one-time code with which a device of this person joins, valid for so long. Raises `NotFound`."""
    code = new_code(randomness)
    with writing(engine) as connection:
        person = _user(connection, user)
        row = (hash_code(code), person.id, clock() + valid_ms, None)
        insert_rows(connection, tables.enrolment_codes, [row])
        audit.note(connection, "code.made", user=user, expires_at=row[2])
    return code


def status(engine: Engine, now: int) -> ProvinceStatus:
    """How the province stands at this moment."""
    held, entries = tables.changes, tables.log_entries
    with reading(engine) as connection:

        def count(table: FromClause) -> int:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

        changes, log_entries = count(held), count(entries)
        single_changes = count(select(held.c.device, held.c.n).distinct().subquery())
        single_entries = count(
            select(entries.c.log, entries.c.device, entries.c.n).distinct().subquery()
        )
        return ProvinceStatus(
            connection.scalar(select(tables.province.c.name)) or "",
            now,
            standing.of_devices(connection),
            standing.of_communes(connection, now),
            changes,
            count(tables.records),
            count(tables.refusals),
            log_entries,
            changes - single_changes,
            log_entries - single_entries,
        )


def _user(connection: Connection, name: str) -> Row[tuple[int, str, str]]:
    user = connection.execute(select(tables.users).where(tables.users.c.name == name)).one_or_none()
    if user is None:
        raise NotFound(
            f"Không có người dùng “{name}”.",
            hint="Thêm bằng kcdesk server user add.",
            code="user_not_found",
        )
    return user


def _areas_by_code(connection: Connection) -> dict[str, list[int]]:
    """Codes that hold today -> their areas: several where communes were joined since their areas were made."""
    codes = tables.area_codes
    rows = connection.execute(
        select(codes.c.code, codes.c.area).where(codes.c.era == "new", codes.c.valid_to.is_(None))
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row.code].append(row.area)
    return dict(found)

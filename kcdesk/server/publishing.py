"""Publishing: a folder becomes the next edition of the province, or nothing does.

Owns the order: read, check, say what changes, sign, write in one transaction. What the units of an edition say of the
areas follows in the same transaction: areas have an id of their own and stay, codes come and end.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, select, update

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock
from kcdesk.domain.published.editions import (
    UNITS_PATH,
    EditionFile,
    Fault,
    FileKind,
    Manifest,
    kind_of,
)
from kcdesk.domain.text import normalise
from kcdesk.errors import BadInput
from kcdesk.resources import resource_path
from kcdesk.server import audit, tables
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.editions import contents_of, latest
from kcdesk.server.published_folder import check_files, read_folder
from kcdesk.sync.bundle import edition_statement


class FolderRefused(BadInput):
    """A folder that cannot be published; `faults` is everything that is wrong with it."""

    code = "folder_refused"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(
            f"Chưa công bố được: có {len(faults)} chỗ phải sửa.",
            hint="\n".join(fault.sentence for fault in faults),
        )
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing a folder changes against the last edition; paths. `number`: of the edition it would be."""

    number: int
    files: tuple[EditionFile, ...]
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def changes(self) -> bool:
        return bool(self.added or self.replaced or self.removed)


def plan_publishing(engine: Engine, folder: Path) -> Plan:
    """Read and check a folder. Raises `FolderRefused` with every fault, `NotFound`, `BadInput`."""
    return _plan(engine, folder)[0]


def publish(engine: Engine, folder: Path, *, note: str = "", clock: Clock) -> tuple[Plan, Manifest]:
    """Make a folder the next edition. Raises as `plan_publishing`, and `BadInput` when it is the last one again."""
    plan, contents = _plan(engine, folder)
    if not plan.changes:
        raise BadInput(
            f"Thư mục này giống hệt bản công bố số {plan.number - 1}: không có gì để công bố.",
            hint="Sửa các tệp rồi làm lại.",
            code="nothing_new",
        )
    with writing(engine) as connection:
        home = connection.execute(select(tables.province).with_for_update()).one()
        last = latest(connection)
        if (last.manifest.number if last is not None else 0) != plan.number - 1:
            raise BadInput(
                "Vừa có người khác công bố một bản nữa.",
                hint="Xem bản ấy bằng kcdesk server editions rồi làm lại.",
                code="published_meanwhile",
            )
        manifest = Manifest(plan.number, clock(), normalise(note), plan.files)
        signed = msgspec.json.encode(manifest)
        key = Ed25519PrivateKey.from_private_bytes(home.signing_key)
        rows = [(file.sha256, contents[file.path]) for file in plan.files]
        insert_rows(connection, tables.file_contents, rows, or_leave=True)
        signature = key.sign(edition_statement(signed))
        row = (plan.number, manifest.published_at, signed, signature)
        insert_rows(connection, tables.editions, [row])
        files = [(plan.number, file.path, file.sha256) for file in plan.files]
        insert_rows(connection, tables.edition_files, files)
        audit.note(connection, "edition.published", number=plan.number, files=len(files))
        if UNITS_PATH in contents:
            _follow_units(connection, AdministrativeUnits(contents[UNITS_PATH].decode("utf-8")))
    return plan, manifest


def _plan(engine: Engine, folder: Path) -> tuple[Plan, dict[str, bytes]]:
    contents, faults = read_folder(folder)
    with reading(engine) as connection:
        last = latest(connection)
        before = contents_of(connection, last.manifest) if last is not None else {}
    faults += check_files(contents, before)
    if faults:
        raise FolderRefused(faults)
    files = tuple(_file(path, content) for path, content in sorted(contents.items()))
    return Plan(
        (last.manifest.number if last is not None else 0) + 1,
        files,
        tuple(sorted(contents.keys() - before.keys())),
        tuple(
            path for path in sorted(contents) if before.get(path, contents[path]) != contents[path]
        ),
        tuple(sorted(before.keys() - contents.keys())),
    ), contents


def _file(path: str, content: bytes) -> EditionFile:
    kind = kind_of(path)
    assert kind is not None, "the folder was read by what is published"
    beside_ours = kind in (FileKind.MEDIA, FileKind.SUPPORT_RULES)  # rules are replaced row by row
    replaces = not beside_ours and resource_path(*path.split("/")).is_file()
    return EditionFile(path, kind, hashlib.sha256(content).hexdigest(), len(content), replaces)


def _follow_units(connection: Connection, units: AdministrativeUnits) -> None:
    """Give areas the codes that came after theirs, and let those that ended end; records and cursors stay."""
    held = tables.area_codes
    known = {(row.area, row.era, row.code): row for row in connection.execute(select(held)).all()}
    fresh: dict[tuple[int, str, str], tuple[object, ...]] = {}
    for (area, era, code), row in known.items():
        ended = units.successions.get(code) if era == "new" else None
        if ended is None:
            continue
        last_day = ended.since - datetime.timedelta(days=1)
        if row.valid_to is None:
            connection.execute(
                update(held)
                .where(held.c.area == area, held.c.era == era, held.c.code == code)
                .values(valid_to=last_day)
            )
        for commune in units.standing(code):
            key = (area, "new", str(commune.code))
            fresh.setdefault(key, (*key, ended.since, None))
    rows = [row for key, row in fresh.items() if key not in known]
    insert_rows(connection, held, rows)
    for area in {area for area, _, _ in fresh}:
        names = {c for a, era, c in fresh if a == area}
        if len(names) == 1:
            unit = units.new_commune(names.pop())
            connection.execute(
                update(tables.areas)
                .where(tables.areas.c.id == area)
                .values(name=units.display_name(unit))
            )

"""The table of rights (design, section 4b), every cell, through the application: what is taken and what is refused.

The table is `rights.tsv`: a person may do it to records of areas of theirs (`area`), to those of them that they made
(`own`), to all (`all`), or not (`-`). It is written by hand and knows nothing of `kcdesk.server.rights`. Writing is
judged also by areas given up in the last 90 days; reading is not.
"""

from __future__ import annotations

import csv
import datetime
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from kcdesk.changes import Change, Value
from kcdesk.domain.clock import local_date
from kcdesk.domain.kinds import KINDS, KINDS_THAT_TRAVEL
from kcdesk.server import tables
from kcdesk.server.database import insert_rows, writing
from kcdesk.server.people import LATE
from tests.server.speaking import Device
from tests.sync.provinces import Province

ROLES = ("collaborator", "officer", "centre", "administrator")
PLACES = ("mine", "given up 90 days ago", "given up 91 days ago", "never mine")
WRITABLE = ("mine", "given up 90 days ago")

with Path(__file__).with_name("rights.tsv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file, delimiter="\t"))

SAID: dict[str, dict[str, Value]] = {
    "add": {"note": "Mới"},
    "add accepted": {"sheet_state": "ACCEPTED"},
    "add registered": {"registered_on": "2026-03-02"},
    "edit": {"note": "Sửa"},
    "merge": {"merged_into": "01990000-0000-7000-8000-000000000000"},
    "delete": {"deleted": True},
    "take back": {"deleted": False},
    "accept": {"sheet_state": "ACCEPTED", "accepted_on": "2026-03-02"},
    "return": {"sheet_state": "RETURNED"},
    "hand in": {"registered_on": "2026-03-02"},
}


@dataclass(frozen=True)
class Asked:
    """A cell as it was tried. made_by: `me`, `somebody`, or nobody yet."""

    kind: str
    operation: str
    made_by: str


class Rig:
    """A province in which one person looks, or looked, after one commune of each of PLACES but the last."""

    def __init__(self, province: Province, role: str, place: str) -> None:
        self.province, self.role, self.place = province, role, place
        self.commune = province.communes[PLACES.index(place)]
        self.somebody = self._enrolled("Mai", b"s")
        self.me = self._enrolled("An", b"m")
        self.establishment = self._add(self.somebody, "establishments")
        self._records: dict[tuple[str, str], str] = {}

    def _enrolled(self, person: str, key: bytes) -> Device:
        self.province.person(person, "centre", None)
        device = Device(self.province, key * 32)
        device.enrol(person)
        return device

    def _add(self, device: Device, kind: str, **said: Value) -> str:
        return device.change(kind, **{**self.said_where(kind), "note": "Đầu", **said}).record

    def said_where(self, kind: str) -> dict[str, Value]:
        """What a new record of this kind says of its place."""
        if kind == "erasures":
            return {"of_kind": "needs", "of": self.establishment, "fields": ["purpose"]}
        known = KINDS_THAT_TRAVEL.get(kind)
        if known is None or known.parent is None:
            return {"commune": self.commune}
        return {known.parent: self.establishment}

    def fill(self) -> list[Asked]:
        """Have a record for every cell that is about one that is there; the cells."""
        cells = []
        for row in TABLE:
            kind, operation = row["kind"], row["operation"]
            if operation.startswith("add"):
                cells.append(Asked(kind, operation, "nobody"))
                continue
            for made_by, device in (("me", self.me), ("somebody", self.somebody)):
                cells.append(Asked(kind, operation, made_by))
                self._records[f"{kind} {operation}", made_by] = self._add(device, kind)
        for device in (self.somebody, self.me):
            assert device.say(device.said).refusals == []
        self._become()
        return cells

    def _become(self) -> None:
        """From now on I am who the test is about."""
        today = local_date(self.province.clock())
        with writing(self.province.database) as connection:
            user = connection.scalar(select(tables.users.c.id).where(tables.users.c.name == "An"))
            connection.execute(
                update(tables.users).where(tables.users.c.id == user).values(role=self.role)
            )
            connection.execute(delete(tables.assignments).where(tables.assignments.c.user == user))
            codes = tables.area_codes
            current = select(codes.c.code, codes.c.area).where(codes.c.era == "new")
            areas = {code: area for code, area in connection.execute(current)}  # noqa: C416
            ends = (None, today - LATE, today - LATE - datetime.timedelta(days=1))
            begin = today - datetime.timedelta(days=500)
            rows = [
                (user, areas[code], begin, end)
                for code, end in zip(self.province.communes, ends, strict=False)
            ]
            insert_rows(connection, tables.assignments, rows)

    def write(self, cell: Asked) -> Change:
        """Say what a cell is about."""
        said, where = SAID[cell.operation], self.said_where(cell.kind)
        if cell.made_by == "nobody":
            return self.me.change(cell.kind, **where, **said)
        if cell.kind == "erasures":
            said = {**where, **said}
        record = self._records[f"{cell.kind} {cell.operation}", cell.made_by]
        return self.me.change(cell.kind, record, **said)

    def allowed(self, cell: Asked) -> bool:
        """What the table says."""
        row = next(
            row for row in TABLE if (row["kind"], row["operation"]) == (cell.kind, cell.operation)
        )
        here = self.place == "mine" if cell.operation == "read" else self.place in WRITABLE
        match row[self.role]:
            case "all":
                return True
            case "area":
                return here
            case "own":
                return here and cell.made_by == "me"
        assert row[self.role] == "-"
        return False


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=ROLES)
def rig(province: Province, place: str, request: pytest.FixtureRequest) -> Rig:
    return Rig(province, request.param, place)


def test_what_a_person_may_read_and_write(rig: Rig) -> None:
    cells = rig.fill()
    to_read = [cell for cell in cells if cell.operation == "read"]
    logs, entries = rig.me.read()
    said = [*rig.me.said, *rig.somebody.said]
    held = {change.record for change in said if (change.device, change.n) in entries}
    found = {cell: rig._records[f"{cell.kind} read", cell.made_by] in held for cell in to_read}
    sees = rig.role == "centre" or (rig.place == "mine" and rig.role != "administrator")
    assert "published" in logs
    assert len(logs) == 1 + sees

    to_write = [cell for cell in cells if cell.operation != "read"]
    before = len(rig.me.said)
    changes = [rig.write(cell) for cell in to_write]
    refused = {refusal.n: refusal.reason_code for refusal in rig.me.say(changes).refusals}
    numbered = dict(enumerate(to_write, before + 1))
    found |= {cell: n not in refused for n, cell in numbered.items()}
    assert found == {cell: rig.allowed(cell) for cell in cells}

    # where somebody has nothing to do, nothing tells that the record is there
    of_areas = {n for n, cell in numbered.items() if cell.kind in KINDS}
    if rig.role == "centre" or rig.place in WRITABLE:
        assert set(refused.values()) <= {"no_right"}
    else:
        assert {refused[n] for n in of_areas} == {"no_area"}


def test_the_table_is_whole() -> None:
    assert {row["kind"] for row in TABLE} >= set(KINDS_THAT_TRAVEL)
    for kind in KINDS_THAT_TRAVEL:
        operations = [row["operation"] for row in TABLE if row["kind"] == kind]
        assert len(operations) == len(set(operations))
        assert {"read", "add", "edit", "delete"} <= set(operations)

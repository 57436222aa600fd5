"""The centre erases: at the province and on every device nothing is left, whatever comes late."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select, text

from kcdesk.actions.desk import Desk
from kcdesk.actions.erasing import erase, list_erasures, plan_erasure
from kcdesk.changes import Change
from kcdesk.changes.erasing import KIND
from kcdesk.errors import BadInput, Cancelled
from kcdesk.server import admin, erasing, tables
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.history import change_of
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from tests.storage.test_erasing import clear_contents, clear_pages
from tests.storage.workspaces import desk_on
from tests.sync.databases import sqlite_only
from tests.sync.in_process import Cut
from tests.sync.laptops import FIELD, Laptop
from tests.sync.provinces import Province

NAME, CCCD = "Đặng Quỳnh Xuyến", "034184765291"
MARKERS = tuple(marker.encode() for marker in (NAME, "Xuyến", CCCD, "dang quynh", "xuyen"))
FIELDS = ("rep_name", "rep_id_no")


@dataclass
class People:
    """The centre, an officer, and the establishment whose owner wants to be forgotten."""

    province: Province
    centre: Workspace
    officer: Workspace
    record: str

    def sync(self, *workspaces: Workspace) -> None:
        for workspace in workspaces or (self.officer, self.centre):
            report = self.province.sync(workspace)
            assert (report.waiting, report.digests_equal) == (0, True)

    def erase(self) -> None:
        erase_of(self.desk(self.centre), self.record)

    def desk(self, workspace: Workspace) -> Desk:
        return desk_on(workspace, clock=self.province.clock)


def erase_of(desk: Desk, record: str) -> None:
    plan = plan_erasure(desk, "establishments", record, FIELDS)
    erase(desk, plan, reason="theo yêu cầu", paper="12/QĐ", paper_date="01/03/2026")


@pytest.fixture
def people(province: Province) -> People:
    """All have all: named at the officer's, synced."""
    province.person("Chi", "centre", area=None)
    province.person("An")
    centre, officer = province.joined("Chi"), province.joined("An")
    record = province.establishment(officer, "Hộ rèn", commune=province.communes[0])
    officer.save([Edit("establishments", record, {"rep_name": NAME, "rep_id_no": CCCD})])
    made = People(province, centre, officer, record)
    made.sync()
    return made


def at_the_province(province: Province) -> list[Change]:
    with reading(province.database) as connection:
        return [change_of(row) for row in connection.execute(select(tables.changes))]


def said_of(changes: list[Change], field: str) -> list[object]:
    return [c.set[field] for c in changes if field in c.set]


def files_of(database: Engine) -> list[Path]:
    """What lies on the disk of the server's machine: the file and its log; the files of tables and indexes."""
    if database.dialect.name == "sqlite":
        path = Path(str(database.url.database))
        return list(path.parent.glob(f"{path.name}*"))
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(str(connection.scalar(text("SHOW data_directory"))))
        paths = connection.scalars(
            text("SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 't', 'i')")
        ).all()
    return [folder / path for path in paths if path is not None and (folder / path).exists()]


def bytes_of_the_province(province: Province) -> Iterator[tuple[str, bytes]]:
    """Every file of the server, and what its kept bytes say unpacked."""
    for path in files_of(province.database):
        yield path.name, path.read_bytes()
    with reading(province.database) as connection:
        held = tables.exchange_bytes
        rows = connection.execute(
            select(held).order_by(held.c.exchange, held.c.direction, held.c.position)
        )
        kept: dict[tuple[str, str], bytes] = {}
        for row in rows:
            key = (row.exchange, row.direction)
            kept[key] = kept.get(key, b"") + row.bytes
    for (exchange, direction), content in kept.items():
        yield f"{exchange} {direction}", b"".join(packing.unpack([content]))


def found_at_the_province(province: Province) -> set[tuple[str, bytes]]:
    return {
        (where, marker)
        for where, content in bytes_of_the_province(province)
        for marker in MARKERS
        if marker in content
    }


def found_on(workspace: Workspace) -> set[bytes]:
    """Markers in what can be read of a workspace's files with its key."""
    contents = [*clear_pages(workspace.folder, workspace.key)]
    contents += [content for _, content in clear_contents(workspace.folder, workspace.key)]
    return {marker for content in contents for marker in MARKERS if marker in content}


def test_nothing_is_left_anywhere_and_everything_still_proves_itself(people: People) -> None:
    province = people.province
    people.officer.back_up("asked")
    before = at_the_province(province)
    assert found_at_the_province(province)
    assert found_on(people.officer)
    assert found_on(people.centre)
    people.erase()
    people.sync(people.centre, people.officer)
    people.officer.erasing.finish()
    assert found_at_the_province(province) == set()
    assert found_on(people.officer) == set()
    assert found_on(people.centre) == set()
    after = {change.id: change for change in at_the_province(province)}
    for change in before:  # the change stays with its number, what it had seen, and its fields
        kept = after[change.id]
        assert (kept.seen, kept.at, list(kept.set)) == (change.seen, change.at, list(change.set))
    assert said_of(list(after.values()), "rep_name") == [None, None]
    assert said_of(list(after.values()), "name") == ["Hộ rèn"]
    for workspace in (people.officer, people.centre):
        assert workspace.lists.get("establishments", people.record).get("rep_name") is None
        (entry,) = list_erasures(people.desk(workspace))
        assert (entry.record, entry.fields, entry.paper) == (people.record, FIELDS, "12/QĐ")
    with reading(province.database) as connection:
        assert connection.scalars(select(tables.erasing.c.what)).all() == []


def test_a_device_that_comes_later_reads_the_list_too(people: People) -> None:
    people.erase()
    people.sync(people.centre)
    people.province.person("Bình", "collaborator")
    late = people.province.joined("Bình")
    people.sync(late)
    assert late.lists.get("establishments", people.record)["name"] == "Hộ rèn"
    assert len(list_erasures(people.desk(late))) == 1
    assert found_on(late) == set()


def test_what_is_delivered_late_is_erased_on_arrival(people: People) -> None:
    """The officer had said it once more, and did not know."""
    said = {"rep_name": NAME, "note": "giữ lại"}
    people.officer.save([Edit("establishments", people.record, said)])
    people.erase()
    people.sync(people.centre)
    assert found_at_the_province(people.province) == set()
    people.sync(people.officer, people.centre)
    people.officer.erasing.finish()
    for workspace in (people.officer, people.centre):
        row = workspace.lists.get("establishments", people.record)
        assert (row.get("rep_name"), row["note"]) == (None, "giữ lại")
        assert found_on(workspace) == set()
    assert found_at_the_province(people.province) == set()


def test_whoever_knew_may_write_again(people: People) -> None:
    people.erase()
    people.sync(people.centre, people.officer)
    state = people.officer.state("establishments", people.record)
    people.officer.save(
        [Edit("establishments", people.record, {"rep_name": "Người khác"}, state.seen)]
    )
    people.sync()
    for workspace in (people.officer, people.centre):
        row = workspace.lists.get("establishments", people.record)
        assert (row["rep_name"], row["conflicts"]) == ("Người khác", 0)


@pytest.mark.parametrize("role", ["collaborator", "officer", "administrator"])
def test_only_the_centre_may(people: People, role: str) -> None:
    people.province.person("Dũng", role)
    other = people.province.joined("Dũng")
    people.sync(other)
    with pytest.raises(BadInput, match="Chỉ trung tâm"):
        erase_of(people.desk(other), people.record)
    forged = {"of_kind": "establishments", "of": people.record, "fields": list(FIELDS)}
    other.save([Edit(KIND, "01900000-0000-7000-8000-00000000000e", forged)])
    report = people.province.sync(other)
    assert [refusal.reason_code for refusal in report.refused] == ["no_right"]
    people.sync()
    assert NAME in said_of(at_the_province(people.province), "rep_name")
    assert people.officer.lists.get("establishments", people.record)["rep_name"] == NAME
    assert list_erasures(people.desk(people.officer)) == []


def test_what_makes_no_sense_is_refused_and_nobody_unsays_an_erasure(people: People) -> None:
    centre = people.centre
    centre.save([Edit(KIND, "01900000-0000-7000-8000-00000000000e", {"of": people.record})])
    assert [r.reason_code for r in people.province.sync(centre).refused] == ["form"]
    people.erase()
    people.sync(centre)
    (entry,) = list_erasures(people.desk(centre))
    again = {"of_kind": "establishments", "of": people.record, "fields": ["name"], "deleted": True}
    centre.save([Edit(KIND, entry.id, again)])
    assert [r.reason_code for r in people.province.sync(centre).refused] == ["no_right"]


def test_an_answer_under_way_is_dropped(people: People) -> None:
    province = people.province
    province.person("Bình")
    late = province.joined("Bình")
    line, stop = province.transport(Cut("answer", 150)), threading.Event()
    with pytest.raises(Cancelled):
        province.sync(late, line, cancel=stop, wait=lambda _: stop.set())
    assert late.exchange() is not None
    people.erase()
    people.sync(people.centre)
    assert found_at_the_province(province) == set()
    people.sync(late)
    late.erasing.finish()
    assert found_on(late) == set()
    assert late.lists.get("establishments", people.record).get("rep_name") is None


@pytest.mark.parametrize("writes", [False, True])
def test_a_laptop_put_back_to_before_sends_nothing_twice(province: Province, writes: bool) -> None:
    """Its numbers are at the province, erased there; it has them in clear and does not know."""
    province.person("Chi", "centre", area=None)
    centre = province.joined("Chi")
    laptop = Laptop.new(province, "An")
    record = province.establishment(laptop.workspace, "Hộ rèn", commune=province.communes[0])
    laptop.sync()
    said = {"rep_name": NAME, "rep_id_no": CCCD}
    laptop.workspace.save([Edit("establishments", record, said)])
    old = laptop.saved(province.folder / "saved")
    laptop.workspace.save([Edit("establishments", record, {"email": "a@b.vn"})])
    laptop.sync()
    province.sync(centre)
    erase_of(desk_on(centre, clock=province.clock), record)
    province.sync(centre)
    laptop.put_back(old)
    if writes:
        laptop.write(record, "mới")
    for _ in range(2):
        report = laptop.sync()
        assert (report.waiting, report.digests_equal) == (0, True)
        province.sync(centre)
    changes = at_the_province(province)
    assert said_of(changes, "rep_name") == [None, None]
    assert said_of(changes, "email") == ["a@b.vn"]
    assert said_of(changes, FIELD) == (["mới"] if writes else [])
    assert province.status().double_changes == 0
    assert found_at_the_province(province) == set()
    for workspace in (laptop.workspace, centre):
        row = workspace.lists.get("establishments", record)
        assert (row.get("rep_name"), row["email"], row["conflicts"]) == (None, "a@b.vn", 0)


@sqlite_only
def test_what_a_cut_left_below_the_rows_is_cleaned_when_the_province_is_opened(
    people: People,
) -> None:
    """The process died between the transaction and the rewriting."""
    province = people.province
    people.erase()
    body = change_bytes(people)
    with writing(province.database) as connection:
        insert_rows(connection, tables.file_contents, [("0" * 64, body)])
    with writing(province.database) as connection:
        connection.execute(tables.file_contents.delete())
        insert_rows(connection, tables.erasing, [("file",)])
    assert any(body[:64] in path.read_bytes() for path in province.folder.glob("province.db*"))
    admin.open_province(province.url).dispose()
    assert not any(body[:64] in path.read_bytes() for path in province.folder.glob("province.db*"))
    with reading(province.database) as connection:
        assert connection.scalars(select(tables.erasing.c.what)).all() == []
    assert erasing.finish(province.database)


def change_bytes(people: People) -> bytes:
    return msgspec.json.encode({"rep_name": NAME}) * 400


def test_a_body_is_gone_once_it_is_answered_and_asking_again_gives_the_same(
    people: People,
) -> None:
    province = people.province
    people.officer.save([Edit("establishments", people.record, {"note": "x"})])
    province.sync(people.officer, province.transport(Cut("answer", None)))
    held = tables.exchange_bytes
    with reading(province.database) as connection:
        kept = connection.scalars(select(held.c.direction).distinct()).all()
    assert kept == ["answer"]

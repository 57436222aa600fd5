"""Erased is gone: from every file of the workspace, in whatever order things come, and for good."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.actions.attachments import add_attachments
from kcdesk.actions.backups import back_up
from kcdesk.actions.checking import check
from kcdesk.actions.desk import Desk, shipped_units
from kcdesk.actions.drafts import keep_draft
from kcdesk.actions.erasing import erase, plan_erasure
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import add_record, list_records, set_fields
from kcdesk.actions.surveys import fill_in, open_survey, save_survey
from kcdesk.changes import Change, ChangeId
from kcdesk.changes.erasing import KIND, erasure_of, without_erased
from kcdesk.domain.identifiers import new_record_id
from kcdesk.domain.text import person_sort_key, sort_key
from kcdesk.domain.value import Value
from kcdesk.storage.attachments import _Seal as AttachmentSeal
from kcdesk.storage.backups.pieces import unpacked
from kcdesk.storage.backups.repository import Repository
from kcdesk.storage.backups.sealing import Seal
from kcdesk.storage.drafts import Form
from kcdesk.storage.edits import Edit
from kcdesk.storage.erased_papers import GONE
from kcdesk.storage.safety.carving import _Files, _Pages, salt_of
from kcdesk.storage.safety.replacing import Place, restore
from kcdesk.storage.workspace import Workspace
from tests.changes.histories import RECORDS, Save, Step, World, steps
from tests.conftest import SettableClock
from tests.importing.attachment_files import phone_jpeg
from tests.storage.workspaces import NOW, desk_on, make, marks_of, raw, reopen, rows_of

ERASURE = "01900000-0000-7000-8000-00000000000e"
OTHER = "00000000000000b2"
NAME, CCCD, PHONE = "Đặng Quỳnh Xuyến", "034184765291", "0987651234"
MARKERS = [
    text.encode()
    for text in (
        *(NAME, "Xuyến", "uyen", "quynh", CCCD, CCCD[3:], PHONE, PHONE[1:]),
        *(sort_key(NAME).split("\t")[0], person_sort_key(NAME)),
    )
]


def erasing(of: str, *fields: str, device: str = OTHER, n: int = 1) -> Change:
    said = {"of_kind": "establishments", "of": of, "fields": list(fields), "paper": "12/QĐ"}
    return Change(device, n, KIND, ERASURE, NOW, said, {})  # type: ignore[arg-type]


# Whatever order


def world_with_an_erasure(before: Sequence[Step], after: Sequence[Step]) -> tuple[World, Change]:
    """Somebody erases `name` of the first record between two histories; the world, and the erasure's change."""
    world = World()
    world.run([*before, Save(1, 0, {"name": "x"}, 0)])  # one at least
    device = world.devices[0]
    erasure = erasing(RECORDS[0], "name", device=device.id, n=len(device.own) + 1)
    device.own.append(erasure)
    device.held[erasure.id] = erasure
    world.knew[erasure.id] = frozenset()
    world.run([Save(0, 0, {"name": None}, 0), *after])
    world.quiesce()
    return world, erasure


def truth(world: World, erasure: Change) -> dict[ChangeId, Change]:
    """The changes as they must end: whose author knew the erasure is told by the world, without `seen`."""
    second = ChangeId(erasure.device, erasure.n + 1)

    def clean(change: Change) -> Change:
        knew = change.id == second or second in world.knew[change.id]
        if change.record != RECORDS[0] or "name" not in change.set or knew:
            return change
        return msgspec.structs.replace(change, set={**change.set, "name": None})

    return {change.id: clean(change) for change in world.province.values()}


@given(steps, steps)
def test_what_is_covered_is_what_was_said_without_knowing(
    before: list[Step], after: list[Step]
) -> None:
    world, erasure = world_with_an_erasure(before, after)
    known = erasure_of(erasure)
    assert known is not None
    found = {c.id: without_erased(c, [known]) for c in world.province.values()}
    assert found == truth(world, erasure)
    assert {c.id: without_erased(c, [known, known]) for c in found.values()} == found


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, steps, st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[Step],
    after: list[Step],
    chance: random.Random,
) -> None:
    base = tmp_path_factory.mktemp("orders")
    world, erasure = world_with_an_erasure(before, after)
    expected = truth(world, erasure)
    rows = []
    for number in range(2):
        arriving = list(world.province.values())
        chance.shuffle(arriving)
        cut = chance.randint(0, len(arriving))
        repeated = chance.choice((0, len(arriving)))
        with make(base / str(number)) as workspace:
            for part in (arriving[:cut], arriving[cut:], arriving[:repeated]):
                workspace.receive(part, {})
            assert {change.id: change for change in workspace.changes()} == expected
            found = [one for one in workspace.erasing.check() if one.table != KIND]
            assert found == []
        rows.append(rows_of(base / str(number)))
    assert rows[0] == rows[1]
    shutil.rmtree(base)


def test_a_form_that_was_open_before_the_erasure_came_says_nothing_any_more(
    workspace: Workspace,
) -> None:
    workspace.save([Edit("establishments", RECORDS[0], {"name": NAME, "phone": "+84987651234"})])
    seen = workspace.state("establishments", RECORDS[0]).seen
    null = Change(
        OTHER, 2, "establishments", RECORDS[0], NOW, {"name": None}, {workspace.device_id: 1}
    )
    workspace.receive([erasing(RECORDS[0], "name"), null], {})
    workspace.save([Edit("establishments", RECORDS[0], {"name": NAME, "note": "x"}, seen)])
    assert workspace.lists.get("establishments", RECORDS[0]).get("name") is None
    workspace.save([Edit("establishments", RECORDS[0], {"name": "Tên mới"})])
    assert workspace.lists.get("establishments", RECORDS[0])["name"] == "Tên mới"
    assert list(workspace.checker.counters()) == []


def test_only_the_named_fields_of_the_named_record_go(workspace: Workspace) -> None:
    said = {
        "name": "a",
        "phone": "b",
        "main_products/r1/name": "c",
        "main_products/r1/deleted": True,
    }
    workspace.save([Edit("establishments", each, dict(said)) for each in RECORDS])  # type: ignore[arg-type]
    workspace.receive([erasing(RECORDS[0], "phone", "main_products", "deleted")], {})
    first, second = sorted(workspace.changes(), key=lambda c: c.record)[:2]
    gone = {"phone": None, "main_products/r1/name": None}
    assert [first.set, second.set] == [{**said, **gone}, said]
    assert list(workspace.checker.counters()) == []  # what nobody has confirmed is hashed anew


def test_the_chain_of_what_is_confirmed_stays(workspace: Workspace) -> None:
    workspace.save([Edit("establishments", RECORDS[0], {"name": NAME})])
    chain = workspace.chain()
    workspace.confirm(chain.last_n, chain.last_hash, [])
    workspace.receive([erasing(RECORDS[0], "name")], {})
    assert (workspace.chain().last_hash, workspace.chain().confirmed_hash) == (chain.last_hash,) * 2
    assert list(workspace.checker.counters()) == []


def test_what_makes_no_sense_erases_nothing(workspace: Workspace) -> None:
    workspace.save([Edit("establishments", RECORDS[0], {"name": "a"})])
    odd: list[dict[str, Value]] = [
        {"of": 1},
        {"of_kind": KIND, "of": ERASURE, "fields": ["of"]},
        {"of": None, "fields": "x"},
    ]
    workspace.receive(
        [Change(OTHER, n, KIND, ERASURE, NOW, said, {}) for n, said in enumerate(odd, 1)], {}
    )
    assert workspace.erasing.every() == []
    assert workspace.lists.get("establishments", RECORDS[0])["name"] == "a"


# Every file


@pytest.fixture
def given_files(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["STT", "Tên cơ sở", "Địa chỉ", "Người đại diện", "Điện thoại", "Ngành nghề"],
        [1, "Hộ " + NAME, "Xã Bát Xát, tỉnh Lào Cai", NAME, PHONE, "Rèn"],
        [2, "Hộ Lò Văn Pao", "Xã Bát Xát, tỉnh Lào Cai", "Lò Văn Pao", "0912345678", "Rèn"],
    ):
        sheet.append(row)
    book.save(folder / "list.xlsx")
    (folder / f"{NAME} {CCCD}.jpg").write_bytes(phone_jpeg())
    return folder


def plant(desk: Desk, given_files: Path, stick: Path) -> str:
    """Markers through everything that takes them; the establishment."""
    workspace = desk.workspace
    import_list(desk, given_files / "list.xlsx")
    record = str(list_records(desk, "establishments", search="xuyen").records[0].row["id"])
    back_up(desk, place=stick)
    set_fields(desk, "establishments", record, {"rep_id_no": CCCD, "note": f"{NAME}, gọi {PHONE}"})
    set_fields(desk, "establishments", record, {"main_products/1/name": f"Dao {NAME}"})
    set_fields(desk, "establishments", record, {"name": "Hộ " + NAME + " cũ"})
    survey = open_survey(desk, "F01", record)
    fill_in(survey.sheet, {"phone": PHONE})
    save_survey(desk, survey)
    add_record(desk, "needs", {"establishment": record, "purpose": f"Máy cho {NAME}"})
    add_attachments(desk, record, sorted(given_files.glob("*.jpg")), keep_original=True)
    keep_draft(desk, Form("establishments", record), {"rep_name": NAME, "rep_id_no": CCCD})
    workspace.papers.note(
        NOW, "file", "F02", record=record, file_name=f"F02_{NAME}.pdf", taker=f"ông {NAME}"
    )
    workspace.papers.note(NOW, "printed", "F02", record="other", taker=NAME.upper())
    workspace.papers.keep_unread(NOW, f"{NAME}.jpg", 1, f"{NAME} {CCCD}".encode())
    workspace.papers.keep_unread(NOW, f"{NAME}.pdf", 2, f"{NAME} {CCCD}".encode(), record)
    workspace.begin_exchange("one", 1, bytes(32), [f"{NAME} {CCCD}".encode()])
    workspace.keep_answer(0, f"{NAME} {CCCD} {PHONE}".encode())
    workspace.back_up("asked")
    return record


def erase_everything(desk: Desk, establishment: str) -> None:
    """Each record that says something of the person, as the plan names them."""
    fields = ["name", "rep_name", "rep_id_no", "phone", "note", "main_products"]
    plan = plan_erasure(desk, "establishments", establishment, fields)
    others: dict[tuple[str, str], list[str]] = {}
    for kind, record, field in plan.elsewhere:
        others.setdefault((kind, record), []).append(field)
    assert {kind for kind, _ in others} == {"surveys", "needs", "attachments"}
    do_erase(desk, "establishments", establishment, *fields)
    for (kind, record), of_record in others.items():
        do_erase(desk, kind, record, *([] if kind == "attachments" else of_record))


def do_erase(desk: Desk, kind: str, record: str, *fields: str) -> None:
    plan = plan_erasure(desk, kind, record, fields)
    erase(desk, plan, reason="theo yêu cầu", paper="12/QĐ-KC", paper_date="01/03/2026")


def clear_pages(folder: Path, key: bytes) -> Iterator[bytes]:
    """Every page of the database in clear, free ones too, and every frame of its log."""
    database, log = folder / "workspace.db", folder / "workspace.db-wal"
    with database.open("rb") as file:
        files = _Files(file, None, {})
        pages = _Pages(files, key, salt_of(database))
        for number in files.numbers():
            page = pages.read(number)
            assert page is not None
            yield page
    content = log.read_bytes() if log.exists() else b""
    frame = 24 + 4096
    for start in range(32, len(content), frame):
        number = int.from_bytes(content[start : start + 4], "big")
        yield (
            _Pages(_OnePage(content[start + 24 : start + frame]), key, salt_of(database)).read(
                number
            )
            or b""
        )


class _OnePage(_Files):
    def __init__(self, page: bytes) -> None:
        super().__init__(None, None, {})
        self._page = page

    def versions(self, number: int) -> Iterator[bytes]:
        yield self._page


def clear_contents(folder: Path, key: bytes) -> Iterator[tuple[str, bytes]]:
    """Everything that lies in a workspace's folder, decrypted: a name, and what is in it."""
    seal, attachments = Seal(key), AttachmentSeal(key)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content, name = path.read_bytes(), path.relative_to(folder).as_posix()
        if name.startswith("backups/pieces"):
            rows = unpacked(seal.open("pieces", content))
            yield name, msgspec.msgpack.encode(rows)
        elif name.startswith("attachments/"):
            yield name, attachments.open(name.removeprefix("attachments/"), content)
        elif name.startswith("set-aside") and name.endswith("workspace.db"):
            yield from ((name, page) for page in clear_pages(path.parent, key))
        else:
            yield name, content
    if (folder / "workspace.db").exists():
        yield from (("workspace.db", page) for page in clear_pages(folder, key))


def found(folder: Path, key: bytes, photo: bytes = b"") -> set[tuple[str, bytes]]:
    """Where which marker stands; also a picture."""
    return {
        (name.split("/")[0], marker)
        for name, content in clear_contents(folder, key)
        for marker in (*MARKERS, b"Exif", photo[2_000:2_100] or NAME.encode())
        if marker in content
    }


def test_nothing_of_it_is_left_in_any_file(
    tmp_path: Path, clock: SettableClock, given_files: Path
) -> None:
    folder, stick = tmp_path / "workspace", tmp_path / "stick"
    stick.mkdir()
    (photo,) = (path.read_bytes() for path in given_files.glob("*.jpg"))
    workspace = make(folder, clock=clock)
    key = workspace.key
    with workspace:
        record = plant(desk_on(workspace, clock=clock), given_files, stick)
    restored_once(folder, workspace, clock)
    before = found(folder, key, photo)
    assert {place for place, _ in before} == {"workspace.db", "backups", "attachments", "set-aside"}
    assert {marker for _, marker in before} >= {*MARKERS, b"Exif"}
    assert found(stick / next(stick.iterdir()).name, key, photo)
    with reopen(folder, clock=clock) as workspace:
        desk = desk_on(workspace, clock=clock)
        add_attachments(desk, record, sorted(given_files.glob("*.jpg")), keep_original=True)
        erase_everything(desk, record)
        assert found(folder, key, photo) == set()  # while it is open, too
        assert check(desk).found == ()
        shown = workspace.lists.get("establishments", record)
        assert [shown.get(name) for name in ("name", "rep_name", "phone")] == [None] * 3
        assert not list_records(desk, "establishments", search="xuyen").records
        assert len(list_records(desk, "establishments", search="pao").records) == 1
        assert workspace.drafts.every() == []
        assert [note.taker for note in workspace.papers.all()] == [GONE, GONE]
        assert workspace.papers.unread() == []
        for manifest in workspace.backups.kept():
            workspace.backups.verify(manifest)
        moments = [manifest.at for manifest in workspace.backups.kept()]
        workspace.back_up("asked")
    assert found(folder, key, photo) == set()
    assert found(stick / next(stick.iterdir()).name, key, photo) == set()
    restored_once(folder, workspace, clock, moments[0])
    with reopen(folder, clock=clock) as workspace:
        assert check(desk_on(workspace, clock=clock)).found == ()
    assert found(folder, key, photo) == set()


def restored_once(
    folder: Path, workspace: Workspace, clock: SettableClock, moment: int | None = None
) -> None:
    where = Place(
        folder,
        workspace.id,
        workspace.key,
        marks_of(folder),
        shipped_units(),
        clock,
        random.Random(f"restored {moment}").randbytes,
    )
    clock.advance(60_000)
    restore(where, Repository(folder, Seal(workspace.key)), moment)


def test_what_a_cut_left_to_do_is_done_when_the_workspace_is_opened(
    folder: Path, clock: SettableClock
) -> None:
    workspace = make(folder, clock=clock)
    with workspace:
        workspace.save([Edit("establishments", RECORDS[0], {"rep_name": NAME})])
        workspace.back_up("asked")
        (folder / "set-aside").mkdir()
        workspace.receive([erasing(RECORDS[0], "rep_name")], {})  # and cut off right behind it
        assert [one.table for one in workspace.erasing.check()] == [KIND]
    assert found(folder, workspace.key)
    with reopen(folder, clock=clock) as workspace:
        assert [finding.code for finding in workspace.findings] == ["erasing.set_aside"]
        assert check(desk_on(workspace, clock=clock)).found == ()
        assert workspace.chain().last_n == 1
    assert found(folder, workspace.key) == set()


def test_an_old_backup_comes_back_without_what_was_erased_since(
    tmp_path: Path, folder: Path, clock: SettableClock
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    workspace = make(folder, clock=clock)
    with workspace:
        desk = desk_on(workspace, clock=clock)
        workspace.save([Edit("establishments", RECORDS[0], {"rep_name": NAME, "name": "Lò rèn"})])
        back_up(desk, place=stick)
        away = shutil.copytree(stick, tmp_path / "away")  # in somebody's drawer
        clock.advance(60_000)
        do_erase(desk, "establishments", RECORDS[0], "rep_name")
    (home,) = away.iterdir()
    where = Place(
        folder,
        workspace.id,
        workspace.key,
        marks_of(folder),
        shipped_units(),
        clock,
        random.Random("restored").randbytes,
    )
    restore(where, Repository(home, Seal(workspace.key)), None)
    db = raw(folder)
    assert db.execute("SELECT name, rep_name FROM establishments").fetchall() == [("Lò rèn", None)]
    db.close()
    with reopen(folder, clock=clock) as back:
        assert check(desk_on(back, clock=clock)).found == ()
        assert len(back.erasing.every()) == 1
    assert found(folder, workspace.key) == set()


def test_a_picture_that_another_record_shows_stays(
    workspace: Workspace, clock: SettableClock
) -> None:
    content = workspace.attachments.keep(b"picture", b"small", random.Random(1).randbytes)
    own = workspace.attachments.keep(b"another", b"small", random.Random(2).randbytes)
    for record, names in zip(RECORDS, ([content, own], [content]), strict=True):
        said = dict(zip(("sha256", "original_sha256"), names, strict=False))
        workspace.save([Edit("attachments", record, dict(said))])
    desk = desk_on(workspace, clock=clock)
    do_erase(desk, "attachments", RECORDS[0], "sha256", "original_sha256")
    assert (workspace.attachments.holds(content), workspace.attachments.holds(own)) == (True, False)
    do_erase(desk, "attachments", RECORDS[1])
    assert not workspace.attachments.holds(content)
    assert not any((workspace.folder / "attachments").rglob("*[0-9a-f]" * 3))


def test_nothing_is_left_between_the_rows_of_a_page(folder: Path, clock: SettableClock) -> None:
    """Rows move from page to page as a table grows; where they were, SQLite leaves them, though told to overwrite."""
    chance = random.Random(5)
    workspace = make(folder, clock=clock)
    records = [new_record_id(clock, chance.randbytes) for _ in range(800)]
    chance.shuffle(records)
    with workspace:
        for record in records:
            said = {
                "name": f"ZQ{chance.getrandbits(64):018x}",
                "note": "n" * chance.randint(0, 400),
            }
            workspace.save([Edit("establishments", record, dict(said))])
        workspace.save(
            [
                Edit("establishments", each, {"note": "m" * chance.randint(0, 900)})
                for each in records[::2]
            ]
        )
        workspace.receive(
            [erasing(record, "name", n=n) for n, record in enumerate(records, start=1)], {}
        )
        workspace.erasing.finish()
    assert not [page for page in clear_pages(folder, workspace.key) if b"ZQ" in page]

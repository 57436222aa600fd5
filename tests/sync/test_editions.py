"""Editions reach devices whole, proved and before the records that were made with them; nothing else does."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import print_document
from kcdesk.actions.editions import current, list_editions, of_edition, shipped
from kcdesk.actions.needs import register_need
from kcdesk.actions.records import add_record
from kcdesk.actions.survey_proposals import finish_survey
from kcdesk.actions.surveys import (
    fill_in,
    open_survey,
    reopen_survey,
    save_survey,
)
from kcdesk.errors import BadInput, Cancelled, NotFound
from kcdesk.resources import resource_path
from kcdesk.server import publishing, tables
from kcdesk.server.database import writing
from kcdesk.server.editions import bundle_for
from kcdesk.storage.workspace import Workspace
from kcdesk.sync.bundle import BadBundle, Published, edition_statement, pack_bundle, unpack_bundle
from kcdesk.sync.editions import take_in_bundle
from kcdesk.ui.pdf_text import pdf_pages
from tests.conftest import SettableClock
from tests.storage.workspaces import desk_on
from tests.sync import published
from tests.sync.databases import sqlite_only
from tests.sync.in_process import Cut, InProcess
from tests.sync.provinces import Province, ServerProcess


@dataclass
class Place:
    """A province that publishes, and officers."""

    province: Province
    folder: Path
    clock: SettableClock

    def publish(self, **files: bytes | str) -> int:
        """The next edition, of exactly these files."""
        self.clock.advance(1)
        published.write(self.folder, **files)
        _, manifest = publishing.publish(
            self.province.database, self.folder, note="Thử", clock=self.clock
        )
        return manifest.number

    def publish_version(self, version: str, *questions: str) -> int:
        """A questionnaire and a form of this version."""
        return self.publish(
            questionnaires__TEST_xlsx=published.questionnaire(version, *questions),
            documents__F02_toml=published.form(f"Đơn mẫu {version}"),
        )

    def officer(self, name: str, *, synced: bool = True) -> Workspace:
        self.province.person(name)
        workspace = self.province.joined(name)
        if synced:
            self.province.sync(workspace)
        return workspace

    def desk(self, workspace: Workspace) -> Desk:
        return desk_on(workspace, clock=self.clock)


STARTUP = "KC2.STARTUP"
LOCAL_RULE = f"""rule_id;fund;province_code;valid_from;money_cap_vnd;legal_doc;confidence
{STARTUP};KCDP;15;01/01/2026;7.000.000;Nghị quyết của tỉnh;province
"""


@pytest.fixture
def place(province: Province, tmp_path: Path, clock: SettableClock) -> Place:
    return Place(province, tmp_path / "publish", clock)


def numbers(workspace: Workspace) -> list[int]:
    return [edition.number for edition in workspace.editions.every()]


@dataclass
class Counting(httpx.BaseTransport):
    """What is asked of the server, call by call."""

    inner: InProcess
    asked: list[tuple[str, str]] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path.rpartition("/")[0]))
        return self.inner.handle_request(request)

    @property
    def for_editions(self) -> int:
        return sum(path == "/v1/editions" for _, path in self.asked)


def test_nothing_is_asked_in_vain(place: Place) -> None:
    an = place.officer("An")
    line = Counting(place.province.transport())
    assert place.province.sync(an, line).edition == 0
    assert line.for_editions == 0
    place.publish_version("1")
    for _ in range(3):
        assert place.province.sync(an, line).edition == 1
    assert line.for_editions == 1
    assert numbers(an) == [1]


def test_a_sheet_begun_with_one_edition_finishes_with_it(place: Place) -> None:
    place.publish_version("1", "first")
    an, binh = place.officer("An"), place.officer("Bình")
    desk = place.desk(an)
    record = str(
        add_record(
            desk,
            "establishments",
            {"name": "Cơ sở mộc", "commune": place.province.communes[0]},
        ).records[0][1]
    )
    begun = open_survey(desk, "TEST", record)
    fill_in(begun.sheet, {"first": "có"})
    begun = save_survey(desk, begun)
    left_open = open_survey(desk, "TEST", record)
    need = register_need(desk, record, {"purpose": "Mua máy", "total": "100 triệu"}).records[0][1]
    place.publish_version("2", "second")
    place.province.sync(an)
    assert numbers(an) == [2, 1]

    again = reopen_survey(desk, begun.record)
    assert (again.edition, again.questionnaire.version) == (1, "1")
    assert again.sheet.answers()["first"] == "có"
    finish_survey(desk, again)
    save_survey(desk, left_open)  # on the screen all the while
    new = open_survey(desk, "TEST", record)
    assert (new.edition, new.questionnaire.version) == (2, "2")
    with pytest.raises(NotFound):
        fill_in(new.sheet, {"first": "không"})
    finish_survey(desk, new)
    saved = {
        survey: an.state("surveys", survey)
        for survey in (begun.record, left_open.record, new.record)
    }
    assert [(s.get("edition"), s.get("questionnaire_version")) for s in saved.values()] == [
        (1, "1"),
        (1, "1"),
        (2, "2"),
    ]

    place.province.sync(an)
    place.province.sync(binh)  # had edition 1, and is told of 2 with the records
    theirs = place.desk(binh)
    assert reopen_survey(theirs, begun.record).questionnaire.version == "1"
    assert reopen_survey(theirs, new.record).questionnaire.version == "2"
    for at in (desk, theirs):
        printed = print_document(at, "F02", str(need))
        assert "ĐƠN MẪU 1" in text_of(printed.pdf).upper()
        blank = print_document(at, "F02", None, blank=True)
        assert "ĐƠN MẪU 2" in text_of(blank.pdf).upper()
    assert of_edition(desk, 0).form("F02").title == shipped().form("F02").title


def test_forms_bring_the_blocks_that_they_share(place: Place) -> None:
    """A block of an edition goes before ours, also in those of ours that take it up; older editions keep theirs."""
    fund = resource_path("documents", "blocks", "FUND.toml").read_text("utf-8")
    (label,) = [line for line in fund.splitlines() if line.startswith("kcdp = ")]
    changed = fund.replace(label, 'kcdp = { label = "Vốn của tỉnh", type = "money" }')
    place.publish(documents__F02_toml=published.form("Đơn mẫu 1"))
    place.publish(
        documents__F02_toml=published.form("Đơn mẫu 2"), documents__blocks__FUND_toml=changed
    )
    an = place.officer("an")
    desk = place.desk(an)
    assert current(desk).form("F02").fields["kcdp"].label == "Vốn của tỉnh"
    assert current(desk).form("F04").fields["kcdp"].label == "Vốn của tỉnh"
    assert of_edition(desk, 0).form("F02").fields["kcdp"].label != "Vốn của tỉnh"
    ids = [form.id for form in current(desk).forms()]
    assert "FUND" not in ids
    blank = print_document(desk, "F02", None, blank=True)
    assert "ĐƠN MẪU 2" in text_of(blank.pdf).upper()


def text_of(pdf: bytes) -> str:
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return " ".join(pdf_pages(Path(file.name)))


def test_who_is_behind_gets_all_that_records_may_name(place: Place) -> None:
    behind = place.officer("An")
    place.publish_version("1")
    place.publish_version("2")
    place.publish(weights_csv=published.WEIGHTS, support_0rules_csv=LOCAL_RULE)
    assert place.province.sync(behind).edition == 3
    fresh = place.officer("Bình")
    for workspace in (behind, fresh):
        assert numbers(workspace) == [3, 2, 1]
        desk = place.desk(workspace)
        assert [info.number for info in list_editions(desk)] == [3, 2, 1, 0]
        assert [info.in_use for info in list_editions(desk)] == [True, False, False, False]
        # the third has no questionnaire of its own: it was withdrawn, the shipped ones are there
        ids = {info.id for info in current(desk).questionnaires()}
        assert "F01" in ids
        assert "TEST" not in ids
        assert of_edition(desk, 2).questionnaire("TEST").version == "2"
        assert current(desk).weights()[0].flag == "WOMEN_OWNED"
        assert of_edition(desk, 1).weights() == []
        # a province adds its own levels, and the national ones stay
        ours = {
            rule.fund for rule in of_edition(desk, 1).support_rules() if rule.rule_id == STARTUP
        }
        theirs = [rule for rule in current(desk).support_rules() if rule.province_code == "15"]
        assert ours == {"KCQG", "KCDP"}
        assert [(rule.money_cap_vnd, rule.confidence) for rule in theirs] == [
            (7_000_000, "province")
        ]
        assert len(current(desk).support_rules()) == len(of_edition(desk, 1).support_rules()) + 1


def test_records_made_with_it_come_after_it(place: Place) -> None:
    """Whatever is cut, a record of edition 1 is never here before edition 1."""
    place.publish_version("1", "first")
    an = place.officer("An")
    desk = place.desk(an)
    record = str(
        add_record(
            desk, "establishments", {"name": "A", "commune": place.province.communes[0]}
        ).records[0][1]
    )
    save_survey(desk, open_survey(desk, "TEST", record))
    place.province.sync(an)
    size = len(bundle_for(place.province.database, None))
    for after in range(0, size, max(1, size // 12)):
        late = place.officer(f"Dũng {after}", synced=False)
        stop = threading.Event()
        line = place.province.transport(None, Cut("answer", after))
        with pytest.raises(Cancelled):
            place.province.sync(late, line, cancel=stop, wait=lambda _, stop=stop: stop.set())
        assert numbers(late) == []
        assert late.count_changes() == 0
        place.province.sync(late)
        assert numbers(late) == [1]
        assert late.lists.count("surveys") == 1


@sqlite_only
def test_a_cut_at_any_byte_costs_next_to_nothing(place: Place) -> None:
    place.publish(weights_csv=published.WEIGHTS)
    bundle = bundle_for(place.province.database, None)
    late = place.officer("An", synced=False)
    place.province.sync(late)
    for after in range(0, len(bundle), 7):
        again = place.officer(f"Bình {after}", synced=False)
        line = Counting(place.province.transport(None, Cut("answer", after)))
        report = place.province.sync(again, line)
        assert (report.cuts, report.edition, report.digests_equal) == (1, 1, True)
        assert line.for_editions == 2  # the cut one, and the rest
        assert again.editions.arrived() == ("", 0)


@pytest.fixture
def small(place: Place) -> tuple[Workspace, bytes]:
    """A device that has nothing yet, and a small bundle."""
    place.publish(weights_csv=published.WEIGHTS)
    return place.officer("An", synced=False), bundle_for(place.province.database, None)


def test_a_parcel_brings_the_same(small: tuple[Workspace, bytes]) -> None:
    workspace, bundle = small
    assert take_in_bundle(workspace, bundle) == [1]
    assert take_in_bundle(workspace, bundle) == []
    assert numbers(workspace) == [1]


def test_every_flipped_byte_is_refused(small: tuple[Workspace, bytes]) -> None:
    workspace, bundle = small
    assert len(bundle) < 2_000
    for position in range(len(bundle)):
        for bit in (1, 128):
            broken = bytearray(bundle)
            broken[position] ^= bit
            with pytest.raises(BadBundle):
                take_in_bundle(workspace, bytes(broken))
    for length in range(len(bundle)):
        with pytest.raises(BadBundle):
            take_in_bundle(workspace, bundle[:length])
    assert numbers(workspace) == []
    assert take_in_bundle(workspace, bundle) == [1]


def test_only_the_province_publishes(place: Place, small: tuple[Workspace, bytes]) -> None:
    workspace, bundle = small
    province = workspace.province()
    assert province is not None
    (edition,) = unpack_bundle(bundle, province.public_key, lambda _: False)
    key = Ed25519PrivateKey.generate()
    forged = Published(
        edition.signed.manifest, key.sign(edition_statement(edition.signed.manifest))
    )
    with pytest.raises(BadBundle) as refused:
        take_in_bundle(workspace, pack_bundle([forged], (), edition.contents.__getitem__))
    assert refused.value.reason == "signature"
    other = {sha256: content + b" " for sha256, content in edition.contents.items()}
    with pytest.raises(BadBundle) as refused:
        take_in_bundle(workspace, pack_bundle([edition.signed], (), other.__getitem__))
    assert refused.value.reason == "content"
    speaker = workspace.identity.speaker()  # a device's own signature is none of the province's
    own = Published(forged.manifest, speaker.sign(edition_statement(forged.manifest)))
    with pytest.raises(BadBundle):
        take_in_bundle(workspace, pack_bundle([own], (), edition.contents.__getitem__))
    assert numbers(workspace) == []
    alone = place.province.workspace("An")
    with pytest.raises(BadInput, match="chưa nối"):
        take_in_bundle(alone, bundle)


def test_older_ones_are_passed_over(place: Place) -> None:
    place.publish_version("1")
    first = bundle_for(place.province.database, None)
    place.publish_version("2")
    an = place.officer("An")
    assert numbers(an) == [2, 1]
    assert take_in_bundle(an, first) == []
    assert current(place.desk(an)).number == 2


def test_a_province_that_went_back_publishes_the_number_again(place: Place) -> None:
    place.publish_version("1")
    an = place.officer("An")
    with writing(place.province.database) as connection:
        for table in (tables.edition_files, tables.editions):
            connection.execute(table.delete())
    place.publish_version("2")
    assert place.province.sync(an).edition == 1
    assert current(place.desk(an)).questionnaire("TEST").version == "2"
    line = Counting(place.province.transport())
    place.province.sync(an, line)
    assert line.for_editions == 0


def test_a_damaged_one_stops_nothing_else(place: Place) -> None:
    place.publish_version("1")
    an, binh = place.officer("An"), place.officer("Bình")
    place.publish_version("2")
    with writing(place.province.database) as connection:
        of = tables.file_contents
        for row in connection.execute(select(of)).all():
            this = of.c.sha256 == row.sha256
            connection.execute(update(of).where(this).values(bytes=row.bytes + b"x"))
    place.province.establishment(an, "Mộc")
    report = place.province.sync(an)
    assert (report.edition, report.waiting) == (1, 0)
    assert "hỏng" in report.bad_edition
    report = place.province.sync(binh)
    assert (report.edition, report.received) == (1, 1)
    assert current(place.desk(binh)).questionnaire("TEST").version == "1"


def test_another_thread_sees_what_one_has_brought(place: Place) -> None:
    an = place.officer("An")
    commune = place.province.communes[0]
    record = place.province.establishment(an, "Mộc", commune=commune)
    with place.province.opened(0) as other:
        renamed = published.units(
            "commune\t99001\tXã\tTên Mới\t15\tagreed",
            f"succession\t{commune}\t2026-01-01\t99001",
        )
        place.publish(administrative_0units__units_tsv=renamed)
        place.province.sync(an)
        assert not other.units.successions
        other.follow_edition()
        assert [unit.name for unit in other.units.standing(commune)] == ["Tên Mới"]
        (found,) = other.lists.page("establishments", search="ten moi", limit=5).records
        assert found["id"] == record
    with place.province.opened(0) as again:
        assert again.units.new_commune("99001").name == "Tên Mới"
    place.publish(weights_csv=published.WEIGHTS)  # the units are withdrawn
    place.province.sync(an)
    assert "99001" not in an.units.new_communes
    assert an.lists.page("establishments", search="ten moi", limit=5).records == []


def test_publishing_while_devices_sync(place: Place, server: ServerProcess) -> None:
    """Over real sockets: a real server process, editions published beside it, devices that write all the while."""
    province = place.province
    workspaces = []
    for name in ("An", "Bình"):
        province.person(name)
        workspaces.append(province.joined(name, server.url))
    done = threading.Event()
    published_up_to: list[int] = []

    def publish_on() -> None:
        for version in range(1, 5):
            published_up_to.append(place.publish_version(str(version)))
        done.set()

    publisher = threading.Thread(target=publish_on)
    publisher.start()
    rounds = 0
    while not done.is_set() or rounds < 3:
        for workspace in workspaces:
            province.establishment(workspace, f"Mộc {rounds}")
            report = province.sync(workspace, httpx.HTTPTransport())
            assert (report.waiting, report.bad_edition, report.digests_equal) == (0, "", True)
        rounds += 1
    publisher.join()
    for workspace in (*workspaces, *workspaces):
        report = province.sync(workspace, httpx.HTTPTransport())
    assert published_up_to == [1, 2, 3, 4]
    for workspace in workspaces:
        assert numbers(workspace) == [4, 3, 2, 1]
        assert workspace.lists.count("establishments") == 2 * rounds


@pytest.mark.parametrize(
    "query", ["number=x&sha256=" + "0" * 64, "number=1&sha256=0", "number=1", "sha256=1"]
)
def test_a_strange_question_is_refused(place: Place, query: str) -> None:
    an = place.officer("An")
    token = an.identity.speaker().token
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(transport=place.province.transport(), headers=headers) as client:
        answer = client.get(f"http://province.test/v1/editions/latest?{query}")
    assert answer.status_code == 400
    assert msgspec.json.decode(answer.content)["error"]["code"] == "form"


def test_nobody_reads_what_is_published_without_a_token(place: Place) -> None:
    place.publish_version("1")
    with httpx.Client(transport=place.province.transport()) as client:
        assert client.get("http://province.test/v1/editions/latest").status_code == 401

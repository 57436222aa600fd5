"""What a province publishes comes in parcels as over the network: whole, proved, and before the records."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from kcdesk.actions.editions import current
from kcdesk.server import publishing, tables
from kcdesk.server.database import writing
from kcdesk.storage.reading.lists import Place
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import bundle as bundles
from kcdesk.sync.parcels import contents, reading
from kcdesk.sync.parcels.envelope import Parcel
from kcdesk.sync.parcels.keys import parcel_identity
from tests.conftest import SettableClock
from tests.storage.workspaces import desk_on
from tests.sync import published
from tests.sync.post import Post
from tests.sync.provinces import Province


@pytest.fixture
def publish(province: Province, tmp_path: Path, clock: SettableClock) -> _Publish:
    return _Publish(province, tmp_path / "publish", clock)


class _Publish:
    def __init__(self, province: Province, folder: Path, clock: SettableClock) -> None:
        self._province, self._folder, self._clock = province, folder, clock

    def __call__(self, title: str) -> int:
        """The next edition: a form of this title."""
        self._clock.advance(1)
        published.write(self._folder, documents__F02_toml=published.form(title))
        return publishing.publish(
            self._province.database, self._folder, note=title, clock=self._clock
        )[1].number


def numbers(workspace: Workspace) -> list[int]:
    return [edition.number for edition in workspace.editions.every()]


def sections_of(workspace: Workspace, path: Path) -> list[str]:
    """The tags of the sections of an answer; bytes in between are passed over."""
    found = []
    with Parcel.open(path) as parcel:
        key = parcel_identity(workspace.identity.speaker().signing_key)
        sections = parcel.sections(key)
        for section in sections:
            said = contents.down_decoder.decode(section)
            found.append(type(said).__name__)
            if isinstance(said, contents.Bundle):
                assert sum(map(len, contents.bytes_after(sections, said.length))) == said.length
    return found


def test_an_enrolment_file_brings_all_editions(
    province: Province, post: Post, publish: _Publish, clock: SettableClock
) -> None:
    for title in ("Đơn cũ", "Đơn của tỉnh"):
        publish(title)
    province.person("An", "collaborator")
    workspace = province.workspace("An")
    path, code = post.enrolment("An")
    joined = reading.join_by_file(workspace, path, code, clock=clock)
    assert (joined.editions, joined.bad_edition) == ((1, 2), "")
    assert numbers(workspace) == [2, 1]
    assert current(desk_on(workspace, clock=clock)).form("F02").title == "Đơn của tỉnh"


def test_an_answer_brings_what_is_lacking_before_the_records(
    province: Province, post: Post, publish: _Publish
) -> None:
    workspace, other = post.enrolled("An"), post.enrolled("Bình")
    assert post.round(workspace).editions == []
    publish("Một")
    publish("Hai")
    province.establishment(other, "Mộc Bình")
    post.round(other)
    (answer,) = post.take(*post.write(workspace))
    assert sections_of(workspace, answer) == [
        "DownHead",
        "Bundle",
        "AnswerHeader",
        "Received",
        "End",
    ]
    read = post.read(workspace, answer)
    assert (read.editions, read.received, read.bad_edition) == ([1, 2], 1, "")
    assert numbers(workspace) == [2, 1]

    (again,) = post.take(*post.write(workspace))  # the device says what it has
    assert "Bundle" not in sections_of(workspace, again)
    publish("Ba")
    assert post.round(workspace).editions == [3]
    assert post.read(workspace, answer).editions == []  # an old answer once more
    assert numbers(workspace) == [3, 2, 1]


def test_network_and_parcels_bring_the_same(
    province: Province, post: Post, publish: _Publish
) -> None:
    workspace = province.joined(province.person("An"))
    publish("Một")
    province.sync(workspace)
    (answer,) = post.take(*post.write(workspace))
    assert "Bundle" not in sections_of(workspace, answer)
    publish("Hai")
    assert post.round(workspace).editions == [2]
    report = province.sync(workspace)
    assert (report.edition, report.bad_edition) == (2, "")
    assert numbers(workspace) == [2, 1]


def test_more_than_a_bundle_holds_comes_as_several(
    province: Province, post: Post, publish: _Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("Một", "Hai", "Ba"):
        publish(title)
    monkeypatch.setattr(bundles, "BUNDLE_BYTES", 100)
    monkeypatch.setattr(contents, "BYTES_TOGETHER", 1_000)  # each in pieces
    workspace = post.enrolled("An")
    assert numbers(workspace) == [3, 2, 1]
    other = province.joined(province.person("Bình"))
    (answer,) = post.take(*post.write(other))
    assert sections_of(other, answer).count("Bundle") == 3
    assert post.read(other, answer).editions == [1, 2, 3]


def test_an_edition_that_is_no_good_holds_nothing_up(
    province: Province, post: Post, publish: _Publish
) -> None:
    workspace, other = post.enrolled("An"), post.enrolled("Bình")
    publish("Một")
    with writing(province.database) as connection:
        connection.execute(update(tables.editions).values(signature=bytes(64)))
    province.establishment(other, "Mộc Bình")
    record = province.establishment(workspace, "Rèn An")
    post.round(other)
    read = post.round(workspace)
    assert "không phải của tỉnh" in read.bad_edition
    assert (read.editions, read.received, read.waiting) == ([], 1, 0)
    assert workspace.lists.deliveries([record])[record].place is Place.PROVINCE
    assert numbers(workspace) == []
    third = province.workspace(province.person("Chính"))
    path, code = post.enrolment("Chính")
    joined = reading.join_by_file(third, path, code, clock=province.clock)
    assert joined.bad_edition
    assert (joined.editions, joined.received) == ((), 2)

"""An officer's laptop carries parcels of others by stick too, up and back, and opens none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcdesk.actions import parcels
from kcdesk.actions.desk import Desk
from kcdesk.storage.reading.lists import Place
from kcdesk.storage.workspace import Workspace
from kcdesk.sync.parcels.envelope import BadParcel, Parcel
from kcdesk.sync.parcels.keys import parcel_identity
from tests.conftest import SettableClock
from tests.storage.workspaces import desk_on
from tests.sync.pictures import attach, picture
from tests.sync.post import Post
from tests.sync.provinces import Province, states

MONTH_MS = 31 * 24 * 3_600_000


@pytest.fixture
def author(province: Province, post: Post) -> Workspace:
    return post.enrolled("An")


@pytest.fixture
def officer(province: Province, clock: SettableClock) -> Desk:
    return desk_on(province.joined(province.person("Bình")), clock=clock)


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """The officer's own stick."""
    folder = tmp_path / "centre"
    folder.mkdir()
    return folder


def texts(desk: Desk) -> list[str]:
    return [parcels.carried_text(one) for one in desk.workspace.parcels.carried()]


def test_up_and_back_by_two_sticks(
    province: Province, post: Post, author: Workspace, officer: Desk, centre: Path
) -> None:
    record = province.establishment(author, "Rèn An")
    name = attach(province, author, record, picture(1))
    (up,) = post.write(author, photos=True)
    assert parcels.carry(officer, [up]) == [(up, True)]
    assert texts(officer) == ["Chờ lần đồng bộ tới"]
    (copy,) = parcels.pass_on(officer, centre)
    assert copy.read_bytes() == up.read_bytes()
    assert texts(officer) == ["Đã chép sang thẻ nhớ, chờ trả lời"]
    key = parcel_identity(officer.workspace.identity.speaker().signing_key)
    with Parcel.open(copy) as parcel, pytest.raises(BadParcel):
        list(parcel.sections(key))

    (answer,) = post.take(copy)
    assert parcels.carry(officer, [answer]) == [(answer, True)]
    assert parcels.carry(officer, [answer]) == [(answer, False)]
    assert texts(officer) == ["Có trả lời, chưa ghi"]  # the parcel itself has arrived, and is gone
    with pytest.raises(BadParcel, match="dành cho một máy khác"):
        post.read(officer.workspace, answer)
    (back,) = parcels.write_carried(officer, centre)
    assert back.read_bytes() == answer.read_bytes()
    assert texts(officer) == ["Đã ghi trả lời ra thẻ nhớ"]
    read = post.read(author, back)
    assert (read.waiting, read.photos_held) == (0, 1)
    assert author.lists.deliveries([record])[record].place is Place.PROVINCE
    assert not officer.workspace.attachments.holds(name)


def test_both_ways_at_once_are_harmless(
    province: Province, post: Post, author: Workspace, officer: Desk, centre: Path
) -> None:
    province.establishment(author, "Rèn An")
    (up,) = post.write(author)
    parcels.carry(officer, [up])
    (copy,) = parcels.pass_on(officer, centre)
    assert province.sync(officer.workspace).carried == 1
    assert texts(officer) == ["Có trả lời, chưa ghi"]
    (answer,) = post.take(copy)
    assert province.status().changes == 1
    assert parcels.carry(officer, [answer]) == [(answer, True)]
    for path in parcels.write_carried(officer, centre):
        assert post.read(author, path).waiting == 0
    province.sync(officer.workspace)
    assert states(author) == states(officer.workspace)


def test_what_is_passed_on_waits_until_it_is_answered(
    province: Province,
    post: Post,
    author: Workspace,
    officer: Desk,
    centre: Path,
    clock: SettableClock,
) -> None:
    (up,) = post.write(author)
    parcels.carry(officer, [up])
    parcels.pass_on(officer, centre)
    clock.advance(MONTH_MS)
    (other,) = post.write(author)
    parcels.carry(officer, [other])
    assert len(texts(officer)) == 2
    (answer,) = post.take(up, other)
    parcels.carry(officer, [answer])
    parcels.write_carried(officer, centre)
    clock.advance(MONTH_MS)
    (third,) = post.write(author)
    parcels.carry(officer, [third])
    assert texts(officer) == ["Chờ lần đồng bộ tới"]


def test_what_is_not_carried(
    province: Province, post: Post, author: Workspace, officer: Desk
) -> None:
    (own,) = post.write(officer.workspace)
    (for_us,) = post.take(own)
    (up,) = post.write(author)
    (answer,) = post.take(up)
    forged = post.folder / "gia.kcparcel"
    forged.write_bytes(answer.read_bytes()[:-1] + b"x")
    enrolment = post.folder / "An.kcparcel"
    for path, code in (
        (own, "own_parcel"),
        (for_us, "own_parcel"),
        (forged, "damaged_parcel"),
        (enrolment, "other_province"),
    ):
        with pytest.raises(BadParcel) as error:
            parcels.carry(officer, [path])
        assert error.value.code == code
    assert texts(officer) == []

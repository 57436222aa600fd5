"""Contents of photos in parcels: up when told, down when asked for, over as many files as they need, in any order."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest

from kcdesk.errors import BadInput, Cancelled
from kcdesk.server import contents as server_contents
from kcdesk.storage.content_places import ContentPlace
from kcdesk.storage.workspace import Workspace
from kcdesk.sync.contents import send_contents
from kcdesk.sync.parcels import writing
from tests.importing.attachment_files import encoded, exif, pdf, photo
from tests.sync.pictures import attach, named, picture
from tests.sync.post import Post
from tests.sync.provinces import Province

PLACES = (ContentPlace.PROVINCE, "")


@pytest.fixture
def author(province: Province, post: Post) -> Workspace:
    return post.enrolled("An")


@pytest.fixture
def names(province: Province, author: Workspace) -> list[str]:
    """Three photos and a scan of an establishment of the author's."""
    record = province.establishment(author, "Rèn An")
    return [
        attach(province, author, record, content)
        for content in (picture(1), picture(2), picture(3), pdf(2))
    ]


def held(workspace: Workspace, names: list[str]) -> list[bool]:
    return [workspace.attachments.holds(name) for name in names]


def test_photos_go_up_only_when_told(
    province: Province, post: Post, author: Workspace, names: list[str]
) -> None:
    small = post.write(author)
    assert sum(path.stat().st_size for path in small) < 20_000
    assert not author.content_places.in_parcel(names[0])
    (up,) = post.write(author, photos=True)
    assert up.stat().st_size > sum(one.size for one in author.content_places.to_send())
    (own,) = (one for one in author.parcels.own() if one.photos)
    assert (own.photos, own.photos_waiting, own.delivered) == (4, 4, False)
    assert own.photo_bytes == sum(one.size for one in author.content_places.to_send())
    assert all(map(author.content_places.in_parcel, names))

    (answer,) = post.take(up)
    read = post.read(author, answer)
    assert (read.photos_held, read.photos_refused, read.photos, read.waiting) == (4, [], 0, 0)
    assert [author.content_places.place(name) for name in names] == [PLACES] * 4
    assert author.content_places.to_send() == []
    assert [one.delivered for one in author.parcels.own()] == [True, True]

    (again,) = post.take(up)  # the same once more
    assert post.read(author, again).photos_held == 4


def test_photos_come_down_when_asked_for(
    province: Province, post: Post, author: Workspace, names: list[str]
) -> None:
    reader = post.enrolled("Bình")
    post.take(*post.write(author, photos=True))
    assert post.round(reader).photos == 0
    assert held(reader, names) == [False] * 4
    (answer,) = post.take(*post.write(reader, fetch=True))
    read = post.read(reader, answer)
    assert (read.photos, read.photos_held) == (4, 0)
    assert [reader.attachments.read(name) for name in names[:1]] == [picture(1)]
    thumbnail = reader.attachments.thumbnail(names[0])
    assert thumbnail is not None
    assert thumbnail.startswith(b"\xff\xd8")
    assert reader.attachments.thumbnail(names[3]) is None
    assert reader.content_places.to_fetch() == reader.content_places.to_send() == []
    assert post.read(reader, answer).photos == 0  # all of it is here


def test_photos_of_records_that_are_news_come_with_them(
    province: Province, post: Post, author: Workspace, names: list[str]
) -> None:
    reader = post.enrolled("Bình")
    post.take(*post.write(author, photos=True))
    (answer,) = post.take(*post.write(reader, fetch=True))
    assert post.read(reader, answer).photos == 4
    assert held(reader, names) == [True] * 4


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_several_files_go_up_in_any_order(
    province: Province, post: Post, author: Workspace, names: list[str], order: tuple[int, ...]
) -> None:
    largest = len(picture(1)) * 3 // 2
    paths = post.write(author, largest, photos=True)
    assert len(paths) == 3  # the scan is small, and finds room
    for place in order:
        for answer in post.take(paths[place]):
            read = post.read(author, answer)
            assert (read.missing_n, read.waiting, read.problem) == (None, 0, None)
    assert author.content_places.to_send() == []
    assert all(one.delivered for one in author.parcels.own())
    assert province.status().double_changes == 0


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_several_files_come_down_in_any_order(
    province: Province, post: Post, author: Workspace, names: list[str], order: tuple[int, ...]
) -> None:
    reader = post.enrolled("Bình")
    post.take(*post.write(author, photos=True))
    post.take(*post.write(reader, fetch=True))
    paths = post.answers(post.taken[-1:], largest=len(picture(1)) * 3 // 2)
    assert len(paths) == 3
    assert [path.name.removeprefix(paths[0].name) for path in paths] == ["", "-2", "-3"]
    counts = []
    for place in (*order, *order):
        read = post.read(reader, paths[place])
        counts.append(read.photos)
        assert (read.waiting, read.differing, read.problem) == (0, set(), None)
    assert sum(counts[:3]) == 4
    assert counts[3:] == [0, 0, 0]
    assert held(reader, names) == [True] * 4


def test_records_and_photos_over_more_files_wait_for_each_other(
    province: Province, post: Post, author: Workspace
) -> None:
    record = province.many(author, 4_001)[0]
    name = attach(province, author, record, picture(1))
    paths = post.write(author, 200_000, photos=True)
    assert len(paths) == 3  # the photo and its record are in the last
    for path in reversed(paths):
        post.take(path)
    (answer,) = post.take(paths[-1])
    read = post.read(author, answer)
    assert (read.waiting, read.photos_held) == (0, 1)
    assert author.content_places.place(name) == PLACES


def test_a_photo_whose_record_has_not_come_is_sent_again(
    province: Province, post: Post, author: Workspace
) -> None:
    record = province.many(author, 1_000)[0]
    for number in (1, 2):
        attach(province, author, record, picture(number))
    records, photo = post.write(author, 350_000, photos=True)  # too many to be repeated
    assert photo.stat().st_size < len(picture(1)) + len(picture(2)) + 5_000
    (answer,) = post.take(photo)
    read = post.read(author, answer)
    assert (read.photos_held, read.photos_refused, read.waiting) == (0, [], 1_002)
    (answer,) = post.take(records, photo)
    read = post.read(author, answer)
    assert (read.photos_held, read.waiting) == (2, 0)


def test_network_and_parcels_share_the_contents(province: Province, post: Post) -> None:
    author = province.joined(province.person("An"))
    record = province.establishment(author, "Rèn An")
    first, second = (attach(province, author, record, picture(n)) for n in (1, 2))
    (up,) = post.write(author, photos=True)
    province.sync(author)
    report = send_contents(author, randomness=province.randomness, transport=province.transport())
    assert report.sent == 2
    (answer,) = post.take(up)
    assert post.read(author, answer).photos_held == 2
    assert author.content_places.place(first) == author.content_places.place(second) == PLACES
    known = {one.id for one in author.parcels.own()}
    post.write(author, photos=True)
    assert [one.photos for one in author.parcels.own() if one.id not in known] == [0]


def test_what_no_device_takes_in_is_refused_for_good(
    province: Province, post: Post, author: Workspace
) -> None:
    record = province.establishment(author, "Rèn An")
    good = attach(province, author, record, picture(1))
    bad = attach(province, author, record, encoded(photo(), "JPEG", exif=exif()))
    (answer,) = post.take(*post.write(author, photos=True))
    read = post.read(author, answer)
    assert (read.photos_held, len(read.photos_refused)) == (1, 1)
    assert author.content_places.place(good) == PLACES
    assert author.content_places.place(bad)[0] is ContentPlace.REFUSED
    assert author.parcels.own()[0].delivered


def test_what_no_record_names_or_is_too_much_stays_here(
    province: Province, post: Post, author: Workspace
) -> None:
    outside = province.establishment(author, "Ở tỉnh khác", commune="00004")
    attach(province, author, outside, picture(1))
    (answer,) = post.take(*post.write(author, photos=True))
    assert post.read(author, answer).photos_held == 0
    inside = province.establishment(author, "Rèn An")
    for number in (2, 3):
        attach(province, author, inside, picture(number))
    (answer,) = post.take(
        *post.write(author, photos=True), day_bytes=len(picture(2)) + len(picture(3)) // 2
    )
    assert post.read(author, answer).photos_held == 1
    own = max(author.parcels.own(), key=lambda one: one.photos)
    assert (own.photos, own.photos_waiting, own.delivered) == (2, 1, False)
    (answer,) = post.take(*post.write(author, photos=True))
    assert post.read(author, answer).photos_held == 1
    assert (
        author.content_places.to_send() == []
    )  # the one of the refused record stays here for good


def test_nobody_gets_photos_of_areas_that_are_not_theirs(
    province: Province, post: Post, author: Workspace, names: list[str]
) -> None:
    post.take(*post.write(author, photos=True))
    stranger = province.workspace(province.person("Khách", "collaborator", None))
    path, code = post.enrolment("Khách")
    from kcdesk.sync.parcels import reading

    reading.join_by_file(stranger, path, code, clock=province.clock)
    own = province.establishment(stranger, "Của khách")
    named(province, stranger, own, names[0], picture(1))  # names it, and hopes
    stranger.attachments.remove(names[0])
    (answer,) = post.take(*post.write(stranger, fetch=True))
    assert post.read(stranger, answer).photos == 0
    assert held(stranger, names) == [False] * 4


def test_an_upload_cut_on_the_way_in_goes_on(
    province: Province,
    post: Post,
    author: Workspace,
    names: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (up,) = post.write(author, photos=True)
    keep, calls = server_contents.keep, itertools.count()

    def dies(*arguments: object, **more: object) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        keep(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(server_contents, "keep", dies)
    with pytest.raises(KeyboardInterrupt):
        post.take(up)
    (answer,) = post.take(up)
    assert post.read(author, answer).photos_held == 4


def test_writing_tells_how_far_it_is_and_can_be_stopped(
    province: Province, post: Post, author: Workspace, names: list[str], tmp_path: Path
) -> None:
    told: list[tuple[str, int, int]] = []

    def progress(*said: object) -> None:
        told.append(said)  # type: ignore[arg-type]
        if len(told) == stop_at:
            raise Cancelled("Đã dừng.")

    def write() -> list[writing.WrittenParcel]:
        return writing.write(
            author,
            tmp_path / "x.kcparcel",
            clock=province.clock,
            randomness=province.randomness,
            photos=True,
            progress=progress,
        )

    stop_at = 6
    with pytest.raises(Cancelled):
        write()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".kcparcel"] == []
    assert author.parcels.own() == []
    stop_at = 0
    told.clear()
    assert write()[0].photos == 4
    phases, done, totals = zip(*told, strict=True)
    assert set(phases) == {"parcel"}
    assert list(done) == sorted(done)
    assert done[-1] == totals[-1]


def test_a_stick_without_room_is_told_before(
    province: Province,
    post: Post,
    author: Workspace,
    names: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(BadInput, match="chỉ còn trống") as error:
        post.write(author, photos=True)
    assert error.value.code == "no_room"
    assert post.write(author)


def test_a_damaged_photo_is_left_out(
    province: Province, post: Post, author: Workspace, names: list[str]
) -> None:
    (author.folder / "attachments" / names[0]).write_bytes(b"damaged")
    (answer,) = post.take(*post.write(author, photos=True))
    assert author.parcels.own()[0].photos == 3
    assert post.read(author, answer).photos_held == 3
    assert [one.sha256 for one in author.content_places.to_send()] == [names[0]]


def test_a_relay_brings_photos_over_its_line(
    province: Province, post: Post, author: Workspace, names: list[str]
) -> None:
    relay = province.joined(province.person("Bình"))
    (up,) = post.write(author, photos=True, fetch=True)
    relay.parcels.take("1" * 32, up.name, [up.read_bytes()], province.clock())
    assert province.sync(relay).carried == 1
    assert held(relay, names) == [False] * 4
    answer = post.folder / "answer.kcparcel"
    answer.write_bytes(b"".join(relay.parcels.bytes_of("1" * 32, "down")))
    assert post.read(author, answer).photos_held == 4

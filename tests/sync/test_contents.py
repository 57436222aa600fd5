"""Contents of photos between device and province, in this process: after the records, cut anywhere, never twice."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from kcdesk.errors import BadAnswer, BadInput, Cancelled, Unreachable
from kcdesk.server import contents as server_contents
from kcdesk.server import tables
from kcdesk.server.database import writing
from kcdesk.storage.content_places import ContentPlace
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from kcdesk.sync.contents import PIECE, ContentsReport, fetch_contents, send_contents
from tests.importing.attachment_files import encoded, exif, pdf, photo
from tests.sync.databases import sqlite_only
from tests.sync.in_process import Cut, InProcess
from tests.sync.pictures import attach, picture
from tests.sync.provinces import Province


@pytest.fixture
def device(province: Province) -> Workspace:
    return province.joined(province.person("An"))


@pytest.fixture
def establishment(province: Province, device: Workspace) -> str:
    return province.establishment(device, "HTX Rèn Nà Hối")


def no_wait(_seconds: float) -> None:
    """The line is there again at once."""


def send(
    province: Province,
    workspace: Workspace,
    line: httpx.BaseTransport | None = None,
    **more: object,
) -> ContentsReport:
    return send_contents(
        workspace,
        randomness=province.randomness,
        wait=no_wait,
        transport=line or province.transport(),
        **more,  # type: ignore[arg-type]
    )


def fetch(
    province: Province,
    workspace: Workspace,
    line: httpx.BaseTransport | None = None,
    **more: object,
) -> ContentsReport:
    return fetch_contents(
        workspace,
        workspace.content_places.to_fetch(),
        randomness=province.randomness,
        wait=no_wait,
        transport=line or province.transport(),
        **more,  # type: ignore[arg-type]
    )


def colleague(province: Province, name: str = "Bình") -> Workspace:
    other = province.joined(province.person(name))
    province.sync(other)
    return other


def test_a_photo_goes_up_and_comes_down_on_another_device(
    province: Province, device: Workspace, establishment: str
) -> None:
    content = picture(1)
    name = attach(province, device, establishment, content)
    province.sync(device)
    told: list[tuple[str, int, int]] = []
    report = send(province, device, progress=lambda *said: told.append(said))
    assert (report.sent, report.known, report.waiting) == (1, 0, 0)
    assert (report.bytes_sent, report.bytes_sent_twice) == (len(content), 0)
    assert report.round_trips == 2
    assert told[-1] == ("photos", len(content), len(content))
    assert device.content_places.place(name) == (ContentPlace.PROVINCE, "")

    other = colleague(province)
    assert [one.sha256 for one in other.content_places.to_fetch()] == [name]
    assert not other.attachments.holds(name)
    report = fetch(province, other)
    assert (report.fetched, report.bytes_received, report.round_trips) == (1, len(content), 1)
    assert other.attachments.read(name) == content
    thumbnail = other.attachments.thumbnail(name)
    assert thumbnail is not None
    assert thumbnail.startswith(b"\xff\xd8")
    assert other.content_places.place(name) == (ContentPlace.PROVINCE, "")
    assert other.content_places.to_fetch() == other.content_places.to_send() == []


class StillBusy(httpx.BaseTransport):
    """A line to a server whose end of a cut line still takes bytes: so many calls of PATCH are answered `status`."""

    def __init__(self, line: httpx.BaseTransport, status: int, times: int) -> None:
        self.line = line
        self.status = status
        self.left = times
        self.calls: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.method)
        if request.method == "PATCH" and self.left:
            self.left -= 1
            assert isinstance(request.stream, httpx.SyncByteStream)
            b"".join(request.stream)
            return httpx.Response(self.status, text="locked")
        return self.line.handle_request(request)


@pytest.mark.parametrize("status", [409, 423])
def test_a_server_that_is_still_busy_is_asked_again_how_far_it_is(
    province: Province, device: Workspace, establishment: str, status: int
) -> None:
    content = picture(1)
    name = attach(province, device, establishment, content)
    province.sync(device)
    line = StillBusy(province.transport(), status, 2)
    report = send(province, device, line)
    assert (report.sent, report.cuts, report.bytes_sent_twice) == (1, 0, 2 * len(content))
    assert line.calls == ["POST", "PATCH", "HEAD", "PATCH", "HEAD", "PATCH"]
    assert device.content_places.place(name) == (ContentPlace.PROVINCE, "")


def test_a_server_that_stays_busy_is_given_up(
    province: Province, device: Workspace, establishment: str
) -> None:
    name = attach(province, device, establishment, picture(1))
    province.sync(device)
    with pytest.raises(Unreachable) as given_up:
        send(province, device, StillBusy(province.transport(), 423, 100))
    assert given_up.value.code == "elsewhere"
    assert [one.sha256 for one in device.content_places.to_send()] == [name]
    assert send(province, device).sent == 1


def test_a_scan_travels_too(province: Province, device: Workspace, establishment: str) -> None:
    content = pdf(3)
    name = attach(province, device, establishment, content)
    province.sync(device)
    assert send(province, device).sent == 1
    other = colleague(province)
    assert fetch(province, other).fetched == 1
    assert other.attachments.read(name) == content
    assert other.attachments.thumbnail(name) is None


def test_sent_once_is_sent_for_ever(
    province: Province, device: Workspace, establishment: str
) -> None:
    attach(province, device, establishment, picture(1))
    province.sync(device)
    send(province, device)
    line = province.transport()
    assert send(province, device, line).sent == 0
    assert line.calls == []


def test_what_the_province_has_costs_one_call(
    province: Province, device: Workspace, establishment: str
) -> None:
    attach(province, device, establishment, picture(1))
    province.sync(device)
    send(province, device)
    other = colleague(province)
    attach(province, other, establishment, picture(1))  # the same photo, on the other laptop
    province.sync(other)
    report = send(province, other)
    assert (report.sent, report.known, report.bytes_sent, report.round_trips) == (1, 1, 0, 1)


def test_a_record_that_is_not_there_yet_keeps_its_photo_waiting(
    province: Province, device: Workspace, establishment: str
) -> None:
    province.sync(device)
    content = picture(1)
    attach(province, device, establishment, content)
    report = send(province, device)
    assert (report.sent, report.waiting, report.waiting_bytes) == (0, 1, len(content))
    province.sync(device)
    assert send(province, device).sent == 1


def test_what_is_in_the_bin_waits_there(
    province: Province, device: Workspace, establishment: str
) -> None:
    attach(province, device, establishment, picture(1))
    record = device.lists.of_establishments("attachments", [establishment])[0]["id"]
    device.save([Edit("attachments", str(record), {"deleted": True})])
    province.sync(device)
    assert send(province, device).sent == 0
    device.save([Edit("attachments", str(record), {"deleted": False})])
    province.sync(device)
    assert send(province, device).sent == 1


def test_a_refused_photo_is_told_once_and_stays_here(
    province: Province, device: Workspace, establishment: str
) -> None:
    hostile = encoded(photo(), "JPEG", exif=exif())
    name = attach(province, device, establishment, hostile)
    good = attach(province, device, establishment, picture(1))
    province.sync(device)
    report = send(province, device)
    assert [refused for refused, _ in report.refused] == [name]
    assert report.refused[0][1].endswith(".")
    assert (report.sent, report.waiting) == (1, 0)
    assert device.content_places.place(name)[0] is ContentPlace.REFUSED
    assert device.content_places.place(good)[0] is ContentPlace.PROVINCE
    assert device.attachments.read(name) == hostile
    assert send(province, device).round_trips == 0


def test_a_photo_that_cannot_be_read_holds_nothing_up(
    province: Province, device: Workspace, establishment: str
) -> None:
    lost = attach(province, device, establishment, picture(1))
    attach(province, device, establishment, picture(2))
    (device.folder / "attachments" / lost).unlink()
    province.sync(device)
    report = send(province, device)
    assert (report.sent, report.unreadable, report.waiting) == (1, [lost], 1)


def test_what_is_not_there_yet_is_named(
    province: Province, device: Workspace, establishment: str
) -> None:
    name = attach(province, device, establishment, picture(1))
    province.sync(device)
    other = colleague(province)
    report = fetch(province, other)
    assert (report.fetched, report.absent) == (0, [name])
    send(province, device)
    assert fetch(province, other).fetched == 1


def test_a_province_that_forgot_is_sent_it_again(
    province: Province, device: Workspace, establishment: str
) -> None:
    """Another epoch: what the former one said of contents counts no more."""
    attach(province, device, establishment, picture(1))
    province.sync(device)
    send(province, device)
    known = device.province()
    assert known is not None
    import dataclasses

    device.join_province(dataclasses.replace(known, epoch="another"))
    assert len(device.content_places.to_send()) == 1
    assert send(province, device).known == 1


def test_a_lost_content_is_fetched_again(
    province: Province, device: Workspace, establishment: str
) -> None:
    content = picture(1)
    name = attach(province, device, establishment, content)
    province.sync(device)
    send(province, device)
    (device.folder / "attachments" / name).write_bytes(b"damaged")
    from kcdesk.storage.content_places import Travelling

    again = [Travelling(name, "image/jpeg", len(content))]
    fetch_contents(
        device, again, randomness=province.randomness, wait=no_wait, transport=province.transport()
    )
    assert device.attachments.read(name) == content


def test_no_province_no_photos(province: Province) -> None:
    alone = province.workspace(province.person("Chi"))
    with pytest.raises(BadInput) as caught:
        send(province, alone)
    assert caught.value.code == "not_joined"


# Cuts


class Broken(InProcess):
    """Cuts calls about contents at chosen bytes, or damages bytes in them."""

    def __init__(self, of: InProcess, cuts: list[Cut | None], damage: int = 0) -> None:
        super().__init__(of.app, of.portal)
        self.content_cuts = cuts
        self.damage = damage

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        carries = request.method == "PATCH" or request.method == "GET"
        if carries and self.damage and request.method == "PATCH":
            self.damage -= 1
            assert isinstance(request.stream, httpx.SyncByteStream)
            body = b"".join(request.stream)
            request = httpx.Request(
                request.method,
                request.url,
                headers=request.headers,
                content=body[:-1] + bytes([body[-1] ^ 1]),
            )
        cut = self.content_cuts.pop(0) if carries and self.content_cuts else None
        return self.handle_cut(request, cut)


@pytest.mark.parametrize("after", [0, 1, 20_000, PIECE, 60_000, None])
def test_a_sending_that_is_cut_goes_on_at_the_byte(
    province: Province, device: Workspace, establishment: str, after: int | None
) -> None:
    content = picture(1)
    name = attach(province, device, establishment, content)
    province.sync(device)
    where = "body" if after is not None else "answer"
    report = send(province, device, Broken(province.transport(), [Cut(where, after)]))
    assert (report.sent, report.cuts) == (1, 1)
    # handed over as a whole: in this process nothing is on the line
    assert report.bytes_sent - report.bytes_sent_twice == len(content)
    other = colleague(province)
    fetch(province, other)
    assert other.attachments.read(name) == content


@pytest.mark.parametrize("after", [0, 1, 20_000, PIECE, 60_000])
def test_a_fetch_that_is_cut_goes_on_at_the_byte(
    province: Province, device: Workspace, establishment: str, after: int
) -> None:
    content = picture(1)
    name = attach(province, device, establishment, content)
    province.sync(device)
    send(province, device)
    other = colleague(province)
    report = fetch(province, other, Broken(province.transport(), [Cut("answer", after)]))
    assert (report.fetched, report.cuts, report.bytes_received_twice) == (1, 1, 0)
    assert report.bytes_received == len(content)
    assert other.attachments.read(name) == content


@sqlite_only
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    up=st.lists(st.integers(0, 90_000), max_size=4),
    down=st.lists(st.integers(0, 90_000), max_size=4),
)
def test_however_the_line_is_cut_the_photo_is_whole(
    make_province: Callable[[], Province], up: list[int], down: list[int]
) -> None:
    province = make_province()
    device = province.joined(province.person("An"))
    content = picture(1)
    name = attach(province, device, province.establishment(device, "HTX"), content)
    province.sync(device)
    send(province, device, Broken(province.transport(), [Cut("body", at) for at in up]))
    other = colleague(province)
    report = fetch(
        province, other, Broken(province.transport(), [Cut("answer", at) for at in down])
    )
    assert report.bytes_received == len(content)
    assert other.attachments.read(name) == content


def test_a_line_that_stays_dead_ends_in_a_sentence_and_keeps_what_came(
    province: Province, device: Workspace, establishment: str
) -> None:
    content = picture(1)
    name = attach(province, device, establishment, content)
    province.sync(device)
    send(province, device)
    other = colleague(province)
    line = Broken(province.transport(), [Cut("answer", 40_000), *[Cut("answer", 0)] * 8])
    with pytest.raises(Unreachable):
        fetch(province, other, line)
    assert other.content_places.arriving(name) == 40_000
    report = fetch(province, other)  # as a program does that is started again
    assert report.bytes_received == len(content) - 40_000
    assert other.attachments.read(name) == content


def test_bytes_that_are_damaged_on_the_line_are_sent_again(
    province: Province, device: Workspace, establishment: str
) -> None:
    content = picture(1)
    name = attach(province, device, establishment, content)
    province.sync(device)
    assert send(province, device, Broken(province.transport(), [], damage=2)).sent == 1
    other = colleague(province)
    fetch(province, other)
    assert other.attachments.read(name) == content


def test_bytes_that_are_damaged_at_the_province_are_never_taken_for_a_photo(
    province: Province, device: Workspace, establishment: str
) -> None:
    name = attach(province, device, establishment, picture(1))
    province.sync(device)
    send(province, device)
    with writing(province.database) as connection:
        later = tables.content_bytes.c.position > 0
        for row in connection.execute(select(tables.content_bytes).where(later)).all():
            this = tables.content_bytes.c.position == row.position
            connection.execute(
                update(tables.content_bytes).where(this).values(bytes=bytes(len(row.bytes)))
            )
    other = colleague(province)
    with pytest.raises(BadAnswer):
        fetch(province, other)
    assert not other.attachments.holds(name)
    assert other.content_places.arriving(name) == 0


def test_a_hostile_content_of_a_broken_province_is_not_kept(
    province: Province, device: Workspace, establishment: str
) -> None:
    """The province checks, and the device checks again: here the first of them did not."""
    hostile = encoded(photo(), "JPEG", exif=exif())
    name = attach(province, device, establishment, hostile)
    province.sync(device)
    with writing(province.database) as connection:
        upload = "0" * 32
        row = (name, len(hostile), "image/jpeg", upload)
        server_contents.insert_rows(connection, server_contents.contents, [row])
        server_contents.insert_rows(
            connection, server_contents.content_bytes, [(upload, 0, hostile)]
        )
    other = colleague(province)
    with pytest.raises(BadAnswer):
        fetch(province, other)
    assert not other.attachments.holds(name)


def test_sending_is_stopped_and_goes_on(
    province: Province, device: Workspace, establishment: str
) -> None:
    content = picture(1)
    attach(province, device, establishment, content)
    attach(province, device, establishment, picture(2))
    province.sync(device)
    cancel = threading.Event()

    def progress(_phase: str, done: int, _total: int) -> None:
        if done > len(content):
            cancel.set()

    with pytest.raises(Cancelled):
        send(province, device, progress=progress, cancel=cancel)
    assert len(device.content_places.to_send()) == 1
    assert send(province, device).sent == 1


def test_a_content_that_is_erased_leaves_no_trace(
    province: Province, device: Workspace, establishment: str
) -> None:
    name = attach(province, device, establishment, picture(1))
    province.sync(device)
    send(province, device)
    device.attachments.remove(name)
    assert device.content_places.place(name) == (None, "")
    assert hashlib.sha256(picture(1)).hexdigest() == name

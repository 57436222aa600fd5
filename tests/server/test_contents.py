"""Contents of photos at the province: who may send and fetch them, and what tus 1.0 asks of a server."""

from __future__ import annotations

import base64
import hashlib
import importlib
import itertools
from collections.abc import Callable

import httpx
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import func, select

from kcdesk.domain.identifiers import new_record_id
from kcdesk.server import contents, tables
from kcdesk.server.contents import UPLOAD_MS
from kcdesk.server.database import reading, writing
from kcdesk.server.renewing import recognise
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import tus
from tests.conftest import SettableClock
from tests.importing.attachment_files import encoded, exif, pdf, photo
from tests.server.test_app import client, error_of
from tests.sync.pictures import attach, named, picture
from tests.sync.provinces import NOWHERE_URL, Province

UPLOADS = f"{NOWHERE_URL}{tus.UPLOADS_PATH}"
TUS = {tus.RESUMABLE_HEADER: tus.TUS_VERSION}
CHUNK = {**TUS, "Content-Type": tus.CHUNK_TYPE}


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def url_of(content: bytes) -> str:
    return f"{NOWHERE_URL}{tus.CONTENTS_PATH}/{sha(content)}"


class Line:
    """A device's calls about contents, one by one."""

    def __init__(self, province: Province, workspace: Workspace | None) -> None:
        self.http = client(province, workspace)

    def create(
        self, content: bytes, first: bytes = b"", length: int | None = None, **more: str
    ) -> httpx.Response:
        headers = {
            **(CHUNK if first else TUS),
            "Upload-Length": str(len(content) if length is None else length),
            tus.METADATA_HEADER: tus.written_metadata({"sha256": sha(content)}),
            **more,
        }
        return self.http.post(UPLOADS, headers=headers, content=first)

    def upload(self, content: bytes) -> str:
        """The address of a new upload."""
        answer = self.create(content)
        assert answer.status_code == 201
        return str(httpx.URL(UPLOADS).join(answer.headers["Location"]))

    def patch(self, url: str, offset: int, data: bytes, **more: str) -> httpx.Response:
        headers = {**CHUNK, "Upload-Offset": str(offset), **more}
        return self.http.patch(url, headers=headers, content=data)

    def offset(self, url: str) -> int:
        return int(self.http.head(url, headers=TUS).headers["Upload-Offset"])

    def send(self, content: bytes) -> None:
        assert self.patch(self.upload(content), 0, content).status_code == 204

    def get(self, content: bytes, **more: str) -> httpx.Response:
        return self.http.get(url_of(content), headers=more)


@pytest.fixture
def device(province: Province) -> Workspace:
    return province.joined(province.person("An"))


@pytest.fixture
def establishment(province: Province, device: Workspace) -> str:
    made = province.establishment(device, "HTX Rèn Nà Hối")
    province.sync(device)
    return made


@pytest.fixture
def name_it(province: Province, device: Workspace, establishment: str) -> Callable[[bytes], str]:
    """Has the province know a record that names a content."""

    def known(content: bytes) -> str:
        record = named(province, device, establishment, sha(content), content)
        province.sync(device)
        return record

    return known


@pytest.fixture
def line(province: Province, device: Workspace) -> Line:
    return Line(province, device)


def rows(province: Province, table: object) -> int:
    with reading(province.database) as connection:
        return connection.scalar(select(func.count()).select_from(table))  # type: ignore[arg-type,return-value]


def test_what_the_server_can_do_is_told_to_anybody(province: Province) -> None:
    answer = client(province, None).request("OPTIONS", UPLOADS)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == set(tus.EXTENSIONS)
    assert answer.headers["Tus-Max-Size"] == str(tus.CONTENT_BYTES)
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"]


def test_a_content_comes_in_pieces_and_goes_out_as_it_was(
    line: Line, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    name_it(content)
    url = line.upload(content)
    for start, end in itertools.pairwise([0, 1, 30_000, len(content)]):
        answer = line.patch(url, start, content[start:end])
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(end))
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert line.offset(url) == len(content)
    back = line.get(content)
    assert back.content == content
    assert back.headers["Content-Type"] == "image/jpeg"
    assert back.headers["Content-Disposition"] == "attachment"
    assert line.http.head(url_of(content)).headers["Content-Length"] == str(len(content))


def test_creation_may_bring_the_first_bytes(line: Line, name_it: Callable[[bytes], str]) -> None:
    content = picture(1)
    name_it(content)
    answer = line.create(content, first=content[:5_000])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "5000")
    again = line.create(content, first=content[:5_000])  # the answer was lost: nothing comes twice
    assert again.headers["Location"] == answer.headers["Location"]
    assert again.headers["Upload-Offset"] == "5000"
    url = str(httpx.URL(UPLOADS).join(answer.headers["Location"]))
    assert line.patch(url, 5_000, content[5_000:]).status_code == 204
    assert line.get(content).content == content


def test_a_known_content_costs_one_call(
    province: Province, line: Line, device: Workspace, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    name_it(content)
    line.send(content)
    other = province.joined(province.person("Bình"))
    province.sync(other)
    answer = Line(province, other).create(content)
    assert answer.status_code == 201
    assert answer.headers["Upload-Offset"] == str(len(content))
    assert rows(province, tables.contents) == 1


@pytest.mark.parametrize(
    ("header", "status", "part"),
    [
        ("bytes=10-19", 206, slice(10, 20)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-0,5-6", 200, slice(None)),
    ],
)
def test_bytes_of_a_content(
    line: Line, name_it: Callable[[bytes], str], header: str, status: int, part: slice
) -> None:
    content = picture(1)
    name_it(content)
    line.send(content)
    answer = line.get(content, Range=header)
    assert (answer.status_code, answer.content) == (status, content[part])
    if status == 206:
        start, end, _ = part.indices(len(content))
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(content)}"
    assert line.get(content, Range=f"bytes={len(content)}-").status_code == 416
    assert line.get(content, Range="bytes=5-", **{"If-Range": '"another"'}).status_code == 200


# What is refused


def test_without_the_version_of_tus_nothing_is_done(
    line: Line, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    name_it(content)
    url = line.upload(content)
    calls = [
        line.http.head(url),
        line.http.patch(url, content=b"x", headers={"Tus-Resumable": "0.2.2"}),
        line.http.post(UPLOADS),
        line.http.delete(url),
    ]
    assert [call.status_code for call in calls] == [412] * 4
    assert all(call.headers["Tus-Version"] == "1.0.0" for call in calls)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "no"}, 400),
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": str(tus.CONTENT_BYTES + 1)}, 413),
        ({"Upload-Metadata": "sha256"}, 400),
        ({"Upload-Metadata": "sha256 ***"}, 400),
        ({"Upload-Metadata": tus.written_metadata({"sha256": "../../etc"})}, 400),
    ],
)
def test_an_announcement_that_is_none(line: Line, headers: dict[str, str], status: int) -> None:
    assert line.create(picture(1), **headers).status_code == status


def test_a_wrong_offset_length_or_type(line: Line, name_it: Callable[[bytes], str]) -> None:
    content = picture(1)
    name_it(content)
    url = line.upload(content)
    assert error_of(line.patch(url, 1, b"x")) == "offset"
    assert line.patch(url, 1, b"x").status_code == 409
    assert line.patch(url, 0, content + b"x").status_code == 413
    wrong_type = {"Content-Type": "application/octet-stream"}
    assert line.patch(url, 0, b"x", **wrong_type).status_code == 415
    assert error_of(line.create(content, length=5)) == "form"
    assert line.offset(url) == 0


def test_a_damaged_chunk_is_not_kept(line: Line, name_it: Callable[[bytes], str]) -> None:
    content = picture(1)
    name_it(content)
    url = line.upload(content)
    good = {
        algorithm: base64.b64encode(hashlib.new(algorithm, content[:9_000]).digest()).decode()
        for algorithm in tus.CHECKSUMS
    }
    for algorithm, digest in good.items():
        told = {"Upload-Checksum": f"{algorithm} {digest}"}
        damaged = b"\0" + content[1:9_000]
        assert line.patch(url, 0, damaged, **told).status_code == tus.CHECKSUM_MISMATCH
        assert line.offset(url) == 0
    unknown = {"Upload-Checksum": f"md5 {good['sha1']}"}
    assert line.patch(url, 0, b"x", **unknown).status_code == 400
    told = {"Upload-Checksum": f"sha1 {good['sha1']}"}
    assert line.patch(url, 0, content[:9_000], **told).status_code == 204
    assert line.patch(url, 9_000, content[9_000:]).status_code == 204
    assert line.get(content).content == content


def test_a_content_that_is_not_what_it_was_announced_as_is_forgotten(
    province: Province, line: Line, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    name_it(content)
    url = line.upload(content)
    answer = line.patch(url, 0, content[:-1] + b"\0")
    assert (answer.status_code, error_of(answer)) == (tus.CHECKSUM_MISMATCH, "checksum")
    assert line.http.head(url, headers=TUS).status_code == 404
    assert rows(province, tables.content_bytes) == 0
    line.send(content)
    assert line.get(content).content == content


@pytest.mark.parametrize(
    "hostile",
    [
        encoded(photo(), "JPEG", exif=exif()),
        picture(1) + b"PK\x03\x04 a file behind the picture",
        b"MZ" + bytes(500),
        pdf(action="/JavaScript"),
        pdf(attach=b"x"),
        b"%PDF-1.7 nothing",
    ],
    ids=["place and name", "something behind it", "program", "script", "file inside", "no PDF"],
)
def test_what_no_device_would_take_in_is_refused(
    province: Province, line: Line, name_it: Callable[[bytes], str], hostile: bytes
) -> None:
    name_it(hostile)
    url = line.upload(hostile)
    answer = line.patch(url, 0, hostile)
    assert (answer.status_code, error_of(answer)) == (422, "content")
    assert line.get(hostile).status_code == 404
    assert rows(province, tables.content_bytes) == 0


def test_only_what_a_record_names_may_come(
    province: Province, line: Line, device: Workspace, establishment: str
) -> None:
    stranger = line.create(picture(1))
    assert (stranger.status_code, error_of(stranger)) == (403, "not_named")
    # a record that the province refused names nothing
    named(province, device, "01990000-0000-7000-8000-000000000000", sha(picture(2)), picture(2))
    province.sync(device)
    assert error_of(line.create(picture(2))) == "not_named"


def test_originals_stay_at_home(
    province: Province, line: Line, device: Workspace, establishment: str
) -> None:
    original = picture(3)
    named(province, device, establishment, sha(picture(1)), b"x", original_sha256=sha(original))
    province.sync(device)
    assert error_of(line.create(original)) == "not_named"


ELSEWHERE = "15"


@pytest.mark.parametrize(
    ("role", "area", "may"),
    [
        ("collaborator", "here", True),
        ("officer", "here", True),
        ("officer", "elsewhere", False),
        ("collaborator", None, False),
        ("centre", None, True),
        ("administrator", "here", False),
    ],
)
def test_who_may_fetch_and_who_may_send(
    province: Province,
    line: Line,
    name_it: Callable[[bytes], str],
    role: str,
    area: str | None,
    may: bool,
) -> None:
    sent, unsent = picture(1), picture(2)
    name_it(sent)
    name_it(unsent)
    line.send(sent)
    communes = {"here": province.communes[0], "elsewhere": province.communes[1], None: None}
    other = province.joined(province.person("Bình", role, communes[area]))
    theirs = Line(province, other)
    assert theirs.get(sent).status_code == (200 if may else 404)
    assert theirs.http.head(url_of(sent)).status_code == (200 if may else 404)
    assert theirs.create(unsent).status_code == (201 if may else 403)
    assert theirs.get(unsent).status_code == 404


def test_another_devices_upload_is_as_good_as_none(
    province: Province, line: Line, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    name_it(content)
    url = line.upload(content)
    theirs = Line(province, province.joined(province.person("Bình")))
    assert theirs.http.head(url, headers=TUS).status_code == 404
    assert theirs.patch(url, 0, content).status_code == 404
    assert theirs.http.delete(url, headers=TUS).status_code == 404
    assert Line(province, None).create(content).status_code == 401
    assert Line(province, None).get(content).status_code == 401


def test_what_moves_away_is_fetched_by_those_it_came_to(
    province: Province,
    line: Line,
    device: Workspace,
    establishment: str,
    name_it: Callable[[bytes], str],
) -> None:
    content = picture(1)
    name_it(content)
    line.send(content)
    before, after = (
        Line(province, province.joined(province.person(name, area=commune)))
        for name, commune in zip(("Bình", "Chi"), province.communes[:2], strict=True)
    )
    assert [each.get(content).status_code for each in (before, after)] == [200, 404]
    device.save([Edit("establishments", establishment, {"commune": province.communes[1]})])
    province.sync(device)
    assert [each.get(content).status_code for each in (before, after)] == [404, 200]


def test_an_officer_who_lost_the_commune_still_sends_what_is_hers(
    province: Province,
    clock: SettableClock,
    device: Workspace,
    establishment: str,
    name_it: Callable[[bytes], str],
    line: Line,
) -> None:
    content = picture(1)
    name_it(content)
    with writing(province.database) as connection:
        connection.execute(tables.assignments.delete())
    line.send(content)
    assert line.get(content).status_code == 404


# Limits and time


def test_a_device_sends_so_much_a_day(
    province: Province, clock: SettableClock, device: Workspace, name_it: Callable[[bytes], str]
) -> None:
    first, second = picture(1), picture(2)
    name_it(first)
    name_it(second)
    known = device.province()
    assert known is not None
    caller = recognise(province.database, known.token, clock())

    def begin(content: bytes) -> contents.Upload:
        return contents.begin(
            province.database,
            caller,
            sha(content),
            len(content),
            now=clock(),
            randomness=province.randomness,
            day_bytes=len(first) + 10,
        )

    begun = begin(first)
    with pytest.raises(contents.Rejected) as caught:
        begin(second)
    assert caught.value.code == "quota"
    assert begin(first) == begun  # going on is always allowed
    clock.advance(contents.DAY_MS + 1)
    assert begin(second).arrived == 0


def test_an_upload_expires_a_week_after_its_last_byte(
    province: Province, clock: SettableClock, line: Line, name_it: Callable[[bytes], str]
) -> None:
    first, second, third = picture(1), picture(2), picture(3)
    for each in (first, second, third):
        name_it(each)
    url = line.upload(first)
    assert line.patch(url, 0, first[:5_000]).headers["Upload-Expires"].endswith("GMT")
    line.send(second)
    clock.advance(UPLOAD_MS - 1)
    assert line.patch(url, 5_000, first[5_000:6_000]).status_code == 204
    clock.advance(UPLOAD_MS - 1)
    line.create(third)
    assert line.offset(url) == 6_000
    clock.advance(UPLOAD_MS)
    line.create(second)
    assert line.http.head(url, headers=TUS).status_code == 404
    assert line.get(second).content == second  # what is whole stays


def test_an_upload_is_given_up(
    province: Province, line: Line, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    name_it(content)
    url = line.upload(content)
    line.patch(url, 0, content[:5_000])
    override = {**TUS, "X-HTTP-Method-Override": "DELETE"}
    assert line.http.post(url, headers=override).status_code == 204
    assert line.http.head(url, headers=TUS).status_code == 404
    assert rows(province, tables.content_bytes) == 0
    line.send(content)
    assert line.http.delete(line.upload(content), headers=TUS).status_code == 204
    assert line.get(content).content == content


def test_a_worker_that_was_killed_before_it_judged(
    province: Province, line: Line, name_it: Callable[[bytes], str], clock: SettableClock
) -> None:
    """All bytes are kept and nothing else happened: the next call makes it whole."""
    content = picture(1)
    name_it(content)
    url = line.upload(content)
    contents.keep(province.database, url.rpartition("/")[2], 0, content, clock())
    assert line.get(content).status_code == 404
    assert line.offset(url) == len(content)
    assert line.get(content).content == content


def test_two_devices_with_one_content(
    province: Province, line: Line, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    name_it(content)
    other = Line(province, province.joined(province.person("Bình")))
    mine, theirs = line.upload(content), other.upload(content)
    half = len(content) // 2
    line.patch(mine, 0, content[:half])
    other.patch(theirs, 0, content[:half])
    assert other.patch(theirs, half, content[half:]).status_code == 204
    assert line.offset(mine) == len(content)
    assert line.get(content).content == content
    with reading(province.database) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.contents)) == 1


def test_a_content_is_removed_when_nobody_names_it(
    province: Province, line: Line, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    records = [name_it(content), name_it(content)]
    line.send(content)
    other = Line(province, province.joined(province.person("Bình")))
    with writing(province.database) as connection:
        assert contents.unname(connection, records[0]) == frozenset()
    assert line.get(content).status_code == 200
    with writing(province.database) as connection:
        assert contents.unname(connection, records[1]) == {sha(content)}
    assert line.get(content).status_code == 404
    assert error_of(other.create(content)) == "not_named"
    assert rows(province, tables.content_bytes) == rows(province, tables.uploads) == 0


def test_an_erasure_takes_the_content_along(
    province: Province, line: Line, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    record = name_it(content)
    line.send(content)
    centre = province.joined(province.person("Trung tâm", "centre", area=None))
    province.sync(centre)
    said = {"of_kind": "attachments", "of": record, "fields": ["sha256", "title"], "paper": "5/QĐ"}
    erasure = new_record_id(province.clock, province.randomness)
    centre.save([Edit("erasures", erasure, said)])  # type: ignore[arg-type]
    assert province.sync(centre).refused == ()
    assert line.get(content).status_code == 404
    assert rows(province, tables.content_bytes) == rows(province, tables.content_names) == 0


def test_names_from_before_are_found_at_the_upgrade(
    province: Province, name_it: Callable[[bytes], str]
) -> None:
    content = picture(1)
    record = name_it(content)
    step = importlib.import_module("kcdesk.server.migrations.versions.0007_contents")
    with writing(province.database) as connection:
        for table in ("content_names", "contents", "uploads", "content_bytes"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        with Operations.context(MigrationContext.configure(connection)):
            step.upgrade()
    with reading(province.database) as connection:
        named_now = connection.execute(select(tables.content_names)).all()
    assert [tuple(row) for row in named_now] == [(sha(content), record)]


def test_nothing_of_a_photo_is_said_aloud(
    province: Province,
    line: Line,
    name_it: Callable[[bytes], str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("DEBUG"):
        content = picture(1)
        name_it(content)
        line.send(content)
    assert "Máy ép gạch" not in caplog.text


def test_the_record_that_was_attached_by_hand(
    province: Province, device: Workspace, establishment: str, line: Line
) -> None:
    """A content that is here and whose record the province knows may be sent."""
    content = picture(4)
    attach(province, device, establishment, content)
    assert error_of(line.create(content)) == "not_named"
    province.sync(device)
    line.send(content)

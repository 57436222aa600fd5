"""An attacker tries what can be tried, through the application: gets nothing, changes nothing, learns nothing.

Cù has a token of a collaborator in the next commune, knows every id there is, and may have listened to the line. After
each attempt every row that is not Cù's own is what it was, and what is somebody else's is answered as what is not
there.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator

import msgspec
import pytest
import zstandard

from kcdesk.changes import Change, extend
from kcdesk.server.app import REQUEST_LIMIT
from kcdesk.server.people import TOKEN_MS
from kcdesk.sync import format as packing
from kcdesk.sync import protocol, tus
from kcdesk.sync.parcels import contents
from kcdesk.sync.parcels.envelope import BadParcel, Parcel
from kcdesk.sync.parcels.keys import parcel_identity
from kcdesk.sync.protocol import ContinueRequest, Sent
from kcdesk.sync.tail import with_tail
from tests.conftest import SettableClock
from tests.server.besieged import (
    CHUNK,
    TUS,
    UNKNOWN_DEVICE,
    UNKNOWN_ID,
    UNKNOWN_RECORD,
    UNKNOWN_SHA,
    Besieged,
    refusals_of,
    same,
    sha,
    told,
)
from tests.server.speaking import Device, answer_of
from tests.server.test_app import error_of
from tests.sync.provinces import Province


@pytest.fixture
def siege(province: Province) -> Besieged:
    return Besieged(province)


@pytest.fixture(autouse=True)
def nothing_changes(siege: Besieged, request: pytest.FixtureRequest) -> Iterator[None]:
    """Holds for every test of this file but the last."""
    before = siege.state(but=siege.attacker)
    yield
    if request.function is not test_what_would_be_noticed:
        assert siege.state(but=siege.attacker) == before


CALLS = [
    ("POST", "/v1/sync/{exchange}"),
    ("PATCH", "/v1/sync/{exchange}"),
    ("GET", "/v1/sync/{exchange}"),
    ("HEAD", "/v1/sync/{exchange}"),
    ("POST", "/v1/parcels/{exchange}"),
    ("PATCH", "/v1/parcels/{exchange}"),
    ("GET", "/v1/parcels/{exchange}"),
    ("HEAD", "/v1/parcels/{exchange}"),
    ("POST", "/v1/continue"),
    ("POST", "/v1/token"),
    ("GET", "/v1/devices/{device}/changes?after=0"),
    ("GET", "/v1/editions/latest"),
    ("POST", "/v1/uploads"),
    ("HEAD", "/v1/uploads/{upload}"),
    ("PATCH", "/v1/uploads/{upload}"),
    ("DELETE", "/v1/uploads/{upload}"),
    ("GET", "/v1/contents/{sha256}"),
    ("HEAD", "/v1/contents/{sha256}"),
]


def test_without_a_token_of_today_every_call_is_the_same_wall(
    siege: Besieged, clock: SettableClock
) -> None:
    victim = siege.victim
    before = siege.state()
    clock.advance(TOKEN_MS)
    headers = [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        f"Bearer {victim.id}",
        f"Bearer {victim.token[:-1]}",
        f"Bearer {victim.token}x",
        f"Bearer {victim.token.swapcase()}",
        f"Bearer {hashlib.sha256(victim.token.encode()).hexdigest()}",
        f"Basic {victim.token}",
        "Bearer " + "A" * 20_000,
        "Bearer ' OR 1=1 --",
    ]
    names = {"exchange": siege.exchange, "device": victim.id, "upload": siege.upload}
    for method, path in CALLS:
        line = Device(siege.province, b"x" * 32).http
        url = path.format(**names, sha256=sha(siege.photo))
        answers = [
            line.request(method, url, headers={**CHUNK, **({"Authorization": h} if h else {})})
            for h in headers
        ]
        assert same(*answers), url
        assert answers[0].status_code == 401
        # who holds a token that has ended is told so, and nothing else
        ended = {**CHUNK, "Authorization": f"Bearer {siege.stale.token}"}
        answer = line.request(method, url, headers=ended)
        assert answer.status_code == 401
        if method != "HEAD":
            assert error_of(answer) == "token_expired"
    assert siege.state() == before


@pytest.mark.parametrize("path", [protocol.SYNC_PATH, protocol.PARCELS_PATH])
def test_somebody_elses_exchange_is_as_good_as_none(siege: Besieged, path: str) -> None:
    line = siege.attacker.http
    moves: dict[str, str] = {
        protocol.OFFSET_HEADER: "100",
        protocol.LENGTH_HEADER: str(len(siege.body)),
    }
    for method, headers in (
        ("HEAD", {}),
        ("GET", {}),
        ("GET", {"Range": "bytes=0-"}),
        ("PATCH", moves),
    ):
        rest = siege.body[100:] if method == "PATCH" else b""
        answers = [
            line.request(method, f"{path}/{name}", headers=headers, content=rest)
            for name in (siege.exchange, UNKNOWN_ID)
        ]
        assert same(*answers), method
        assert answers[0].status_code == 404
    # to begin one under an id that is in use is no way in either
    taken = line.post(f"{path}/{siege.exchange}", content=siege.body)
    assert (taken.status_code, error_of(taken)) == (404, "gone")
    for method in ("DELETE", "PUT", "OPTIONS", "TRACE"):
        assert line.request(method, f"{path}/{siege.exchange}").status_code in {404, 405}


def test_somebody_elses_photo_is_as_good_as_none(siege: Besieged) -> None:
    line, attacker = siege.attacker.http, siege.attacker
    for headers in ({}, {"Range": "bytes=0-9"}, {"If-Range": f'"{sha(siege.photo)}"'}):
        for method in ("GET", "HEAD"):
            answers = [
                line.request(method, f"{tus.CONTENTS_PATH}/{name}", headers=headers)
                for name in (sha(siege.photo), sha(siege.half), UNKNOWN_SHA, "x", "%00", "é" * 64)
            ]
            assert same(*answers)
            assert answers[0].status_code == 404
    announced = [
        siege.announce(attacker, siege.photo, name)
        for name in (sha(siege.photo), sha(siege.half), UNKNOWN_SHA)
    ]
    assert same(*announced)
    assert error_of(announced[0]) == "not_named"


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_somebody_elses_upload_is_as_good_as_none(siege: Besieged, method: str) -> None:
    headers = {**CHUNK, "Upload-Offset": "40000"}
    answers = []
    for name in (siege.upload, UNKNOWN_ID, "x", "%00", "..%2f..%2fetc"):
        url = f"{tus.UPLOADS_PATH}/{name}"
        answers.append(siege.attacker.http.request(method, url, headers=headers))
    assert same(*answers[:4])
    assert {answer.status_code for answer in answers} == {404}
    if method != "HEAD":
        more = {**headers, "X-HTTP-Method-Override": method}
        url = f"{tus.UPLOADS_PATH}/{siege.upload}"
        assert siege.attacker.http.post(url, headers=more).status_code == 404


def test_nobody_looks_at_another_device_or_comes_after_it(siege: Besieged) -> None:
    attacker, victim = siege.attacker, siege.victim
    overheard = victim.key.sign(protocol.held_statement(victim.id, 0)).hex()
    own = attacker.key.sign(protocol.held_statement(attacker.id, 0)).hex()
    for signature in (overheard, own, "", "zz", "00" * 64):
        answers = [
            attacker.http.get(
                f"{protocol.DEVICES_PATH}/{device}/changes?after=0",
                headers={protocol.SIGNATURE_HEADER: signature},
            )
            for device in (victim.id, UNKNOWN_DEVICE)
        ]
        assert same(*answers)
        assert error_of(answers[0]) == "signature"

    token_hash = hashlib.sha256(b"mine").digest()

    def request(device: str, after: Device, first: Device, second: Device) -> ContinueRequest:
        statement = protocol.continue_statement(device, after.id, "age1", token_hash)
        return ContinueRequest(
            device,
            after.id,
            after.public_key,
            "age1",
            token_hash,
            first.key.sign(statement),
            second.key.sign(statement),
        )

    for device, after in (
        (victim.id, attacker),
        (UNKNOWN_DEVICE, attacker),
        (attacker.id, victim),
        (victim.id, victim),
    ):
        content = protocol.encode(request(device, after, attacker, attacker))
        answer = attacker.http.post(protocol.CONTINUE_PATH, content=content)
        assert error_of(answer) in {"signature", "form"}
    # what the victim has signed for a successor is worth nothing on another token
    genuine = request(victim.id, Device(siege.province, b"n" * 32), victim, victim)
    assert error_of(attacker.http.post(protocol.CONTINUE_PATH, content=protocol.encode(genuine)))


def test_forged_headers_chains_and_groups(siege: Besieged) -> None:
    attacker, victim = siege.attacker, siege.victim
    change = attacker.change("establishments", siege.mine, note="Thêm")
    wrong: list[dict[str, object]] = [
        {"device": victim.id},
        {"device": UNKNOWN_DEVICE},
        {"signature": victim.key.sign(b"x")},
        {"signature": b""},
        {"before": bytes(32)},
        {"first_n": 3, "last_n": 2},
        {"last_n": 1 << 70},
        {"first_n": 1 << 64, "last_n": 1 << 64},
        {"cursors": {"open:1": -1}},
        {"cursors": {"open:1": -(1 << 70)}},
        {"cursors": {"open:1": 1 << 70}},
    ]
    for each in wrong:
        response = attacker.post(attacker.body([change], **each))
        assert response.status_code in {400, 403, 409}, each
    attacker.said.pop()
    for each in ({"last_n": 1 << 53}, {"first_n": 1}, {"first_n": 0}, {"last_hash": bytes(32)}):
        response = attacker.post(attacker.body([], **each))
        assert response.status_code in {400, 409}, each
    attacker.said.append(change)
    # the victim's very words, on another token
    assert error_of(attacker.post(siege.body)) == "signature"
    forged = [msgspec.structs.replace(change, device=victim.id)]
    gap = [msgspec.structs.replace(change, n=9)]
    for group in (forged, gap, [change, change]):
        before = siege.chain(attacker.said[:1], attacker)
        after = extend(before, group)
        body = attacker.body_sections([change], last_n=len(group) + 1, last_hash=after)[0]
        sent = protocol.encode(Sent(packing.to_columns(group), after))
        response = attacker.post(b"".join(packing.pack([body], [sent])))
        assert error_of(response) == "chain"


def test_changes_of_records_elsewhere_are_answered_as_of_none(siege: Besieged) -> None:
    attacker = siege.attacker
    there = siege.province.communes[0]
    pairs: list[tuple[str, dict[str, object], str]] = [
        ("establishments", {"note": "x"}, siege.record),
        ("establishments", {"deleted": True}, siege.record),
        ("establishments", {"merged_into": siege.mine}, siege.record),
        ("establishments", {"commune": there}, siege.record),
        ("needs", {"purpose": "x"}, siege.child),
        ("needs", {"purpose": "x"}, siege.record),  # of another kind
        ("figures", {"year": 2026}, siege.child),
    ]
    said = []
    for kind, fields, record in pairs:
        for target in (record, UNKNOWN_RECORD):
            said.append(attacker.change(kind, target, **fields))  # type: ignore[arg-type]
    for parent in (siege.record, siege.child, UNKNOWN_RECORD):
        said.append(attacker.change("needs", establishment=parent, purpose="x"))
    found = refusals_of(attacker.post(attacker.body(said)))
    assert found == [(change.n, "no_area", "") for change in said]


def test_forged_seen_lets_nothing_in(siege: Besieged) -> None:
    attacker, victim = siege.attacker, siege.victim
    for seen in ({victim.id: 99}, {UNKNOWN_DEVICE: 1}, {f"{n:016x}": 1 for n in range(5_400)}):
        waits = attacker.change("establishments", siege.mine, seen, note="x")
        header = answer_of(attacker.post(attacker.body([waits])))[0]
        assert isinstance(header, protocol.AnswerHeader)
        assert header.confirmed_n == 1
        attacker.said.pop()
    # in a group: as many devices as no database takes in one query
    seen = [{f"{n:012x}{m:04x}": 1 for n in range(5_400)} for m in range(60)]
    many = [attacker.change("establishments", siege.mine, one, note="x") for one in seen]
    assert attacker.post(attacker.body(many)).status_code == 200
    del attacker.said[1:]
    wrong = ({attacker.id: 1}, {victim.id: 0}, {victim.id: -1}, {victim.id: 1 << 60}, {"x": 1})
    said = [attacker.change("establishments", siege.mine, one, note="x") for one in wrong]
    found = refusals_of(attacker.post(attacker.body(said)))
    assert found == [(change.n, "form", "seen") for change in said]


def test_whatever_cursors_say_only_own_logs_are_told(siege: Besieged) -> None:
    logs = [f"{sort}:{area}" for sort in ("open", "office") for area in range(1, 9)]
    cursors = dict.fromkeys([*logs, "published", "centre", "", "open:", "x" * 1_000, "open:x"], 0)
    response = siege.attacker.post(siege.attacker.body([], cursors))
    assert "Của Bình".encode() not in b"".join(packing.unpack([response.content]))
    assert len(siege.attacker.read()[0]) == 1
    assert siege.attacker.read()[1] == {(siege.attacker.id, 1)}


def test_codes_are_not_guessed_and_names_not_taken(siege: Besieged) -> None:
    province = siege.province
    used = Device(province, b"u" * 32)
    code = siege.code
    before = siege.state()
    wrong = [
        used.enrolment("AAAA-AAAA-AAAA-AAAA"),
        used.enrolment(""),
        used.enrolment("' OR 1=1 --"),
        used.enrolment(code[:-1]),
        used.enrolment("Bình"),
    ]
    answers = [used.http.post(protocol.ENROL_PATH, content=protocol.encode(one)) for one in wrong]
    assert same(*answers)
    assert error_of(answers[0]) == "code"
    thief, victim = siege.attacker, siege.victim
    for request in (
        thief.enrolment(code, device=victim.id),
        thief.enrolment(code, public_key=victim.public_key),
        thief.enrolment(code, device=victim.id, public_key=victim.public_key),
        thief.enrolment(code, token_hash=b"short"),
        thief.enrolment(code, recipient="age1\x00"),
        thief.enrolment(code, recipient="a" * 3_000),
        thief.enrolment(code, signature=bytes(64)),
    ):
        answer = used.http.post(protocol.ENROL_PATH, content=protocol.encode(request))
        assert error_of(answer) == "form"
    # a device that is one person's does not become another's
    answer = used.http.post(protocol.ENROL_PATH, content=protocol.encode(thief.enrolment(code)))
    assert error_of(answer) == "other_person"
    assert siege.state() == before


def test_parcels_of_others_are_only_carried(siege: Besieged) -> None:
    attacker, victim = siege.attacker, siege.victim
    changed = bytearray(siege.parcel)
    changed[len(changed) // 2] ^= 1
    own = attacker.body_sections([])
    victims = victim.body_sections(victim.said[4:5])
    damaged = [
        bytes(changed),
        siege.parcel[:-1],
        siege.parcel[:-64] + bytes(64),
        siege.parcel_of(victim, [victims], signed_by=attacker),
        siege.parcel_of(attacker, [own], device=victim.id),
        siege.parcel_of(attacker, [own], device=victim.id, public_key=victim.public_key),
        b"",
        b"kcparcel\x01" + b"\xff" * 100,
        b"kcparcel\x02" + b"\xff" * 100,
    ]
    for parcel in damaged:
        assert siege.carry(attacker, parcel).status_code in {400, 403, 501}

    # a body of somebody else's in a parcel of one's own: whose it is said to be makes no difference
    problems = []
    for device in (victim.id, UNKNOWN_DEVICE):
        body = attacker.body_sections([], device=device)
        answer = siege.carry(attacker, siege.parcel_of(attacker, [body, own]))
        with Parcel([answer.content], "answer") as parcel:
            head = next(parcel.sections(parcel_identity(attacker.secret)))
        down = packing.decode(contents.down_decoder, head)
        assert isinstance(down, contents.DownHead)
        problems.append((down.former, down.problem))
    assert problems[0] == problems[1]
    assert problems[0][1] is not None


def test_the_answer_to_a_parcel_is_for_its_device_alone(siege: Besieged) -> None:
    victim = siege.victim
    h = siege.chain(victim.said[:4], victim)
    body = victim.body_sections([], first_n=5, last_n=4, before=h, last_hash=h)
    empty = siege.parcel_of(victim, [body])
    before = siege.state(but=siege.attacker)
    answer = siege.carry(siege.attacker, empty)
    assert answer.status_code == 200
    with Parcel([answer.content], "answer") as parcel:
        with pytest.raises(BadParcel):
            next(parcel.sections(parcel_identity(siege.attacker.secret)))
        assert next(parcel.sections(parcel_identity(siege.victim.secret)))
    assert siege.state(but=siege.attacker) == before


def test_a_parcel_under_the_name_of_another_takes_nothing_away(siege: Besieged) -> None:
    own = siege.attacker.body_sections([])
    for name in (siege.waiting, siege.exchange):
        parcel = siege.parcel_of(siege.attacker, [own], name=name)
        assert siege.carry(siege.attacker, parcel).is_success
        assert siege.carry(
            siege.attacker, siege.parcel_of(siege.attacker, [], name=name)
        ).is_success


def deep(levels: int) -> bytes:
    return b'{"sent":' * levels + b"1" + b"}" * levels


def bomb(section: bytes) -> bytes:
    return whole(zstandard.compress(len(section).to_bytes(4, "big") + section))


def whole(content: bytes) -> bytes:
    return b"".join(with_tail([content]))


BODIES: list[Callable[[Device], bytes]] = [
    lambda device: b"",
    lambda device: b"\x00" * 100_000,
    lambda device: b"\x28\xb5\x2f\xfd" * 1_000,
    lambda device: bomb(bytes(packing.SECTION_LIMIT)),
    lambda device: whole(zstandard.compress(b"\xff\xff\xff\xff")),
    lambda device: bomb(zstandard.compress(bytes(10_000_000))),
    lambda device: bomb(deep(200_000)),
    lambda device: bomb(b"[" * 5_000_000),
    lambda device: bomb(b'{"type":"sent"}'),
    lambda device: bomb(b'{"type":"\xff"}'),
    lambda device: bomb(b'{"type":"sent","device":"\\ud800"}'),
    lambda device: bomb(json.dumps({"type": "sent", "cursors": {"x" * 1_000_000: 1}}).encode()),
    lambda device: device.body([])[:-40],
    lambda device: device.body([]) * 2,
    lambda device: device.body([]) + b"x",
    lambda device: b"".join(packing.pack([*device.body_sections([]), deep(50)])),
    lambda device: b"".join(packing.pack([*device.body_sections([])] * 5)),
    lambda device: b"".join(packing.pack([*device.body_sections([], last_n=3), too_long(device)])),
    lambda device: b"".join(packing.pack([*device.body_sections([], last_n=3), uneven(device)])),
]


def too_long(device: Device) -> bytes:
    """A group of far more changes than a group has, each of next to nothing."""
    count = 200_000
    columns = packing.Columns([device.id], [0] * count, [1] * count, ["needs"], [0] * count, [UNKNOWN_RECORD],
                              [1] * count, [0] * count, [{}] * count, [])  # fmt: skip
    return protocol.encode(Sent(columns, bytes(32)))


def uneven(device: Device) -> bytes:
    change = Change(device.id, 2, "needs", UNKNOWN_RECORD, 1, {"a": 1}, {})
    columns = packing.to_columns([change])
    cells = [packing.Column("a", [10**9], [], [1]), packing.Column("b/*/c", [], ["x"] * 9, [1])]
    return protocol.encode(Sent(msgspec.structs.replace(columns, cells=cells), bytes(32)))


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_malformed_and_oversized_bodies(siege: Besieged, number: int) -> None:
    attacker = siege.attacker
    response = attacker.post(BODIES[number](attacker))
    assert response.status_code in {400, 411, 413}
    assert error_of(response) in {"bad_body", "too_large", "length", "chain"}
    assert attacker.read()[1] == {(attacker.id, 1)}  # and goes on


def test_lengths_and_offsets_that_are_none(siege: Besieged) -> None:
    attacker = siege.attacker
    path = f"{protocol.SYNC_PATH}/{attacker.new_exchange()}"
    for length in ("-1", "1e3", "", " ", "٣", "9" * 30, str(protocol.EXCHANGE_BYTES + 1)):
        headers = {"Content-Length": length.encode()}
        response = attacker.http.post(path, headers=headers, content=b"x")
        assert response.status_code in {400, 411, 413}
    big = b"{" + b" " * REQUEST_LIMIT
    for url in (protocol.ENROL_PATH, protocol.CONTINUE_PATH):
        assert attacker.http.post(url, content=big).status_code == 413
        for content in (deep(400), b"[" * 4_000, b"\xff", b"null", b"{}"):
            assert attacker.http.post(url, content=content).status_code == 400
    for length in ("0", "-1", str(tus.CONTENT_BYTES + 1), "9" * 30):
        headers = {**TUS, "Upload-Length": length, "Upload-Metadata": "sha256 \x7f,,="}
        assert attacker.http.post(tus.UPLOADS_PATH, headers=headers).status_code in {400, 413}


@pytest.mark.parametrize(
    "path",
    [
        "/v" + "9" * 5_000 + "/x",
        "/v²/x",
        "/v1/../healthz/..",
        "/v1/sync/",
        "/v1/sync/%2e%2e",
        "/v1/devices/%00/changes?after=0",
        "/v1/devices/x/changes?after=" + "9" * 5_000,
        "/v1/devices/x/changes?after=%F0",
        "/v1/editions/latest?number=%D9%A3&sha256=" + "0" * 64,
        "/v1/editions/latest?number=1&sha256=" + "%00" * 64,
        "/v1/editions/latest?number=999999999&sha256=" + "0" * 64,
        "/" + "a" * 50_000,
        "/metrics/../healthz",
        "/static/../../etc/passwd",
    ],
)
def test_odd_addresses(siege: Besieged, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = siege.attacker.http.request(method, path)
        assert response.status_code < 500 or response.status_code == 501
        assert b"Traceback" not in response.content


def test_refusals_say_nothing_of_people(siege: Besieged) -> None:
    line = siege.attacker.http
    for method, path in CALLS:
        url = path.format(
            exchange=siege.exchange,
            device=siege.victim.id,
            upload=siege.upload,
            sha256=sha(siege.photo),
        )
        status, content, _ = told(line.request(method, url, headers=TUS))
        assert status >= 400 or path == "/v1/editions/latest"
        for secret in ("Bình", "Của", siege.victim.token, siege.record):
            assert secret.encode() not in content


def test_what_would_be_noticed(siege: Besieged) -> None:
    """The digests above show a change that was taken, a byte that arrived, and a device that was enrolled."""
    states = [siege.state(but=siege.attacker)]
    siege.attacker.say([siege.attacker.change("establishments", siege.mine, note="Của tôi")])
    states.append(siege.state(but=siege.attacker))
    siege.send(siege.victim, siege.upload, siege.half[40_000:50_000], 40_000)
    states.append(siege.state(but=siege.attacker))
    another = Device(siege.province, b"a" * 32)
    request = another.enrolment(siege.code)
    assert another.http.post(protocol.ENROL_PATH, content=protocol.encode(request)).is_success
    states.append(siege.state(but=siege.attacker))
    changed = [
        {name for name in after if after[name] != before[name]}
        for before, after in itertools.pairwise(states)
    ]
    assert changed == [
        {"changes", "logs", "log_entries"},
        {"uploads", "content_bytes"},
        {"devices", "tokens", "enrolment_codes", "audit"},
    ]

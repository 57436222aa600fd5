"""The calls themselves: what is refused before anything is taken in, and what is never said aloud."""

from __future__ import annotations

import logging
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import msgspec
import pytest
import zstandard
from sqlalchemy import text

from kcdesk.changes import Change, chain_start, extend
from kcdesk.server import exchanges
from kcdesk.server.app import REQUEST_LIMIT
from kcdesk.server.database import reading
from kcdesk.server.tables import metadata
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.protocol import Refusal, Sent, SentHeader
from tests.sync.in_process import Cut
from tests.sync.provinces import NOWHERE_URL, Province

EXCHANGE = "0123456789abcdef" * 2
PATH = f"{NOWHERE_URL}{protocol.SYNC_PATH}/{EXCHANGE}"


@pytest.fixture
def device(province: Province) -> Workspace:
    return province.joined(province.person("An"))


def client(province: Province, device: Workspace | None, **more: int) -> httpx.Client:
    headers = {}
    if device is not None:
        known = device.province()
        assert known is not None
        headers["Authorization"] = f"Bearer {known.token}"
    return httpx.Client(transport=province.transport(**more), headers=headers)  # type: ignore[arg-type]


def body_of(
    device: Workspace, *groups: list[Change], wrong: dict[str, object] | None = None
) -> bytes:
    """A body as an honest device makes it, except for what is `wrong` in its header."""
    start = before = chain_start(device.device_id)
    sections = []
    for group in groups:
        before = extend(before, group)
        sections.append(protocol.encode(Sent(packing.to_columns(group), before)))
    last = sum(map(len, groups))
    header = SentHeader(
        device.device_id,
        "epoch",
        1,
        last,
        start,
        before,
        device.identity.speaker().sign(protocol.sent_statement(device.device_id, last, before)),
        {},
    )
    header = msgspec.structs.replace(header, **(wrong or {}))
    return b"".join(packing.pack([protocol.encode(header)], sections))


def change(device: Workspace, n: int = 1, **said: object) -> Change:
    record = f"01990000-0000-7000-8000-{n:012x}"
    return Change(device.device_id, n, "establishments", record, n, said or {"name": "A"}, {})  # type: ignore[arg-type]


def error_of(response: httpx.Response) -> str:
    document = msgspec.json.decode(response.content, type=protocol.ErrorDocument)
    assert document.error.message.endswith(".")
    return document.error.code


@pytest.mark.parametrize("method", ["POST", "PATCH", "GET", "HEAD"])
@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}]
)
def test_without_a_token_nothing_is_told(
    province: Province, method: str, header: dict[str, str]
) -> None:
    response = client(province, None).request(method, PATH, headers=header)
    assert response.status_code == 401
    if method != "HEAD":
        assert error_of(response) == "token"


def test_an_exchange_belongs_to_its_device(province: Province, device: Workspace) -> None:
    assert client(province, device).post(PATH, content=body_of(device)).status_code == 200
    other = province.joined(province.person("Bình"))
    stranger = client(province, other)
    assert stranger.head(PATH).status_code == 404
    for response in (stranger.get(PATH), stranger.patch(PATH)):
        assert (response.status_code, error_of(response)) == (404, "gone")
    response = stranger.post(PATH, content=body_of(other))
    assert (response.status_code, error_of(response)) == (404, "gone")
    assert client(province, device).get(PATH).status_code == 200


def test_parts_come_in_order_and_the_answer_in_any(province: Province, device: Workspace) -> None:
    line = client(province, device)
    body = body_of(device, [change(device, commune=province.communes[0])])
    half = len(body) // 2
    line._transport.cuts = [Cut("body", half)]  # type: ignore[attr-defined]
    with pytest.raises(httpx.ReadError):
        line.post(PATH, content=body)
    asked = line.head(PATH)
    assert (asked.status_code, asked.headers[protocol.OFFSET_HEADER]) == (204, str(half))
    assert protocol.ANSWER_HEADER not in asked.headers
    assert error_of(line.get(PATH)) == "offset"

    def rest(offset: int, length: int = len(body)) -> httpx.Response:
        headers = {protocol.OFFSET_HEADER: str(offset), protocol.LENGTH_HEADER: str(length)}
        return line.patch(PATH, content=body[offset:], headers=headers)

    for response in (rest(half - 1), rest(half + 1), rest(half, len(body) + 1)):
        assert (response.status_code, error_of(response)) == (409, "offset")
    done = rest(half)
    assert done.status_code == 200
    whole = done.content
    assert line.head(PATH).headers[protocol.ANSWER_HEADER] == str(len(whole))
    assert line.get(PATH).content == whole
    for start in (0, 1, len(whole) - 1):
        part = line.get(PATH, headers={"Range": f"bytes={start}-"})
        assert (part.status_code, part.content) == (206, whole[start:])
        assert part.headers["Content-Range"] == f"bytes {start}-{len(whole) - 1}/{len(whole)}"
    assert line.get(PATH, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    assert line.get(PATH, headers={"Range": "bytes=0-3"}).content == whole
    assert rest(len(body)).content == whole  # asked again: the same answer


def test_a_body_sent_again_from_its_start_goes_on(province: Province, device: Workspace) -> None:
    line = client(province, device)
    body = body_of(device, [change(device, commune=province.communes[0])])
    for after in (0, 1, len(body) - 1):
        line._transport.cuts = [Cut("body", after)]  # type: ignore[attr-defined]
        with pytest.raises(httpx.ReadError):
            line.post(PATH, content=body)
        assert line.head(PATH).headers[protocol.OFFSET_HEADER] == str(after)
    response = line.post(PATH, content=body + b"x")
    assert (response.status_code, error_of(response)) == (409, "offset")
    answers = [line.post(PATH, content=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert province.status().changes == 1


def test_a_call_on_a_dead_line_that_comes_late_stops_nobody(
    province: Province, device: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is cut within the first bytes, the device calls again, and only then is the first call served."""
    note = random.Random(7).randbytes(100_000).hex()
    body = body_of(device, [change(device, commune=province.communes[0], note=note)])
    first_is_there, second_is_kept, first_is_done = (threading.Event() for _ in range(3))
    begin, keep = exchanges.begin, exchanges.keep

    def slow_begin(*arguments: object) -> bool:
        if not first_is_there.is_set():
            first_is_there.set()
            assert second_is_kept.wait(20)
        return begin(*arguments)  # type: ignore[arg-type]

    def slow_keep(*arguments: object) -> None:
        keep(*arguments)  # type: ignore[arg-type]
        if not second_is_kept.is_set():
            second_is_kept.set()
            assert first_is_done.wait(20)

    monkeypatch.setattr(exchanges, "begin", slow_begin)
    monkeypatch.setattr(exchanges, "keep", slow_keep)

    line = client(province, device)
    again = client(province, device)
    line._transport.cuts = [Cut("body", 100)]  # type: ignore[attr-defined]
    again._transport.app = line._transport.app  # type: ignore[attr-defined]
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(line.post, PATH, content=body)
        assert first_is_there.wait(20)
        second = threads.submit(again.post, PATH, content=body)
        with pytest.raises(httpx.ReadError):
            first.result()
        first_is_done.set()
        assert second.result().status_code == 200
    assert province.status().changes == 1


def test_a_new_exchange_forgets_the_old_one(province: Province, device: Workspace) -> None:
    line = client(province, device)
    line.post(PATH, content=body_of(device))
    line.post(PATH[:-1] + "0", content=body_of(device))
    assert line.head(PATH).status_code == 404
    with province.database.connect() as connection:
        count = text("SELECT count(DISTINCT exchange) FROM exchange_bytes")
        assert connection.execute(count).scalar_one() == 1


def test_limits_of_size(province: Province, device: Workspace) -> None:
    line = client(province, device, body_limit=1_000)
    response = line.post(PATH, content=bytes(1_001))
    assert (response.status_code, error_of(response)) == (413, "too_large")
    assert msgspec.json.decode(response.content)["error"]["limit"] == 1_000
    response = line.post(f"{NOWHERE_URL}{protocol.ENROL_PATH}", content=bytes(REQUEST_LIMIT + 1))
    assert (response.status_code, error_of(response)) == (413, "too_large")
    response = line.post(PATH, content=iter([b"x"]))  # chunked: no length said
    assert (response.status_code, error_of(response)) == (411, "length")


def test_a_bomb_is_refused_and_forgotten(province: Province, device: Workspace) -> None:
    line = client(province, device)
    size = packing.SECTION_LIMIT + 1
    bomb = zstandard.compress(size.to_bytes(4, "big") + bytes(size))
    assert len(bomb) < 2_000
    response = line.post(PATH, content=bomb)
    assert (response.status_code, error_of(response)) == (413, "too_large")
    assert line.head(PATH).status_code == 404


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x28\xb5\x2f\xfd", b"{}" * 100])
def test_a_body_that_is_none(province: Province, device: Workspace, content: bytes) -> None:
    line = client(province, device)
    response = line.post(PATH, content=content, headers={"Content-Length": str(len(content))})
    assert (response.status_code, error_of(response)) == (400, "bad_body")
    assert line.head(PATH).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"device": "00112233445566ff"}, "signature"),
        ({"signature": bytes(64)}, "signature"),
        ({"last_n": 2}, "signature"),
        ({"last_hash": bytes(32)}, "signature"),
        ({"first_n": 0}, "form"),
        ({"first_n": 3}, "form"),
        ({"before": bytes(32)}, "other_chain"),
    ],
)
def test_a_header_that_is_not_the_devices_own_word(
    province: Province, device: Workspace, wrong: dict[str, object], code: str
) -> None:
    body = body_of(device, [change(device, commune=province.communes[0])], wrong=wrong)
    assert error_of(client(province, device).post(PATH, content=body)) == code
    assert province.status().changes == 0


def test_groups_that_do_not_make_the_chain_they_claim(
    province: Province, device: Workspace
) -> None:
    line = client(province, device)
    good = [change(device, n, commune=province.communes[0]) for n in (1, 2)]
    start = chain_start(device.device_id)

    def post(*sections: Sent, last: int, last_hash: bytes) -> httpx.Response:
        header = SentHeader(
            device.device_id,
            "epoch",
            1,
            last,
            start,
            last_hash,
            device.identity.speaker().sign(
                protocol.sent_statement(device.device_id, last, last_hash)
            ),
            {},
        )
        packed = [protocol.encode(section) for section in (header, *sections)]
        return line.post(PATH, content=b"".join(packing.pack(packed)))

    end = extend(start, good)
    columns = packing.to_columns(good)
    assert error_of(post(Sent(columns, bytes(32)), last=2, last_hash=bytes(32))) == "chain"
    gap = [good[0], msgspec.structs.replace(good[1], n=3)]
    response = post(
        Sent(packing.to_columns(gap), extend(start, gap)), last=2, last_hash=extend(start, gap)
    )
    assert error_of(response) == "chain"
    other = [msgspec.structs.replace(good[0], device="00112233445566ff")]
    response = post(
        Sent(packing.to_columns(other), extend(start, other)),
        last=1,
        last_hash=extend(start, other),
    )
    assert error_of(response) == "chain"
    assert province.status().changes == 0
    assert error_of(post(last=1, last_hash=bytes(32))) == "bad_body"
    less_than_announced = post(Sent(columns, end), last=5, last_hash=end)
    assert error_of(less_than_announced) == "bad_body"
    assert post(Sent(columns, end), last=2, last_hash=end).status_code == 200
    assert province.status().changes == 2


def test_what_has_the_wrong_form_is_refused_and_its_neighbours_are_not(
    province: Province, device: Workspace
) -> None:
    place = province.communes[0]
    replace = msgspec.structs.replace
    fine = [change(device, n, commune=place) for n in range(1, 9)]
    sent = [
        fine[0],
        replace(fine[1], record="../../etc/passwd"),
        replace(fine[2], kind="KIND"),
        replace(fine[3], set={}),
        replace(fine[4], set={"a b": 1}),
        replace(fine[5], seen={device.device_id: 99}),
        replace(fine[6], set={"note": "x" * 300_000}),
        fine[7],
    ]
    response = client(province, device).post(PATH, content=body_of(device, sent))
    sections = list(packing.unpack([response.content]))
    header = packing.decode(protocol.answer_decoder, sections[0])
    assert isinstance(header, protocol.AnswerHeader)
    assert header.confirmed_n == 8
    assert header.refusals == [
        Refusal(2, "form", "record"),
        Refusal(3, "form", "kind"),
        Refusal(4, "form", "empty"),
        Refusal(5, "form", "field"),
        Refusal(6, "form", "seen"),
        Refusal(7, "size", "size"),
    ]
    assert province.status().changes == 2


@pytest.mark.parametrize(
    "said",
    [
        {"commune": "1" * 5_000},
        {"commune": {"x": []}},
        {"note": "\x00"},
        {"deleted": [[]]},
        {"sheet_state": {}},
        {"geo": [10**40, -0.0, {"": None}]},
        {"commune_candidates": [[[]]]},
    ],
)
def test_no_value_is_too_strange(
    province: Province, device: Workspace, said: dict[str, object]
) -> None:
    first = change(device, 1, commune=province.communes[0])
    second = msgspec.structs.replace(change(device, 1, **said), n=2)
    response = client(province, device).post(PATH, content=body_of(device, [first, second]))
    header = packing.decode(protocol.answer_decoder, next(packing.unpack([response.content])))
    assert isinstance(header, protocol.AnswerHeader)
    assert (header.confirmed_n, header.refusals) == (2, [])


@pytest.mark.parametrize("exchange", ["x", "A" * 32, "0" * 31, "..", "0" * 33])
def test_an_exchange_id_is_32_digits(province: Province, device: Workspace, exchange: str) -> None:
    response = client(province, device).post(f"{NOWHERE_URL}/v1/sync/{exchange}", content=b"x")
    assert response.status_code in {400, 404}


@pytest.mark.parametrize("content", [b"", b"{}", b"[", b"\xff", b'{"code":1}'])
def test_an_enrolment_that_is_none(province: Province, content: bytes) -> None:
    response = client(province, None).post(f"{NOWHERE_URL}{protocol.ENROL_PATH}", content=content)
    assert (response.status_code, error_of(response)) == (400, "form")


def test_nobody_enrols_a_key_that_is_not_theirs(province: Province) -> None:
    code = province.code(province.person("An"))
    victim, thief = province.workspace("An"), province.workspace("Cù")
    for request in (
        protocol.EnrolRequest(
            code,
            victim.device_id,
            victim.identity.speaker().public_key,
            "age1",
            thief.identity.speaker().sign(protocol.enrol_statement(code, victim.device_id, "age1")),
        ),
        protocol.EnrolRequest(
            code,
            victim.device_id,
            thief.identity.speaker().public_key,
            "age1",
            thief.identity.speaker().sign(protocol.enrol_statement(code, victim.device_id, "age1")),
        ),
    ):
        response = client(province, None).post(
            f"{NOWHERE_URL}{protocol.ENROL_PATH}", content=protocol.encode(request)
        )
        assert error_of(response) == "form"
    assert province.status().devices == []


def test_codes_and_tokens_are_not_in_the_database(province: Province, device: Workspace) -> None:
    code = province.code("An")
    known = device.province()
    assert known is not None
    with reading(province.database) as connection:
        rows = [
            tuple(value.hex() if isinstance(value, bytes) else value for value in row)
            for table in metadata.sorted_tables
            for row in connection.execute(table.select())
        ]
    content = repr(rows)
    assert device.device_id in content
    for secret in (code, code.replace("-", ""), known.token):
        assert secret not in content
        assert secret.encode().hex() not in content.lower()


def test_the_log_speaks_of_ids_counts_and_durations_only(
    province: Province, device: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        province.establishment(
            device, "Cơ sở bí mật", phone="0912345678", commune=province.communes[0]
        )
        province.sync(device)
    records = [record for record in caplog.records if record.name.startswith("kcdesk")]
    assert [record.name for record in records] == ["kcdesk.server", "kcdesk.requests"]
    lines = [record.getMessage() for record in records]
    assert all(device.device_id in line for line in lines)
    for private in ("An", "bí mật", "0912345678"):
        assert all(private not in line.split() for line in lines)
        assert private not in caplog.text or private == "An"


def test_what_anybody_may_see(province: Province) -> None:
    line = client(province, None)
    assert line.get(f"{NOWHERE_URL}/healthz").json() == {"status": "ok"}
    for path in ("/healthz", "/docs", "/openapi.json", "/nowhere", "/v9/sync/x"):
        headers = line.get(f"{NOWHERE_URL}{path}").headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "server" not in headers
    missing = line.get(f"{NOWHERE_URL}/nowhere")
    assert (missing.status_code, error_of(missing)) == (404, "not_found")
    version = line.post(f"{NOWHERE_URL}/v2/sync/{EXCHANGE}", content=b"x")
    assert (version.status_code, error_of(version)) == (501, "version")


def test_the_page_of_the_api_needs_nothing_from_elsewhere(province: Province) -> None:
    page = client(province, None).get(f"{NOWHERE_URL}/docs").text
    assert "POST /v1/sync/{exchange}" in page
    for loading in ("<script", "<link", "src=", "url(", "@import"):
        assert loading not in page


def test_the_description_names_every_call_and_resolves(province: Province) -> None:
    line = client(province, None)
    document = line.get(f"{NOWHERE_URL}/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    calls = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert calls == {
        ("POST", "/v1/enrol"),
        ("POST", "/v1/continue"),
        ("POST", "/v1/token"),
        ("GET", "/v1/devices/{device}/changes"),
        ("GET", "/v1/editions/latest"),
        ("POST", "/v1/key-destroyed"),
        ("GET", "/v1/standing"),
        *((method, "/v1/sync/{exchange}") for method in ("POST", "PATCH", "HEAD", "GET")),
        *((method, "/v1/parcels/{exchange}") for method in ("POST", "PATCH", "HEAD", "GET")),
        *((method, "/v1/uploads") for method in ("OPTIONS", "POST")),
        *((method, "/v1/uploads/{upload}") for method in ("HEAD", "PATCH", "DELETE")),
        ("GET", "/v1/contents/{sha256}"),
        ("GET", "/healthz"),
    }
    schemas = document["components"]["schemas"]
    assert {
        "EnrolRequest",
        "ContinueRequest",
        "SentHeader",
        "AnswerHeader",
        "ErrorDocument",
    } <= set(schemas)

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [found for value in node.values() for found in references(value)]
        if isinstance(node, list):
            return [found for value in node for found in references(value)]
        return []

    found = references(document)
    assert found
    assert {name.removeprefix("#/components/schemas/") for name in found} <= set(schemas)
    operations = [
        call["operationId"]
        for item in document["paths"].values()
        for method, call in item.items()
        if method != "parameters"
    ]
    assert len(operations) == len(set(operations))

"""Limits of time and of pace: what is cut off, what stays, and what the device makes of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace

import httpx
import msgspec
import pytest
from starlette.types import Message, Receive, Scope, Send

from kcdesk.errors import Unreachable
from kcdesk.server.pace import REMEMBERED, Pace
from kcdesk.server.settings import Limits, Rates
from kcdesk.server.time_limits import TimeLimits
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import engine, protocol
from kcdesk.sync.client import BUSY
from kcdesk.sync.patience import LONGEST_ASKED_S, TRIES
from tests.server.speaking import Device
from tests.server.test_app import error_of
from tests.sync.in_process import InProcess
from tests.sync.provinces import NOWHERE_URL, Province, ServerProcess

PATH = f"{protocol.SYNC_PATH}/{'ab' * 16}"


# Pace


def test_a_pace_counts_each_for_itself_and_forgets_the_oldest() -> None:
    now = [0.0]
    pace = Pace(3, 60.0, lambda: now[0])
    assert [pace.take("a") for _ in range(5)] == [0.0, 0.0, 0.0, 20.0, 20.0]
    assert pace.take("b") == 0.0
    now[0] = 19.0
    assert pace.wait("a") == pytest.approx(1.0)
    now[0] = 20.0
    assert pace.take("a") == 0.0
    assert pace.take("a") == pytest.approx(20.0)
    for number in range(REMEMBERED):
        pace.take(f"n{number}")
    assert pace.take("a") == 0.0  # forgotten: memory has an end
    assert all(Pace(0, 1.0).take("a") == 0.0 for _ in range(99))


def limited(province: Province, **rates: int) -> Province:
    province.settings = replace(province.settings, rates=Rates(**rates))
    return province


def test_codes_are_tried_a_few_times_only(province: Province) -> None:
    limited(province, refused_codes_per_hour=3)
    device = Device(province, b"d" * 32)
    code = province.code(province.person("An"))
    line = device.http
    wrong = protocol.encode(device.enrolment("AAAA-AAAA-AAAA-AAAA"))
    right = protocol.encode(device.enrolment(code))
    assert line.post(protocol.ENROL_PATH, content=right).is_success
    answers = [line.post(protocol.ENROL_PATH, content=wrong) for _ in range(4)]
    assert [error_of(answer) for answer in answers] == ["code"] * 3 + ["too_often"]
    assert answers[3].status_code == 429
    assert 0 < int(answers[3].headers["Retry-After"]) <= 1_201
    assert line.post(protocol.ENROL_PATH, content=right).status_code == 429  # learns nothing more


def test_refused_tokens_slow_down_but_lock_nobody_out(province: Province) -> None:
    limited(province, refused_tokens_per_minute=2)
    device = Device(province, b"d" * 32)
    device.enrol(province.person("An"))
    line = device.http
    stranger = {"Authorization": "Bearer x"}
    answers = [line.get(PATH, headers=stranger) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert "Retry-After" in answers[3].headers
    assert line.head(PATH).status_code == 404  # the same address, a good token


def test_a_device_that_asks_too_often_waits_as_it_is_told(province: Province) -> None:
    workspace = province.joined(province.person("An"))
    province.many(workspace, 5)
    limited(province, requests_per_minute=2)
    transport = province.transport()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        transport.app = province.transport().app  # its memory as a minute later

    for _ in range(2):
        province.sync(workspace, transport)
    province.many(workspace, 5)
    report = province.sync(workspace, transport, wait=wait)
    assert report.waiting == 0
    assert len(waited) == 1
    assert 28 <= waited[0] <= 31


class Refusing(httpx.BaseTransport):
    """Always asks to come back in so many seconds."""

    def __init__(self, wait_s: str) -> None:
        self.wait_s = wait_s

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        error = protocol.ErrorDocument(protocol.ErrorBody("too_often", "Chậm lại."))
        headers = {"Retry-After": self.wait_s}
        stream = httpx.ByteStream(msgspec.json.encode(error))
        return httpx.Response(429, headers=headers, stream=stream)


@pytest.mark.parametrize(("told", "waits"), [("5", TRIES - 1), ("99999", 0), ("soon", TRIES - 1)])
def test_patience_has_an_end(province: Province, told: str, waits: int) -> None:
    workspace = province.joined(province.person("An"))
    waited: list[float] = []
    with pytest.raises(Unreachable) as raised:
        province.sync(workspace, Refusing(told), wait=waited.append)  # type: ignore[arg-type]
    assert raised.value.code == BUSY
    assert len(waited) == waits
    assert all(seconds <= LONGEST_ASKED_S for seconds in waited)


# Time


def called(limits: Limits, messages: list[Message], app: object, now: list[float]) -> list[Message]:
    """What is sent for a request of which these messages arrive, and then nothing more."""
    sent: list[Message] = []

    async def receive() -> Message:
        if messages:
            now[0] += 4.0
            return messages.pop(0)
        return await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(
        TimeLimits(app, limits, lambda: now[0])({"type": "http"}, receive, send)  # type: ignore[arg-type]
    )
    return sent


async def reads_and_answers(_scope: Scope, receive: Receive, send: Send) -> None:
    got = b""
    while True:
        message = await receive()
        got += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 409, "headers": []})
    await send({"type": "http.response.body", "body": got})


def part(more: bool = True) -> Message:
    return {"type": "http.request", "body": b"x", "more_body": more}


def test_a_body_that_stands_still_is_answered_408() -> None:
    sent = called(Limits(idle_s=0), [], reads_and_answers, [0.0])
    assert [message.get("status") for message in sent] == [408, None]
    assert (b"connection", b"close") in sent[0]["headers"]
    assert msgspec.json.decode(sent[1]["body"])["error"]["code"] == "timeout"


def test_a_body_that_drips_has_an_end() -> None:
    now = [0.0]
    sent = called(Limits(request_s=10), [part() for _ in range(5)], reads_and_answers, now)
    assert sent[0]["status"] == 408
    assert now == [12.0]  # three parts were taken


def test_a_whole_body_may_be_worked_on_for_long() -> None:
    """Neither limit runs while the server works, nor while it listens for the end of the line."""

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["more_body"] is False
        now[0] += 1e6
        listening = asyncio.create_task(receive())  # type: ignore[arg-type]
        await asyncio.sleep(0)
        assert not listening.done()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        listening.cancel()

    now = [0.0]
    sent = called(Limits(request_s=10), [part(more=False)], slow, now)
    assert [message.get("status") for message in sent] == [200, None]


@pytest.fixture
def hasty(province: Province) -> Iterator[ServerProcess]:
    """A server that waits a second for anything."""
    path = province.folder / "server.toml"
    path.write_text("[limits]\nheader_s = 1\nidle_s = 1\n", "utf-8")
    process = ServerProcess(province, settings=path)
    yield process
    process.close()


def test_slow_lines_over_a_network(province: Province, hasty: ServerProcess) -> None:
    workspace = province.joined(province.person("An"), hasty.url)
    known = workspace.province()
    assert known is not None
    address = httpx.URL(hasty.url)
    with (
        socket.create_connection((address.host, address.port), 20) as silent,
        socket.create_connection((address.host, address.port), 20) as dripping,
        socket.create_connection((address.host, address.port), 20) as half,
    ):
        dripping.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n"
        half.sendall(f"{head}Authorization: Bearer {known.token}\r\n\r\n".encode() + bytes(5000))
        assert closed(silent) == b""
        assert closed(dripping) == b""
        assert closed(half).startswith(b"HTTP/1.1 408")
    headers = {"Authorization": f"Bearer {known.token}"}
    asked = httpx.head(f"{hasty.url}{PATH}", headers=headers)
    assert asked.headers[protocol.OFFSET_HEADER] == "5000"  # what had arrived is kept
    assert passes(province, workspace)


def closed(line: socket.socket) -> bytes:
    """What comes until the other side closes."""
    got = b""
    try:
        while data := line.recv(4096):
            got += data
    except ConnectionResetError:
        pass
    return got


def passes(province: Province, workspace: Workspace) -> bool:
    province.establishment(workspace, "Rèn An")
    report = engine.sync(workspace, clock=province.clock, randomness=province.randomness)
    return report.waiting == 0


def test_headers_of_safety_are_on_every_answer(province: Province) -> None:
    line = httpx.Client(transport=province.transport(), base_url=NOWHERE_URL)
    assert isinstance(line._transport, InProcess)
    for method, path in (("GET", "/healthz"), ("GET", "/x"), ("GET", PATH), ("PUT", PATH)):
        headers = line.request(method, path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Strict-Transport-Security"].startswith("max-age=")

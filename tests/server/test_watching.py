"""The log and the figures: what they say of each request, and that they say nothing of anybody."""

from __future__ import annotations

import ipaddress
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kcdesk.server.app import create_app
from kcdesk.server.logging_lines import JsonLines, TextLines, logging_to
from kcdesk.sync import protocol
from tests.server.speaking import Device
from tests.server.test_app import error_of
from tests.sync.in_process import InProcess
from tests.sync.provinces import NOWHERE_URL, Province

SECRET = "Giàng A Páo"


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_request_is_a_line_of_ids_counts_and_durations(
    province: Province, tmp_path: Path
) -> None:
    device = Device(province, b"d" * 32)
    device.enrol(province.person(SECRET))
    path = tmp_path / "log"
    with path.open("w", encoding="utf-8") as file, logging_to("json", "info", file):
        change = device.change("establishments", name=SECRET, commune=province.communes[0])
        exchange = device.new_exchange()
        response = device.post(device.body([change]), exchange)
        device.http.get(f"/{SECRET}?token={SECRET}", headers={"X-Name": SECRET.encode().hex()})
        device.http.get(f"/v1/contents/{SECRET}", headers={"Authorization": "Bearer s3cret"})
    found = [line for line in read(path) if line["logger"] == "kcdesk.requests"]
    first, lost, refused = found
    assert first | {"at": "", "ms": 0, "request": ""} == {
        "at": "",
        "level": "info",
        "logger": "kcdesk.requests",
        "request": "",
        "method": "POST",
        "route": "/v1/sync/{exchange}",
        "status": 200,
        "bytes_in": int(response.request.headers["Content-Length"]),
        "bytes_out": len(response.content),
        "ms": 0,
        "device": device.id,
    }
    assert response.headers["X-Request-Id"] == first["request"]
    assert (lost["route"], lost["status"]) == ("other", 404)
    assert (refused["route"], refused["status"]) == ("/v1/contents/{sha256}", 401)
    assert "device" not in refused
    text = path.read_text("utf-8")
    for private in (SECRET, "s3cret", "Giàng", device.token, change.record, "Gi%C3%A0ng"):
        assert private not in text
        assert json.dumps(private)[1:-1] not in text


def test_a_trace_names_places_and_never_repeats_what_was_said() -> None:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "It broke", (), sys.exc_info())
    for line in (JsonLines().format(record), TextLines().format(record)):
        assert SECRET not in line
        assert "KeyError" in line
        assert "ValueError" in line
        assert "test_watching.py" in line


def test_what_breaks_is_answered_with_the_number_of_the_request(province: Province) -> None:
    app = create_app(province.database, clock=province.clock, randomness=province.randomness)

    async def breaks(_request: object) -> None:
        raise ZeroDivisionError(SECRET)

    app.router.routes.insert(0, Route("/breaks", breaks))

    async def server_program(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(ZeroDivisionError):  # which it logs
            await app(scope, receive, send)

    line = httpx.Client(transport=InProcess(server_program, province.portal))
    answer = line.get(f"{NOWHERE_URL}/breaks")
    assert (answer.status_code, error_of(answer)) == (500, "broken")
    assert answer.headers["X-Request-Id"] in answer.json()["error"]["hint"]
    assert SECRET not in answer.text


def metrics(province: Province, **headers: str) -> httpx.Response:
    line = httpx.Client(transport=province.transport(), base_url=NOWHERE_URL)
    line.get("/healthz")
    line.get("/nowhere")
    line.post(protocol.ENROL_PATH, content=b"{}")
    return line.get("/metrics", headers=headers)


def test_figures_can_be_read_by_prometheus(province: Province) -> None:
    answer = metrics(province)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    requests = {
        tuple(sample.labels.values()): sample.value
        for sample in families["kcdesk_requests"].samples
        if sample.name.endswith("_total")
    }
    assert {tuple(sorted(key)): value for key, value in requests.items()} == {
        tuple(sorted(("/healthz", "GET", "200"))): 1,
        tuple(sorted(("other", "GET", "404"))): 1,
        tuple(sorted(("/v1/enrol", "POST", "400"))): 1,
    }
    assert families["kcdesk_running_requests"].samples[0].value == 1
    assert {"kcdesk_request_seconds", "kcdesk_received_bytes", "kcdesk_sent_bytes"} <= set(families)
    labels = {label for family in families.values() for s in family.samples for label in s.labels}
    assert labels == {"route", "method", "status", "le"}  # nothing that names a device


def test_figures_are_for_the_addresses_that_are_named(province: Province) -> None:
    nowhere = httpx.Client(transport=province.transport(), base_url=NOWHERE_URL).get("/nowhere")
    through_a_proxy = metrics(province, **{"X-Forwarded-For": "127.0.0.1"})
    assert through_a_proxy.status_code == 404
    assert through_a_proxy.content == nowhere.content
    province.settings = replace(
        province.settings, metrics_from=(ipaddress.ip_network("10.0.0.0/8"),)
    )
    assert metrics(province).status_code == 404

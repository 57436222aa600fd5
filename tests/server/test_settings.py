"""The settings file: what it may say, and every fault at once with its line."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kcdesk.cli import main
from kcdesk.server.settings import (
    BadSettings,
    Limits,
    Rates,
    Settings,
    Tls,
    read_settings,
)
from tests.conftest import SettableClock
from tests.server.certificates import DAY, Authority

WHOLE = """
[server]
database = "sqlite:///tinh.db"
host = "0.0.0.0"
port = 443

[tls]
certificate = "{certificate}"
key = "{key}"

[limits]
body_bytes = 1_000_000
idle_s = 30

[rates]
requests_per_minute = 0

[proxies]
trusted = ["10.0.0.2", "10.1.0.0/16"]

[log]
format = "text"
level = "warning"

[metrics]
from = ["::1"]
"""


@pytest.fixture
def authority(tmp_path: Path, clock: SettableClock) -> Authority:
    return Authority(tmp_path, datetime.fromtimestamp(clock() / 1000, UTC))


def written(folder: Path, text: str) -> Path:
    path = folder / "server.toml"
    path.write_text(text, "utf-8")
    return path


def faults_of(path: Path, now: int) -> list[tuple[int | None, str]]:
    with pytest.raises(BadSettings) as raised:
        read_settings(path, now)
    for fault in raised.value.faults:
        assert fault.reason in raised.value.message
    return [(fault.line, fault.reason) for fault in raised.value.faults]


def test_everything_that_can_be_said(
    tmp_path: Path, authority: Authority, clock: SettableClock
) -> None:
    certificate, key = authority.server()
    path = written(tmp_path, WHOLE.format(certificate=certificate.name, key=key.name))
    assert read_settings(path, clock()) == Settings(
        "sqlite:///tinh.db",
        "0.0.0.0",
        443,
        Tls(certificate, key),
        Limits(body_bytes=1_000_000, idle_s=30),
        Rates(requests_per_minute=0),
        (ipaddress.ip_network("10.0.0.2/32"), ipaddress.ip_network("10.1.0.0/16")),
        "text",
        "warning",
        (ipaddress.ip_network("::1/128"),),
    )


def test_nothing_needs_to_be_said(tmp_path: Path, clock: SettableClock) -> None:
    assert read_settings(written(tmp_path, "# nothing\n"), clock()) == Settings()


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path, clock: SettableClock) -> None:
    text = """[server]
port = 70000
host = 5
[limits]
body_bytes = true
speed = 3
[proxies]
trusted = ["10.0.0.2", "proxy.local"]
[log]
format = "xml"
[tls]
certificate = "no.pem"
[motd]
text = "x"
"""
    found = faults_of(written(tmp_path, text), clock())
    assert [line for line, _ in found] == [2, 3, 5, 6, 8, 10, 11, 12, 13]
    reasons = dict(found)
    assert reasons[2] == "“port” phải là số nguyên từ 0 đến 65535"
    assert reasons[6].startswith("không có thiết lập “speed” trong [limits]: body_bytes")
    assert "proxy.local" in reasons[8]
    assert reasons[11] == "[tls] thiếu “key”"
    assert "no.pem" in reasons[12]


@pytest.mark.parametrize(
    ("text", "line"), [("a = \n", 1), ("[server]\nport 5\n", 2), ("x" * 10, 1)]
)
def test_what_is_no_toml(tmp_path: Path, clock: SettableClock, text: str, line: int) -> None:
    assert faults_of(written(tmp_path, text), clock()) == [(line, "sai cú pháp TOML")]


def test_what_is_no_text_or_not_there(tmp_path: Path, clock: SettableClock) -> None:
    path = tmp_path / "server.toml"
    assert faults_of(path, clock())[0][0] is None
    path.write_bytes(b"\xff\xfe")
    assert faults_of(path, clock()) == [(None, "không phải văn bản TOML bằng UTF-8")]


def test_a_certificate_is_tried(tmp_path: Path, authority: Authority, clock: SettableClock) -> None:
    good, key = authority.server()
    other = authority.server("localhost")[1]
    old, old_key = authority.server(until=authority.today - DAY)
    for certificate, private, told in (
        (good, other, "không đi với nhau"),
        (key, good, "không phải tệp PEM"),
        (old, old_key, "đã hết hạn ngày 01/03/2026"),
    ):
        text = f'[tls]\ncertificate = "{certificate}"\nkey = "{private}"\n'
        ((line, reason),) = faults_of(written(tmp_path, text), clock())
        assert line == 2
        assert told in reason


def test_the_command_tells_and_opens_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "[server]\nport = -1\n[limits]\nidle_s = 0\n")
    assert main(["server", "run", "--settings", str(path), "--port", "0"]) == 1
    told = capsys.readouterr().err
    assert "dòng 2" in told
    assert "dòng 4" in told
    assert not list(tmp_path.glob("*.db"))

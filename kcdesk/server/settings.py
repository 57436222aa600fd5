"""The settings of a server: a TOML file, read and checked as a whole before anything is opened.

Owns which settings there are, what they may be and what they are when nothing is said (docs/server.md lists them). All
faults are told at once, each with its line. Leaves to others: what the settings do.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from kcdesk.documents.toml_lines import lines_of
from kcdesk.errors import BadInput
from kcdesk.sync.parcels.envelope import LARGEST_PARCEL
from kcdesk.sync.protocol import EXCHANGE_BYTES

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: tuple[Network, ...] = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)


@dataclass(frozen=True, slots=True)
class Tls:
    """Files with the certificate (and those between it and the authority) and its private key, both PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may cost.

    body_bytes, parcel_bytes: of one exchange, packed, and of one parcel that is carried
    header_s:    until a request's line and headers are there
    idle_s:      that a body, or an answer, may stand still
    request_s:   until the whole body is there; what had arrived by then is kept, and the device goes on
    connections: at the same moment, of this process; further ones are told that the server is busy
    """

    body_bytes: int = EXCHANGE_BYTES
    parcel_bytes: int = LARGEST_PARCEL
    header_s: int = 20
    idle_s: int = 120
    request_s: int = 12 * 3600
    connections: int = 1_000


@dataclass(frozen=True, slots=True)
class Rates:
    """How often something may be done; 0: as often as somebody likes.

    requests_per_minute:       of one device
    refused_tokens_per_minute: from one address
    refused_codes_per_hour:    from one address
    """

    requests_per_minute: int = 3_000
    refused_tokens_per_minute: int = 60
    refused_codes_per_hour: int = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them. `database`, `host` and `port` are None where the file says nothing.

    trusted_proxies: whose word about the address of a device counts
    metrics_from:    who may read the figures
    """

    database: str | None = None
    host: str | None = None
    port: int | None = None
    tls: Tls | None = None
    limits: Limits = field(default_factory=Limits)
    rates: Rates = field(default_factory=Rates)
    trusted_proxies: tuple[Network, ...] = ()
    log_format: Literal["json", "text"] = "json"
    log_level: Literal["info", "warning", "error"] = "info"
    metrics_from: tuple[Network, ...] = LOOPBACK


TRYING_OUT = Settings(log_format="text", log_level="warning")
"""What holds without a file: a console of somebody who tries things out."""


@dataclass(frozen=True, slots=True)
class SettingsFault:
    """What is wrong, and on which line; None: in the file as a whole."""

    line: int | None
    reason: str


class BadSettings(BadInput):
    """The file cannot be used; `faults` in the order of their lines."""

    code = "settings"

    def __init__(self, path: Path, faults: list[SettingsFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line or 0)
        told = [
            f"  {f'dòng {fault.line}: ' if fault.line else ''}{fault.reason}"
            for fault in self.faults
        ]
        super().__init__(
            "\n".join([f"Tệp thiết lập “{path}” có {len(faults)} lỗi:", *told]),
            hint="Sửa tệp rồi chạy lại. Máy chủ chưa mở cổng nào.",
        )


def read_settings(path: Path, now: int) -> Settings:
    """Read and check a file; paths in it are relative to its folder. `now`: ms UTC. Raises `BadSettings`."""
    try:
        text = path.read_text("utf-8-sig")
        said = tomllib.loads(text)
    except OSError as error:
        reason = f"không đọc được tệp: {error.strerror or error}"
        raise BadSettings(path, [SettingsFault(None, reason)]) from error
    except (UnicodeDecodeError, RecursionError) as error:
        reason = "không phải văn bản TOML bằng UTF-8"
        raise BadSettings(path, [SettingsFault(None, reason)]) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1  # it ends too early
        raise BadSettings(path, [SettingsFault(line, "sai cú pháp TOML")]) from error
    lines = lines_of(text)
    reader = _Reader(path.parent, lines)
    reader.read(said)
    good = reader.good
    tls = reader.tls(now)
    if reader.faults:
        raise BadSettings(path, reader.faults)
    parts = {name: good.get(name, {}) for name in _KNOWN}
    return Settings(
        **parts["server"],
        tls=tls,
        limits=Limits(**parts["limits"]),
        rates=Rates(**parts["rates"]),
        **{f"{name}_proxies": value for name, value in parts["proxies"].items()},
        **{f"log_{name}": value for name, value in parts["log"].items()},
        **{f"metrics_{name}": value for name, value in parts["metrics"].items()},
    )


Check = Callable[[Any], Any]
"""Gives the value as it is used; raises ValueError with a reason."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('phải là một chuỗi, ví dụ: "..."')
    return value


def _whole(least: int, most: int) -> Check:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"phải là số nguyên từ {least} đến {most}")
        return value

    return check


def _one_of(*words: str) -> Check:
    def check(value: Any) -> str:
        if value not in words:
            raise ValueError(f"phải là một trong: {', '.join(words)}")
        return str(value)

    return check


def _networks(value: Any) -> tuple[Network, ...]:
    if not isinstance(value, list):
        raise ValueError('phải là danh sách địa chỉ, ví dụ: ["10.0.0.2", "10.1.0.0/16"]')
    found: list[Network] = []
    for each in value:
        try:
            found.append(ipaddress.ip_network(_text(each)))
        except ValueError:
            raise ValueError(f"“{each}” không phải là địa chỉ hay dải địa chỉ IP") from None
    return tuple(found)


_KNOWN: dict[str, dict[str, Check]] = {
    "server": {"database": _text, "host": _text, "port": _whole(0, 65_535)},
    "tls": {"certificate": _text, "key": _text},
    "limits": {
        "body_bytes": _whole(1 << 16, EXCHANGE_BYTES),
        "parcel_bytes": _whole(1 << 20, LARGEST_PARCEL),
        "header_s": _whole(1, 600),
        "idle_s": _whole(1, 3_600),
        "request_s": _whole(10, 7 * 24 * 3_600),
        "connections": _whole(1, 100_000),
    },
    "rates": {
        "requests_per_minute": _whole(0, 1_000_000),
        "refused_tokens_per_minute": _whole(0, 1_000_000),
        "refused_codes_per_hour": _whole(0, 1_000_000),
    },
    "proxies": {"trusted": _networks},
    "log": {"format": _one_of("json", "text"), "level": _one_of("info", "warning", "error")},
    "metrics": {"from": _networks},
}
"""Table -> setting -> its check."""


class _Reader:
    def __init__(self, folder: Path, lines: dict[tuple[str | int, ...], int]) -> None:
        self.good: dict[str, dict[str, Any]] = {}
        self.faults: list[SettingsFault] = []
        self._folder = folder
        self._lines = lines

    def read(self, said: dict[str, Any]) -> None:
        for table, values in said.items():
            known = _KNOWN.get(table)
            if known is None or not isinstance(values, dict):
                self._fault((table,), f"không có mục “{table}”; các mục: {', '.join(_KNOWN)}")
                continue
            for name, value in values.items():
                if name not in known:
                    told = f"không có thiết lập “{name}” trong [{table}]: {', '.join(known)}"
                    self._fault((table, name), told)
                    continue
                try:
                    self.good.setdefault(table, {})[name] = known[name](value)
                except ValueError as error:
                    self._fault((table, name), f"“{name}” {error}")

    def tls(self, now: int) -> Tls | None:
        """The certificate, tried as the server will use it. `now`: ms UTC."""
        said = self.good.get("tls", {})
        if not said:
            return None
        paths = {}
        for name in _KNOWN["tls"]:
            if name not in said:
                self._fault(("tls",), f"[tls] thiếu “{name}”")
                continue
            paths[name] = self._folder / said[name]
            try:
                paths[name].read_bytes()
            except OSError as error:
                told = f"không đọc được tệp “{paths[name]}”: {error.strerror or error}"
                self._fault(("tls", name), told)
                del paths[name]
        if len(paths) < len(_KNOWN["tls"]):
            return None
        tls = Tls(**paths)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                tls.certificate, tls.key, password=_no_password
            )
        except (ssl.SSLError, OSError, ValueError):
            reason = (
                "chứng thư và khoá không đi với nhau, không phải tệp PEM, hoặc khoá có mật khẩu"
            )
            self._fault(("tls", "certificate"), reason)
            return None
        ends = certificate_end(tls.certificate)
        if ends <= datetime.fromtimestamp(now / 1000, UTC):
            self._fault(("tls", "certificate"), f"chứng thư đã hết hạn ngày {ends:%d/%m/%Y}")
        return tls

    def _fault(self, key: tuple[str, ...], reason: str) -> None:
        self.faults.append(SettingsFault(self._lines.get(key), reason))


def certificate_end(path: Path) -> datetime:
    """Until when the first certificate of a PEM file is valid."""
    from cryptography import x509  # noqa: PLC0415

    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc


def _no_password() -> bytes:
    raise ValueError

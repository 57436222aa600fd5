"""The command that shows who changed what in the administration of the province."""

from __future__ import annotations

import datetime
from argparse import ArgumentTypeError, Namespace
from collections.abc import Mapping
from typing import Any

import msgspec

from kcdesk.cli.output import print_json, say, table
from kcdesk.domain.clock import HANOI, local_time

_ACTIONS = {
    "province.made": "lập cơ sở dữ liệu",
    "user.added": "thêm người dùng",
    "area.added": "thêm địa bàn",
    "area.assigned": "giao địa bàn",
    "code.made": "cấp mã đăng ký",
    "device.enrolled": "máy đăng ký",
    "device.continued": "máy tiếp tục như máy mới",
    "device.revoked": "thu hồi máy",
    "device.key_destroyed": "máy báo đã huỷ khoá",
    "edition.published": "công bố",
}


def day(text: str) -> int:
    """`2026-03-02` as the instant at which that day begins in Vietnam, ms UTC."""
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” không phải là một ngày, ví dụ 2026-03-02") from None
    begins = datetime.datetime.combine(found, datetime.time(), HANOI)
    return int(begins.timestamp() * 1000)


def server_audit(options: Namespace) -> None:
    from kcdesk.server import admin, audit  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        entries = audit.entries(engine, options.since or 0)
    if options.json:
        lines = [
            {**msgspec.to_builtins(one), "at": local_time(one.at).isoformat(timespec="seconds")}
            for one in entries
        ]
        print_json({"entries": lines})
        return
    rows = [
        (
            f"{local_time(one.at):%d/%m/%Y %H:%M:%S}",
            one.account,
            _ACTIONS.get(one.action, one.action),
            _in_words(one.about),
        )
        for one in entries
    ]
    say(*table([("LÚC", "AI", "VIỆC", "VỀ"), *rows]))


def _in_words(about: Mapping[str, Any]) -> str:
    parts = []
    for name, value in about.items():
        if name == "expires_at":
            parts.append(f"dùng đến {local_time(value):%d/%m/%Y}")
        else:
            parts.append(", ".join(map(str, value)) if isinstance(value, list) else str(value))
    return "; ".join(parts)

"""Commands about the workspace as a whole: make it, open its window, say how it stands."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from kcdesk.actions.backups import BackupStatus, backup_status
from kcdesk.actions.desk import (
    Desk,
    create_desk,
    default_folder,
    keys_for,
    open_desk,
    place_findings,
)
from kcdesk.actions.syncing import Status
from kcdesk.cli.output import print_json, say, table, tell, tell_findings
from kcdesk.domain.clock import local_time

FEW = 10
"""So many of a longer list are named."""


@contextmanager
def desk_of(options: Namespace) -> Iterator[Desk]:
    """The desk that `--workspace`, `--passphrase-file` and `--recovery-code-file` name; tells what opening it found."""
    from kcdesk.actions.syncing import told_at_opening  # noqa: PLC0415

    with open_desk(
        options.workspace or default_folder(),
        passphrase_file=options.passphrase_file,
        recovery_code_file=options.recovery_code_file,
    ) as desk:
        for sentence in told_at_opening(desk):
            tell(f"Lưu ý: {sentence}")
        yield desk


def window(options: Namespace) -> int:
    from kcdesk.app import run_window  # noqa: PLC0415

    return run_window(options.workspace, passphrase_file=options.passphrase_file)


def demo(options: Namespace) -> int:
    from kcdesk.demo import run_demo  # noqa: PLC0415

    return run_demo(
        check=options.check, keep=options.keep, register=options.register, as_json=options.json
    )


def self_test(options: Namespace) -> int:
    from kcdesk.demo.self_test import run_self_test  # noqa: PLC0415

    return run_self_test(as_json=options.json)


def init(options: Namespace) -> None:
    from kcdesk.actions.keys import new_recovery_code  # noqa: PLC0415

    folder = options.workspace or default_folder()
    findings = place_findings(folder)
    desk = create_desk(
        folder, person=options.name, areas=options.area, keys=keys_for(options.passphrase_file)
    )
    with desk.workspace:
        code = None if options.no_recovery_code else new_recovery_code(desk)
        made = made_document(desk, code)
    if options.json:
        print_json({**made, "findings": [msgspec.to_builtins(each) for each in findings]})
        return
    say(f"Đã tạo dữ liệu trong “{folder}” cho {options.name}.")
    say(*(f"Địa bàn: {area['name']}." for area in made["areas"]), *code_in_words(code))
    tell_findings(findings)


def made_document(desk: Desk, code: str | None) -> dict[str, Any]:
    """What is printed of a workspace that was just made; `code`: its recovery code, shown this once."""
    workspace = desk.workspace
    areas = [{"code": each, "name": desk.units.area_name(each)} for each in workspace.areas]
    return {
        "workspace": str(workspace.folder),
        "person": workspace.person,
        "device": workspace.device_id,
        "areas": areas,
        "communes": sum(len(desk.units.communes_of(each)) for each in workspace.areas),
        "recovery_code": code,
    }


def code_in_words(code: str | None) -> list[str]:
    """Lines that show a recovery code once, and say what it is for."""
    if code is None:
        return []
    return [
        f"Mã khôi phục: {code}",
        "Ghi mã này ra giấy và cất xa máy: mất mật khẩu hay kho khoá thì chỉ mã này mở được dữ liệu.",
        "Mã chỉ hiện một lần; cần mã khác thì dùng kcdesk key recovery-code.",
    ]


def status(options: Namespace) -> None:
    from kcdesk.actions.syncing import status as read_status  # noqa: PLC0415

    with desk_of(options) as desk:
        now = read_status(desk)
        kept = backup_status(desk)
        if options.json:
            print_json({**now.as_json(), "backups": kept.as_json()})
            return
        lines = [
            ("Người dùng", now.person),
            ("Địa bàn", ", ".join(name for _, name in now.areas)),
            ("Cơ sở", str(now.records["establishments"])),
            ("Máy chủ", _province(now)),
            ("Chưa gửi", f"{now.undelivered} trên {now.changes} mục{_oldest(now)}"),
            ("Trên máy này", f"{now.here} mục"),
            ("Trong gói", f"{now.in_parcels} mục, chưa có trả lời của tỉnh"),
            ("Đã ở tỉnh", f"{now.at_province} mục"),
            ("Bị từ chối", str(len(now.refused))),
            ("Khác nhau, chờ chọn", str(now.conflicts)),
            ("Chưa rõ xã, phường", str(now.undecided_communes)),
            ("Bản sao lưu", _newest_backup(kept)),
        ]
        say(*table(lines), *(f"  {one.title}: {one.reason}" for one in now.refused[:FEW]))
        if now.refused:
            say("Xử lý các mục bị từ chối: kcdesk refused list")
        tell_findings(kept.findings)


def _oldest(now: Status) -> str:
    if now.oldest_days is None:
        return ""
    late = f", quá {now.late_days} ngày" if now.late else ""
    return f", cũ nhất {now.oldest_days} ngày{late}"


def _province(now: Status) -> str:
    if now.province is None:
        return "chưa nối"
    return f"{now.province} ({now.server or 'bằng gói USB'})"


def _newest_backup(kept: BackupStatus) -> str:
    if kept.newest_at is None:
        return "chưa có"
    return f"{local_time(kept.newest_at):%H:%M %d/%m/%Y} ({kept.count} bản)"

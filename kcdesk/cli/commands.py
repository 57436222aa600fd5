"""Commands about the workspace as a whole: make it, open its window, say how it stands."""

from __future__ import annotations

from argparse import Namespace
from contextlib import AbstractContextManager

from kcdesk.actions.desk import Desk, create_desk, default_folder, open_desk
from kcdesk.cli.output import print_json, say, table


def desk_of(options: Namespace) -> AbstractContextManager[Desk]:
    """The desk that `--workspace` and `--passphrase-file` name."""
    return open_desk(options.workspace or default_folder(), passphrase_file=options.passphrase_file)


def window(options: Namespace) -> int:
    from kcdesk.app import run_window  # noqa: PLC0415

    return run_window(
        options.workspace or default_folder(), passphrase_file=options.passphrase_file
    )


def demo(options: Namespace) -> int:
    from kcdesk.demo import run_demo  # noqa: PLC0415

    return run_demo(
        check=options.check, keep=options.keep, register=options.register, as_json=options.json
    )


def self_test(options: Namespace) -> int:
    from kcdesk.demo.self_test import run_self_test  # noqa: PLC0415

    return run_self_test(as_json=options.json)


def init(options: Namespace) -> None:
    folder = options.workspace or default_folder()
    desk = create_desk(
        folder, person=options.name, areas=options.area, passphrase_file=options.passphrase_file
    )
    with desk.workspace:
        areas = [(code, desk.units.area_name(code)) for code in desk.workspace.areas]
        if options.json:
            print_json(
                {
                    "workspace": str(folder),
                    "person": options.name,
                    "device": desk.workspace.device_id,
                    "areas": [{"code": code, "name": name} for code, name in areas],
                    "communes": sum(len(desk.units.communes_of(code)) for code, _ in areas),
                }
            )
        else:
            say(
                f"Đã tạo dữ liệu trong “{folder}” cho {options.name}.",
                *(f"Địa bàn: {name}." for _, name in areas),
            )


def status(options: Namespace) -> None:
    from kcdesk.actions.syncing import status as read_status  # noqa: PLC0415

    with desk_of(options) as desk:
        now = read_status(desk)
        if options.json:
            print_json(now.as_json())
            return
        lines = [
            ("Người dùng", now.person),
            ("Địa bàn", ", ".join(name for _, name in now.areas)),
            ("Cơ sở", str(now.records["establishments"])),
            ("Máy chủ", f"{now.province} ({now.server})" if now.province else "chưa nối"),
            ("Chưa gửi", f"{now.undelivered} trên {now.changes} mục"),
            ("Bị từ chối", str(len(now.refused))),
            ("Khác nhau, chờ chọn", str(now.conflicts)),
            ("Chưa rõ xã, phường", str(now.undecided_communes)),
        ]
        say(*table(lines), *(f"  {one.title}: {one.reason}" for one in now.refused))

"""`kcdesk settings sync`: what a person has set about exchanging with the province."""

from __future__ import annotations

from argparse import Namespace

import msgspec

from kcdesk.actions.sync_settings import SyncSettings, set_sync_settings, sync_settings
from kcdesk.cli.commands import desk_of
from kcdesk.cli.declaring import Subparsers, add_command
from kcdesk.cli.output import print_json, say, table

_METERED = {"yes": True, "no": False, "auto": None}


def sync_settings_command(group: Subparsers) -> None:
    words = "cách máy này trao đổi với tỉnh; không ghi gì: xem"
    command = add_command(group, "sync", settings, words)
    command.add_argument(
        "--late-days", type=int, metavar="N", help="thay đổi chưa đến tỉnh sau N ngày thì báo đỏ"
    )
    command.add_argument(
        "--background",
        choices=["on", "off"],
        help="cửa sổ đang mở tự đồng bộ (on), hoặc chỉ khi được bảo (off)",
    )
    command.add_argument(
        "--ask-above",
        dest="ask_above_mb",
        type=int,
        metavar="MB",
        help="mạng tính tiền theo dung lượng: hỏi trước khi gửi quá mức này",
    )
    command.add_argument(
        "--metered",
        choices=list(_METERED),
        help="mạng của máy có tính tiền theo dung lượng không; auto: theo hệ điều hành",
    )


def settings(options: Namespace) -> None:
    said = {
        name: value
        for name in SyncSettings.__struct_fields__
        if (value := getattr(options, name, None)) is not None
    }
    if "background" in said:
        said["background"] = said["background"] == "on"
    if "metered" in said:
        said["metered"] = _METERED[said["metered"]]
    with desk_of(options) as desk:
        now = msgspec.structs.replace(sync_settings(desk), **said)
        if said:
            set_sync_settings(desk, now)
    if options.json:
        print_json(msgspec.to_builtins(now))
    else:
        say(*table(_lines(now)))


def _lines(now: SyncSettings) -> list[tuple[str, str]]:
    return [
        ("Báo đỏ sau", f"{now.late_days} ngày"),
        ("Tự đồng bộ", "có" if now.background else "không"),
        ("Hỏi khi gửi quá", f"{now.ask_above_mb} MB"),
        ("Mạng tính tiền", {True: "có", False: "không", None: "theo hệ điều hành"}[now.metered]),
    ]

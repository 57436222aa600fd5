"""Commands of the province about its devices."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import msgspec

from kcdesk.cli.output import print_json, say, table, tell
from kcdesk.domain.clock import local_time, system_clock

if TYPE_CHECKING:  # the server's libraries are loaded by its own commands only
    from kcdesk.server.revoking import DeviceStanding


def server_list(options: Namespace) -> None:
    from kcdesk.server import admin, revoking  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        devices = revoking.list_devices(engine)
    if options.json:
        print_json({"devices": msgspec.to_builtins(devices)})
        return
    rows = [
        (one.device, one.person, one.role, _moment(one.last_contact_at), _state(one))
        for one in devices
    ]
    say(*table([("MÁY", "NGƯỜI DÙNG", "VAI TRÒ", "LIÊN LẠC CUỐI", "TÌNH TRẠNG"), *rows]))


def server_revoke(options: Namespace) -> None:
    from kcdesk.server import admin, revoking  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        revoked = revoking.revoke(engine, options.device, later=options.later, clock=system_clock)
    if options.json:
        print_json(msgspec.to_builtins(revoked))
        return
    say(
        f"Đã thu hồi máy {', '.join(revoked.devices)}. Lần liên lạc tới máy ấy sẽ tự huỷ khoá dữ liệu;"
        " xem lời báo bằng: kcdesk server device list"
    )
    if revoked.later:
        tell(
            f"Còn máy tiếp nối vẫn trao đổi được: {', '.join(revoked.later)}."
            " Nếu máy ấy cũng bị mất, thu hồi cả nó, hoặc thêm --later."
        )


def _state(one: DeviceStanding) -> str:
    if one.revoked_at is None:
        return f"đã chuyển sang {', '.join(one.continued_as)}" if one.continued_as else "đang dùng"
    gone = (
        f"máy báo đã huỷ khoá {_moment(one.key_destroyed_at)}"
        if one.key_destroyed_at is not None
        else "máy chưa liên lạc lại, chưa báo huỷ khoá"
    )
    return f"thu hồi {_moment(one.revoked_at)}; {gone}"


def _moment(at: int) -> str:
    return local_time(at).strftime("%d/%m/%Y %H:%M")

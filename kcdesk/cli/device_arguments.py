"""How the commands of the province about its devices are called."""

from __future__ import annotations

from kcdesk.cli import devices
from kcdesk.cli.declaring import Subparsers, add_group, add_server_command


def server_device_commands(server: Subparsers) -> None:
    group = add_group(server, "device", "các máy của cán bộ, cộng tác viên")
    words = "các máy: của ai, liên lạc lần cuối, máy nào bị thu hồi và đã huỷ khoá chưa"
    add_server_command(group, "list", devices.server_list, words)
    words = "thu hồi một máy bị mất: máy không trao đổi được nữa, và tự huỷ khoá khi liên lạc lại"
    revoke = add_server_command(group, "revoke", devices.server_revoke, words)
    revoke.add_argument("device", metavar="DEVICE", help="số của máy, như device list ghi")
    revoke.add_argument("--later", action="store_true", help="cả những máy tiếp nối nó")

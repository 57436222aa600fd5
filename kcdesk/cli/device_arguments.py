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
    words = "những gì máy bị thu hồi gửi đến muộn, giữ riêng để trung tâm quyết định"
    held = add_server_command(group, "held", devices.server_held, words)
    held.add_argument("device", nargs="?", metavar="DEVICE", help="không ghi thì mọi máy")
    words = "nhận những gì đang giữ riêng của một máy, theo đúng thứ tự và quyền của người ghi"
    take = add_server_command(group, "take", devices.server_take, words)
    words = "bỏ những gì đang giữ riêng của một máy: số thứ tự vẫn còn, nội dung không nhận"
    leave = add_server_command(group, "leave", devices.server_leave, words)
    for command in (take, leave):
        command.add_argument("device", metavar="DEVICE", help="số của máy, như device list ghi")
        command.add_argument("--up-to", type=int, metavar="N", help="chỉ đến thay đổi số N")

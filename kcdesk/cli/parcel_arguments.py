"""The words of the commands about parcels, on a workspace and at the province."""

from __future__ import annotations

from pathlib import Path

from kcdesk.cli import parcels
from kcdesk.cli.declaring import Subparsers, add_command, add_group, add_server_command


def parcel_commands(sub: Subparsers) -> None:
    group = add_group(sub, "parcel", "gói dữ liệu trên thẻ nhớ USB, khi không có mạng")
    words = "ghi những gì tỉnh chưa nhận thành gói để mang lên tỉnh"
    write = add_command(group, "write", parcels.write, words)
    write.add_argument(
        "-o",
        dest="output",
        type=Path,
        required=True,
        metavar="FILE",
        help="tệp, hoặc thư mục có sẵn",
    )
    write.add_argument(
        "--photos",
        action="store_true",
        help="kèm ảnh, tài liệu chưa ở tỉnh; nhiều hơn 2 GB thì ghi thành nhiều gói",
    )
    write.add_argument(
        "--fetch",
        action="store_true",
        help="xin tỉnh gửi về trong gói trả lời các ảnh, tài liệu mà máy này còn thiếu",
    )
    read = add_command(group, "read", parcels.read, "đọc gói trả lời của tỉnh")
    read.add_argument("files", nargs="+", type=Path, metavar="FILE")
    read.add_argument("--keep", action="store_true", help="không xoá các gói đã xong khỏi thẻ nhớ")
    add_command(group, "list", parcels.list_all, "các gói đã ghi, đang mang giúp, và đến đâu rồi")
    words = "nhận gói của máy khác để mang giúp lên tỉnh, hoặc gói trả lời để mang về cho máy đó"
    carry = add_command(group, "carry", parcels.carry, words)
    carry.add_argument("files", nargs="+", type=Path, metavar="FILE")
    words = "ghi các gói trả lời cho những máy đã mang giúp"
    carried = add_command(group, "carried", parcels.carried, words)
    carried.add_argument("-o", dest="output", type=Path, required=True, metavar="DIR")
    carried.add_argument(
        "--up",
        action="store_true",
        help="chép cả những gói đang chờ, để mang tiếp lên trung tâm bằng thẻ nhớ",
    )


def server_parcel_commands(server: Subparsers) -> None:
    group = add_group(server, "parcel", "gói dữ liệu ở trung tâm")
    words = "nhận gói của các máy, ghi gói trả lời cho từng máy"
    read = add_server_command(group, "read", parcels.server_read, words)
    read.add_argument("files", nargs="+", type=Path, metavar="FILE")
    read.add_argument(
        "-o",
        dest="output",
        type=Path,
        required=True,
        metavar="ANSWER",
        help="tệp trả lời; nhiều máy hoặc thư mục có sẵn thì mỗi máy một tệp trong đó",
    )

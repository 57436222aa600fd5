"""The words of `kcdesk import` and `kcdesk finding`, and which function runs them."""

from __future__ import annotations

from pathlib import Path

from kcdesk.cli import findings, importing
from kcdesk.cli.declaring import (
    Subparsers,
    add_command,
    add_group,
    column_encoding,
    pair,
    row_decision,
)
from kcdesk.importing.list_kinds import LIST_KINDS


def import_command(sub: Subparsers) -> None:
    imports = add_command(sub, "import", importing.import_list, "nhập danh sách từ tệp Excel")
    imports.add_argument("kind", metavar="KIND", choices=list(LIST_KINDS))
    imports.add_argument("file", type=Path, metavar="FILE")
    imports.add_argument(
        "--sheet",
        metavar="S",
        help="tên trang, hoặc all: mọi trang không ẩn có danh sách; không ghi thì lấy trang đầu có dữ liệu",
    )
    imports.add_argument(
        "--year", type=int, metavar="Y", help="năm của số liệu, khi tên danh sách không ghi"
    )
    imports.add_argument(
        "--update",
        action="store_true",
        help="cơ sở đã có: ghi những gì danh sách ghi khác; ô để trống không xoá gì",
    )
    imports.add_argument(
        "--row",
        action="append",
        default=[],
        type=row_decision,
        metavar="N=DECISION",
        help="quyết định cho dòng N: add (thêm mới), update (cập nhật cơ sở đã có), skip (bỏ qua); "
        "đọc nhiều trang thì ghi TRANG!N; dùng được nhiều lần",
    )
    imports.add_argument(
        "--map", type=Path, metavar="FILE", help="tệp nói mỗi cột ghi gì, lập bằng --save-map"
    )
    imports.add_argument(
        "--save-map",
        type=Path,
        metavar="FILE",
        help="ghi lại mỗi cột đã được hiểu là gì, để dùng với --map cho danh sách cùng mẫu",
    )
    imports.add_argument(
        "--encoding",
        action="append",
        default=[],
        type=column_encoding,
        metavar="COLUMN=ENCODING",
        help="chữ của một cột gõ bằng bảng mã nào: TCVN3, VNI, DECOMPOSED (Unicode tổ hợp), UNICODE; "
        "ví dụ B=TCVN3; dùng được nhiều lần",
    )
    imports.add_argument(
        "--proper-case",
        action="append",
        default=[],
        metavar="COLUMN",
        help="cột viết toàn chữ hoa: ghi thành viết hoa chữ đầu từng tiếng; dùng được nhiều lần",
    )
    imports.add_argument(
        "--accept",
        choices=["proposed"],
        help="nhận cả những đề xuất chưa chắc chắn về cột và bảng mã",
    )
    imports.add_argument(
        "--all-or-nothing", action="store_true", help="một dòng không nhập được thì không nhập gì"
    )
    imports.add_argument(
        "--accept-finding",
        action="append",
        default=[],
        type=pair,
        metavar="CODE=REASON",
        help="chấp nhận mọi lưu ý có mã này của danh sách, với lý do được ghi vào hồ sơ; dùng được nhiều lần",
    )
    imports.add_argument(
        "--rejects",
        type=Path,
        metavar="FILE",
        help="ghi lại bảng tính đó với các ô sai được tô màu và một cột nhận xét, để sửa rồi nhập lại",
    )
    imports.add_argument("--dry-run", action="store_true", help="chỉ cho biết sẽ nhập gì")


def finding_commands(sub: Subparsers) -> None:
    finding = add_group(sub, "finding", "các lưu ý của quy tắc về một hồ sơ")
    listed = add_command(finding, "list", findings.list_of, "các lưu ý, và vì sao đã chấp nhận")
    listed.add_argument("kind", metavar="KIND")
    listed.add_argument("id", metavar="ID")
    accept = add_command(
        finding, "accept", findings.accept, "chấp nhận một lưu ý: giá trị đúng như đã ghi"
    )
    accept.add_argument("kind", metavar="KIND")
    accept.add_argument("id", metavar="ID")
    accept.add_argument("field", metavar="FIELD")
    accept.add_argument("code", metavar="CODE")
    accept.add_argument("--reason", required=True, metavar="TEXT", help="vì sao")

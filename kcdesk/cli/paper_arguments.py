"""The words of the command line about papers by form, and about how an office writes."""

from __future__ import annotations

import argparse
from pathlib import Path

from kcdesk.cli import documents, papers
from kcdesk.cli.declaring import Subparsers, add_command, add_group, pair
from kcdesk.cli.survey_arguments import surveys_settings_command
from kcdesk.cli.sync_settings import sync_settings_command


def document_commands(sub: Subparsers) -> None:
    group = add_group(sub, "document", "giấy tờ theo mẫu")
    _forms(add_command(group, "list", documents.list_documents, "các mẫu giấy tờ in được"))
    check = add_command(
        group, "check", documents.check, "kiểm tra một tệp mẫu: nêu tệp, dòng và lý do"
    )
    check.add_argument("file", type=Path, metavar="FILE.toml")

    print_ = add_command(
        group, "print", documents.print_document, "in một giấy tờ ra PDF hoặc Word"
    )
    print_.add_argument("form", metavar="FORM")
    source = print_.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--record", metavar="ID", help="mã hồ sơ, hoặc cơ sở có đúng một hồ sơ loại đó"
    )
    source.add_argument("--blank", action="store_true", help="mẫu trống để ghi tay")
    source.add_argument(
        "--sample", action="store_true", help="mẫu điền sẵn một hồ sơ ví dụ, để xem cách trình bày"
    )
    print_.add_argument(
        "-o",
        dest="output",
        type=Path,
        required=True,
        metavar="OUT",
        help="tệp .pdf, hoặc .docx để sửa tiếp trong Word",
    )
    _password(print_)
    print_.add_argument("--to", default="", metavar="WHO", help="giao cho ai; ghi vào sổ giấy tờ")
    _forms(print_)

    batch = add_command(
        group, "batch", documents.batch, "in một loạt: một tệp PDF, hoặc mỗi hồ sơ một tệp"
    )
    batch.add_argument("form", metavar="FORM")
    batch.add_argument(
        "--where", action="append", default=[], type=pair, metavar="FIELD=VALUE",
        help="các cơ sở có trường này đúng như vậy; dùng được nhiều lần",
    )  # fmt: skip
    batch.add_argument(
        "--record", action="append", default=[], metavar="ID", help="chỉ hồ sơ hoặc cơ sở này"
    )
    batch.add_argument(
        "-o",
        dest="output",
        type=Path,
        required=True,
        metavar="DIR|FILE.pdf",
        help="thư mục, hoặc một tệp PDF",
    )
    _forms(batch)

    blank = add_command(
        group, "blanks", documents.blanks, "mẫu trống của một xã, một tệp PDF, để mang đi ghi tay"
    )
    blank.add_argument("form", metavar="FORM")
    blank.add_argument("--area", required=True, metavar="CODE", help="mã xã, phường")
    blank.add_argument(
        "--prefilled", action="store_true", help="in sẵn tên và địa chỉ các cơ sở của xã"
    )
    blank.add_argument(
        "--copies", type=int, default=0, metavar="N", help="thêm N mẫu cho cơ sở chưa có trong sổ"
    )
    blank.add_argument("--to", default="", metavar="WHO", help="giao cho ai")
    blank.add_argument("-o", dest="output", type=Path, required=True, metavar="OUT.pdf")
    _forms(blank)

    send = add_command(
        group, "send", documents.send, "bản gửi đi: không có số định danh, điện thoại, địa chỉ"
    )
    send.add_argument("form", metavar="FORM")
    send.add_argument("--record", required=True, metavar="ID")
    send.add_argument("--to", required=True, metavar="WHO", help="gửi cho ai; ghi vào sổ giấy tờ")
    send.add_argument(
        "--personal", action="store_true", help="để cả số định danh, điện thoại, địa chỉ"
    )
    send.add_argument(
        "--as",
        choices=("pdf", "png", "xlsx"),
        default="pdf",
        help="PDF, ảnh từng trang, hoặc Excel",
    )
    _password(send)
    send.add_argument(
        "-o",
        dest="output",
        type=Path,
        required=True,
        metavar="DIR",
        help="thư mục; tên tệp đặt sẵn",
    )
    _forms(send)

    book = add_command(
        group, "book", documents.book, "sổ giấy tờ: cái gì đã giao cho ai, cái gì đã về"
    )
    book.add_argument("--out", action="store_true", help="chỉ những giấy tờ chưa về")
    book.add_argument("--back", type=int, metavar="NUMBER", help="ghi nhận giấy tờ số này đã về")

    find = add_command(
        group,
        "find",
        documents.find,
        "hồ sơ của một tờ giấy, theo mã QR hoặc mã 9 ký tự ở chân trang",
    )
    find.add_argument("code", metavar="CODE")
    scan = add_command(
        group, "scan", documents.scan, "chia một tệp quét theo mã trên từng trang, kèm vào hồ sơ"
    )
    scan.add_argument("file", type=Path, metavar="FILE")
    waiting = add_command(group, "waiting", documents.waiting, "các trang quét chưa đọc được mã")
    waiting.add_argument(
        "--file", nargs=2, metavar=("NUMBER", "ESTABLISHMENT"), help="kèm trang này vào cơ sở"
    )
    waiting.add_argument(
        "-o",
        dest="output",
        type=Path,
        metavar="DIR",
        help="ghi ảnh các trang ra thư mục, không mã hoá",
    )

    ruler = add_command(group, "ruler", documents.ruler, "trang thử máy in, có thước 100 mm")
    ruler.add_argument("-o", dest="output", type=Path, required=True, metavar="OUT.pdf")

    words = "chữ trong một tệp PDF, từng trang: để kiểm tra bản in"
    text = add_command(group, "text", papers.document_text, words)
    text.add_argument("file", type=Path, metavar="FILE.pdf")


def settings_commands(sub: Subparsers) -> None:
    group = add_group(
        sub, "settings", "cách cơ quan viết giấy tờ, nhận phiếu, cách trao đổi với tỉnh"
    )
    sync_settings_command(group)
    offices = add_command(
        group, "offices", documents.offices, "cơ quan và người ký, theo ngày; không ghi tệp: xem"
    )
    offices.add_argument("file", type=Path, nargs="?", metavar="FILE.toml")
    surveys_settings_command(group)
    words = add_command(group, "words", documents.words, "cách đọc số tiền bằng chữ")
    words.add_argument("--linh", choices=["linh", "lẻ"])
    words.add_argument("--nghin", choices=["nghìn", "ngàn"])
    words.add_argument("--ty", choices=["tỷ", "tỉ"])
    words.add_argument("--dong", choices=["đồng", "đồng chẵn"])


def _forms(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--forms",
        type=Path,
        metavar="DIR",
        help="thư mục mẫu của tỉnh; mẫu trùng tên thay cho mẫu kèm theo",
    )


def _password(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--password-file", type=Path, metavar="F", help="tệp chứa mật khẩu cho tệp PDF ghi ra"
    )

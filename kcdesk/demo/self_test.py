"""`kcdesk self-test`: what an installed copy runs to prove that all its parts came along.

Needs no network, no display, no keyring, and leaves nothing behind.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from kcdesk.cli.output import print_json
from kcdesk.demo.main_job import AREA, PERSON
from kcdesk.demo.program import CommandRefused, Program, run
from kcdesk.demo.steps import Minutes


def run_self_test(*, as_json: bool) -> int:
    """Make a workspace, search it, read the questionnaire, print a form, read it back; exit status 0 if all is well."""
    minutes = Minutes(quiet=as_json)
    with tempfile.TemporaryDirectory(
        prefix="kcdesk tự kiểm tra ", ignore_cleanup_errors=True
    ) as folder:
        try:
            _parts(Path(folder), minutes)
        except CommandRefused as refused:
            minutes.holds("lệnh bị từ chối", refused, right=False)
    if as_json:
        print_json(minutes.as_json())
    return 0 if minutes.right else 1


def _parts(folder: Path, minutes: Minutes) -> None:
    passphrase = folder / "mật khẩu.txt"
    passphrase.write_text("tự kiểm tra\n", "utf-8")
    program = Program(folder / "dữ liệu", passphrase)
    minutes.begin("Tự kiểm tra bản cài đặt")
    made = program("init", "--name", PERSON, "--area", AREA)
    minutes.holds("dữ liệu mã hoá, xã, phường của địa bàn", made["communes"], made["communes"] > 0)
    added = program("add", "establishments", "name=Hộ Đặng Thị Ngọc", "hamlet=Thôn Đầu Cầu")
    found = program("list", "establishments", "--search", "dang thi ngoc")["records"]
    minutes.equal("tìm không dấu", [record["id"] for record in found], [added["id"]])
    _, forms = run("questionnaire", "list", "--json")
    minutes.holds("mẫu phiếu", len(forms["questionnaires"]), len(forms["questionnaires"]) > 0)
    paper = folder / "đơn trống.pdf"
    program("document", "print", "F02", "--blank", "-o", str(paper))
    _, read = run("document", "text", str(paper), "--json")
    title = "ĐƠN ĐỀ NGHỊ HỖ TRỢ KINH PHÍ KHUYẾN CÔNG"
    minutes.holds(
        "in và đọc lại giấy tờ", title, title in " ".join(" ".join(read["pages"]).split())
    )

"""The demonstration in the window: the sample register, a server beside it, a second device to disagree with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kcdesk.demo.main_job import AREA, DIVIDED, PERSON, set_up_province
from kcdesk.demo.program import Program, command, server
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.errors import KcdeskError


def show_window(folder: Path, register: Path) -> int:
    """Prepare the demonstration in `folder` and open its window; the exit status of the window."""
    passphrase = folder / "mat-khau.txt"
    passphrase.write_text("mật khẩu của bản thử\n", "utf-8")
    mine = Program(folder / "may-1", passphrase)
    other = Program(folder / "may-2", passphrase)
    database = f"sqlite:///{(folder / 'tinh.db').as_posix()}"
    _say("Đang chuẩn bị dữ liệu thử ...")
    mine("init", "--name", PERSON, "--area", AREA)
    mine("import", ESTABLISHMENTS.name, str(register))
    codes = set_up_province(database, enrolments=2)
    with server(database) as url:
        mine("join", "--server", url, "--code", codes[0])
        mine("sync")
        _disagree(mine, other, url, codes[1])
        mine("import", ESTABLISHMENTS.name, str(DIVIDED))
        _say(f"Máy chủ thử: {url}. Dữ liệu thử: {folder}. Đang mở cửa sổ ...")
        return subprocess.run(
            command("--workspace", str(mine.workspace), "--passphrase-file", str(passphrase)),
            check=False,
        ).returncode


def _disagree(mine: Program, other: Program, url: str, code: str) -> None:
    """One establishment of which the two devices say different things, so that the window has one to decide."""
    other("init", "--name", PERSON, "--area", AREA)
    other("join", "--server", url, "--code", code)
    other("sync")
    records = other("list", ESTABLISHMENTS.name, "--limit", "1")["records"]
    if not records:
        raise KcdeskError("Danh sách không có cơ sở nào.", hint="Chọn một danh sách khác.")
    other("set", ESTABLISHMENTS.name, records[0]["id"], "phone=0912345678")
    other("sync")
    mine("set", ESTABLISHMENTS.name, records[0]["id"], "phone=0987654321")
    mine("sync")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()

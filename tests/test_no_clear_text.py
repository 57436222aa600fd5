"""What people typed stands nowhere in clear but where they put it themselves.

Markers are planted by everything that takes or makes personal data, in a process that is still running with its
workspace open and its papers on screen; then every file it could write to is searched.
"""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

NAME, CCCD, PHONE = "Đặng Quỳnh Xuyến", "034184765291", "0987651234"
MARKERS = (NAME, "Xuyến", "xuyen", CCCD, PHONE, "+84987651234", "bí mật của Lan")

A_DAY = """
import sys
from pathlib import Path

import openpyxl
from PIL import Image

from kcdesk.actions.attachments import add_attachments, list_attachments
from kcdesk.actions.backups import back_up
from kcdesk.actions.desk import create_desk, keys_for, open_desk
from kcdesk.actions.drafts import keep_draft
from kcdesk.actions.importing import import_list
from kcdesk.actions.keys import new_key, new_recovery_code, recovery_page
from kcdesk.actions.records import add_record, list_records, set_fields
from kcdesk.actions.surveys import fill_in, open_survey, save_survey
from kcdesk.cli.memory import leave_no_core
from kcdesk.storage.drafts import Form
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.preview import PreviewScreen
from kcdesk.ui.start import application
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow

folder, given, name, cccd, phone = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]
leave_no_core()
passphrase = given / "passphrase"
passphrase.write_text("bí mật của Lan")
sheet = openpyxl.Workbook()
for row in (
    ["STT", "Tên cơ sở", "Địa chỉ", "Người đại diện", "Điện thoại", "Ngành nghề"],
    [1, "Hộ " + name, "Xã Bát Xát, tỉnh Lào Cai", name, phone, "Rèn"],
):
    sheet.active.append(row)
sheet.save(given / "danh-sach.xlsx")
Image.new("RGB", (600, 400), (10, 120, 60)).save(given / f"{name} {cccd}.jpg")

desk = create_desk(folder, person="Lan", areas=["old:10"], keys=keys_for(passphrase))
workspace = desk.workspace
recovery_page("Lan", new_recovery_code(desk), desk.today)
import_list(desk, given / "danh-sach.xlsx")
record = str(
    add_record(desk, "establishments", {"name": "Hộ " + name, "commune": "02683", "phone": phone}).records[0][1]
)
set_fields(desk, "establishments", record, {"rep_name": name, "rep_id_no": cccd})
survey = open_survey(desk, "F01", record)
fill_in(survey.sheet, {"phone": phone})
save_survey(desk, survey)
keep_draft(desk, Form("establishments", record), {"rep_name": name, "rep_id_no": cccd})
add_attachments(desk, record, sorted(given.glob("*.jpg")), keep_original=True)
assert list_attachments(desk, record)
need = str(
    add_record(desk, "needs", {"establishment": record, "purpose": name}).records[0][1]
)
workspace.begin_exchange("one", 1, bytes(32), [f"{name} {cccd}".encode()])
workspace.keep_answer(0, f"{name} {cccd} {phone}".encode())
list_records(desk, "establishments", search="xuyen")
back_up(desk)
new_key(desk, "bí mật của Lan")
set_fields(desk, "establishments", record, {"note": name})
workspace.close()

app = application()
tasks = Tasks(lambda: open_desk(folder, passphrase_file=passphrase))
window = MainWindow(Context(tasks, desk.clock))
window.show()
window.open_paper(need)
window.list.search.setText(name)


def look():
    screen = window.up
    if isinstance(screen, PreviewScreen) and screen.printed is not None and tasks.idle:
        timer.stop()
        screen.view.grab()
        print("ready", flush=True)
        sys.stdin.readline()
        tasks.close()
        app.exit(0)


from PySide6.QtCore import QTimer

timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
window.refresh_standing()
sys.exit(app.exec())
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A computer account: home, temporary folder and runtime folder, all of them empty."""
    for name in ("home", "tmp", "run", "given"):
        (tmp_path / name).mkdir(mode=0o700)
    return tmp_path


def account(home: Path) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {
        **mine,
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "tmp"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "PYTHONPYCACHEPREFIX": str(home / "run" / "pycache"),
    }


def forms_of(marker: str) -> Iterator[bytes]:
    """A marker as a program might have written it."""
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, marker)  # type: ignore[arg-type]
        yield text.encode()
        yield text.encode("utf-16-le")
        yield ascii(text)[1:-1].encode()


def found_in(home: Path) -> list[str]:
    """Files outside of what the person put there that hold a marker, or clear data of a known kind."""
    wanted = {form for marker in MARKERS for form in forms_of(marker)}
    found = []
    for path in sorted(home.rglob("*")):
        if not path.is_file() or path.is_relative_to(home / "given"):
            continue
        content = path.read_bytes()
        if any(form in content for form in wanted):
            found.append(f"marker in {path}")
        if content.startswith((b"SQLite format 3", b"%PDF", b"\xff\xd8\xff", b"\x28\xb5\x2f\xfd")):
            found.append(f"clear data in {path}")
    return found


def test_no_clear_text_outside_the_workspace(home: Path) -> None:
    folder = home / "home" / "kcdesk"
    with (
        (home / "run" / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", A_DAY, str(folder), str(home / "given"), NAME, CCCD, PHONE],
            env=account(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        said = process.stdout.readline()
        assert said == "ready\n", (home / "run" / "log").read_text()
        assert found_in(home) == []  # while everything is open
        written = {path.name for path in folder.iterdir()}
        process.stdin.write("\n")
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    assert found_in(home) == []  # and afterwards
    assert written >= {"workspace.db", "workspace.db-wal", "key.json", "attachments", "backups"}
    assert list((home / "tmp").iterdir()) == []


def test_the_search_finds_what_is_there(home: Path) -> None:
    for number, form in enumerate(forms_of(NAME)):
        path = home / "tmp" / str(number)
        path.write_bytes(b"x" * 100 + form)
        assert len(found_in(home)) == 1
        path.unlink()
    (home / "given" / "list").write_text(NAME)
    assert found_in(home) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no core files")
def test_a_crash_leaves_no_core() -> None:
    program = (
        "import resource\nfrom kcdesk.cli import main\n"
        "main(['people', 'list'])\nprint(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("(0, 0)\n")

"""First start, passphrase, and what the program loads before it shows a window."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLibraryInfo, QLocale
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from kcdesk.app import WorkspaceDoor, run_window
from kcdesk.errors import KcdeskError, WrongKey
from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.screens.first_start import FirstStart
from kcdesk.ui.screens.unlock import Unlock
from kcdesk.ui.start import Start
from kcdesk.ui.tasks import Tasks
from tests.ui.hands import Settle

PASSPHRASE = "bốn từ dễ nhớ"


@pytest.fixture
def door(tmp_path: Path) -> WorkspaceDoor:
    return WorkspaceDoor(tmp_path / "du-lieu", clock=Ticking())


@pytest.fixture
def runner(door: WorkspaceDoor) -> Iterator[Tasks]:
    tasks = Tasks(door.open)
    yield tasks
    tasks.close()


def test_a_first_start_without_keyring_asks_for_a_passphrase(
    qtbot: QtBot, door: WorkspaceDoor, runner: Tasks, settle: Settle
) -> None:
    assert door.state == "new"
    dialog = FirstStart(runner, door)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(runner)
    dialog.create_workspace()
    assert dialog.trouble.text().startswith("Ghi họ và tên")
    dialog.person.setText(sample.PERSON)
    dialog.create_workspace()
    assert dialog.trouble.text().startswith("Chọn ít nhất một địa bàn")
    names = [option.name for option in dialog.area.matching("huyen bat xat")]
    assert names == ["Huyện Bát Xát, tỉnh Lào Cai (cũ)"]
    dialog.area.choose("old:082")
    assert [area.code for area in dialog.areas] == ["old:082"]
    dialog.create_workspace()
    settle(runner)
    assert dialog.locks.isVisible()
    assert door.state == "new"
    dialog.locks.first.setText("ngắn")
    dialog.create_workspace()
    assert "ít nhất 8 ký tự" in dialog.trouble.text()
    dialog.locks.first.setText(PASSPHRASE)
    dialog.locks.again.setText(PASSPHRASE + "!")
    dialog.create_workspace()
    assert "không giống nhau" in dialog.trouble.text()
    dialog.locks.again.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.accepted):
        dialog.create_workspace()
    assert door.state == "open"
    with door.open() as desk:
        assert (desk.workspace.person, desk.workspace.areas) == (sample.PERSON, ("old:082",))


def test_a_locked_workspace_opens_with_its_passphrase_only(
    qtbot: QtBot, tmp_path: Path, door: WorkspaceDoor, settle: Settle
) -> None:
    door.create(sample.PERSON, [sample.AREA], PASSPHRASE)
    again = WorkspaceDoor(tmp_path / "du-lieu", clock=Ticking())
    assert again.state == "locked"
    tasks = Tasks(again.open)
    dialog = Unlock(tasks, again)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.passphrase.setText("sai")
    dialog.try_passphrase()
    settle(tasks)
    assert dialog.trouble.text().startswith("Mật khẩu không đúng.")
    assert dialog.passphrase.isEnabled()
    with pytest.raises(WrongKey):
        again.unlock("cũng sai")
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.accepted):
        dialog.try_passphrase()
    with again.open() as desk:
        assert desk.workspace.person == sample.PERSON
    tasks.close()


def test_an_open_workspace_goes_straight_to_its_window(
    qtbot: QtBot, place: sample.Sample, settle: Settle
) -> None:
    door = WorkspaceDoor(place.workspace, passphrase_file=place.passphrase_file)
    shown: list[object] = []
    start = Start(door, clock=Ticking(), server="https://tinh.example", opened=shown.append)
    start.begin()
    qtbot.waitUntil(lambda: bool(shown))
    window = start.window
    assert window is not None
    qtbot.addWidget(window)
    settle(start.tasks)
    assert window.list.model.rowCount() == 3
    assert window.sync.server.text() == "https://tinh.example"
    with pytest.raises(ZeroDivisionError):
        raise ZeroDivisionError
    start.unexpected(ZeroDivisionError, ZeroDivisionError("ours"), None)
    assert window.banner.message.startswith("Chương trình gặp lỗi")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_without_a_display_there_is_a_sentence(
    place: sample.Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(KcdeskError, match="Không có màn hình"):
        run_window(place.workspace, passphrase_file=place.passphrase_file)


def test_the_window_loads_nothing_big_before_it_is_needed() -> None:
    program = "import json, sys, kcdesk.ui.start; print(json.dumps(sorted(sys.modules)))"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    loaded = set(json.loads(printed))
    assert "PySide6.QtWidgets" in loaded
    big = {
        "reportlab",
        "pyxform",
        "httpx",
        "openpyxl",
        "python_calamine",
        "cryptography",
        "keyring",
    }
    assert not {name.split(".")[0] for name in loaded} & big
    assert not {"PySide6.QtPdf", "PySide6.QtPrintSupport"} & loaded


def test_qt_speaks_vietnamese_whatever_the_system_says(qtbot: QtBot) -> None:
    assert QLocale().name() == "vi_VN"
    kinds = QDialogButtonBox.StandardButton
    box = QDialogButtonBox(kinds.Save | kinds.Cancel | kinds.Yes | kinds.No)
    qtbot.addWidget(box)
    assert [button.text() for button in box.buttons()]
    assert box.button(kinds.Save).text() == "Lưu"
    assert box.button(kinds.Cancel).text() == "Thôi"
    assert box.button(kinds.Yes).text() == "&Có"
    assert QApplication.translate("QLineEdit", "&Copy") == "Ché&p"


def test_the_compiled_texts_are_those_of_the_source(tmp_path: Path) -> None:
    folder = Path(sample.resource_path("translations"))
    made = tmp_path / "qt_vi.qm"
    libexec = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.LibraryExecutablesPath))
    tool = next(
        path
        for path in (Path(sys.executable).parent / "pyside6-lrelease", libexec / "lrelease")
        if path.exists()
    )
    subprocess.run(
        [tool, "-silent", folder / "qt_vi.ts", "-qm", made],
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert made.read_bytes() == (folder / "qt_vi.qm").read_bytes()

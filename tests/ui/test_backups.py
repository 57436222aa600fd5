"""Backups by the window: now, by themselves, in a second place; checking, repairing, restoring; a damaged file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.backups import DUE_AFTER_MS
from kcdesk.actions.desk import Desk
from kcdesk.actions.keys import new_recovery_code
from kcdesk.actions.records import list_records, set_fields
from kcdesk.app import WorkspaceDoor
from kcdesk.storage.folder.description import DATABASE_FILE
from kcdesk.ui import sample
from kcdesk.ui.backing_up import BackupWatch
from kcdesk.ui.screens.asking import Asking
from kcdesk.ui.screens.rebuilding import Rebuilding, Rescue, Restoring
from kcdesk.ui.start import Start
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow
from tests.conftest import SettableClock
from tests.ui.hands import Ask, Settle

KIND = "establishments"
PAGE = 4096

HOLDER = """
import sys
from pathlib import Path
from kcdesk.storage.folder.instance_lock import hold
held = hold(Path(sys.argv[1]), clock=lambda: 1_772_415_000_000, wait_s=0)
print("held", flush=True)
sys.stdin.read()
"""


# On its screen


def test_a_backup_now_and_in_a_second_place(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F12)
    settle(window.tasks)
    screen = window.backups
    assert screen.newest.text() == "Chưa sao lưu lần nào."
    assert "USB" in screen.second.text()
    assert screen.second.property("note") == "warning"
    assert window.backed_up.text() == "Chưa sao lưu lần nào"
    screen.back_up_button.click()
    assert screen.stop_button.isVisible()
    settle(window.tasks)
    assert window.banner.message == "Đã sao lưu 3 thay đổi."
    assert not screen.stop_button.isVisible()
    assert [one.reason for one in screen.list.model.rows] == ["asked"]
    assert window.backed_up.text().startswith("Sao lưu lần cuối ")
    stick = tmp_path / "USB của Hoa"
    stick.mkdir()
    screen.back_up(stick)
    settle(window.tasks)
    assert str(stick) in window.banner.hint
    assert screen.second.text().startswith(f"Nơi thứ hai: {stick}")
    assert screen.second.property("note") == ""
    screen.list.look_in(stick)
    settle(window.tasks)
    assert screen.list.where.text() == "Các bản trong USB của Hoa"
    assert len(screen.list.model.rows) == 1
    screen.list.look_in(tmp_path / "state")
    settle(window.tasks)
    assert window.banner.property("tone") == "error"
    assert len(screen.list.model.rows) == 1, "what was shown stays"


def test_an_old_second_place_is_warned_of(
    window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    window.backups.back_up(tmp_path)
    settle(window.tasks)
    window.context.clock.now += 8 * 24 * 3_600_000  # type: ignore[attr-defined]
    window.tasks._desk.clock.now += 8 * 24 * 3_600_000  # type: ignore[union-attr,attr-defined]
    window.go(window.backups)
    settle(window.tasks)
    assert "Đã 8 ngày chưa cập nhật" in window.backups.second.text()
    assert window.backups.second.property("note") == "warning"


def test_checking_finds_and_repairs(window: MainWindow, settle: Settle, ask: Ask) -> None:
    window.go(window.backups)
    screen = window.backups
    screen.check_button.click()
    settle(window.tasks)
    assert screen.checked.text() == "Mọi thứ đúng như đã ghi: 3 thay đổi, không có chỗ nào sai."
    assert not screen.found_table.isVisible()

    def spoil(desk: Desk) -> bool:
        db = desk.workspace._db
        db.execute("UPDATE establishments SET phone = 'sai' WHERE name LIKE 'HTX%'")
        db.conn.commit()
        return True

    ask(spoil)
    screen.check()
    settle(window.tasks)
    assert "chỗ không đúng như đã ghi" in screen.checked.text()
    assert screen.found_table.isVisible()
    assert any("phone" in one.what for one in screen.found.rows)
    screen.repair_button.click()
    settle(window.tasks)
    assert screen.checked.text().startswith("Đã sửa ")
    assert not screen.found_table.isVisible()
    assert not screen.repair_button.isVisible()
    screen.check()
    settle(window.tasks)
    assert screen.checked.text().startswith("Mọi thứ đúng")


def test_a_check_can_be_stopped(window: MainWindow, settle: Settle) -> None:
    window.go(window.backups)
    settle(window.tasks)
    window.backups.check()
    window.backups.stop_button.click()
    settle(window.tasks)
    assert window.banner.message == "Đã dừng theo yêu cầu."
    assert window.backups.check_button.isEnabled()


# By itself


@pytest.fixture
def by_hand(place: sample.Sample, clock: SettableClock) -> Iterator[Tasks]:
    """Tasks on `place` whose clock is turned by hand."""
    tasks = Tasks(sample.Sample(place.folder, clock).open)
    yield tasks
    tasks.close()


def test_an_hour_later_it_backs_up_by_itself(
    qtbot: QtBot, by_hand: Tasks, settle: Settle, clock: SettableClock
) -> None:
    tasks = by_hand
    watch = BackupWatch(tasks, clock, tasks)
    known: list[int | None] = []
    watch.known.connect(lambda status: known.append(status.newest_at))
    watch.look()
    assert tasks.idle, "nothing before it knows how old the newest one is"
    watch.learn()
    settle(tasks)
    watch.look()
    settle(tasks)
    assert known == [None, clock.now]
    clock.advance(DUE_AFTER_MS - 1)
    watch.look()
    assert tasks.idle
    tasks.ask(watch, rename, lambda _: None)
    settle(tasks)
    clock.advance(1)
    tasks.lock()
    watch.look()
    qtbot.waitUntil(lambda: tasks.shut)
    assert tasks.idle, "not while the window is locked"
    tasks.unlock()
    watch.look()
    watch.look()
    settle(tasks)
    assert known[2:] == [clock.now], "once"
    clock.advance(DUE_AFTER_MS)
    watch.look()
    settle(tasks)
    assert known[3:] == [clock.now - DUE_AFTER_MS], "nothing was new"
    watch.look()
    assert tasks.idle, "so it need not look again"


def rename(desk: Desk) -> None:
    record = str(list_records(desk, KIND).records[0].row["id"])
    set_fields(desk, KIND, record, {"name": "HTX Mới"})


def test_a_backup_that_cannot_be_made_is_told_once(
    window: MainWindow, settle: Settle, place: sample.Sample
) -> None:
    folder = place.workspace / "backups"
    folder.write_text("in the way", "utf-8")
    window.backup_watch.look()
    settle(window.tasks)
    assert window.banner.message.startswith("Chưa tự sao lưu được: Không ghi được bản sao lưu")
    window.banner.hide()
    window.backup_watch.look()
    settle(window.tasks)
    assert not window.banner.isVisible()
    folder.unlink()
    window.backup_watch.look()
    settle(window.tasks)
    assert window.backed_up.text().startswith("Sao lưu lần cuối")


# Files made anew


class Hands:
    """What people do between windows of one workspace."""

    def __init__(self, qtbot: QtBot, settle: Settle, place: sample.Sample) -> None:
        self.qtbot = qtbot
        self.settle = settle
        self.place = place
        door = WorkspaceDoor(
            place.workspace, passphrase_file=place.passphrase_file, clock=place.clock
        )
        self.shown: list[MainWindow] = []
        self.start = Start(door, clock=place.clock, server="", opened=self.shown.append)

    def window(self, number: int = 1) -> MainWindow:
        """The window that opens as the `number`th."""
        self.qtbot.waitUntil(lambda: len(self.shown) >= number, timeout=20_000)
        self.settle(self.start.tasks)
        return self.shown[number - 1]

    def dialog(self, kind: type[Rebuilding]) -> Rebuilding:
        def there() -> bool:
            dialog = self.start._dialog
            return isinstance(dialog, kind) and dialog.isVisible() and dialog.running is None

        self.qtbot.waitUntil(there, timeout=20_000)
        assert isinstance(self.start._dialog, kind)
        return self.start._dialog

    def names(self, window: MainWindow) -> list[str]:
        return sorted(str(one.row["name"]) for one in window.list.model.rows)


@pytest.fixture
def hands(qtbot: QtBot, settle: Settle, place: sample.Sample) -> Iterator[Hands]:
    made = Hands(qtbot, settle, place)
    yield made
    if made.start._watch is not None:
        made.start._watch.deleteLater()
    made.start.close()
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, MainWindow | Asking | QMessageBox):
            widget.hide()
            widget.deleteLater()


@pytest.fixture
def backed_up(place: sample.Sample) -> sample.Sample:
    """With a backup of three establishments; then one of them got another trade."""
    with place.open() as desk:
        desk.workspace.back_up("asked")
        record = str(list_records(desk, KIND, search="vang a pao").records[0].row["id"])
        set_fields(desk, KIND, record, {"trade": "Gốm"})
    return place


def trade(window: MainWindow) -> object:
    rows = window.list.model.rows
    return next(one.row["trade"] for one in rows if one.row["name"] == "Hộ Vàng A Páo")


def damage(folder: Path, place: Callable[[int], int]) -> None:
    file = folder / DATABASE_FILE
    content = bytearray(file.read_bytes())
    content[place(len(content))] ^= 1
    file.write_bytes(content)


def test_restoring_closes_the_window_and_opens_it_with_the_backup(
    backed_up: sample.Sample, hands: Hands
) -> None:
    hands.start.begin()
    window = hands.window()
    assert trade(window) == "Gốm"
    window.go(window.backups)
    hands.settle(window.tasks)
    window.backups.list.table.setFocus()
    window.backups.list.ask_to_restore()
    box = window.backups.list.findChildren(QMessageBox)[-1]
    assert "thiết bị mới" in box.informativeText()
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert window.isVisible()
    window.backups.list.ask_to_restore()
    box = window.backups.list.findChildren(QMessageBox)[-1]
    box.button(QMessageBox.StandardButton.Yes).click()
    assert not window.isVisible()
    dialog = hands.dialog(Restoring)
    assert dialog.said.text().startswith("Đã khôi phục dữ liệu như lúc")
    assert "set-aside" in dialog.report.text()
    dialog.accept()
    again = hands.window(2)
    assert again is not window
    assert trade(again) == "Rèn"
    assert again.banner.message.startswith("Dữ liệu đã được khôi phục từ bản sao lưu.")


def test_a_restore_that_fails_leaves_everything(backed_up: sample.Sample, hands: Hands) -> None:
    hands.start.begin()
    window = hands.window()
    window.go(window.backups)
    hands.settle(window.tasks)
    for piece in (backed_up.workspace / "backups" / "pieces").glob("*/*"):
        piece.write_bytes(b"damaged")
    window.backups.list.ask_to_restore()
    box = window.backups.list.findChildren(QMessageBox)[-1]
    box.button(QMessageBox.StandardButton.Yes).click()
    dialog = hands.dialog(Restoring)
    assert dialog.said.text() == "Chưa khôi phục. Dữ liệu vẫn như trước."
    assert "hỏng" in dialog.trouble.text()
    dialog.accept()
    hands.qtbot.waitUntil(window.isVisible)
    window.go(window.list)
    hands.settle(window.tasks)
    assert trade(window) == "Gốm"
    assert hands.shown == [window]


@pytest.mark.parametrize("where", ["first page", "gone"])
def test_a_damaged_file_is_told_and_rescued(
    backed_up: sample.Sample, hands: Hands, where: str
) -> None:
    if where == "gone":
        (backed_up.workspace / DATABASE_FILE).unlink()
    else:
        damage(backed_up.workspace, lambda _: PAGE // 2)
    hands.start.begin()
    dialog = hands.dialog(Rescue)
    assert isinstance(dialog, Rescue)
    assert dialog.title.text() == "Tệp dữ liệu không mở được"
    assert "(3 thay đổi)" in dialog.report.text()
    dialog.look_also_in(Path("nơi khác"))
    assert "nơi khác" in dialog.report.text()
    dialog.others = None
    dialog.rescue()
    dialog = hands.dialog(Rescue)
    assert dialog.said.text().startswith("Đã cứu được "), dialog.trouble.text()
    if where == "gone":
        assert "•  thay đổi số 4, từ " in dialog.report.text()
    dialog.open_button.click()
    window = hands.window()
    assert len(hands.names(window)) == 3
    assert trade(window) == ("Rèn" if where == "gone" else "Gốm")


def test_a_file_that_was_put_back_lacks_changes(place: sample.Sample, hands: Hands) -> None:
    old = (place.workspace / DATABASE_FILE).read_bytes()
    with place.open() as desk:
        record = str(list_records(desk, KIND).records[0].row["id"])
        desk.workspace.back_up("asked")
        set_fields(desk, KIND, record, {"trade": "Gốm"})
    for file in place.workspace.glob(f"{DATABASE_FILE}*"):
        file.unlink()
    (place.workspace / DATABASE_FILE).write_bytes(old)
    hands.start.begin()
    dialog = hands.dialog(Rescue)
    assert isinstance(dialog, Rescue)
    assert dialog.title.text() == "Dữ liệu thiếu các thay đổi mới nhất"
    assert "các thay đổi số 4" in dialog.said.text()
    dialog.rescue()
    hands.dialog(Rescue)
    assert "Còn thiếu:\n  •  thay đổi số 4" in dialog.report.text()
    dialog.accept()
    assert len(hands.names(hands.window())) == 3


def test_nothing_to_rescue_from_says_what_to_do(place: sample.Sample, hands: Hands) -> None:
    (place.workspace / DATABASE_FILE).unlink()
    hands.start.begin()
    dialog = hands.dialog(Rescue)
    assert isinstance(dialog, Rescue)
    assert "chưa thấy bản nào" in dialog.report.text()
    dialog.rescue()
    hands.dialog(Rescue)
    assert "Tìm thêm ở ổ khác" in dialog.trouble.text()
    assert dialog.begin_button.isVisible()
    assert not dialog.open_button.isVisible()


def test_damage_that_shows_while_the_window_is_open(backed_up: sample.Sample, hands: Hands) -> None:
    hands.start.begin()
    window = hands.window()
    hands.start.tasks.lock()
    hands.qtbot.waitUntil(lambda: hands.start.tasks.shut)
    damage(backed_up.workspace, lambda size: size - PAGE // 2)
    hands.start.tasks.unlock()
    window.go(window.backups)
    window.backups.check()
    hands.settle(window.tasks)
    assert window.backups.rescue_button.isVisible(), window.banner.message
    assert not window.backups.repair_button.isVisible()
    window.backups.rescue_button.click()
    dialog = hands.dialog(Rescue)
    assert isinstance(dialog, Rescue)
    assert not window.isVisible()
    dialog.rescue()
    hands.dialog(Rescue)
    dialog.accept()
    again = hands.window(2)
    assert trade(again) == "Gốm"
    with_again = hands.start.tasks
    again.go(again.backups)
    again.backups.check()
    hands.settle(with_again)
    assert again.backups.checked.text().startswith("Mọi thứ đúng")


def test_a_workspace_that_is_open_elsewhere_can_be_tried_again(
    place: sample.Sample, hands: Hands
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place.workspace)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        hands.start.begin()

        def box() -> QMessageBox | None:
            found = getattr(hands.start, "_box", None)
            return found if found is not None and found.isVisible() else None

        hands.qtbot.waitUntil(lambda: box() is not None, timeout=10_000)
        refused = box()
        assert refused is not None
        assert "cửa sổ kcdesk khác" in refused.text()
        other.communicate("")
    refused.button(QMessageBox.StandardButton.Retry).click()
    assert len(hands.names(hands.window())) == 3


def test_who_opens_by_the_recovery_code_on_another_computer_is_told_too(
    place: sample.Sample, hands: Hands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The code opens the file once before the window does."""
    with place.open() as desk:
        code = new_recovery_code(desk)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another computer"))
    hands.start.door.recover(code, "mật khẩu mới")
    hands.start.begin()
    window = hands.window()
    assert "bản chép từ máy khác" in window.banner.message
    window.close()
    hands.qtbot.waitUntil(lambda: not window.isVisible())

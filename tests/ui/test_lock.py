"""Locking the window, going on, and the next person at the same computer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from kcdesk.app import WorkspaceDoor
from kcdesk.ui import sample
from kcdesk.ui.idle import IdleWatch
from kcdesk.ui.screens.asking import Asking
from kcdesk.ui.screens.first_start import FirstStart, RecoveryCode
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.unlock import Protect, Recover, Unlock, WhoIsThere
from kcdesk.ui.start import Start
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow
from tests.conftest import SettableClock
from tests.storage.test_instance_lock import refused_elsewhere
from tests.storage.test_keys import InMemory
from tests.ui.hands import Settle

HOA, SON = "mật khẩu của Hoa", "mật khẩu của Sơn"


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemory]:
    """A computer account that nobody has used, with a keyring."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    before = keyring.get_keyring()
    backend = InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


class Hands:
    """What people do before and between windows."""

    def __init__(self, qtbot: QtBot, settle: Settle, clock: SettableClock) -> None:
        self.qtbot = qtbot
        self.settle = settle
        self.clock = clock
        self.shown: list[MainWindow] = []
        door = WorkspaceDoor(None, own_folder=False, clock=clock)
        self.start = Start(door, clock=clock, server="", opened=self.shown.append)

    def dialog(self, kind: type[Asking]) -> Asking:
        """The dialog of this kind, once it is there."""
        self.qtbot.waitUntil(
            lambda: type(self.start._dialog) is kind and self.start._dialog.isVisible(),
            timeout=10_000,
        )
        assert self.start._dialog is not None
        return self.start._dialog

    def window(self) -> MainWindow:
        """The window of who is there, once it shows."""
        self.qtbot.waitUntil(
            lambda: self.start.window is not None and self.start.window.isVisible(), timeout=10_000
        )
        assert self.start.window is not None
        self.settle(self.start.tasks)
        return self.start.window

    def sign_up(self, name: str, passphrase: str) -> MainWindow:
        """From the first start over the recovery code to the window."""
        dialog = self.dialog(FirstStart)
        assert isinstance(dialog, FirstStart)
        self.settle(self.start.tasks)
        dialog.person.setText(name)
        dialog.area.choose("old:082")
        dialog.locks.first.setText(passphrase)
        dialog.locks.again.setText(passphrase)
        dialog.create_workspace()
        shown = self.dialog(RecoveryCode)
        assert isinstance(shown, RecoveryCode)
        assert shown.page.startswith(b"%PDF")
        QTest.keyClick(shown, Qt.Key.Key_Escape)
        assert shown.isVisible()
        shown.accept()
        return self.window()

    def unlock(self, passphrase: str) -> MainWindow:
        dialog = self.dialog(Unlock)
        assert isinstance(dialog, Unlock)
        dialog.passphrase.setText(passphrase)
        dialog.try_passphrase()
        return self.window()

    def choose(self, name: str) -> None:
        dialog = self.dialog(WhoIsThere)
        assert isinstance(dialog, WhoIsThere)
        found = [at for at in dialog.buttons if at.text().startswith(name)]
        found[0].click()

    def wait_until_shut(self) -> None:
        self.qtbot.waitUntil(lambda: self.start.tasks.shut, timeout=10_000)


@pytest.fixture
def hands(qtbot: QtBot, settle: Settle, clock: SettableClock) -> Iterator[Hands]:
    made = Hands(qtbot, settle, clock)
    yield made
    if made.start._watch is not None:
        made.start._watch.deleteLater()
    made.start.close()
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, MainWindow | Asking):
            widget.hide()
            widget.deleteLater()


@pytest.fixture
def hoa(hands: Hands, account: InMemory) -> Hands:
    """With Hoa at the computer, who has a passphrase."""
    hands.start.begin()
    hands.sign_up("Hoa", "")
    folder = hands.start.door.folder
    assert folder is not None
    hands.start.door.protect(hands.start.door.people()[0], HOA)
    hands.start.window.offer_people(shared=True, locks=True)  # type: ignore[union-attr]
    hands.start._watch_idle()
    return hands


def test_ctrl_l_closes_the_workspace_and_forgets_its_key(hoa: Hands) -> None:
    window = hoa.window()
    folder = hoa.start.door.folder
    assert folder is not None
    assert refused_elsewhere(folder)
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    hoa.dialog(Unlock)
    hoa.wait_until_shut()
    assert not window.isVisible()
    assert hoa.start.door.state == "locked"
    assert hoa.start.tasks._desk is None
    assert not refused_elsewhere(folder)
    assert hoa.unlock(HOA) is window
    assert refused_elsewhere(folder)


def test_what_was_typed_is_there_after_unlocking(hoa: Hands) -> None:
    window = hoa.window()
    window.open_record("")
    hoa.settle(hoa.start.tasks)
    screen = window.up
    assert isinstance(screen, RecordScreen)
    screen.fields["name"].type("Hộ chưa lưu")
    hoa.start.lock()
    hoa.wait_until_shut()
    hoa.unlock(HOA)
    assert window.up is screen
    assert screen.fields["name"].text == "Hộ chưa lưu"
    screen.save(lambda: None)
    hoa.settle(hoa.start.tasks)
    window.go(window.list)
    hoa.settle(hoa.start.tasks)
    assert window.list.model.rowCount() == 1


def test_a_dialog_of_the_window_is_locked_with_it(hoa: Hands) -> None:
    window = hoa.window()
    dialog = QDialog(window)
    dialog.open()
    ended: list[int] = []
    dialog.finished.connect(ended.append)
    hoa.start.lock()
    hoa.wait_until_shut()
    assert not dialog.isVisible()
    hoa.unlock(HOA)
    assert dialog.isVisible()
    assert ended == []


def test_a_locked_window_with_something_unsaved_is_not_thrown_away(hoa: Hands) -> None:
    window = hoa.window()
    window.open_record("")
    hoa.settle(hoa.start.tasks)
    assert isinstance(window.up, RecordScreen)
    window.up.fields["name"].type("Hộ chưa lưu")
    hoa.start.lock()
    hoa.wait_until_shut()
    dialog = hoa.dialog(Unlock)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert hoa.dialog(Unlock).trouble.text().startswith("Hoa còn nội dung chưa lưu")
    assert hoa.unlock(HOA).up.unsaved


def test_work_waits_while_it_is_locked(hoa: Hands) -> None:
    tasks = hoa.start.tasks
    hoa.start.lock()
    hoa.wait_until_shut()
    done: list[str] = []
    owner = QObject()
    tasks.network(owner, lambda desk, _: desk.workspace.person, done.append)
    tasks.ask(owner, lambda desk: desk.workspace.person, done.append)
    hoa.qtbot.waitUntil(lambda: len(tasks._on_network) == 1)
    # the dialog's own work goes past them
    hoa.unlock(HOA)
    assert done == ["Hoa", "Hoa"]


def test_the_program_ends_while_it_is_locked(hoa: Hands) -> None:
    hoa.start.lock()
    hoa.wait_until_shut()
    owner = QObject()
    hoa.start.tasks.network(owner, lambda desk, _: 1, lambda _: None)
    hoa.start.tasks.ask(owner, lambda desk: 1, lambda _: None)
    hoa.start.close()  # returns


def test_without_a_passphrase_there_is_nothing_to_lock(hands: Hands) -> None:
    hands.start.begin()
    window = hands.sign_up("Hoa", "")
    assert window.lock_link.isHidden()
    hands.start.lock()
    assert window.isVisible()
    assert hands.start._watch is None


def test_nobody_there_for_ten_minutes_locks(hoa: Hands) -> None:
    window = hoa.window()
    watch = hoa.start._watch
    assert watch is not None
    assert watch.after_ms == 600_000
    hoa.clock.advance(599_000)
    watch.look()
    assert window.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Tab)
    hoa.clock.advance(599_000)
    watch.look()
    assert window.isVisible()
    hoa.clock.advance(1_000)
    watch.look()
    hoa.dialog(Unlock)
    assert not window.isVisible()


def _moved() -> QMouseEvent:
    none = Qt.MouseButton.NoButton
    at = QPointF(5, 5)
    return QMouseEvent(QEvent.Type.MouseMove, at, at, none, none, Qt.KeyboardModifier.NoModifier)


@pytest.mark.parametrize(
    "sign",
    [
        lambda widget: QTest.keyClick(widget, Qt.Key.Key_A),
        lambda widget: QTest.mouseClick(widget, Qt.MouseButton.LeftButton),
        lambda widget: QApplication.sendEvent(widget, _moved()),
    ],
)
def test_signs_of_life(qtbot: QtBot, clock: SettableClock, sign: Callable[[QWidget], None]) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    left: list[bool] = []
    watch = IdleWatch(clock, 1_000, widget)
    watch.left.connect(lambda: left.append(True))
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(watch)
    clock.advance(999)
    sign(widget)
    QApplication.sendEvent(widget, QEvent(QEvent.Type.UpdateRequest))  # none
    clock.advance(999)
    watch.look()
    assert left == []
    clock.advance(1)
    for _ in range(2):
        watch.look()
    assert left == [True]
    sign(widget)
    clock.advance(1_000)
    watch.look()
    assert left == [True, True]


def test_a_second_person_makes_the_first_one_choose_a_passphrase(
    hands: Hands, account: InMemory
) -> None:
    hands.start.begin()
    window = hands.sign_up("Hoa", "")
    assert not window.people_link.isHidden()
    window.people_link.click()
    who = hands.dialog(WhoIsThere)
    assert isinstance(who, WhoIsThere)
    assert [at.text() for at in who.buttons] == ["Hoa  (Ctrl+1)"]
    who._choose(None)
    protect = hands.dialog(Protect)
    assert isinstance(protect, Protect)
    protect.locks.first.setText("ngắn")
    protect.set_passphrase()
    assert "ít nhất 8 ký tự" in protect.trouble.text()
    for line in (protect.locks.first, protect.locks.again):
        line.setText(HOA)
    protect.set_passphrase()
    signing_up = hands.dialog(FirstStart)
    assert isinstance(signing_up, FirstStart)
    assert signing_up.locks.isVisible()
    assert hands.sign_up("Sơn", SON).person.text() == "Sơn"
    assert account.kept == {}
    assert [one.name for one in hands.start.door.people()] == ["Hoa", "Sơn"]


def test_a_passphrase_that_was_forgotten_is_replaced_by_the_code(hands: Hands) -> None:
    hands.start.begin()
    dialog = hands.dialog(FirstStart)
    hands.sign_up("Hoa", "")
    assert isinstance(dialog, FirstStart)
    code = dialog.code
    hands.start.door.protect(hands.start.door.people()[0], HOA)
    hands.start.lock()
    unlock = hands.dialog(Unlock)
    assert isinstance(unlock, Unlock)
    unlock.recover.click()
    recover = hands.dialog(Recover)
    assert isinstance(recover, Recover)
    recover.code.setText(code[:-1] + ("0" if code[-1] != "0" else "1"))
    for line in (recover.locks.first, recover.locks.again):
        line.setText(SON)
    recover.try_code()
    hands.qtbot.waitUntil(lambda: "Nhóm thứ 9" in recover.trouble.text())
    recover.code.setText(code.lower().replace("-", " "))
    recover.try_code()
    hands.window()
    hands.start.lock()
    hands.unlock(SON)


def test_a_keyring_that_forgot_asks_for_the_code(hands: Hands, account: InMemory) -> None:
    hands.start.begin()
    dialog = hands.dialog(FirstStart)
    hands.sign_up("Hoa", "")
    assert isinstance(dialog, FirstStart)
    key = dict(account.kept)
    account.kept.clear()
    again = Hands(hands.qtbot, hands.settle, hands.clock)
    again.start = Start(
        WorkspaceDoor(hands.start.door.folder, own_folder=False, clock=hands.clock),
        clock=hands.clock,
        server="",
        opened=None,
    )
    again.start.begin()
    recover = again.dialog(Recover)
    assert isinstance(recover, Recover)
    recover.code.setText(dialog.code)
    recover.try_code()
    again.window()
    assert account.kept == key
    again.start.close()


def two_people(hands: Hands) -> None:
    """Hoa has a form open that is not saved, and Sơn has signed up."""
    window = hands.window()
    window.open_record("")
    hands.settle(hands.start.tasks)
    assert isinstance(window.up, RecordScreen)
    window.up.fields["name"].type("Hộ chưa lưu")
    hands.start.other_person()
    who = hands.dialog(WhoIsThere)
    assert isinstance(who, WhoIsThere)
    who._choose(None)
    hands.sign_up("Sơn", SON)


def test_each_person_sees_only_their_own(hoa: Hands) -> None:
    two_people(hoa)
    sons = hoa.window()
    assert sons.person.text() == "Sơn"
    assert sons.list.model.rowCount() == 0
    hoa.start.other_person()
    hoa.choose("Hoa")
    window = hoa.unlock(HOA)
    assert window.person.text() == "Hoa"
    assert isinstance(window.up, RecordScreen)
    assert window.up.fields["name"].text == "Hộ chưa lưu"
    # Sơn had nothing unsaved: that window is gone, and so are its threads
    assert hoa.start._asleep == {}


@pytest.mark.alone
def test_changing_the_person_takes_less_than_five_seconds(hoa: Hands, full_workspace: Path) -> None:
    two_people(hoa)
    hoa.start.other_person()
    hoa.wait_until_shut()
    began = time.perf_counter()
    hoa.choose("Hoa")
    hoa.unlock(HOA)
    changed = time.perf_counter()
    hoa.start.lock()
    hoa.wait_until_shut()
    unlocking = time.perf_counter()
    hoa.unlock(HOA)
    unlocked = time.perf_counter()
    assert changed - began < 5
    assert unlocked - unlocking < 5


def test_start_asks_who_is_there(hoa: Hands) -> None:
    two_people(hoa)
    hoa.start.close()
    again = Hands(hoa.qtbot, hoa.settle, hoa.clock)
    again.start.begin()
    again.choose("Sơn")
    assert again.unlock(SON).person.text() == "Sơn"
    again.start.close()


def test_a_bad_folder_is_warned_of_once(
    qtbot: QtBot, settle: Settle, tmp_path: Path, clock: SettableClock
) -> None:
    door = WorkspaceDoor(tmp_path / "OneDrive - Sở" / "kcdesk", clock=clock)
    tasks = Tasks(door.open)
    dialog = FirstStart(tasks, door)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(tasks)
    dialog.person.setText(sample.PERSON)
    dialog.area.choose("old:082")
    dialog.create_workspace()
    assert "OneDrive" in dialog.trouble.text()
    assert door.state == "new"
    with qtbot.waitSignal(dialog.accepted):
        dialog.create_workspace()
    assert door.state == "open"
    tasks.close()

"""Who is there, and what opens their workspace: a passphrase, or the recovery code where it was forgotten."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit

from kcdesk.actions.people import Person
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.asking import Asking, Door, NewPassphrase, caption
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.widgets.parts import button, column, heading, label, link, row


class WhoIsThere(Asking):
    """The people of this computer, to choose from by the arrow keys, by a number or by a click."""

    chosen = Signal(object)
    """The person, or None for somebody who has no workspace yet."""

    def __init__(self, tasks: Tasks, door: Door) -> None:
        super().__init__(tasks, door)
        self.setWindowTitle(self.tr("kcdesk: ai đang dùng máy"))
        self.people = list(door.people())
        self.buttons = [
            button(person.name, partial(self._choose, person), key=f"Ctrl+{number}")
            for number, person in enumerate(self.people, start=1)
        ]
        self.setLayout(
            column(
                heading(self.tr("Ai đang dùng máy?"), theme.TITLE_PT),
                *self.buttons,
                row(link(self.tr("Thêm người"), lambda: self._choose(None)), None),
                None,
                row(None, button(self.tr("Thoát"), self.reject)),
                gap=theme.SPACE,
                margin=theme.WIDE,
            )
        )

    def _choose(self, person: Person | None) -> None:
        self.accept()
        self.chosen.emit(person)


class Unlock(Asking):
    """Asks for the passphrase of a workspace."""

    other_wanted = Signal()
    """Somebody else is there."""
    recovery_wanted = Signal()
    """The passphrase is not known any more."""

    def __init__(self, tasks: Tasks, door: Door) -> None:
        super().__init__(tasks, door)
        self.setWindowTitle(self.tr("kcdesk: mở khoá"))
        name = next((one.name for one in door.people() if one.folder == door.folder), "")
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        form = QFormLayout()
        form.addRow(caption(self.tr("Mật khẩu")), self.passphrase)
        self.unlock = button(self.tr("Mở khoá"), self.try_passphrase, key="Return", main=True)
        self.recover = link(self.tr("Mở bằng mã khôi phục"), self.recovery_wanted.emit)
        self.other = link(self.tr("Người khác dùng máy"), self.other_wanted.emit)
        self.other.setVisible(bool(door.people()))
        self.setLayout(
            column(
                heading(self.tr("Dữ liệu đang khoá"), theme.TITLE_PT),
                *([label(name, quiet=True)] if name else []),
                form,
                row(self.recover, self.other, None),
                self.trouble,
                self.progress,
                None,
                row(None, button(self.tr("Thoát"), self.reject), self.unlock),
                gap=theme.SPACE,
                margin=theme.WIDE,
            )
        )

    def try_passphrase(self) -> None:
        passphrase = self.passphrase.text()
        self.say("")
        self.set_busy(True)
        self.tasks.outside(
            self,
            lambda: self.door.unlock(passphrase),
            lambda _: self._opened(),
            failed=self.failed,
        )

    def _opened(self) -> None:
        self.passphrase.clear()
        self.accept()

    def failed(self, error: KcdeskError) -> None:
        super().failed(error)
        self.passphrase.setFocus()
        self.passphrase.selectAll()


class Recover(Asking):
    """Asks for the recovery code, and for the passphrase that opens the workspace from now on."""

    def __init__(self, tasks: Tasks, door: Door) -> None:
        super().__init__(tasks, door)
        self.setWindowTitle(self.tr("kcdesk: mã khôi phục"))
        self.code = QLineEdit()
        self.code.setPlaceholderText(self.tr("chín nhóm trên tờ giấy"))
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE)
        form.addRow(caption(self.tr("Mã khôi phục")), self.code)
        self.locks = NewPassphrase()
        self._may_be_empty = not door.has_passphrase
        self.open_button = button(self.tr("Mở"), self.try_code, key="Return", main=True)
        self.setLayout(
            column(
                heading(self.tr("Mở bằng mã khôi phục"), theme.TITLE_PT),
                form,
                label(self._words(), quiet=True, wrap=True),
                self.locks,
                self.trouble,
                self.progress,
                None,
                row(None, button(self.tr("Thoát"), self.reject), self.open_button),
                gap=theme.SPACE,
                margin=theme.WIDE,
            )
        )

    def try_code(self) -> None:
        code, passphrase = self.code.text(), self.locks.text
        problem = "" if self._may_be_empty and not passphrase else self.locks.problem()
        self.say(problem)
        if problem:
            return
        self.set_busy(True)
        self.tasks.outside(
            self,
            lambda: self.door.recover(code, passphrase),
            lambda _: self._opened(),
            failed=self.failed,
        )

    def _opened(self) -> None:
        for line in self.findChildren(QLineEdit):
            line.clear()
        self.accept()

    def _words(self) -> str:
        if self._may_be_empty:
            return self.tr(
                "Khoá sẽ được ghi lại vào kho khoá của máy. Kho khoá của máy không dùng được nữa thì "
                "đặt một mật khẩu riêng ở đây."
            )
        return self.tr("Đặt mật khẩu mới; mật khẩu cũ thôi dùng.")


class Protect(Asking):
    """Asks the person who was alone on this computer for a passphrase, before somebody else joins."""

    def __init__(self, tasks: Tasks, door: Door, person: Person) -> None:
        super().__init__(tasks, door)
        self.setWindowTitle(self.tr("kcdesk: mật khẩu riêng"))
        self.person = person
        self.locks = NewPassphrase()
        self.set_button = button(
            self.tr("Đặt mật khẩu"), self.set_passphrase, key="Return", main=True
        )
        words = self.tr(
            "Dữ liệu của {0} đang mở bằng kho khoá của tài khoản máy, nên người dùng chung tài khoản "
            "cũng mở được. {0} đặt mật khẩu riêng trước khi thêm người."
        )
        self.setLayout(
            column(
                heading(self.tr("Mật khẩu của {0}").format(person.name), theme.TITLE_PT),
                label(words.format(person.name), quiet=True, wrap=True),
                self.locks,
                self.trouble,
                self.progress,
                None,
                row(None, button(self.tr("Thôi"), self.reject), self.set_button),
                gap=theme.SPACE,
                margin=theme.WIDE,
            )
        )

    def set_passphrase(self) -> None:
        problem = self.locks.problem()
        self.say(problem)
        if problem:
            return
        passphrase = self.locks.text
        self.set_busy(True)
        self.tasks.outside(
            self,
            lambda: self.door.protect(self.person, passphrase),
            lambda _: self.accept(),
            failed=self.failed,
        )

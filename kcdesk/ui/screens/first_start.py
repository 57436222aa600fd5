"""Before the first window: making a workspace, or opening one that a passphrase locks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol

from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QLineEdit, QProgressBar, QWidget

from kcdesk.actions.desk import Desk, shipped_units
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.errors import KcdeskError, NoKey
from kcdesk.ui import theme
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.widgets.parts import button, clear, column, heading, label, link, row
from kcdesk.ui.widgets.search_choice import Option, SearchChoice

SHORTEST_PASSPHRASE = 8


class Door(Protocol):
    """The way to a workspace, which may not exist yet or be locked. Called from worker threads."""

    @property
    def state(self) -> Literal["new", "locked", "open"]: ...

    def create(self, person: str, areas: Sequence[str], passphrase: str) -> None:
        """Make the workspace; with an empty passphrase its key goes into the keyring. Raises `KcdeskError`."""

    def unlock(self, passphrase: str) -> None:
        """Raises `WrongKey`."""

    def open(self) -> AbstractContextManager[Desk]: ...


class _Asking(QDialog):
    """A dialog that works away from the window's thread and says below what went wrong."""

    def __init__(self, tasks: Tasks, door: Door) -> None:
        super().__init__()
        self.tasks = tasks
        self.door = door
        self.trouble = label(wrap=True)
        self.trouble.setProperty("note", "error")
        self.trouble.hide()
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setAccessibleName(self.tr("Đang làm"))
        self.progress.hide()
        self.setMinimumWidth(600)

    def say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def set_busy(self, busy: bool) -> None:
        self.progress.setVisible(busy)
        for part in self.findChildren(QWidget):
            if part.property("main") or isinstance(part, QLineEdit):
                part.setEnabled(not busy)

    def failed(self, error: KcdeskError) -> None:
        self.set_busy(False)
        self.say(f"{error.message} {error.hint}".strip())


class FirstStart(_Asking):
    """Asks for a name and the areas, and for a passphrase where the machine has no keyring."""

    def __init__(self, tasks: Tasks, door: Door) -> None:
        super().__init__(tasks, door)
        self.setWindowTitle(self.tr("kcdesk: bắt đầu"))
        self.areas: list[Option] = []
        self.person = QLineEdit()
        self.person.setPlaceholderText(self.tr("ví dụ: Nguyễn Thị Hoa"))
        self.area = SearchChoice()
        self.area.setPlaceholderText(self.tr("gõ tên xã, phường, huyện cũ, tỉnh hoặc tỉnh cũ"))
        self.area.picked.connect(self._add)
        self._chosen = column(gap=theme.TIGHT)
        self.passphrase, self.again = QLineEdit(), QLineEdit()
        for line in (self.passphrase, self.again):
            line.setEchoMode(QLineEdit.EchoMode.Password)
        self._locks = QWidget()
        lock = QFormLayout(self._locks)
        lock.setContentsMargins(0, 0, 0, 0)
        lock.addRow(
            label(
                self.tr(
                    "Máy này không có kho khoá dùng được, nên dữ liệu cần một mật khẩu riêng. "
                    "Quên mật khẩu là mất dữ liệu chưa gửi về tỉnh."
                ),
                quiet=True,
                wrap=True,
            )
        )
        lock.addRow(_caption(self.tr("Mật khẩu")), self.passphrase)
        lock.addRow(_caption(self.tr("Gõ lại mật khẩu")), self.again)
        self._locks.hide()
        form = QFormLayout()
        form.setVerticalSpacing(theme.GAP)
        form.addRow(_caption(self.tr("Họ và tên")), self.person)
        form.addRow(_caption(self.tr("Địa bàn phụ trách")), self.area)
        form.addRow("", self._chosen)
        self.start = button(self.tr("Bắt đầu"), self.create_workspace, key="Return", main=True)
        quit_ = button(self.tr("Thoát"), self.reject)
        self.setLayout(
            column(
                heading(self.tr("Bắt đầu dùng kcdesk"), theme.TITLE_PT),
                label(
                    self.tr(
                        "Dữ liệu được mã hoá và nằm trên máy này. Nối với tỉnh lúc nào cũng được, "
                        "không phải ghi lại từ đầu."
                    ),
                    quiet=True,
                    wrap=True,
                ),
                form,
                self._locks,
                self.trouble,
                self.progress,
                None,
                row(None, quit_, self.start),
                gap=theme.SPACE,
                margin=theme.WIDE,
            )
        )
        tasks.outside(self, shipped_units, self._offer)

    def create_workspace(self) -> None:
        """Make the workspace from what was typed."""
        problem = self._problem()
        self.say(problem)
        if problem:
            return
        person, codes = self.person.text().strip(), [area.code for area in self.areas]
        passphrase = self.passphrase.text()
        self.set_busy(True)
        self.tasks.outside(
            self,
            lambda: self.door.create(person, codes, passphrase),
            lambda _: self.accept(),
            failed=self.failed,
        )

    def failed(self, error: KcdeskError) -> None:
        super().failed(error)
        if isinstance(error, NoKey) and not self._locks.isVisible():
            self.say("")
            self._locks.show()
            self.passphrase.setFocus()

    def _problem(self) -> str:
        if not self.person.text().strip():
            return self.tr("Ghi họ và tên của bạn: mỗi thay đổi đều mang tên người ghi.")
        if not self.areas:
            return self.tr("Chọn ít nhất một địa bàn: gõ vài chữ rồi chọn trong danh sách.")
        if self._locks.isVisible():
            if len(self.passphrase.text()) < SHORTEST_PASSPHRASE:
                return self.tr("Mật khẩu cần ít nhất {0} ký tự.").format(SHORTEST_PASSPHRASE)
            if self.passphrase.text() != self.again.text():
                return self.tr("Hai lần gõ mật khẩu không giống nhau.")
        return ""

    def _offer(self, units: AdministrativeUnits) -> None:
        self.area.set_options(area_options(units))

    def _add(self, code: str) -> None:
        if code and all(area.code != code for area in self.areas):
            self.areas.append(Option(code, self.area.text()))
        self.area.set_code("")
        self._list_areas()

    def _remove(self, area: Option) -> None:
        self.areas.remove(area)
        self._list_areas()

    def _list_areas(self) -> None:
        clear(self._chosen)
        for area in self.areas:

            def drop(area: Option = area) -> None:
                self._remove(area)

            self._chosen.addLayout(row(label(area.name), link(self.tr("Bỏ"), drop), None))


class Unlock(_Asking):
    """Asks for the passphrase of a workspace."""

    def __init__(self, tasks: Tasks, door: Door) -> None:
        super().__init__(tasks, door)
        self.setWindowTitle(self.tr("kcdesk: mở khoá"))
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        form = QFormLayout()
        form.addRow(_caption(self.tr("Mật khẩu")), self.passphrase)
        self.unlock = button(self.tr("Mở khoá"), self.try_passphrase, key="Return", main=True)
        quit_ = button(self.tr("Thoát"), self.reject)
        self.setLayout(
            column(
                heading(self.tr("Dữ liệu đang khoá"), theme.TITLE_PT),
                form,
                self.trouble,
                self.progress,
                None,
                row(None, quit_, self.unlock),
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
            lambda _: self.accept(),
            failed=self.failed,
        )

    def failed(self, error: KcdeskError) -> None:
        super().failed(error)
        self.passphrase.setFocus()
        self.passphrase.selectAll()


def area_options(units: AdministrativeUnits) -> list[Option]:
    """Everything that can be an area: provinces and communes of today, former provinces and districts."""
    groups = (
        ("", units.provinces.values()),
        ("old:", units.old_provinces.values()),
        ("old:", units.old_districts.values()),
        ("", units.new_communes.values()),
    )
    return [
        Option(f"{prefix}{unit.code}", units.display_name(unit))
        for prefix, members in groups
        for unit in members
    ]


def _caption(text: str) -> QLabel:
    made = label(text)
    made.setMinimumWidth(170)
    return made

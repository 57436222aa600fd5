"""Before the first window: making a workspace, and putting its recovery code away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFormLayout, QLineEdit

from kcdesk.actions.desk import shipped_units
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.errors import KcdeskError, NoKey
from kcdesk.ui import theme
from kcdesk.ui.screens.asking import Asking, Door, NewPassphrase, caption
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.widgets.parts import button, clear, column, heading, label, link, row
from kcdesk.ui.widgets.search_choice import Option, SearchChoice

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


class FirstStart(Asking):
    """Asks for a name and the areas; for a passphrase where the machine has no keyring or others use it too.

    Warns of a bad folder once; who goes on has seen it. `code` is the recovery code once there is a workspace.
    """

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
        self.code = ""
        self._warned = False
        self.locks = NewPassphrase()
        self._why_locks = label(quiet=True, wrap=True)
        self.locks.rows.insertRow(0, self._why_locks)
        self.locks.hide()
        form = QFormLayout()
        form.setVerticalSpacing(theme.GAP)
        form.setHorizontalSpacing(theme.SPACE)
        form.addRow(caption(self.tr("Họ và tên")), self.person)
        form.addRow(caption(self.tr("Địa bàn phụ trách")), self.area)
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
                self.locks,
                self.trouble,
                self.progress,
                None,
                row(None, quit_, self.start),
                gap=theme.SPACE,
                margin=theme.WIDE,
            )
        )
        tasks.outside(self, shipped_units, self._offer)
        if door.people():
            self._ask_passphrase(
                self.tr("Nhiều người dùng chung máy này, nên mỗi người có mật khẩu riêng.")
            )

    def create_workspace(self) -> None:
        """Make the workspace from what was typed."""
        problem = self._problem()
        self.say(problem)
        if problem:
            return
        person, codes = self.person.text().strip(), [area.code for area in self.areas]
        passphrase = self.locks.text
        self.set_busy(True)
        self.tasks.outside(
            self,
            lambda: self.door.create(person, codes, passphrase),
            self._made,
            failed=self.failed,
        )

    def _made(self, code: str) -> None:
        self.code = code
        self.accept()

    def failed(self, error: KcdeskError) -> None:
        super().failed(error)
        if isinstance(error, NoKey) and not self.locks.isVisible():
            self.say("")
            self._ask_passphrase(
                self.tr("Máy này không có kho khoá dùng được, nên dữ liệu cần một mật khẩu riêng.")
            )
            self.locks.first.setFocus()

    def _ask_passphrase(self, why: str) -> None:
        self._why_locks.setText(why)
        self.locks.show()

    def _problem(self) -> str:
        if not self.person.text().strip():
            return self.tr("Ghi họ và tên của bạn: mỗi thay đổi đều mang tên người ghi.")
        if not self.areas:
            return self.tr("Chọn ít nhất một địa bàn: gõ vài chữ rồi chọn trong danh sách.")
        if not self.locks.isHidden() and (problem := self.locks.problem()):
            return problem
        if not self._warned and (findings := self.door.findings):
            self._warned = True
            told = " ".join(f"{finding.message} {finding.hint}" for finding in findings)
            return told + " " + self.tr("Vẫn muốn dùng thư mục này thì bấm Bắt đầu lần nữa.")
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


class RecoveryCode(Asking):
    """Shows the recovery code of a new workspace once, to be printed or written down."""

    def __init__(self, tasks: Tasks, door: Door, code: str, page: bytes) -> None:
        super().__init__(tasks, door)
        self.setWindowTitle(self.tr("kcdesk: mã khôi phục"))
        self.page = page
        groups = code.split("-")
        lines = ("   ".join(groups[at : at + 3]) for at in range(0, len(groups), 3))
        self.code = label("\n".join(lines))
        self.code.setFont(theme.sized(self.code.font(), theme.TITLE_PT, bold=True))
        self.code.setAccessibleName(self.tr("Mã khôi phục"))
        self.print_button = button(self.tr("In ra giấy"), self._choose_printer, key="Ctrl+P")
        self.go_on = button(self.tr("Tôi đã cất mã"), self.accept, key="Return", main=True)
        self.setLayout(
            column(
                heading(self.tr("Mã khôi phục"), theme.TITLE_PT),
                label(
                    self.tr(
                        "In ra giấy, hoặc chép tay, rồi cất xa máy. Quên mật khẩu hay mất kho khoá thì "
                        "chỉ mã này mở được dữ liệu. Mã chỉ hiện một lần này."
                    ),
                    quiet=True,
                    wrap=True,
                ),
                self.code,
                self.trouble,
                None,
                row(None, self.print_button, self.go_on),
                gap=theme.SPACE,
                margin=theme.WIDE,
            )
        )

    def reject(self) -> None:
        """Escape does not put a code away; only the button says so."""

    def _choose_printer(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # noqa: PLC0415 -- seldom needed

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if QPrintDialog(printer, self).exec():
            self.print_on(printer)

    def print_on(self, printer: QPrinter) -> None:
        """Send the page to a printer, off the window's thread; nothing of it is written to a file."""
        from kcdesk.ui.screens.preview import paint_pages  # noqa: PLC0415 -- loads QtPdf

        page = self.page
        self.tasks.outside(
            self,
            lambda: paint_pages(page, printer),
            lambda _: self.say(self.tr("Đã gửi trang giấy đến máy in.")),
            failed=self.failed,
        )


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

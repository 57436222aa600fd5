"""Giving a list out from the window: which records, with whose numbers, into which file; progress, and a way to stop.

What stands in the file is `actions.exporting`'s.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.actions.exporting import export_records
from kcdesk.actions.work_lists import WORK_LISTS, export_work_list
from kcdesk.domain.kinds import ESTABLISHMENTS, FIGURES, NEEDS, SURVEYS
from kcdesk.domain.money import format_vnd
from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.parts import button, column, label, row

_FILTERS = {"Excel (*.xlsx)": ".xlsx", "CSV (*.csv)": ".csv"}
_WIDTH = 520


class ExportDialog(QDialog):
    """What is shown (`search` applied), or the rows that are chosen (`selected`: their ids), as a file."""

    told = Signal(str, str, str)
    """Tone, message and hint for the banner."""

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        *,
        search: str = "",
        shown: str = "",
        selected: Collection[str] = (),
        kind: str = ESTABLISHMENTS.name,
    ) -> None:
        """`shown`: how many records are shown, in words; `kind`: which list is offered first."""
        super().__init__(parent)
        self._tasks = context.tasks
        self._search, self._selected = search, frozenset(selected)
        self._running: Running | None = None
        self.setWindowTitle(self.tr("Xuất danh sách"))
        self.setFixedWidth(_WIDTH)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Danh sách"))
        for of_kind in (ESTABLISHMENTS, FIGURES, SURVEYS, NEEDS):
            self.kind.addItem(of_kind.label, of_kind.name)
        for work in WORK_LISTS.values():
            self.kind.addItem(work.label, work.name)
        every = self.tr("Tất cả đang hiện: {0}").format(shown) if shown else self.tr("Tất cả")
        self.all_shown = QRadioButton(every)
        self.only_selected = QRadioButton(
            self.tr("Chỉ các dòng đã chọn: {0} cơ sở").format(format_vnd(len(self._selected)))
        )
        several = len(self._selected) > 1
        (self.only_selected if several else self.all_shown).setChecked(True)
        self.only_selected.setEnabled(bool(self._selected))
        self.personal = QCheckBox(self.tr("Kèm số CCCD, điện thoại, email"))
        warning = label(
            self.tr(
                "Tệp xuất ra nằm ngoài phần dữ liệu được mã hoá: ai mở máy cũng đọc được. "
                "Chỉ kèm thông tin cá nhân khi thật cần."
            ),
            quiet=True,
            wrap=True,
        )
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Đang xuất"))
        self.progress.hide()
        self.choose_button = button(self.tr("Chọn chỗ lưu…"), self._choose_file, main=True)
        self.cancel_button = button(self.tr("Thôi"), self.reject, key="Esc")
        self._scope = QWidget()
        self._scope.setLayout(column(self.all_shown, self.only_selected, self.personal))
        self.kind.currentIndexChanged.connect(self._kind_chosen)
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self.setLayout(
            column(
                row(label(self.tr("Danh sách")), self.kind, None, gap=theme.SPACE),
                self._scope,
                warning,
                self.progress,
                row(None, self.cancel_button, self.choose_button),
                gap=theme.SPACE,
                margin=theme.SPACE,
            )
        )
        self.choose_button.setDefault(True)
        self.choose_button.setFocus()

    def write(self, path: Path) -> None:
        """Write what is chosen into a file, away from the window's thread."""
        kind = str(self.kind.currentData())
        of_establishments = kind == ESTABLISHMENTS.name
        chosen = of_establishments and self.only_selected.isChecked()
        only = self._selected if chosen else None
        search = self._search if of_establishments and not chosen else ""
        personal = self.personal.isChecked()

        def work(desk: Desk, running: Running) -> int:
            def progress(done: int, total: int) -> None:
                running.progress("rows", done, total)

            if kind in WORK_LISTS:
                return export_work_list(desk, kind, path, personal=personal, progress=progress)
            return export_records(
                desk,
                kind,
                path,
                search=search,
                only=only,
                personal=personal,
                progress=progress,
            )

        def done(count: int) -> None:
            self._running = None
            told = self.tr("Đã ghi {0} {1} ra tệp {2}.").format(
                format_vnd(count),
                self.tr("dòng") if kind in WORK_LISTS else self.tr("hồ sơ"),
                path.name,
            )
            self.told.emit("good", told, self.tr("Tệp này không mã hoá."))
            self.accept()

        def failed(error: KcdeskError) -> None:
            self._running = None
            stopped = isinstance(error, Cancelled)
            hint = self.tr("Không có tệp nào được ghi.") if stopped else error.hint
            self.told.emit("warning" if stopped else "error", error.message, hint)
            super(ExportDialog, self).reject()

        self._scope.setEnabled(False)
        self.kind.setEnabled(False)
        self.choose_button.setEnabled(False)
        self.cancel_button.setText(self.tr("Dừng  (Esc)"))
        self.progress.setRange(0, 0)
        self.progress.show()
        self._running = self._tasks.long(self, work, done, failed=failed)
        self._running.progressed.connect(self._progressed)

    def reject(self) -> None:
        """Esc: stop what is being written; with nothing under way, go."""
        if self._running is None:
            super().reject()
        else:
            self._running.cancel()
            self.cancel_button.setEnabled(False)

    def _kind_chosen(self) -> None:
        of_establishments = self.kind.currentData() == ESTABLISHMENTS.name
        self._scope.setVisible(of_establishments or self.kind.currentData() == "conflicts")
        self.all_shown.setVisible(of_establishments)
        self.only_selected.setVisible(of_establishments and bool(self._selected))

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.windowTitle())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_FILTERS))
        dialog.setDefaultSuffix("xlsx")
        dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(_FILTERS[name][1:]))
        dialog.selectFile("danh-sach.xlsx")
        dialog.fileSelected.connect(lambda chosen: self.write(Path(chosen)))
        dialog.open()

    def _progressed(self, _: str, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)


def work_list_button(screen: Screen, name: str) -> QPushButton:
    """A button that gives out the list of work (`WORK_LISTS`) that the screen shows."""

    def ask() -> None:
        dialog = ExportDialog(screen.context, screen, kind=name)
        dialog.told.connect(screen.told)
        dialog.open()

    return button(screen.tr("Xuất danh sách…"), ask, key="Ctrl+E")

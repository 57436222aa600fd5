"""Giving a list out from the window: which records, with whose numbers, into which file; progress, and a way to stop.

What stands in the file is `actions.exporting`'s.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.actions.exporting import export_records, file_name
from kcdesk.actions.work_lists import WORK_LISTS, export_work_list
from kcdesk.domain.kinds import ESTABLISHMENTS, FIGURES, NEEDS, SURVEYS
from kcdesk.domain.money import format_vnd
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.working import WorkingDialog
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.parts import button, column, label, row

_FILTERS = {
    "Excel (*.xlsx)": ".xlsx",
    "CSV (*.csv)": ".csv",
    "PDF (*.pdf)": ".pdf",
    "Ảnh (*.png)": ".png",
}
_WIDTH = 520


class ExportDialog(WorkingDialog):
    """What is shown (`search` applied), or the rows that are chosen (`selected`: their ids), as a file."""

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
        super().__init__(context, parent)
        self.setWindowTitle(self.tr("Xuất danh sách"))
        self._search, self._selected = search, frozenset(selected)
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
        self.personal = QCheckBox(self.tr("Kèm số CCCD, điện thoại, email, địa chỉ"))
        self.taker = QLineEdit()
        self.taker.setPlaceholderText(self.tr("không bắt buộc; ghi vào sổ giấy tờ"))
        self.taker.setAccessibleName(self.tr("Gửi cho"))
        warning = label(
            self.tr(
                "Tệp xuất ra nằm ngoài phần dữ liệu được mã hoá: ai mở máy cũng đọc được. "
                "Chỉ kèm thông tin cá nhân khi thật cần. Tệp Excel có mọi cột, PDF và ảnh có các cột chính."
            ),
            quiet=True,
            wrap=True,
        )
        self.choose_button = button(self.tr("Chọn chỗ lưu…"), self._choose_file, main=True)
        self._scope = QWidget()
        self._scope.setLayout(column(self.all_shown, self.only_selected, self.personal))
        self.kind.currentIndexChanged.connect(self._kind_chosen)
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self.setLayout(
            column(
                row(label(self.tr("Danh sách")), self.kind, None, gap=theme.SPACE),
                self._scope,
                row(label(self.tr("Gửi cho")), self.taker, gap=theme.SPACE),
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
        personal, taker = self.personal.isChecked(), self.taker.text()

        def work(desk: Desk, running: Running) -> int:
            def progress(done: int, total: int) -> None:
                running.progress("rows", done, total)

            if kind in WORK_LISTS:
                return export_work_list(
                    desk,
                    kind,
                    path,
                    personal=personal,
                    taker=taker,
                    pictures=_pictures,
                    progress=progress,
                )
            return export_records(
                desk,
                kind,
                path,
                search=search,
                only=only,
                personal=personal,
                taker=taker,
                pictures=_pictures,
                progress=progress,
            )

        def done(count: int) -> None:
            self.ended()
            told = self.tr("Đã ghi {0} {1} ra tệp {2}.").format(
                format_vnd(count),
                self.tr("dòng") if kind in WORK_LISTS else self.tr("hồ sơ"),
                path.name,
            )
            self.told.emit("good", told, self.tr("Tệp này không mã hoá."))
            self.accept()

        self._scope.setEnabled(False)
        self.kind.setEnabled(False)
        self.choose_button.setEnabled(False)
        self.begin()
        self.follow(self._tasks.long(self, work, done, failed=self.failed))

    def _kind_chosen(self) -> None:
        of_establishments = self.kind.currentData() == ESTABLISHMENTS.name
        self._scope.setVisible(of_establishments or self.kind.currentData() == "conflicts")
        self.all_shown.setVisible(of_establishments)
        self.only_selected.setVisible(of_establishments and bool(self._selected))

    def _choose_file(self) -> None:
        label = self.kind.currentText()
        self._tasks.ask(self, lambda desk: file_name(desk, label), self._choose_named)

    def _choose_named(self, name: str) -> None:
        dialog = QFileDialog(self, self.windowTitle())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_FILTERS))
        dialog.setDefaultSuffix("xlsx")
        dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(_FILTERS[name][1:]))
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda chosen: self.write(Path(chosen)))
        dialog.open()


def _pictures(pdf: bytes) -> list[bytes]:
    from kcdesk.ui.pdf_pictures import png_pages  # noqa: PLC0415 -- loads QtPdf

    return png_pages(pdf)


def work_list_button(screen: Screen, name: str) -> QPushButton:
    """A button that gives out the list of work (`WORK_LISTS`) that the screen shows."""

    def ask() -> None:
        dialog = ExportDialog(screen.context, screen, kind=name)
        dialog.told.connect(screen.told)
        dialog.open()

    return button(screen.tr("Xuất danh sách…"), ask, key="Ctrl+E")

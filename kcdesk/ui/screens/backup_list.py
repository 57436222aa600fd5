"""The backups that can be restored, here or in another place, and asking before one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QMenu,
    QMessageBox,
    QPushButton,
    QStackedLayout,
    QWidget,
)

from kcdesk.actions.backups import backups_in, reason_text
from kcdesk.domain.money import format_vnd
from kcdesk.errors import KcdeskError
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, moment
from kcdesk.ui.widgets.parts import Empty, Table, button, column, heading, row


@dataclass(frozen=True, slots=True)
class RestoreWish:
    """A backup that somebody wants back. `source`: where it lies; None: beside the workspace."""

    source: Path | None
    backup: Manifest


class BackupList(QFrame):
    """Event: a backup to be put in the place of the workspace (RestoreWish)."""

    told = Signal(str, str, str)
    restore_wanted = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.source: Path | None = None
        self.setProperty("card", True)
        self.model: RowsModel[Manifest] = RowsModel(
            [
                Column(self.tr("Lúc"), lambda one: moment(one.at), 170),
                Column(self.tr("Vì sao"), lambda one: reason_text(one.reason)),
                Column(
                    self.tr("Số thay đổi"), lambda one: format_vnd(one.changes), 140, number=True
                ),
                Column(self.tr("Dung lượng"), lambda one: _kb(one.size), 140, number=True),
            ],
            self,
        )
        self.table = Table(self.model, self.tr("Các bản sao lưu"))
        self.table.chosen.connect(lambda _: self.ask_to_restore())
        self.where = heading("")
        self.restore_button = button(self.tr("Khôi phục…"), self.ask_to_restore)
        lists = QWidget()
        self._lists = QStackedLayout(lists)
        self._lists.addWidget(self.table)
        self._lists.addWidget(
            Empty(
                self.tr("Chưa có bản sao lưu nào"),
                self.tr(
                    "Khi cửa sổ đang mở, dữ liệu tự sao lưu mỗi giờ và trước mỗi lần nhập danh sách."
                ),
            )
        )
        body = column(
            row(self.where, None, self._places_button(), self.restore_button), margin=theme.SPACE
        )
        body.addWidget(lists, 1)
        self.setLayout(body)

    def _places_button(self) -> QPushButton:
        menu = QMenu(self)
        menu.addAction(self.tr("Trên máy này"), lambda: self.look_in(None))
        menu.addAction(
            self.tr("Trong một ổ hoặc thư mục…"),
            lambda: choose_folder(self, self.tr("Chọn thư mục có bản sao lưu"), self.look_in),
        )
        menu.addAction(self.tr("Trong một tệp…"), self._choose_file)
        made = QPushButton(self.tr("Xem nơi khác"))
        made.setAutoDefault(False)
        made.setMenu(menu)
        return made

    def look_in(self, source: Path | None) -> None:
        """Show the backups in a folder or file; None: those on this computer."""

        def done(found: list[Manifest]) -> None:
            self.source = source
            self._show(found)

        self._context.tasks.ask(
            self, lambda desk: backups_in(desk, source), done, failed=self._failed
        )

    def read(self) -> None:
        """Read the backups again, where they were looked at last."""
        self.look_in(self.source)

    def ask_to_restore(self) -> None:
        """Say clearly what restoring the chosen backup does, and ask."""
        chosen: Manifest | None = self.table.current()
        if chosen is None or not self.restore_button.isEnabled():
            return
        kinds = QMessageBox.StandardButton
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("Khôi phục từ bản sao lưu"))
        box.setText(self.tr("Đưa dữ liệu trở lại như lúc {0}?").format(moment(chosen.at)))
        box.setInformativeText(
            self.tr(
                "Những gì ghi sau lúc ấy sẽ không còn trong dữ liệu, trừ những gì tỉnh đã nhận: chúng về lại"
                " khi đồng bộ. Dữ liệu đang có được sao lưu trước, rồi cất nguyên vẹn sang một"
                " thư mục riêng.\n\nCửa sổ đóng lại trong lúc khôi phục rồi tự mở lại. Từ đó máy này ghi tiếp như"
                " một thiết bị mới."
            )
        )
        box.setStandardButtons(kinds.Yes | kinds.Cancel)
        box.button(kinds.Yes).setText(self.tr("Khôi phục"))
        box.button(kinds.Cancel).setText(self.tr("Thôi"))
        box.setDefaultButton(kinds.Cancel)
        wish = RestoreWish(self.source, chosen)
        box.accepted.connect(lambda: self.restore_wanted.emit(wish))
        box.open()

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Chọn tệp sao lưu"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda chosen: self.look_in(Path(chosen)))
        dialog.open()

    def _show(self, found: list[Manifest]) -> None:
        self.where.setText(
            self.tr("Các bản trên máy này")
            if self.source is None
            else self.tr("Các bản trong {0}").format(self.source.name or self.source)
        )
        self.model.set_rows(found[::-1])
        self.table.choose_first()
        self._lists.setCurrentIndex(0 if found else 1)
        self.restore_button.setEnabled(bool(found))

    def _failed(self, error: KcdeskError) -> None:
        self.told.emit("error", error.message, error.hint)


def choose_folder(parent: QWidget, title: str, use: Callable[[Path], object]) -> None:
    """Let the person choose a folder, and use it."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda chosen: use(Path(chosen)))
    dialog.open()


def _kb(size: int) -> str:
    return f"{format_vnd(max(1, size // 1024))} KB"

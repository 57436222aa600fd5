"""Writing something out of the encrypted workspace: the person is told what that means, then chooses the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def ask_for_clear_file(
    parent: QWidget,
    title: str,
    name: str,
    filters: str,
    write: Callable[[Path], object],
    *,
    protect: Callable[[], object] | None = None,
) -> None:
    """Warn, let a file be chosen, call `write` with it. `name`: proposed; `filters`: "Tệp PDF (*.pdf)", more behind ;;

    protect: the way to a file with a password; it is the one that is proposed then
    """

    def choose() -> None:
        dialog = QFileDialog(parent, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(filters.split(";;"))
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(chosen.rpartition("*.")[2].rstrip(")"))
        )
        dialog.selectFile(Path(name).stem if ";;" in filters else name)
        dialog.fileSelected.connect(lambda chosen: write(Path(chosen)))
        dialog.open()

    kinds = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(title)
    box.setText(_tr("Tệp này nằm ngoài phần dữ liệu được mã hoá: ai mở máy cũng đọc được."))
    box.setInformativeText(_tr("Vẫn lưu ra tệp?"))
    box.setStandardButtons(kinds.Save | kinds.Cancel)
    box.button(kinds.Save).setText(_tr("Chọn chỗ lưu"))
    box.button(kinds.Cancel).setText(_tr("Không"))
    box.button(kinds.Save).clicked.connect(choose)
    if protect is not None:
        safe = box.addButton(_tr("Đặt mật khẩu…"), QMessageBox.ButtonRole.ActionRole)
        safe.clicked.connect(protect)
        box.setDefaultButton(safe)
    box.open()


def _tr(text: str) -> str:
    return QCoreApplication.translate("clear_file", text)

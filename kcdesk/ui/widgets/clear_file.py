"""Writing something out of the encrypted workspace: the person is told what that means, then chooses the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def ask_for_clear_file(
    parent: QWidget, title: str, name: str, filters: str, write: Callable[[Path], object]
) -> None:
    """Warn, let a file be chosen, call `write` with it. `name`: proposed; `filters`: "Tệp PDF (*.pdf)"."""

    def choose() -> None:
        dialog = QFileDialog(parent, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(filters)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.selectFile(name)
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
    box.accepted.connect(choose)
    box.open()


def _tr(text: str) -> str:
    return QCoreApplication.translate("clear_file", text)

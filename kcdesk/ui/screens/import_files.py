"""Dialogs for the files of an import: the list, the kept reading of columns, and where rejected rows go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

Then = Callable[[Path], None]


def choose_list(screen: QWidget, then: Then) -> None:
    """Ask for a list to read."""
    tr = screen.tr
    _open(
        screen,
        tr("Chọn danh sách cơ sở"),
        tr("Bảng tính (*.xlsx *.xls *.xlsb *.ods *.csv)"),
        then,
    )


def choose_map(screen: QWidget, then: Then) -> None:
    """Ask for a kept reading of columns."""
    tr = screen.tr
    _open(
        screen,
        tr("Dùng cách đọc các cột đã lưu"),
        tr("Cách đọc các cột (*.json)"),
        then,
    )


def choose_kept_map(screen: QWidget, then: Then) -> None:
    """Ask where to keep how the columns are read."""
    tr = screen.tr
    _save(screen, tr("Lưu cách đọc các cột"), tr("Cách đọc các cột (*.json)"), "json", then)


def choose_rejects(screen: QWidget, of: Path, then: Then) -> None:
    """Ask where the marked workbook of rows that did not come in goes; beside the list it came from is proposed."""
    tr = screen.tr
    proposed = of.with_name(f"{of.stem} - chưa nhập được.xlsx")
    _save(
        screen,
        tr("Lưu các dòng chưa nhập được (tệp không mã hoá)"),
        tr("Bảng tính (*.xlsx)"),
        "xlsx",
        then,
        proposed,
    )


def _open(screen: QWidget, title: str, names: str, then: Then) -> None:
    dialog = QFileDialog(screen, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(names)
    dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
    dialog.open()


def _save(
    screen: QWidget, title: str, names: str, suffix: str, then: Then, proposed: Path | None = None
) -> None:
    dialog = QFileDialog(screen, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(names)
    dialog.setDefaultSuffix(suffix)
    if proposed is not None:
        dialog.setDirectory(str(proposed.parent))
        dialog.selectFile(proposed.name)
    dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
    dialog.open()

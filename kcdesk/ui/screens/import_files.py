"""Dialogs for the files of an import: the list, the kept reading of columns, and where rejected rows go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from kcdesk.domain.money import format_vnd
from kcdesk.ui.screens.base import Screen

if TYPE_CHECKING:
    from kcdesk.importing.plan import ImportPlan

Then = Callable[[Path], None]


def choose_list(screen: QWidget, then: Then) -> None:
    """Ask for a list to read."""
    tr = screen.tr
    _open(
        screen,
        tr("Chọn danh sách"),
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


def save_rejects(screen: Screen, path: Path, plan: ImportPlan, out: Path) -> None:
    """Write the workbook of the list with the rows marked that cannot be taken in, and say so."""
    from kcdesk.actions.importing import write_rejects  # noqa: PLC0415 -- loads the workbook reader

    def done(count: int) -> None:
        said = screen.tr("Đã lưu {0} dòng chưa nhập được vào {1}.")
        hint = screen.tr("Sửa các ô được tô màu rồi nhập lại tệp đó; tệp này không mã hoá.")
        screen.told.emit("good", said.format(format_vnd(count), out.name), hint)

    screen.tasks.outside(
        screen,
        lambda: write_rejects(path, plan, out),
        done,
        failed=lambda error: screen.told.emit("error", error.message, error.hint),
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

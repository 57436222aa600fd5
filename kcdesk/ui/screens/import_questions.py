"""What is asked while a list is looked at: of which year its figures are, and why a doubtful value is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog, QWidget

from kcdesk.domain.money import format_vnd
from kcdesk.ui.screens.base import Screen

if TYPE_CHECKING:
    from kcdesk.importing.cells import CellFinding
    from kcdesk.importing.plan import ImportPlan

_NO_YEAR = "figures.no_year"


def ask_year(screen: Screen, why: str, then: Callable[[int], None]) -> None:
    """Ask for the year of figures."""
    this_year = screen.context.today.year
    dialog = QInputDialog(screen)
    dialog.setWindowTitle(screen.tr("Năm của số liệu"))
    dialog.setInputMode(QInputDialog.InputMode.IntInput)
    dialog.setIntRange(1900, this_year)
    dialog.setIntValue(this_year - 1)
    dialog.setLabelText(why)
    dialog.setOkButtonText(screen.tr("Đọc lại"))
    dialog.setCancelButtonText(screen.tr("Thôi"))
    dialog.intValueSelected.connect(then)
    dialog.open()


def ask_reason(screen: QWidget, found: CellFinding, same: int, then: Callable[[str], None]) -> None:
    """Ask why what was found is right as written; `same`: how many findings of the list are of its kind."""
    dialog = QInputDialog(screen)
    dialog.setWindowTitle(screen.tr("Vì sao vẫn đúng?"))
    dialog.setLabelText(
        screen.tr(
            "{0}\nLý do được ghi vào hồ sơ, cho cả {1} lưu ý cùng loại của danh sách:"
        ).format(found.finding.message, format_vnd(same))
    )
    dialog.setOkButtonText(screen.tr("Chấp nhận"))
    dialog.setCancelButtonText(screen.tr("Thôi"))
    dialog.textValueSelected.connect(then)
    dialog.open()


def can_be_accepted(plan: ImportPlan, found: CellFinding) -> bool:
    """Whether the finding is about a value that would be kept in a record."""
    if found.finding.level == "hard" or plan.kind.by_year:
        return False
    place = found.sheet, found.row
    return any(row.place == place and found.finding.field in row.establishment for row in plan.rows)


def lacks_year(plan: ImportPlan) -> bool:
    """Whether the list has figures of which it does not say the year."""
    return any(found.finding.code == _NO_YEAR for found in plan.findings)

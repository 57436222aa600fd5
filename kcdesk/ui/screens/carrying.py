"""Carrying a sheet over to a newer version: what has no place is shown before anything is done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from kcdesk.actions.carrying import CarriedOver, keep_carried
from kcdesk.actions.desk import Desk
from kcdesk.actions.surveys import OpenSurvey
from kcdesk.errors import KcdeskError
from kcdesk.questionnaire import LeftBehind
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Screen
from kcdesk.ui.widgets.parts import Table, column, label

_SIZE = (860, 480)


class CarryDialog(QDialog):
    """Event: the sheet was carried over (the new one's id)."""

    carried = Signal(str)

    def __init__(self, screen: Screen, found: CarriedOver) -> None:
        super().__init__(screen)
        self._screen = screen
        self._found = found
        self.setWindowTitle(self.tr("Chuyển sang mẫu mới"))
        self.resize(*_SIZE)
        head = self.tr(
            "Phiên bản {0} → {1}: {2} câu trả lời có chỗ trong mẫu mới. Phiếu cũ còn nguyên, vẫn mở và in được."
        ).format(found.old_version, found.survey.questionnaire.version, found.kept)
        self.left: RowsModel[LeftBehind] = RowsModel(
            [
                Column(self.tr("Câu"), lambda one: one.label, 280),
                Column(self.tr("Câu trả lời"), lambda one: one.shown, 200),
                Column(self.tr("Không chuyển được vì"), lambda one: one.reason.value),
            ],
            self,
        )
        self.left.set_rows(found.left)
        table = Table(self.left, self.tr("Câu không có chỗ"))
        table.setVisible(bool(found.left))
        what = (
            self.tr("{0} câu trả lời không có chỗ, chỉ còn ở phiếu cũ:").format(len(found.left))
            if found.left
            else self.tr("Không mất câu trả lời nào.")
        )
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        self.buttons.button(kinds.Ok).setText(self.tr("Chuyển"))
        self.buttons.button(kinds.Cancel).setText(self.tr("Thôi"))
        self.buttons.accepted.connect(self.carry)
        self.buttons.rejected.connect(self.reject)
        parts: list[QWidget] = [label(head, wrap=True), label(what, wrap=True), table]
        whole = column(*parts, margin=theme.SPACE, gap=theme.SPACE)
        if not found.left:
            whole.addStretch(1)
            self.resize(_SIZE[0], _SIZE[1] // 3)
        whole.addWidget(self.buttons)
        self.setLayout(whole)

    def carry(self) -> None:
        """Make the new sheet."""
        found = self._found

        def work(desk: Desk) -> OpenSurvey:
            return keep_carried(desk, found)

        def done(new: OpenSurvey) -> None:
            self.accept()
            self.carried.emit(new.record)

        def failed(error: KcdeskError) -> None:
            self._screen.told.emit("error", error.message, error.hint)
            self.reject()

        touches = frozenset(("surveys", "round_sheets"))
        self._screen.tasks.ask(self._screen, work, done, failed=failed, touches=touches)

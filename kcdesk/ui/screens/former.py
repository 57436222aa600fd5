"""The person's other devices: what of theirs is at the province, and which numbers never arrived."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from kcdesk.actions import former
from kcdesk.storage.former_devices import Former
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, moment
from kcdesk.ui.widgets.parts import Table, card, heading, label

ROWS = 3
"""Rows on screen at once."""


class FormerCard(QFrame):
    """A list that shows only when there are other devices; below it, the one under the cursor in a sentence."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._tasks = context.tasks
        tr = self.tr
        self.model: RowsModel[Former] = RowsModel(
            (
                Column(tr("Máy"), lambda one: one.device, 170),
                Column(tr("Liên lạc cuối"), lambda one: moment(one.last_contact_at), 150),
                Column(tr("Tình trạng"), self._state, 140),
                Column(tr("Đã đến số"), lambda one: str(one.n), 100, number=True),
                Column(tr("Số chưa bao giờ đến tỉnh"), former.missing_text),
            ),
            self,
        )
        self.table = Table(self.model, tr("Các máy khác của bạn"))
        self.table.setFixedHeight((ROWS + 1) * theme.ROW_HEIGHT + theme.GAP)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._explain())
        self.sentence = label(wrap=True)
        inside = card(
            heading(tr("Các máy khác của bạn")),
            label(
                tr(
                    "Những gì tỉnh đã nhận từ các máy này đều có trên máy đang dùng."
                    " Thay đổi mang số chưa bao giờ đến thì phải ghi lại."
                ),
                quiet=True,
                wrap=True,
            ),
            self.table,
            self.sentence,
        )
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(inside)
        self.setLayout(whole)
        self.hide()

    def read(self) -> None:
        self._tasks.ask(self, former.former_devices, self._show)

    def _show(self, devices: list[Former]) -> None:
        self.model.set_rows(devices)
        self.table.choose_first()
        self.setVisible(bool(devices))

    def _explain(self) -> None:
        one = self.table.current()
        self.sentence.setText("" if one is None else former.in_words(one))

    def _state(self, one: Former) -> str:
        return self.tr("đã thu hồi") if one.revoked_at is not None else self.tr("còn dùng được")

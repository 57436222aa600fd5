"""What was done lately on this device, each action with a way to take it back."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedLayout, QWidget

from kcdesk.actions.recent import RecentAction, recent_actions
from kcdesk.domain.money import format_vnd
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen, moment
from kcdesk.ui.screens.undoing import UndoDialog
from kcdesk.ui.tasks import EVERYTHING
from kcdesk.ui.widgets.parts import Empty, Table, button, column, label, row

SHOWN = 100


class ActivityScreen(Screen):
    """The latest actions of this device; Enter looks at one and offers to take it back."""

    shows = EVERYTHING

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Việc vừa làm"))
        self.model: RowsModel[RecentAction] = RowsModel(
            [
                Column(self.tr("Lúc"), lambda one: moment(one.at), 150),
                Column(self.tr("Việc"), lambda one: one.text),
                Column(self.tr("Số hồ sơ"), lambda one: format_vnd(one.records), 100, number=True),
            ],
            self,
        )
        self.table = Table(self.model, self.tr("Việc vừa làm"))
        self.table.chosen.connect(lambda _: self.look())
        self.look_button = button(self.tr("Hoàn tác…  (Enter)"), self.look, main=True)
        hint = label(
            self.tr(
                "{0} việc gần nhất ghi trên máy này. Hoàn tác một việc cũng là một việc, nên hoàn tác"
                " lại được."
            ).format(SHOWN),
            quiet=True,
        )
        full = QWidget()
        body = column(row(hint, None, self.look_button, gap=theme.SPACE), gap=theme.SPACE)
        body.addWidget(self.table, 1)
        full.setLayout(body)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(full)
        self._pages.addWidget(
            Empty(
                self.tr("Chưa có việc nào"),
                self.tr("Mỗi lần lưu, nhập danh sách, xoá hay gộp hiện thành một dòng ở đây."),
            )
        )

    def entered(self) -> None:
        self.tasks.ask(self, lambda desk: recent_actions(desk, SHOWN), self._show)

    def take_focus(self) -> None:
        self.table.setFocus()

    def look(self) -> None:
        """Show what taking back the chosen action would do."""
        action: RecentAction | None = self.table.current()
        if action is not None:
            dialog = UndoDialog(self.context, action.id, action.text, self)
            dialog.told.connect(self.told)
            dialog.open()

    def _show(self, actions: list[RecentAction]) -> None:
        self.model.set_rows(actions)
        self._pages.setCurrentIndex(0 if actions else 1)
        self.table.choose_first()

"""Taking back an action: what that would do is shown first; where something was said since, that is shown instead."""

from __future__ import annotations

from itertools import islice

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QProgressBar, QWidget

from kcdesk.actions.bin import hanging_text
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.actions.undo import Later, UndoPlan, plan_undo, undo
from kcdesk.changes import MERGED_INTO
from kcdesk.changes.fold import DELETED
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.field_text import field_named
from kcdesk.domain.kinds import KINDS
from kcdesk.domain.money import format_vnd
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, moment
from kcdesk.ui.screens.record_parts import field_label
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.fields import show
from kcdesk.ui.widgets.parts import Table, button, column, heading, label, row

SHOWN = 200
"""Lines that the dialog shows of what an action set; an import sets a hundred thousand."""

_Line = tuple[str, str]


class UndoDialog(QDialog):
    """Reads what taking back the action of `change` (`device-n`) would do; closes when it was taken back."""

    told = Signal(str, str, str)

    def __init__(self, context: Context, change: str, what: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.plan: UndoPlan | None = None
        self.setWindowTitle(self.tr("Hoàn tác"))
        self.resize(860, 480)
        self.said = label(self.tr("Đang xem việc này đã ghi những gì…"), wrap=True)
        self.note = label(wrap=True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setAccessibleName(self.tr("Tiến độ"))
        self.back: RowsModel[_Line] = RowsModel(
            [
                Column(self.tr("Mục"), lambda line: line[0], 300),
                Column(self.tr("Trở lại thành"), lambda line: line[1]),
            ],
            self,
        )
        self.back_table = Table(self.back, self.tr("Những gì trở lại như trước"))
        self.later: RowsModel[Later] = RowsModel(
            [
                Column(self.tr("Lúc"), lambda one: moment(one.at), 150),
                Column(self.tr("Ai"), lambda one: one.who, 170),
                Column(self.tr("Mục"), lambda one: _named(one.kind, one.field), 230),
                Column(
                    self.tr("Ghi thành"),
                    lambda one: _shown(one.kind, one.field, one.value, self._units),
                ),
            ],
            self,
        )
        self.later_table = Table(self.later, self.tr("Những gì được ghi sau đó"))
        self.undo_button = button(self.tr("Hoàn tác"), self.undo, key="Ctrl+Return", main=True)
        self.close_button = button(self.tr("Đóng"), self.reject)
        for part in (self.back_table, self.later_table, self.undo_button, self.note):
            part.hide()
        title = heading(what)
        title.setWordWrap(True)
        layout = column(title, self.said, gap=theme.SPACE, margin=theme.WIDE)
        layout.addWidget(self.back_table, 1)
        layout.addWidget(self.later_table, 1)
        layout.addWidget(self.note)
        layout.addWidget(self.progress)
        layout.addLayout(row(None, self.close_button, self.undo_button))
        self.setLayout(layout)
        self._units: AdministrativeUnits | None = None

        def work(desk: Desk, running: Running) -> tuple[UndoPlan, AdministrativeUnits]:
            plan = plan_undo(desk, change, progress=lambda done, of: running.progress("", done, of))
            return plan, desk.units

        self.running = context.tasks.long(self, work, self._show, failed=self._failed)
        self.running.progressed.connect(self._progressed)
        self.rejected.connect(self.running.cancel)

    def undo(self) -> None:
        """Take the action back, when nothing stands in the way."""
        plan = self.plan
        if plan is None or plan.later or not self.undo_button.isEnabled():
            return

        def done(_: Saved) -> None:
            self.told.emit(
                "good",
                self.tr("Đã hoàn tác."),
                self.tr("Muốn ghi lại như trước: hoàn tác việc hoàn tác này, ở “Việc vừa làm”."),
            )
            self.accept()

        self.undo_button.setEnabled(False)
        self.progress.setRange(0, 0)
        self.progress.show()
        self._context.tasks.ask(self, lambda desk: undo(desk, plan), done, failed=self._failed)

    def _progressed(self, _phase: str, done: int, total: int) -> None:
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)

    def _failed(self, error: KcdeskError) -> None:
        self.progress.hide()
        self.undo_button.hide()
        self.said.setText(f"{error.message} {error.hint}".strip())

    def _show(self, found: tuple[UndoPlan, AdministrativeUnits]) -> None:
        self.plan, self._units = found
        self.progress.hide()
        plan = self.plan
        when = moment(plan.action.at)
        if plan.later:
            self.said.setText(
                self.tr(
                    "{0} ghi việc này lúc {1}. Sau đó các mục dưới đây đã được ghi tiếp, nên không hoàn tác"
                    " được nữa: sửa thẳng trên hồ sơ, hoặc hoàn tác việc sau trước."
                ).format(plan.who, when)
            )
            self.later.set_rows(plan.later)
            self.later_table.show()
            self.later_table.setFocus()
            return
        if not plan.back:
            self.said.setText(
                self.tr(
                    "Việc này không còn gì để hoàn tác: mọi mục đã trở lại như trước, hoặc bị từ chối."
                )
            )
            return
        self.said.setText(
            self.tr(
                "{0} ghi việc này lúc {1}. Hoàn tác thì các mục dưới đây trở lại như trước."
            ).format(plan.who, when)
        )
        lines = [
            (_named(edit.kind, field), _back(self, edit.kind, field, value, self._units))
            for edit in islice(plan.back, SHOWN)
            for field, value in islice(edit.set.items(), SHOWN)
        ]
        self.back.set_rows(lines[:SHOWN])
        self._say_more(plan, sum(len(edit.set) for edit in plan.back) - SHOWN)
        self.back_table.show()
        self.undo_button.show()
        self.undo_button.setFocus()

    def _say_more(self, plan: UndoPlan, hidden: int) -> None:
        said = []
        if hidden > 0:
            said.append(self.tr("Còn {0} mục khác nữa.").format(format_vnd(hidden)))
        if plan.made:
            said.append(
                self.tr("{0} hồ sơ do việc này tạo ra sẽ vào thùng rác.").format(
                    format_vnd(plan.made)
                )
            )
        if plan.hanging:
            said.append(
                self.tr("Đi cùng vào đó: {0}, ghi sau này.").format(hanging_text(plan.hanging))
            )
        self.note.setText(" ".join(said))
        self.note.setVisible(bool(said))


def _named(kind: str, field: str) -> str:
    if kind not in KINDS:
        return field
    return KINDS[kind].label if field == DELETED else field_label(KINDS[kind], field)


def _back(
    dialog: QWidget, kind: str, field: str, value: Value, units: AdministrativeUnits | None
) -> str:
    if field == DELETED:
        return dialog.tr("vào thùng rác") if value else dialog.tr("ra khỏi thùng rác")
    if field == MERGED_INTO:
        return dialog.tr("tách ra") if value is None else dialog.tr("gộp lại")
    return _shown(kind, field, value, units) or dialog.tr("(trống)")


def _shown(kind: str, field: str, value: Value, units: AdministrativeUnits | None) -> str:
    if kind not in KINDS or field in (DELETED, MERGED_INTO):
        return str(value)
    return show(field_named(KINDS[kind], field), value, units)

"""Conflicts: both values side by side, with who said them and when. Decided with a digit and Enter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QStackedLayout, QWidget

from kcdesk.actions.conflicts import (
    Conflict,
    Side,
    list_conflicts,
    resolve_by_pick,
    resolve_by_value,
)
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.field_text import field_named
from kcdesk.domain.kinds import kind_named
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen, kind_label, moment
from kcdesk.ui.screens.exporting import work_list_button
from kcdesk.ui.screens.record_parts import field_label
from kcdesk.ui.tasks import EVERYTHING
from kcdesk.ui.widgets.fields import show
from kcdesk.ui.widgets.parts import (
    Empty,
    Table,
    button,
    clear,
    column,
    heading,
    label,
    restyle,
    row,
    shortcut,
)


class ConflictsScreen(Screen):
    """Event: a record to look at (kind, id)."""

    record_wanted = Signal(str, str)

    shows = EVERYTHING

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Giá trị khác nhau"))
        self.model: RowsModel[Conflict] = RowsModel(
            [
                Column(self.tr("Hồ sơ"), lambda c: c.title, 330),
                Column(self.tr("Loại"), lambda c: kind_label(c.kind), 240),
                Column(self.tr("Mục"), lambda c: field_label(kind_named(c.kind), c.field)),
                Column(self.tr("Số giá trị"), lambda c: str(len(c.sides)), 100, number=True),
            ],
            self,
        )
        self.table = Table(self.model, self.tr("Các mục đang có giá trị khác nhau"))
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_sides())
        self.cards: list[QFrame] = []
        self.picked = -1
        self._units: AdministrativeUnits | None = None
        self._question = heading("")
        self._sides: QHBoxLayout = row(gap=theme.SPACE)
        self.decide_button = button(
            self.tr("Lấy giá trị này"), self.decide, key="Return", main=True
        )
        self.other = QLineEdit()
        self.other.setPlaceholderText(self.tr("hoặc ghi một giá trị khác"))
        self.other.setAccessibleName(self.tr("Giá trị khác"))
        self.other.setFixedWidth(theme.FIELD_WIDTH)
        look = button(self.tr("Mở hồ sơ"), self._look)
        export = work_list_button(self, "conflicts")
        bottom = row(self.decide_button, self.other, None, export, look, gap=theme.SPACE)
        decision = QWidget()
        decision.setLayout(column(self._question, self._sides, bottom, gap=theme.SPACE))
        full = QWidget()
        body = column(
            label(
                self.tr(
                    "Hai người ghi khác nhau mà chưa biết của nhau. Bấm số 1, 2… để chọn, Enter để quyết định."
                ),
                quiet=True,
                wrap=True,
            ),
            gap=theme.SPACE,
        )
        body.addWidget(self.table, 1)
        body.addWidget(decision)
        full.setLayout(body)
        empty = Empty(
            self.tr("Không có giá trị nào khác nhau"),
            self.tr("Khi hai người sửa cùng một mục lúc không có mạng, mục đó hiện ở đây để chọn."),
        )
        self._pages = QStackedLayout(self)
        self._pages.addWidget(full)
        self._pages.addWidget(empty)
        for number in range(1, 10):
            shortcut(self.table, str(number), partial(self.pick, number - 1))

    def entered(self) -> None:
        self.tasks.ask(self, lambda desk: (list_conflicts(desk), desk.units), self._show)

    def _show(self, found: tuple[list[Conflict], AdministrativeUnits]) -> None:
        conflicts, self._units = found
        at = max(self.table.currentIndex().row(), 0)
        self.model.set_rows(conflicts)
        self._pages.setCurrentIndex(0 if conflicts else 1)
        if conflicts:
            self.table.selectRow(min(at, len(conflicts) - 1))
            self.table.setFocus()
        self._show_sides()

    def pick(self, place: int) -> None:
        """Choose one of the values; Enter decides for it."""
        if 0 <= place < len(self.cards):
            self.picked = place
            for number, frame in enumerate(self.cards):
                restyle(frame, "chosen", number == place)

    def decide(self) -> None:
        """Decide for what is typed, when the cursor is there; otherwise for the picked value."""
        conflict = self.table.current()
        if self.other.hasFocus() and self.other.text().strip():
            self._decide_other()
            return
        if conflict is None or self.picked < 0:
            return
        change = str(conflict.sides[self.picked].change)
        self._resolve(
            lambda desk: resolve_by_pick(
                desk, conflict.kind, conflict.record, conflict.field, change
            )
        )

    def _decide_other(self) -> None:
        conflict, text = self.table.current(), self.other.text()
        if conflict is not None and text.strip():
            self._resolve(
                lambda desk: resolve_by_value(
                    desk, conflict.kind, conflict.record, conflict.field, text
                )
            )

    def _resolve(self, work: Callable[[Desk], Saved]) -> None:
        def done(saved: Saved) -> None:
            remarks = " ".join(finding.message for finding in saved.findings)
            said = self.tr("Đã chọn. Lần đồng bộ sau máy kia cũng theo.")
            self.told.emit("warning" if remarks else "good", said, remarks)

        def failed(error: KcdeskError) -> None:
            self.decide_button.setEnabled(True)
            self.told.emit("error", error.message, error.hint)

        self.decide_button.setEnabled(False)
        self.tasks.ask(self, work, done, failed=failed)

    def _look(self) -> None:
        conflict = self.table.current()
        if conflict is not None:
            self.record_wanted.emit(conflict.kind, conflict.record)

    def _show_sides(self) -> None:
        conflict: Conflict | None = self.table.current()
        clear(self._sides)
        self.cards = []
        self.other.clear()
        if conflict is not None:
            field = field_label(kind_named(conflict.kind), conflict.field)
            self._question.setText(self.tr("{0}: {1} là gì?").format(conflict.title, field))
            for number, side in enumerate(conflict.sides, start=1):
                self.cards.append(self._side(conflict, side, number))
                self._sides.addWidget(self.cards[-1], 1)
        self.picked = -1
        self.decide_button.setEnabled(True)

    def _side(self, conflict: Conflict, side: Side, number: int) -> QFrame:
        field = field_named(kind_named(conflict.kind), conflict.field)
        named = side.shown if conflict.circle else show(field, side.value, self._units)
        shown = named or self.tr("(trống)")
        value = heading(shown)
        value.setWordWrap(True)
        frame = QFrame()
        frame.setProperty("card", True)
        frame.setAccessibleName(f"{number}. {shown}, {side.who}, {moment(side.at)}")
        who = label(self.tr("{0} ghi lúc {1}").format(side.who, moment(side.at)), quiet=True)
        choose = button(self.tr("Chọn (phím {0})").format(number), lambda: self.pick(number - 1))
        layout = column(value, who, row(choose, None), margin=theme.SPACE)
        layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        frame.setLayout(layout)
        return frame

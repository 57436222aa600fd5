"""The work list of communes: establishments whose address fits no single commune of today."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from kcdesk.actions.communes import Undecided, decide_commune, work_list
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.widgets.parts import (
    Empty,
    Table,
    button,
    card,
    clear,
    column,
    heading,
    label,
    row,
    shortcut,
)
from kcdesk.ui.widgets.search_choice import Option, SearchChoice

_KEYS = 9


class CommunesScreen(Screen):
    """Event: a record to look at (its id)."""

    record_wanted = Signal(str)

    shows = frozenset(("establishments",))

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Xã, phường chờ chọn"))
        self.model: RowsModel[Undecided] = RowsModel(
            [
                Column(self.tr("Cơ sở"), lambda one: one.name, 260),
                Column(self.tr("Địa chỉ theo danh sách"), lambda one: one.address),
                Column(
                    self.tr("Xã, phường cũ"), lambda one: one.old_commune.removesuffix(" (cũ)"), 370
                ),
            ],
            self,
        )
        self.table = Table(self.model, self.tr("Cơ sở chưa rõ xã, phường"))
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_candidates())
        self.table.chosen.connect(lambda one: self.record_wanted.emit(str(one.record)))
        self._question = heading("")
        self._candidates = column(gap=theme.TIGHT)
        self.other = SearchChoice()
        self.other.setPlaceholderText(self.tr("Xã, phường khác: gõ vài chữ để tìm"))
        self.other.setAccessibleName(self.tr("Xã, phường khác"))
        self.other.setFixedWidth(theme.FIELD_WIDTH)
        self.other.picked.connect(lambda code: self.decide(code) if code else None)
        full = QWidget()
        body = column(
            label(
                self.tr(
                    "Xã, phường cũ của các cơ sở này đã chia về nhiều nơi, hoặc địa chỉ chưa đủ rõ. "
                    "Bấm số 1, 2… để chọn nơi đúng."
                ),
                quiet=True,
                wrap=True,
            ),
            gap=theme.SPACE,
        )
        body.addWidget(self.table, 1)
        body.addWidget(card(self._question, self._candidates, row(self.other, None)))
        full.setLayout(body)
        empty = Empty(
            self.tr("Không còn cơ sở nào chờ chọn xã, phường"),
            self.tr("Mọi cơ sở trên máy này đã có xã, phường của hôm nay."),
        )
        self._pages = QStackedLayout(self)
        self._pages.addWidget(full)
        self._pages.addWidget(empty)
        for number in range(1, _KEYS + 1):
            shortcut(self.table, str(number), partial(self._decide_number, number - 1))

    def entered(self) -> None:
        def work(desk: Desk) -> tuple[list[Undecided], list[Option]]:
            communes = [
                Option(unit.code, desk.units.display_name(unit))
                for unit in desk.units.new_communes.values()
            ]
            return work_list(desk), communes

        self.tasks.ask(self, work, self._show)

    def decide(self, commune: str) -> None:
        """The chosen establishment is in this commune of today."""
        one: Undecided | None = self.table.current()
        if one is None:
            return

        def done(_: Saved) -> None:
            self.told.emit("good", self.tr("Đã chọn xã, phường cho {0}.").format(one.name), "")

        def failed(error: KcdeskError) -> None:
            self.told.emit("error", error.message, error.hint)

        self.tasks.ask(
            self, lambda desk: decide_commune(desk, one.record, commune), done, failed=failed
        )

    def _decide_number(self, place: int) -> None:
        one: Undecided | None = self.table.current()
        if one is not None and place < len(one.candidates):
            self.decide(one.candidates[place].code)

    def _show(self, found: tuple[list[Undecided], list[Option]]) -> None:
        waiting, communes = found
        self._names = {option.code: option.name for option in communes}
        self.other.set_options(communes)
        at = max(self.table.currentIndex().row(), 0)
        self.model.set_rows(waiting)
        self._pages.setCurrentIndex(0 if waiting else 1)
        if waiting:
            self.table.selectRow(min(at, len(waiting) - 1))
            self.table.setFocus()
        self._show_candidates()

    def _show_candidates(self) -> None:
        one: Undecided | None = self.table.current()
        clear(self._candidates)
        self.other.set_code("")
        if one is None:
            return
        self._question.setText(self.tr("{0} nay ở đâu?").format(one.name))
        if not one.candidates:
            self._candidates.addWidget(
                label(self.tr("Không có nơi nào được gợi ý; tìm theo tên bên dưới."), quiet=True)
            )
        for number, unit in enumerate(one.candidates[:_KEYS], start=1):
            choose = button(
                f"{number}.  {self._names.get(unit.code, unit.name)}",
                partial(self.decide, unit.code),
            )
            self._candidates.addLayout(row(choose, None))

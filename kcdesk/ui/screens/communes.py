"""The work list of communes: establishments whose address fits no single commune of today."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from kcdesk.actions.communes import Undecided, decide_communes, work_list
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.domain.administrative_units import NewCommune
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.exporting import work_list_button
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
        self.table.setSelectionMode(Table.SelectionMode.ExtendedSelection)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_candidates())
        self.table.chosen.connect(lambda one: self.record_wanted.emit(str(one.record)))
        self._question = heading("")
        self._why = label(quiet=True, wrap=True)
        self.alike_button = button(
            self.tr("Chọn mọi dòng cùng xã cũ"), self.choose_alike, key="Ctrl+A"
        )
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
                    "Bấm số 1, 2… để chọn nơi đúng; giữ Shift hoặc bấm Ctrl+A để chọn nơi cho nhiều dòng một lần."
                ),
                quiet=True,
                wrap=True,
            ),
            gap=theme.SPACE,
        )
        body.addWidget(self.table, 1)
        body.addWidget(
            card(
                row(self._question, None, work_list_button(self, "communes"), self.alike_button),
                self._why,
                self._candidates,
                row(self.other, None),
            )
        )
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

    @property
    def chosen(self) -> list[Undecided]:
        """The establishments that an answer is for."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.rows[number] for number in rows]

    def choose_alike(self) -> None:
        """Choose all that wait for the same answer as the one under the cursor."""
        one: Undecided | None = self.table.current()
        if one is None:
            return
        alike = QItemSelection()
        for number, other in enumerate(self.model.rows):
            if other is one or one.is_like(other):
                index = self.model.index(number, 0)
                alike.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().select(alike, flags.ClearAndSelect | flags.Rows)

    def decide(self, commune: str) -> None:
        """The chosen establishments are in this commune of today."""
        chosen = self.chosen
        if not chosen:
            return
        names = chosen[0].name if len(chosen) == 1 else self.tr("{0} cơ sở").format(len(chosen))

        def done(_: Saved) -> None:
            self.told.emit("good", self.tr("Đã chọn xã, phường cho {0}.").format(names), "")

        def failed(error: KcdeskError) -> None:
            self.told.emit("error", error.message, error.hint)

        self.tasks.ask(
            self,
            lambda desk: decide_communes(desk, [one.record for one in chosen], commune),
            done,
            failed=failed,
        )

    def _decide_number(self, place: int) -> None:
        candidates = self._common_candidates()
        if place < len(candidates):
            self.decide(candidates[place].code)

    def _common_candidates(self) -> tuple[NewCommune, ...]:
        """What all that are chosen may be."""
        chosen = self.chosen
        return tuple(
            unit
            for unit in (chosen[0].candidates if chosen else ())
            if all(unit in other.candidates for other in chosen)
        )

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
        chosen = self.chosen
        clear(self._candidates)
        self.other.set_code("")
        if not chosen:
            return
        one, candidates = chosen[0], self._common_candidates()
        alike = sum(one.is_like(other) for other in self.model.rows)
        self.alike_button.setVisible(alike > len(chosen))
        if len(chosen) == 1:
            self._question.setText(self.tr("{0} nay ở đâu?").format(one.name))
            self._why.setText(f"{one.why} {one.address}".strip())
        else:
            self._question.setText(self.tr("{0} cơ sở đã chọn nay ở đâu?").format(len(chosen)))
            self._why.setText(" ".join(dict.fromkeys(other.why for other in chosen)))
        if not candidates:
            self._candidates.addWidget(
                label(self.tr("Không có nơi nào được gợi ý; tìm theo tên bên dưới."), quiet=True)
            )
        for number, unit in enumerate(candidates[:_KEYS], start=1):
            choose = button(
                f"{number}.  {self._names.get(unit.code, unit.name)}",
                partial(self.decide, unit.code),
            )
            self._candidates.addLayout(row(choose, None))

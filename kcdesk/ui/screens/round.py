"""One survey round: how far each commune is, and each sheet with who has it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.actions.rounds import (
    Progress,
    Round,
    RoundSheet,
    Tally,
    assign,
    close_without,
    get_round,
)
from kcdesk.domain.code_lists import RoundResult
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.rounds import shown_day
from kcdesk.ui.screens.survey import Wanted
from kcdesk.ui.widgets.parts import Table, button, column, label, row

_MOST_SHOWN = 6
_COLOURS = {
    Progress.DONE: theme.GOOD,
    Progress.ACCEPTED: theme.GOOD,
    Progress.RETURNED: theme.BAD,
    Progress.BEGUN: theme.WARN,
}


class RoundScreen(Screen):
    """Events: a sheet to fill in (Wanted), an establishment to look at (its id)."""

    survey_wanted = Signal(object)
    record_wanted = Signal(str)

    shows = frozenset(("surveys", "round_sheets", "establishments"))

    def __init__(self, context: Context, round_id: str) -> None:
        super().__init__(context)
        self.entitle(self.tr("Đợt khảo sát"))
        self._round_id = round_id
        self.summary = label(quiet=True)
        self.by_commune: RowsModel[Tally] = RowsModel(self._tally_columns(), self)
        communes = Table(self.by_commune, self.tr("Tiến độ theo xã, phường"))
        communes.setMaximumHeight(theme.ROW_HEIGHT * (_MOST_SHOWN + 2))
        self.sheets: RowsModel[RoundSheet] = RowsModel(
            [
                Column(self.tr("Cơ sở"), lambda one: one.given.name),
                Column(self.tr("Xã, phường"), lambda one: one.commune_name, 240),
                Column(self.tr("Giao cho"), lambda one: one.given.assigned_to, 180),
                Column(
                    self.tr("Tiến độ"),
                    lambda one: one.progress.value,
                    130,
                    colour=lambda one: _COLOURS.get(one.progress),
                ),
            ],
            self,
        )
        self.table = Table(self.sheets, self.tr("Phiếu của đợt"))
        self.table.chosen.connect(self._fill_in)
        self.person = QLineEdit()
        self.person.setPlaceholderText(self.tr("Giao phiếu đang chọn cho… (Enter)"))
        self.person.setAccessibleName(self.tr("Giao phiếu đang chọn cho"))
        self.person.setFixedWidth(300)
        self.person.returnPressed.connect(self._assign)
        tools = row(
            button(self.tr("Ghi phiếu"), lambda: self._with_current(self._fill_in), key="F3"),
            button(self.tr("Xem cơ sở"), lambda: self._with_current(self._look_at)),
            button(
                self.tr("Không tìm thấy"), lambda: self._close(RoundResult.NOT_FOUND), key="Ctrl+K"
            ),
            button(self.tr("Từ chối"), lambda: self._close(RoundResult.REFUSED), key="Ctrl+T"),
            button(self.tr("Vẫn phải làm"), lambda: self._close(None)),
            None,
            self.person,
        )
        whole = column(self.summary, communes, tools, gap=theme.GAP)
        whole.addWidget(self.table, 1)
        self.setLayout(whole)

    def entered(self) -> None:
        self.tasks.ask(self, lambda desk: get_round(desk, self._round_id), self._show)

    def take_focus(self) -> None:
        self.table.setFocus()

    def _show(self, one: Round) -> None:
        self.entitle(one.title)
        due = (
            self.tr("hạn {0}").format(shown_day(one.due_on)) if one.due_on else self.tr("không hạn")
        )
        self.summary.setText(
            self.tr("Mẫu {0}, {1}. Đã xong {2} trên {3} cơ sở.").format(
                one.questionnaire, due, one.tally.closed, one.tally.total
            )
        )
        at = max(self.table.currentIndex().row(), 0)
        self.by_commune.set_rows(one.by_commune)
        self.sheets.set_rows(one.sheets)
        self.table.selectRow(min(at, len(one.sheets) - 1))

    def _tally_columns(self) -> list[Column[Tally]]:
        def count(*of: Progress) -> Callable[[Tally], str]:
            return lambda tally: str(sum(tally.counts[each] for each in of) or "")

        head: list[Column[Tally]] = [
            Column(self.tr("Xã, phường"), lambda tally: tally.of or self.tr("(chưa rõ)")),
            Column(self.tr("Cơ sở"), lambda tally: str(tally.total), 80, number=True),
        ]
        return [
            *head,
            Column(self.tr("Đã xong"), count(Progress.DONE, Progress.ACCEPTED), 90, number=True),
            Column(self.tr("Chưa làm"), count(Progress.LEFT, Progress.BEGUN), 95, number=True),
            Column(self.tr("Trả lại"), count(Progress.RETURNED), 80, number=True),
            Column(self.tr("Không tìm thấy"), count(Progress.NOT_FOUND), 155, number=True),
            Column(self.tr("Từ chối"), count(Progress.REFUSED), 85, number=True),
        ]

    # What can be done with a sheet

    def _with_current(self, act: Callable[[RoundSheet], None]) -> None:
        current: RoundSheet | None = self.table.current()
        if current is not None:
            act(current)

    def _fill_in(self, sheet: RoundSheet) -> None:
        given = sheet.given
        wanted = Wanted(given.establishment, given.survey, given.questionnaire, given.round)
        self.survey_wanted.emit(wanted)

    def _look_at(self, sheet: RoundSheet) -> None:
        self.record_wanted.emit(sheet.given.establishment)

    def _close(self, result: RoundResult | None) -> None:
        self._with_current(
            lambda sheet: self._do(lambda desk: close_without(desk, sheet.given.record, result))
        )

    def _assign(self) -> None:
        person = self.person.text()
        self._with_current(
            lambda sheet: self._do(lambda desk: assign(desk, [sheet.given.record], person))
        )
        self.person.clear()
        self.table.setFocus()

    def _do(self, work: Callable[[Desk], Saved]) -> None:
        self.tasks.ask(
            self,
            work,
            lambda _: None,
            failed=lambda error: self.told.emit("error", error.message, error.hint),
            touches=frozenset(("round_sheets",)),
        )

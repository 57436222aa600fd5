"""Surveying: what this person has to fill in or put right, the survey rounds, answered sheets, questionnaires."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.reviewing import ReturnedSheet, returned_sheets
from kcdesk.actions.rounds import Progress, Round, RoundSheet, rounds, sheets_for
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column
from kcdesk.ui.screens.answered import AnsweredPage
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.exporting import work_list_button
from kcdesk.ui.screens.questionnaires import QuestionnairesPage
from kcdesk.ui.screens.record_parts import ListPage
from kcdesk.ui.screens.round_dialog import RoundDialog
from kcdesk.ui.screens.survey import Wanted
from kcdesk.ui.widgets.parts import button, column


@dataclass(frozen=True, slots=True)
class Duty:
    """One sheet to fill in or to put right, as the list shows it; `late`: its day has passed."""

    name: str
    place: str
    what: str
    due: str
    late: bool
    wanted: Wanted


class RoundsScreen(Screen):
    """Events: a sheet to fill in (Wanted), a round to look at (its id)."""

    survey_wanted = Signal(object)
    round_wanted = Signal(str)

    shows = frozenset(("surveys", "round_sheets", "establishments"))

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Khảo sát"))
        self.duties = ListPage(
            self.tr("Phiếu phải làm"),
            [
                Column(self.tr("Cơ sở"), lambda duty: duty.name, 300),
                Column(self.tr("Xã, phường"), lambda duty: duty.place, 240),
                Column(self.tr("Việc"), lambda duty: duty.what),
                Column(
                    self.tr("Hạn"),
                    lambda duty: duty.due,
                    110,
                    colour=lambda duty: theme.BAD if duty.late else None,
                ),
            ],
            self.tr(
                "Phiếu được giao trong một đợt khảo sát và phiếu bị trả lại sẽ hiện ở đây. "
                "Bấm Enter vào một dòng để ghi phiếu."
            ),
        )
        self.duties.table.chosen.connect(lambda duty: self.survey_wanted.emit(duty.wanted))
        self.new_button = button(self.tr("Tạo đợt khảo sát"), self.begin_round, key="Ctrl+N")
        self.list = ListPage(
            self.tr("Các đợt khảo sát"),
            [
                Column(self.tr("Đợt"), lambda one: one.title),
                Column(self.tr("Mẫu"), lambda one: one.questionnaire, 70),
                Column(self.tr("Hạn"), lambda one: shown_day(one.due_on), 110),
                Column(self.tr("Cơ sở"), lambda one: str(one.tally.total), 80, number=True),
                Column(self.tr("Đã xong"), lambda one: str(one.tally.closed), 90, number=True),
                Column(
                    self.tr("Trả lại"),
                    lambda one: str(one.tally.counts[Progress.RETURNED] or ""),
                    80,
                    number=True,
                ),
            ],
            self.tr(
                "Một đợt khảo sát chọn cơ sở, mẫu phiếu, người làm và hạn; mỗi người thấy phần việc của mình. "
                "Bấm Ctrl+N để tạo đợt."
            ),
            self.new_button,
            work_list_button(self, "rounds"),
        )
        self.list.table.chosen.connect(lambda one: self.round_wanted.emit(one.id))
        self.answered = AnsweredPage(self)
        self.answered.wanted.connect(self.survey_wanted)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.questionnaires = QuestionnairesPage(self)
        for page in (self.duties, self.list, self.answered, self.questionnaires):
            self.tabs.addTab(page, page.title)
        self.setLayout(column(self.tabs))

    def entered(self) -> None:
        def work(desk: Desk) -> tuple[list[ReturnedSheet], list[RoundSheet], list[Round], str]:
            person = desk.workspace.person
            return returned_sheets(desk), sheets_for(desk, person), rounds(desk), person

        self.tasks.ask(self, work, self._show)
        self.answered.read()
        self.questionnaires.read()

    def take_focus(self) -> None:
        page = self.tabs.currentWidget()
        (page.table if isinstance(page, ListPage) else self).setFocus()

    def begin_round(self) -> None:
        """Ask for a new round."""
        dialog = RoundDialog(self.context, self)
        dialog.told.connect(self.told)
        dialog.open()

    def _show(self, found: tuple[list[ReturnedSheet], list[RoundSheet], list[Round], str]) -> None:
        returned, given, all_rounds, _ = found
        back = {sheet.record for sheet in returned}
        duties = [self._put_right(sheet) for sheet in returned]
        duties += [self._fill_in(sheet) for sheet in given if sheet.given.survey not in back]
        self.duties.set_rows(duties)
        self.list.set_rows(all_rounds)
        for number, page in enumerate((self.duties, self.list)):
            self.tabs.setTabText(number, page.tab_title)
            page.table.choose_first()

    def _put_right(self, sheet: ReturnedSheet) -> Duty:
        why = sheet.note or "; ".join(f"{label}: {text}" for label, text in sheet.remarks.items())
        what = self.tr("Bị trả lại: {0}").format(why)
        return Duty(
            sheet.name,
            sheet.commune_name,
            what,
            "",
            False,
            Wanted(sheet.establishment, sheet.record),
        )

    def _fill_in(self, sheet: RoundSheet) -> Duty:
        given = sheet.given
        begun = self.tr(" (đang ghi)") if sheet.progress is Progress.BEGUN else ""
        wanted = Wanted(given.establishment, given.survey, given.questionnaire, given.round)
        late = bool(given.due_on) and given.due_on < self.context.today.isoformat()
        due = shown_day(given.due_on)
        return Duty(
            given.name, sheet.commune_name, f"{given.round_title}{begun}", due, late, wanted
        )


def shown_day(iso: str) -> str:
    """`2026-12-31` as people read it; blank stays blank."""
    return f"{datetime.date.fromisoformat(iso):%d/%m/%Y}" if iso else ""

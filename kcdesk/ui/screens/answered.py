"""The answered sheets of the workspace on one page: filtered, opened again, given out as tables."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit

from kcdesk.actions.desk import Desk
from kcdesk.actions.sheet_lists import ListedSheet, SheetFilter, find_sheets
from kcdesk.domain.answer_text import shown_answer
from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.field_text import field_named, show_value
from kcdesk.domain.kinds import SURVEYS
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column
from kcdesk.ui.screens.base import Screen
from kcdesk.ui.screens.record_parts import ListPage
from kcdesk.ui.screens.sheet_exporting import SheetExportDialog
from kcdesk.ui.screens.survey import Wanted
from kcdesk.ui.widgets.parts import button

_STATE = field_named(SURVEYS, "sheet_state")


class AnsweredPage(ListPage):
    """A page of `screen`. Event: a sheet to open (Wanted)."""

    wanted = Signal(object)

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        tr = screen.tr
        self.questionnaire = QComboBox()
        self.questionnaire.setAccessibleName(tr("Mẫu phiếu"))
        self.questionnaire.addItem(tr("Mọi mẫu phiếu"), "")
        self.state = QComboBox()
        self.state.setAccessibleName(tr("Trạng thái"))
        self.state.addItem(tr("Mọi trạng thái"), "")
        for state in SheetState:
            self.state.addItem(show_value(_STATE, state.value), state.value)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Tìm trong các phiếu… (Enter)"))
        self.search.setAccessibleName(tr("Tìm phiếu"))
        self.search.setMinimumWidth(280)
        self.export_button = button(tr("Xuất phiếu…"), self.export, key="Ctrl+E")
        super().__init__(
            tr("Phiếu đã ghi"),
            [
                Column(tr("Số phiếu"), lambda one: one.said("survey_no"), 190),
                Column(tr("Cơ sở"), lambda one: one.name),
                Column(
                    tr("Mẫu"),
                    lambda one: one.said("questionnaire") + (tr(" (mẫu thử)") if one.trial else ""),
                    150,
                    colour=lambda one: theme.WARN if one.trial else None,
                ),
                Column(
                    tr("Ngày khảo sát"),
                    lambda one: shown_answer("date", one.said("survey_date")),
                    145,
                ),
                Column(tr("Người khảo sát"), lambda one: one.said("surveyor"), 180),
                Column(
                    tr("Trạng thái"),
                    lambda one: show_value(_STATE, one.listed.row.get("sheet_state")),
                    190,
                ),
            ],
            tr("Phiếu đã lưu hiện ở đây. Chưa thấy thì chọn “Mọi mẫu phiếu”, “Mọi trạng thái”."),
            self.questionnaire,
            self.state,
            self.search,
            self.export_button,
        )
        self.table.chosen.connect(self._open)
        self.questionnaire.currentIndexChanged.connect(lambda _: self.read())
        self.state.currentIndexChanged.connect(lambda _: self.read())
        self.search.returnPressed.connect(self.read)

    @property
    def filter(self) -> SheetFilter:
        """What is chosen above the list."""
        state = str(self.state.currentData() or "")
        return SheetFilter(
            questionnaire=str(self.questionnaire.currentData() or ""),
            states=[SheetState[state]] if state else [],
            search=self.search.text(),
        )

    def read(self) -> None:
        """Show the sheets that are there now."""
        wanted = self.filter

        def work(desk: Desk) -> tuple[list[ListedSheet], list[str]]:
            used = {
                str(each) for each in desk.workspace.lists.values(SURVEYS.name, "questionnaire")
            }
            return find_sheets(desk, wanted), sorted(used)

        self._screen.tasks.ask(self._screen, work, self._show)

    def export(self) -> None:
        """Ask how the sheets that are shown go into a file."""
        shown = len(self.model.rows)
        dialog = SheetExportDialog(self._screen.context, self._screen, self.filter, shown)
        dialog.told.connect(self._screen.told)
        dialog.open()

    def _show(self, found: tuple[list[ListedSheet], list[str]]) -> None:
        sheets, questionnaires = found
        self._offer(questionnaires)
        self.set_rows(sheets)
        self.export_button.setEnabled(bool(sheets))
        self.table.choose_first()

    def _offer(self, questionnaires: Sequence[str]) -> None:
        box = self.questionnaire
        if questionnaires == [box.itemData(place) for place in range(1, box.count())]:
            return
        with QSignalBlocker(box):
            chosen = box.currentData()
            while box.count() > 1:
                box.removeItem(1)
            for each in questionnaires:
                box.addItem(each, each)
            box.setCurrentIndex(max(box.findData(chosen), 0))

    def _open(self, sheet: ListedSheet) -> None:
        self.wanted.emit(Wanted(sheet.said("establishment"), sheet.id))

"""Taking in a list: choose the file, read what will happen, compare the totals, confirm."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.domain.money import format_vnd
from kcdesk.errors import BadInput, Cancelled, KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import RowsModel
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.import_files import (
    choose_kept_map,
    choose_list,
    choose_map,
    choose_rejects,
    save_rejects,
)
from kcdesk.ui.screens.import_questions import ask_reason, ask_year, can_be_accepted, lacks_year
from kcdesk.ui.screens.import_summary import (
    afterwards,
    facts_card,
    finding_columns,
    taken_in,
    totals_card,
    what_would_be,
)
from kcdesk.ui.screens.import_wishes import Planned, Wishes
from kcdesk.ui.tasks import Running
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
    scrolled,
)

if TYPE_CHECKING:
    from kcdesk.actions.import_report import ImportReport
    from kcdesk.importing.cells import CellFinding
    from kcdesk.importing.old_encodings import Encoding
    from kcdesk.importing.plan import ImportPlan
    from kcdesk.ui.screens.import_columns import ColumnsPanel
    from kcdesk.ui.screens.import_rows import RowsPanel

_TOUCHES = frozenset(("establishments", "figures"))


class ImportScreen(Screen):
    """Event: a list was taken in (how many rows)."""

    imported = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Nhập danh sách"))
        self.plan: ImportPlan | None = None
        self.running: Running | None = None
        self.columns: ColumnsPanel | None = None
        self.known: RowsPanel | None = None
        self._path: Path | None = None
        self._wishes = self._wanted = Wishes()
        self._taking_in = False
        self._sheets: tuple[str, ...] = ()
        self.choose_button = button(
            self.tr("Chọn danh sách cơ sở"),
            lambda: self._choose("establishments"),
            key="Ctrl+O",
            main=True,
        )
        self.figures_button = button(
            self.tr("Chọn danh sách số liệu"), lambda: self._choose("figures"), key="Ctrl+Shift+O"
        )
        self.sheet_chooser: QComboBox | None = None
        self.year_button: QPushButton | None = None
        self._again = button(self.tr("Chọn tệp khác"), self._choose)
        self.confirm_button = button(self.tr("Nhập"), self.confirm, key="Return", main=True)
        self.cancel_button = button(self.tr("Dừng lại"), self._cancel)
        self.rejects_button: QPushButton | None = None
        self.state = label(wrap=True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Tiến độ nhập"))
        self._content = column(gap=theme.SPACE)
        self.findings: RowsModel[CellFinding] = RowsModel(finding_columns(self), self)
        self._finding_table = Table(self.findings, self.tr("Nhận xét về danh sách"))
        self._finding_table.setMinimumHeight(260)
        self._finding_table.selectionModel().currentRowChanged.connect(self._finding_chosen)
        self.accept_button = button(
            self.tr("Vẫn đúng, ghi lý do…"), self._want_reason, key="Ctrl+Shift+L"
        )
        start = Empty(
            self.tr("Đưa danh sách có sẵn vào máy"),
            self.tr(
                "Chọn tệp Excel (.xlsx, .xls), .ods hoặc .csv có danh sách cơ sở, hoặc số liệu từng năm của các cơ sở "
                "đã có. Chương trình đọc thử và cho xem sẽ nhập những gì; chưa bấm Nhập thì chưa ghi gì cả."
            ),
            self.choose_button,
            self.figures_button,
        )
        inside = QWidget()
        whole = column(self._content, None)
        whole.setContentsMargins(0, 0, theme.GAP, 0)
        inside.setLayout(whole)
        full = QWidget()
        top = row(gap=theme.SPACE)
        top.addWidget(self.state, 1)
        for part in (self._again, self.cancel_button, self.confirm_button):
            top.addWidget(part)
        body = column(top, self.progress, gap=theme.SPACE)
        body.addWidget(scrolled(inside), 1)
        full.setLayout(body)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(start)
        self._pages.addWidget(full)
        self._set_busy(busy=False)

    def take_focus(self) -> None:
        (self.choose_button if self.plan is None else self.confirm_button).setFocus()

    # Doing

    def _choose(self, kind: str | None = None) -> None:
        """Ask for a list of that kind; None: of the kind of the one before."""
        choose_list(self, lambda path: self.read(path, kind or self._wishes.kind))

    def read(self, path: Path, kind: str = "establishments") -> None:
        """Read another list and show what importing it would do."""
        self._plan(path, Wishes(kind=kind))

    def say_sheet(self, sheet: str | None) -> None:
        """Read that sheet, all (`EVERY_SHEET`), or the first one."""
        self._read_again(replace(self._wanted, sheet=sheet))

    def say_year(self, year: int) -> None:
        """The figures of the list are of that year, where it does not say one."""
        self._read_again(replace(self._wanted, year=year))

    def say_column(self, header: str, field: str | None) -> None:
        """Read the column with that head as this field, or not at all."""
        self._read_again(self._wanted.with_column(header, field))

    def say_unit(self, header: str, unit: str | None) -> None:
        """Read plain numbers of the column of money with that head as counting this unit; None: as its head says."""
        if self.plan is not None:
            self._read_again(self._wanted.with_unit(header, unit, self.plan))

    def save_rejects(self, out: Path) -> None:
        """Write the workbook with the rows marked that cannot be taken in."""
        if self._path is not None and self.plan is not None:
            save_rejects(self, self._path, self.plan, out)

    def _want_rejects(self) -> None:
        if self._path is not None:
            choose_rejects(self, self._path, self.save_rejects)

    def say_case(self, letter: str, proper: bool) -> None:
        """Read a column in capitals in proper case, or as it stands."""
        self._read_again(self._wanted.with_case(letter, proper=proper))

    def say_encoding(self, letter: str, encoding: Encoding) -> None:
        """Read that column as typed so."""
        self._read_again(replace(self._wanted, typed={**self._wanted.typed, letter: encoding}))

    def use_map(self, path: Path) -> None:
        """Read the columns as a kept file says."""
        try:
            wishes = self._wanted.with_map(path)
        except KcdeskError as error:
            self.told.emit("error", error.message, error.hint)
            return
        self._read_again(wishes)

    def keep_map(self, path: Path) -> None:
        """Keep for the next time how the columns are read."""
        from kcdesk.importing.column_map import write_map  # noqa: PLC0415 -- loads the workbook reader

        if self.plan is None:
            return
        try:
            write_map(path, self.plan)
        except KcdeskError as error:
            self.told.emit("error", error.message, error.hint)
            return
        self.told.emit("good", self.tr("Đã lưu cách đọc các cột vào {0}.").format(path.name), "")

    def accept(self, code: str, reason: str) -> None:
        """Say of all findings of the list with this code that they are right as written, and why."""
        from kcdesk.actions.findings import require_reason  # noqa: PLC0415
        from kcdesk.importing.accepted import accepting  # noqa: PLC0415 -- loads the workbook reader

        if self.plan is None or self.running is not None:
            return
        try:
            accepted = {code: require_reason(reason)}
        except KcdeskError as error:
            self.told.emit("error", error.message, error.hint)
            return
        said = {**self._wishes.accepted, **accepted}
        self._wishes = self._wanted = replace(self._wishes, accepted=said)
        self._show(accepting(self.plan, accepted))

    def _want_reason(self) -> None:
        found = self._finding_table.current()
        if self.plan is not None and found is not None and can_be_accepted(self.plan, found):
            same = sum(f.finding.code == found.finding.code for f in self.plan.findings)
            ask_reason(self, found, same, lambda said: self.accept(found.finding.code, said))

    def _finding_chosen(self) -> None:
        found = self._finding_table.current()
        can = self.plan is not None and found is not None and can_be_accepted(self.plan, found)
        self.accept_button.setEnabled(can)

    def _read_again(self, wishes: Wishes) -> None:
        if self._path is not None:
            self._plan(self._path, wishes)

    def _plan(self, path: Path, wishes: Wishes) -> None:
        """Read the list so; what is being read meanwhile is not wanted any more."""
        if self._taking_in:
            return
        if self.running is not None:
            self.running.cancel()
        self._wanted = wishes

        def failed(error: KcdeskError) -> None:
            if self.running is not running:
                return
            self.running = None
            self._wanted = self._wishes
            self._set_busy(busy=False)
            if self.plan is None:
                self._pages.setCurrentIndex(0)
            else:
                self._show(self.plan)  # the choosers say again how the columns were read
            if isinstance(error, BadInput) and error.code == "no_year":
                ask_year(
                    self, error.message, lambda year: self._plan(path, replace(wishes, year=year))
                )
                return
            tone = "warning" if isinstance(error, Cancelled) else "error"
            self.told.emit(tone, error.message, error.hint)

        def done(answer: Planned) -> None:
            if self.running is not running:
                return
            self.running = None
            if path != self._path or answer.wishes.sheet != self._wishes.sheet:
                self.known = None
            self._path, self._sheets = path, answer.sheets
            self._wishes = answer.wishes
            self._wanted = replace(answer.wishes, accept_proposed=False)
            self._show(answer.plan)

        self._pages.setCurrentIndex(1)
        self.state.setText(self.tr("Đang đọc {0}…").format(path.name))
        self._set_busy(busy=True)
        self.progress.setRange(0, 0)
        running = self.running = self.tasks.long(
            self, partial(wishes.plan, path), done, failed=failed
        )
        running.progressed.connect(self._progressed)

    def confirm(self) -> None:
        """Take the list in, in one transaction."""
        path, wishes = self._path, self._wishes
        if (
            self.plan is None
            or path is None
            or self.running is not None
            or not self.confirm_button.isEnabled()
        ):
            return
        update = self.known is not None and self.known.update_known.isChecked()
        decisions = dict(self.known.decisions) if self.known is not None else {}

        def work(desk: Desk, running: Running) -> ImportReport:
            return wishes.take_in(desk, path, running, update=update, decisions=decisions)

        def done(report: ImportReport) -> None:
            self._ended()
            self.told.emit("good", taken_in(self, report), afterwards(self, report))
            if report.plan.rejected:  # they stay on the screen, to be saved and corrected
                self._plan(path, wishes)
                return
            self.plan = self.known = self._path = None
            self._pages.setCurrentIndex(0)
            self.imported.emit(report.imported)

        def failed(error: KcdeskError) -> None:
            self._ended()
            tone = "warning" if isinstance(error, Cancelled) else "error"
            self.told.emit(tone, error.message, error.hint)

        self._taking_in = True
        self._set_busy(busy=True)
        self.progress.setRange(0, sum(self._counts(self.plan)))
        self.state.setText(self.tr("Đang nhập…"))
        self.running = self.tasks.long(self, work, done, failed=failed, touches=_TOUCHES)
        self.running.progressed.connect(self._progressed)

    def _cancel(self) -> None:
        if self.running is not None:
            self.running.cancel()
            self.cancel_button.setEnabled(False)

    def _progressed(self, phase: str, done: int, total: int) -> None:
        if self.sender() is not self.running:
            return
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        if phase == "rows" and done == total:
            self.progress.setRange(0, 0)
            self.cancel_button.setEnabled(False)
            self.state.setText(self.tr("Đang ghi xuống đĩa…"))
            return
        if not total:  # the file is still being opened
            return
        said = {
            "reading": self.tr("Đang đọc {0} / {1} dòng"),
            "compared": self.tr("Đang so với {0} / {1} cơ sở đã có"),
            "rows": self.tr("Đang nhập {0} / {1} dòng"),
        }[phase]
        self.state.setText(said.format(format_vnd(done), format_vnd(total)))

    def _ended(self) -> None:
        self.running = None
        self._taking_in = False
        self._set_busy(busy=False)
        if self.plan is not None:
            self._say_what(self.plan)

    def _set_busy(self, *, busy: bool) -> None:
        self.progress.setVisible(busy)
        self.cancel_button.setVisible(busy)
        self.cancel_button.setEnabled(True)
        self.confirm_button.setVisible(not busy)
        self._again.setVisible(not busy)

    # Showing

    def _show(self, plan: ImportPlan) -> None:
        self.plan = plan
        self._set_busy(busy=False)
        self.rejects_button = button(
            self.tr("Lưu các dòng chưa nhập được…"), self._want_rejects, key="Ctrl+Shift+S"
        )
        kept = [self._finding_table] if self.known is None else [self._finding_table, self.known]
        for part in (*kept, self.accept_button):
            self._content.removeWidget(part)
            part.setParent(None)
        clear(self._content)
        if not plan.open_encodings:  # they would have to be decided first
            self._add_known(plan)
        panels = [self._columns_panel(plan, part) for part in plan.sheets]
        self.columns = panels[0]
        both = row(gap=theme.SPACE)
        both.addWidget(facts_card(self, plan), 1)
        both.addLayout(column(*panels, gap=theme.SPACE), 1)
        self._content.addLayout(both)
        if plan.totals:
            self._content.addWidget(totals_card(self, plan))
        self.findings.set_rows(plan.findings)
        if plan.findings:
            title = self.tr("Nhận xét ({0})").format(format_vnd(len(plan.findings)))
            tools = [self.accept_button, *([self.rejects_button] if plan.rejected else [])]
            self._content.addWidget(card(row(heading(title), None, *tools), self._finding_table))
            self._finding_chosen()
        self._say_what(plan)
        self.confirm_button.setFocus()

    def _add_known(self, plan: ImportPlan) -> None:
        """The rows that are or may be there already, when there are any."""
        from kcdesk.ui.screens.import_rows import RowsPanel, needs_a_look  # noqa: PLC0415 -- as above

        needed = any(map(needs_a_look, plan.rows))
        if needed and self.known is None:
            self.known = RowsPanel(of_years=plan.kind.by_year)
            self.known.decided.connect(self._decided)
        if self.known is not None:
            self.known.set_plan(plan)
            if needed:
                self._content.addWidget(self.known)

    def _decided(self) -> None:
        if self.plan is not None:
            self._say_what(self.plan)

    def _counts(self, plan: ImportPlan) -> tuple[int, int]:
        """How many establishments would be added and updated."""
        return self.known.counts(plan) if self.known is not None else (len(plan.added), 0)

    def _say_what(self, plan: ImportPlan) -> None:
        added, updated = self._counts(plan)
        accepted = sum(bool(of.proposal.accepted) for of in plan.rows)
        self.state.setText(what_would_be(self, plan, added, updated, accepted))
        self.confirm_button.setEnabled(not plan.open_encodings and added + updated + accepted > 0)

    def _columns_panel(self, plan: ImportPlan, part: ImportPlan) -> ColumnsPanel:
        """How one sheet of the list is read; the tools for all of it stand at the first."""
        from kcdesk.ui.screens.import_columns import ColumnsPanel  # noqa: PLC0415 -- as above

        tools: list[QWidget] = []
        if part is plan.sheets[0]:
            tools = self._tools(plan)
        panel = ColumnsPanel(
            part,
            *tools,
            proper_case=self._wishes.cased,
            sheet=part.sheet if len(plan.sheets) > 1 else "",
        )
        panel.meant.connect(self.say_column)
        panel.cased.connect(self.say_case)
        panel.counted.connect(self.say_unit)
        panel.typed.connect(self.say_encoding)
        return panel

    def _tools(self, plan: ImportPlan) -> list[QWidget]:
        from kcdesk.ui.screens.import_columns import sheet_chooser  # noqa: PLC0415 -- as above

        self.sheet_chooser = self.year_button = None
        tools: list[QWidget] = []
        if len(self._sheets) > 1:
            self.sheet_chooser = sheet_chooser(self._sheets, self._wishes.sheet, plan.sheet)
            self.sheet_chooser.activated.connect(self._sheet_chosen)
            tools.append(self.sheet_chooser)
        if lacks_year(plan) or self._wishes.year is not None:
            question = self.tr("Số liệu của danh sách là của năm nào?")
            self.year_button = button(
                self.tr("Năm của số liệu…"), lambda: ask_year(self, question, self.say_year)
            )
            tools.append(self.year_button)
        return [
            *tools,
            button(self.tr("Dùng cách đọc đã lưu"), lambda: choose_map(self, self.use_map)),
            button(self.tr("Lưu cách đọc"), lambda: choose_kept_map(self, self.keep_map)),
        ]

    def _sheet_chosen(self) -> None:
        if self.sheet_chooser is not None:
            self.say_sheet(self.sheet_chooser.currentData())

"""Taking in a list: choose the file, read what will happen, compare the totals, confirm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
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
from kcdesk.ui.screens.import_summary import afterwards, facts_card, finding_columns, totals_card
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
    from kcdesk.importing.column_map import MappedColumn
    from kcdesk.importing.old_encodings import Encoding
    from kcdesk.importing.plan import ImportPlan
    from kcdesk.importing.reading import Choices
    from kcdesk.ui.screens.import_columns import ColumnsPanel
    from kcdesk.ui.screens.import_rows import RowsPanel

_TOUCHES = frozenset(("establishments", "figures"))


class ImportScreen(Screen):
    """Event: a list was taken in (how many rows)."""

    imported = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Nhập danh sách cơ sở"))
        self.plan: ImportPlan | None = None
        self.running: Running | None = None
        self.columns: ColumnsPanel | None = None
        self.known: RowsPanel | None = None
        self._path: Path | None = None
        self._choices: Choices | None = None
        self._said: dict[str, MappedColumn] = {}
        self._typed: dict[str, Encoding] = {}
        self._cased: frozenset[str] = frozenset()
        self.choose_button = button(self.tr("Chọn tệp"), self._choose, key="Ctrl+O", main=True)
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
        start = Empty(
            self.tr("Đưa danh sách có sẵn vào máy"),
            self.tr(
                "Chọn tệp Excel (.xlsx, .xls), .ods hoặc .csv có danh sách cơ sở. Chương trình đọc thử và cho xem "
                "sẽ nhập những gì; chưa bấm Nhập thì chưa ghi gì cả."
            ),
            self.choose_button,
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

    def _choose(self) -> None:
        choose_list(self, self.read)

    def read(self, path: Path) -> None:
        """Read another list and show what importing it would do."""
        self._plan(path, {}, {})

    def say_column(self, header: str, field: str | None) -> None:
        """Read the column with that head as this field, or not at all."""
        from kcdesk.importing.column_map import MappedColumn  # noqa: PLC0415 -- as below

        said = {
            head: column
            for head, column in self._said.items()
            if column.field is None or column.field != field
        }
        self._read_again({**said, header: MappedColumn(header, field)}, self._typed)

    def say_unit(self, header: str, unit: str | None) -> None:
        """Read plain numbers of the column of money with that head as counting this unit; None: as its head says."""
        from kcdesk.importing.column_map import MappedColumn  # noqa: PLC0415 -- as below

        of_plan = self.plan.columns if self.plan is not None else ()
        meaning = next((column.meaning for column in of_plan if column.header == header), None)
        said = MappedColumn(header, meaning, unit)
        self._read_again({**self._said, header: said}, self._typed)

    def save_rejects(self, out: Path) -> None:
        """Write the workbook with the rows marked that cannot be taken in."""
        if self._path is not None and self.plan is not None:
            save_rejects(self, self._path, self.plan, out)

    def _want_rejects(self) -> None:
        if self._path is not None:
            choose_rejects(self, self._path, self.save_rejects)

    def say_case(self, letter: str, proper: bool) -> None:
        """Read a column in capitals in proper case, or as it stands."""
        self._cased = self._cased | {letter} if proper else self._cased - {letter}
        self._read_again(self._said, self._typed)

    def say_encoding(self, letter: str, encoding: Encoding) -> None:
        """Read that column as typed so."""
        self._read_again(self._said, {**self._typed, letter: encoding})

    def use_map(self, path: Path) -> None:
        """Read the columns as a kept file says."""
        from kcdesk.importing.column_map import read_map  # noqa: PLC0415 -- as below

        try:
            said = {column.header: column for column in read_map(path)}
        except KcdeskError as error:
            self.told.emit("error", error.message, error.hint)
            return
        self._read_again(said, {})

    def keep_map(self, path: Path) -> None:
        """Keep for the next time how the columns are read."""
        from kcdesk.importing.column_map import write_map  # noqa: PLC0415 -- as below

        if self.plan is None:
            return
        try:
            write_map(path, self.plan)
        except KcdeskError as error:
            self.told.emit("error", error.message, error.hint)
            return
        self.told.emit("good", self.tr("Đã lưu cách đọc các cột vào {0}.").format(path.name), "")

    def _read_again(self, said: dict[str, MappedColumn], typed: dict[str, Encoding]) -> None:
        if self._path is not None:
            self._plan(self._path, said, typed)

    def _plan(self, path: Path, said: dict[str, MappedColumn], typed: dict[str, Encoding]) -> None:
        from kcdesk.actions.importing import plan_import  # noqa: PLC0415 -- loads the workbook reader
        from kcdesk.importing.reading import Choices  # noqa: PLC0415 -- as above

        if path != self._path:
            self._cased = frozenset()
        choices = Choices(columns=tuple(said.values()), encodings=typed, proper_case=self._cased)

        def work(desk: Desk) -> tuple[ImportPlan, Choices]:
            try:
                return plan_import(desk, path, choices=choices), choices
            except BadInput as error:
                if error.code != "open_columns":
                    raise
                as_proposed = replace(choices, accept_proposed=True)  # to be seen and corrected
                return plan_import(desk, path, choices=as_proposed), as_proposed

        def failed(error: KcdeskError) -> None:
            self._set_busy(busy=False)
            if self.plan is None:
                self._pages.setCurrentIndex(0)
            else:
                self._show(self.plan)  # the choosers say again how the columns were read
            self.told.emit("error", error.message, error.hint)

        def done(answer: tuple[ImportPlan, Choices]) -> None:
            plan, self._choices = answer
            if path != self._path:
                self.known = None
            self._path, self._said, self._typed = path, said, typed
            self._show(plan)

        self._pages.setCurrentIndex(1)
        self.state.setText(self.tr("Đang đọc {0}…").format(path.name))
        self._set_busy(busy=True)
        self.progress.setRange(0, 0)
        self.tasks.ask(self, work, done, failed=failed)

    def confirm(self) -> None:
        """Take the list in, in one transaction."""
        from kcdesk.actions.importing import import_list  # noqa: PLC0415 -- as above

        path, choices = self._path, self._choices
        if (
            self.plan is None
            or path is None
            or choices is None
            or self.running is not None
            or not self.confirm_button.isEnabled()
        ):
            return
        update = self.known is not None and self.known.update_known.isChecked()
        decisions = dict(self.known.decisions) if self.known is not None else {}

        def work(desk: Desk, running: Running) -> ImportReport:
            def progress(done: int, total: int) -> None:
                running.progress("rows", done, total)

            return import_list(
                desk,
                path,
                choices=choices,
                update=update,
                decisions=decisions,
                progress=progress,
            )

        def done(report: ImportReport) -> None:
            self._ended()
            self.told.emit(
                "good",
                self.tr("Đã nhập {0} cơ sở.").format(format_vnd(report.imported)),
                afterwards(self, report),
            )
            if report.plan.rejected:  # they stay on the screen, to be saved and corrected
                self._plan(path, self._said, self._typed)
                return
            self.plan = self.known = self._path = None
            self._pages.setCurrentIndex(0)
            self.imported.emit(report.imported)

        def failed(error: KcdeskError) -> None:
            self._ended()
            tone = "warning" if isinstance(error, Cancelled) else "error"
            self.told.emit(tone, error.message, error.hint)

        self._set_busy(busy=True)
        self.progress.setRange(0, sum(self._counts(self.plan)))
        self.state.setText(self.tr("Đang nhập…"))
        self.running = self.tasks.long(self, work, done, failed=failed, touches=_TOUCHES)
        self.running.progressed.connect(self._progressed)

    def _cancel(self) -> None:
        if self.running is not None:
            self.running.cancel()
            self.cancel_button.setEnabled(False)

    def _progressed(self, phase: str, done: int, total: int) -> None:  # noqa: ARG002
        self.progress.setValue(done)
        if done == total:
            self.progress.setRange(0, 0)
            self.cancel_button.setEnabled(False)
            self.state.setText(self.tr("Đang ghi xuống đĩa…"))
        else:
            self.state.setText(
                self.tr("Đang nhập {0} / {1} dòng").format(format_vnd(done), format_vnd(total))
            )

    def _ended(self) -> None:
        self.running = None
        self._set_busy(busy=False)
        if self.plan is not None:
            self._say_what(self.plan)

    def _set_busy(self, *, busy: bool) -> None:
        self.progress.setVisible(busy)
        self.cancel_button.setVisible(busy and self.plan is not None)
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
        for part in kept:
            self._content.removeWidget(part)
            part.setParent(None)
        clear(self._content)
        if not plan.open_encodings:  # they would have to be decided first
            self._add_known(plan)
        self.columns = self._columns_panel(plan)
        both = row(gap=theme.SPACE)
        both.addWidget(facts_card(self, plan), 1)
        both.addWidget(self.columns, 1)
        self._content.addLayout(both)
        if plan.totals:
            self._content.addWidget(totals_card(self, plan))
        self.findings.set_rows(plan.findings)
        if plan.findings:
            title = self.tr("Nhận xét ({0})").format(format_vnd(len(plan.findings)))
            top = row(heading(title), None, *([self.rejects_button] if plan.rejected else []))
            self._content.addWidget(card(top, self._finding_table))
        self._say_what(plan)
        self.confirm_button.setFocus()

    def _add_known(self, plan: ImportPlan) -> None:
        """The rows that are or may be there already, when there are any."""
        from kcdesk.ui.screens.import_rows import RowsPanel, needs_a_look  # noqa: PLC0415 -- as above

        needed = any(map(needs_a_look, plan.rows))
        if needed and self.known is None:
            self.known = RowsPanel()
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
        if plan.open_encodings:
            letters = ", ".join(typed.letter for typed in plan.open_encodings)
            said = self.tr("Chọn bảng mã của cột {0} trước khi nhập.").format(letters)
        elif updated:
            said = self.tr("Sẽ nhập {0} cơ sở, cập nhật {1} từ {2}. Chưa ghi gì cả.").format(
                format_vnd(added), format_vnd(updated), plan.source
            )
        elif plan.rejected and not added:
            said = self.tr("Không có gì mới để nhập từ {0}; {1} dòng chưa nhập được.").format(
                plan.source, format_vnd(len(plan.rejected))
            )
        else:
            said = self.tr("Sẽ nhập {0} cơ sở từ {1}. Chưa ghi gì cả.").format(
                format_vnd(added), plan.source
            )
        self.state.setText(said)
        self.confirm_button.setEnabled(not plan.open_encodings and added + updated > 0)

    def _columns_panel(self, plan: ImportPlan) -> ColumnsPanel:
        from kcdesk.ui.screens.import_columns import ColumnsPanel  # noqa: PLC0415 -- as above

        panel = ColumnsPanel(
            plan,
            button(self.tr("Dùng cách đọc đã lưu"), lambda: choose_map(self, self.use_map)),
            button(self.tr("Lưu cách đọc"), lambda: choose_kept_map(self, self.keep_map)),
            proper_case=self._cased,
        )
        panel.meant.connect(self.say_column)
        panel.cased.connect(self.say_case)
        panel.counted.connect(self.say_unit)
        panel.typed.connect(self.say_encoding)
        return panel

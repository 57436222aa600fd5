"""Taking in a list: choose the file, read what will happen, compare the totals, confirm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QStackedLayout,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.domain.code_lists import label_of
from kcdesk.domain.money import MoneyUnit, format_in, format_vnd
from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen
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
    restyle,
    row,
    scrolled,
)

if TYPE_CHECKING:
    from kcdesk.actions.importing import ImportReport
    from kcdesk.importing.cells import CellFinding
    from kcdesk.importing.plan import ImportPlan

_TOUCHES = frozenset(("establishments", "figures"))


class ImportScreen(Screen):
    """Event: a list was taken in (how many rows)."""

    imported = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Nhập danh sách cơ sở"))
        self.plan: ImportPlan | None = None
        self.running: Running | None = None
        self._path: Path | None = None
        self.choose_button = button(self.tr("Chọn tệp"), self._choose, key="Ctrl+O", main=True)
        self._again = button(self.tr("Chọn tệp khác"), self._choose)
        self.confirm_button = button(self.tr("Nhập"), self.confirm, key="Return", main=True)
        self.cancel_button = button(self.tr("Dừng lại"), self._cancel)
        self.state = label(wrap=True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Tiến độ nhập"))
        self._content = column(gap=theme.SPACE)
        self.findings: RowsModel[CellFinding] = RowsModel(self._finding_columns(), self)
        self._finding_table = Table(self.findings, self.tr("Nhận xét về danh sách"))
        self._finding_table.setMinimumHeight(260)
        start = Empty(
            self.tr("Đưa danh sách có sẵn vào máy"),
            self.tr(
                "Chọn tệp Excel (.xlsx, .xls) hoặc .ods có danh sách cơ sở. Chương trình đọc thử và cho xem "
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
        self._pages = QStackedLayout()
        self._pages.addWidget(start)
        self._pages.addWidget(full)
        self.setLayout(self._pages)
        self._set_busy(busy=False)

    def take_focus(self) -> None:
        (self.choose_button if self.plan is None else self.confirm_button).setFocus()

    # Doing

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Chọn danh sách cơ sở"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Bảng tính (*.xlsx *.xls *.xlsb *.ods)"))
        dialog.fileSelected.connect(lambda chosen: self.read(Path(chosen)))
        dialog.open()

    def read(self, path: Path) -> None:
        """Read the list and show what importing it would do."""
        from kcdesk.actions.importing import plan_import  # noqa: PLC0415 -- loads the workbook reader

        def failed(error: KcdeskError) -> None:
            self._set_busy(busy=False)
            if self.plan is None:
                self._pages.setCurrentIndex(0)
            else:
                self._say_what(self.plan)
            self.told.emit("error", error.message, error.hint)

        def done(plan: ImportPlan) -> None:
            self._path = path
            self._show(plan)

        self._pages.setCurrentIndex(1)
        self.state.setText(self.tr("Đang đọc {0}…").format(path.name))
        self._set_busy(busy=True)
        self.progress.setRange(0, 0)
        self.tasks.ask(self, lambda desk: plan_import(desk, path), done, failed=failed)

    def confirm(self) -> None:
        """Take the list in, in one transaction."""
        from kcdesk.actions.importing import import_establishments  # noqa: PLC0415 -- as above

        path = self._path
        if self.plan is None or path is None or self.running is not None:
            return

        def work(desk: Desk, running: Running) -> ImportReport:
            def progress(done: int, total: int) -> None:
                running.progress("rows", done, total)

            return import_establishments(desk, path, progress=progress)

        def done(report: ImportReport) -> None:
            self._ended()
            self.plan = None
            self._pages.setCurrentIndex(0)
            self.told.emit(
                "good",
                self.tr("Đã nhập {0} cơ sở.").format(format_vnd(report.imported)),
                self._afterwards(report),
            )
            self.imported.emit(report.imported)

        def failed(error: KcdeskError) -> None:
            self._ended()
            tone = "warning" if isinstance(error, Cancelled) else "error"
            self.told.emit(tone, error.message, error.hint)

        self._set_busy(busy=True)
        self.progress.setRange(0, len(self.plan.added))
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

    def _afterwards(self, report: ImportReport) -> str:
        said = []
        if report.plan.rejected:
            said.append(self.tr("{0} dòng không nhập được.").format(len(report.plan.rejected)))
        if report.plan.undecided:
            said.append(
                self.tr("{0} cơ sở chờ chọn xã, phường (F8).").format(len(report.plan.undecided))
            )
        return " ".join(said)

    # Showing

    def _show(self, plan: ImportPlan) -> None:
        self.plan = plan
        self._set_busy(busy=False)
        self._say_what(plan)
        self._content.removeWidget(self._finding_table)
        self._finding_table.setParent(None)
        clear(self._content)
        self._content.addLayout(self._summary(plan))
        if plan.totals:
            self._content.addWidget(self._totals(plan))
        self.findings.set_rows(plan.findings)
        if plan.findings:
            title = self.tr("Nhận xét ({0})").format(format_vnd(len(plan.findings)))
            self._content.addWidget(card(heading(title), self._finding_table))
        self.confirm_button.setEnabled(bool(plan.added))
        self.confirm_button.setFocus()

    def _say_what(self, plan: ImportPlan) -> None:
        self.state.setText(
            self.tr("Sẽ nhập {0} cơ sở từ {1}. Chưa ghi gì cả.").format(
                format_vnd(len(plan.added)), plan.source
            )
        )

    def _summary(self, plan: ImportPlan) -> QHBoxLayout:
        """Two cards beside each other: what will happen, and how the columns are read."""
        from kcdesk.importing.columns import MEANINGS  # noqa: PLC0415 -- loads the workbook reader

        meanings = {meaning.key: meaning.label for meaning in MEANINGS}
        forms = "; ".join(
            f"{label_of('legal_form', form) if form else self.tr('chưa rõ')}: {format_vnd(count)}"
            for form, count in plan.by_legal_form.items()
        )
        basis = label_of("figure_basis", plan.basis.value).lower()
        year = (
            f"{plan.year} ({basis})"
            if plan.year is not None
            else self.tr("danh sách không ghi năm")
        )
        resolved = sum(use.new is not None for use in plan.communes)
        facts = [
            (self.tr("Tệp, trang tính"), f"{plan.source}, {plan.sheet}"),
            (self.tr("Cơ sở sẽ nhập"), format_vnd(len(plan.added))),
            (
                self.tr("Đã có, không nhập lại"),
                format_vnd(len(plan.rows) - len(plan.added)),
            ),
            (self.tr("Theo loại hình"), forms),
            (self.tr("Lao động"), format_vnd(plan.sum_of("workers"))),
            (
                self.tr("Giá trị sản xuất"),
                self.tr("{0} tỷ đồng").format(
                    format_in(plan.sum_of("production_value"), MoneyUnit.TY)
                ),
            ),
            (self.tr("Số liệu của năm"), year),
            (
                self.tr("Xã, phường cũ"),
                self.tr("{0} nơi, {1} đã rõ nay thuộc đâu").format(len(plan.communes), resolved),
            ),
            (self.tr("Chờ chọn xã, phường"), format_vnd(len(plan.undecided))),
            (self.tr("Dòng không nhập được"), format_vnd(len(plan.rejected))),
        ]
        columns = [
            (
                f"{column_.letter}. {column_.header}",
                meanings.get(column_.meaning or "", self.tr("không dùng")),
            )
            for column_ in plan.columns
        ]
        both = row(gap=theme.SPACE)
        both.addWidget(card(heading(self.tr("Sẽ nhập")), _facts(facts), None), 1)
        both.addWidget(card(heading(self.tr("Các cột được hiểu là")), _facts(columns), None), 1)
        return both

    def _totals(self, plan: ImportPlan) -> QFrame:
        lines: list[QWidget] = []
        for total in plan.totals:
            line = label(total.sentence, wrap=True)
            restyle(line, "note", "good" if total.agrees else "error")
            lines.append(line)
        return card(heading(self.tr("Tổng ghi trong danh sách, so với tổng từ các dòng")), *lines)

    def _finding_columns(self) -> list[Column[CellFinding]]:
        def colour(found: CellFinding) -> str:
            return theme.BAD if found.finding.level == "hard" else theme.WARN

        return [
            Column(self.tr("Dòng"), lambda f: str(f.row or ""), 70, number=True),
            Column(self.tr("Cột"), lambda f: str(f.column or ""), 60),
            Column(
                self.tr("Mức"),
                lambda f: self.tr("không nhập") if f.finding.level == "hard" else self.tr("lưu ý"),
                110,
                colour=colour,
            ),
            Column(self.tr("Nhận xét"), lambda f: f"{f.finding.message} {f.finding.hint}".strip()),
        ]


def _facts(facts: list[tuple[str, str]]) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(theme.SPACE)
    form.setVerticalSpacing(theme.GAP)
    for name, value in facts:
        form.addRow(label(name, quiet=True), label(value, wrap=True))
    return form

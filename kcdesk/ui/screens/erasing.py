"""Erasing personal data as the law on it asks: which establishment, what of it, on which paper; and what was erased.

A screen of the centre, and of who works alone. It says in plain words what will be gone before anything goes.
"""

from __future__ import annotations

import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QHeaderView,
    QLineEdit,
    QMessageBox,
    QStackedLayout,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.actions.erasable import ErasableRecord, erasable
from kcdesk.actions.erasing import Erased, ErasurePlan, erase_together, list_erasures, plan_erasure
from kcdesk.actions.records import ListedRecord, list_records
from kcdesk.domain.findings import Finding
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen, kind_label, moment
from kcdesk.ui.screens.exporting import work_list_button
from kcdesk.ui.tasks import EVERYTHING
from kcdesk.ui.widgets.parts import (
    Empty,
    Table,
    button,
    card,
    column,
    heading,
    label,
    row,
    shortcut,
)

FOUND = 30
"""Establishments that a search offers."""
_SHOWN = 6
"""Fields that a confirmation names before it counts the rest."""

Chosen = list[tuple[ErasableRecord, list[str]]]


class ErasingScreen(Screen):
    """Left: who wants to be forgotten. Right: what goes, and why. On the other page: what was erased."""

    shows = EVERYTHING

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Xoá dữ liệu cá nhân theo yêu cầu"))
        self._establishment = ""
        self._shown: list[tuple[ErasableRecord, QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Tên, mã số thuế, điện thoại (Ctrl+F), rồi Enter"))
        self.search.setAccessibleName(self.tr("Tìm cơ sở"))
        self.search.returnPressed.connect(self.look)
        shortcut(self, "Ctrl+F", self.search.setFocus)
        self.found: RowsModel[ListedRecord] = RowsModel(
            [
                Column(self.tr("Cơ sở"), lambda one: str(one.row.get("name") or "(chưa có tên)")),
                Column(
                    self.tr("Xã, phường"), lambda one: str(one.row.get("commune_name") or ""), 150
                ),
            ],
            self,
        )
        self.table = Table(self.found, self.tr("Các cơ sở tìm thấy"))
        self.table.chosen.connect(lambda one: self.open(str(one.row["id"])))
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(self.tr("Những gì xoá được của cơ sở"))
        self.tree.setHeaderLabels([self.tr("Đánh dấu những gì phải xoá"), self.tr("Đang ghi")])
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.setUniformRowHeights(True)
        self.tree.itemChanged.connect(lambda *_: self._enable())
        self.reason, self.paper, self.date = QLineEdit(), QLineEdit(), QLineEdit()
        self.reason.setPlaceholderText(self.tr("ví dụ: theo yêu cầu của chủ cơ sở"))
        self.paper.setPlaceholderText(self.tr("ví dụ: 12/QĐ-TTKC"))
        self.date.setPlaceholderText(self.tr("ngày/tháng/năm"))
        for name, line in (
            (self.tr("Lý do"), self.reason),
            (self.tr("Số văn bản"), self.paper),
            (self.tr("Ngày văn bản"), self.date),
        ):
            line.setAccessibleName(name)
            line.textChanged.connect(lambda _: self._enable())
        form = QFormLayout()
        form.setVerticalSpacing(theme.GAP)
        form.addRow(self.tr("Lý do"), self.reason)
        paper = row(self.paper, label(self.tr("Ngày")), self.date, gap=theme.GAP)
        form.addRow(self.tr("Số văn bản"), paper)
        self.erase_button = button(self.tr("Xoá…"), self.ask, main=True)
        warning = label(
            self.tr(
                "Những gì bị xoá mất hẳn ở mọi máy, ở tỉnh và trong các bản sao lưu, không lấy lại được. "
                "Đừng ghi lại thông tin cần xoá vào lý do."
            ),
            quiet=True,
            wrap=True,
        )
        self.entries: RowsModel[Erased] = RowsModel(
            [
                Column(self.tr("Lúc"), lambda one: moment(one.at), 150),
                Column(self.tr("Ai xoá"), lambda one: one.who, 140),
                Column(self.tr("Loại"), lambda one: kind_label(one.kind), 190),
                Column(self.tr("Văn bản"), _paper, 210),
                Column(self.tr("Lý do"), lambda one: one.reason),
            ],
            self,
        )
        self.list = Table(self.entries, self.tr("Những lần đã xoá"))
        self.nothing = Empty(
            self.tr("Chưa xoá dữ liệu nào theo yêu cầu"),
            self.tr("Mỗi lần xoá được ghi lại ở đây: ai xoá, lúc nào, theo văn bản nào."),
        )
        who = card(heading(self.tr("Của cơ sở nào")), self.search, self.table)
        buttons = row(None, self.erase_button)
        what = card(heading(self.tr("Xoá những gì")), self.tree, form, warning, buttons)
        sides = row(gap=theme.SPACE)
        sides.addWidget(who, 2)
        sides.addWidget(what, 3)
        page = QWidget()
        page.setLayout(sides)
        sides.setContentsMargins(0, theme.GAP, 0, 0)
        done = QWidget()
        self._done = QStackedLayout(done)
        self._done.addWidget(self.nothing)
        of_entries = QWidget()
        of_entries.setLayout(column(row(None, work_list_button(self, "erasures")), self.list))
        self._done.addWidget(of_entries)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(page, self.tr("Xoá"))
        self.tabs.addTab(done, "")
        self.setLayout(column(self.tabs))
        self._show_entries([])
        self._enable()

    def entered(self) -> None:
        self.tasks.ask(self, list_erasures, self._show_entries)

    def take_focus(self) -> None:
        self.search.setFocus()

    # Choosing

    def look(self) -> None:
        """Look for establishments with what was typed."""
        text = self.search.text()

        def show(found: list[ListedRecord]) -> None:
            self.found.set_rows(found)
            if found:
                self.table.choose_first()
                self.table.setFocus()
            else:
                self.told.emit("warning", self.tr("Không tìm thấy cơ sở nào."), "")

        def work(desk: Desk) -> list[ListedRecord]:
            return list(list_records(desk, ESTABLISHMENTS.name, search=text, limit=FOUND).records)

        self.tasks.ask(self, work, show)

    def open(self, establishment: str) -> None:
        """Show what can be erased of an establishment."""
        self._establishment = establishment
        self.tasks.ask(
            self, lambda desk: erasable(desk, establishment), self._show, failed=self._tell
        )

    def _show(self, records: list[ErasableRecord]) -> None:
        self.tree.blockSignals(True)
        self.tree.clear()
        self._shown = [self._add(one) for one in records]
        if self._shown:
            first = self._shown[0][1]
            first.setExpanded(True)
            self.tree.setCurrentItem(first)
            self.tree.setFocus()
        self.tree.blockSignals(False)
        self._enable()

    def _add(
        self, one: ErasableRecord
    ) -> tuple[ErasableRecord, QTreeWidgetItem, list[QTreeWidgetItem]]:
        top = QTreeWidgetItem(self.tree, [one.label, one.title])
        flags = Qt.ItemFlag.ItemIsAutoTristate | Qt.ItemFlag.ItemIsUserCheckable
        top.setFlags(top.flags() | flags)
        top.setCheckState(0, Qt.CheckState.Unchecked)
        below = []
        for field in one.fields:
            shown = field.value or self.tr("(chỉ trong lịch sử)")
            below.append(QTreeWidgetItem(top, [field.label, shown]))
            below[-1].setCheckState(0, Qt.CheckState.Unchecked)
        return one, top, below

    def mark(self, record: str, *names: str) -> None:
        """Mark fields of a record, as a click on each does; no name: all of it."""
        for one, top, below in self._shown:
            if one.record == record and not names:
                top.setCheckState(0, Qt.CheckState.Checked)
            for field, item in zip(one.fields, below, strict=True):
                if one.record == record and field.name in names:
                    item.setCheckState(0, Qt.CheckState.Checked)

    @property
    def chosen(self) -> Chosen:
        """The records with what is marked of them; of an attachment no field means all of it."""
        checked = Qt.CheckState.Checked
        found: Chosen = []
        for one, top, below in self._shown:
            names = [
                field.name
                for field, item in zip(one.fields, below, strict=True)
                if item.checkState(0) == checked
            ]
            if names or (not one.fields and top.checkState(0) == checked):
                found.append((one, names))
        return found

    def _enable(self) -> None:
        told = all(line.text().strip() for line in (self.reason, self.paper, self.date))
        self.erase_button.setEnabled(told and bool(self.chosen))

    # Erasing

    def ask(self) -> None:
        """Say what would go, and erase it when that is meant."""
        chosen = self.chosen

        def work(desk: Desk) -> list[ErasurePlan]:
            return [plan_erasure(desk, one.kind, one.record, names) for one, names in chosen]

        self.tasks.ask(self, work, self._confirm, failed=self._tell)

    def _confirm(self, plans: list[ErasurePlan]) -> None:
        self.box = QMessageBox(self)
        self.box.setIcon(QMessageBox.Icon.Warning)
        self.box.setWindowTitle(self.tr("Xoá hẳn?"))
        self.box.setText(
            self.tr("Xoá hẳn {0} mục. Không ai lấy lại được.").format(
                sum(len(p.cells) for p in plans)
            )
        )
        self.box.setInformativeText("\n".join(self._in_words(plans)))
        keeps = self.box.addButton(self.tr("Giữ lại"), QMessageBox.ButtonRole.RejectRole)
        self.erases = self.box.addButton(self.tr("Xoá hẳn"), QMessageBox.ButtonRole.DestructiveRole)
        self.box.setDefaultButton(keeps)
        self.box.buttonClicked.connect(
            lambda pressed: self.erase(plans) if pressed is self.erases else None
        )
        self.box.open()

    def _in_words(self, plans: list[ErasurePlan]) -> list[str]:
        said = []
        for one, names in self.chosen:
            labels = {field.name: field.label for field in one.fields}
            what = [labels.get(name, name) for name in names] or [
                self.tr("tệp và mọi thông tin đọc từ tệp")
            ]
            rest = (
                self.tr(" và {0} mục khác").format(len(what) - _SHOWN) if len(what) > _SHOWN else ""
            )
            title = f" “{one.title}”" if one.title else ""
            said.append(f"• {one.label}{title}: {', '.join(what[:_SHOWN])}{rest}.")
        if any(plan.drafts for plan in plans):
            said.append(self.tr("Phần đang ghi dở của các mục này cũng mất."))
        if any(plan.set_aside is not None for plan in plans):
            said.append(self.tr("Các tệp cũ cất riêng sau lần khôi phục trước bị xoá cả thư mục."))
        if papers := max((plan.papers for plan in plans), default=0):
            said.append(
                self.tr("Tên tệp, tên người nhận ở {0} dòng của sổ giấy tờ cũng mất.").format(
                    papers
                )
            )
        if pages := max((plan.pages for plan in plans), default=0):
            said.append(
                self.tr(
                    "{0} trang quét đang chờ bị xoá cả, vì không biết của ai: kèm vào hồ sơ trước nếu còn cần."
                ).format(pages)
            )
        chosen = {(plan.kind, plan.record) for plan in plans}
        others = {place[:2] for plan in plans for place in plan.elsewhere} - chosen
        if others:
            said.append(
                self.tr("Cùng nội dung ấy còn ở {0} hồ sơ khác, phải xoá riêng.").format(
                    len(others)
                )
            )
        said.append(self.tr("Giấy đã in, tệp đã xuất ra ngoài thì phải tự huỷ."))
        return said

    def erase(self, plans: list[ErasurePlan]) -> None:
        """Erase what these plans say, on the paper that was typed."""
        reason, paper, date = self.reason.text(), self.paper.text(), self.date.text()

        def work(desk: Desk) -> tuple[Finding, ...]:
            return erase_together(desk, plans, reason=reason, paper=paper, paper_date=date)[1]

        def done(findings: tuple[Finding, ...]) -> None:
            hint = " ".join(f"{one.message} {one.hint}".strip() for one in findings)
            said = self.tr("Đã xoá. Đồng bộ (F9) để xoá ở tỉnh và ở các máy khác.")
            self.told.emit("warning" if findings else "good", said, hint)
            for line in (self.reason, self.paper, self.date):
                line.clear()
            self.open(self._establishment)

        self.erase_button.setEnabled(False)
        self.tasks.ask(self, work, done, failed=self._tell, touches=EVERYTHING)

    def _tell(self, error: KcdeskError) -> None:
        self.told.emit("error", error.message, error.hint)
        self._enable()

    # What was erased

    def _show_entries(self, entries: list[Erased]) -> None:
        self.entries.set_rows(entries)
        self._done.setCurrentIndex(1 if entries else 0)
        self.tabs.setTabText(1, self.tr("Đã xoá ({0})").format(len(entries)))


def _paper(erased: Erased) -> str:
    day = datetime.date.fromisoformat(erased.paper_date) if erased.paper_date else None
    return f"{erased.paper}, {day:%d/%m/%Y}" if day is not None else erased.paper

"""The list of establishments: search as people type, and one key to open a record."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QWidget

from kcdesk.actions.paper_codes import FoundPaper, find_by_code, looks_like_code
from kcdesk.actions.records import (
    ListedRecord,
    RecordPage,
    count_records,
    list_records,
    page_starts,
)
from kcdesk.actions.syncing import delivery_text
from kcdesk.domain.money import format_vnd
from kcdesk.storage.reading.lists import Place
from kcdesk.ui import theme
from kcdesk.ui.models.pages import PagesModel
from kcdesk.ui.models.table import Column
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.exporting import ExportDialog
from kcdesk.ui.screens.piles import PileDialog
from kcdesk.ui.widgets.fields import shown_phone
from kcdesk.ui.widgets.parts import Empty, Table, button, column, label, row, shortcut

DEBOUNCE_MS = 150
SHORTEST_SEARCH = 2
KIND = "establishments"
PAGE = 100

_COLOURS = {
    Place.LOCAL: theme.WARN,
    Place.PARCEL: theme.WARN,
    Place.PROVINCE: theme.GOOD,
    Place.REFUSED: theme.BAD,
}


class EstablishmentsScreen(Screen):
    """Events: a record to open, a new one, a list to import, a pile of papers to look at (ShownPaper)."""

    opened = Signal(str)
    new_wanted = Signal()
    import_wanted = Signal()
    pile_drawn = Signal(object)

    shows = frozenset(("establishments", "figures"))

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Cơ sở công nghiệp nông thôn"))
        self.model: PagesModel[ListedRecord] = PagesModel(self._columns(), PAGE, self)
        self.model.page_wanted.connect(self._read_page)
        self.table = Table(self.model, self.tr("Danh sách cơ sở"))
        self.table.setSelectionMode(Table.SelectionMode.ExtendedSelection)
        self.table.chosen.connect(self._open)
        self.search = _SearchLine(self.table)
        self.count = label(quiet=True)
        self._asked = 0
        self._empty = Empty(
            self.tr("Chưa có cơ sở nào"),
            self.tr("Nhập danh sách có sẵn từ tệp Excel của huyện, xã, hoặc thêm từng cơ sở một."),
            button(self.tr("Nhập danh sách"), self.import_wanted.emit, main=True),
            button(self.tr("Thêm cơ sở"), self.new_wanted.emit),
        )
        self._nothing_found = Empty(self.tr("Không tìm thấy cơ sở nào"), "")
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        for page in (self.table, self._empty, self._nothing_found):
            self._pages.addWidget(page)
        new = button(self.tr("Thêm cơ sở"), self.new_wanted.emit, key="Ctrl+N")
        export = button(
            self.tr("Xuất…"), self.export, key="Ctrl+E", tip=self.tr("Xuất danh sách ra tệp")
        )
        papers = button(
            self.tr("In…"), self.print_pile, key="Ctrl+P", tip=self.tr("In giấy tờ một loạt")
        )
        top = row(self.search, self.count, None, papers, export, new, gap=theme.SPACE)
        self.setLayout(column(top, pages, gap=theme.SPACE))

        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._timer.timeout.connect(self._ask)
        self.search.textChanged.connect(lambda _: self._timer.start())
        self.search.returnPressed.connect(self._open_first)
        shortcut(self, "Ctrl+F", self._to_search)

    def entered(self) -> None:
        self._ask()

    def news(self) -> None:
        """Who has gone down the list stays where they are."""
        if self.table.verticalScrollBar().value() == 0:
            self.entered()

    def take_focus(self) -> None:
        self.search.setFocus()

    def export(self) -> ExportDialog:
        """Ask what of the list goes into a file."""
        dialog = ExportDialog(
            self.context,
            self,
            search=self._wanted(),
            shown=self.count.text(),
            selected=self._selected(),
        )
        dialog.told.connect(self.told)
        dialog.open()
        return dialog

    def print_pile(self) -> PileDialog:
        """Ask which papers of what is shown or chosen are to be printed."""
        dialog = PileDialog(
            self.context,
            self,
            search=self._wanted(),
            shown=self.count.text(),
            selected=self._selected(),
        )
        dialog.told.connect(self.told)
        dialog.drawn.connect(self.pile_drawn)
        dialog.open()
        return dialog

    def _selected(self) -> list[str]:
        """The ids of the rows that are chosen, from above."""
        chosen = sorted(self.table.selectionModel().selectedRows(), key=lambda index: index.row())
        records = [self.model.row_at(index) for index in chosen]
        return [str(record.row["id"]) for record in records if record is not None]

    # Asking

    def _ask(self) -> None:
        """Read the first page of what is searched for now; answers to older questions are passed over."""
        self._timer.stop()
        self._asked += 1
        number, text = self._asked, self._wanted()
        chosen = self.table.current()

        def done(page: RecordPage) -> None:
            if number == self._asked:
                self._show(page, keep=chosen)
                self._count(page)

        self.tasks.ask(self, lambda desk: list_records(desk, KIND, search=text, limit=PAGE), done)

    def _count(self, page: RecordPage) -> None:
        """Count the list; it is on screen already, and counting takes longer than reading a page."""
        number = self._asked

        def done(total: int) -> None:
            if number == self._asked:
                self._show_total(total, page)
                self._learn_starts()

        self.tasks.ask(self, lambda desk: count_records(desk, KIND), done)

    def _read_page(self, of_list: int, after: str | None) -> None:
        number, text = self._asked, self._wanted()

        def done(page: RecordPage) -> None:
            if number == self._asked:
                self.model.give(of_list, page.records, page.next)

        self.tasks.ask(
            self,
            lambda desk: list_records(desk, KIND, search=text, limit=PAGE, after=after),
            done,
        )

    def _learn_starts(self) -> None:
        """Learn bit by bit where all pages start, so that one can jump anywhere."""
        number, after = self._asked, self.model.unknown_after
        if after is None or self._wanted():
            return

        def done(starts: list[str]) -> None:
            if number == self._asked and starts:
                self.model.know_starts(starts)
                self._learn_starts()

        self.tasks.ask(self, lambda desk: page_starts(desk, KIND, size=PAGE, after=after), done)

    def _wanted(self) -> str:
        text = self.search.text().strip()
        return text if len(text) >= SHORTEST_SEARCH else ""

    # Showing

    def _show(self, page: RecordPage, keep: ListedRecord | None) -> None:
        self.model.start(page.records, page.next)
        ids = [record.row["id"] for record in page.records]
        if keep is not None and keep.row["id"] in ids and not self._wanted():
            self.table.selectRow(ids.index(keep.row["id"]))
        else:
            self.table.choose_first()
        if page.records:
            self._pages.setCurrentWidget(self.table)

    def _show_total(self, total: int, page: RecordPage) -> None:
        self.count.setText(self._counted(total, page))
        if not self._wanted():
            self.model.know_total(total)
        if total == 0:
            self._pages.setCurrentWidget(self._empty)
        elif not page.records:
            self._nothing_found.say(
                self.tr("Không tìm thấy cơ sở nào"),
                self.tr(
                    "Không có cơ sở nào khớp với “{0}”. Thử gõ ít chữ hơn, mã số thuế hoặc số điện thoại."
                ).format(self.search.text().strip()),
            )
            self._pages.setCurrentWidget(self._nothing_found)

    def _counted(self, total: int, page: RecordPage) -> str:
        all_there_are = format_vnd(total)
        if not self._wanted():
            if self.search.text().strip():
                return self.tr("{0} cơ sở; gõ từ hai chữ trở lên để tìm").format(all_there_are)
            return self.tr("{0} cơ sở").format(all_there_are)
        found = f"{len(page.records)}{'+' if page.next else ''}"
        return self.tr("{0} kết quả trong {1} cơ sở").format(found, all_there_are)

    def _columns(self) -> list[Column[ListedRecord]]:
        def said(key: str, record: ListedRecord) -> str:
            value = record.row.get(key)
            return "" if value is None else str(value)

        def place(record: ListedRecord) -> str:
            """Tells namesakes apart."""
            commune = said("commune_name", record) or self.tr("(chưa chọn)")
            return ", ".join(filter(None, (said("hamlet", record), commune)))

        return [
            Column(self.tr("Tên cơ sở"), lambda r: said("name", r)),
            Column(self.tr("Thôn, xã, phường"), place, 250),
            Column(self.tr("Ngành nghề"), lambda r: said("trade", r), 180),
            Column(self.tr("Điện thoại"), lambda r: shown_phone(said("phone", r)), 120),
            Column(self.tr("Lao động"), lambda r: said("workers_total", r), 104, number=True),
            Column(
                self.tr("Nơi lưu"),
                lambda r: delivery_text(r.delivery, r.days),
                182,
                colour=lambda r: theme.BAD if r.late else _COLOURS[r.delivery.place],
            ),
        ]

    # Events

    def _open(self, record: ListedRecord) -> None:
        self.opened.emit(str(record.row["id"]))

    def _open_first(self) -> None:
        text = self.search.text()
        if looks_like_code(text):
            self._open_paper(text)
            return
        current = self.table.current()
        if current is not None and not self._timer.isActive():
            self._open(current)

    def _open_paper(self, code: str) -> None:
        """Open the establishment of a paper whose code was typed, or sent by a scanner."""
        self._timer.stop()

        def done(found: FoundPaper) -> None:
            self.search.clear()
            self.opened.emit(found.establishment)

        self.tasks.ask(self, lambda desk: find_by_code(desk, code), done)

    def _to_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()


class _SearchLine(QLineEdit):
    """Arrow down goes into the table below."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        self.setMinimumWidth(340)
        self.setClearButtonEnabled(True)
        self.setPlaceholderText(self.tr("Tìm tên, mã số thuế, điện thoại (Ctrl+F)"))
        self.setAccessibleName(self.tr("Tìm cơ sở"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self._table.setFocus()
        super().keyPressEvent(event)

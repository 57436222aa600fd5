"""Papers: the forms there are, the book of what is out and what came back, and scans of signed papers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QTabWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Printed
from kcdesk.actions.editions import current
from kcdesk.actions.handing_out import BookLine, book_lines, bring_back
from kcdesk.actions.scans import unread_pages
from kcdesk.documents import FormInfo
from kcdesk.domain.kinds import ATTACHMENTS, ESTABLISHMENTS
from kcdesk.storage.papers import UnreadPage
from kcdesk.ui.models.rows import Column
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.blank_forms import FORM, BlankFormsDialog
from kcdesk.ui.screens.record_parts import ListPage, book_columns
from kcdesk.ui.screens.scans import ScansPage
from kcdesk.ui.screens.shown_paper import ShownPaper, of_form
from kcdesk.ui.widgets.parts import button, column

SOURCES = {
    "surveys": "phiếu khảo sát",
    "needs": "đăng ký nhu cầu",
    "schemes": "đề án",
    "products": "sản phẩm",
    "reports": "báo cáo",
    "classes": "lớp đào tạo",
    "fairs": "hội chợ",
    "people": "cộng tác viên",
    "establishments": "cơ sở",
}
"""Kinds of record that forms are printed from, as people call them."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the screen shows."""

    forms: tuple[FormInfo, ...]
    book: list[BookLine]
    waiting: list[UnreadPage]


class PapersScreen(Screen):
    """Events: a paper to look at (ShownPaper), an establishment to open (its id)."""

    paper_wanted = Signal(object)
    record_wanted = Signal(str)

    shows = frozenset((ATTACHMENTS.name, ESTABLISHMENTS.name))

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Giấy tờ"))
        self.forms = ListPage(
            self.tr("Các mẫu"),
            [
                Column(self.tr("Mẫu"), lambda one: one.id, 90),
                Column(self.tr("Tên"), lambda one: one.title),
                Column(self.tr("In từ"), lambda one: SOURCES.get(one.source, one.source), 170),
                Column(self.tr("Word"), lambda one: "có" if one.word else "", 70),
            ],
            "",
            button(self.tr("Mẫu trống  (Enter)"), self.show_blank, main=True),
            button(self.tr("Xem ví dụ đã điền"), self.show_sample, key="Ctrl+D"),
            button(self.tr("Mẫu trống của một xã…"), self.take_along, key="Ctrl+B"),
            button(self.tr("Trang thử máy in"), self.show_ruler),
        )
        self.forms.table.chosen.connect(lambda _: self.show_blank())
        self.which = QComboBox()
        self.which.addItem(self.tr("Còn ở ngoài"), True)
        self.which.addItem(self.tr("Tất cả"), False)
        self.which.setAccessibleName(self.tr("Giấy tờ nào"))
        self.which.currentIndexChanged.connect(lambda _: self.entered())
        self.back_button = button(self.tr("Đã về"), self.bring_back, key="Ctrl+R")
        self.book = ListPage(
            self.tr("Sổ giấy tờ"),
            book_columns(self),
            self.tr(
                "Giấy tờ giao cho ai, tệp gửi cho ai được ghi ở đây cho đến khi về. Bản quét có mã QR tự ghi là đã về."
            ),
            self.which,
            self.back_button,
        )
        self.book.table.chosen.connect(self._open)
        self.scans = ScansPage(context)
        self.scans.told.connect(self.told)
        self.scans.changed.connect(self.entered)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for page in (self.forms, self.book, self.scans):
            self.tabs.addTab(page, page.title)
        self.tabs.currentChanged.connect(lambda _: self.take_focus())
        self.setLayout(column(self.tabs))

    def entered(self) -> None:
        out = bool(self.which.currentData())

        def work(desk: Desk) -> Found:
            return Found(current(desk).forms(), book_lines(desk, out=out), unread_pages(desk))

        self.tasks.ask(self, work, self._show)

    def take_focus(self) -> None:
        page = self.tabs.currentWidget()
        if isinstance(page, ListPage | ScansPage):
            page.table.setFocus()

    def _show(self, found: Found) -> None:
        at = max(self.forms.table.currentIndex().row(), 0)
        self.forms.set_rows(found.forms)
        self.forms.table.selectRow(min(at, len(found.forms) - 1))
        self.book.set_rows(found.book)
        self.book.table.choose_first()
        self.back_button.setEnabled(bool(found.book))
        self.scans.set_rows(found.waiting)
        self.tabs.setTabText(1, self.book.tab_title)
        self.tabs.setTabText(2, self.scans.tab_title)

    # The forms

    def show_blank(self) -> None:
        """The empty form that is chosen."""
        self._show_form(sample=False)

    def show_sample(self) -> None:
        """What the chosen form looks like filled in."""
        self._show_form(sample=True)

    def _show_form(self, *, sample: bool) -> None:
        form: FormInfo | None = self.forms.table.current()
        if form is not None and self.tabs.currentWidget() is self.forms:
            title = self.tr("Mẫu {0}: {1}").format(form.id, form.title)
            self.paper_wanted.emit(of_form(title, form, sample=sample))

    def take_along(self) -> BlankFormsDialog:
        """Ask for the empty forms of a commune."""
        form: FormInfo | None = self.forms.table.current()
        dialog = BlankFormsDialog(self.context, self, form.id if form is not None else FORM)
        dialog.told.connect(self.told)
        dialog.accepted.connect(self.entered)
        dialog.open()
        return dialog

    def show_ruler(self) -> None:
        """The page that tells whether a printer scales."""
        self.paper_wanted.emit(ShownPaper(self.tr("Trang thử máy in"), _ruler))

    # The book

    def bring_back(self) -> None:
        """The paper that is chosen came back."""
        line: BookLine | None = self.book.table.current()
        if line is None or line.note.back_at is not None:
            return
        number = line.note.id

        def done(_: None) -> None:
            self.told.emit("good", self.tr("Đã ghi giấy tờ số {0} về.").format(number), "")
            self.entered()

        self.tasks.ask(self, lambda desk: bring_back(desk, number), done)

    def _open(self, line: BookLine) -> None:
        if line.note.establishment:
            self.record_wanted.emit(line.note.establishment)


def _ruler(_: Desk) -> Printed:
    from kcdesk.documents.ruler import draw_ruler  # noqa: PLC0415 (ReportLab: half a second)

    return Printed(draw_ruler(), [], "trang-thu-may-in.pdf", ())

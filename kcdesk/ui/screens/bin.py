"""The bin: what was thrown away, when and by whom, and taking it back."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QStackedLayout, QWidget

from kcdesk.actions.bin import Thrown, hanging_text, list_bin, take_back
from kcdesk.domain.kinds import ESTABLISHMENTS, KINDS
from kcdesk.domain.money import format_vnd
from kcdesk.domain.text import search_tokens
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen, kind_label, moment
from kcdesk.ui.screens.exporting import work_list_button
from kcdesk.ui.tasks import EVERYTHING
from kcdesk.ui.widgets.parts import Empty, Table, button, column, label, row, shortcut


class BinScreen(Screen):
    """Everything that lies in the bin, the last thrown first."""

    shows = EVERYTHING

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Thùng rác"))
        self._all: list[Thrown] = []
        self.model: RowsModel[Thrown] = RowsModel(
            [
                Column(self.tr("Hồ sơ"), title_of),
                Column(self.tr("Loại"), lambda one: kind_label(_kind(one)), 225),
                Column(self.tr("Bỏ lúc"), lambda one: moment(one.at), 150),
                Column(self.tr("Ai bỏ"), lambda one: one.who, 140),
                Column(self.tr("Đi cùng"), lambda one: hanging_text(one.hanging), 280),
            ],
            self,
        )
        self.table = Table(self.model, self.tr("Những gì trong thùng rác"))
        self.table.chosen.connect(lambda _: self.take_back())
        self.search = QLineEdit()
        self.search.setMinimumWidth(420)
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(self.tr("Tìm trong thùng rác (Ctrl+F)"))
        self.search.setAccessibleName(self.tr("Tìm trong thùng rác"))
        self.search.textChanged.connect(lambda _: self._filter())
        self.search.returnPressed.connect(self.table.setFocus)
        shortcut(self, "Ctrl+F", self.search.setFocus)
        self.count = label(quiet=True)
        self.take_button = button(self.tr("Lấy lại  (Enter)"), self.take_back, main=True)
        export = work_list_button(self, "bin")
        full = QWidget()
        body = column(row(self.search, self.count, None, export, self.take_button, gap=theme.SPACE))
        body.setSpacing(theme.SPACE)
        found = QWidget()
        self._found = QStackedLayout(found)
        self._found.addWidget(self.table)
        self._nothing_found = Empty(self.tr("Không tìm thấy trong thùng rác"), "")
        self._found.addWidget(self._nothing_found)
        body.addWidget(found, 1)
        full.setLayout(body)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(full)
        self._pages.addWidget(
            Empty(
                self.tr("Thùng rác trống"),
                self.tr(
                    "Hồ sơ bị xoá nằm ở đây với mọi thứ kèm theo, và lấy lại được bất cứ lúc nào."
                ),
            )
        )

    def entered(self) -> None:
        self.tasks.ask(self, list_bin, self._show)

    def take_focus(self) -> None:
        self.table.setFocus()

    def take_back(self) -> None:
        """Take the chosen record out of the bin."""
        thrown: Thrown | None = self.table.current()
        if thrown is None or not self.take_button.isEnabled():
            return
        kind, record = _kind(thrown), str(thrown.record.row["id"])

        def done(_: object) -> None:
            self.told.emit("good", self.tr("Đã lấy lại “{0}”.").format(title_of(thrown)), "")

        def failed(error: KcdeskError) -> None:
            self.take_button.setEnabled(True)
            self.told.emit("error", error.message, error.hint)

        self.take_button.setEnabled(False)
        self.tasks.ask(self, lambda desk: take_back(desk, kind, record), done, failed=failed)

    def _show(self, thrown: list[Thrown]) -> None:
        self._all = thrown
        self._pages.setCurrentIndex(0 if thrown else 1)
        self._filter()

    def _filter(self) -> None:
        words = search_tokens(self.search.text())
        found = [one for one in self._all if _has(one, words)]
        at = max(self.table.currentIndex().row(), 0)
        self.model.set_rows(found)
        if found:
            self.table.selectRow(min(at, len(found) - 1))
        else:
            self._nothing_found.say(
                self.tr("Không tìm thấy trong thùng rác"),
                self.tr("Không có hồ sơ nào khớp với “{0}”.").format(self.search.text().strip()),
            )
        self._found.setCurrentIndex(0 if found else 1)
        self.take_button.setEnabled(bool(found))
        self.count.setText(self.tr("{0} hồ sơ").format(format_vnd(len(found))))


def title_of(thrown: Thrown) -> str:
    """What a record in the bin is called."""
    kind = KINDS[_kind(thrown)]
    value = thrown.record.row.get(kind.title)
    if value is not None:
        return str(value)
    return "(chưa có tên)" if kind is ESTABLISHMENTS else kind.label


def _kind(thrown: Thrown) -> str:
    return str(thrown.record.row["kind"])


def _has(thrown: Thrown, words: tuple[str, ...]) -> bool:
    text = " ".join(search_tokens(f"{title_of(thrown)} {kind_label(_kind(thrown))} {thrown.who}"))
    return all(f" {word}" in f" {text}" for word in words)

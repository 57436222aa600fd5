"""A pile from the window: which establishments, which form, as one PDF, as files or to be printed; progress, a way to
stop, and the list of what was printed and what is missing.

Gathered and noted with the desk, drawn away from it, so that the window and everything else goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLineEdit,
    QRadioButton,
    QWidget,
)

from kcdesk.actions import piles
from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import SOURCES, Printed
from kcdesk.actions.editions import current
from kcdesk.actions.handing_out import write_out
from kcdesk.actions.piles import Gathered, InPile
from kcdesk.documents import FormInfo
from kcdesk.domain.money import format_vnd
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.shown_paper import of_pile
from kcdesk.ui.screens.working import WorkingDialog
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.parts import Table, button, captioned, column, label, row

_SIZE = (760, 560)
FORM = "F02"


class Output(Enum):
    """Where a pile goes."""

    PRINTER = auto()
    FILE = auto()
    FOLDER = auto()


class PileDialog(WorkingDialog):
    """What is shown (`search` applied), or the rows that are chosen (`selected`: their ids), on paper."""

    drawn = Signal(object)
    """The pile (ShownPaper), to be looked at and printed."""

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        *,
        search: str = "",
        shown: str = "",
        selected: Sequence[str] = (),
    ) -> None:
        """`shown`: how many establishments are shown, in words."""
        super().__init__(context, parent)
        self.setWindowTitle(self.tr("In một loạt"))
        self._search, self._selected = search, list(selected)
        self.resize(*_SIZE)
        self.form = QComboBox()
        self.all_shown = QRadioButton(self.tr("Tất cả đang hiện: {0}").format(shown))
        self.only_selected = QRadioButton(
            self.tr("Chỉ các dòng đã chọn: {0} cơ sở").format(format_vnd(len(self._selected)))
        )
        (self.only_selected if self._selected else self.all_shown).setChecked(True)
        self.only_selected.setEnabled(bool(self._selected))
        self.output = QComboBox()
        for text, one in (
            (self.tr("Xem trước rồi in"), Output.PRINTER),
            (self.tr("Một tệp PDF, không mã hoá"), Output.FILE),
            (self.tr("Mỗi cơ sở một tệp PDF, không mã hoá"), Output.FOLDER),
        ):
            self.output.addItem(text, one)
        self.taker = QLineEdit()
        self.taker.setPlaceholderText(self.tr("không bắt buộc; ghi vào sổ để theo dõi ngày về"))
        self.said = label(wrap=True)
        self.model: RowsModel[InPile] = RowsModel(
            [
                Column(self.tr("Số"), lambda one: str(one.number or "–"), 60, number=True),
                Column(self.tr("Cơ sở"), lambda one: one.name, 240),
                Column(
                    self.tr("Còn thiếu, hoặc vì sao không in"),
                    _remark,
                    colour=lambda one: theme.BAD if one.refused else None,
                ),
            ],
            self,
        )
        self.table = Table(self.model, self.tr("Những gì đã in"))
        self.table.hide()
        self.begin_button = button(self.tr("Bắt đầu"), self._begin, main=True)
        self.begin_button.setEnabled(False)
        self.list_button = button(self.tr("Lưu danh sách này…"), self._choose_list)
        self.list_button.hide()
        self._asked = QWidget()
        self._asked.setLayout(
            column(
                captioned((self.tr("Mẫu giấy tờ"), self.form)),
                self.all_shown,
                self.only_selected,
                captioned(
                    (self.tr("Đưa ra"), self.output),
                    (self.tr("Giao cho"), self.taker),
                ),
                gap=theme.SPACE,
            )
        )
        body = column(self._asked, self.said, self.progress, gap=theme.SPACE, margin=theme.SPACE)
        body.addWidget(self.table, 1)
        body.addStretch(0)
        body.addLayout(row(None, self.list_button, self.cancel_button, self.begin_button))
        self.setLayout(body)
        self.begin_button.setDefault(True)
        self._tasks.ask(self, lambda desk: current(desk).forms(), self._offer)

    def _offer(self, forms: Sequence[FormInfo]) -> None:
        """The forms whose records are here."""
        for one in forms:
            if one.source in SOURCES:
                self.form.addItem(f"{one.id}  {one.title}", one.id)
        self.form.setCurrentIndex(max(self.form.findData(FORM), 0))
        self.begin_button.setEnabled(self.form.count() > 0)
        self.form.setFocus()

    def _begin(self) -> None:
        if self.output.currentData() is Output.PRINTER:
            self.make(None)
            return
        dialog = QFileDialog(self, self.windowTitle())
        if self.output.currentData() is Output.FOLDER:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        else:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setNameFilter(self.tr("Tệp PDF (*.pdf)"))
            dialog.setDefaultSuffix("pdf")
            dialog.selectFile(f"{self.form.currentData()}_loat.pdf")
        dialog.fileSelected.connect(lambda chosen: self.make(Path(chosen)))
        dialog.open()

    def make(self, output: Path | None) -> None:
        """Gather the pile, then draw it: into `output`, or to be looked at and printed."""
        form = str(self.form.currentData())
        chosen = self._selected if self.only_selected.isChecked() else None

        def gather(desk: Desk, running: Running) -> Gathered:
            return piles.gather(
                desk, form, search=self._search, records=chosen,
                progress=partial(running.progress, "gather"),
            )  # fmt: skip

        self._asked.setEnabled(False)
        self.begin_button.setEnabled(False)
        self.begin()
        self.follow(
            self._tasks.long(
                self, gather, lambda found: self._draw(found, output), failed=self.failed
            )
        )

    def _draw(self, gathered: Gathered, output: Path | None) -> None:
        def work(running: Running) -> tuple[Printed | None, list[InPile]]:
            tell = partial(running.progress, "draw")
            if output is None:
                return piles.draw_pile(gathered, tell)
            return None, piles.write_pile(gathered, output, tell)

        self.follow(self._tasks.long_outside(self, work, self._drawn, failed=self.failed))

    def _drawn(self, made: tuple[Printed | None, list[InPile]]) -> None:
        printed, lines = made
        taker = self.taker.text()
        if printed is not None:
            self._show(lines, "")
            self.drawn.emit(of_pile(self.tr("Xem trước một loạt"), printed, taker))
            return
        self._tasks.ask(
            self,
            lambda desk: piles.note_pile(desk, lines, taker=taker),
            lambda _: self._show(lines, self.tr(" ra tệp, và ghi vào sổ giấy tờ")),
            failed=self.failed,
        )

    def _show(self, lines: list[InPile], where: str) -> None:
        self.ended()
        printed = sum(bool(line.number) for line in lines)
        short = sum(bool(line.number and line.missing) for line in lines)
        self.said.setText(
            self.tr(
                "Đã dựng {0} giấy tờ{1}; {2} còn mục để trống, {3} hồ sơ không in được."
            ).format(format_vnd(printed), where, short, len(lines) - printed)
        )
        self.model.set_rows(lines)
        self.table.show()
        self.table.choose_first()
        self.table.setFocus()
        self._asked.hide()
        self.begin_button.hide()
        self.list_button.show()
        self.cancel_button.setText(self.tr("Đóng  (Esc)"))

    def _choose_list(self) -> None:
        dialog = QFileDialog(self, self.tr("Lưu danh sách"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Danh sách (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(piles.LIST_FILE)
        dialog.fileSelected.connect(lambda chosen: self.write_list(Path(chosen)))
        dialog.open()

    def write_list(self, path: Path) -> None:
        """What was printed, what is missing, what was not printed and why, as a file for Excel."""
        content = piles.list_as_csv(self.model.rows)
        self._tasks.outside(
            self,
            lambda: write_out(path, content),
            lambda _: self.said.setText(self.tr("Đã ghi danh sách ra {0}.").format(path.name)),
            failed=lambda error: self.said.setText(f"{error.message} {error.hint}"),
        )

    def show_progress(self, phase: str, done: int, total: int) -> None:
        super().show_progress(phase, done, total)
        self.said.setText(
            self.tr("Đang dựng giấy tờ {0} trong {1}").format(done, total)
            if phase == "draw"
            else self.tr("Đang đọc hồ sơ {0} trong {1}").format(done, total)
        )


def _remark(one: InPile) -> str:
    return one.refused or ", ".join(one.missing)

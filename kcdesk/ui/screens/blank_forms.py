"""Empty forms of a commune to take along: which form, which commune, with names or without, how many more, who takes
them. Drawn away from the desk into one PDF, and written into the book."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from kcdesk.actions import piles
from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Printed
from kcdesk.actions.editions import current
from kcdesk.actions.handing_out import note_papers, write_out
from kcdesk.actions.piles import Blanks
from kcdesk.actions.rounds import CommuneChoice, communes_to_choose
from kcdesk.documents import FormInfo
from kcdesk.domain.money import format_vnd
from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.working import WorkingDialog
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.parts import button, captioned, column, label, row

_WIDTH = 620
_MOST = 500
FORM = "F01"


class BlankFormsDialog(WorkingDialog):
    """`form`: proposed."""

    def __init__(self, context: Context, parent: QWidget, form: str = FORM) -> None:
        super().__init__(context, parent)
        self.setWindowTitle(self.tr("Mẫu trống của một xã"))
        self._proposed = form
        self.setFixedWidth(_WIDTH)
        self.form, self.commune = QComboBox(), QComboBox()
        self.prefilled = QCheckBox(self.tr("In sẵn tên và địa chỉ các cơ sở của xã"))
        self.prefilled.setChecked(True)
        self.copies = QSpinBox()
        self.copies.setRange(0, _MOST)
        self.taker = QLineEdit()
        self.taker.setPlaceholderText(self.tr("ai mang đi; ghi vào sổ giấy tờ"))
        self.trouble = label(wrap=True)
        self.trouble.setProperty("note", "error")
        self.trouble.hide()
        self.choose_button = button(self.tr("Chọn chỗ lưu…"), self._choose, main=True)
        self.choose_button.setEnabled(False)
        which = captioned(
            (self.tr("Mẫu giấy tờ"), self.form), (self.tr("Xã, phường"), self.commune)
        )
        more = captioned(
            (self.tr("Thêm phiếu trống"), self.copies), (self.tr("Giao cho"), self.taker)
        )
        hint = self.tr(
            "Mỗi phiếu có mã QR và số riêng: khi phiếu về, quét lại là biết của cơ sở nào."
        )
        self._asked = QWidget()
        self._asked.setLayout(
            column(which, self.prefilled, more, label(hint, quiet=True, wrap=True), gap=theme.SPACE)
        )
        self.setLayout(
            column(
                self._asked,
                self.trouble,
                self.progress,
                row(None, self.cancel_button, self.choose_button),
                gap=theme.SPACE,
                margin=theme.SPACE,
            )
        )
        self.choose_button.setDefault(True)
        self._tasks.ask(
            self, lambda desk: (current(desk).forms(), communes_to_choose(desk)), self._offer
        )

    def _offer(self, found: tuple[Sequence[FormInfo], Sequence[CommuneChoice]]) -> None:
        forms, communes = found
        for form in forms:
            self.form.addItem(f"{form.id}  {form.title}", form.id)
        self.form.setCurrentIndex(max(self.form.findData(self._proposed), 0))
        for commune in communes:
            text = self.tr("{0} ({1} cơ sở)").format(
                commune.name, format_vnd(commune.establishments)
            )
            self.commune.addItem(text, commune.code)
        self.choose_button.setEnabled(bool(communes))
        self.commune.setFocus()

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.windowTitle())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Tệp PDF (*.pdf)"))
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile(f"{self.form.currentData()}_mau-trong_{self.commune.currentData()}.pdf")
        dialog.fileSelected.connect(lambda chosen: self.make(Path(chosen)))
        dialog.open()

    def make(self, path: Path) -> None:
        """Write them into one PDF, then into the book."""
        form, area = str(self.form.currentData()), str(self.commune.currentData())
        prefilled, copies = self.prefilled.isChecked(), self.copies.value()

        def gather(desk: Desk) -> Blanks:
            return piles.gather_blanks(desk, form, area=area, prefilled=prefilled, copies=copies)

        self._asked.setEnabled(False)
        self.choose_button.setEnabled(False)
        self.trouble.hide()
        self.begin()
        self._tasks.ask(self, gather, lambda blanks: self._draw(blanks, path), failed=self.failed)

    def _draw(self, blanks: Blanks, path: Path) -> None:
        def work(running: Running) -> Printed:
            printed = piles.draw_blanks(blanks, partial(running.progress, "draw"))
            write_out(path, printed.pdf)
            return printed

        self.follow(
            self._tasks.long_outside(
                self, work, lambda printed: self._note(printed, path), failed=self.failed
            )
        )

    def _note(self, printed: Printed, path: Path) -> None:
        taker = self.taker.text()

        def done(_: None) -> None:
            self.ended()
            count = format_vnd(len(printed.origins))
            told = self.tr("Đã ghi {0} mẫu trống ra tệp {1}.").format(count, path.name)
            self.told.emit("good", told, self.tr("Phiếu đã ghi vào sổ giấy tờ."))
            self.accept()

        self._tasks.ask(
            self,
            lambda desk: note_papers(
                desk, printed.origins, how="blank", file_name=path.name, taker=taker
            ),
            done,
            failed=self.failed,
        )

    def failed(self, error: KcdeskError) -> None:
        """Say it here, where it can be put right; only what was stopped goes."""
        if isinstance(error, Cancelled):
            super().failed(error)
            return
        self.ended()
        self._asked.setEnabled(True)
        self.choose_button.setEnabled(True)
        self.cancel_button.setEnabled(True)
        self.cancel_button.setText(self.tr("Thôi  (Esc)"))
        self.trouble.setText(f"{error.message} {error.hint}".strip())
        self.trouble.show()

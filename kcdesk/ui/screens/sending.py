"""Sending a copy of a paper: to whom, as what, with or without personal data, with a password where it is a PDF."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFileDialog, QLineEdit, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.handing_out import CopyAs, Sent, send_copy
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.pdf_pictures import png_pages
from kcdesk.ui.screens.asking import NewPassphrase
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.shown_paper import ShownPaper
from kcdesk.ui.widgets.parts import button, captioned, column, label, row

_WIDTH = 560


class SendDialog(QDialog):
    """Asks all of that, then for a folder; the file has a ready name. `whole`: with personal data, unless taken out."""

    told = Signal(str, str, str)
    """Tone, message and hint for the banner."""

    def __init__(
        self, context: Context, parent: QWidget, paper: ShownPaper, *, whole: bool = False
    ) -> None:
        super().__init__(parent)
        assert paper.copy is not None
        self._tasks, self._draw = context.tasks, paper.copy
        self.setWindowTitle(self.tr("Gửi bản sao"))
        self.setFixedWidth(_WIDTH)
        self.taker = QLineEdit()
        self.taker.setPlaceholderText(self.tr("người hoặc cơ quan nhận"))
        self.kind = QComboBox()
        names = {
            CopyAs.PDF: self.tr("Tệp PDF"),
            CopyAs.PICTURE: self.tr("Ảnh, mỗi trang một ảnh"),
            CopyAs.SHEET: self.tr("Tệp Excel"),
        }
        for one in paper.copy_as:
            self.kind.addItem(names[one], one)
        self.personal = QCheckBox(self.tr("Kèm số định danh, điện thoại, địa chỉ"))
        self.personal.setChecked(whole)
        self.protected = QCheckBox(self.tr("Đặt mật khẩu cho tệp PDF"))
        self.password = NewPassphrase()
        self.warning = label(quiet=True, wrap=True)
        self.trouble = label(wrap=True)
        self.trouble.setProperty("note", "error")
        self.trouble.hide()
        self.choose_button = button(self.tr("Chọn thư mục…"), self._choose, main=True)
        self.cancel_button = button(self.tr("Thôi"), self.reject)
        self.setLayout(
            column(
                captioned((self.tr("Gửi cho"), self.taker), (self.tr("Gửi dạng"), self.kind)),
                self.personal,
                self.protected,
                self.password,
                self.warning,
                self.trouble,
                row(None, self.cancel_button, self.choose_button),
                gap=theme.SPACE,
                margin=theme.SPACE,
            )
        )
        self.choose_button.setDefault(True)
        self.kind.currentIndexChanged.connect(lambda _: self._show_what_follows())
        for box in (self.personal, self.protected):
            box.toggled.connect(lambda _: self._show_what_follows())
        self.protected.setChecked(whole)
        self._show_what_follows()
        self.taker.setFocus()

    def write(self, folder: Path) -> None:
        """Write the copy into a folder, and that into the book."""
        taker, kind = self.taker.text(), CopyAs(self.kind.currentData())
        personal, draw = self.personal.isChecked(), self._draw
        password = self.password.text if self._has_password else ""

        def work(desk: Desk) -> Sent:
            return send_copy(
                desk, draw, folder, taker=taker, personal=personal, password=password, kind=kind,
                pictures=png_pages,
            )  # fmt: skip

        self.choose_button.setEnabled(False)
        self._tasks.ask(self, work, self._sent, failed=self._failed)

    @property
    def _has_password(self) -> bool:
        return self.protected.isChecked() and self.kind.currentData() == CopyAs.PDF

    def _sent(self, sent: Sent) -> None:
        hint = (
            self.tr("Báo mật khẩu cho người nhận bằng cách khác, không gửi kèm tệp.")
            if self._has_password
            else self.tr("Tệp này không mã hoá.")
        )
        told = self.tr("Đã ghi {0}, và ghi vào sổ giấy tờ.").format(sent.path.name)
        self.told.emit("good", told, hint)
        self.accept()

    def _failed(self, error: KcdeskError) -> None:
        self.choose_button.setEnabled(True)
        self._say(f"{error.message} {error.hint}".strip())

    def _say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
        self.adjustSize()

    def _show_what_follows(self) -> None:
        pdf = self.kind.currentData() == CopyAs.PDF
        self.protected.setVisible(pdf)
        self.password.setVisible(self._has_password)
        if self._has_password:
            text = self.tr("Không có mật khẩu thì không ai mở được tệp, kể cả người gửi.")
        elif self.personal.isChecked():
            text = self.tr(
                "Tệp có thông tin cá nhân và không mã hoá: ai có tệp cũng đọc được. Nên gửi PDF có mật khẩu."
            )
        else:
            text = self.tr("Bản này không có số định danh, điện thoại và địa chỉ.")
        self.warning.setText(text)
        self._say("")

    def _choose(self) -> None:
        if not self.taker.text().strip():
            self._say(self.tr("Ghi gửi cho ai."))
            self.taker.setFocus()
            return
        if self._has_password and (problem := self.password.problem()):
            self._say(problem)
            self.password.first.setFocus()
            return
        dialog = QFileDialog(self, self.windowTitle())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda chosen: self.write(Path(chosen)))
        dialog.open()

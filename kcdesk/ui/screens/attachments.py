"""The pictures and documents of an establishment: a page of its record, where files are added and taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QProgressBar, QWidget

from kcdesk.actions.attachments import Added, Shown, add_attachments, list_attachments
from kcdesk.actions.bin import delete_record
from kcdesk.actions.desk import Desk
from kcdesk.domain.kinds import ATTACHMENTS
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.attachments import AttachmentStrip
from kcdesk.ui.widgets.parts import button, column, label, row

_TOUCHED = frozenset((ATTACHMENTS.name,))


class AttachmentsPage(QWidget):
    """What is kept of an establishment as pictures and scans. `opened` tells the id of one to look at."""

    told = Signal(str, str, str)
    opened = Signal(str)
    counted = Signal()

    def __init__(self, context: Context, establishment: str) -> None:
        super().__init__()
        self.title = self.tr("Ảnh và tài liệu")
        self.rows: list[Shown] = []
        self.running: Running | None = None
        self._tasks = context.tasks
        self._establishment = establishment
        self.add_button = button(self.tr("Thêm ảnh, tài liệu"), self._choose)
        self.strip = AttachmentStrip()
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Tiến độ thêm ảnh"))
        self.stop_button = button(self.tr("Dừng lại"), self._stop)
        hint = label(
            self.tr("Hoặc kéo tệp JPEG, PNG, HEIC, PDF vào đây. Enter để xem, Delete để bỏ."),
            quiet=True,
        )
        top = row(self.add_button, hint, None, gap=theme.SPACE)
        self._under_way = QWidget()
        self._under_way.setLayout(row(self.progress, self.stop_button))
        self._under_way.hide()
        self.setLayout(column(top, self._under_way, self.strip, margin=theme.GAP))
        self.strip.opened.connect(self.opened)
        self.strip.removed.connect(self._ask_to_remove)
        self.strip.dropped.connect(self.add)

    @property
    def tab_title(self) -> str:
        return f"{self.title} ({len(self.rows)})" if self.rows else self.title

    def read(self) -> None:
        """Read again what is kept."""
        establishment = self._establishment
        self._tasks.ask(self, lambda desk: list_attachments(desk, establishment), self._show)

    def add(self, files: Sequence[Path]) -> None:
        """Add files, off the window's thread; one at a time."""
        if self.running is not None:
            return
        establishment = self._establishment

        def work(desk: Desk, running: Running) -> Added:
            def progress(done: int, total: int) -> None:
                running.progress("files", done, total)

            return add_attachments(desk, establishment, files, progress=progress)

        self._busy(True)
        self.progress.setRange(0, len(files))
        self.running = self._tasks.long(
            self, work, self._added, failed=self._failed, touches=_TOUCHED
        )
        self.running.progressed.connect(lambda _, done, __: self.progress.setValue(done))

    def _show(self, rows: list[Shown]) -> None:
        self.rows = rows
        self.strip.set_rows(rows)
        self.counted.emit()

    def _added(self, added: Added) -> None:
        self._busy(False)
        self.read()
        said = [self.tr("Đã thêm {0} ảnh, tài liệu.").format(len(added.records))]
        if added.already:
            said.append(self.tr("{0} tệp đã có từ trước.").format(len(added.already)))
        refused = [refusal.error.message for refusal in added.refused]
        tone = "good" if added.records else "warning"
        if refused:
            tone = "warning" if added.records else "error"
            said.append(self.tr("Không nhận {0} tệp:").format(len(refused)))
        hint = added.refused[0].error.hint if len(refused) == 1 else ""
        if added.findings:
            tone = "warning" if tone == "good" else tone
            said += [finding.message for finding in added.findings]
            hint = hint or added.findings[0].hint
        self.told.emit(tone, " ".join([*said, *refused]), hint)

    def _failed(self, error: KcdeskError) -> None:
        self._busy(False)
        self.told.emit("error", error.message, error.hint)

    def _busy(self, busy: bool) -> None:
        if not busy:
            self.running = None
        self._under_way.setVisible(busy)
        self.add_button.setEnabled(not busy)

    def _stop(self) -> None:
        if self.running is not None:
            self.running.cancel()

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Chọn ảnh, tài liệu"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(self.tr("Ảnh và PDF (*.jpg *.jpeg *.png *.heic *.heif *.pdf)"))
        dialog.filesSelected.connect(lambda chosen: self.add([Path(each) for each in chosen]))
        dialog.open()

    def _ask_to_remove(self, attachment: str) -> None:
        title = next(shown.title for shown in self.rows if shown.id == attachment)
        ask_to_remove(self, title, lambda: self._remove(attachment))

    def _remove(self, attachment: str) -> None:
        self._tasks.ask(
            self,
            lambda desk: delete_record(desk, ATTACHMENTS.name, attachment),
            lambda _: self.told.emit("good", self.tr("Đã bỏ vào thùng rác."), ""),
        )
        self.read()


def ask_to_remove(
    parent: QWidget, title: str, remove: Callable[[], object], hanging: str = ""
) -> None:
    """Ask before something goes into the bin, and what hangs on it with it."""
    kinds = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(parent.tr("Bỏ vào thùng rác"))
    box.setText(parent.tr("Bỏ “{0}” vào thùng rác?").format(title))
    also = parent.tr("Đi cùng: {0}.").format(hanging) + " " if hanging else ""
    box.setInformativeText(also + parent.tr("Lấy lại được từ Thùng rác (F11) khi cần."))
    box.setStandardButtons(kinds.Yes | kinds.Cancel)
    box.button(kinds.Yes).setText(parent.tr("Bỏ vào thùng rác"))
    box.button(kinds.Cancel).setText(parent.tr("Giữ lại"))
    box.accepted.connect(remove)
    box.open()

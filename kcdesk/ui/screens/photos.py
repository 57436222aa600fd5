"""The contents of pictures and scans on the page of sync: what waits, when it is sent, fetching all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QProgressBar, QVBoxLayout

from kcdesk.actions import contents
from kcdesk.actions.contents import PhotosSent, PhotosStanding, in_megabytes
from kcdesk.actions.desk import Desk
from kcdesk.domain.kinds import ATTACHMENTS
from kcdesk.domain.money import format_vnd
from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.ui.screens.base import Context
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.parts import button, card, heading, label, row

if TYPE_CHECKING:
    from kcdesk.sync.contents import ContentsReport


class PhotosCard(QFrame):
    """How many contents are still to be sent and fetched. `told`: tone, sentence, hint for the banner."""

    told = Signal(str, str, str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._tasks = context.tasks
        self.running: Running | None = None
        self.standing = label(wrap=True)
        self.when = QComboBox()
        self.when.setAccessibleName(self.tr("Khi nào gửi ảnh, tài liệu"))
        for each in PhotosSent:
            self.when.addItem(each.label, each.value)
        self.when.activated.connect(lambda _: self._set_when())
        self.send_button = button(self.tr("Gửi ngay"), self.send)
        self.fetch_button = button(self.tr("Tải tất cả về máy"), self.fetch)
        self.stop_button = button(self.tr("Dừng lại"), self._stop)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Tiến độ gửi và tải ảnh"))
        inside = card(
            heading(self.tr("Ảnh và tài liệu")),
            self.standing,
            row(label(self.tr("Sau khi gửi hồ sơ"), quiet=True), self.when, None),
            self.progress,
            row(self.send_button, self.fetch_button, self.stop_button, None),
        )
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(inside)
        self.setLayout(whole)
        self._busy(False)

    def read(self) -> None:
        """Read again how things stand."""
        self._tasks.ask(self, contents.standing, self._show)

    def send(self) -> None:
        """Send what waits now, whatever the setting says."""

        def said(report: ContentsReport) -> tuple[str, str, str]:
            sentence = self.tr("Đã gửi {0} ảnh, tài liệu.").format(report.sent)
            if report.refused:
                return (
                    "warning",
                    sentence
                    + " "
                    + self.tr("Tỉnh không nhận {0} tệp.").format(len(report.refused)),
                    report.refused[0][1],
                )
            if report.waiting:
                left = self.tr("Còn {0} tệp: gửi hồ sơ trước bằng Đồng bộ ngay, rồi gửi lại.")
                return "warning", sentence, left.format(report.waiting)
            return "good", sentence, ""

        self._run(contents.send_photos, said)

    def fetch(self) -> None:
        """Fetch everything that is not here."""

        def said(report: ContentsReport) -> tuple[str, str, str]:
            sentence = self.tr("Đã tải về {0} ảnh, tài liệu.").format(report.fetched)
            if report.absent:
                absent = self.tr("{0} tệp chưa có ở tỉnh: máy đã thêm chúng chưa gửi lên.")
                return "good", sentence, absent.format(len(report.absent))
            return "good", sentence, ""

        self._run(contents.fetch_photos, said)

    def _run(
        self,
        action: Callable[..., ContentsReport],
        said: Callable[[ContentsReport], tuple[str, str, str]],
    ) -> None:
        if self.running is not None:
            return

        def work(desk: Desk, running: Running) -> ContentsReport:
            return action(desk, progress=running.progress, cancel=running.cancelled)

        def done(report: ContentsReport) -> None:
            self._busy(False)
            self.read()
            self.told.emit(*said(report))

        def failed(error: KcdeskError) -> None:
            self._busy(False)
            self.read()
            tone = "warning" if isinstance(error, Cancelled) else "error"
            self.told.emit(tone, error.message, error.hint)

        self._busy(True)
        self.progress.setRange(0, 0)
        self.running = self._tasks.network(
            self, work, done, failed=failed, touches=frozenset((ATTACHMENTS.name,))
        )
        self.running.progressed.connect(self._progressed)

    def _progressed(self, _phase: str, done: int, total: int) -> None:
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)

    def _stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            self.stop_button.setEnabled(False)

    def _busy(self, busy: bool) -> None:
        if not busy:
            self.running = None
        self.stop_button.setEnabled(busy)
        for part in (self.stop_button, self.progress):
            part.setVisible(busy)
        for part in (self.send_button, self.fetch_button):
            part.setVisible(not busy)

    def _set_when(self) -> None:
        chosen = PhotosSent[str(self.when.currentData()).upper()]
        self._tasks.ask(
            self,
            lambda desk: contents.set_when_sent(desk, chosen),
            lambda _: self.told.emit("good", self.tr("Đã lưu trên máy này."), ""),
        )

    def _show(self, standing: PhotosStanding) -> None:
        self.when.setCurrentIndex(self.when.findData(standing.when.value))
        said = []
        if standing.to_send:
            said.append(
                self.tr("{0} tệp ({1}) chưa gửi lên tỉnh.").format(
                    format_vnd(standing.to_send), in_megabytes(standing.to_send_bytes)
                )
            )
        if standing.to_fetch:
            said.append(
                self.tr("{0} tệp ({1}) chưa tải về máy này.").format(
                    format_vnd(standing.to_fetch), in_megabytes(standing.to_fetch_bytes)
                )
            )
        self.standing.setText(
            " ".join(said) or self.tr("Mọi ảnh, tài liệu đều ở trên máy này và ở tỉnh.")
        )
        self.send_button.setEnabled(standing.to_send > 0)
        self.fetch_button.setEnabled(standing.to_fetch > 0)

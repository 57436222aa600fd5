"""Exchanging with the province: how this computer stands, joining, a pass with progress, what was refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from kcdesk.actions import syncing
from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import EditionInfo, in_words, list_editions
from kcdesk.actions.metered import TooMuch, amount_in_words
from kcdesk.actions.province_standing import sees_province
from kcdesk.actions.sync_settings import set_sync_settings, sync_settings
from kcdesk.actions.syncing import Status
from kcdesk.domain.money import format_vnd
from kcdesk.domain.published.editions import label_of_kind
from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen, moment
from kcdesk.ui.screens.delivery import facts_of, standing_text
from kcdesk.ui.screens.former import FormerCard
from kcdesk.ui.screens.photos import PhotosCard
from kcdesk.ui.screens.refused import RefusedCard
from kcdesk.ui.sync_runner import Outcome, SyncRunner
from kcdesk.ui.tasks import EVERYTHING
from kcdesk.ui.widgets.parts import (
    button,
    card,
    clear,
    column,
    heading,
    label,
    link,
    restyle,
    row,
    scrolled,
)

if TYPE_CHECKING:
    from kcdesk.sync.engine import SyncReport


class SyncScreen(Screen):
    """Event: a refused record to look at (kind, id)."""

    record_wanted = Signal(str, str)
    parcels_wanted = Signal()
    """There is no network: by USB stick."""
    province_wanted = Signal()
    """The centre looks at how devices and communes stand."""

    settings_changed = Signal()
    """The window has to ask again how things stand."""

    shows = EVERYTHING

    def __init__(self, context: Context, runner: SyncRunner, server: str = "") -> None:
        super().__init__(context)
        self.runner = runner
        runner.began.connect(self._began)
        runner.progressed.connect(self._progressed)
        runner.ended.connect(self._ended)
        self.entitle(self.tr("Đồng bộ với tỉnh"))
        self._status: Status | None = None
        self._editions: list[EditionInfo] = []

        # The window owns F9: it comes here, and pressed here again it syncs.
        self.sync_button = button(self.tr("Đồng bộ ngay  (F9)"), self.sync, main=True)
        self.cancel_button = button(self.tr("Dừng lại"), self._cancel)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Tiến độ đồng bộ"))
        self.phase = label(quiet=True, wrap=True)
        self.background = QCheckBox(self.tr("Tự đồng bộ khi cửa sổ mở và có mạng"))
        self.background.clicked.connect(self._set_background)

        self.server = QLineEdit(server)
        self.server.setPlaceholderText(self.tr("https://..., trung tâm cho biết"))
        self.code = QLineEdit()
        self.code.setPlaceholderText(self.tr("mã dùng một lần, trung tâm cấp"))
        self.ca: Path | None = None
        self.ca_link = link(self.tr("Tỉnh dùng chứng thư riêng…"), self.choose_ca)
        self.ca_link.setToolTip(
            self.tr("Chọn tệp chứng thư (CA) của nơi cấp, do trung tâm gửi cùng mã đăng ký")
        )
        self.join_button = button(self.tr("Nối với tỉnh"), self.join, main=True)
        self.code.returnPressed.connect(self.join)
        self._join = self._join_card()
        self.parcels_button = button(self.tr("Gói dữ liệu (USB)…"), self.parcels_wanted.emit)

        self.province_button = button(
            self.tr("Tình hình các máy, xã, phường…"), self.province_wanted.emit
        )
        self._facts: QVBoxLayout = column(gap=theme.GAP)
        self.editions_link = link("", self.show_editions)
        self.editions_link.setToolTip(self.tr("Bản công bố đang dùng gồm những gì"))
        facts = card(
            heading(self.tr("Tình trạng")), self._facts, row(self.province_button, None), None
        )
        self._pass = card(
            heading(self.tr("Gửi và nhận")),
            self.phase,
            self.progress,
            row(self.sync_button, self.cancel_button, None),
            row(self.background, None),
            row(label(self.tr("Đang dùng:"), quiet=True), self.editions_link, None),
        )
        self.refused = RefusedCard(context)
        self.refused.told.connect(self.told)
        self.refused.record_wanted.connect(self.record_wanted)
        sides = row(gap=theme.SPACE)
        sides.addWidget(facts, 1)
        stick = card(
            heading(self.tr("Không có mạng")),
            label(
                self.tr("Gửi và nhận bằng thẻ nhớ, hoặc mang giúp gói của cộng tác viên."),
                quiet=True,
                wrap=True,
            ),
            row(self.parcels_button, None),
        )
        self.photos = PhotosCard(context)
        self.photos.told.connect(self.told)
        parts = (self._pass, self._join, self.photos, stick, None)
        sides.addLayout(column(*parts, gap=theme.SPACE), 1)
        self.former = FormerCard(context)
        whole = column(self.refused, sides, self.former, None, gap=theme.SPACE)
        content = QWidget()
        content.setLayout(whole)
        self.setLayout(column(scrolled(content)))
        self._set_busy(busy=False)
        for part in (self.refused, self._join, self._pass, self.photos, self.province_button):
            part.hide()

    def entered(self) -> None:
        self.tasks.ask(self, lambda desk: (syncing.status(desk), list_editions(desk)), self._show)
        self.photos.read()
        self.former.read()
        self.tasks.ask(self, sees_province, self.province_button.setVisible)

    def take_focus(self) -> None:
        if self._status is not None and self._status.refused:
            self.refused.table.setFocus()
            return
        joined = self._status is not None and self._status.province is not None
        (self.sync_button if joined else self.server).setFocus()

    # Doing

    def join(self) -> None:
        """Join with what was typed, then send everything up."""
        server, code, ca = self.server.text().strip(), self.code.text().strip(), self.ca
        if not server or not code:
            self.told.emit(
                "error",
                self.tr("Cần cả địa chỉ máy chủ và mã đăng ký."),
                self.tr("Trung tâm khuyến công của tỉnh cấp cả hai."),
            )
            (self.server if not server else self.code).setFocus()
            return

        def done(province: str) -> None:
            self.join_button.setEnabled(True)
            self.told.emit("good", self.tr("Đã nối với {0}.").format(province), "")
            self.sync()

        def failed(error: KcdeskError) -> None:
            self.join_button.setEnabled(True)
            self.told.emit("error", error.message, error.hint)

        self.join_button.setEnabled(False)
        self.tasks.network(
            self, lambda desk, _: syncing.join(desk, server, code, ca=ca), done, failed=failed
        )

    def choose_ca(self) -> None:
        """Choose the file of the authority that gave the server its certificate."""
        dialog = QFileDialog(self, self.tr("Chọn tệp chứng thư"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Chứng thư (*.pem *.crt *.cer)"), self.tr("Mọi tệp (*)")])
        dialog.fileSelected.connect(self.ca_chosen)
        dialog.open()

    def ca_chosen(self, file: str) -> None:
        """Join with this file."""
        self.ca = Path(file)
        self.ca_link.setText(self.tr("Chứng thư: {0}").format(self.ca.name))

    def sync(self) -> None:
        """One pass. A second one waits for the first."""
        self.runner.run(asked=True)

    def _began(self) -> None:
        self._set_busy(busy=True)
        self.phase.setText(self.tr("Đang gọi máy chủ của tỉnh…"))
        self.progress.setRange(0, 0)

    def _cancel(self) -> None:
        self.runner.cancel()
        self.phase.setText(self.tr("Đang dừng…"))
        self.cancel_button.setEnabled(False)

    def _progressed(self, phase: str, done: int, total: int) -> None:
        running = self.runner.running
        if running is None or running.cancelled.is_set():
            return
        sentence = {
            "send": self.tr("Đang gửi"),
            "receive": self.tr("Đang nhận"),
            "editions": self.tr("Đang nhận bản công bố của tỉnh"),
            "photos": self.tr("Đang gửi ảnh, tài liệu"),
        }[phase]
        self.phase.setText(f"{sentence}: {_kb(done)} / {_kb(total)} kB")
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)

    def _ended(self, outcome: Outcome) -> None:
        self._set_busy(busy=False)
        self.entered()
        if not outcome.asked:
            return
        if isinstance(outcome.error, TooMuch):
            self._ask_about(outcome.error)
        elif outcome.error is not None:
            tone = "warning" if isinstance(outcome.error, Cancelled) else "error"
            self.told.emit(tone, outcome.error.message, outcome.error.hint)
        elif outcome.report is not None:
            report = outcome.report
            copies = " ".join(syncing.went_on_text(went_on) for went_on in report.went_on)
            more = " ".join(filter(None, (copies, report.bad_edition)))
            said = self._summary(report)
            if outcome.photos is not None and outcome.photos.sent:
                said += " " + self.tr("Gửi {0} ảnh, tài liệu.").format(outcome.photos.sent)
            self.told.emit("warning" if more else "good", said, more)

    def _ask_about(self, much: TooMuch) -> None:
        """The line is paid by the byte, and it is much: the person decides, records and photos each."""
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Mạng tính tiền theo dung lượng"))
        said = amount_in_words(much.outgoing)
        box.setText(f"{said[:1].upper()}{said[1:]}.")
        box.setInformativeText(self.tr("Chưa gửi gì. Phần nhận về không biết trước được."))
        role = QMessageBox.ButtonRole.AcceptRole
        records = box.addButton(self.tr("Gửi hồ sơ"), role)
        everything = box.addButton(self.tr("Gửi cả ảnh"), role) if much.outgoing.photos else None
        later = box.addButton(self.tr("Để sau"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(later)

        def answered() -> None:
            chosen = box.clickedButton()
            if chosen is records or (everything is not None and chosen is everything):
                self.runner.run(asked=True, agreed=True, photos=chosen is not records)

        box.finished.connect(lambda _: answered())
        self.metered_box = box
        box.open()

    def _set_busy(self, *, busy: bool) -> None:
        self.sync_button.setEnabled(not busy)
        self.cancel_button.setEnabled(busy)
        self.cancel_button.setVisible(busy)
        self.progress.setVisible(busy)

    def news(self) -> None:
        self.entered()

    def _summary(self, report: SyncReport) -> str:
        said = self.tr("Đồng bộ xong: gửi {0} thay đổi, nhận {1}.").format(
            format_vnd(report.changes_sent), format_vnd(report.received)
        )
        if report.refused:
            said += " " + self.tr("Tỉnh từ chối {0} mục.").format(len(report.refused))
        if report.sent_again:
            said += " " + self.tr("Máy chủ của tỉnh đã được khôi phục, đã gửi lại {0} mục.").format(
                format_vnd(report.sent_again)
            )
        if report.carried:
            said += " " + self.tr("{0} gói mang giúp đã có trả lời.").format(report.carried)
        if report.waiting:
            said += " " + self.tr("Còn {0} thay đổi chưa đến tỉnh.").format(report.waiting)
        return said

    def _set_background(self, wanted: bool) -> None:
        def work(desk: Desk) -> None:
            settings = msgspec.structs.replace(sync_settings(desk), background=wanted)
            set_sync_settings(desk, settings)

        self.tasks.ask(self, work, lambda _: self.settings_changed.emit())

    # Showing

    def _show(self, known: tuple[Status, list[EditionInfo]]) -> None:
        status, self._editions = known
        self.editions_link.setText(in_words(self._editions[0]))
        self._status = status
        self.background.setChecked(status.background)
        joined = status.province is not None
        self._join.setVisible(not joined)
        self._pass.setVisible(joined)
        self.photos.setVisible(joined)
        self.refused.show_refused(status.refused)
        if self.runner.running is None:
            self.phase.setText(standing_text(self, status))
            restyle(self.phase, "note", "error" if status.late else "")
        clear(self._facts)
        facts = QFormLayout()
        facts.setHorizontalSpacing(theme.SPACE)
        facts.setVerticalSpacing(theme.GAP)
        for name, value, late in facts_of(self, status):
            shown = label(value, wrap=True)
            if late:
                shown.setProperty("note", "error")
            facts.addRow(label(name, quiet=True), shown)
        self._facts.addLayout(facts)

    def show_editions(self) -> None:
        """Say which editions are here, since when, and what is in them."""
        self.editions_box = QMessageBox(self)
        self.editions_box.setWindowTitle(self.tr("Bản công bố của tỉnh"))
        newest = self._editions[0]
        self.editions_box.setText(in_words(newest))
        self.editions_box.setInformativeText(_contents(self, newest))
        self.editions_box.setDetailedText(
            "\n\n".join(_contents(self, one) for one in self._editions)
        )
        self.editions_box.open()

    def _join_card(self) -> QFrame:
        form = QFormLayout()
        form.setVerticalSpacing(theme.GAP)
        form.addRow(self.tr("Địa chỉ máy chủ"), self.server)
        form.addRow(self.tr("Mã đăng ký"), self.code)
        return card(
            heading(self.tr("Nối với tỉnh")),
            label(
                self.tr(
                    "Đang làm việc một mình. Khi nối với tỉnh, mọi thứ đã ghi trên máy này được gửi lên, "
                    "không phải ghi lại."
                ),
                quiet=True,
                wrap=True,
            ),
            form,
            row(self.join_button, self.ca_link, None),
        )


def _contents(screen: QWidget, info: EditionInfo) -> str:
    """What is in an edition, line by line."""
    lines = [in_words(info)]
    if info.received_at is not None:
        lines.append(screen.tr("Máy này nhận lúc {0}.").format(moment(info.received_at)))
    lines += [f"• {label_of_kind(file.kind)}: {file.path}" for file in info.files]
    return "\n".join(lines)


def _kb(size: int) -> str:
    return format_vnd(round(size / 1000))

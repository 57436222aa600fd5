"""Backups and checking: how safe the workspace is, a backup now, a second place, a check, a restore."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from kcdesk.actions.backups import BackupReport, BackupStatus, back_up, backup_status
from kcdesk.actions.checking import CheckReport, check
from kcdesk.actions.desk import Desk
from kcdesk.domain.clock import local_date
from kcdesk.domain.money import format_vnd
from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.storage.safety.check import Difference
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.backup_list import BackupList, choose_folder
from kcdesk.ui.screens.base import Context, Screen, moment
from kcdesk.ui.tasks import NOTHING, Running
from kcdesk.ui.widgets.parts import Table, button, card, column, heading, label, restyle, row

_DAY_MS = 86_400_000
T = TypeVar("T")


class BackupsScreen(Screen):
    """Events: a backup to be put in the place of the workspace (RestoreWish); a damaged file to be recovered;

    status_known:   how safe the workspace is now (BackupStatus)
    told_of_damage: what found the file damaged (KcdeskError)
    """

    restore_wanted = Signal(object)
    rescue_wanted = Signal()
    status_known = Signal(object)
    told_of_damage = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Sao lưu và kiểm tra"))
        self.running: Running | None = None
        self.phase = label(quiet=True, wrap=True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Tiến độ"))
        self.stop_button = button(self.tr("Dừng lại"), self._stop)

        self.newest = label(wrap=True)
        self.second = label(wrap=True)
        self.back_up_button = button(self.tr("Sao lưu ngay"), self.back_up, main=True)
        self.second_button = button(self.tr("Sao lưu vào ổ khác…"), self._choose_second)
        backups = card(
            heading(self.tr("Sao lưu")),
            self.newest,
            self.second,
            None,
            row(self.back_up_button, self.second_button, None),
        )
        self.checked = label(
            self.tr(
                "So mọi hồ sơ với các thay đổi đã ghi, xem tệp dữ liệu và ảnh có bị hỏng không."
            ),
            wrap=True,
        )
        self.check_button = button(self.tr("Kiểm tra"), self.check)
        self.repair_button = button(self.tr("Sửa"), self.repair, main=True)
        self.rescue_button = button(self.tr("Cứu dữ liệu…"), self.rescue_wanted.emit, main=True)
        for part in (self.repair_button, self.rescue_button):
            part.hide()
        checking = card(
            heading(self.tr("Kiểm tra")),
            self.checked,
            None,
            row(self.check_button, self.repair_button, self.rescue_button, None),
        )
        self.list = BackupList(context)
        self.list.told.connect(self.told)
        self.list.restore_wanted.connect(self.restore_wanted)
        self.found: RowsModel[Difference] = RowsModel(
            [Column(self.tr("Không đúng như đã ghi"), lambda one: one.what)], self
        )
        self.found_table = Table(self.found, self.tr("Những gì kiểm tra thấy"))
        self.found_table.hide()
        sides = row(gap=theme.SPACE)
        sides.addWidget(backups, 1)
        sides.addWidget(checking, 1)
        self._doing = QWidget()
        doing = row(self.phase, gap=theme.SPACE)
        doing.addWidget(self.progress, 1)
        doing.addWidget(self.stop_button)
        self._doing.setLayout(doing)
        self._doing.hide()
        whole = column(sides, self._doing, gap=theme.SPACE)
        whole.addWidget(self.found_table, 2)
        whole.addWidget(self.list, 3)
        self.setLayout(whole)

    @property
    def _workers(self) -> tuple[QPushButton, ...]:
        """What begins long work, and rests while some is under way."""
        return (
            self.back_up_button,
            self.second_button,
            self.check_button,
            self.repair_button,
            self.list.restore_button,
        )

    def entered(self) -> None:
        self.tasks.ask(self, backup_status, self._show_status)
        self.list.read()

    def take_focus(self) -> None:
        self.back_up_button.setFocus()

    # Backing up

    def back_up(self, place: Path | None = None) -> None:
        """Back up now; also into the folder `place`, where there is one."""

        def work(desk: Desk, running: Running) -> tuple[BackupReport, BackupStatus]:
            report = back_up(
                desk,
                place=place,
                progress=lambda done, of: running.progress("", done, of),
                cancel=running.cancelled,
            )
            return report, backup_status(desk)

        def done(found: tuple[BackupReport, BackupStatus]) -> None:
            report, status = found
            self._ended()
            said = self.tr("Đã sao lưu {0} thay đổi.").format(format_vnd(report.manifest.changes))
            where = self.tr("Cũng đã chép vào “{0}”.").format(place) if place is not None else ""
            self.told.emit("good", said, where)
            self._show_status(status)
            self.list.read()

        self._begin(self.tr("Đang sao lưu…"), work, done)

    def _choose_second(self) -> None:
        choose_folder(self, self.tr("Chọn ổ USB hoặc thư mục để sao lưu vào"), self.back_up)

    # Checking

    def check(self) -> None:
        """Look at everything."""
        self._check(repair=False)

    def repair(self) -> None:
        """Look at everything, and make anew what can be made from the changes."""
        self._check(repair=True)

    def offer_rescue(self) -> None:
        """The file is damaged: the way out stands here."""
        self.rescue_button.show()

    def _check(self, *, repair: bool) -> None:
        def work(desk: Desk, running: Running) -> CheckReport:
            return check(desk, repair=repair, progress=running.progress)

        def done(report: CheckReport) -> None:
            self._ended()
            self._show_report(report)

        self._begin(self.tr("Đang kiểm tra…"), work, done)

    def _show_report(self, report: CheckReport) -> None:
        left = [one for one in report.found if one not in report.repaired]
        damaged = any(one.table == "file" for one in left)
        if not report.found:
            said = self.tr("Mọi thứ đúng như đã ghi: {0} thay đổi, không có chỗ nào sai.")
            self.checked.setText(said.format(format_vnd(report.changes)))
        elif not left:
            said = self.tr("Đã sửa {0} chỗ; bây giờ mọi thứ đúng như đã ghi.")
            self.checked.setText(said.format(format_vnd(len(report.repaired))))
        elif damaged:
            self.checked.setText(
                self.tr(
                    "Tệp dữ liệu bị hỏng. Đừng nhập tiếp: bấm “Cứu dữ liệu” để làm lại dữ liệu từ bản sao"
                    " lưu và những gì còn đọc được."
                )
            )
        elif report.repaired:
            said = self.tr("Đã sửa {0} chỗ; còn {1} chỗ không tự sửa được.")
            self.checked.setText(said.format(len(report.repaired), len(left)))
        else:
            said = self.tr("Thấy {0} chỗ không đúng như đã ghi. Thay đổi đã ghi không bị đụng tới.")
            self.checked.setText(said.format(format_vnd(len(left))))
        restyle(self.checked, "note", "error" if left else "good")
        self.found.set_rows(left)
        self.found_table.setVisible(bool(left))
        self.repair_button.setVisible(bool(left) and not damaged and not report.repaired)
        self.rescue_button.setVisible(damaged)

    # Showing

    def _show_status(self, status: BackupStatus) -> None:
        self.status_known.emit(status)
        if status.newest_at is None:
            self.newest.setText(self.tr("Chưa sao lưu lần nào."))
        else:
            self.newest.setText(
                self.tr(
                    "Lần cuối: {0}. Đang giữ {1} bản trên máy này; bản cũ được bỏ thưa dần."
                ).format(moment(status.newest_at), status.count)
            )
        self.second.setText(self._second_place(status))
        restyle(self.second, "note", "warning" if status.findings else "")

    def _second_place(self, status: BackupStatus) -> str:
        if status.second_place_at is None:
            if not status.findings:
                return ""
            return self.tr(
                "Dữ liệu mới chỉ được sao lưu trên chính máy này: máy hỏng hoặc mất là mất hết. Cắm một ổ USB"
                " rồi bấm “Sao lưu vào ổ khác”."
            )
        said = self.tr("Nơi thứ hai: {0}, lần cuối {1}.").format(
            status.second_place, moment(status.second_place_at)
        )
        if not status.findings:
            return said
        days = (self.context.clock() - status.second_place_at) // _DAY_MS
        more = self.tr("Đã {0} ngày chưa cập nhật: cắm ổ ấy và sao lưu lại.").format(days)
        return f"{said} {more}"

    # Work under way

    def _begin(
        self, phase: str, work: Callable[[Desk, Running], T], done: Callable[[T], None]
    ) -> None:
        if self.running is not None:
            return

        def failed(error: KcdeskError) -> None:
            self._ended()
            if error.code == "damaged":
                self.told_of_damage.emit(error)
                return
            tone = "warning" if isinstance(error, Cancelled) else "error"
            self.told.emit(tone, error.message, error.hint)

        self.phase.setText(phase)
        self.progress.setRange(0, 0)
        self._set_busy(busy=True)
        self.running = self.tasks.network(self, work, done, failed=failed, touches=NOTHING)
        self.running.progressed.connect(self._progressed)

    def _progressed(self, phase: str, done: int, total: int) -> None:
        if self.running is None or self.running.cancelled.is_set():
            return
        if phase:
            self.phase.setText(phase)
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)

    def _stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            self.phase.setText(self.tr("Đang dừng…"))
            self.stop_button.setEnabled(False)

    def _ended(self) -> None:
        self.running = None
        self._set_busy(busy=False)

    def _set_busy(self, *, busy: bool) -> None:
        self._doing.setVisible(busy)
        for part in self._workers:
            part.setEnabled(not busy)
        self.stop_button.setEnabled(busy)


def standing_text(screen: QWidget, status: BackupStatus, today: datetime.date) -> str:
    """When the newest backup was made: the time of day where it was today, otherwise with the date."""
    if status.newest_at is None:
        return screen.tr("Chưa sao lưu lần nào")
    when = moment(status.newest_at)
    if local_date(status.newest_at) == today:
        when = when.partition(" ")[2]
    said = screen.tr("Sao lưu lần cuối {0}").format(when)
    if not status.findings:
        return said
    more = (
        screen.tr("chưa có ở ổ khác")
        if status.second_place_at is None
        else screen.tr("ở ổ khác đã cũ")
    )
    return f"{said}, {more}"

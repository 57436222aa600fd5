"""Before the window: a workspace that a backup replaces, and a damaged one that is made whole again.

Nobody has the workspace open meanwhile. What was done is told before the window opens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QPushButton, QWidget

from kcdesk.domain.clock import local_time
from kcdesk.domain.money import format_vnd
from kcdesk.errors import ChangesMissing, KcdeskError
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.safety.recovery import Recovered
from kcdesk.storage.safety.replacing import Restored
from kcdesk.ui import theme
from kcdesk.ui.screens.asking import Asking, Door
from kcdesk.ui.screens.backup_list import RestoreWish, choose_folder
from kcdesk.ui.tasks import Running, Tasks
from kcdesk.ui.widgets.parts import button, column, heading, label, row, scrolled

T = TypeVar("T")

GAPS_SHOWN = 12


class Rebuilding(Asking):
    """Work that makes the files of a workspace anew: what it will do, how far it is, what it did.

    Accepted: the window may open.
    """

    def __init__(self, tasks: Tasks, door: Door) -> None:
        super().__init__(tasks, door)
        self.running: Running | None = None
        self.title = heading("", theme.TITLE_PT)
        self.setMinimumSize(680, 420)
        self.said = label(wrap=True)
        self.report = label(wrap=True)
        self.stop_button = button(self.tr("Dừng lại"), self.stop)
        self.leave_button = button(self.tr("Thoát"), self.reject)
        self.open_button = button(self.tr("Mở kcdesk"), self.accept, key="Return", main=True)
        for part in (self.stop_button, self.open_button):
            part.hide()
        texts = QWidget()
        texts.setLayout(column(self.said, self.report, None, gap=theme.SPACE))
        self.buttons = row(self.leave_button, None, self.stop_button, self.open_button)
        self.setLayout(
            column(
                self.title,
                scrolled(texts),
                self.trouble,
                self.progress,
                self.buttons,
                gap=theme.SPACE,
                margin=theme.WIDE,
            )
        )

    def entitle(self, title: str) -> None:
        self.title.setText(title)
        self.setWindowTitle(f"kcdesk: {title}")

    def begin(
        self,
        work: Callable[[Running], T],
        done: Callable[[T], None],
        failed: Callable[[KcdeskError], None],
    ) -> None:
        """Run `work` away from this thread, with progress and a way to stop it."""

        def ended() -> None:
            self.running = None
            self.progress.hide()
            self.stop_button.hide()
            self.leave_button.show()

        def finished(result: T) -> None:
            ended()
            self.open_button.show()
            self.open_button.setFocus()
            done(result)

        def stopped(error: KcdeskError) -> None:
            ended()
            failed(error)

        self.say("")
        self.progress.setRange(0, 0)
        self.progress.show()
        self.stop_button.setEnabled(True)
        self.stop_button.show()
        self.leave_button.hide()
        self.running = self.tasks.long_outside(self, work, finished, failed=stopped)
        self.running.progressed.connect(self._progressed)

    def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            self.stop_button.setEnabled(False)

    def reject(self) -> None:
        """Escape stops the work; it leaves only when there is none."""
        if self.running is not None:
            self.stop()
        else:
            super().reject()

    def tell(self, lines: Sequence[str]) -> None:
        """Say what was done, in place of what would be."""
        self.said.setText(lines[0])
        self.report.setText("\n\n".join(lines[1:]))

    def _progressed(self, _phase: str, done: int, total: int) -> None:
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)


class Restoring(Rebuilding):
    """Puts a backup in the place of the workspace, as was asked in the window; begins at once.

    restored: what it did, once it is done
    """

    def __init__(self, tasks: Tasks, door: Door, wish: RestoreWish) -> None:
        super().__init__(tasks, door)
        self.entitle(self.tr("Khôi phục từ bản sao lưu"))
        self.restored: Restored | None = None
        self.said.setText(
            self.tr("Đang khôi phục dữ liệu như lúc {0}…").format(_when(wish.backup.at))
        )

        def work(running: Running) -> Restored:
            return door.restore(
                wish.source,
                wish.backup.at,
                lambda done, of: running.progress("", done, of),
                running.cancelled,
            )

        self.begin(work, self._done, self._failed)

    def _done(self, restored: Restored) -> None:
        self.restored = restored
        lines = [
            self.tr("Đã khôi phục dữ liệu như lúc {0}: {1} thay đổi.").format(
                _when(restored.manifest.at), format_vnd(restored.manifest.changes)
            )
        ]
        if restored.set_aside is not None:
            lines.append(
                self.tr("Dữ liệu trước đó được cất nguyên vẹn ở:\n{0}").format(restored.set_aside)
            )
        lines.append(self.tr("Từ nay máy này ghi tiếp như một thiết bị mới."))
        self.tell(lines)

    def _failed(self, error: KcdeskError) -> None:
        """The old workspace stands as it was: the window opens with it."""
        self.said.setText(self.tr("Chưa khôi phục. Dữ liệu vẫn như trước."))
        self.say(f"{error.message} {error.hint}".strip())
        self.open_button.show()
        self.open_button.setFocus()


class Rescue(Rebuilding):
    """Makes a workspace that does not open whole again; `error` says why it does not, `kept` what there is."""

    def __init__(
        self, tasks: Tasks, door: Door, error: KcdeskError, kept: Sequence[Manifest]
    ) -> None:
        super().__init__(tasks, door)
        self.entitle(
            self.tr("Dữ liệu thiếu các thay đổi mới nhất")
            if isinstance(error, ChangesMissing)
            else self.tr("Tệp dữ liệu không mở được")
        )
        self.others: Path | None = None
        self.begin_button: QPushButton = button(
            self.tr("Cứu dữ liệu"), self.rescue, key="Ctrl+Return", main=True
        )
        self.others_button = button(
            self.tr("Tìm thêm ở ổ khác…"),
            lambda: choose_folder(
                self, self.tr("Chọn ổ hoặc thư mục có bản sao lưu"), self.look_also_in
            ),
        )
        for part in (self.others_button, self.begin_button):
            self.buttons.insertWidget(self.buttons.count() - 1, part)
        self._kept = kept
        self.said.setText(_what_happened(self, error))
        self._say_what_will_be_done()
        self.begin_button.setFocus()

    def look_also_in(self, place: Path) -> None:
        """Look for backups in another folder too."""
        self.others = place
        self._say_what_will_be_done()

    def rescue(self) -> None:
        """Do it."""
        if self.running is not None or not self.begin_button.isVisible():
            return
        others = self.others

        def work(running: Running) -> Recovered:
            return self.door.rescue(
                others, lambda done, of: running.progress("", done, of), running.cancelled
            )

        self._offer(offered=False)
        self.begin(work, self._done, self._failed)

    def _offer(self, *, offered: bool) -> None:
        for part in (self.begin_button, self.others_button):
            part.setVisible(offered)

    def _say_what_will_be_done(self) -> None:
        if self._kept:
            backup = self.tr("bản sao lưu gần nhất trên máy này, lúc {0} ({1} thay đổi)").format(
                _when(self._kept[-1].at), format_vnd(self._kept[-1].changes)
            )
        else:
            backup = self.tr("bản sao lưu trên máy này: chưa thấy bản nào")
        lines = [
            self.tr("Bấm “Cứu dữ liệu” để làm lại dữ liệu từ mọi nơi còn giữ:"),
            f"  •  {backup};",
            self.tr("  •  mọi trang còn đọc được của tệp dữ liệu, kể cả phần đang ghi dở;"),
        ]
        if self.others is not None:
            lines.append(self.tr("  •  các bản sao lưu trong “{0}”;").format(self.others))
        lines += [
            self.tr("  •  những gì tỉnh đã nhận, ở lần đồng bộ sau."),
            "",
            self.tr(
                "Các tệp hiện có được cất nguyên vẹn, không bị sửa. Xong việc sẽ cho biết còn thiếu gì."
            ),
        ]
        self.report.setText("\n".join(lines))

    def _done(self, recovered: Recovered) -> None:
        self.entitle(self.tr("Đã cứu dữ liệu"))
        total = recovered.from_backups + recovered.from_file
        lines = [
            self.tr("Đã cứu được {0} thay đổi.").format(format_vnd(total))
            if recovered.gaps
            else self.tr("Đã cứu được cả {0} thay đổi; máy này không thiếu thay đổi nào.").format(
                format_vnd(total)
            )
        ]
        if recovered.gaps:
            missing = [f"  •  {gap.sentence}" for gap in recovered.gaps[:GAPS_SHOWN]]
            if len(recovered.gaps) > GAPS_SHOWN:
                missing.append(
                    self.tr("  •  và {0} khoảng nữa").format(len(recovered.gaps) - GAPS_SHOWN)
                )
            lines.append("\n".join([self.tr("Còn thiếu:"), *missing]))
            lines.append(
                self.tr(
                    "Những gì tỉnh đã nhận trong số ấy sẽ về lại khi đồng bộ; còn lại phải nhập lại."
                )
            )
        if recovered.backup is not None:
            lines.append(
                self.tr("Bắt đầu từ bản sao lưu lúc {0}.").format(_when(recovered.backup.at))
            )
        if recovered.set_aside is not None:
            lines.append(
                self.tr("Các tệp cũ được cất nguyên vẹn ở:\n{0}").format(recovered.set_aside)
            )
        self.tell(lines)

    def _failed(self, error: KcdeskError) -> None:
        self._offer(offered=True)
        hint = error.hint
        if error.code == "nothing_to_recover":
            hint = self.tr(
                "Cắm ổ có bản sao lưu rồi bấm “Tìm thêm ở ổ khác”. Các tệp hỏng vẫn để nguyên."
            )
        self.say(f"{error.message} {hint}".strip())


def _what_happened(dialog: QWidget, error: KcdeskError) -> str:
    if isinstance(error, ChangesMissing):
        which = (
            str(error.first_n)
            if error.first_n == error.last_n
            else f"{error.first_n}–{error.last_n}"
        )
        return dialog.tr(
            "Máy này từng ghi các thay đổi số {0} (từ {1} đến {2}), nhưng tệp dữ liệu không có chúng. Có thể"
            " tệp cũ đã được chép đè lên, hoặc phần cuối của tệp bị mất khi máy tắt đột ngột."
        ).format(which, _when(error.from_at), _when(error.to_at))
    return dialog.tr(
        "{0} Thường do ổ đĩa lỗi, máy tắt đột ngột, hoặc tệp bị chương trình khác ghi đè."
    ).format(error.message)


def _when(at: int) -> str:
    return f"{local_time(at):%H:%M ngày %d/%m/%Y}"

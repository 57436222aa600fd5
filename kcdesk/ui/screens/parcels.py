"""Parcels on a USB stick: writing one, reading an answer, carrying those of others, joining by a file.

How each stands is shown below. Leaves to others: what a parcel is (`actions.parcels`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QWidget,
)

from kcdesk.actions import contents, parcels
from kcdesk.actions.contents import PhotosSent, PhotosStanding
from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import in_words
from kcdesk.actions.parcels import ParcelsStatus
from kcdesk.domain.money import format_vnd
from kcdesk.errors import Cancelled, KcdeskError
from kcdesk.storage.parcel_books import CarriedParcel, OwnParcel
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen, moment
from kcdesk.ui.tasks import EVERYTHING, Running
from kcdesk.ui.widgets.parts import Table, button, card, column, heading, label, row, scrolled

if TYPE_CHECKING:
    from kcdesk.sync.parcels.reading import Joined, ReadAnswer
    from kcdesk.sync.parcels.writing import WrittenParcel

T = TypeVar("T")


class ParcelsScreen(Screen):
    """Files and folders are asked for in dialogs, or set by `write_to`, `read_files`, `carry_files` and the like."""

    shows = EVERYTHING

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.entitle(self.tr("Gói dữ liệu (USB)"))
        self._joined = False
        self.write_button = button(self.tr("Ghi gói vào thẻ nhớ…"), self._ask_write, main=True)
        self.read_button = button(self.tr("Đọc gói trả lời…"), self._ask_read)
        self.carry_button = button(self.tr("Nhận gói để mang giúp…"), self._ask_carry)
        self.answers_button = button(self.tr("Ghi trả lời ra thẻ nhớ…"), self._ask_answers)
        self.pass_on_button = button(self.tr("Chép gói sang thẻ nhớ…"), self._ask_pass_on)
        self.pass_on_button.setToolTip(
            self.tr("Khi máy này cũng không có mạng: mang tiếp các gói đang chờ lên trung tâm")
        )
        self.remove = QCheckBox(self.tr("Đọc xong thì xoá các gói đã xong khỏi thẻ nhớ"))
        self.remove.setChecked(True)
        self.photos = QCheckBox()
        self.fetch = QCheckBox()
        self._photos_chosen = False  # until then as the setting says
        self.photos.clicked.connect(self._chose_photos)
        self.running: Running | None = None
        self.cancel_button = button(self.tr("Dừng lại"), self._cancel)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Tiến độ ghi, đọc gói"))
        self.phase = label(quiet=True)
        self.standing = label(wrap=True)
        self.edition = label(quiet=True, wrap=True)
        self._own_empty = label(
            self.tr("Chưa ghi gói nào. Cắm thẻ nhớ rồi bấm “Ghi gói vào thẻ nhớ”."), quiet=True
        )
        self._carried_empty = label(
            self.tr(
                "Chưa mang giúp gói nào. Gói của cộng tác viên nhận ở đây sẽ được gửi khi máy này đồng bộ, hoặc chép "
                "sang thẻ nhớ khác để mang tiếp; gói trả lời cũng nhận ở đây để mang về; "
                "máy này không mở được các gói đó."
            ),
            quiet=True,
            wrap=True,
        )
        self.own: RowsModel[OwnParcel] = RowsModel(self._own_columns(), self)
        self.carried: RowsModel[CarriedParcel] = RowsModel(self._carried_columns(), self)
        self._own_table = Table(self.own, self.tr("Gói của máy này"))
        self._carried_table = Table(self.carried, self.tr("Gói mang giúp"))

        self.file = QLineEdit()
        self.file.setPlaceholderText(self.tr("tệp .kcparcel do trung tâm đưa"))
        self.code = QLineEdit()
        self.code.setPlaceholderText(self.tr("bốn nhóm bốn ký tự, trung tâm đọc qua điện thoại"))
        self.join_button = button(self.tr("Nối với tỉnh"), self.join, main=True)
        self.code.returnPressed.connect(self.join)
        self._join = self._join_card()

        self._own = card(
            heading(self.tr("Gói của máy này")),
            self.standing,
            self.edition,
            column(self.photos, self.fetch, gap=theme.GAP // 2),
            row(self.write_button, self.read_button, self.remove, None),
            row(self.phase, self.progress, self.cancel_button),
            self._own_empty,
            self._own_table,
        )
        self._others = card(
            heading(self.tr("Mang giúp máy khác")),
            row(self.carry_button, self.answers_button, self.pass_on_button, None),
            self._carried_empty,
            self._carried_table,
        )
        whole = column(self._join, gap=theme.SPACE)
        whole.addWidget(self._own, 1)
        whole.addWidget(self._others, 1)
        whole.addStretch(0)
        content = QWidget()
        content.setLayout(whole)
        for table in (self._own_table, self._carried_table):
            table.setMinimumHeight(5 * theme.ROW_HEIGHT)
        self.setLayout(column(scrolled(content)))
        for part in (self._join, self._own, self._others):
            part.hide()
        self._set_busy(busy=False)

    def entered(self) -> None:
        self.tasks.ask(self, parcels.status, self._show)

    def take_focus(self) -> None:
        (self.write_button if self._joined else self.file).setFocus()

    # Doing

    def join(self) -> None:
        """Join with the file and the code that stand there."""
        file, code = self.file.text().strip(), self.code.text().strip()
        if not file or not code:
            self.told.emit(
                "error",
                self.tr("Cần cả tệp đăng ký và mã."),
                self.tr("Trung tâm đưa tệp và đọc mã qua điện thoại."),
            )
            (self.file if not file else self.code).setFocus()
            return

        def done(joined: Joined) -> None:
            name = joined.province.name
            tone = "warning" if joined.bad_edition else "good"
            more = joined.bad_edition or parcels.editions_text(joined.editions)
            self.told.emit(tone, self.tr("Đã nối với {0}.").format(name), more)

        self._do(lambda desk, _: parcels.join(desk, Path(file), code), done)

    def write_to(self, folder: Path) -> None:
        photos = self.photos.isEnabled() and self.photos.isChecked()
        fetch = self.fetch.isChecked()

        def work(desk: Desk, running: Running) -> list[WrittenParcel]:
            return parcels.write(
                desk, folder, photos=photos, fetch=fetch, progress=running.progress
            )

        self._do(work, lambda written: self.told.emit("good", *self._written(written)))

    def _written(self, written: list[WrittenParcel]) -> tuple[str, str]:
        names = ", ".join(one.path.name for one in written)
        if len(written) > 2:
            names = self.tr("{0} gói").format(len(written))
        count = format_vnd(sum(one.changes for one in written if not one.repeats))
        photos = sum(one.photos for one in written)
        said = self.tr("Đã ghi {0} thay đổi vào {1}.").format(count, names)
        if photos:
            said = self.tr("Đã ghi {0} thay đổi và {1} ảnh, tài liệu vào {2}.").format(
                count, format_vnd(photos), names
            )
        size = contents.in_megabytes(sum(one.size for one in written))
        more = self.tr(
            "Tất cả {0}. Tháo thẻ nhớ an toàn rồi đưa lên trung tâm; đọc gói trả lời khi có."
        )
        return said, more.format(size)

    def read_files(self, files: list[Path]) -> None:
        remove = self.remove.isChecked()

        def done(result: tuple[list[ReadAnswer], list[Path]]) -> None:
            answers, removed = result
            self.told.emit(*self._read_summary(answers, len(removed)))

        self._do(
            lambda desk, running: parcels.read(
                desk, files, remove=remove, progress=running.progress
            ),
            done,
        )

    def carry_files(self, files: list[Path]) -> None:
        def done(taken: list[tuple[Path, bool]]) -> None:
            new = sum(is_new for _, is_new in taken)
            self.told.emit(
                "good",
                self.tr("Đã nhận {0} gói để mang giúp.").format(new),
                self.tr("Lần đồng bộ tới sẽ gửi các gói này."),
            )

        self._do(lambda desk, _: parcels.carry(desk, files), done)

    def answers_to(self, folder: Path) -> None:
        def done(written: list[Path]) -> None:
            tone = "good" if written else "warning"
            said = self.tr("Đã ghi {0} gói trả lời.").format(len(written))
            if not written:
                said = self.tr("Chưa có gói trả lời nào để ghi.")
            self.told.emit(tone, said, "")

        self._do(lambda desk, _: parcels.write_carried(desk, folder), done)

    def pass_on_to(self, folder: Path) -> None:
        def done(written: list[Path]) -> None:
            said = self.tr("Đã chép {0} gói để mang tiếp.").format(len(written))
            self.told.emit("good", said, self.tr("Khi có gói trả lời, nhận nó ở đây để mang về."))

        self._do(lambda desk, _: parcels.pass_on(desk, folder), done)

    def _do(self, work: Callable[[Desk, Running], T], done: Callable[[T], None]) -> None:
        """Run it where it may take long without holding up the desk; then show how things stand."""

        def ended(result: T) -> None:
            self._set_busy(busy=False)
            done(result)
            self.entered()

        def failed(error: KcdeskError) -> None:
            self._set_busy(busy=False)
            if isinstance(error, Cancelled):
                hint = self.tr("Những gói đã ghi, đã đọc xong trước đó vẫn dùng được.")
                self.told.emit("warning", error.message, hint)
            else:
                self.told.emit("error", error.message, error.hint)
            self.entered()

        self._set_busy(busy=True)
        self.running = self.tasks.network(self, work, ended, failed=failed, touches=EVERYTHING)
        self.running.progressed.connect(self._progressed)

    def _cancel(self) -> None:
        if self.running is not None:
            self.running.cancel()
            self.phase.setText(self.tr("Đang dừng…"))
            self.cancel_button.setEnabled(False)

    def _progressed(self, _: str, done: int, total: int) -> None:
        if self.running is None or self.running.cancelled.is_set():
            return
        of = contents.in_megabytes(total)
        self.phase.setText(f"{contents.in_megabytes(done)} / {of}")
        self.progress.setRange(0, 1000)
        self.progress.setValue(done * 1000 // max(total, 1))

    def _set_busy(self, *, busy: bool) -> None:
        for one in (
            self.write_button,
            self.read_button,
            self.carry_button,
            self.answers_button,
            self.pass_on_button,
            self.join_button,
        ):
            one.setEnabled(not busy)
        if not busy:
            self.running = None
        self.phase.setText("")
        self.progress.setRange(0, 0)
        self.cancel_button.setEnabled(busy)
        for part in (self.phase, self.progress, self.cancel_button):
            part.setVisible(busy)

    def _chose_photos(self) -> None:
        self._photos_chosen = True

    def _ask_write(self) -> None:
        if folder := self._folder():
            self.write_to(folder)

    def _ask_read(self) -> None:
        if files := self._files():
            self.read_files(files)

    def _ask_carry(self) -> None:
        if files := self._files():
            self.carry_files(files)

    def _ask_answers(self) -> None:
        if folder := self._folder():
            self.answers_to(folder)

    def _ask_pass_on(self) -> None:
        if folder := self._folder():
            self.pass_on_to(folder)

    def _ask_file(self) -> None:
        if files := self._files():
            self.file.setText(str(files[0]))
            self.code.setFocus()

    def _folder(self) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Chọn thư mục trên thẻ nhớ"))
        return Path(chosen) if chosen else None

    def _files(self) -> list[Path]:
        chosen, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Chọn gói"), "", self.tr("Gói dữ liệu (*.kcparcel)")
        )
        return [Path(one) for one in chosen]

    # Showing

    def _show(self, now: ParcelsStatus) -> None:
        self._joined = now.province is not None
        self._join.setVisible(not self._joined)
        self._own.setVisible(self._joined)
        self._others.setVisible(self._joined)
        here = now.undelivered - now.in_parcels
        self.standing.setText(
            self.tr("Chưa ở tỉnh: {0} thay đổi, gồm {1} trên máy này và {2} trong gói.").format(
                format_vnd(now.undelivered), format_vnd(here), format_vnd(now.in_parcels)
            )
            if now.undelivered
            else self.tr("Mọi thay đổi đã ở tỉnh. Ghi gói vẫn có ích: để hỏi tỉnh có gì mới.")
        )
        self.edition.setText(self.tr("Đang dùng: {0}").format(in_words(now.edition)))
        self._show_photos(now.photos)
        self.own.set_rows(now.own)
        self.carried.set_rows(now.carried)
        self._own_empty.setVisible(not now.own)
        self._own_table.setVisible(bool(now.own))
        self._carried_empty.setVisible(not now.carried)
        self._carried_table.setVisible(bool(now.carried))
        for part, full in ((self._own, now.own), (self._others, now.carried)):
            vertical = QSizePolicy.Policy.Expanding if full else QSizePolicy.Policy.Maximum
            part.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self.answers_button.setEnabled(any(one.state == "answered" for one in now.carried))
        self.pass_on_button.setEnabled(any(one.state == "waits" for one in now.carried))

    def _show_photos(self, photos: PhotosStanding) -> None:
        """What may be taken along, and how large that is."""
        if not self._photos_chosen:  # a stick is not paid by the byte
            self.photos.setChecked(photos.when in {PhotosSent.ALWAYS, PhotosSent.UNMETERED})
        self.photos.setEnabled(bool(photos.to_send))
        said = self.tr("Kèm ảnh, tài liệu chưa ở tỉnh: {0}").format(
            _amount(photos.to_send, photos.to_send_bytes)
        )
        files = parcels.files_needed(photos.to_send_bytes)
        if files > 1:
            said += self.tr(", thành khoảng {0} gói").format(files)
        self.photos.setText(said)
        self.fetch.setText(
            self.tr("Xin tỉnh gửi kèm ảnh, tài liệu máy này còn thiếu: {0}").format(
                _amount(photos.to_fetch, photos.to_fetch_bytes)
            )
        )

    def _read_summary(self, answers: list[ReadAnswer], removed: int) -> tuple[str, str, str]:
        problem = next((a.problem for a in answers if a.problem is not None), None)
        if problem is not None:
            return "error", problem.message, problem.hint
        last = answers[-1]
        said = self.tr(
            "Đã đọc trả lời: nhận {0} thay đổi, {1} mục bị từ chối, còn {2} chưa ở tỉnh."
        ).format(
            format_vnd(sum(a.received for a in answers)),
            sum(len(a.refused) for a in answers),
            format_vnd(last.waiting),
        )
        new = parcels.editions_text(n for a in answers for n in a.editions)
        photos = " ".join(filter(None, map(parcels.photos_text, answers)))
        gone = self.tr("Đã xoá {0} gói đã xong.").format(removed) if removed else ""
        bad = next((a.bad_edition for a in answers if a.bad_edition), "")
        more = " ".join(filter(None, (bad, new, photos, gone)))
        return "warning" if bad else "good", said, more

    def _own_columns(self) -> list[Column[OwnParcel]]:
        return [
            Column(self.tr("Ghi lúc"), lambda one: moment(one.written_at), 150),
            Column(self.tr("Thay đổi"), _range_text, 150),
            Column(self.tr("Ảnh, tài liệu"), _photos_of, 130),
            Column(self.tr("Tình trạng"), parcels.own_text, 250),
            Column(self.tr("Tệp"), lambda one: Path(one.file).name),
        ]

    def _carried_columns(self) -> list[Column[CarriedParcel]]:
        return [
            Column(self.tr("Nhận lúc"), lambda one: moment(one.taken_at), 160),
            Column(self.tr("Tệp"), lambda one: one.name, 330),
            Column(self.tr("Tình trạng"), parcels.carried_text),
        ]

    def _join_card(self) -> QFrame:
        form = QFormLayout()
        form.setVerticalSpacing(theme.GAP)
        form.addRow(
            self.tr("Tệp đăng ký"), row(self.file, button(self.tr("Chọn tệp…"), self._ask_file))
        )
        form.addRow(self.tr("Mã mở tệp"), self.code)
        return card(
            heading(self.tr("Nối với tỉnh bằng tệp đăng ký")),
            label(
                self.tr(
                    "Dùng khi máy không có mạng: trung tâm đưa tệp qua thẻ nhớ và đọc mã qua điện thoại. "
                    "Mọi thứ đã ghi trên máy này được giữ nguyên và đi lên tỉnh trong gói đầu tiên."
                ),
                quiet=True,
                wrap=True,
            ),
            form,
            row(self.join_button, None),
        )


def _range_text(parcel: OwnParcel) -> str:
    if not parcel.count:
        return "không có, chỉ hỏi tin mới"
    return f"{format_vnd(parcel.count)} (đến số {format_vnd(parcel.last_n)})"


def _photos_of(parcel: OwnParcel) -> str:
    return _amount(parcel.photos, parcel.photo_bytes) if parcel.photos else "–"


def _amount(count: int, size: int) -> str:
    """How many, and how large that is."""
    return f"{format_vnd(count)} ({contents.in_megabytes(size)})" if count else "không có"

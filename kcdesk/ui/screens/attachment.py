"""One picture or document, large: shown from memory, with its title, and ways to write it out or take it away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from kcdesk.actions.attachments import (
    Shown,
    file_name,
    list_attachments,
    open_attachment,
    save_attachment,
)
from kcdesk.actions.bin import delete_record
from kcdesk.actions.contents import fetch_one, in_megabytes
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved, set_fields
from kcdesk.actions.syncing import delivery_text
from kcdesk.domain.code_lists import AttachmentPurpose
from kcdesk.domain.kinds import ATTACHMENTS
from kcdesk.errors import Cancelled, KcdeskError, NotFound
from kcdesk.ui import theme
from kcdesk.ui.screens.attachments import ask_to_remove
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.clear_file import ask_for_clear_file
from kcdesk.ui.widgets.parts import button, card, column, heading, label, row, shortcut

if TYPE_CHECKING:
    from PySide6.QtPdfWidgets import QPdfView


@dataclass(frozen=True, slots=True)
class Opened:
    """One attachment among those of its establishment, with what there is to see, or why there is nothing.

    place:  which of how many, from 1
    joined: whether there is a province that may have what is not here
    """

    shown: Shown
    place: tuple[int, int]
    before: str | None
    after: str | None
    joined: bool
    image: QImage | None = None
    pdf: bytes | None = None
    trouble: KcdeskError | None = None


def read_attachment(desk: Desk, establishment: str, attachment: str) -> Opened:
    """Read one attachment and decode its picture. Runs on the desk's thread. Raises `NotFound`."""
    rows = list_attachments(desk, establishment)
    ids = [shown.id for shown in rows]
    if attachment not in ids:
        raise NotFound("Ảnh hoặc tài liệu này đã được bỏ vào thùng rác.")
    place = ids.index(attachment)
    before = ids[place - 1] if place else None
    after = ids[place + 1] if place + 1 < len(ids) else None
    joined = desk.workspace.province() is not None
    told = rows[place], (place + 1, len(ids)), before, after, joined
    try:
        content = open_attachment(desk, attachment)
    except KcdeskError as error:
        return Opened(*told, trouble=error)
    if rows[place].is_picture:
        return Opened(*told, image=QImage.fromData(content))
    return Opened(*told, pdf=content)


class PictureView(QWidget):
    """A picture as large as the place for it."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage) -> None:
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self.image.isNull():
            return
        size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(self.rect().center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self.image)
        painter.end()


class AttachmentScreen(Screen):
    """Looking through the pictures and documents of an establishment, one at a time."""

    shows = frozenset((ATTACHMENTS.name,))

    def __init__(self, context: Context, establishment: str, attachment: str) -> None:
        super().__init__(context)
        self.attachment = attachment
        self.opened: Opened | None = None
        self._establishment = establishment
        self.picture = PictureView()
        self.trouble = label(quiet=True, wrap=True)
        self.trouble.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.fetch_button = button(self.tr("Tải về từ tỉnh"), self.fetch, main=True)
        self.stop_button = button(self.tr("Dừng lại"), self._stop)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Tiến độ tải về"))
        self.running: Running | None = None
        absent = QWidget()
        absent.setLayout(
            column(
                None,
                self.trouble,
                row(None, self.fetch_button, self.stop_button, None),
                row(None, self.progress, None),
                None,
            )
        )
        self._absent = absent
        self.pdf: QPdfView | None = None
        self._seen = QStackedWidget()
        for view in (self.picture, absent):
            self._seen.addWidget(view)
        self.title_line = QLineEdit()
        self.title_line.setAccessibleName(self.tr("Tên"))
        self.title_line.editingFinished.connect(self._write_title)
        self.purpose = QComboBox()
        self.purpose.setAccessibleName(self.tr("Là gì"))
        self.purpose.addItem(self.tr("(chưa chọn)"), "")
        for code in AttachmentPurpose:
            self.purpose.addItem(code.label, code.value)
        self.purpose.activated.connect(lambda _: self._write("purpose", self._chosen))
        self.facts = label(quiet=True, wrap=True)
        self._save = button(self.tr("Lưu ra tệp"), lambda: self._ask_to_save(original=False))
        self._save_original = button(
            self.tr("Lưu bản gốc ra tệp"), lambda: self._ask_to_save(original=True)
        )
        self._remove = button(self.tr("Bỏ vào thùng rác"), self._ask_to_remove)
        side = card(
            label(self.tr("Tên")), self.title_line, label(self.tr("Là gì")), self.purpose,
            heading(self.tr("Về tệp này")), self.facts, None,
            self._save, self._save_original, self._remove,
        )  # fmt: skip
        side.setFixedWidth(theme.NOTE_WIDTH)
        self.before_button = button(self.tr("Trước"), lambda: self._go(-1))
        self.after_button = button(self.tr("Sau"), lambda: self._go(1))
        shortcut(self, "PgUp", lambda: self._go(-1))
        shortcut(self, "PgDown", lambda: self._go(1))
        self.place = label(quiet=True)
        content = row(gap=theme.SPACE)
        content.addWidget(self._seen, 1)
        content.addWidget(side)
        top = row(self.place, None, self.before_button, self.after_button)
        self.setLayout(column(top, content))
        self.setEnabled(False)

    def entered(self) -> None:
        establishment, attachment = self._establishment, self.attachment
        self.tasks.ask(
            self,
            lambda desk: read_attachment(desk, establishment, attachment),
            self._show,
            failed=lambda _: self.finished.emit(),  # it went into the bin meanwhile
        )

    def take_focus(self) -> None:
        self.after_button.setFocus()

    # Showing

    def _show(self, opened: Opened) -> None:
        self.opened = opened
        self.setEnabled(True)
        data = opened.shown.record.row
        self.entitle(opened.shown.title or self.tr("(chưa có tên)"))
        if not self.title_line.isModified():
            self.title_line.setText(opened.shown.title)
        self.purpose.setCurrentIndex(max(0, self.purpose.findData(data.get("purpose") or "")))
        self.facts.setText("\n".join(self._facts(opened.shown)))
        self.place.setText(self.tr("{0} trên {1}").format(*opened.place))
        self.before_button.setEnabled(opened.before is not None)
        self.after_button.setEnabled(opened.after is not None)
        self._save.setEnabled(opened.trouble is None)
        self._save_original.setVisible("original_sha256" in data)
        if opened.trouble is not None:
            self.trouble.setText(self._why_nothing(opened))
            self._busy(self.running is not None)
            self.fetch_button.setVisible(self.running is None and opened.joined)
            self._seen.setCurrentWidget(self._absent)
        elif opened.image is not None:
            self.picture.show_image(opened.image)
            self.picture.setAccessibleName(opened.shown.title)
            self._seen.setCurrentWidget(self.picture)
        elif opened.pdf is not None:
            self._show_pdf(opened.pdf)

    def _show_pdf(self, content: bytes) -> None:
        from PySide6.QtPdf import QPdfDocument  # noqa: PLC0415 -- loaded when there is one to show
        from PySide6.QtPdfWidgets import QPdfView  # noqa: PLC0415

        if self.pdf is None:
            self._document, self._buffer = QPdfDocument(self), QBuffer(self)
            self.pdf = QPdfView(self)
            self.pdf.setDocument(self._document)
            self.pdf.setPageMode(QPdfView.PageMode.MultiPage)
            self.pdf.setZoomMode(QPdfView.ZoomMode.FitToWidth)
            self._seen.addWidget(self.pdf)
        self._document.close()
        self._buffer.close()
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        self.pdf.setAccessibleName(self.title)
        self._seen.setCurrentWidget(self.pdf)

    def _facts(self, shown: Shown) -> list[str]:
        data = shown.record.row
        size = data.get("bytes")
        facts = []
        if isinstance(taken := data.get("taken_at"), str):
            date, _, time = taken.partition("T")
            said = f"{'/'.join(reversed(date.split('-')))} {time[:5]}"
            facts.append(self.tr("Chụp lúc {0}").format(said))
        if isinstance(geo := data.get("geo"), list):
            place = "; ".join(str(part).replace(".", ",") for part in geo)
            facts.append(self.tr("Toạ độ nơi chụp: {0}").format(place))
        if "pages" in data:
            facts.append(self.tr("{0} trang").format(data["pages"]))
        elif "width" in data and "height" in data:
            facts.append(self.tr("{0} × {1} điểm ảnh").format(data["width"], data["height"]))
        if isinstance(size, int):
            facts.append(self.tr("{0} KB").format(max(1, size // 1024)))
        facts.append(self.tr("Thông tin: {0}").format(delivery_text(shown.record.delivery)))
        facts.append(self.tr("Nội dung: {0}").format(shown.where.text))
        return facts

    def _why_nothing(self, opened: Opened) -> str:
        """What stands where the picture would be: how large it is where it can be fetched, else what is wrong."""
        assert opened.trouble is not None
        if not opened.joined or opened.shown.here:
            return f"{opened.trouble.message}\n{opened.trouble.hint}"
        size = opened.shown.record.row.get("bytes")
        said = self.tr("Nội dung chưa có trên máy này.")
        if isinstance(size, int):
            said += " " + self.tr("Tải về hết {0}.").format(in_megabytes(size))
        return said

    # Doing

    def fetch(self) -> None:
        """Fetch what is not here from the province; it is shown as soon as it has come."""
        if self.running is not None:
            return
        attachment = self.attachment

        def work(desk: Desk, running: Running) -> None:
            fetch_one(desk, attachment, progress=running.progress, cancel=running.cancelled)

        def done(_: None) -> None:
            self._busy(False)
            self.entered()

        def failed(error: KcdeskError) -> None:
            self._busy(False)
            tone = "warning" if isinstance(error, Cancelled) else "error"
            self.told.emit(tone, error.message, error.hint)

        self._busy(True)
        self.progress.setRange(0, 0)
        self.running = self.tasks.network(self, work, done, failed=failed, touches=self.shows)
        self.running.progressed.connect(self._progressed)

    def _progressed(self, _phase: str, done: int, total: int) -> None:
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)

    def _stop(self) -> None:
        if self.running is not None:
            self.running.cancel()

    def _busy(self, busy: bool) -> None:
        if not busy:
            self.running = None
        self.fetch_button.setVisible(not busy)
        for part in (self.stop_button, self.progress):
            part.setVisible(busy)
        for part in (self.before_button, self.after_button):
            part.setEnabled(not busy)

    def _go(self, way: int) -> None:
        if self.opened is None or self.running is not None:
            return
        other = self.opened.before if way < 0 else self.opened.after
        if other is not None:
            self._write_title()
            self.attachment = other
            self.title_line.setModified(False)
            self.entered()

    @property
    def _chosen(self) -> str:
        return str(self.purpose.currentData())

    def _write_title(self) -> None:
        if self.title_line.isModified():
            self.title_line.setModified(False)
            self._write("title", self.title_line.text())

    def _write(self, field: str, text: str) -> None:
        attachment = self.attachment

        def work(desk: Desk) -> Saved:
            return set_fields(desk, ATTACHMENTS.name, attachment, {field: text})

        self.tasks.ask(
            self,
            work,
            lambda _: self.told.emit("good", self.tr("Đã lưu trên máy này."), ""),
        )

    def _ask_to_save(self, *, original: bool) -> None:
        assert self.opened is not None
        name = file_name(self.opened.shown.record.row, original=original)
        filters = self.tr("Tệp (*{0})").format(Path(name).suffix)
        ask_for_clear_file(
            self, self._save.text(), name, filters, lambda path: self.write(path, original=original)
        )

    def write(self, path: Path, *, original: bool = False) -> None:
        """Write the content to `path`, off the window's thread."""
        attachment = self.attachment
        self.tasks.ask(
            self,
            lambda desk: save_attachment(desk, attachment, path, original=original),
            lambda _: self.told.emit("good", self.tr("Đã ghi tệp {0}.").format(path.name), ""),
        )

    def _ask_to_remove(self) -> None:
        ask_to_remove(self, self.title, self._put_into_bin)

    def _put_into_bin(self) -> None:
        attachment = self.attachment

        def done(_: Saved) -> None:
            self.told.emit("good", self.tr("Đã bỏ vào thùng rác."), "")
            self.finished.emit()

        self.tasks.ask(self, lambda desk: delete_record(desk, ATTACHMENTS.name, attachment), done)

"""Signed papers come back as scans: a file is split by the codes of its pages; pages without one wait here, with
their pictures, until somebody says whose they are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QMessageBox, QSizePolicy, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import ListedRecord, list_records
from kcdesk.actions.scans import Scan, ScanFiled, drop_unread, file_pages, file_unread, read_pages
from kcdesk.domain.kinds import ATTACHMENTS, ESTABLISHMENTS
from kcdesk.errors import KcdeskError
from kcdesk.storage.papers import UnreadPage
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, moment
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.parts import Empty, Table, button, column, label, row

FOUND = 30
"""Establishments that a search offers."""
_FILES = "PDF, ảnh (*.pdf *.jpg *.jpeg *.png *.heic *.webp *.tif *.tiff)"


class ScansPage(QWidget):
    """Left: the pages that wait. Right: the picture of one, and below it whose it may be."""

    told = Signal(str, str, str)
    """Tone, message and hint for the banner."""
    changed = Signal()
    """Pages have come or gone."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._tasks = context.tasks
        self.title = self.tr("Bản quét")
        self.read_button = button(self.tr("Đọc bản quét…"), self._choose, key="Ctrl+O", main=True)
        self.state = label(quiet=True)
        self.model: RowsModel[UnreadPage] = RowsModel(
            [
                Column(self.tr("Tệp"), lambda page: page.file_name),
                Column(self.tr("Trang"), lambda page: str(page.page), 70, number=True),
                Column(self.tr("Đọc lúc"), lambda page: moment(page.at), 150),
            ],
            self,
        )
        self.table = Table(self.model, self.tr("Các trang chờ"))
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._look())
        self.picture = _Picture()
        self.search = QLineEdit()
        self.search.setPlaceholderText(
            self.tr("Của cơ sở nào? Tên, mã số thuế, điện thoại (Ctrl+F), rồi Enter")
        )
        self.search.setAccessibleName(self.tr("Tìm cơ sở của trang này"))
        self.search.returnPressed.connect(self.look_for)
        self.found: RowsModel[ListedRecord] = RowsModel(
            [
                Column(self.tr("Cơ sở"), lambda one: str(one.row.get("name") or "(chưa có tên)")),
                Column(
                    self.tr("Xã, phường"), lambda one: str(one.row.get("commune_name") or ""), 160
                ),
            ],
            self,
        )
        self.establishments = Table(self.found, self.tr("Các cơ sở tìm thấy"))
        self.establishments.setMaximumHeight(5 * theme.ROW_HEIGHT)
        self.establishments.chosen.connect(self.file)
        self.file_button = button(
            self.tr("Kèm vào cơ sở  (Enter)"), lambda: self.file(self.establishments.current())
        )
        self.drop_button = button(self.tr("Bỏ trang này…"), self._ask_to_drop)
        left = column(self.table, self.search, self.establishments, gap=theme.GAP)
        left.addLayout(row(self.drop_button, None, self.file_button))
        self._full = QWidget()
        sides = row(gap=theme.SPACE)
        sides.addLayout(left, 3)
        sides.addWidget(self.picture, 2)
        self._full.setLayout(sides)
        self._nothing = Empty(
            self.tr("Không có trang nào chờ"),
            self.tr(
                "Quét giấy tờ đã ký thành PDF hoặc chụp ảnh rồi bấm Ctrl+O: chương trình đọc mã QR ở chân trang và "
                "kèm từng giấy vào hồ sơ của nó. Trang không đọc được mã sẽ chờ ở đây."
            ),
        )
        body = column(row(self.state, None, self.read_button), margin=theme.GAP)
        body.addWidget(self._full, 1)
        body.addWidget(self._nothing, 1)
        self.setLayout(body)
        self.set_rows([])

    @property
    def tab_title(self) -> str:
        count = len(self.model.rows)
        return f"{self.title} ({count})" if count else self.title

    def set_rows(self, pages: list[UnreadPage]) -> None:
        self.model.set_rows(pages)
        self._full.setVisible(bool(pages))
        self._nothing.setVisible(not pages)
        self.table.choose_first()
        self._look()

    def read(self, path: Path) -> None:
        """Split a scan and file its pages."""

        def done(filed: ScanFiled) -> None:
            self.read_button.setEnabled(True)
            self.state.clear()
            pages = sum(len(one.pages) for one in filed.filed)
            told = (
                self.tr("Đã kèm {0} trang của {1} giấy tờ vào hồ sơ.").format(
                    pages, len(filed.filed)
                )
                if filed.filed
                else self.tr("Chưa kèm được trang nào vào hồ sơ.")
            )
            hints = []
            if filed.waiting:
                hints.append(
                    self.tr("{0} trang chưa đọc được mã, chờ ở dưới.").format(len(filed.waiting))
                )
            if filed.not_scanned:
                numbers = ", ".join(map(str, filed.not_scanned))
                hints.append(self.tr("Trang {0} không phải ảnh quét, bỏ qua.").format(numbers))
            self.told.emit("good" if filed.filed else "warning", told, " ".join(hints))
            self.changed.emit()

        self.read_button.setEnabled(False)
        self.state.setText(self.tr("Đang đọc {0}…").format(path.name))
        touches = frozenset((ATTACHMENTS.name,))

        def file(scan: Scan) -> None:
            self._tasks.ask(
                self,
                lambda desk: file_pages(desk, scan),
                done,
                failed=self._failed,
                touches=touches,
            )

        def work(running: Running) -> Scan:
            return read_pages(path, lambda page: running.progress("pages", page, 0))

        running = self._tasks.long_outside(self, work, file, failed=self._failed)
        running.progressed.connect(
            lambda _, page, __: self.state.setText(
                self.tr("Đã đọc {0} trang của {1}…").format(page, path.name)
            )
        )

    def look_for(self) -> None:
        """Offer the establishments that a search finds."""
        text = self.search.text().strip()

        def done(found: list[ListedRecord]) -> None:
            self.found.set_rows(found)
            self.establishments.choose_first()
            if found:
                self.establishments.setFocus()

        def work(desk: Desk) -> list[ListedRecord]:
            page = list_records(desk, ESTABLISHMENTS.name, search=text, limit=FOUND)
            return list(page.records)

        if text:
            self._tasks.ask(self, work, done)

    def file(self, establishment: ListedRecord | None) -> None:
        """The page that is shown belongs to that establishment."""
        page: UnreadPage | None = self.table.current()
        if page is None or establishment is None:
            return
        owner, number = str(establishment.row["id"]), page.id
        name = str(establishment.row.get("name") or "")

        def done(_: str) -> None:
            self.told.emit("good", self.tr("Đã kèm trang vào “{0}”.").format(name), "")
            self.changed.emit()

        touches = frozenset((ATTACHMENTS.name,))
        self._tasks.ask(
            self,
            lambda desk: file_unread(desk, number, owner),
            done,
            failed=self._failed,
            touches=touches,
        )

    def drop(self) -> None:
        """The page that is shown is of no use: forget it."""
        page: UnreadPage | None = self.table.current()
        if page is not None:
            number = page.id
            self._tasks.ask(
                self, lambda desk: drop_unread(desk, number), lambda _: self.changed.emit()
            )

    def _ask_to_drop(self) -> None:
        kinds = QMessageBox.StandardButton
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Bỏ trang này"))
        box.setText(self.tr("Ảnh của trang này mất hẳn trên máy. Tệp quét gốc không đổi."))
        box.setStandardButtons(kinds.Discard | kinds.Cancel)
        box.button(kinds.Discard).setText(self.tr("Bỏ trang"))
        box.button(kinds.Cancel).setText(self.tr("Không"))
        box.button(kinds.Discard).clicked.connect(self.drop)
        box.open()

    def _look(self) -> None:
        page: UnreadPage | None = self.table.current()
        self.picture.show_picture(page.picture if page is not None else b"")
        self.drop_button.setEnabled(page is not None)
        self.file_button.setEnabled(page is not None)

    def _failed(self, error: KcdeskError) -> None:
        self.read_button.setEnabled(True)
        self.state.clear()
        self.told.emit("error", error.message, error.hint)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Đọc bản quét"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_FILES)
        dialog.fileSelected.connect(lambda chosen: self.read(Path(chosen)))
        dialog.open()


class _Picture(QLabel):
    """A picture as large as its place allows."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = QPixmap()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAccessibleName(self.tr("Ảnh của trang"))

    def show_picture(self, content: bytes) -> None:
        self._whole = QPixmap()
        self._whole.loadFromData(content)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._whole.isNull():
            self.clear()
            return
        kept = Qt.AspectRatioMode.KeepAspectRatio
        smooth = Qt.TransformationMode.SmoothTransformation
        self.setPixmap(self._whole.scaled(self.size(), kept, smooth))

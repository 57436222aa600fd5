"""A strip of thumbnails to look through, with files dropped onto it. Knows nothing of desks and tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QIcon,
    QKeyEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from kcdesk.actions.attachments import Shown
from kcdesk.ui import theme

TILE = QSize(176, 132)


class AttachmentStrip(QListWidget):
    """Pictures and documents as tiles with their titles.

    opened:  one is to be looked at (its id)
    removed: one is to go (its id)
    dropped: files were dropped here (list of Path)
    """

    opened = Signal(str)
    removed = Signal(str)
    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Ảnh và tài liệu"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setIconSize(TILE)
        self.setGridSize(QSize(TILE.width() + theme.SPACE, TILE.height() + 54))
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setViewportMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        self.setAcceptDrops(True)
        self.itemActivated.connect(lambda item: self.opened.emit(self._id(item)))

    def set_rows(self, rows: Iterable[Shown]) -> None:
        """Show these instead; the one under the cursor stays so."""
        chosen = {self._id(item) for item in self.selectedItems()}
        self.clear()
        for shown in rows:
            made = QListWidgetItem(
                QIcon(self._tile(shown)), shown.title or self.tr("(chưa có tên)")
            )
            made.setData(Qt.ItemDataRole.UserRole, shown.id)
            made.setToolTip(made.text())
            self.addItem(made)
            if shown.id in chosen:
                self.setCurrentItem(made)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            for item in self.selectedItems():  # one at most
                self.removed.emit(self._id(item))
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._welcome(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._welcome(event)

    def dropEvent(self, event: QDropEvent) -> None:
        files = files_of(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.dropped.emit(files)

    def _welcome(self, event: QDragMoveEvent) -> None:
        if files_of(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def _tile(self, shown: Shown) -> QPixmap:
        """The thumbnail in the middle of a tile; of a document, and of what is elsewhere, a sheet that says so."""
        made = QPixmap(TILE)
        made.fill(QColor(theme.PAGE))
        painter = QPainter(made)
        picture = QPixmap()
        if shown.thumbnail is not None and picture.loadFromData(shown.thumbnail):
            fitted = picture.scaled(
                TILE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            place = QRect(0, 0, fitted.width(), fitted.height())
            place.moveCenter(made.rect().center())
            painter.drawPixmap(place, fitted)
        else:
            _draw_sheet(painter, made.rect(), self._said_on_sheet(shown))
        painter.setPen(QColor(theme.LINE))
        painter.drawRect(made.rect().adjusted(0, 0, -1, -1))
        painter.end()
        return made

    def _said_on_sheet(self, shown: Shown) -> str:
        if not shown.here:
            return self.tr("Chưa tải về")
        if shown.is_picture:
            return self.tr("Ảnh")
        return self.tr("PDF\n{0} trang").format(shown.record.row.get("pages", "?"))

    @staticmethod
    def _id(item: QListWidgetItem) -> str:
        return str(item.data(Qt.ItemDataRole.UserRole))


def files_of(data: QMimeData) -> Sequence[Path]:
    """The files that are being dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _draw_sheet(painter: QPainter, around: QRect, said: str) -> None:
    sheet = QRect(0, 0, 84, 112)
    sheet.moveCenter(around.center())
    painter.fillRect(sheet, QColor(theme.SURFACE))
    painter.setPen(QColor(theme.LINE))
    painter.drawRect(sheet)
    painter.setPen(QColor(theme.QUIET))
    painter.setFont(theme.sized(painter.font(), theme.SMALL_PT))
    painter.drawText(sheet, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, said)

"""What can be done with an establishment besides writing in it: bin, merging, parting, taking back, history.

Owns the menu of the page, and the line that says when a record lies in the bin or is part of a merge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton

from kcdesk.actions.bin import delete_record, hanging_on, hanging_text, take_back
from kcdesk.actions.desk import Desk
from kcdesk.actions.history import HistoryEntry
from kcdesk.actions.merging import unmerge
from kcdesk.actions.records import ListedRecord, Saved
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.errors import KcdeskError
from kcdesk.ui.screens.attachments import ask_to_remove
from kcdesk.ui.screens.base import Screen
from kcdesk.ui.screens.standing import StandingLine
from kcdesk.ui.screens.undoing import UndoDialog

KIND = ESTABLISHMENTS.name


class SecondThoughts(QObject):
    """Belongs to the page of an establishment; `record` gives its id once it has one.

    Events: an establishment to merge with another, or to look at (its id); the history of the field with the cursor.
    """

    merge_wanted = Signal(str)
    record_wanted = Signal(str)
    history_wanted = Signal()

    def __init__(self, screen: Screen, record: Callable[[], str]) -> None:
        super().__init__(screen)
        self._screen = screen
        self._record = record
        self.line = StandingLine()
        self.line.take_back_wanted.connect(self.take_back)
        self.line.part_wanted.connect(self.part)
        self.line.record_wanted.connect(lambda one: screen.leave(lambda: self._look_at(one)))
        menu = QMenu(screen)
        self.history_action = menu.addAction(screen.tr("Lịch sử của mục đang ghi"))
        self.history_action.setShortcut("Ctrl+H")
        self.history_action.triggered.connect(lambda _: self.history_wanted.emit())
        menu.addSeparator()
        self.merge_action = menu.addAction(screen.tr("Gộp với cơ sở khác…"))
        self.merge_action.triggered.connect(lambda _: screen.leave(self._want_merge))
        self.delete_action = menu.addAction(screen.tr("Xoá…"))
        self.delete_action.triggered.connect(lambda _: screen.leave(self._ask_to_delete))
        screen.addAction(self.history_action)  # its key works while the menu is closed
        self._menu = menu
        self.menu = QPushButton(screen.tr("Việc khác"))
        self.menu.setAutoDefault(False)
        self.menu.setMenu(menu)

    def offer(self, text: str, key: str, do: Callable[[], None]) -> QAction:
        """Put something else that can be done with the record above; its key works while the menu is closed."""
        action = QAction(text, self._menu)
        action.setShortcut(key)
        action.triggered.connect(lambda _: do())
        self._menu.insertAction(self.history_action, action)
        self._screen.addAction(action)
        return action

    @property
    def _changing(self) -> tuple[QAction, ...]:
        return (self.merge_action, self.delete_action)

    def show_standing(
        self, *, deleted: bool, into: ListedRecord | None, merged: Sequence[ListedRecord]
    ) -> None:
        """Say where the record is: in the bin, merged into another, or with others merged into it."""
        self.line.show_standing(deleted=deleted, into=into, merged=merged)
        for action in self._changing:
            action.setEnabled(not deleted and into is None)

    # Bin

    def _ask_to_delete(self) -> None:
        record, screen = self._record(), self._screen

        def ask(hanging: str) -> None:
            ask_to_remove(screen, screen.title, lambda: self._delete(record), hanging)

        screen.tasks.ask(screen, lambda desk: hanging_text(hanging_on(desk, KIND, record)), ask)

    def _delete(self, record: str) -> None:
        screen, title = self._screen, self._screen.title

        def done(_: Saved) -> None:
            screen.told.emit(
                "good",
                screen.tr("Đã bỏ “{0}” vào thùng rác.").format(title),
                screen.tr("Lấy lại ở Thùng rác (F11)."),
            )
            screen.finished.emit()

        screen.tasks.ask(
            screen, lambda desk: delete_record(desk, KIND, record), done, failed=self._tell
        )

    def take_back(self) -> None:
        """Take the record out of the bin."""
        record, screen = self._record(), self._screen
        self._do(lambda desk: take_back(desk, KIND, record), screen.tr("Đã lấy lại từ thùng rác."))

    # Merging

    def _want_merge(self) -> None:
        self.merge_wanted.emit(self._record())

    def _look_at(self, record: str) -> None:
        self.record_wanted.emit(record)

    def part(self, duplicate: str) -> None:
        """Part a duplicate from the one that it was merged into; "": this record."""
        record, screen = duplicate or self._record(), self._screen
        self._do(
            lambda desk: unmerge(desk, record),
            screen.tr("Đã tách hai cơ sở ra."),
            screen.tr("Giá trị đã lấy lúc gộp vẫn ở cơ sở được giữ lại; xem ở Lịch sử."),
        )

    # Taking back

    def undo(self, entry: HistoryEntry) -> None:
        """Show what taking back the action of this entry would do."""
        dialog = UndoDialog(
            self._screen.context, str(entry.change), self._screen.title, self._screen
        )
        dialog.told.connect(self._screen.told)
        dialog.open()

    def _do(self, work: Callable[[Desk], Saved], said: str, hint: str = "") -> None:
        screen = self._screen
        screen.tasks.ask(
            screen, work, lambda _: screen.told.emit("good", said, hint), failed=self._tell
        )

    def _tell(self, error: KcdeskError) -> None:
        self._screen.told.emit("error", error.message, error.hint)

"""A bare program: one window with one table over the model of long lists, and nothing else of kcdesk.

Reads one line of JSON from standard input: `file` and `key` of a workspace, or `file` empty for a model without rows;
`scroll`: whether to scroll to the end. Prints `painted` once the first rows are on screen, then, after scrolling,
the most memory it ever held, in MB.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

from kcdesk.storage.reading.lists import Lists
from kcdesk.storage.sqlite import connect
from kcdesk.ui.models.pages import PagesModel
from kcdesk.ui.models.table import Column

KIND = "establishments"
PAGE = 100
COLUMNS: list[Column[dict[str, Any]]] = [
    Column(key, lambda row, key=key: str(row.get(key) or ""))
    for key in ("name", "commune", "trade", "phone", "rep_name")
]


class Bare(QObject):
    """The list of a file behind a table; its database belongs to one worker."""

    done = Signal(object, object)

    def __init__(self, file: str, key: str, scroll: bool) -> None:
        super().__init__()
        self.model: PagesModel[dict[str, Any]] = PagesModel(COLUMNS, PAGE, self)
        self.model.page_wanted.connect(self.read_page)
        self.worker = ThreadPoolExecutor(1)
        self.lists: Lists | None = None
        self.scroll = scroll
        self.counted_rows: int | None = None
        self.has_rows = bool(file)
        self.done.connect(lambda show, result: show(result), Qt.ConnectionType.QueuedConnection)
        self.window = QMainWindow()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.verticalHeader().hide()
        self.table.viewport().installEventFilter(self)
        self.window.setCentralWidget(self.table)
        self.window.resize(1100, 700)
        self.window.show()
        if file:
            self.ask(lambda: self.open(Path(file), bytes.fromhex(key)), self.opened)

    def ask(self, work: Callable[[], Any], show: Callable[[Any], None]) -> None:
        self.worker.submit(lambda: self.done.emit(show, work()))

    def open(self, file: Path, key: bytes) -> Any:
        self.lists = Lists(connect(file, key))
        return self.lists.page(KIND, limit=PAGE)

    def opened(self, page: Any) -> None:
        assert self.lists is not None
        lists = self.lists
        self.model.start(page.records, page.next)
        self.ask(lambda: lists.count(KIND), self.counted)

    def counted(self, total: int) -> None:
        self.counted_rows = total
        self.model.know_total(total)
        self.learn_starts()

    def learn_starts(self) -> None:
        after = self.model.unknown_after
        if after is not None and self.lists is not None:
            lists = self.lists
            self.ask(lambda: lists.page_ends(KIND, size=PAGE, after=after), self.learned)

    def learned(self, starts: list[str]) -> None:
        self.model.know_starts(starts)
        self.learn_starts()

    def read_page(self, number: int, after: str | None) -> None:
        assert self.lists is not None
        lists = self.lists

        def show(page: Any) -> None:
            self.model.give(number, page.records, page.next)

        self.ask(lambda: lists.page(KIND, limit=PAGE, after=after), show)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if event.type() == QEvent.Type.Paint and bool(self.model.rowCount()) == self.has_rows:
            QTimer.singleShot(0, self.painted)
            self.table.viewport().removeEventFilter(self)
        return False

    def painted(self) -> None:
        print("painted", flush=True)
        if self.scroll and self.has_rows:
            self.go_down()
        else:
            self.end()

    def go_down(self) -> None:
        """Half a page further as soon as the rows that are looked at are here."""
        middle, bottom = (
            self.table.rowAt(y)
            for y in (self.table.viewport().height() // 2, self.table.viewport().height() - 2)
        )
        if self.model.row_of(middle) is not None:
            if self.counted_rows is not None and bottom == self.counted_rows - 1:
                return self.end()
            bar = self.table.verticalScrollBar()
            bar.setValue(bar.value() + PAGE // 2)
        QTimer.singleShot(0, self.go_down)
        return None

    def end(self) -> None:
        self.worker.shutdown()
        status = Path("/proc/self/status").read_text("ascii")  # getrusage() counts the parent's too
        (held,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        print(int(held) / 1024, flush=True)
        QApplication.quit()


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    app = QApplication([])
    bare = Bare(asked["file"], asked["key"], asked["scroll"])
    app.exec()
    del bare


main()

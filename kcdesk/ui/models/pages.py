"""A table model over a long list that is read page by page, by key, while somebody looks at it.

Owns which pages are here and which to ask for; few are kept, so a list of a million rows takes hardly more memory than
one of a thousand. Where each page starts comes with the page before it, or from outside (`know_starts`), so that one
can jump to any row without reading what lies before. Leaves to screens where pages come from.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, Signal

from kcdesk.ui.models.table import NO_PARENT, Column, Index, Row, TableModel

KEPT = 12
"""Pages in memory: what fills a large screen many times."""


class PagesModel(TableModel[Row]):
    """Rows under given columns, of which some pages are here."""

    page_wanted = Signal(int, object)
    """The number of a page that is looked at and not here, and the cursor where it starts. One at a time: the next is
    asked for when this one has come (`give`) and somebody still looks."""

    def __init__(
        self, columns: Sequence[Column[Row]], page: int, parent: QObject | None = None
    ) -> None:
        super().__init__(columns, parent)
        self.page = page
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()
        self._starts: list[str | None] = []
        self._total = 0
        self._grows = True
        self._asked: int | None = None
        self._waiting: int | None = None

    def start(self, rows: Sequence[Row], following: str | None) -> None:
        """Show another list, whose first page this is; it grows page by page."""
        self.beginResetModel()
        self._pages = OrderedDict({0: list(rows)})
        self._starts = [None] if following is None else [None, following]
        self._grows = following is not None
        self._total = len(rows)
        self._asked = self._waiting = None
        self.endResetModel()

    def know_total(self, total: int) -> None:
        """How many rows the list has: the scroll bar is true from now on."""
        self._grows = False
        if total > self._total:
            self.beginInsertRows(QModelIndex(), self._total, total - 1)
            self._total = total
            self.endInsertRows()

    def know_starts(self, starts: Sequence[str]) -> None:
        """Where the pages after those known so far start, in a list whose total is known."""
        self._starts += starts
        self._ask_again()

    @property
    def unknown_after(self) -> str | None:
        """The start of the last page that is known; None when no page lies after it."""
        return self._starts[-1] if len(self._starts) * self.page < self._total else None

    def give(self, number: int, rows: Sequence[Row], following: str | None) -> None:
        """A page that was asked for."""
        self._asked = None
        self._pages[number] = list(rows)
        self._pages.move_to_end(number)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        if self._grows and following is not None and number == len(self._starts) - 1:
            self._starts.append(following)
        first, end = number * self.page, number * self.page + len(rows)
        if end > self._total:
            self.beginInsertRows(QModelIndex(), self._total, end - 1)
            self._total = end
            self.endInsertRows()
        if rows:
            self.dataChanged.emit(self.index(first, 0), self.index(end - 1, len(self.columns) - 1))
        self._ask_again()

    @property
    def rows(self) -> list[Row]:
        """The rows that are in memory, in their order."""
        return [row for number in sorted(self._pages) for row in self._pages[number]]

    def row_of(self, number: int) -> Row | None:
        page, place = divmod(number, self.page)
        rows = self._pages.get(page)
        if rows is None:
            self._want(page)
            return None
        self._pages.move_to_end(page)
        return rows[place] if place < len(rows) else None

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else self._total

    def canFetchMore(self, parent: Index) -> bool:
        return (
            not parent.isValid()
            and self._grows
            and self._asked is None
            and self._total == (len(self._starts) - 1) * self.page
        )

    def fetchMore(self, parent: Index) -> None:  # noqa: ARG002 -- Qt's signature
        self._want(len(self._starts) - 1)

    def _want(self, page: int) -> None:
        if self._asked is None and page < len(self._starts):
            self._asked = page
            self.page_wanted.emit(page, self._starts[page])
        elif page != self._asked:
            self._waiting = page

    def _ask_again(self) -> None:
        """Ask for the page that was looked at last while another one was on its way."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting not in self._pages:
            self._want(waiting)

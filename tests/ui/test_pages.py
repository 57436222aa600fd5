"""The model of long lists: pages come as they are looked at, few stay, any row can be jumped to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from PySide6.QtCore import QModelIndex
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from kcdesk.ui.models.pages import KEPT, PagesModel
from kcdesk.ui.models.table import Column

SIZE = 10


@dataclass
class Source:
    """A list of numbers, cut into pages; a cursor is the number before the page. Answers wait until `deliver`."""

    total: int
    asked: list[tuple[int, str | None]] = field(default_factory=list)

    def model(self, *, total_known: bool = True) -> PagesModel[int]:
        model: PagesModel[int] = PagesModel([Column("n", str)], SIZE)
        model.page_wanted.connect(lambda number, after: self.asked.append((number, after)))
        model.start(*self.page(None))
        if total_known:
            model.know_total(self.total)
        return model

    def page(self, after: str | None) -> tuple[list[int], str | None]:
        start = int(after or 0)
        rows = list(range(start, min(start + SIZE, self.total)))
        return rows, str(start + SIZE) if start + SIZE < self.total else None

    def starts(self, after: str) -> list[str]:
        return [str(start) for start in range(int(after) + SIZE, self.total, SIZE)]

    def deliver(self, model: PagesModel[int]) -> int:
        """Answer everything that is asked, and what that leads to; how many pages that were."""
        for count in itertools.count():
            if not self.asked:
                return count
            number, after = self.asked.pop()
            model.give(number, *self.page(after))
        raise AssertionError


def test_a_row_far_away_is_one_page_away() -> None:
    source = Source(100_005)
    model = source.model()
    assert model.rowCount() == 100_005
    assert model.index(99_999, 0).data() is None  # nobody knows yet where its page starts
    assert source.asked == []
    assert model.unknown_after is not None
    model.know_starts(source.starts(model.unknown_after))
    assert model.unknown_after is None
    assert source.deliver(model) == 1
    assert model.index(99_999, 0).data() == "99999"
    assert model.index(100_004, 0).data() is None
    assert source.deliver(model) == 1
    assert model.index(100_004, 0).data() == "100004"
    assert model.index(0, 0).data() == "0"


def test_few_pages_stay_however_far_one_scrolls() -> None:
    source = Source(5_000)
    model = source.model()
    model.know_starts(source.starts(str(SIZE)))
    for row in range(5_000):
        model.index(row, 0).data()
        source.deliver(model)
        assert model.index(row, 0).data() == str(row)
    assert len(model.rows) == KEPT * SIZE
    assert model.rows[-1] == 4_999


def test_only_what_is_looked_at_last_is_asked_for_next() -> None:
    source = Source(1_000)
    model = source.model()
    model.know_starts(source.starts(str(SIZE)))
    for row in (100, 200, 300, 400, 500):
        model.index(row, 0).data()
    assert [number for number, _ in source.asked] == [10]
    assert source.deliver(model) == 2
    assert model.index(100, 0).data() == "100"
    assert model.index(500, 0).data() == "500"
    assert model.index(300, 0).data() is None


def test_a_list_of_unknown_length_grows_page_by_page(qtbot: QtBot) -> None:
    source = Source(25)
    model = source.model(total_known=False)
    top = QModelIndex()
    for length in (20, 25):
        assert model.canFetchMore(top)
        model.fetchMore(top)
        assert not model.canFetchMore(top)
        with qtbot.waitSignal(model.rowsInserted):
            source.deliver(model)
        assert model.rowCount() == length
    assert not model.canFetchMore(top)
    assert model.rows == list(range(25))


def test_a_new_list_forgets_what_was_asked_for_the_old_one() -> None:
    source = Source(100)
    model = source.model()
    model.index(15, 0).data()
    model.start([1, 2], None)
    assert model.rowCount() == 2
    assert [model.index(row, 0).data() for row in range(2)] == ["1", "2"]
    assert not model.canFetchMore(QModelIndex())


def test_qt_finds_nothing_wrong_with_it(qtmodeltester: ModelTester) -> None:
    source = Source(35)
    model = source.model()
    model.know_starts(source.starts(str(SIZE)))
    qtmodeltester.check(model)

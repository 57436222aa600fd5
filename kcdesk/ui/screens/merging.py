"""Merging an establishment with another: choose it, lay the two side by side, choose values, confirm."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QLineEdit,
    QRadioButton,
    QStackedLayout,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.actions.duplicates import similar_to
from kcdesk.actions.merging import merge
from kcdesk.actions.records import ListedRecord, Saved, get_record, list_records, open_record
from kcdesk.changes import State, same
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.widgets.fields import show, shown_phone
from kcdesk.ui.widgets.parts import Empty, Table, button, column, heading, label, row, scrolled

KIND = ESTABLISHMENTS.name
DEBOUNCE_MS = 150
SHORTEST_SEARCH = 2
FOUND = 50
_LEFT_OUT = frozenset(("commune_candidates",))


@dataclass(frozen=True, slots=True)
class Pair:
    """This establishment and the other, as they stand."""

    mine: State
    other: State
    units: AdministrativeUnits


class MergeScreen(Screen):
    """Merges the establishment `record` with another one; finished when they are one."""

    def __init__(self, context: Context, record: str) -> None:
        super().__init__(context)
        self.record = record
        self.entitle(self.tr("Gộp với cơ sở khác"))
        self._asked = 0
        self.pair: Pair | None = None
        self.search = _SearchLine(self)
        self.model: RowsModel[ListedRecord] = RowsModel(self._columns(), self)
        self.table = Table(self.model, self.tr("Cơ sở để gộp"))
        self.table.chosen.connect(lambda one: self.choose(str(one.row["id"])))
        self.hint = label(quiet=True, wrap=True)
        self._nothing = Empty(self.tr("Không thấy cơ sở nào"), "")
        lists = QWidget()
        self._lists = QStackedLayout(lists)
        self._lists.addWidget(self.table)
        self._lists.addWidget(self._nothing)
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._timer.timeout.connect(self._find)
        self.search.textChanged.connect(lambda _: self._timer.start())
        self.next_button = button(self.tr("Tiếp  (Enter)"), self._choose_current, main=True)

        first = QWidget()
        looking = column(row(self.search, None, self.next_button), self.hint, gap=theme.SPACE)
        looking.addWidget(lists, 1)
        first.setLayout(looking)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(first)
        self.beside: SideBySide | None = None
        self.merge_button = button(
            self.tr("Gộp hai cơ sở"), self.merge, key="Ctrl+Return", main=True
        )
        self._second = QWidget()
        self._place = column(gap=theme.SPACE)
        again = button(self.tr("Chọn cơ sở khác"), self._again)
        self._second.setLayout(
            column(self._place, row(again, None, self.merge_button), gap=theme.SPACE)
        )
        self._pages.addWidget(self._second)

    def entered(self) -> None:
        self._find()

    def take_focus(self) -> None:
        self.search.setFocus()

    # Choosing the other

    def _find(self) -> None:
        self._asked += 1
        number, text, record = self._asked, self.search.text().strip(), self.record

        def work(desk: Desk) -> list[ListedRecord]:
            if len(text) >= SHORTEST_SEARCH:
                found = list_records(desk, KIND, search=text, limit=FOUND).records
                return [one for one in found if one.row["id"] != record]
            row_ = get_record(desk, KIND, record).row
            return [
                get_record(desk, KIND, one.side.record)
                for one in similar_to(desk, row_, record=record)
            ]

        def done(found: list[ListedRecord]) -> None:
            if number == self._asked:
                self._show_found(found, searched=len(text) >= SHORTEST_SEARCH)

        self.tasks.ask(self, work, done)

    def _show_found(self, found: list[ListedRecord], *, searched: bool) -> None:
        self.model.set_rows(found)
        self.table.choose_first()
        self.next_button.setEnabled(bool(found))
        self._lists.setCurrentIndex(0 if found else 1)
        if searched:
            self.hint.setText(self.tr("Chọn cơ sở rồi bấm Enter."))
            self._nothing.say(
                self.tr("Không thấy cơ sở nào"), self.tr("Thử gõ ít chữ hơn, hoặc mã số thuế.")
            )
        else:
            self.hint.setText(
                self.tr(
                    "Các cơ sở giống cơ sở này; gõ tên, mã số thuế hoặc điện thoại để tìm cơ sở khác."
                )
            )
            self._nothing.say(
                self.tr("Chưa thấy cơ sở nào giống cơ sở này"),
                self.tr("Gõ tên, mã số thuế hoặc điện thoại của cơ sở cần gộp vào ô tìm."),
            )

    def choose_found(self) -> None:
        """Take the chosen row, once it belongs to what was typed."""
        if not self._timer.isActive():
            self._choose_current()

    def _choose_current(self) -> None:
        one: ListedRecord | None = self.table.current()
        if one is not None:
            self.choose(str(one.row["id"]))

    def choose(self, other: str) -> None:
        """Lay the two side by side."""
        record = self.record

        def work(desk: Desk) -> Pair:
            return Pair(open_record(desk, KIND, record), open_record(desk, KIND, other), desk.units)

        self.tasks.ask(self, work, self._compare)

    def _compare(self, pair: Pair) -> None:
        self._drop_comparison()
        self.pair = pair
        self.beside = SideBySide(pair)
        self._place.addWidget(self.beside)
        self._pages.setCurrentWidget(self._second)
        self.beside.keep_mine.setFocus()

    def _again(self) -> None:
        self._drop_comparison()
        self._pages.setCurrentIndex(0)
        self.take_focus()

    def _drop_comparison(self) -> None:
        if self.beside is not None:
            self.beside.hide()
            self.beside.deleteLater()
        self.pair = self.beside = None

    # Merging

    def merge(self) -> None:
        """Merge as chosen."""
        if self.pair is None or self.beside is None or not self.merge_button.isEnabled():
            return
        mine, other = self.pair.mine.record, self.pair.other.record
        into, duplicate = (mine, other) if self.beside.keeps_mine else (other, mine)
        take = self.beside.taken

        def done(_: Saved) -> None:
            self.told.emit(
                "good",
                self.tr("Đã gộp hai cơ sở."),
                self.tr(
                    "Phiếu, nhu cầu, số liệu và ảnh của cả hai ở một chỗ; cần thì tách ra lại được."
                ),
            )
            self.finished.emit()

        def failed(error: KcdeskError) -> None:
            self.merge_button.setEnabled(True)
            self.told.emit("error", error.message, error.hint)

        self.merge_button.setEnabled(False)
        self.tasks.ask(self, lambda desk: merge(desk, duplicate, into, take), done, failed=failed)

    def _columns(self) -> list[Column[ListedRecord]]:
        def said(key: str, one: ListedRecord) -> str:
            value = one.row.get(key)
            return "" if value is None else str(value)

        return [
            Column(self.tr("Tên cơ sở"), lambda r: said("name", r)),
            Column(self.tr("Xã, phường"), lambda r: said("commune_name", r), 190),
            Column(self.tr("Ngành nghề"), lambda r: said("trade", r), 230),
            Column(self.tr("Điện thoại"), lambda r: shown_phone(said("phone", r)), 130),
            Column(self.tr("Mã số thuế"), lambda r: said("tax_code", r), 130),
        ]


class SideBySide(QWidget):
    """The fields in which two establishments differ, each with a choice; and which of the two stays."""

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self._pair = pair
        self.choices: dict[str, tuple[QRadioButton, QRadioButton]] = {}
        self._groups: list[QButtonGroup] = []
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(theme.WIDE)
        self.grid.setVerticalSpacing(theme.GAP)
        self.grid.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        self.grid.setColumnMinimumWidth(0, theme.LABEL_WIDTH)
        for side in (1, 2):
            self.grid.setColumnStretch(side, 1)
        names = [self._text("name", state) or self.tr("(chưa có tên)") for state in self._states]
        self.keep_mine, self.keep_other = (QRadioButton(name) for name in names)
        for keep in (self.keep_mine, self.keep_other):
            keep.setFont(theme.sized(keep.font(), theme.HEADING_PT, bold=True))
        self._row(0, heading(self.tr("Giữ lại hồ sơ")), self.keep_mine, self.keep_other)
        self.keep_mine.setChecked(True)
        self.keep_mine.toggled.connect(lambda _: self._suggest())
        equal = self._add_fields()
        card = QFrame()
        card.setProperty("card", True)
        inside = column(self.grid, None)
        card.setLayout(inside)
        hint = label(
            self.tr(
                "Hồ sơ được giữ lại nhận các giá trị chọn dưới đây. Hồ sơ kia không mất: nó thôi hiện trong"
                " danh sách, và tách ra lại được."
            ),
            quiet=True,
            wrap=True,
        )
        same_line = label(
            self.tr("{0} mục khác ghi giống nhau ở cả hai.").format(equal), quiet=True
        )
        area = scrolled(card)
        whole = column(hint, gap=theme.SPACE)
        whole.addWidget(area, 1)
        whole.addWidget(same_line)
        self.setLayout(whole)
        same_line.setVisible(equal > 0)
        self._suggest()

    @property
    def _states(self) -> tuple[State, State]:
        return self._pair.mine, self._pair.other

    @property
    def keeps_mine(self) -> bool:
        return self.keep_mine.isChecked()

    @property
    def taken(self) -> list[str]:
        """The fields whose values come from the one that goes."""
        going = 1 if self.keeps_mine else 0
        return [field for field, sides in self.choices.items() if sides[going].isChecked()]

    def _add_fields(self) -> int:
        """A line for each field in which the two differ; how many others say the same."""
        equal = 0
        fields = [(f.key, f.label) for f in ESTABLISHMENTS.fields if f.key not in _LEFT_OUT]
        fields += [
            (table.key, self.tr("{0} (dòng chọn lấy được thêm vào)").format(table.label))
            for table in ESTABLISHMENTS.tables
        ]
        for key, caption in fields:
            mine, other = (self._text(key, state) for state in self._states)
            if not mine and not other:
                continue
            if self._same(key):
                equal += 1
                continue
            choice = tuple(QRadioButton(text or self.tr("(trống)")) for text in (mine, other))
            for side, made in enumerate(choice):
                made.setEnabled(bool((mine, other)[side]))
                made.setAccessibleName(f"{caption}: {made.text()}")
                made.setToolTip(made.text())
            self.choices[key] = (choice[0], choice[1])
            self._row(len(self.choices), label(caption, wrap=True), *choice)
        return equal

    def _same(self, key: str) -> bool:
        mine, other = self._states
        rows = [list(state.rows(key).values()) for state in self._states]
        return same(mine.get(key), other.get(key)) and rows[0] == rows[1]

    def _row(self, number: int, caption: QWidget, mine: QRadioButton, other: QRadioButton) -> None:
        group = QButtonGroup(self)
        for side, made in enumerate((mine, other), start=1):
            group.addButton(made)
            made.setMinimumWidth(1)  # a long value is cut at the end of its column
            self.grid.addWidget(made, number, side, Qt.AlignmentFlag.AlignTop)
        self._groups.append(group)
        self.grid.addWidget(caption, number, 0, Qt.AlignmentFlag.AlignTop)

    def _suggest(self) -> None:
        """The values of the one that stays, and where it says nothing those of the other."""
        stays = 0 if self.keeps_mine else 1
        for field, sides in self.choices.items():
            says = bool(self._text(field, self._states[stays]))
            sides[stays if says else 1 - stays].setChecked(True)

    def _text(self, key: str, state: State) -> str:
        table = next((table for table in ESTABLISHMENTS.tables if table.key == key), None)
        if table is not None:
            rows = state.rows(key)
            first = table.columns[0].key
            named = ", ".join(str(cells.get(first) or "…") for cells in rows.values())
            return self.tr("{0} dòng: {1}").format(len(rows), named) if rows else ""
        field = ESTABLISHMENTS.field(key)
        assert field is not None
        return show(field, state.get(key), self._pair.units)


class _SearchLine(QLineEdit):
    """Arrow down goes into the table below, Enter takes its row."""

    def __init__(self, screen: MergeScreen) -> None:
        super().__init__()
        self._screen = screen
        self.setMinimumWidth(420)
        self.setClearButtonEnabled(True)
        self.setPlaceholderText(self.tr("Tìm cơ sở để gộp: tên, mã số thuế, điện thoại"))
        self.setAccessibleName(self.tr("Tìm cơ sở để gộp"))
        self.returnPressed.connect(screen.choose_found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self._screen.table.setFocus()
        super().keyPressEvent(event)

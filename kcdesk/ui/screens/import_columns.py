"""How the columns of a list are read: what each means and how it was typed, to be corrected by a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QWidget

from kcdesk.domain.money import MoneyUnit
from kcdesk.importing.columns import LABELS, MEANINGS, MONEY, Column
from kcdesk.importing.encoding_detection import ColumnEncoding
from kcdesk.importing.old_encodings import READABLE, Encoding
from kcdesk.importing.plan import ImportPlan
from kcdesk.importing.planning import CAPITALS
from kcdesk.importing.reading import EVERY_SHEET
from kcdesk.ui import theme
from kcdesk.ui.widgets.parts import card, column, heading, label, restyle, row

_HEAD_WIDTH = 104
"""Room for the head of a column, which takes several lines where it is long."""

_CHOICES = 13
"""Characters that a chooser has room for."""


class ColumnsPanel(QWidget):
    """Events: a person said what the column with that head means (a key, or None), what its money counts, or how a
    column was typed."""

    meant = Signal(str, object)
    counted = Signal(str, object)
    typed = Signal(str, object)
    cased = Signal(str, bool)
    """A column in capitals is read in proper case, or as it stands."""

    def __init__(
        self,
        plan: ImportPlan,
        *tools: QWidget,
        proper_case: Collection[str] = (),
        sheet: str = "",
    ) -> None:
        """`sheet`: its name, where there are several."""
        super().__init__()
        self._sheet = sheet
        self.cases: dict[str, QCheckBox] = {}
        offered = {f.column for f in plan.findings if f.finding.code == CAPITALS}
        self._cased = {letter: letter in proper_case for letter in {*offered, *proper_case}}
        self.fields: dict[str, QComboBox] = {}
        self.units: dict[str, QComboBox] = {}
        self.encodings: dict[str, QComboBox] = {}
        parts: list[QWidget] = [self._columns(plan, *tools)]
        if plan.encodings:
            parts.insert(0, self._encodings(plan))
        self.setLayout(column(*parts, gap=theme.SPACE))

    def _columns(self, plan: ImportPlan, *tools: QWidget) -> QWidget:
        grid = _grid()
        for line, of_list in enumerate(plan.columns):
            chooser = _chooser(self.tr("Cột {0} là").format(of_list.header))
            chooser.addItem(self.tr("không nhập"), None)
            for meaning in MEANINGS:
                chooser.addItem(meaning.label, meaning.key)
            chooser.setCurrentIndex(chooser.findData(of_list.meaning))
            sure = self.tr("chắc {0:.0%}").format(of_list.certainty) if of_list.meaning else ""
            if of_list.possible is not None:
                sure = self.tr("có thể là {0}, chắc {1:.0%}").format(
                    LABELS[of_list.possible], of_list.certainty
                )
            header = of_list.header
            chooser.activated.connect(
                lambda _, header=header, chooser=chooser: self.meant.emit(
                    header, chooser.currentData()
                )
            )
            self.fields[of_list.letter] = chooser
            grid.addWidget(label(f"{of_list.letter}. {header}", wrap=True), line, 0)
            grid.addWidget(chooser, line, 1)
            grid.addWidget(label(sure, quiet=True), line, 3)
            if of_list.letter in self._cased:
                grid.addWidget(self._case_box(of_list), line, 2)
            if of_list.meaning in MONEY:
                grid.addWidget(self._unit_chooser(of_list), line, 2)
        said = self.tr("Các cột được hiểu là")
        if plan.as_before:
            said = self.tr("Các cột, như lần nhập trước")
        if self._sheet:
            said = self.tr("Trang {0}").format(self._sheet)
        return card(heading(said), *([row(None, *tools)] if tools else []), grid)

    def _case_box(self, of_list: Column) -> QCheckBox:
        """For a column in capitals: whether it is read in proper case."""
        box = QCheckBox(self.tr("Viết hoa chữ đầu"))
        box.setAccessibleName(self.tr("Cột {0}: viết hoa chữ đầu").format(of_list.header))
        box.setChecked(self._cased[of_list.letter])
        letter = of_list.letter
        box.toggled.connect(lambda checked: self.cased.emit(letter, checked))
        self.cases[letter] = box
        return box

    def _unit_chooser(self, of_list: Column) -> QComboBox:
        """What plain numbers of a column of money count: a person corrects what the head says wrongly or leaves out."""
        chooser = QComboBox()
        chooser.setAccessibleName(self.tr("Đơn vị tiền của cột {0}").format(of_list.header))
        if of_list.unit is None:
            chooser.addItem(self.tr("ghi trong ô"), None)
        for unit in MoneyUnit:
            chooser.addItem(unit.label, unit.value)
        chooser.setCurrentIndex(
            max(0, chooser.findData(of_list.unit.value if of_list.unit else None))
        )
        header = of_list.header
        chooser.activated.connect(lambda _: self.counted.emit(header, chooser.currentData()))
        self.units[of_list.letter] = chooser
        return chooser

    def _encodings(self, plan: ImportPlan) -> QWidget:
        grid = _grid()
        line = 0
        for of_list in plan.encodings:
            is_open = of_list in plan.open_encodings
            chooser = self._encoding_chooser(of_list, is_open=is_open)
            grid.addWidget(label(self.tr("Cột {0}").format(of_list.letter)), line, 0)
            grid.addWidget(chooser, line, 1)
            grid.addWidget(label(of_list.reason, quiet=True, wrap=True), line, 2, 1, 2)
            if of_list.samples:
                before, after = of_list.samples[-1]
                grid.addWidget(label(f"{before}  →  {after}", wrap=True), line + 1, 1, 1, 3)
            line += 2
        title = self.tr("Bảng mã cũ: trước và sau khi chuyển sang Unicode")
        if not plan.open_encodings:
            return card(heading(title), grid)
        ask = label(self.tr("Chọn bảng mã cho các cột chưa chắc, rồi mới nhập được."), wrap=True)
        restyle(ask, "note", "error")
        return card(heading(title), ask, grid)

    def _encoding_chooser(self, of_list: ColumnEncoding, *, is_open: bool) -> QComboBox:
        chooser = _chooser(self.tr("Bảng mã của cột {0}").format(of_list.letter))
        if is_open:
            proposed = self.tr("có thể là {0}").format(of_list.encoding.value)
            chooser.addItem(proposed, None)
        for encoding in READABLE:
            chooser.addItem(encoding.value, encoding.name)
        chooser.setCurrentIndex(0 if is_open else chooser.findData(of_list.encoding.name))
        letter = of_list.letter

        def chosen(_: int) -> None:
            name = chooser.currentData()
            if name is not None:
                self.typed.emit(letter, Encoding[name])

        chooser.activated.connect(chosen)
        self.encodings[letter] = chooser
        return chooser


def sheet_chooser(names: Sequence[str], wished: str | None, shown: str) -> QComboBox:
    """Which sheet of the file is read, or all of them that are no hidden ones."""
    chooser = _chooser(QCoreApplication.translate("ColumnsPanel", "Trang tính"))
    every = QCoreApplication.translate("ColumnsPanel", "Mọi trang ({0})").format(len(names))
    chooser.addItem(every, EVERY_SHEET)
    for name in names:
        chooser.addItem(name, name)
    chooser.setCurrentIndex(chooser.findData(wished or shown))
    return chooser


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.SPACE)
    grid.setVerticalSpacing(theme.TIGHT)
    grid.setColumnStretch(0, 1)
    grid.setColumnMinimumWidth(0, _HEAD_WIDTH)
    return grid


def _chooser(name: str) -> QComboBox:
    chooser = QComboBox()
    chooser.setAccessibleName(name)
    chooser.setMinimumContentsLength(_CHOICES)
    chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return chooser

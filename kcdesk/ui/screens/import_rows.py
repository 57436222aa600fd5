"""The rows of a list that are or may be there already: what is proposed for each and why, decided one by one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from kcdesk.domain.field_text import field_named
from kcdesk.domain.kinds import kind_named
from kcdesk.domain.money import format_vnd
from kcdesk.importing.plan import Action, ImportPlan, Match, Place, PlannedRow
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.record_parts import field_label
from kcdesk.ui.widgets.fields import show
from kcdesk.ui.widgets.parts import Table, button, card, heading, label, row

_HEIGHT = 230
_ORDER = (Action.ADD, Action.UPDATE, Action.SKIP, Action.KEEP)
"""Rows that may be there already are asked about first; those that say nothing new come last."""


_KEYS = {"T": Action.ADD, "C": Action.UPDATE, "B": Action.SKIP, "D": None}
"""Keys that decide for the row under the cursor; the last one leaves it as proposed."""


class _RowTable(Table):
    """Event: one of `_KEYS` was pressed on a row."""

    pressed_key = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.text().upper()
        if key in _KEYS:
            self.pressed_key.emit(key)
        else:
            super().keyPressEvent(event)


def needs_a_look(row: PlannedRow) -> bool:
    """Whether a row is or may be there already."""
    return row.proposal.match is not None or bool(row.proposal.questions)


class RowsPanel(QWidget):
    """Event: something was decided."""

    decided = Signal()

    def __init__(self, *, of_years: bool = False) -> None:
        """`of_years`: the rows are figures of establishments that are there; none is added."""
        super().__init__()
        self._of_years = of_years
        self.decisions: dict[int | Place, Action] = {}
        self.rows: RowsModel[PlannedRow] = RowsModel(self._columns(), self)
        self.table = _RowTable(self.rows, self.tr("Các dòng đã có hoặc có thể đã có"))
        self.table.pressed_key.connect(self._pressed)
        self.table.setMinimumHeight(_HEIGHT)
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        what = self.tr("Cập nhật các cơ sở đã có theo danh sách (ô để trống không xoá gì)")
        if of_years:
            what = self.tr("Cập nhật số liệu đã có theo danh sách (ô để trống không xoá gì)")
        self.update_known = QCheckBox(what)
        self.update_known.toggled.connect(self._changed)
        self.detail = label(wrap=True)
        self.buttons: dict[Action | None, QWidget] = {}
        texts = (
            self.tr("Thêm mới"),
            self.tr("Cập nhật"),
            self.tr("Bỏ qua"),
            self.tr("Theo đề xuất"),
        )
        for text, (key, action) in zip(texts, _KEYS.items(), strict=True):
            self.buttons[action] = button(f"{text}  ({key})", partial(self.decide, action))
        if of_years:
            self.buttons[Action.ADD].hide()
        self._title = heading("")
        self.setLayout(
            row(
                card(
                    self._title,
                    self.update_known,
                    self.table,
                    self.detail,
                    row(*self.buttons.values(), None),
                )
            )
        )

    def set_plan(self, plan: ImportPlan) -> None:
        """Show these rows; what was decided for rows that still need it stays."""
        shown = sorted(
            filter(needs_a_look, plan.rows),
            key=lambda r: (_ORDER.index(r.proposal.action), r.row_number),
        )
        places = {row.place for row in shown}
        self.decisions = {p: action for p, action in self.decisions.items() if p in places}
        self._title.setText(self.tr("Đã có hoặc có thể đã có ({0})").format(format_vnd(len(shown))))
        self.rows.set_rows(shown)
        self.table.choose_first()
        self._show_current()

    def counts(self, plan: ImportPlan) -> tuple[int, int]:
        """How many establishments would be added and updated, as decided so far."""
        actions = [self._action(row) for row in plan.rows]
        return actions.count(Action.ADD), actions.count(Action.UPDATE)

    def decide(self, action: Action | None) -> None:
        """Decide for the row under the cursor; None: as proposed. Goes on to the next row."""
        current: PlannedRow | None = self.table.current()
        if current is None or (action is Action.UPDATE and _record(current) is None):
            return
        if action is Action.ADD and self._of_years:
            return
        if action is None:
            self.decisions.pop(current.place, None)
        else:
            self.decisions[current.place] = action
        at = self.table.currentIndex().row()
        self.table.selectRow(min(at + 1, self.rows.rowCount() - 1))
        self._changed()

    def _pressed(self, key: str) -> None:
        self.decide(_KEYS[key])

    def _changed(self) -> None:
        self.table.viewport().update()
        self._show_current()
        self.decided.emit()

    def _action(self, row: PlannedRow) -> Action:
        """What happens to a row as things stand; a change without leave is none."""
        decision = self.decisions.get(row.place)
        if decision is not None:
            return decision
        proposed = row.proposal.action
        if proposed is Action.UPDATE and not self.update_known.isChecked():
            return Action.KEEP
        return proposed

    def _columns(self) -> list[Column[PlannedRow]]:
        return [
            Column(self.tr("Dòng"), lambda r: str(r.row_number), 70, number=True),
            Column(self.tr("Trang"), lambda r: r.sheet, 120),
            Column(self.tr("Tên trong danh sách"), lambda r: str(r.establishment["name"]), 280),
            Column(self.tr("Sẽ làm"), self._said, 250, colour=self._colour),
            Column(self.tr("Vì sao"), _why),
        ]

    def _said(self, row: PlannedRow) -> str:
        decided = row.place in self.decisions
        if not decided and row.proposal.questions and row.proposal.action is Action.ADD:
            return self.tr("thêm mới (có thể đã có)")
        if not decided and row.proposal.action is Action.UPDATE and not self._updates():
            return self.tr("để yên (danh sách ghi khác)")
        return {
            Action.ADD: self.tr("thêm mới"),
            Action.UPDATE: self.tr("cập nhật"),
            Action.KEEP: self.tr("đã có, không đổi gì"),
            Action.SKIP: self.tr("bỏ qua"),
        }[self._action(row)]

    def _updates(self) -> bool:
        return self.update_known.isChecked()

    def _colour(self, row: PlannedRow) -> str | None:
        if row.place in self.decisions:
            return theme.ACCENT
        return theme.WARN if row.proposal.questions else None

    def _show_current(self) -> None:
        current: PlannedRow | None = self.table.current()
        lines = []
        if current is not None:
            lines = [_compared(match) for match in _matches(current)[:2]]
            lines += [self.tr("{0}: {1} → {2}").format(*change) for change in _changes(current)]
        self.detail.setText("\n".join(lines))
        self.buttons[Action.UPDATE].setEnabled(current is not None and _record(current) is not None)


def _matches(row: PlannedRow) -> list[Match]:
    matches = (row.proposal.match, *row.proposal.questions)
    return [match for match in matches if match is not None]


def _record(row: PlannedRow) -> str | None:
    """The establishment that the row is or likeliest may be."""
    return next((match.record for match in _matches(row) if match.record is not None), None)


def _why(row: PlannedRow) -> str:
    first = _matches(row)[0]
    return f"{first.name}: {first.likeness.sentence}"


def _compared(match: Match) -> str:
    return f"{match.name} ({round(match.likeness.score)} điểm): {match.likeness.sentence}"


def _changes(row: PlannedRow) -> list[tuple[str, str, str]]:
    """Label, old and new of each field that the list says differently."""
    said = []
    for change in row.proposal.changes:
        kind = kind_named(change.kind)
        field = field_named(kind, change.field)
        old, new = (show(field, value, None) for value in (change.old, change.new))
        said.append((field_label(kind, change.field), old or "(trống)", new))
    return said

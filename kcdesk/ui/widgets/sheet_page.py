"""An answer sheet on screen: all its questions below each other, or one at a time; moving through it by keyboard.

Owns which widgets stand where, and where the cursor goes next. Emits what is answered and wanted; never changes the
sheet. Leaves to others: what single questions look like (`questions`), keeping and finishing (`screens.survey`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QVBoxLayout, QWidget

from kcdesk.questionnaire import NodeView, Sheet
from kcdesk.ui import theme
from kcdesk.ui.widgets.answer_editors import PictureEditor
from kcdesk.ui.widgets.parts import column, reveal, scrolled
from kcdesk.ui.widgets.questions import QuestionWidget, Section, SheetWidget, widget_for
from kcdesk.ui.widgets.rows_table import RowEnd, RowsTable

Part = SheetWidget | RowsTable | RowEnd
Stop = QuestionWidget | RowsTable
"""Where the cursor stops on its way through the sheet."""
_Node = tuple[NodeView, list["_Node"]]


class SheetPage(QWidget):
    """Events: an answer (path, stored form), a keystroke, a row to add (path of the table) or to take out (of the row).

    remarks: question -> what is to be put right there;  strict: missing answers are named too
    suggestions: question -> what may be meant there
    """

    answered = Signal(str, str)
    typing = Signal()
    row_wanted = Signal(str)
    row_unwanted = Signal(str)
    picture_wanted = Signal(str)
    """A picture is to be chosen for a question (its path)."""

    def __init__(self, then: QWidget) -> None:
        """then: where the cursor goes from the last question"""
        super().__init__()
        self._then = then
        self.widgets: dict[str, Part] = {}
        self.remarks: Mapping[str, str] = {}
        self.suggestions: Mapping[str, Sequence[str]] = {}
        self.strict = False
        self._single = False
        self._narrowed = False
        self._at = ""
        self._sheet: Sheet | None = None
        self._inside: QVBoxLayout = column(gap=theme.SPACE)
        whole = column(self._inside, None)
        whole.setContentsMargins(0, 0, theme.GAP, 0)
        page = QWidget()
        page.setLayout(whole)
        self.area = scrolled(page)
        self.setLayout(column(self.area))

    # Showing

    def show_sheet(self, sheet: Sheet) -> None:
        """Bring the page in line with the sheet: what became relevant appears, what is not any more goes."""
        self._sheet = sheet
        nodes = _tree(sheet.walk())
        seen: set[str] = set()
        self._arrange(self._inside, nodes, seen)
        for path in [path for path in self.widgets if path not in seen]:
            _take_away(self.widgets.pop(path))
        self._show_only(nodes)

    def clear(self) -> None:
        for widget in self.widgets.values():
            _take_away(widget)
        self.widgets = {}
        self._at = ""

    @property
    def questions(self) -> list[QuestionWidget]:
        """The questions, in no particular order."""
        return [widget for widget in self.widgets.values() if isinstance(widget, QuestionWidget)]

    @property
    def single(self) -> bool:
        """Whether one question is shown at a time."""
        return self._single

    @single.setter
    def single(self, single: bool) -> None:
        current = self.current
        self._single = single
        self._at = current.path if current is not None else self._at
        if self._sheet is not None:
            self.show_sheet(self._sheet)
        if current is not None:
            self.go_to(current.path)

    def _arrange(self, into: QVBoxLayout, nodes: list[_Node], seen: set[str]) -> None:
        for place, (view, children) in enumerate(nodes):
            widget = self._widget(view, seen)
            if into.indexOf(widget) != place:
                into.insertWidget(place, widget)
            if isinstance(widget, RowsTable):
                rows = [(row, [cell for cell, _ in cells]) for row, cells in children]
                widget.arrange(view, rows, lambda cell: self._widget(cell, seen, cell=True))
            elif isinstance(widget, Section):
                self._arrange(widget.inside, children, seen)
                if view.kind == "repeat":
                    self._number_rows(view, children)

    def _widget(self, view: NodeView, seen: set[str], *, cell: bool = False) -> Part:
        widget = self.widgets.get(view.path) or self._make(view, cell=cell)
        if isinstance(widget, QuestionWidget):
            widget.remark = self.remarks.get(view.path, "")
        widget.refresh(view, strict=self.strict)
        seen.add(view.path)
        return widget

    def _number_rows(self, table: NodeView, rows: list[_Node]) -> None:
        for place, (view, _) in enumerate(rows, start=1):
            section = self.widgets[view.path]
            assert isinstance(section, Section)
            section.number(place, table.label, removable=table.can_add)

    def _make(self, view: NodeView, *, cell: bool) -> Part:
        widget: Part
        if view.kind == "repeat" and view.columns:
            widget = RowsTable(view)
        elif view.kind == "row" and cell:
            widget = RowEnd(view)
        elif view.kind == "question" and cell:
            widget = QuestionWidget(view, cell=True)
        else:
            widget = widget_for(view)
        self.widgets[view.path] = widget
        if isinstance(widget, QuestionWidget):
            widget.answered.connect(self.answered)
            widget.typing.connect(self.typing)
            widget.editor.widget.installEventFilter(self)
            if isinstance(widget.editor, PictureEditor):
                widget.editor.widget.wanted.connect(partial(self.picture_wanted.emit, view.path))
            widget.suggest(self.suggestions.get(view.path, ()))
        if isinstance(widget, Section | RowsTable):
            widget.row_wanted.connect(self._want_row)
        if isinstance(widget, Section | RowEnd):
            widget.row_unwanted.connect(self.row_unwanted)
        return widget

    def _show_only(self, nodes: list[_Node]) -> None:
        """One at a time: hide all but the stop the cursor is at and what is around it."""
        if not self._single:
            if self._narrowed:
                for widget in self.widgets.values():
                    widget.show()
            self._narrowed = False
            return
        self._narrowed = True
        stops = self._stops()
        if self._at not in {stop.path for stop in stops} and stops:
            self._at = stops[0].path
        self._reveal_branch(nodes)

    def _reveal_branch(self, nodes: list[_Node]) -> bool:
        """Show, of these nodes, the branch that holds the current stop; whether there is one."""
        found = False
        for view, children in nodes:
            inside = self._reveal_branch(children)
            here = view.path == self._at or inside
            whole = isinstance(self.widgets[view.path], RowsTable) and here
            if whole:  # a table is one stop, with all its cells
                for row, cells in children:
                    for path in (row.path, *(cell.path for cell, _ in cells)):
                        self.widgets[path].show()
            self.widgets[view.path].setVisible(here)
            found = found or here
        return found

    # Moving

    @property
    def current(self) -> Stop | None:
        """The question, or the table, that the cursor is in."""
        widget = QApplication.focusWidget()
        while widget is not None and not isinstance(widget, QuestionWidget | RowsTable):
            widget = widget.parentWidget()
        return widget if widget is not None and widget.path in self.widgets else None

    def go_to(self, path: str) -> None:
        """Put the cursor into a question, or behind the rows of a table."""
        widget = self.widgets.get(path)
        if isinstance(widget, QuestionWidget | RowsTable):
            self._at = self._stop_of(path)
            if self._single and self._sheet is not None:
                self._show_only(_tree(self._sheet.walk()))
            target = widget.add if isinstance(widget, RowsTable) else widget.editor.widget
            reveal(self.area, target)

    def go_first(self) -> None:
        stops = self._stops()
        if stops:
            self.go_to(stops[0].path)

    def go_on(self, steps: int = 1) -> bool:
        """To the next question that can be answered, from the last one out of the sheet; `steps` -1: to the one before.

        False: there is none before.
        """
        current = self.current
        if isinstance(current, QuestionWidget):
            current.editor.flush()
        stops = [stop.path for stop in self._stops(cells=not self._single)]
        at = current.path if current is not None else self._at
        if self._single:
            at = self._stop_of(at)
        place = stops.index(at) + steps if at in stops else 0
        if place >= len(stops):
            self._then.setFocus()
        elif place >= 0:
            self.go_to(stops[place])
        return place >= 0

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes the way of the sheet, also through what came later than what stands behind it."""
        if self.current is None:
            return super().focusNextPrevChild(forward)
        return self.go_on(1 if forward else -1) or super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, Shift+Enter back; a digit chooses."""
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and _takes_enter(self.current):
            self.go_on(-1 if shift else 1)
        elif not self._chosen(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Before an editor takes a key: Alt and a digit chooses, Ctrl+Delete takes the row out."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            held = Qt.KeyboardModifier
            if event.modifiers() & held.AltModifier:
                return self._chosen(event)
            if event.key() == Qt.Key.Key_Delete and event.modifiers() & held.ControlModifier:
                return self._take_row_out()
        return super().eventFilter(watched, event)

    def _take_row_out(self) -> bool:
        """The row that the cursor is in; whether it may be taken out."""
        row = self.current.path.rpartition("/")[0] if self.current is not None else ""
        if not row or self._sheet is None or not self._sheet.node(row.rpartition("/")[0]).can_add:
            return False
        self.go_on()
        self.row_unwanted.emit(row)
        return True

    def _chosen(self, event: QKeyEvent) -> bool:
        number = event.key() - Qt.Key.Key_0
        asked = self.current
        return isinstance(asked, QuestionWidget) and 0 < number < 10 and asked.editor.choose(number)

    def _want_row(self, path: str) -> None:
        self.row_wanted.emit(path)
        rows = [stop.path for stop in self._stops(cells=True) if stop.path.startswith(f"{path}/")]
        last = rows[-1].rpartition("/")[0] if rows else ""
        first = next((cell for cell in rows if cell.rpartition("/")[0] == last), None)
        if first is not None:
            self.go_to(first)

    def _stops(self, *, cells: bool = False) -> list[Stop]:
        """Where the cursor stops, in the order of the sheet. `cells`: those of a table each by themselves."""
        assert self._sheet is not None
        stops: list[Stop] = []
        behind: list[tuple[int, RowsTable]] = []
        for view in self._sheet.walk():
            while behind and behind[-1][0] >= view.depth:
                stops.append(behind.pop()[1])
            widget = self.widgets.get(view.path)
            in_table = bool(behind)
            if isinstance(widget, RowsTable):
                behind.append((view.depth, widget))
            elif (
                isinstance(widget, QuestionWidget)
                and (cells or not in_table)
                and widget.editor.widget.isEnabled()
            ):
                stops.append(widget)
        return [*stops, *(table for _, table in reversed(behind))]

    def _stop_of(self, path: str) -> str:
        """The stop of the one-at-a-time walk that a question belongs to: of a cell its table."""
        table = path.rsplit("/", 2)[0]
        return table if isinstance(self.widgets.get(table), RowsTable) else path


def _takes_enter(current: Stop | None) -> bool:
    """Whether Enter goes on from here: not from a text of several lines."""
    return current is not None and not (
        isinstance(current, QuestionWidget) and isinstance(current.editor.widget, QPlainTextEdit)
    )


def _take_away(widget: QWidget) -> None:
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


def _tree(views: Iterator[NodeView]) -> list[_Node]:
    """The nodes of a walk, each with what it holds."""
    top: list[_Node] = []
    path: list[list[_Node]] = [top]
    for view in views:
        del path[view.depth + 1 :]
        children: list[_Node] = []
        path[view.depth].append((view, children))
        path.append(children)
    return top

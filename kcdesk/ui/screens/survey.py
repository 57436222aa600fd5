"""Filling an answer sheet: one page by groups, skip rules live, what is typed kept as one types.

The sheet is a plain object that the window answers directly; only saving it goes to the desk's thread. While that reads
the sheet, answers wait in a queue, for the sheet must not change under its hands. What is typed is a draft; saving or
finishing the sheet makes it a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.survey_proposals import Proposal, finish_survey
from kcdesk.actions.surveys import (
    OpenSurvey,
    open_survey,
    reopen_survey,
    save_survey,
    unfinished_survey,
)
from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError
from kcdesk.questionnaire import NodeView, Sheet
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.drafting import DraftKeeper, DraftLine
from kcdesk.ui.widgets.parts import button, column, label, reveal, row, scrolled
from kcdesk.ui.widgets.questions import QuestionWidget, Section, SheetWidget, widget_for

T = TypeVar("T")

QUESTIONNAIRE = "F01"


class Wanted(NamedTuple):
    """A sheet to fill in: one that is there, or a new one by this questionnaire, perhaps for a round."""

    establishment: str
    survey: str = ""
    questionnaire: str = QUESTIONNAIRE
    round: str = ""


class SurveyScreen(Screen):
    """Event: the sheet is finished, with what its answers would change."""

    proposed = Signal(object, object)
    """OpenSurvey, list of Proposal."""

    def __init__(self, context: Context, wanted: Wanted) -> None:
        super().__init__(context)
        self.entitle(self.tr("Phiếu khảo sát"))
        self.survey: OpenSurvey | None = None
        self.widgets: dict[str, SheetWidget] = {}
        self._wanted = wanted
        self._reopen = wanted.survey
        self._strict = False
        self._returned: dict[str, str] = {}
        self._keeping = False
        self._as_saved: dict[str, Value] | None = None
        self._waiting: list[Callable[[], None]] = []
        self._afterwards: Callable[[], None] | None = None
        self._opening = False
        self.state = label(quiet=True)
        self._save = button(self.tr("Lưu nháp"), lambda: self.save(lambda: None), key="Ctrl+S")
        self.finish_button = button(
            self.tr("Kết thúc phiếu"), self._finish, key="Ctrl+Return", main=True
        )
        for part in (self._save, self.finish_button):
            part.setEnabled(False)
        self._page = QWidget()
        self._inside: QVBoxLayout = column(gap=theme.SPACE)
        whole = column(self._inside, None)
        whole.setContentsMargins(0, 0, theme.GAP, 0)
        self._page.setLayout(whole)
        self._area = scrolled(self._page)
        top = row(self.state, None, self._save, self.finish_button)
        self.draft_line = DraftLine()
        self.draft_line.dropped.connect(lambda: self.discard(self.entered))
        self.setLayout(column(top, self.draft_line, self._area))
        self.keeper = DraftKeeper(self, self.tasks, self._typed)
        self.keeper.kept.connect(self._kept)
        self.keeper.failed.connect(self._tell)

    def entered(self) -> None:
        if self.survey is None and not self._opening:
            self._opening = True
            self.state.setText(self.tr("Đang mở phiếu…"))
            self.tasks.ask(self, self._open, self._opened)

    def _open(self, desk: Desk) -> OpenSurvey:
        wanted = self._wanted
        left = self._reopen or unfinished_survey(
            desk, wanted.establishment, wanted.questionnaire, wanted.round
        )
        if left:
            return reopen_survey(desk, left)
        return open_survey(desk, wanted.questionnaire, wanted.establishment, round_id=wanted.round)

    def _opened(self, survey: OpenSurvey) -> None:
        self.survey = survey
        self._opening = False
        self.entitle(survey.questionnaire.title)
        self.state.setText(self._how_it_stands(survey))
        self._returned = dict(survey.returned)
        for part in (self._save, self.finish_button):
            part.setEnabled(True)
        self._refresh()
        self._as_saved = None if survey.since else survey.typed({})
        self.draft_line.show_since(survey.since)
        self.keeper.begin(survey.form, survey.typed(survey.not_taken) if survey.since else {})
        for path, text in survey.not_taken.items():
            widget = self.widgets.get(path)
            if isinstance(widget, QuestionWidget):
                widget.type(text)
        first = next((w for w in self.widgets.values() if isinstance(w, QuestionWidget)), None)
        if first is not None:
            first.take_focus()

    def _how_it_stands(self, survey: OpenSurvey) -> str:
        if survey.state is None:
            return (
                self.tr("Phiếu ghi dở, mở lại.")
                if survey.since
                else self.tr("Phiếu mới, chưa lưu.")
            )
        match survey.state.get("sheet_state"):
            case SheetState.RETURNED:
                note = str(survey.state.get("return_note") or "")
                return self.tr("Phiếu bị trả lại. {0}").format(note).strip()
            case SheetState.ACCEPTED:
                return self.tr("Phiếu đã nhận vào hồ sơ: chỉ xem, trả lại rồi mới sửa được.")
            case SheetState.FINISHED:
                return self.tr("Phiếu đã ghi xong, mở lại.")
        return self.tr("Phiếu ghi dở, mở lại.")

    # Answering

    @property
    def sheet(self) -> Sheet:
        assert self.survey is not None
        return self.survey.sheet

    def answer(self, path: str, stored: str) -> None:
        """A question was answered."""
        self._change(lambda: self._answer(path, stored))

    def _answer(self, path: str, stored: str) -> None:
        widget = self.widgets.get(path)
        if not isinstance(widget, QuestionWidget):
            return  # its row or group went away meanwhile
        problem = self.sheet.set_value(path, stored)
        not_taken = problem is not None and problem.kind in {"type", "choice"}
        widget.problem = problem if not_taken else None

    def add_row(self, path: str) -> None:
        """One more row at the end of a table."""

        def add() -> None:
            self.sheet.add_row(path)

        self._change(add)

    def remove_row(self, path: str) -> None:
        """Take away the row at this path."""
        self._change(lambda: self.sheet.remove_row(path))

    def _change(self, change: Callable[[], None]) -> None:
        if self._keeping:
            self._waiting.append(change)
            return
        change()
        self.state.setText(self.tr("Đang ghi…"))
        self.keeper.soon()
        self._refresh()

    # Showing

    def _refresh(self) -> None:
        """Bring the page in line with the sheet: what became relevant appears, what is not any more goes."""
        seen: set[str] = set()
        self._arrange(self._inside, _tree(self.sheet.walk()), seen)
        for path in [path for path in self.widgets if path not in seen]:
            _take_away(self.widgets.pop(path))

    def _arrange(self, into: QVBoxLayout, nodes: list[_Node], seen: set[str]) -> None:
        for place, (view, children) in enumerate(nodes):
            widget = self.widgets.get(view.path) or self._make(view)
            if into.indexOf(widget) != place:
                into.insertWidget(place, widget)
            if isinstance(widget, QuestionWidget):
                widget.remark = self._returned.get(view.path, "")
            widget.refresh(view, strict=self._strict)
            seen.add(view.path)
            if isinstance(widget, Section):
                self._arrange(widget.inside, children, seen)
                if view.kind == "repeat":
                    self._number_rows(view, children)

    def _number_rows(self, table: NodeView, rows: list[_Node]) -> None:
        for place, (view, _) in enumerate(rows, start=1):
            section = self.widgets[view.path]
            assert isinstance(section, Section)
            section.number(place, table.label, removable=table.can_add)

    def _make(self, view: NodeView) -> SheetWidget:
        widget = widget_for(view)
        self.widgets[view.path] = widget
        if isinstance(widget, QuestionWidget):
            widget.answered.connect(self.answer)
            widget.typing.connect(self.keeper.soon)
        elif isinstance(widget, Section):
            widget.row_wanted.connect(self.add_row)
            widget.row_unwanted.connect(self.remove_row)
        return widget

    # Keeping

    @property
    def unsaved(self) -> bool:
        return self.keeper.pending or self._keeping

    def leave(self, go: Callable[[], None]) -> None:
        """What was typed is kept without asking."""
        if self._keeping:
            self._afterwards = lambda: self.leave(go)
        else:
            self.keep(go)

    def keep(self, then: Callable[[], None]) -> None:
        self.keeper.keep(then)

    def discard(self, go: Callable[[], None]) -> None:
        def dropped() -> None:
            if self.survey is not None and self.survey.state is None:
                self._reopen = ""
            self.survey = None
            for widget in self.widgets.values():
                _take_away(widget)
            self.widgets = {}
            self.draft_line.hide()
            go()

        self.keeper.drop(dropped)

    def _typed(self) -> dict[str, Value]:
        """All that stands on the sheet, once it says something else than when it was opened or saved."""
        if self.survey is None:
            return {}
        self._flush()
        widgets = (w for w in self.widgets.values() if isinstance(w, QuestionWidget))
        typed = self.survey.typed({w.path: w.text for w in widgets if w.problem and w.text})
        return {} if typed == self._as_saved else typed

    def _kept(self) -> None:
        if not self.unsaved:
            self.state.setText(self.tr("Đang ghi dở, đã giữ trên máy này"))

    def save(self, then: Callable[[], None]) -> None:
        def saved(survey: OpenSurvey) -> None:
            self.survey = survey
            self._reopen = survey.record
            self._as_saved = survey.typed({})
            self.keeper.begin(survey.form, {})
            self.draft_line.hide()
            self.state.setText(self.tr("Đã lưu nháp trên máy này"))
            self._resume()
            then()

        self._flush()
        survey = self.survey
        if self._keeping:
            self._afterwards = lambda: self.save(then)
        elif survey is not None:
            self._keep(lambda desk: save_survey(desk, survey), saved)

    def _finish(self) -> None:
        def finished(proposals: list[Proposal]) -> None:
            self._resume()
            self.proposed.emit(survey, proposals)

        self._flush()
        survey = self.survey
        if self._keeping:
            self._afterwards = self._finish
            return
        if survey is None:
            return
        self._strict = True
        self._refresh()
        wrong = self._first_wrong()
        if wrong is not None:
            reveal(self._area, wrong.editor.widget)
            self.told.emit(
                "error",
                self.tr("Chưa kết thúc được phiếu: {0}").format(wrong.note_text),
                self.tr("Sửa câu đang chọn. Phiếu vẫn được giữ dưới dạng nháp."),
            )
            self.keep(lambda: None)
            return
        self._keep(lambda desk: finish_survey(desk, survey), finished)

    def _first_wrong(self) -> QuestionWidget | None:
        for view in self.sheet.walk():
            widget = self.widgets.get(view.path)
            if isinstance(widget, QuestionWidget) and (widget.problem or view.error):
                return widget
        return None

    def _keep(self, work: Callable[[Desk], T], done: Callable[[T], None]) -> None:
        def failed(error: KcdeskError) -> None:
            self.keeper.release()
            self._resume()
            self.state.setText(self.tr("Chưa lưu"))
            self._tell(error)

        self._keeping = True
        self.keeper.hold()
        self.tasks.ask(self, work, done, failed=failed, touches=frozenset(("surveys",)))

    def _tell(self, error: KcdeskError) -> None:
        self.told.emit("error", error.message, error.hint)

    def _resume(self) -> None:
        """The sheet is ours again: what was answered meanwhile goes in."""
        self._keeping = False
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            self._change(change)
        afterwards, self._afterwards = self._afterwards, None
        if afterwards is not None:
            afterwards()

    def _flush(self) -> None:
        """Take in what is being typed at this moment."""
        for widget in list(self.widgets.values()):
            if isinstance(widget, QuestionWidget):
                widget.editor.flush()


def _take_away(widget: QWidget) -> None:
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


_Node = tuple[NodeView, list["_Node"]]


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

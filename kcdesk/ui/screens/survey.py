"""Filling an answer sheet: one page by groups, skip rules live, what is typed kept as one types.

The sheet is a plain object that the window answers directly; only saving it goes to the desk's thread. While that reads
the sheet, answers wait in a queue, for the sheet must not change under its hands. What is typed is a draft; saving or
finishing the sheet makes it a change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kcdesk.actions.accepting_at_once import Finished, finish_and_settle
from kcdesk.actions.carrying import CarriedOver, carry_survey_over, newer_version
from kcdesk.actions.desk import Desk
from kcdesk.actions.previous_answers import place_of, previous_answers
from kcdesk.actions.surveys import (
    OpenSurvey,
    open_survey,
    reopen_survey,
    save_survey,
    suggestions,
    unfinished_survey,
)
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError
from kcdesk.questionnaire import Language, Sheet
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.carrying import CarryDialog
from kcdesk.ui.screens.drafting import DraftKeeper, DraftLine
from kcdesk.ui.screens.record_parts import how_it_stands
from kcdesk.ui.screens.sheet_pictures import SheetPictures
from kcdesk.ui.widgets.missing_list import MissingList, OpenQuestion
from kcdesk.ui.widgets.parts import button, column, label, link, row
from kcdesk.ui.widgets.questions import QuestionWidget
from kcdesk.ui.widgets.sheet_page import Part, SheetPage

T = TypeVar("T")

QUESTIONNAIRE = "F01"
_TOUCHES = frozenset(("surveys", "establishments", "figures"))
"""A sheet that is accepted at once changes the records, too."""


class Wanted(NamedTuple):
    """A sheet to fill in: one that is there, or a new one by this questionnaire, perhaps for a round."""

    establishment: str
    survey: str = ""
    questionnaire: str = QUESTIONNAIRE
    round: str = ""


class _Opened(NamedTuple):
    """newer: the version that new sheets are filled in by, where it is another one"""

    survey: OpenSurvey
    newer: str
    previous: dict[str, str]
    suggestions: dict[str, list[str]]


class SurveyScreen(Screen):
    """Event: the sheet is finished, with what its answers would change."""

    proposed = Signal(object)
    """The finished sheet (`Finished`)."""
    carried = Signal(object)
    """The answers stand on a sheet of a newer version now (Wanted)."""
    paper_wanted = Signal(str, str)
    """The survey on paper: its id, its title."""

    def __init__(self, context: Context, wanted: Wanted) -> None:
        super().__init__(context)
        self.entitle(self.tr("Phiếu khảo sát"))
        self.survey: OpenSurvey | None = None
        self._wanted = wanted
        self._reopen = wanted.survey
        self._previous: Mapping[str, str] = {}
        self._keeping = False
        self._as_saved: dict[str, Value] | None = None
        self._waiting: list[Callable[[], None]] = []
        self._afterwards: Callable[[], None] | None = None
        self._opening = False
        self.state = label(quiet=True)
        self.progress = label(quiet=True)
        self.single_button = button(self.tr("Từng câu"), self.switch_single, key="F3")
        self.single_button.setCheckable(True)
        self.copy_button = button(self.tr("Như phiếu trước"), self.copy_previous, key="F4")
        self.copy_button.setToolTip(
            self.tr("Chép câu trả lời của phiếu trước vào câu đang ghi (F4)")
        )
        self.language_button = button("", self.switch_language, key="Ctrl+E")
        self.language_button.hide()
        self.print_button = button(self.tr("In phiếu"), self._want_paper, key="Ctrl+P")
        self._save = button(self.tr("Lưu nháp"), lambda: self.save(lambda: None), key="Ctrl+S")
        self.finish_button = button(
            self.tr("Kết thúc phiếu"), self._finish, key="Ctrl+Return", main=True
        )
        self._tools = (
            self.single_button,
            self.copy_button,
            self.print_button,
            self._save,
            self.finish_button,
        )
        for part in self._tools:
            part.setEnabled(False)
        self.page = SheetPage(self.finish_button)
        self.page.answered.connect(self.answer)
        self.page.row_wanted.connect(self.add_row)
        self.page.row_unwanted.connect(self.remove_row)
        self.pictures = SheetPictures(self)
        self.pictures.chosen.connect(self.take_picture)
        self.pictures.kept.connect(self._picture_kept)
        self.page.picture_wanted.connect(self.pictures.ask)
        self.missing = MissingList()
        self.missing.chosen.connect(self.page.go_to)
        self._newer = ""
        self.newer_line = label()
        self.carry_button = link(self.tr("Chuyển sang mẫu mới…"), self.carry)
        self._newer_row = QWidget()
        self._newer_row.setLayout(row(self.newer_line, self.carry_button, None, gap=theme.SPACE))
        self._newer_row.hide()
        self.draft_line = DraftLine()
        self.draft_line.dropped.connect(lambda: self.discard(self.entered))
        standing = row(self.state, None, self.progress)
        tools = row(self.single_button, self.copy_button, self.language_button, None)
        tools.addWidget(self.print_button)
        tools.addWidget(self._save)
        tools.addWidget(self.finish_button)
        whole = column(tools, standing, self._newer_row, self.draft_line, self.missing)
        whole.addWidget(self.page, 1)
        self.setLayout(whole)
        self.keeper = DraftKeeper(self, self.tasks, self._typed)
        self.keeper.kept.connect(self._kept)
        self.keeper.failed.connect(self._tell)
        self.page.typing.connect(self.keeper.soon)

    @property
    def widgets(self) -> Mapping[str, Part]:
        """The widgets of the sheet, by their paths."""
        return self.page.widgets

    def entered(self) -> None:
        if self.survey is None and not self._opening:
            self._opening = True
            self.state.setText(self.tr("Đang mở phiếu…"))
            self.tasks.ask(self, self._open, self._opened)

    def _open(self, desk: Desk) -> _Opened:
        wanted = self._wanted
        left = self._reopen or unfinished_survey(
            desk, wanted.establishment, wanted.questionnaire, wanted.round
        )
        if left:
            survey = reopen_survey(desk, left)
        else:
            survey = open_survey(
                desk, wanted.questionnaire, wanted.establishment, round_id=wanted.round
            )
        newer = newer_version(desk, survey)
        return _Opened(survey, newer, previous_answers(desk, survey), suggestions(desk, survey))

    def _opened(self, found: _Opened) -> None:
        survey, self._newer, self._previous, self.page.suggestions = found
        self.survey = survey
        self._opening = False
        self.entitle(survey.questionnaire.title)
        self.state.setText(how_it_stands(self, survey))
        self.page.remarks = dict(survey.returned)
        for part in self._tools:
            part.setEnabled(True)
        self.copy_button.setEnabled(bool(self._previous))
        self._name_language()
        self.newer_line.setText(
            self.tr("Phiếu này theo mẫu phiên bản {0}; nay đã có phiên bản {1}.").format(
                survey.questionnaire.version, self._newer
            )
        )
        self._newer_row.setVisible(bool(self._newer))
        self._refresh()
        self._as_saved = None if survey.since else survey.typed({})
        self.draft_line.show_since(survey.since)
        self.keeper.begin(survey.form, survey.typed(survey.not_taken) if survey.since else {})
        for path, text in survey.not_taken.items():
            widget = self.widgets.get(path)
            if isinstance(widget, QuestionWidget):
                widget.type(text)
        self._show_pictures()
        self.page.go_first()

    # Looking

    def switch_single(self) -> None:
        """One question at a time, or all on one page."""
        self.page.single = not self.page.single
        self.single_button.setChecked(self.page.single)

    def switch_language(self) -> None:
        """The next language of the questionnaire; answers stay."""
        codes = [language.code for language in self._languages]
        if len(codes) > 1:
            self.sheet.language = codes[(codes.index(self.sheet.language) + 1) % len(codes)]
            self._name_language()
            self._refresh()

    @property
    def _languages(self) -> Sequence[Language]:
        return self.survey.questionnaire.languages if self.survey is not None else ()

    def _name_language(self) -> None:
        """The button says which language comes next."""
        codes = [language.code for language in self._languages]
        self.language_button.setVisible(len(codes) > 1)
        if len(codes) > 1:
            following = self._languages[(codes.index(self.sheet.language) + 1) % len(codes)]
            name = following.name.partition("(")[0].strip()
            self.language_button.setText(f"{name}  (Ctrl+E)")

    def carry(self) -> None:
        """Show what a sheet of the newer version would have no place for; the person decides then."""

        def show(found: CarriedOver) -> None:
            dialog = CarryDialog(self, found)
            dialog.carried.connect(
                lambda new: self.carried.emit(Wanted(found.survey.establishment, new))
            )
            dialog.open()

        def ask() -> None:
            survey = self.survey
            if survey is not None:
                record = survey.record
                self.tasks.ask(
                    self, lambda desk: carry_survey_over(desk, record), show, failed=self._tell
                )

        if self.survey is not None and self.survey.state is not None:
            self.keep(ask)
        else:
            self.save(ask)

    def _want_paper(self) -> None:
        """Show the sheet on paper, once it is kept; one that nothing was changed of stays as it is."""

        def kept() -> None:
            assert self.survey is not None
            self.paper_wanted.emit(self.survey.record, self.survey.questionnaire.title)

        if self.survey is not None and self.survey.state is not None and not self._typed():
            kept()
        else:
            self.save(kept)

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

    def copy_previous(self) -> None:
        """Answer the question the cursor is in as the sheet before did."""
        current = self.page.current
        if isinstance(current, QuestionWidget):
            before = self._previous.get(place_of(self.sheet.answers(), current.path))
            if before is not None and not self.sheet.node(current.path).read_only:
                self.answer(current.path, before)
                current.show_answer(self.sheet.node(current.path))

    def take_picture(self, path: str, file: Path) -> None:
        """Answer a question with a picture from a file. The sheet is saved first: the picture belongs to it."""

        def saved() -> None:
            if self.survey is not None:
                self.pictures.attach(self.survey, path, file)

        self.save(saved)

    def _picture_kept(self, path: str, answer: str) -> None:
        self.answer(path, answer)
        self._show_pictures()

    def _show_pictures(self) -> None:
        if self.survey is not None:
            self.pictures.show_all(self.survey.record, self.page.questions)

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

    def _refresh(self) -> None:
        self.page.show_sheet(self.sheet)
        asked = [
            view for view in self.sheet.walk() if view.kind == "question" and not view.read_only
        ]
        answered = sum(bool(view.value) for view in asked)
        self.progress.setText(self.tr("{0}/{1} câu").format(answered, len(asked)))
        if self.missing.isVisible():
            self.missing.show_problems(self._wrong())

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
            self.page.clear()
            self.draft_line.hide()
            go()

        self.keeper.drop(dropped)

    def _typed(self) -> dict[str, Value]:
        """All that stands on the sheet, once it says something else than when it was opened or saved."""
        if self.survey is None:
            return {}
        self._flush()
        asked = self.page.questions
        typed = self.survey.typed({w.path: w.text for w in asked if w.problem and w.text})
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
        def finished(found: Finished) -> None:
            self._resume()
            self.proposed.emit(found)

        self._flush()
        survey = self.survey
        if self._keeping:
            self._afterwards = self._finish
            return
        if survey is None:
            return
        self.page.strict = True
        self._refresh()
        wrong = self._wrong()
        self.missing.show_problems(wrong)
        if wrong:
            self.page.go_to(wrong[0].path)
            self.told.emit(
                "error",
                self.tr("Chưa kết thúc được phiếu: {0}").format(wrong[0].sentence),
                self.tr("Sửa các câu trong danh sách. Phiếu vẫn được giữ dưới dạng nháp."),
            )
            self.keep(lambda: None)
            return
        self._keep(lambda desk: finish_and_settle(desk, survey), finished)

    def _wrong(self) -> list[OpenQuestion]:
        """What stands in the way of finishing, in the order of the sheet."""
        found = []
        for view in self.sheet.walk():
            widget = self.widgets.get(view.path)
            problem = widget.problem if isinstance(widget, QuestionWidget) else None
            problem = problem or view.error
            if problem is not None:
                found.append(OpenQuestion(view.path, view.label, problem.message))
        return found

    def _keep(self, work: Callable[[Desk], T], done: Callable[[T], None]) -> None:
        def failed(error: KcdeskError) -> None:
            self.keeper.release()
            self._resume()
            self.state.setText(self.tr("Chưa lưu"))
            self._tell(error)

        self._keeping = True
        self.keeper.hold()
        self.tasks.ask(self, work, done, failed=failed, touches=_TOUCHES)

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
        for widget in self.page.questions:
            widget.editor.flush()

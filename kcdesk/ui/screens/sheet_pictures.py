"""Pictures that answer questions of an open sheet: choosing a file, keeping it, showing what is kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from kcdesk.actions.desk import Desk
from kcdesk.actions.sheet_pictures import attach_picture, picture_of
from kcdesk.actions.surveys import OpenSurvey
from kcdesk.domain.kinds import ATTACHMENTS
from kcdesk.ui.screens.base import Screen
from kcdesk.ui.widgets.answer_editors import PictureEditor
from kcdesk.ui.widgets.questions import QuestionWidget


class SheetPictures(QObject):
    """Belongs to the screen of a sheet. Events: a file was chosen for a question, a picture was kept as its answer."""

    chosen = Signal(str, object)
    kept = Signal(str, str)

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self._screen = screen

    def ask(self, question: str) -> None:
        """Let somebody choose a file for a question."""
        name, _ = QFileDialog.getOpenFileName(
            self._screen,
            self.tr("Chọn ảnh"),
            "",
            self.tr("Ảnh và PDF (*.jpg *.jpeg *.png *.heic *.pdf)"),
        )
        if name:
            self.chosen.emit(question, Path(name))

    def attach(self, survey: OpenSurvey, question: str, file: Path) -> None:
        """Keep a picture with the establishment, as one of this saved survey."""
        screen = self._screen
        screen.tasks.ask(
            screen,
            lambda desk: attach_picture(desk, survey, question, file),
            lambda answer: self.kept.emit(question, answer),
            failed=lambda error: screen.told.emit("error", error.message, error.hint),
            touches=frozenset((ATTACHMENTS.name,)),
        )

    def show_all(self, survey: str, questions: Iterable[QuestionWidget]) -> None:
        """Show what the pictures that answer questions look like."""
        shown = [
            (question.editor.widget, question.editor.widget.name)
            for question in questions
            if isinstance(question.editor, PictureEditor) and question.editor.widget.name
        ]

        def work(desk: Desk) -> list[bytes | None]:
            return [picture_of(desk, survey, name) for _, name in shown]

        def done(pictures: list[bytes | None]) -> None:
            for (widget, name), picture in zip(shown, pictures, strict=True):
                if widget.name == name:
                    widget.show_picture(picture)

        if shown:
            self._screen.tasks.ask(self._screen, work, done)

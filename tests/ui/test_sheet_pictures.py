"""A photo answers a question: kept with the establishment, shown in the sheet, there again when it is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from kcdesk.actions.attachments import Shown, list_attachments
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.widgets.answer_editors import PictureEditor
from kcdesk.ui.widgets.questions import QuestionWidget
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, first


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.effect_noise((640, 480), 60).convert("RGB").save(tmp_path / "may.jpg")
    return tmp_path / "may.jpg"


def opened(
    window: MainWindow, settle: Settle, survey: str = ""
) -> tuple[SurveyScreen, PictureEditor]:
    window.open_survey(Wanted(first(window), survey, "F20"))
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    question = screen.widgets["photo"]
    assert isinstance(question, QuestionWidget)
    assert isinstance(question.editor, PictureEditor)
    return screen, question.editor


def kept(ask: Ask, establishment: str) -> list[Shown]:
    found = ask(lambda desk: list_attachments(desk, establishment))
    assert isinstance(found, list)
    return found


def test_a_photo_is_kept_shown_and_there_again(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, photo: Path
) -> None:
    screen, editor = opened(window, settle)
    screen.take_picture("photo", photo)
    settle(window.tasks)
    (attachment,) = kept(ask, first(window))
    assert screen.survey is not None
    assert attachment.record.row["of"] == screen.survey.record
    assert attachment.title == "Ảnh máy móc, sản phẩm"
    assert screen.sheet.node("photo").value == f"{attachment.id}.jpg"
    assert editor.widget._picture.isVisibleTo(screen)
    assert not editor.widget._picture.pixmap().isNull()
    screen.save(lambda: None)
    settle(window.tasks)
    record = screen.survey.record
    window.back()
    screen, editor = opened(window, settle, record)
    assert not editor.widget._picture.pixmap().isNull()
    editor.widget.remove.click()
    assert screen.sheet.node("photo").value == ""
    assert not editor.widget._picture.isVisibleTo(screen)


def test_what_is_no_picture_is_refused_with_a_sentence(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "may.jpg").write_bytes(b"not a picture")
    screen, _ = opened(window, settle)
    screen.take_picture("photo", tmp_path / "may.jpg")
    settle(window.tasks)
    assert window.banner.isVisible()
    assert screen.sheet.node("photo").value == ""
    assert kept(ask, first(window)) == []

"""What was being typed when the machine stopped is there again, in every form."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.records import add_record, get_record, open_record, set_fields
from kcdesk.changes import Change
from kcdesk.storage.drafts import Draft
from kcdesk.ui import sample
from kcdesk.ui.screens.drafting import DRAFT_PAUSE_MS
from kcdesk.ui.screens.need import NeedScreen
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.widgets.questions import QuestionWidget
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle, write
from tests.ui.typist import type_into

ROOT = Path(__file__).parents[2]
OTHER = "00000000000000b2"


def typed_and_killed(place: sample.Sample, form: str, record: str) -> None:
    """Another process types into a form of `place` and is killed once its draft is on disk."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ui.typist", form, str(place.folder), record],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ,
    ) as typist:
        assert typist.stdout is not None
        assert typist.stdout.readline() == "kept\n"
        typist.send_signal(signal.SIGKILL)


def drafts(ask: Ask) -> list[Draft]:
    found = ask(lambda desk: desk.workspace.drafts.every())
    assert isinstance(found, list)
    return found


@pytest.fixture
def record(place: sample.Sample) -> str:
    with place.open() as desk:
        return str(desk.workspace.lists.page("establishments").records[0]["id"])


@pytest.fixture
def stopped(place: sample.Sample, record: str, request: pytest.FixtureRequest) -> str:
    typed_and_killed(place, request.param, record)
    return str(request.param)


@pytest.mark.parametrize("stopped", ["record"], indirect=True)
def test_a_record_opens_as_it_was_left(
    stopped: str, record: str, qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    window.open_record(record)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, RecordScreen)
    assert screen.draft_line.text.startswith("Đang làm dở từ 08:3")
    assert screen.fields["rep_name"].text == "Lò Thị Mẩy"
    assert screen.fields["tax_code"].text == "123"
    assert "V-MST" in screen.fields["tax_code"].note_text
    assert screen.products.cell("1", "name").text() == "Dao rèn"
    screen.fields["tax_code"].type("")
    screen.save(lambda: None)
    settle(window.tasks)
    row = ask(lambda desk: get_record(desk, "establishments", record).row)
    assert isinstance(row, dict)
    assert (row["rep_name"], row["main_products"][0]["name"]) == ("Lò Thị Mẩy", "Dao rèn")
    assert drafts(ask) == []
    assert not screen.unsaved


def went_away(window: MainWindow) -> None:
    """The screen that is up is gone with what is typed in it, as when the process is killed."""
    window._drop(window._trail.pop())
    window._show()


def test_a_new_record_opens_as_it_was_left(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    window.open_record("")
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, RecordScreen)
    with qtbot.waitSignal(screen.keeper.kept):
        assert type_into(screen)
    went_away(window)
    (draft,) = drafts(ask)
    window.open_record("")
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, RecordScreen)
    assert screen.fields["rep_name"].text == "Lò Thị Mẩy"
    screen.fields["tax_code"].type("")
    screen.fields["name"].type("HTX Mới")
    screen.save(lambda: None)
    settle(window.tasks)
    assert screen.record == draft.form.record
    assert drafts(ask) == []


def test_a_need_opens_as_it_was_left(
    record: str, qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask
) -> None:
    window.open_need(record)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, NeedScreen)
    with qtbot.waitSignal(screen.keeper.kept):
        assert type_into(screen)
    went_away(window)
    window.open_need(record)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, NeedScreen)
    assert screen.fields["purpose"].text == "Mua máy sao chè"
    assert screen.tables["machines_to_buy"].cell("1", "name").text() == "Máy sao chè"
    assert screen.draft_line.isVisible()
    screen.save(lambda: None)
    settle(window.tasks)
    assert drafts(ask) == []
    assert ask(lambda desk: desk.workspace.lists.count("needs")) == 1


@pytest.mark.parametrize("stopped", ["survey"], indirect=True)
def test_a_sheet_opens_as_it_was_left(
    stopped: str, record: str, qtbot: QtBot, window: MainWindow, settle: Settle
) -> None:
    window.open_survey(Wanted(record))
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, SurveyScreen)
    hamlet = screen.widgets["hamlet"]
    assert isinstance(hamlet, QuestionWidget)
    assert hamlet.text == "Thôn Giữa"


def opened(window: MainWindow, settle: Settle, record: str) -> RecordScreen:
    window.open_record(record)
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    return window.up


def test_it_is_on_disk_however_fast_one_goes_on_typing(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, record: str
) -> None:
    """Each key comes long before the pause is over, and the pause is not begun anew."""
    screen = opened(window, settle, record)
    kept: list[str] = []
    screen.keeper.kept.connect(lambda: kept.append(screen.fields["note"].text))
    keys = 0
    while not kept:
        write(screen.fields["note"].editor, "a")
        keys += 1
        qtbot.wait(DRAFT_PAUSE_MS // 20)
        assert keys < 200
    (draft,) = drafts(ask)
    assert set(str(draft.values["note"])) == {"a"}
    assert keys > 5


def test_what_is_discarded_is_gone(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, record: str
) -> None:
    screen = opened(window, settle, record)
    with qtbot.waitSignal(screen.keeper.kept):
        screen.fields["note"].type("Chưa lưu")
    assert len(drafts(ask)) == 1
    window.back()
    box = screen.findChild(QMessageBox)
    assert box is not None
    box.button(QMessageBox.StandardButton.Discard).click()
    settle(window.tasks)
    assert drafts(ask) == []
    again = opened(window, settle, record)
    assert again.fields["note"].text == ""
    assert not again.draft_line.isVisible()


def test_a_draft_dropped_on_the_line_shows_the_record_again(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, record: str
) -> None:
    screen = opened(window, settle, record)
    before = screen.fields["name"].text
    with qtbot.waitSignal(screen.keeper.kept):
        screen.fields["name"].type("Tên khác")
    went_away(window)
    again = opened(window, settle, record)
    assert again.fields["name"].text == "Tên khác"
    assert again.draft_line.isVisible()
    again.draft_line.drop.click()
    settle(window.tasks)
    assert again.fields["name"].text == before
    assert not again.unsaved
    assert drafts(ask) == []


def test_going_back_to_what_it_was_leaves_no_draft(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, record: str
) -> None:
    screen = opened(window, settle, record)
    with qtbot.waitSignal(screen.keeper.kept):
        screen.fields["note"].type("x")
    with qtbot.waitSignal(screen.keeper.kept):
        screen.fields["note"].type("")
    assert drafts(ask) == []


def test_a_draft_saved_after_somebody_else_changed_the_field_is_a_conflict(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, record: str
) -> None:
    screen = opened(window, settle, record)
    with qtbot.waitSignal(screen.keeper.kept):
        screen.fields["phone"].type("0911 111 111")
    went_away(window)
    own = ask(lambda desk: (desk.workspace.device_id, desk.workspace.chain().last_n))
    assert isinstance(own, tuple)
    theirs = {"phone": "+84922222222", "note": "Của Hùng"}
    change = Change(OTHER, 1, "establishments", record, 1, theirs, {own[0]: own[1]})
    ask(lambda desk: desk.workspace.receive([change], {}))
    again = opened(window, settle, record)
    assert again.fields["phone"].text == "0911 111 111"
    assert again.fields["note"].text == ""  # as it was when the form was opened
    again.save(lambda: None)
    settle(window.tasks)
    state = ask(lambda desk: open_record(desk, "establishments", record).conflicts)
    assert state == ("phone",)
    assert again.fields["note"].text == "Của Hùng"


def test_saving_elsewhere_leaves_the_draft(
    qtbot: QtBot, window: MainWindow, settle: Settle, ask: Ask, record: str
) -> None:
    screen = opened(window, settle, record)
    with qtbot.waitSignal(screen.keeper.kept):
        screen.fields["note"].type("Đang ghi dở")
    ask(lambda desk: set_fields(desk, "establishments", record, {"hamlet": "Bản Mới"}))
    ask(lambda desk: add_record(desk, "establishments", {"name": "HTX khác"}))
    assert len(drafts(ask)) == 1

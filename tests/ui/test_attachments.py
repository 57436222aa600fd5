"""Pictures and documents on the page of an establishment, and one of them large."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from kcdesk.actions.attachments import list_attachments
from kcdesk.actions.records import list_records
from kcdesk.ui.screens.attachment import AttachmentScreen
from kcdesk.ui.screens.attachments import AttachmentsPage
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.window import MainWindow
from tests.importing.attachment_files import encoded, pdf, phone_jpeg, photo
from tests.ui.hands import Ask, Settle


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "Ảnh chụp"
    folder.mkdir()
    (folder / "máy ép.jpg").write_bytes(phone_jpeg(6))
    (folder / "sơ đồ.png").write_bytes(encoded(photo(300, 200), "PNG"))
    (folder / "giấy đăng ký.pdf").write_bytes(pdf(3))
    (folder / "hỏng.jpg").write_bytes(phone_jpeg()[:5000])
    return folder


@pytest.fixture
def page(window: MainWindow, settle: Settle, ask: Ask) -> AttachmentsPage:
    record = ask(lambda desk: list_records(desk, "establishments").records[0].row["id"])
    window.open_record(str(record))
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    window.up.tabs.setCurrentWidget(window.up.attachments)
    return window.up.attachments


@pytest.fixture
def filled(
    page: AttachmentsPage, here: Path, window: MainWindow, settle: Settle
) -> AttachmentsPage:
    for name in ("máy ép.jpg", "giấy đăng ký.pdf", "sơ đồ.png"):
        page.add([here / name])
        settle(window.tasks)
    return page


def opened(
    window: MainWindow, settle: Settle, page: AttachmentsPage, place: int
) -> AttachmentScreen:
    page.strip.opened.emit(page.rows[place].id)
    settle(window.tasks)
    assert isinstance(window.up, AttachmentScreen)
    return window.up


def test_files_are_added_and_a_bad_one_is_named(
    window: MainWindow, page: AttachmentsPage, here: Path, settle: Settle
) -> None:
    record = window.up
    assert isinstance(record, RecordScreen)
    page.add(sorted(here.iterdir()))
    assert not page.add_button.isEnabled()
    assert page.stop_button.isVisible()
    settle(window.tasks)
    assert page.add_button.isEnabled()
    assert page.strip.count() == 3
    assert record.tabs.tabText(record.tabs.indexOf(page)) == "Ảnh và tài liệu (3)"
    assert window.banner.message.startswith("Đã thêm 3 ảnh, tài liệu. Không nhận 1 tệp:")
    assert "hỏng.jpg" in window.banner.message
    assert {shown.title for shown in page.rows} == {"máy ép", "sơ đồ", "giấy đăng ký"}


def test_files_are_dropped_onto_the_strip(
    window: MainWindow, page: AttachmentsPage, here: Path, settle: Settle
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(here / "sơ đồ.png")), QUrl("https://tinh.example/a.png")])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.strip.dropEvent(event)
    assert event.isAccepted()
    settle(window.tasks)
    assert [shown.title for shown in page.rows] == ["sơ đồ"]


def test_stopping_adds_nothing(
    window: MainWindow, page: AttachmentsPage, here: Path, settle: Settle
) -> None:
    page.add([here / "máy ép.jpg"] * 5)
    page.stop_button.click()
    settle(window.tasks)
    assert window.banner.message == "Đã dừng theo yêu cầu."
    assert page.strip.count() == 0
    assert page.add_button.isEnabled()


def test_a_picture_is_seen_large_and_one_goes_on_to_the_next(
    qtbot: QtBot, window: MainWindow, filled: AttachmentsPage, settle: Settle
) -> None:
    screen = opened(window, settle, filled, 0)
    assert (screen.title, screen.place.text()) == ("máy ép", "1 trên 3")
    size = screen.picture.image.size()
    assert (size.width(), size.height()) == (1200, 1600)
    assert screen.picture.isVisible()
    assert "Chụp lúc 01/03/2026 08:15" in screen.facts.text()
    assert "22,635000; 103,620000" in screen.facts.text()
    assert not screen.before_button.isEnabled()
    qtbot.keyClick(screen, Qt.Key.Key_PageDown)
    settle(window.tasks)
    assert screen.title == "giấy đăng ký"
    assert isinstance(screen.pdf, QPdfView)
    assert screen.pdf.isVisible()
    assert screen.pdf.document().pageCount() == 3
    screen.after_button.click()
    settle(window.tasks)
    assert (screen.title, screen.place.text()) == ("sơ đồ", "3 trên 3")
    assert not screen.after_button.isEnabled()
    window.back()
    assert isinstance(window.up, RecordScreen)


def test_a_title_is_written_and_a_purpose_chosen(
    qtbot: QtBot, window: MainWindow, filled: AttachmentsPage, settle: Settle, ask: Ask
) -> None:
    screen = opened(window, settle, filled, 0)
    screen.title_line.selectAll()
    qtbot.keyClicks(screen.title_line, "May ep gach")
    qtbot.keyClick(screen.title_line, Qt.Key.Key_Return)
    settle(window.tasks)
    assert screen.title == "May ep gach"
    place = screen.purpose.findData("PHOTO_BEFORE")
    screen.purpose.setCurrentIndex(place)
    screen.purpose.activated.emit(place)
    settle(window.tasks)
    window.back()
    settle(window.tasks)
    assert filled.rows[0].title == "May ep gach"
    row = filled.rows[0].record.row
    assert (row["title"], row["purpose"]) == ("May ep gach", "PHOTO_BEFORE")


def test_what_was_typed_is_kept_when_one_goes_on(
    qtbot: QtBot, window: MainWindow, filled: AttachmentsPage, settle: Settle
) -> None:
    screen = opened(window, settle, filled, 0)
    screen.title_line.selectAll()
    qtbot.keyClicks(screen.title_line, "May moi")
    screen._go(1)
    settle(window.tasks)
    assert screen.title_line.text() == "giấy đăng ký"
    screen._go(-1)
    settle(window.tasks)
    assert screen.title_line.text() == "May moi"


def test_removing_asks_first_and_goes_back(
    window: MainWindow, filled: AttachmentsPage, settle: Settle, ask: Ask
) -> None:
    screen = opened(window, settle, filled, 2)
    screen._ask_to_remove()
    box = screen.findChild(QMessageBox)
    assert box is not None
    assert "sơ đồ" in box.text()
    box.button(QMessageBox.StandardButton.Yes).click()
    settle(window.tasks)
    assert isinstance(window.up, RecordScreen)
    assert window.banner.message == "Đã bỏ vào thùng rác."
    assert filled.strip.count() == 2


def test_delete_on_the_strip_asks_first(
    qtbot: QtBot, window: MainWindow, filled: AttachmentsPage, settle: Settle
) -> None:
    filled.strip.setCurrentRow(1)
    qtbot.keyClick(filled.strip, Qt.Key.Key_Delete)
    box = filled.findChild(QMessageBox)
    assert box is not None
    box.button(QMessageBox.StandardButton.Cancel).click()
    settle(window.tasks)
    assert filled.strip.count() == 3
    filled._remove(filled.rows[1].id)
    settle(window.tasks)
    assert [shown.title for shown in filled.rows] == ["máy ép", "sơ đồ"]


def test_a_file_is_written_out_after_asking_only(
    window: MainWindow, filled: AttachmentsPage, settle: Settle, tmp_path: Path
) -> None:
    screen = opened(window, settle, filled, 1)
    screen._ask_to_save(original=False)
    box = screen.findChild(QMessageBox)
    assert box is not None
    assert "mã hoá" in box.text()
    box.button(QMessageBox.StandardButton.Save).click()
    dialog = screen.findChild(QFileDialog)
    assert dialog is not None
    assert Path(dialog.selectedFiles()[0]).name == "giay-dang-ky.pdf"
    dialog.close()
    screen.write(tmp_path / "a.pdf")
    settle(window.tasks)
    assert (tmp_path / "a.pdf").read_bytes() == pdf(3)
    screen.write(tmp_path / "no such folder" / "a.pdf")
    settle(window.tasks)
    assert window.banner.message.startswith("Không ghi được tệp")


def test_what_cannot_be_read_is_said_in_its_place(
    window: MainWindow, filled: AttachmentsPage, settle: Settle, ask: Ask
) -> None:
    def spoil(desk: object) -> None:
        from kcdesk.actions.desk import Desk

        assert isinstance(desk, Desk)
        (shown, *_) = list_attachments(desk, filled._establishment)
        name = str(shown.record.row["sha256"])
        (desk.workspace.folder / "attachments" / name).write_bytes(b"x" * 100)

    ask(spoil)
    screen = opened(window, settle, filled, 0)
    assert screen.trouble.isVisible()
    assert "hỏng" in screen.trouble.text()
    assert not screen._save.isEnabled()

"""Photos between window and province, with a real server: sent by the page of sync, fetched where they are seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from kcdesk.actions import contents
from kcdesk.actions.attachments import add_attachments, list_attachments
from kcdesk.actions.contents import PhotosSent
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import list_records
from kcdesk.actions.syncing import join, sync
from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.metered import is_metered
from kcdesk.ui.screens.attachment import AttachmentScreen
from kcdesk.ui.screens.syncing import SyncScreen
from kcdesk.ui.window import MainWindow
from tests.importing.attachment_files import pdf, phone_jpeg
from tests.ui.hands import Ask, Settle
from tests.ui.servers import province


@pytest.fixture
def at_the_province(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    with province(tmp_path, enrolments=2) as running:
        yield running


@pytest.fixture
def theirs(tmp_path: Path, at_the_province: tuple[str, list[str]]) -> Iterator[Desk]:
    """A colleague's desk, joined."""
    url, codes = at_the_province
    other = sample.Sample(tmp_path / "other", Ticking())
    with closing(other.create(sample.COLLEAGUE).workspace):
        pass
    with other.open() as desk:
        join(desk, url, codes[1])
        yield desk


@pytest.fixture
def joined(
    window: MainWindow, at_the_province: tuple[str, list[str]], settle: Settle, ask: Ask
) -> SyncScreen:
    url, codes = at_the_province
    window.go(window.sync)
    settle(window.tasks)
    assert not window.sync.photos.isVisible()
    window.sync.server.setText(url)
    window.sync.code.setText(codes[0])
    window.sync.join()
    settle(window.tasks)
    assert window.sync.photos.isVisible()
    return window.sync


def first_establishment(desk: Desk) -> str:
    return str(list_records(desk, "establishments").records[0].row["id"])


def test_photos_are_sent_from_the_page_of_sync(
    window: MainWindow, joined: SyncScreen, settle: Settle, ask: Ask, tmp_path: Path, theirs: Desk
) -> None:
    (tmp_path / "máy.jpg").write_bytes(phone_jpeg())
    card = joined.photos
    assert card.standing.text() == "Mọi ảnh, tài liệu đều ở trên máy này và ở tỉnh."
    assert not card.send_button.isEnabled()
    ask(lambda desk: add_attachments(desk, first_establishment(desk), [tmp_path / "máy.jpg"]))
    joined.entered()
    settle(window.tasks)
    assert card.standing.text().startswith("1 tệp (")
    card.send()  # before its record
    settle(window.tasks)
    assert "gửi hồ sơ trước" in window.banner.hint
    joined.sync()
    settle(window.tasks)
    assert card.send_button.isEnabled() == (is_metered() is not False)
    card.send()
    assert not card.send_button.isVisible()
    assert card.stop_button.isVisible()
    settle(window.tasks)
    assert window.banner.message == "Đã gửi 1 ảnh, tài liệu."
    assert card.standing.text() == "Mọi ảnh, tài liệu đều ở trên máy này và ở tỉnh."
    sync(theirs)
    assert contents.fetch_photos(theirs).fetched == 1


def test_always_means_with_every_sync(
    window: MainWindow, joined: SyncScreen, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "máy.jpg").write_bytes(phone_jpeg())
    joined.photos.when.setCurrentIndex(joined.photos.when.findData(PhotosSent.ALWAYS.value))
    joined.photos.when.activated.emit(0)
    settle(window.tasks)
    assert ask(contents.when_sent) is PhotosSent.ALWAYS
    ask(lambda desk: add_attachments(desk, first_establishment(desk), [tmp_path / "máy.jpg"]))
    joined.sync()
    settle(window.tasks)
    assert window.banner.message.endswith("Gửi 1 ảnh, tài liệu.")


def test_a_photo_is_fetched_where_it_is_looked_at(
    qtbot: QtBot,
    window: MainWindow,
    joined: SyncScreen,
    settle: Settle,
    ask: Ask,
    tmp_path: Path,
    theirs: Desk,
) -> None:
    (tmp_path / "máy.jpg").write_bytes(phone_jpeg())
    (tmp_path / "giấy.pdf").write_bytes(pdf())
    sync(theirs)
    record = first_establishment(theirs)
    add_attachments(theirs, record, [tmp_path / "máy.jpg", tmp_path / "giấy.pdf"])
    sync(theirs)
    joined.sync()
    settle(window.tasks)
    rows = ask(lambda desk: list_attachments(desk, record))
    assert isinstance(rows, list)
    photo = next(shown for shown in rows if shown.title == "máy")
    window.open_attachment(record, photo.id)
    settle(window.tasks)
    screen = window.up
    assert isinstance(screen, AttachmentScreen)
    assert screen.fetch_button.isVisible()
    assert screen.trouble.text().startswith("Nội dung chưa có trên máy này. Tải về hết")
    assert "Nội dung: Chưa có trên máy này" in screen.facts.text()

    screen.fetch()  # the colleague has not sent it
    settle(window.tasks)
    assert "Tỉnh chưa có nội dung" in window.banner.message
    assert screen.fetch_button.isVisible()

    contents.send_photos(theirs)
    screen.fetch_button.click()
    settle(window.tasks)
    assert not screen.fetch_button.isVisible()
    assert isinstance(screen.picture.image, QImage)
    assert not screen.picture.image.isNull()
    assert "Nội dung: Trên máy này và ở tỉnh" in screen.facts.text()

    window.go(window.sync)
    joined.entered()
    settle(window.tasks)
    joined.photos.fetch()
    settle(window.tasks)
    assert window.banner.message == "Đã tải về 1 ảnh, tài liệu."


def test_alone_there_is_nothing_to_fetch_from(
    window: MainWindow, settle: Settle, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "máy.jpg").write_bytes(phone_jpeg())
    record = str(ask(first_establishment))
    ask(lambda desk: add_attachments(desk, record, [tmp_path / "máy.jpg"]))
    rows = ask(lambda desk: list_attachments(desk, record))
    assert isinstance(rows, list)
    ask(lambda desk: desk.workspace.attachments.remove(str(rows[0].record.row["sha256"])))
    window.open_attachment(record, rows[0].id)
    settle(window.tasks)
    assert isinstance(window.up, AttachmentScreen)
    assert not window.up.fetch_button.isVisible()
    assert "không có trên máy này" in window.up.trouble.text()


def test_what_the_system_says_of_the_line() -> None:
    assert is_metered() in (True, False, None)

"""Pictures of papers: the forms, the book, a page that waits, a pile, empty forms to take along, a copy to be sent."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kcdesk.actions.documents import print_document
from kcdesk.ui.gallery_safety import Camera
from kcdesk.ui.pdf_pictures import png_pages
from kcdesk.ui.screens.preview import PreviewScreen
from kcdesk.ui.screens.sending import SendDialog
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow

TAKER = "Sùng A Chứ, cộng tác viên xã Bát Xát"


def papers(camera: Camera, window: MainWindow, tasks: Tasks) -> None:
    screen = window.papers
    window.go(screen)
    camera.settle(tasks)
    camera.take(window, "giay-to-cac-mau")
    screen.tabs.setCurrentIndex(2)
    camera.settle(tasks)
    camera.take(window, "giay-to-ban-quet-trong")
    screen.tabs.setCurrentIndex(0)
    screen.show_sample()
    camera.settle(tasks)
    camera.settle(beats=40)  # QPdfView draws its pages on a thread of its own
    camera.take(window, "giay-to-vi-du")
    window.back()
    with tempfile.TemporaryDirectory() as folder:
        blanks = screen.take_along()
        camera.settle(tasks)
        blanks.taker.setText(TAKER)
        camera.take(blanks, "giay-to-mang-di")
        blanks.commune.setCurrentIndex(1)
        blanks.make(Path(folder) / "mau-trong.pdf")
        camera.settle(tasks)
        _wait_without_code(camera, window, tasks, Path(folder))
    screen.tabs.setCurrentIndex(1)
    camera.settle(tasks)
    camera.take(window, "giay-to-so")
    window.go(window.list)
    camera.settle(tasks)
    _pile(camera, window, tasks)


def _wait_without_code(camera: Camera, window: MainWindow, tasks: Tasks, folder: Path) -> None:
    """An empty form without the code of a record was photographed."""
    pages: list[bytes] = []
    tasks.ask(
        window,
        lambda desk: pages.extend(
            png_pages(print_document(desk, "F02", None, blank=True).pdf, 100)
        ),
        lambda _: None,
    )
    camera.settle(tasks)
    for number, page in enumerate(pages[:2], 1):
        photo = folder / f"anh-chup-{number}.png"
        photo.write_bytes(page)
        window.papers.scans.read(photo)
        camera.settle(tasks)
    window.papers.tabs.setCurrentIndex(2)
    window.papers.scans.search.setText("vang a")
    window.papers.scans.look_for()
    camera.settle(tasks)
    camera.take(window, "giay-to-trang-cho")


def _pile(camera: Camera, window: MainWindow, tasks: Tasks) -> None:
    """Of all that "vang a pao" finds; one of them has a need."""
    window.list.search.setText("vang a pao")
    window.list._ask()
    camera.settle(tasks)
    dialog = window.list.print_pile()
    camera.settle(tasks)
    camera.take(dialog, "in-mot-loat")
    dialog.all_shown.setChecked(True)
    dialog.make(None)
    camera.settle(tasks)
    camera.take(dialog, "in-mot-loat-da-dung")
    dialog.reject()
    camera.settle(tasks)
    camera.settle(beats=40)
    camera.take(window, "in-mot-loat-xem-truoc")
    if isinstance(window.up, PreviewScreen):
        record = window.up.printed.origins[0].record if window.up.printed else ""
        window.open_paper(record)
        camera.settle(tasks)
        assert isinstance(window.up, PreviewScreen)
        sending: SendDialog = window.up.send()
        sending.taker.setText("Sở Công Thương")
        camera.take(sending, "gui-ban-sao")
        sending.protected.setChecked(True)
        camera.take(sending, "gui-ban-sao-mat-khau")
        sending.reject()
        window.back()
    window.go(window.list)
    window.list.search.clear()
    window.list._ask()
    camera.settle(tasks)

"""Pictures of the screen for parcels: not joined, nothing yet, and with parcels of both sorts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kcdesk.actions.desk import Desk
from kcdesk.ui.gallery_safety import MOMENT, Camera
from kcdesk.ui.screens.parcels import ParcelsScreen
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow


def not_joined(gallery: Camera, window: MainWindow, tasks: Tasks) -> None:
    """Where the enrolment file goes."""
    window.open_parcels()
    gallery.settle(tasks)
    gallery.take(window, "goi-du-lieu-dang-ky")
    window.back()


def parcels(gallery: Camera, window: MainWindow, tasks: Tasks) -> None:
    """Before the first parcel, and with some."""
    window.open_parcels()
    gallery.settle(tasks)
    gallery.take(window, "goi-du-lieu-trong")
    screen = window.up
    assert isinstance(screen, ParcelsScreen)
    tasks.ask(screen, _carry, lambda _: None)
    with tempfile.TemporaryDirectory() as stick:
        screen.write_to(Path(stick))
        gallery.settle(tasks)
    gallery.take(window, "goi-du-lieu")


def _carry(desk: Desk) -> None:
    books = desk.workspace.parcels
    for number, name in enumerate(("a1b2c3d4", "5e6f7a8b", "99aabbcc")):
        books.take(name * 4, f"goi-len-tinh-20260302-{name}.kcparcel", [b"-"], MOMENT + number)
    books.has_answer("5e6f7a8b" * 4, MOMENT)
    books.not_taken("99aabbcc" * 4, "Gói đã bị hỏng hoặc bị sửa.", for_good=True)

"""Pictures of what keeps things safe: taking back, merging, the bin, backups, and a workspace that does not open."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QMessageBox, QWidget

from kcdesk.actions.erasing import ErasurePlan
from kcdesk.errors import ChangesMissing, WorkspaceBusy, WorkspaceError
from kcdesk.storage.backups.manifest import Manifest, Piece
from kcdesk.storage.devices.identity import WentOn
from kcdesk.storage.safety.recovery import Gap, Recovered
from kcdesk.ui.gallery_door import NoKeyring
from kcdesk.ui.screens.backup_list import RestoreWish
from kcdesk.ui.screens.merging import MergeScreen
from kcdesk.ui.screens.rebuilding import Rescue, Restoring
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.undoing import UndoDialog
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.trouble import refusal
from kcdesk.ui.window import MainWindow

MOMENT = 1_772_415_000_000
"""2026-03-02 08:30 in Vietnam."""

BACKUP = Manifest(
    1,
    12,
    "",
    "",
    MOMENT - 3_000_000,
    "due",
    [],
    6_560,
    b"",
    6_560,
    b"",
    [Piece("", 780_000, b"", "changes", 6_560)],
)
RESCUED = Recovered(
    BACKUP,
    6_560,
    9,
    812,
    3,
    (
        Gap(6_566, 6_566, MOMENT - 1_500_000, MOMENT - 1_200_000),
        Gap(6_571, 6_574, MOMENT - 900_000, MOMENT),
    ),
    "",
    WentOn("", "", "restored", MOMENT),
    Path("set-aside") / "2026-03-02-083000",
)
"""What a rescue that found nearly everything tells."""

DAMAGED = WorkspaceError("Tệp dữ liệu bị hỏng.", code="damaged")
MISSING = ChangesMissing(
    DAMAGED.message,
    hint="",
    device="",
    first_n=41,
    last_n=57,
    from_at=MOMENT,
    to_at=MOMENT + 900_000,
)
BUSY = WorkspaceBusy(
    "Dữ liệu này đang được mở ở một cửa sổ kcdesk khác trên máy này (từ 07:58 02/03/2026).",
    hint="Làm tiếp ở cửa sổ ấy, hoặc đóng nó rồi thử lại.",
)


class Camera(Protocol):
    """What takes the pictures (kcdesk.ui.gallery.Gallery)."""

    def settle(self, tasks: Tasks | None = None, beats: int = 3) -> None: ...

    def take(self, widget: QWidget, name: str) -> None: ...


def erasing(gallery: Camera, window: MainWindow, tasks: Tasks, record: str) -> None:
    """Erasing by law: what is marked, what is asked before, and the list of what was erased."""
    window.go(window.erasing)
    screen = window.erasing
    screen.search.setText("vang a")
    screen.look()
    gallery.settle(tasks)
    screen.open(record)
    gallery.settle(tasks)
    screen.mark(record, "phone", "rep_id_no")
    screen.reason.setText("theo yêu cầu của chủ cơ sở")
    screen.paper.setText("12/QĐ-TTKC")
    screen.date.setText("01/03/2026")
    gallery.take(window, "xoa-theo-yeu-cau")
    gone = ErasurePlan(
        "establishments",
        record,
        "",
        ("phone", "rep_id_no"),
        ("phone", "rep_id_no"),
        2,
        0,
        drafts=True,
        set_aside=None,
        elsewhere=(("surveys", "", "phone"),),
    )
    screen._confirm([gone])
    gallery.take(screen.box, "hoi-truoc-khi-xoa-han")
    screen.box.reject()


def second_thoughts(gallery: Camera, window: MainWindow, tasks: Tasks, record: str) -> None:
    """Taking back, merging and the bin."""
    window.go(window.activity)
    gallery.settle(tasks)
    gallery.take(window, "viec-vua-lam")
    for at, name in (
        (0, "hoan-tac"),
        (len(window.activity.model.rows) - 1, "hoan-tac-bi-chan"),
    ):
        window.activity.table.selectRow(at)
        window.activity.look()
        gallery.settle(tasks)
        dialog = window.activity.findChildren(UndoDialog)[-1]
        gallery.take(dialog, name)
        dialog.close()
    window.go(window.list)
    window.open_record(record)
    gallery.settle(tasks)
    page = window.up
    assert isinstance(page, RecordScreen)
    page.second.merge_action.trigger()
    gallery.settle(tasks)
    merging = window.up
    assert isinstance(merging, MergeScreen)
    merging.search.setText("vang a")
    merging._find()
    gallery.settle(tasks)
    gallery.take(window, "gop-chon-co-so")
    merging.choose(str(merging.model.rows[0].row["id"]))
    gallery.settle(tasks)
    gallery.take(window, "gop-canh-nhau")
    merging.merge()
    gallery.settle(tasks)
    gallery.take(window, "ho-so-da-gop")
    page.second.delete_action.trigger()
    gallery.settle(tasks)
    box = page.findChildren(QMessageBox)[-1]
    gallery.take(box, "hoi-truoc-khi-xoa")
    box.button(QMessageBox.StandardButton.Yes).click()
    gallery.settle(tasks)
    window.go(window.bin)
    gallery.settle(tasks)
    gallery.take(window, "thung-rac")
    window.bin.take_back()
    gallery.settle(tasks)


def backups(gallery: Camera, window: MainWindow, tasks: Tasks) -> None:
    """The screen of backups, at rest and at work."""
    window.go(window.backups)
    gallery.settle(tasks)
    window.backups.back_up()
    gallery.settle(tasks)
    window.backups.check()
    gallery.take(window, "kiem-tra-dang-chay")
    gallery.settle(tasks)
    gallery.take(window, "sao-luu-kiem-tra")
    window.backups.list.ask_to_restore()
    box = window.backups.list.findChildren(QMessageBox)[-1]
    gallery.take(box, "hoi-truoc-khi-khoi-phuc")
    box.reject()


def rescue(gallery: Camera) -> None:
    """What is said of a workspace that does not open, and of its rescue."""
    door = NoKeyring(kept=(BACKUP,), rescued=RESCUED)
    tasks = Tasks(door.open)
    for error, name in ((MISSING, "thieu-thay-doi"), (DAMAGED, "tep-hong")):
        dialog = Rescue(tasks, door, error, door.backups())
        dialog.show()
        gallery.take(dialog, name)
    dialog.rescue()
    gallery.settle(tasks)
    gallery.take(dialog, "da-cuu-du-lieu")
    dialog.close()
    restoring = Restoring(tasks, door, RestoreWish(None, BACKUP))
    restoring.show()
    gallery.settle(tasks)
    gallery.take(restoring, "chua-khoi-phuc")
    restoring.close()
    busy = refusal(BUSY, again=True)
    busy.show()
    gallery.take(busy, "dang-mo-noi-khac")
    busy.close()
    tasks.close()

"""`python -m kcdesk.ui.gallery -o DIR`: a picture of every screen, from sample data.

Pictures are 1366 x 768, light, in Vietnamese.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from kcdesk.domain.clock import Clock
from kcdesk.resources import resource_path
from kcdesk.storage.keys import make_code
from kcdesk.ui import sample
from kcdesk.ui.gallery_door import NoKeyring
from kcdesk.ui.gallery_papers import papers
from kcdesk.ui.gallery_parcels import not_joined, parcels
from kcdesk.ui.gallery_safety import MOMENT, backups, erasing, rescue, second_thoughts
from kcdesk.ui.gallery_surveys import surveying
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.figures import FiguresDialog
from kcdesk.ui.screens.first_start import FirstStart, RecoveryCode
from kcdesk.ui.screens.need import NeedScreen
from kcdesk.ui.screens.proposals import ProposalsScreen
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.support import SupportScreen
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.screens.unlock import Recover, Unlock, WhoIsThere
from kcdesk.ui.start import application
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow

CODE = make_code(lambda size: bytes(range(0, 7 * size, 7)))
"""A recovery code that opens nothing."""

NEED = {
    "rep_position": "Chủ hộ",
    "rep_id_no": "010090001234",
    "reg_no": "10G8001234",
    "reg_date": "12/05/2019",
    "reg_issuer": "UBND huyện Bát Xát",
    "receiver": "Sở Công Thương tỉnh Lào Cai",
    "activity_code": "KC3_TECHNOLOGY",
    "purpose": "Hỗ trợ mua máy ép gạch không nung thế hệ mới thay máy cũ.",
    "project_place": "Xưởng của cơ sở",
    "start": "01/06/2026",
    "finish": "30/11/2026",
    "total": "320 triệu",
    "kcdp": "150 triệu",
    "kcqg": "0 đồng",
    "counterpart": "170 triệu",
    "attachments": "Báo giá máy; bản sao giấy đăng ký",
    "place": "Bát Xát",
}


class Ticking:
    """A clock that moves on a minute each time it is read."""

    def __init__(self) -> None:
        self.now = MOMENT

    def __call__(self) -> int:
        self.now += 60_000
        return self.now


class Gallery:
    """Takes the pictures, one after the other, into a folder."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self.taken: list[Path] = []

    def settle(self, tasks: Tasks | None = None, beats: int = 3) -> None:
        """Until every result is there and shown."""
        # A loop of its own: QApplication.processEvents() of PySide 6.12 loses a reference to None each time.
        loop, timer, quiet = QEventLoop(), QTimer(), 0

        def beat() -> None:
            nonlocal quiet
            quiet = quiet + 1 if tasks is None or tasks.idle else 0
            if quiet >= beats:
                loop.quit()

        timer.timeout.connect(beat)
        timer.start(15)
        loop.exec()
        timer.stop()

    def take(self, widget: QWidget, name: str) -> None:
        self.settle(beats=2)
        path = self._folder / f"{len(self.taken) + 1:02d}-{name}.png"
        widget.grab().save(str(path))
        self.taken.append(path)

    def first_start(self) -> None:
        door = NoKeyring()
        tasks = Tasks(door.open)
        dialog = FirstStart(tasks, door)
        dialog.show()
        self.settle(tasks)
        self.take(dialog, "bat-dau")
        dialog.person.setText(sample.PERSON)
        dialog.area.setFocus()
        dialog.area.setText("bat xat")
        dialog.area.textEdited.emit("bat xat")
        self.settle(tasks)
        dialog.area.choose(sample.AREA)
        dialog.create_workspace()
        self.settle(tasks)
        self.take(dialog, "bat-dau-khong-co-kho-khoa")
        dialog.close()
        unlock = Unlock(tasks, door)
        unlock.show()
        unlock.passphrase.setText("sai")
        unlock.try_passphrase()
        self.settle(tasks)
        self.take(unlock, "mo-khoa")
        unlock.close()
        self._recovery(tasks, door)
        tasks.close()

    def _recovery(self, tasks: Tasks, door: NoKeyring) -> None:
        recover = Recover(tasks, door)
        recover.show()
        recover.code.setText(CODE[:-1] + "1")
        for line in (recover.locks.first, recover.locks.again):
            line.setText("mật khẩu mới")
        recover.try_code()
        self.settle(tasks)
        self.take(recover, "mo-bang-ma-khoi-phuc")
        recover.close()
        shown = RecoveryCode(tasks, door, CODE, b"")
        shown.show()
        self.take(shown, "ma-khoi-phuc")
        shown.close()
        who = WhoIsThere(tasks, replace(door, shared=True))
        who.show()
        self.take(who, "ai-dang-dung-may")
        who.close()

    def empty_window(self, place: sample.Sample) -> None:
        tasks = Tasks(place.open)
        window = self._window(tasks)
        for screen, name in (
            (window.list, "danh-sach-trong"),
            (window.imports, "nhap-danh-sach-chua-chon"),
            (window.conflicts, "khac-nhau-trong"),
            (window.rounds, "khao-sat-trong"),
            (window.papers, "giay-to-trong"),
            (window.communes, "xa-phuong-trong"),
            (window.sync, "dong-bo-chua-noi-tinh"),
            (window.activity, "viec-vua-lam-trong"),
            (window.bin, "thung-rac-trong"),
            (window.backups, "sao-luu-chua-co"),
            (window.erasing, "xoa-theo-yeu-cau-trong"),
        ):
            window.go(screen)
            self.settle(tasks)
            self.take(window, name)
        not_joined(self, window, tasks)
        window.open_record("")
        self.settle(tasks)
        self.take(window, "co-so-moi")
        self._close(window, tasks)

    def full_window(self, place: sample.Sample, record: str) -> None:
        tasks = Tasks(place.open)
        window = self._window(tasks)
        self.settle(tasks)
        self.take(window, "danh-sach")
        window.list.search.setText("vang a pao")
        window.list._ask()
        self.settle(tasks)
        self.take(window, "danh-sach-tim")
        window.list.search.setText("khong co ten nay")
        window.list._ask()
        self.settle(tasks)
        self.take(window, "danh-sach-khong-thay")
        window.list.search.clear()
        self._conflict(window, tasks)
        self._record(window, tasks, record)
        self._survey(window, tasks, record)
        self._support(window, tasks, record)
        self._need(window, tasks, record)
        self._import(window, tasks)
        for screen, name in (
            (window.communes, "xa-phuong-cho-chon"),
            (window.sync, "dong-bo"),
        ):
            window.go(screen)
            self.settle(tasks)
            self.take(window, name)
        window.sync.sync()
        self.take(window, "dong-bo-dang-chay")
        self.settle(tasks)
        self.take(window, "dong-bo-loi")
        parcels(self, window, tasks)
        surveying(self, window, tasks)
        papers(self, window, tasks)
        erasing(self, window, tasks, record)
        second_thoughts(self, window, tasks, record)
        backups(self, window, tasks)
        self._close(window, tasks)

    def _conflict(self, window: MainWindow, tasks: Tasks) -> None:
        window.go(window.conflicts)
        self.settle(tasks)
        window.conflicts.pick(1)
        self.take(window, "khac-nhau")
        window.go(window.list)

    def _record(self, window: MainWindow, tasks: Tasks, record: str) -> None:
        window.open_record(record)
        self.settle(tasks)
        self.take(window, "ho-so")
        screen = window.up
        assert isinstance(screen, RecordScreen)
        screen.fields["tax_code"].type("123")
        screen.fields["email"].type("khong phai email")
        screen.save(lambda: None)
        self.take(window, "ho-so-loi")
        for key in ("tax_code", "email"):
            screen.fields[key].open(None)
        for number, name in enumerate(("so-lieu", "phieu", "nhu-cau", "anh", "lich-su"), start=1):
            screen.tabs.setCurrentIndex(number)
            self.settle()
            self.take(window, f"ho-so-{name}")
        dialog = FiguresDialog(window.context, record, None, screen)
        dialog.show()
        self.settle()
        self.take(dialog, "so-lieu-mot-nam")
        dialog.close()
        self._pictures(window, tasks, screen)
        window.back()

    def _pictures(self, window: MainWindow, tasks: Tasks, screen: RecordScreen) -> None:
        rows = screen.attachments.rows
        for shown, name in ((rows[1], "anh-lon"), (rows[-1], "tai-lieu-lon")):
            window.open_attachment(str(screen.record), shown.id)
            self.settle(tasks)
            self.settle(beats=40)  # QPdfView draws its pages on a thread of its own
            self.take(window, name)
            window.back()

    def _survey(self, window: MainWindow, tasks: Tasks, record: str) -> None:
        window.open_survey(Wanted(record))
        self.settle(tasks)
        self.take(window, "phieu-khao-sat")
        screen = window.up
        assert isinstance(screen, SurveyScreen)
        screen.finish_button.click()
        self.settle(tasks)
        self.take(window, "phieu-khao-sat-con-thieu")
        answer(screen)
        self.settle(tasks)
        screen.page.area.ensureWidgetVisible(screen.widgets["machines"])
        self.take(window, "phieu-khao-sat-may-moc")
        screen.finish_button.click()
        self.settle(tasks)
        self.take(window, "phieu-de-nghi-thay-doi")
        assert isinstance(window.up, ProposalsScreen), window.banner.message
        window.up.accept_button.click()
        self.settle(tasks)
        self.take(window, "danh-sach-sau-phieu")

    def _support(self, window: MainWindow, tasks: Tasks, record: str) -> None:
        window.open_support(record)
        self.settle(tasks)
        self.take(window, "muc-ho-tro-chua-hoi")
        screen = window.up
        assert isinstance(screen, SupportScreen)
        screen.cost.setText("1 tỷ 200 triệu")
        screen.rule.setCurrentIndex(screen.rule.findData("KC3.LINE"))
        screen.ask()
        self.settle(tasks)
        self.take(window, "muc-ho-tro")
        screen.fund.setCurrentIndex(1)
        screen.ask()
        self.settle(tasks)
        self.take(window, "muc-ho-tro-tinh-chua-nhap")
        window.back()

    def _need(self, window: MainWindow, tasks: Tasks, record: str) -> None:
        window.open_need(record)
        self.settle(tasks)
        self.take(window, "dang-ky-nhu-cau")
        screen = window.up
        assert isinstance(screen, NeedScreen)
        type_need(screen)
        self.take(window, "dang-ky-nhu-cau-da-ghi")
        screen.save_button.click()
        self.settle(tasks)
        self.settle(beats=40)  # QPdfView draws its pages on a thread of its own
        self.take(window, "xem-truoc")

    def _import(self, window: MainWindow, tasks: Tasks) -> None:
        window.go(window.imports)
        window.imports.read(sample.REGISTER)
        self.settle(tasks)
        self.take(window, "nhap-danh-sach")
        with tempfile.TemporaryDirectory() as folder:
            window.imports.read(sample.old_list(Path(folder) / "danh-sach-cu.xlsx"))
            self.settle(tasks)
        self.take(window, "nhap-danh-sach-da-co")
        window.imports.read(resource_path("icons", "kcdesk.svg"))
        self.settle(tasks)
        self.take(window, "nhap-danh-sach-sai-tep")

    def _window(self, tasks: Tasks) -> MainWindow:
        window = MainWindow(Context(tasks, self._clock))
        window.refresh_standing()
        window.show()
        self.settle(tasks)
        return window

    def _close(self, window: MainWindow, tasks: Tasks) -> None:
        window.close()
        self.settle(tasks)
        window.deleteLater()


def answer(screen: SurveyScreen) -> None:
    """Fill the sheet with the sample answers."""
    text = resource_path("samples", "F01-tra-loi.json").read_text("utf-8")
    for name, value in json.loads(text).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for place, cells in enumerate(value):
                if len(screen.sheet.node(name).rows) <= place:
                    screen.add_row(name)
                row = screen.sheet.node(name).rows[place].path
                for cell, of_cell in cells.items():
                    screen.answer(f"{row}/{cell}", _stored(of_cell))
        else:
            screen.answer(name, _stored(value))
    screen.answer("survey_date", "2026-03-01")


def type_need(screen: NeedScreen) -> None:
    """Type what the form asks."""
    for key, text in NEED.items():
        if key in screen.fields:
            screen.fields[key].type(text)
    for key in screen.fields:
        if not screen.fields[key].text and key in ("signer_name",):
            screen.fields[key].type(sample.PERSON)
    if "main_products" in screen.tables:
        products = screen.tables["main_products"]
        products.add_row()
        for cell, text in (("name", "Gạch không nung"), ("unit", "viên"), ("output", "180.000")):
            products.cell("1", cell).setText(text)
    machines = screen.tables["machines_to_buy"]
    machines.add_row()
    for cell, text in (
        ("name", "Máy ép gạch QT6-15"),
        ("quantity", "1"),
        ("unit_price", "320 triệu"),
    ):
        machines.cell("1", cell).setText(text)


def _stored(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def main() -> int:
    parser = argparse.ArgumentParser(description="Pictures of every screen, from sample data.")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the pictures")
    folder: Path = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    clock = Ticking()
    gallery = Gallery(folder, clock)
    with tempfile.TemporaryDirectory() as temporary:
        mine = sample.Sample(Path(temporary) / "may-1", clock)
        other = sample.Sample(Path(temporary) / "may-2", clock)
        gallery.first_start()
        desk, colleague = mine.create(), other.create(sample.COLLEAGUE)
        gallery.empty_window(mine)
        sample.fill(desk)
        record = sample.disagree(desk, colleague)
        sample.give_out_sheets(desk)
        sample.photograph(desk, record, Path(temporary) / "anh")
        sample.deliver(desk)
        for one in (desk, colleague):
            one.workspace.close()
        gallery.full_window(mine, record)
        rescue(gallery)
    sys.stdout.write(f"{len(gallery.taken)} ảnh trong {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

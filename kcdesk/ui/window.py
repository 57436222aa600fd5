"""The main window: the rail of places, the screen, messages above it, and how the workspace stands below.

Owns which screen is up and what their events lead to. What a screen does is its own.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QStackedWidget, QWidget

from kcdesk.actions import syncing
from kcdesk.actions.accepting_at_once import Finished
from kcdesk.actions.backups import BackupStatus
from kcdesk.actions.leaflets import support_leaflet
from kcdesk.actions.support import SupportQuestion
from kcdesk.actions.syncing import Status
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.background_sync import BackgroundSync
from kcdesk.ui.backing_up import BackupWatch
from kcdesk.ui.rail import Rail, RailPlace
from kcdesk.ui.screens.activity import ActivityScreen
from kcdesk.ui.screens.attachment import AttachmentScreen
from kcdesk.ui.screens.backups import BackupsScreen, standing_text
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.bin import BinScreen
from kcdesk.ui.screens.communes import CommunesScreen
from kcdesk.ui.screens.conflicts import ConflictsScreen
from kcdesk.ui.screens.delivery import in_one_line
from kcdesk.ui.screens.erasing import ErasingScreen
from kcdesk.ui.screens.establishments import EstablishmentsScreen
from kcdesk.ui.screens.importing import ImportScreen
from kcdesk.ui.screens.merging import MergeScreen
from kcdesk.ui.screens.need import NeedScreen
from kcdesk.ui.screens.papers import PapersScreen
from kcdesk.ui.screens.parcels import ParcelsScreen
from kcdesk.ui.screens.proposals import ProposalsScreen
from kcdesk.ui.screens.province_standing import ProvinceStandingScreen
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.round import RoundScreen
from kcdesk.ui.screens.rounds import RoundsScreen
from kcdesk.ui.screens.shown_paper import ShownPaper, of_record, of_survey
from kcdesk.ui.screens.support import SupportScreen
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.screens.syncing import SyncScreen
from kcdesk.ui.sync_runner import Outcome, SyncRunner
from kcdesk.ui.trouble import tell
from kcdesk.ui.widgets.parts import (
    Banner,
    OneLine,
    button,
    column,
    heading,
    label,
    link,
    restyle,
    row,
    shortcut,
)

FORM = "F02"


class MainWindow(QMainWindow):
    """The window of an open workspace. `server`: proposed when joining a province."""

    lock_wanted = Signal()
    other_person_wanted = Signal()
    restore_wanted = Signal(object)
    """A backup is to take the place of the workspace (RestoreWish)."""
    rescue_wanted = Signal()
    """The workspace is damaged and is to be made whole again."""

    def __init__(self, context: Context, *, server: str = "") -> None:
        super().__init__()
        self.context = context
        self.tasks = context.tasks
        self.setWindowTitle("kcdesk")
        self.resize(1366, 768)
        self._trail: list[Screen] = []
        self._may_close = False

        self.list = EstablishmentsScreen(context)
        self.imports = ImportScreen(context)
        self.rounds = RoundsScreen(context)
        self.conflicts = ConflictsScreen(context)
        self.communes = CommunesScreen(context)
        self.sync_runner = SyncRunner(self.tasks, self)
        self.sync = SyncScreen(context, self.sync_runner, server)
        self.papers = PapersScreen(context)
        self.activity = ActivityScreen(context)
        self.bin = BinScreen(context)
        self.backups = BackupsScreen(context)
        self.erasing = ErasingScreen(context)
        self.person = label(wrap=True)
        self.areas = label(quiet=True, wrap=True)
        self.erasing_link = link(self.tr("Xoá dữ liệu theo yêu cầu"), lambda: self.go(self.erasing))
        self.lock_link = link(self.tr("Khoá (Ctrl+L)"), self.lock_wanted.emit)
        self.people_link = link(self.tr("Người khác dùng máy"), self.other_person_wanted.emit)
        self.offer_people(shared=False, locks=False)
        self.rail = Rail(
            (
                RailPlace(self.list, self.tr("Cơ sở"), "F2"),
                RailPlace(self.rounds, self.tr("Khảo sát"), "F10"),
                RailPlace(self.papers, self.tr("Giấy tờ"), "Ctrl+G"),
                RailPlace(self.activity, self.tr("Việc vừa làm"), "F5"),
                RailPlace(self.imports, self.tr("Nhập danh sách"), "F6"),
                RailPlace(self.conflicts, self.tr("Giá trị khác nhau"), "F7"),
                RailPlace(self.communes, self.tr("Chọn xã, phường"), "F8"),
                RailPlace(self.sync, self.tr("Đồng bộ"), "F9"),
                RailPlace(self.bin, self.tr("Thùng rác"), "F11"),
                RailPlace(self.backups, self.tr("Sao lưu, kiểm tra"), "F12"),
            ),
            self.person,
            self.areas,
            self.erasing_link,
            self.lock_link,
            self.people_link,
        )
        self.title: QLabel = heading("", theme.TITLE_PT)
        self.back_button = button(self.tr("Quay lại"), self.back, key="Esc")
        self.banner = Banner()
        self.stack = QStackedWidget()
        page = QWidget()
        head = row(self.title, None, self.back_button)
        body = column(head, self.banner, gap=theme.GAP + theme.TIGHT)
        body.addWidget(self.stack, 1)
        body.setContentsMargins(theme.WIDE, theme.SPACE, theme.WIDE, theme.SPACE)
        page.setLayout(body)
        whole = QWidget()
        both = row(self.rail, gap=0)
        both.addWidget(page, 1)
        whole.setLayout(both)
        self.setCentralWidget(whole)
        self._standing = OneLine()
        self._working = label(quiet=True)
        self.backed_up = label(quiet=True)
        self.backed_up.setContentsMargins(0, 0, theme.SPACE, 0)
        self.statusBar().addWidget(self._standing, 1)
        self.line = label(quiet=True)
        self.line.setContentsMargins(0, 0, theme.SPACE, 0)
        self.statusBar().addPermanentWidget(self.line)
        self.statusBar().addPermanentWidget(self.backed_up)
        self.statusBar().addPermanentWidget(self._working)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(theme.SPACE, theme.TIGHT, theme.SPACE, theme.TIGHT)

        self._places = (*self.rail.screens, self.erasing)
        for screen in self._places:
            self._adopt(screen)
        self.backup_watch = BackupWatch(self.tasks, context.clock, self)
        self.background_sync = BackgroundSync(
            self.tasks, self.sync_runner, context.clock, context.randomness, self
        )
        self._wire()
        self.go(self.list)
        self.tasks.ask(self, syncing.told_at_opening, self._tell_of_opening)

    def offer_people(self, *, shared: bool, locks: bool) -> None:
        """Whether somebody else may sit down here, and whether the window can be locked."""
        self.people_link.setVisible(shared)
        self.lock_link.setVisible(locks)

    @property
    def unsaved(self) -> bool:
        """Whether something typed would be lost with the window."""
        return any(screen.unsaved for screen in self._trail)

    # Moving about

    @property
    def up(self) -> Screen:
        """The screen that is up."""
        return self._trail[-1]

    def go(self, place: Screen) -> None:
        """Leave everything and go to one of the places of the rail."""
        if self._trail and self.up is place:
            if place is self.sync:
                self.sync.sync()
            return

        def arrive() -> None:
            while self._trail:
                self._drop(self._trail.pop())
            self._trail.append(place)
            self._show()

        if self._trail:
            self.up.leave(arrive)
        else:
            arrive()

    def push(self, screen: Screen) -> None:
        """Put a screen on top of the one that is up."""
        self._adopt(screen)
        self._trail.append(screen)
        self._show()

    def back(self) -> None:
        """To the screen below, or the message away, or to the list."""
        if len(self._trail) > 1:
            self.up.leave(self._pop)
        elif self.banner.isVisible():
            self.banner.hide()
        else:
            self.go(self.list)

    def _pop(self) -> None:
        self._drop(self._trail.pop())
        self._show()

    def _replace(self, screen: Screen) -> None:
        """The screen that is up has done its work; another takes its place."""
        self._drop(self._trail.pop())
        self.push(screen)

    def _show(self) -> None:
        screen = self.up
        self.stack.setCurrentWidget(screen)
        self.back_button.setVisible(len(self._trail) > 1)
        self.banner.hide()
        self._retitle()
        self.rail.mark(self._trail[0])
        screen.take_focus()
        screen.entered()

    def _adopt(self, screen: Screen) -> None:
        self.stack.addWidget(screen)
        screen.told.connect(self.banner.show_message)
        screen.retitled.connect(self._retitle)

    def _drop(self, screen: Screen) -> None:
        if screen not in self._places:
            self.stack.removeWidget(screen)
            screen.deleteLater()

    def _retitle(self) -> None:
        if self._trail:
            self.title.setText(self.up.title)

    # What events lead to

    def _wire(self) -> None:
        self.rail.chosen.connect(self._chosen)
        self.list.opened.connect(self.open_record)
        self.list.new_wanted.connect(lambda: self.open_record(""))
        self.list.import_wanted.connect(lambda: self.go(self.imports))
        self.list.pile_drawn.connect(self.open_preview)
        self.papers.paper_wanted.connect(self.open_preview)
        self.papers.record_wanted.connect(self.open_record)
        self.imports.imported.connect(self._imported)
        self.communes.record_wanted.connect(self.open_record)
        self.rounds.survey_wanted.connect(self.open_survey)
        self.rounds.round_wanted.connect(self.open_round)
        self.conflicts.record_wanted.connect(self._open_any)
        self.sync.record_wanted.connect(self._open_any)
        self.sync.parcels_wanted.connect(self.open_parcels)
        self.sync.province_wanted.connect(self.open_province)
        self.backups.restore_wanted.connect(self.restore_wanted)
        self.backups.rescue_wanted.connect(self.rescue_wanted)
        self.backups.told_of_damage.connect(self.show_trouble)
        for source in (self.backups.status_known, self.backup_watch.known):
            source.connect(self._show_backups)
        self.backup_watch.failed.connect(self._backup_failed)
        self.backup_watch.learn()
        self.sync.settings_changed.connect(self.refresh_standing)
        self.sync_runner.began.connect(lambda: self._on_the_line(self.tr("Đang đồng bộ…")))
        self.sync_runner.progressed.connect(self._syncing)
        self.sync_runner.ended.connect(self._synced)
        self.background_sync.line.connect(self._on_the_line)
        self.background_sync.brought.connect(self._news)
        self.background_sync.remark.connect(lambda said: self.banner.show_message("warning", said))
        self.background_sync.needs_person.connect(self.show_trouble)
        self.tasks.changed.connect(self._touched)
        self.tasks.trouble.connect(self.show_trouble)
        self.tasks.busy.connect(self._busy)
        shortcut(self, "Ctrl+Q", self.close)
        shortcut(self, "Ctrl+L", self.lock_wanted.emit)

    def open_record(self, record: str) -> None:
        """The page of an establishment; an empty one for ""."""
        screen = RecordScreen(self.context, record or None)
        screen.survey_wanted.connect(self.open_survey)
        screen.need_wanted.connect(self.open_need)
        screen.paper_wanted.connect(self.open_paper)
        screen.attachment_wanted.connect(self.open_attachment)
        screen.record_wanted.connect(self.open_record)
        screen.merge_wanted.connect(self.open_merge)
        screen.support_wanted.connect(self.open_support)
        screen.finished.connect(lambda: self._finished(screen))
        self.push(screen)

    def open_support(self, establishment: str) -> None:
        """What an establishment can get."""
        screen = SupportScreen(self.context, establishment)
        screen.leaflet_wanted.connect(lambda question: self._open_leaflet(question, establishment))
        self.push(screen)

    def _open_leaflet(self, question: SupportQuestion, establishment: str) -> None:
        draw = partial(support_leaflet, question=question, establishment=establishment)
        self.open_preview(ShownPaper(self.tr("Tờ thông tin mức hỗ trợ"), draw))

    def open_parcels(self) -> None:
        """Exchange by USB stick."""
        self.push(ParcelsScreen(self.context))

    def open_province(self) -> None:
        """How the devices and communes of the province stand."""
        self.push(ProvinceStandingScreen(self.context))

    def open_merge(self, establishment: str) -> None:
        screen = MergeScreen(self.context, establishment)
        screen.finished.connect(lambda: self._finished(screen))
        self.push(screen)

    def open_survey(self, wanted: Wanted) -> None:
        self.push(self._survey(wanted))

    def _survey(self, wanted: Wanted) -> SurveyScreen:
        screen = SurveyScreen(self.context, wanted)
        screen.proposed.connect(self._open_proposals)
        screen.paper_wanted.connect(self.open_sheet_paper)
        screen.carried.connect(lambda newer: self._replace(self._survey(newer)))
        return screen

    def open_round(self, round_id: str) -> None:
        screen = RoundScreen(self.context, round_id)
        screen.survey_wanted.connect(self.open_survey)
        screen.record_wanted.connect(self.open_record)
        self.push(screen)

    def open_need(self, establishment: str) -> None:
        screen = NeedScreen(self.context, establishment)
        screen.registered.connect(self._registered)
        self.push(screen)

    def open_attachment(self, establishment: str, attachment: str) -> None:
        screen = AttachmentScreen(self.context, establishment, attachment)
        screen.finished.connect(lambda: self._finished(screen))
        self.push(screen)

    def _finished(self, screen: Screen) -> None:
        if self.up is screen:
            self._back_with_message()

    def open_paper(self, record: str) -> None:
        """The paper of a need, or of an establishment with one need."""
        self.open_preview(self._application(record))

    def open_preview(self, paper: ShownPaper) -> None:
        """A paper, from memory."""
        self.push(self._preview(paper))

    def _open_proposals(self, finished: Finished) -> None:
        screen = ProposalsScreen(self.context, finished)
        screen.settled.connect(lambda _: self._back_with_message())
        self._replace(screen)

    def _registered(self, need: str) -> None:
        self._replace(self._preview(self._application(need)))

    def _application(self, record: str) -> ShownPaper:
        return of_record(self.tr("Xem trước đơn {0}").format(FORM), FORM, record)

    def _preview(self, paper: ShownPaper) -> Screen:
        from kcdesk.ui.screens.preview import PreviewScreen  # noqa: PLC0415 -- loads QtPdf

        return PreviewScreen(self.context, paper)

    def open_sheet_paper(self, survey: str, title: str) -> None:
        """A survey on paper."""
        self.open_preview(of_survey(title, survey))

    def _back_with_message(self) -> None:
        """Back, and keep what the screen has just said."""
        said = self.banner.isVisible(), self.banner.message, self.banner.hint
        self._pop()
        if said[0]:
            self.banner.show_message("good", said[1], said[2])

    def _imported(self, _: int) -> None:
        message, hint = self.banner.message, self.banner.hint
        self.go(self.list)
        self.banner.show_message("good", message, hint)

    def _open_any(self, kind: str, record: str) -> None:
        """A record of any kind: that of its establishment is opened."""
        if kind == ESTABLISHMENTS.name:
            self.open_record(record)
            return
        from kcdesk.actions.records import open_record  # noqa: PLC0415

        self.tasks.ask(
            self,
            lambda desk: str(open_record(desk, kind, record).get("establishment") or ""),
            self._open_found,
        )

    def _open_found(self, establishment: str) -> None:
        if establishment:
            self.open_record(establishment)

    def _touched(self, kinds: frozenset[str]) -> None:
        self.up.touched(kinds)
        self.refresh_standing()

    def show_trouble(self, error: BaseException) -> None:
        """Say what went wrong above the screen; of a damaged file, where the way out is."""
        told = tell(error)
        hint = told.hint
        if isinstance(error, KcdeskError) and error.code == "damaged":
            self.backups.offer_rescue()
            hint = self.tr("Đừng nhập tiếp. Mở “Sao lưu, kiểm tra” (F12) rồi bấm “Cứu dữ liệu”.")
        self.banner.show_message("error", told.message, hint)

    # Rail and status

    def refresh_standing(self) -> None:
        """Ask how the workspace stands, for the rail and the line below."""
        self.tasks.ask(self, syncing.status, self._show_standing)

    def _show_standing(self, status: Status) -> None:
        self.person.setText(status.person)
        self.areas.setText("; ".join(name for _, name in status.areas))
        self.erasing_link.setVisible(status.may_erase)
        self.rail.show_waiting(
            {self.conflicts: status.conflicts, self.communes: status.undecided_communes}
        )
        self._standing.setText(in_one_line(self, status))
        restyle(self._standing, "note", "error" if status.late else "")
        self.background_sync.know(status)

    def _on_the_line(self, said: str, in_full: str = "") -> None:
        """What is said of the exchange below the window, where it disturbs nobody."""
        self.line.setText(said)
        self.line.setToolTip(in_full)

    def _syncing(self, _phase: str, done: int, total: int) -> None:
        self.line.setText(self.tr("Đang đồng bộ… {0} %").format(100 * done // max(total, 1)))

    def _synced(self, outcome: Outcome) -> None:
        if not outcome.asked:  # otherwise everything is read again
            self.refresh_standing()

    def _news(self) -> None:
        self.up.news()

    def _show_backups(self, status: BackupStatus) -> None:
        self.backed_up.setText(standing_text(self, status, self.context.today))

    def _backup_failed(self, error: KcdeskError) -> None:
        said = self.tr("Chưa tự sao lưu được: {0}").format(error.message)
        if error.code == "damaged":
            self.show_trouble(error)
        else:
            self.banner.show_message("warning", said, error.hint)

    def _tell_of_opening(self, told: list[str]) -> None:
        """What opening the workspace found: that it is a copy, that this computer cannot remember it."""
        if told:
            self.banner.show_message("warning", told[0], " ".join(told[1:]))

    def _busy(self, busy: bool) -> None:
        self._working.setText(self.tr("Đang làm…") if busy else "")

    def _chosen(self, place: Screen) -> None:
        self.go(place)
        self.rail.mark(self._trail[0])  # somebody may have chosen to stay

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close or not self._trail:
            event.accept()
            self.tasks.close()
            return
        event.ignore()
        self.up.leave(self._close_now)

    def _close_now(self) -> None:
        self._may_close = True
        QTimer.singleShot(0, self.close)  # a window that is closing does not close again

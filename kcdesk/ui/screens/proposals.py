"""What a finished sheet changes in the records: old beside new, accepted with one key, or shown when it was at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from kcdesk.actions.accepting_at_once import (
    Finished,
    accepts_at_once,
    may_accept,
    set_accepts_at_once,
)
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.actions.survey_proposals import Proposal, accept_proposals
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.widgets.parts import Empty, button, card, column, label, row, scrolled


class ProposalsScreen(Screen):
    """Event: the sheet is settled; the id of its establishment."""

    settled = Signal(str)

    def __init__(self, context: Context, finished: Finished) -> None:
        super().__init__(context)
        self._finished = finished
        self._survey = finished.survey
        proposals, accepted = finished.proposals, finished.accepted
        self.entitle(
            self.tr("Phiếu đã xong và đã nhận vào hồ sơ")
            if accepted
            else self.tr("Phiếu đã xong: đưa câu trả lời vào hồ sơ")
        )
        self.choices: list[tuple[QCheckBox, Proposal]] = []
        asks = bool(proposals) and not accepted
        self.accept_button = button(
            self.tr("Nhận vào hồ sơ") if asks else self.tr("Xong"),
            self._accept,
            key="Return",
            main=True,
        )
        later = button(self.tr("Để sau"), lambda: self.settled.emit(self._survey.establishment))
        what = label(self._what(), wrap=True)
        self.at_once = QCheckBox(self.tr("Nhận luôn các phiếu sau, không hỏi từng mục"))
        self.at_once.setChecked(accepted)
        self.at_once.clicked.connect(self._set_at_once)
        self.at_once.hide()
        content: QWidget
        if proposals:
            content = QWidget()
            content.setLayout(column(card(self._grid(proposals)), None))
            content = scrolled(content)
        else:
            content = Empty(*self._nothing())
            what.hide()
        top = row(gap=theme.GAP)
        top.addWidget(what, 1)
        top.addWidget(later)
        top.addWidget(self.accept_button)
        whole = column(top, self.at_once, gap=theme.SPACE)
        whole.addWidget(content, 1)
        self.setLayout(whole)
        later.setVisible(asks)

    def entered(self) -> None:
        self.accept_button.setFocus()

        def asked(desk: Desk) -> tuple[bool, bool]:
            return may_accept(desk), accepts_at_once(desk)

        def show(found: tuple[bool, bool]) -> None:
            may, at_once = found
            self.at_once.setVisible(may and not self._survey.trial)
            self.at_once.setChecked(at_once)

        self.tasks.ask(self, asked, show)

    def _what(self) -> str:
        count = len(self._finished.proposals)
        if self._finished.accepted:
            return self.tr("Đã nhận luôn {0} mục theo thiết lập. Bấm Enter để đóng.").format(count)
        return self.tr(
            "Phiếu nói khác hồ sơ ở {0} mục. Bỏ dấu ở mục không muốn nhận, rồi bấm Enter."
        ).format(count)

    def _nothing(self) -> tuple[str, str]:
        if self._survey.trial:
            return (
                self.tr("Phiếu theo mẫu thử"),
                self.tr("Câu trả lời được giữ lại, không đưa vào hồ sơ. Bấm Enter để đóng phiếu."),
            )
        return (
            self.tr("Phiếu nói giống hồ sơ"),
            self.tr("Không có gì phải thay đổi. Bấm Enter để đóng phiếu."),
        )

    def _grid(self, proposals: tuple[Proposal, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE)
        grid.setVerticalSpacing(theme.GAP)
        before = self.tr("Trước") if self._finished.accepted else self.tr("Hồ sơ đang ghi")
        after = self.tr("Nay ghi") if self._finished.accepted else self.tr("Phiếu ghi")
        for place, head in enumerate((self.tr("Mục"), before, after)):
            grid.addWidget(label(head, quiet=True), 0, place)
        for line, proposal in enumerate(proposals, start=1):
            choice = QCheckBox(proposal.label)
            choice.setChecked(True)
            choice.setEnabled(not self._finished.accepted)
            self.choices.append((choice, proposal))
            old = label(proposal.old_shown or self.tr("(trống)"), quiet=True, wrap=True)
            new = label(proposal.new_shown or self.tr("(trống)"), wrap=True)
            grid.addWidget(choice, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(old, line, 1)
            grid.addWidget(new, line, 2)
        for place, part in enumerate((2, 3, 3)):
            grid.setColumnStretch(place, part)
        return grid

    def _set_at_once(self, at_once: bool) -> None:
        self.tasks.ask(self, lambda desk: set_accepts_at_once(desk, at_once), lambda _: None)

    def _accept(self) -> None:
        accepted = [proposal for choice, proposal in self.choices if choice.isChecked()]
        survey = self._survey
        if survey.trial or self._finished.accepted:
            self.settled.emit(survey.establishment)
            return

        def done(_: Saved) -> None:
            self.told.emit(
                "good",
                self.tr("Đã nhận {0} mục của phiếu vào hồ sơ.").format(len(accepted)),
                "",
            )
            self.settled.emit(survey.establishment)

        self.accept_button.setEnabled(False)
        self.tasks.ask(self, lambda desk: accept_proposals(desk, survey, accepted), done)

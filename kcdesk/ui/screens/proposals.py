"""What a finished sheet would change in the records: old beside new, accepted with one key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from kcdesk.actions.records import Saved
from kcdesk.actions.survey_proposals import Proposal, accept_proposals
from kcdesk.actions.surveys import OpenSurvey
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.widgets.parts import Empty, button, card, column, label, row, scrolled


class ProposalsScreen(Screen):
    """Event: the sheet is settled; the id of its establishment."""

    settled = Signal(str)

    def __init__(self, context: Context, survey: OpenSurvey, proposals: list[Proposal]) -> None:
        super().__init__(context)
        self.entitle(self.tr("Phiếu đã xong: đưa câu trả lời vào hồ sơ"))
        self._survey = survey
        self.choices: list[tuple[QCheckBox, Proposal]] = []
        self.accept_button = button(
            self.tr("Nhận vào hồ sơ") if proposals else self.tr("Xong"),
            self._accept,
            key="Return",
            main=True,
        )
        later = button(self.tr("Để sau"), lambda: self.settled.emit(survey.establishment))
        what = label(
            self.tr(
                "Phiếu nói khác hồ sơ ở {0} mục. Bỏ dấu ở mục không muốn nhận, rồi bấm Enter."
            ).format(len(proposals)),
            wrap=True,
        )
        content: QWidget
        if proposals:
            content = QWidget()
            content.setLayout(column(card(self._grid(proposals)), None))
            content = scrolled(content)
        else:
            content = Empty(
                self.tr("Phiếu theo mẫu thử") if survey.trial else self.tr("Phiếu nói giống hồ sơ"),
                self.tr("Câu trả lời được giữ lại, không đưa vào hồ sơ. Bấm Enter để đóng phiếu.")
                if survey.trial
                else self.tr("Không có gì phải thay đổi. Bấm Enter để đóng phiếu."),
            )
            what.hide()
        top = row(gap=theme.GAP)
        top.addWidget(what, 1)
        top.addWidget(later)
        top.addWidget(self.accept_button)
        whole = column(top, gap=theme.SPACE)
        whole.addWidget(content, 1)
        self.setLayout(whole)
        later.setVisible(bool(proposals))

    def entered(self) -> None:
        self.accept_button.setFocus()

    def _grid(self, proposals: list[Proposal]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE)
        grid.setVerticalSpacing(theme.GAP)
        heads = (self.tr("Mục"), self.tr("Hồ sơ đang ghi"), self.tr("Phiếu ghi"))
        for place, head in enumerate(heads):
            grid.addWidget(label(head, quiet=True), 0, place)
        for line, proposal in enumerate(proposals, start=1):
            choice = QCheckBox(proposal.label)
            choice.setChecked(True)
            self.choices.append((choice, proposal))
            old = label(proposal.old_shown or self.tr("(trống)"), quiet=True, wrap=True)
            new = label(proposal.new_shown or self.tr("(trống)"), wrap=True)
            grid.addWidget(choice, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(old, line, 1)
            grid.addWidget(new, line, 2)
        for place, part in enumerate((2, 3, 3)):
            grid.setColumnStretch(place, part)
        return grid

    def _accept(self) -> None:
        accepted = [proposal for choice, proposal in self.choices if choice.isChecked()]
        survey = self._survey
        if survey.trial:
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

"""What can I get? A rule, a cost and a day in; the amount, what is left to pay and the law out, and a leaflet of it."""

from __future__ import annotations

import datetime
from html import escape
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.leaflets import SupportChoices, support_choices, support_in_words
from kcdesk.actions.support import Part, SupportQuestion
from kcdesk.domain.code_lists import Fund
from kcdesk.domain.codes import check_date
from kcdesk.domain.money import check_money
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.widgets.parts import button, card, column, label, row, scrolled

W = TypeVar("W", bound=QWidget)


class SupportScreen(Screen):
    """Event: a leaflet is wanted of what was asked (SupportQuestion). `establishment`: for whom, where it is known."""

    leaflet_wanted = Signal(object)

    def __init__(self, context: Context, establishment: str | None = None) -> None:
        super().__init__(context)
        self.entitle(self.tr("Được hỗ trợ bao nhiêu?"))
        self._establishment = establishment
        self.question: SupportQuestion | None = None
        self.rule = _named(QComboBox(), self.tr("Nội dung"))
        self.rule.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.rule.setMinimumContentsLength(20)
        self.rule.currentTextChanged.connect(self.rule.setToolTip)
        self.fund = _named(QComboBox(), self.tr("Nguồn kinh phí"))
        for fund in Fund:
            self.fund.addItem(fund.label, fund.value)
        self.province = _named(QComboBox(), self.tr("Tỉnh"))
        self.cost = _named(QLineEdit(), self.tr("Chi phí hợp lệ"))
        self.cost.setPlaceholderText(self.tr("ví dụ 500 triệu"))
        self.units = _named(QSpinBox(), self.tr("Số lượng"))
        self.units.setRange(1, 9_999)
        self.units.setMinimumHeight(theme.ROW_HEIGHT)
        self.approved_on = _named(QLineEdit(f"{context.today:%d/%m/%Y}"), self.tr("Ngày phê duyệt"))
        self.registered_on = _named(QLineEdit(), self.tr("Ngày đăng ký"))
        self.registered_on.setPlaceholderText(self.tr("nếu đã đăng ký"))
        form = QFormLayout()
        form.setSpacing(theme.GAP)
        for editor in (
            self.rule,
            self.fund,
            self.province,
            self.cost,
            self.units,
            self.approved_on,
            self.registered_on,
        ):
            form.addRow(editor.accessibleName(), editor)
        self.ask_button = button(self.tr("Tính"), self.ask, key="Return", main=True)
        self.print_button = button(self.tr("Tờ thông tin"), self._want_leaflet, key="Ctrl+P")
        self.print_button.setEnabled(False)
        asked = QWidget()
        asked.setLayout(form)
        question = card(asked, row(None, self.print_button, self.ask_button), None)
        question.setFixedWidth(theme.FIELD_WIDTH + theme.LABEL_WIDTH // 2)
        self.answer = label(wrap=True)
        self.answer.setTextFormat(Qt.TextFormat.RichText)
        self.answer.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.answer.setAccessibleName(self.tr("Trả lời"))
        self.answer.setAlignment(Qt.AlignmentFlag.AlignTop)
        both = row(question, gap=theme.SPACE)
        both.addWidget(scrolled(card(self.answer, None)), 1)
        self.setLayout(column(both))
        self.fund.currentIndexChanged.connect(self._fund_chosen)
        self._say_nothing_yet()

    def entered(self) -> None:
        if self.rule.count() == 0:
            establishment = self._establishment
            self.tasks.ask(self, lambda desk: support_choices(desk, establishment), self._offer)

    def take_focus(self) -> None:
        self.cost.setFocus()

    def ask(self) -> None:
        """Answer what stands in the form."""
        question = self._typed()
        if question is None:
            return
        establishment = self._establishment

        def work(desk: Desk) -> list[Part]:
            return support_in_words(desk, question, establishment)

        def done(parts: list[Part]) -> None:
            self.question = question
            self.answer.setText("".join(map(_as_html, parts)))
            self.print_button.setEnabled(True)

        self.tasks.ask(self, work, done, failed=self._refused)

    def _offer(self, choices: SupportChoices) -> None:
        for code, name in choices.rules:
            self.rule.addItem(f"{name} ({code})", code)
        self.rule.setCurrentIndex(max(0, self.rule.findData("KC3.MACHINERY")))
        for code, name in choices.provinces:
            self.province.addItem(name, code)
        self.province.setCurrentIndex(self.province.findData(choices.province))
        self._fund_chosen()

    def _fund_chosen(self) -> None:
        self.province.setEnabled(self.fund.currentData() == Fund.KCDP.value)

    def _typed(self) -> SupportQuestion | None:
        """What is asked; None, with a sentence about it, where something is not right."""
        cost = check_money(self.cost.text())
        approved_on, registered_on = (
            check_date(editor.text(), field="") for editor in (self.approved_on, self.registered_on)
        )
        for editor, checked, needed in (
            (self.cost, cost, True),
            (self.approved_on, approved_on, True),
            (self.registered_on, registered_on, False),
        ):
            if checked.value is None and (needed or checked.findings):
                name = editor.accessibleName().lower()
                said = [finding.message for finding in checked.findings]
                self.told.emit(
                    "error", said[0] if said else self.tr("Chưa ghi {0}.").format(name), ""
                )
                editor.setFocus()
                return None
        assert cost.value is not None
        assert approved_on.value is not None
        fund = Fund.of(str(self.fund.currentData()))
        return SupportQuestion(
            str(self.rule.currentData()),
            fund,
            str(self.province.currentData()) if fund is Fund.KCDP else None,
            cost.value,
            datetime.date.fromisoformat(approved_on.value),
            self.units.value(),
            datetime.date.fromisoformat(registered_on.value) if registered_on.value else None,
        )

    def _refused(self, error: KcdeskError) -> None:
        self.question = None
        self.print_button.setEnabled(False)
        self.answer.setText(_as_html((error.message, [error.hint])))

    def _say_nothing_yet(self) -> None:
        self.answer.setText(
            escape(
                self.tr("Ghi chi phí rồi bấm Tính: mức hỗ trợ, vốn đối ứng và căn cứ hiện ở đây.")
            )
        )

    def _want_leaflet(self) -> None:
        if self.question is not None:
            self.leaflet_wanted.emit(self.question)


def _as_html(part: Part) -> str:
    heading, sentences = part
    body = "".join(f"<p style='margin:4px 0'>{escape(sentence)}</p>" for sentence in sentences)
    return f"<p style='margin:12px 0 4px 0'><b>{escape(heading)}</b></p>{body}"


def _named(editor: W, name: str) -> W:
    editor.setAccessibleName(name)
    return editor

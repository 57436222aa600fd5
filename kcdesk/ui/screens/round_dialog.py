"""A new survey round: its name, questionnaire, day, person, and the communes whose establishments it takes."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current
from kcdesk.actions.questionnaires import QuestionnaireInfo
from kcdesk.actions.rounds import CommuneChoice, communes_to_choose, establishments_in, give_out
from kcdesk.domain.codes import check_date
from kcdesk.domain.money import format_vnd
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context
from kcdesk.ui.widgets.parts import column, label


class RoundDialog(QDialog):
    """Asks for a round and gives its sheets out. Closes when that is done."""

    told = Signal(str, str, str)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.setWindowTitle(self.tr("Tạo đợt khảo sát"))
        self.resize(640, 560)
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("ví dụ: Khảo sát nhu cầu năm 2027"))
        self.questionnaire = QComboBox()
        self.due = QLineEdit()
        self.due.setPlaceholderText("dd/mm/yyyy")
        self.person = QLineEdit()
        self.person.setPlaceholderText(self.tr("họ tên; để trống thì ai cũng thấy"))
        self.communes = QListWidget()
        self.communes.itemChanged.connect(lambda _: self._count())
        self._counted = label(quiet=True)
        form = QFormLayout()
        form.setSpacing(theme.GAP)
        for text, editor in (
            (self.tr("Tên đợt"), self.name),
            (self.tr("Mẫu phiếu"), self.questionnaire),
            (self.tr("Hạn"), self.due),
            (self.tr("Giao cho"), self.person),
            (self.tr("Xã, phường"), self.communes),
        ):
            editor.setAccessibleName(text)
            form.addRow(text, editor)
        self._trouble = label(wrap=True)
        self._trouble.setProperty("note", "error")
        self._trouble.hide()
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        self.buttons.button(kinds.Save).setText(self.tr("Tạo đợt"))
        self.buttons.button(kinds.Cancel).setText(self.tr("Thôi"))
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        self.setLayout(column(form, self._counted, self._trouble, self.buttons, margin=theme.SPACE))
        context.tasks.ask(self, _choices, self._offer)

    @property
    def chosen(self) -> list[str]:
        """The codes of the ticked communes."""
        items = [self.communes.item(number) for number in range(self.communes.count())]
        ticked = [item for item in items if item.checkState() is Qt.CheckState.Checked]
        return [str(item.data(Qt.ItemDataRole.UserRole)) for item in ticked]

    def save(self) -> None:
        """Give the sheets out, or say beside the buttons why not."""
        due: datetime.date | None = None
        if self.due.text().strip():
            checked = check_date(self.due.text(), field="due_on")
            if checked.value is None:
                self._say(checked.findings[0].message)
                self.due.setFocus()
                return
            due = datetime.date.fromisoformat(checked.value)
        title, person, communes = self.name.text(), self.person.text(), self.chosen
        questionnaire = str(self.questionnaire.currentData() or "")

        def work(desk: Desk) -> int:
            of = establishments_in(desk, communes)
            _, saved = give_out(desk, title, questionnaire, of, due_on=due, assigned_to=person)
            return len(saved.records)

        def done(count: int) -> None:
            self.told.emit(
                "good", self.tr("Đã giao phiếu cho {0} cơ sở.").format(format_vnd(count)), ""
            )
            self.accept()

        def failed(error: KcdeskError) -> None:
            self._say(f"{error.message} {error.hint}")

        touches = frozenset(("round_sheets",))
        self._context.tasks.ask(self, work, done, failed=failed, touches=touches)

    def _offer(self, found: tuple[Sequence[QuestionnaireInfo], Sequence[CommuneChoice]]) -> None:
        forms, communes = found
        for one in forms:
            self.questionnaire.addItem(one.name, one.id)
        self.questionnaire.setCurrentIndex(max(self.questionnaire.findData("F01"), 0))
        self._sizes = {commune.code: commune.establishments for commune in communes}
        for commune in communes:
            item = QListWidgetItem(f"{commune.name} ({format_vnd(commune.establishments)})")
            item.setData(Qt.ItemDataRole.UserRole, commune.code)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.communes.addItem(item)
        self._count()

    def _count(self) -> None:
        total = sum(self._sizes[code] for code in self.chosen)
        self._counted.setText(
            self.tr("{0} cơ sở trong {1} xã, phường đã chọn (phím cách để chọn)").format(
                format_vnd(total), len(self.chosen)
            )
        )

    def _say(self, sentence: str) -> None:
        self._trouble.setText(sentence)
        self._trouble.show()


def _choices(desk: Desk) -> tuple[Sequence[QuestionnaireInfo], Sequence[CommuneChoice]]:
    offered = [one for one in current(desk).questionnaires() if not one.trial]
    return offered, communes_to_choose(desk)

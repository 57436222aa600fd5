"""The questionnaires that can be filled in, on one page; workbooks are added and taken away again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QMessageBox,
    QPlainTextEdit,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current
from kcdesk.actions.own_questionnaires import add_questionnaire, remove_questionnaire
from kcdesk.actions.questionnaires import QuestionnaireInfo
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column
from kcdesk.ui.screens.base import Screen
from kcdesk.ui.screens.record_parts import ListPage
from kcdesk.ui.widgets.parts import button, column, label

_TOUCHES = frozenset(("surveys",))


class QuestionnairesPage(ListPage):
    """A page of `screen`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        tr = screen.tr
        self.add_button = button(tr("Thêm mẫu…"), self.choose_file, key="Ctrl+O")
        self.remove_button = button(tr("Bỏ mẫu"), self.ask_to_remove, key="Del")
        super().__init__(
            tr("Mẫu phiếu"),
            [
                Column(tr("Mã"), lambda one: one.id, 160),
                Column(tr("Tên"), lambda one: one.title),
                Column(tr("Phiên bản"), lambda one: one.version, 150),
                Column(
                    tr("Dùng thế nào"),
                    self._source,
                    280,
                    colour=lambda one: theme.WARN if one.trial else None,
                ),
            ],
            tr("Chưa có mẫu phiếu nào."),
            self.add_button,
            self.remove_button,
        )

    def read(self) -> None:
        """Show what can be filled in now."""
        self._screen.tasks.ask(
            self._screen, lambda desk: current(desk).questionnaires(), self._show
        )

    def choose_file(self) -> None:
        dialog = QFileDialog(self._screen, self._screen.tr("Thêm mẫu phiếu"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter("XLSForm (*.xlsx)")
        dialog.fileSelected.connect(lambda chosen: self.add(Path(chosen)))
        dialog.open()

    def add(self, path: Path) -> None:
        """Add the workbook of a file, or show everything that is wrong in it."""
        tr = self._screen.tr

        def done(info: QuestionnaireInfo) -> None:
            told = tr("Đã thêm mẫu phiếu {0}, phiên bản {1}.").format(info.id, info.version)
            hint = tr("Đây là mẫu thử: không vào báo cáo, không làm thay đổi hồ sơ cơ sở.")
            tone = "warning" if info.trial else "good"
            self._screen.told.emit(tone, told, hint if info.trial else "")
            self.read()

        def failed(error: KcdeskError) -> None:
            if len(error.details) > 1:
                ProblemsDialog(self._screen, path.name, error).open()
            else:
                self._tell(error)

        def work(desk: Desk) -> QuestionnaireInfo:
            return add_questionnaire(desk, path)

        self._screen.tasks.ask(self._screen, work, done, failed=failed, touches=_TOUCHES)

    def ask_to_remove(self) -> None:
        """Ask, then take the chosen questionnaire away."""
        one: QuestionnaireInfo | None = self.table.current()
        if one is None or not one.own:
            return
        tr = self._screen.tr
        kinds = QMessageBox.StandardButton
        box = QMessageBox(self._screen)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("Bỏ mẫu phiếu"))
        box.setText(tr("Bỏ mẫu phiếu {0}?").format(one.id))
        box.setInformativeText(tr("Phiếu đã ghi theo mẫu này vẫn mở và in được."))
        box.setStandardButtons(kinds.Yes | kinds.Cancel)
        box.button(kinds.Yes).setText(tr("Bỏ mẫu"))
        box.button(kinds.Cancel).setText(tr("Thôi"))
        box.accepted.connect(lambda: self.remove(one.id))
        box.open()

    def remove(self, questionnaire: str) -> None:
        """Take a questionnaire away."""

        def done(_: None) -> None:
            told = self._screen.tr("Đã bỏ mẫu phiếu {0}.").format(questionnaire)
            self._screen.told.emit("good", told, "")
            self.read()

        def work(desk: Desk) -> None:
            remove_questionnaire(desk, questionnaire)

        self._screen.tasks.ask(self._screen, work, done, failed=self._tell, touches=_TOUCHES)

    def _show(self, found: Sequence[QuestionnaireInfo]) -> None:
        at = max(self.table.currentIndex().row(), 0)
        self.set_rows(found)
        self.table.selectRow(min(at, len(found) - 1))
        self.remove_button.setEnabled(any(one.own for one in found))

    def _source(self, one: QuestionnaireInfo) -> str:
        if one.trial:
            return self._screen.tr("Mẫu thử, không vào báo cáo")
        return (
            self._screen.tr("Tự thêm") if one.own else self._screen.tr("Kèm chương trình hoặc tỉnh")
        )

    def _tell(self, error: KcdeskError) -> None:
        self._screen.told.emit("error", error.message, error.hint)


class ProblemsDialog(QDialog):
    """Everything that is wrong with a workbook, to be read beside it and copied."""

    def __init__(self, parent: QWidget, file: str, error: KcdeskError) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Mẫu phiếu có lỗi"))
        self.resize(760, 420)
        self.text = QPlainTextEdit("\n".join(str(each["sentence"]) for each in error.details))
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Các lỗi"))
        head = self.tr("Chưa thêm được “{0}”: {1} lỗi. {2}").format(
            file, len(error.details), error.hint
        )
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Close)
        buttons.button(kinds.Close).setText(self.tr("Đóng"))
        buttons.rejected.connect(self.reject)
        self.setLayout(column(label(head, wrap=True), self.text, buttons, margin=theme.SPACE))

"""Giving answered sheets out from the window: labels or names, how several choices are written, whose numbers.

What stands in the file is `actions.sheet_export`'s.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QWidget,
)

from kcdesk.actions.desk import Desk
from kcdesk.actions.sheet_export import Exported, Style, export_sheets
from kcdesk.actions.sheet_lists import SheetFilter
from kcdesk.domain.money import format_vnd
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context
from kcdesk.ui.screens.working import WorkingDialog
from kcdesk.ui.tasks import Running
from kcdesk.ui.widgets.parts import button, column, label, row

_FILTERS = {"Excel (*.xlsx)": ".xlsx", "CSV (*.csv)": ".csv"}
_WIDTH = 560


class SheetExportDialog(WorkingDialog):
    """The sheets that `wanted` takes as a file; `shown`: how many they are."""

    def __init__(self, context: Context, parent: QWidget, wanted: SheetFilter, shown: int) -> None:
        super().__init__(context, parent)
        self._wanted = wanted
        self.setWindowTitle(self.tr("Xuất phiếu"))
        self.setFixedWidth(_WIDTH)
        self.words = QComboBox()
        self.words.addItem(self.tr("Nhãn, như người đọc thấy"), True)
        self.words.addItem(self.tr("Tên, để chương trình khác đọc"), False)
        self.several = QComboBox()
        for text, ways in (
            (self.tr("Một cột"), (True, False)),
            (self.tr("Mỗi lựa chọn một cột (1 hoặc 0)"), (False, True)),
            (self.tr("Cả hai"), (True, True)),
        ):
            self.several.addItem(text, ways)
        self.personal = QCheckBox(self.tr("Kèm số CCCD, điện thoại, email"))
        form = QFormLayout()
        form.setSpacing(theme.GAP)
        for text, editor in (
            (self.tr("Câu hỏi và lựa chọn ghi bằng"), self.words),
            (self.tr("Câu chọn nhiều ghi thành"), self.several),
        ):
            editor.setAccessibleName(text)
            form.addRow(text, editor)
        what = label(
            self.tr("{0} phiếu đang hiện. Bảng lặp nằm ở trang riêng, có mã phiếu.").format(
                format_vnd(shown)
            ),
            wrap=True,
        )
        warning = label(
            self.tr(
                "Tệp xuất ra nằm ngoài phần dữ liệu được mã hoá: ai mở máy cũng đọc được. "
                "Chỉ kèm thông tin cá nhân khi thật cần."
            ),
            quiet=True,
            wrap=True,
        )
        self.choose_button = button(self.tr("Chọn chỗ lưu…"), self._choose_file, main=True)
        self._how = QWidget()
        self._how.setLayout(column(form, self.personal))
        self.setLayout(
            column(
                what,
                self._how,
                warning,
                self.progress,
                row(None, self.cancel_button, self.choose_button),
                gap=theme.SPACE,
                margin=theme.SPACE,
            )
        )
        self.choose_button.setDefault(True)
        self.choose_button.setFocus()

    @property
    def style_chosen(self) -> Style:
        one, each = self.several.currentData()
        return Style(
            labels=bool(self.words.currentData()),
            one=one,
            each=each,
            personal=self.personal.isChecked(),
        )

    def write(self, path: Path) -> None:
        """Write the sheets into a file, away from the window's thread."""
        wanted, style = self._wanted, self.style_chosen

        def work(desk: Desk, running: Running) -> Exported:
            return export_sheets(
                desk,
                path,
                wanted,
                style,
                progress=lambda done, total: running.progress("sheets", done, total),
            )

        def done(written: Exported) -> None:
            self.ended()
            told = self.tr("Đã ghi {0} phiếu ra tệp {1}.").format(
                format_vnd(written.sheets), path.name
            )
            hint = self.tr("Tệp này không mã hoá.")
            if written.unreadable:
                hint = self.tr(
                    "{0} phiếu chưa xuất được: máy chưa có phiên bản mẫu của chúng. Đồng bộ rồi xuất lại."
                ).format(format_vnd(len(written.unreadable)))
            self.told.emit("warning" if written.unreadable else "good", told, hint)
            self.accept()

        self._how.setEnabled(False)
        self.choose_button.setEnabled(False)
        self.begin()
        self.follow(self._tasks.long(self, work, done, failed=self.failed))

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.windowTitle())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_FILTERS))
        dialog.setDefaultSuffix("xlsx")
        dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(_FILTERS[name][1:]))
        dialog.selectFile(f"phieu-{self._wanted.questionnaire or 'khao-sat'}.xlsx")
        dialog.fileSelected.connect(lambda chosen: self.write(Path(chosen)))
        dialog.open()

"""What an error says to the person in front of the screen: one sentence, and what to do next."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox

from kcdesk.errors import KcdeskError


@dataclass(frozen=True, slots=True)
class Told:
    """`details` is for us: the trace of a bug, nothing for expected trouble."""

    message: str
    hint: str
    details: str = ""


def tell(error: BaseException) -> Told:
    """The sentence and hint of an error; a bug of ours is called so, with its trace as details."""
    if isinstance(error, KcdeskError):
        return Told(error.message, error.hint)
    return Told(
        QCoreApplication.translate("trouble", "Chương trình gặp lỗi ngoài dự kiến ở việc vừa làm."),
        QCoreApplication.translate(
            "trouble", "Dữ liệu đã lưu vẫn còn nguyên. Làm lại; nếu vẫn vậy, báo cho trung tâm."
        ),
        "".join(traceback.format_exception(error)),
    )


def refusal(error: KcdeskError, *, again: bool) -> QMessageBox:
    """Why no window opens; leaves (Close), or tries `again` (Retry) what another time may succeed."""
    kinds = QMessageBox.StandardButton
    icon = QMessageBox.Icon.Information if again else QMessageBox.Icon.Critical
    box = QMessageBox(icon, "kcdesk", error.message)
    box.setInformativeText(error.hint)
    box.setStandardButtons(kinds.Close | kinds.Retry if again else kinds.Close)
    box.button(kinds.Close).setText(QCoreApplication.translate("trouble", "Thoát"))
    if again:
        box.button(kinds.Retry).setText(QCoreApplication.translate("trouble", "Thử lại"))
        box.setDefaultButton(kinds.Retry)
    return box

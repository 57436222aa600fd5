"""What an error says to the person in front of the screen: one sentence, and what to do next."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

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

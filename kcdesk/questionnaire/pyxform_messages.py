"""pyxform's errors in our words: the common ones in Vietnamese, the rest quoted.

pyxform names sheet and row in its English sentence; both are taken from there.
"""

from __future__ import annotations

import re

from kcdesk.questionnaire.problems import CATALOGUE, WorkbookProblem

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"'(survey|choices|settings|entities|external_choices)' sheet")
_SHEET_WORD = re.compile(r"\b(survey|choices|settings)\b")

_VIETNAMESE: tuple[tuple[str, str], ...] = (
    ("unmatched", "nhóm hoặc bảng lặp mở và đóng không khớp nhau (begin, end)."),
    ("begin and end", "nhóm hoặc bảng lặp mở và đóng không khớp nhau (begin, end)."),
    ("duplicate choice", "danh sách lựa chọn có mã (name) bị trùng."),
    ("choices must have names", "có lựa chọn thiếu mã (name)."),
    ("does not have a value in the 'name' column", "có lựa chọn thiếu mã (name)."),
    ("label", "có câu hỏi hoặc lựa chọn thiếu nhãn (label)."),
    ("there is no survey element", "có chỗ nhắc tới một câu hỏi không tồn tại."),
    ("list name not in choices", "có danh sách lựa chọn không có trong trang «choices»."),
    ("must be unique", "có tên bị trùng trong cùng một nhóm."),
    ("or_other", "chưa hỗ trợ «or_other»; hãy thêm một lựa chọn «Khác» và một câu hỏi chữ."),
    ("repeat", "bảng lặp được khai báo không đúng."),
    ("xml", "có tên không hợp lệ."),
)


def translated(error: Exception) -> WorkbookProblem:
    """pyxform's error as a problem of ours, with sheet and row where it names them."""
    english = " ".join(str(error).split())
    row = _ROW.search(english)
    sheet = _SHEET.search(english) or _SHEET_WORD.search(english)
    plain = _ROW.sub("", english)
    vietnamese = next((words for sign, words in _VIETNAMESE if sign in plain.lower()), plain)
    frame_vi, frame_en = CATALOGUE["pyxform"]
    return WorkbookProblem(
        "pyxform",
        frame_vi.format(vietnamese),
        frame_en.format(plain),
        sheet=sheet[1] if sheet else "survey" if row else None,
        row=int(row[1]) if row else None,
    )

"""What can be wrong with a workbook, in a catalogue: code -> Vietnamese and English sentence.

Owns the messages and the exception that carries all problems of a workbook at once. Where a problem lies is
found by `workbook`; what is wrong with an expression by `xpath` and `compiler`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kcdesk.errors import BadInput


@dataclass(frozen=True, slots=True)
class WorkbookProblem:
    """One problem: sheet, row (1 is the heading) and heading of the column, as far as they are known."""

    code: str
    message_vi: str
    message_en: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def where(self, language: str = "vi") -> str:
        """The place in words: `trang survey, dòng 5, cột relevant`; blank when unknown."""
        words = ("sheet", "row", "column") if language == "en" else ("trang", "dòng", "cột")
        place = zip(words, (self.sheet, self.row, self.column), strict=True)
        return ", ".join(f"{word} {value}" for word, value in place if value is not None)

    def sentence(self, language: str = "vi") -> str:
        """Place and message in one line."""
        message = self.message_en if language == "en" else self.message_vi
        place = self.where(language)
        return f"{place[0].upper()}{place[1:]}: {message}" if place else message


@dataclass(frozen=True, slots=True)
class FormProblem:
    """A problem of the question `name`, in the column that its XLSForm would have it in."""

    code: str
    subject: str
    name: str = ""
    column: str = ""


class FormRefused(Exception):
    """An XForm outside of profile 1, with all problems that were found."""

    def __init__(self, problems: list[FormProblem]) -> None:
        super().__init__(problems)
        self.problems = problems


class WorkbookRefused(BadInput):
    """A workbook that is no questionnaire of profile 1; `problems` holds every reason that was found."""

    code = "workbook_refused"

    def __init__(self, problems: Sequence[WorkbookProblem]) -> None:
        first = problems[0].sentence()
        more = f" (và {len(problems) - 1} lỗi khác)" if len(problems) > 1 else ""
        super().__init__(
            f"Không dùng được bảng hỏi này. {first}{more}",
            hint="Sửa các lỗi đã nêu trong sổ Excel rồi nạp lại.",
        )
        self.problems = tuple(problems)
        self.details = [
            {
                "code": one.code,
                "sheet": one.sheet,
                "row": one.row,
                "column": one.column,
                "sentence": one.sentence(),
                "sentence_en": one.sentence("en"),
            }
            for one in problems
        ]


def problem(
    code: str,
    subject: str = "",
    *,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
) -> WorkbookProblem:
    """A problem of the catalogue about `subject` (a name, a type, a word of an expression)."""
    vietnamese, english = CATALOGUE[code]
    return WorkbookProblem(
        code, vietnamese.format(subject), english.format(subject), sheet, row, column
    )


CATALOGUE: dict[str, tuple[str, str]] = {
    # the file
    "not_workbook": (
        "tệp này không phải sổ Excel (.xlsx) đọc được.",
        "this file is not a readable Excel workbook (.xlsx).",
    ),
    "password": (
        "sổ Excel này có mật khẩu hoặc ở định dạng cũ (.xls); hãy lưu lại thành .xlsx không mật khẩu.",
        "this workbook has a password or the old format (.xls); save it as .xlsx without a password.",
    ),
    "too_large": (
        "sổ Excel này quá lớn ({}).",
        "this workbook is too large ({}).",
    ),
    "no_survey": (
        "thiếu trang «survey» hoặc trang này không có câu hỏi nào.",
        "the sheet 'survey' is missing or has no questions.",
    ),
    "nested": (
        "các nhóm hoặc biểu thức lồng nhau quá sâu.",
        "groups or expressions are nested too deeply.",
    ),
    "pyxform": (
        "không đúng quy cách XLSForm: {}",
        "not valid XLSForm: {}",
    ),
    # questions
    "type": (
        "chưa hỗ trợ loại câu hỏi «{}».",
        "the question type '{}' is not supported.",
    ),
    "no_type": ("dòng này thiếu loại câu hỏi (type).", "this row has no type."),
    "no_name": ("câu hỏi thiếu tên (name).", "the question has no name."),
    "name": (
        "tên «{}» chỉ được gồm chữ cái không dấu, số, «_», «-», «.», tối đa 64 ký tự, bắt đầu bằng chữ "
        "cái hoặc «_».",
        "the name '{}' may have only ASCII letters, digits, '_', '-', '.', at most 64, and begin with a "
        "letter or '_'.",
    ),
    "reserved": (
        "tên «{}» dành riêng cho chương trình, hãy đặt tên khác.",
        "the name '{}' is reserved, choose another.",
    ),
    "duplicate": (
        "tên «{}» bị trùng; mỗi câu hỏi trong phiếu phải có tên riêng.",
        "the name '{}' is used twice; each question of a sheet needs its own.",
    ),
    "list": (
        "danh sách lựa chọn «{}» không có trong trang «choices».",
        "the list of choices '{}' is not in the sheet 'choices'.",
    ),
    "media": (
        "thiếu tệp danh sách «{}» đi kèm.",
        "the list file '{}' that belongs to it is missing.",
    ),
    "csv": (
        "tệp danh sách «{}» không phải csv (UTF-8, có dòng tiêu đề).",
        "the list file '{}' is not a csv file (UTF-8, with a heading).",
    ),
    "csv_column": (
        "tệp danh sách thiếu cột «{}».",
        "the list file lacks the column '{}'.",
    ),
    "appearance": (
        "chưa hỗ trợ cách trình bày «{}».",
        "the appearance '{}' is not supported.",
    ),
    "meaning": (
        "«{}» không có dạng loại.trường, ví dụ establishments.phone.",
        "'{}' does not have the form kind.field, as in establishments.phone.",
    ),
    "meaning_in_repeat": (
        "câu hỏi trong bảng lặp gắn với ô «loại.bảng/cột» của chính bảng mà bảng lặp gắn (kc:row),"
        " câu hỏi ngoài bảng lặp gắn với «loại.trường»; «{}» không phải vậy.",
        "a question in a repeat is bound to a cell 'kind.table/column' of the table that the repeat is bound to"
        " (kc:row), any other to 'kind.field'; '{}' is not.",
    ),
    "meaning_of_row": (
        "bảng lặp gắn với một bảng dạng loại.bảng, ví dụ establishments.main_products, và không nằm trong bảng lặp"
        " khác; «{}» không phải vậy.",
        "a repeat is bound to a table, kind.table as in establishments.main_products, and not inside another"
        " repeat; '{}' is not.",
    ),
    "report_need": (
        "báo cáo của tỉnh cần câu «{}», mẫu phiếu không có câu này.",
        "the province's reports need the question '{}', which the sheet lacks.",
    ),
    "report_field": (
        "báo cáo của tỉnh cần câu này gắn với «{}» (bind::kc:field).",
        "the province's reports need this question to be bound to '{}' (bind::kc:field).",
    ),
    "construct": (
        "chưa hỗ trợ «{}».",
        "'{}' is not supported.",
    ),
    # expressions
    "function": ("không có hàm «{}».", "there is no function '{}'."),
    "arguments": (
        "hàm «{}» có số lượng hoặc dạng tham số không đúng.",
        "the function '{}' has the wrong number or form of arguments.",
    ),
    "nodes": (
        "hàm «{}» cần một đường dẫn tới các câu hỏi.",
        "the function '{}' needs a path to questions.",
    ),
    "pattern": (
        "mẫu regex «{}» không hợp lệ.",
        "the regex pattern '{}' is not valid.",
    ),
    "path": (
        "không có câu hỏi «{}».",
        "there is no question '{}'.",
    ),
    "reference": (
        "không có câu hỏi tên «{}».",
        "there is no question named '{}'.",
    ),
    "instance": (
        "không có danh sách «{}».",
        "there is no list '{}'.",
    ),
    "axis": (
        "chưa hỗ trợ trục «{}» trong đường dẫn.",
        "the axis '{}' is not supported in paths.",
    ),
    "character": (
        "biểu thức sai ở «{}».",
        "the expression is wrong at '{}'.",
    ),
    "unexpected": (
        "biểu thức sai ở «{}».",
        "the expression is wrong at '{}'.",
    ),
    "missing": (
        "biểu thức thiếu «{}».",
        "the expression lacks '{}'.",
    ),
    "ends": (
        "biểu thức bị bỏ dở hoặc để trống.{}",
        "the expression ends too early or is empty.{}",
    ),
    "too_long": ("biểu thức quá dài: «{}».", "the expression is too long: '{}'."),
    "too_deep": (
        "biểu thức lồng nhau quá sâu, ở «{}».",
        "the expression is nested too deeply, at '{}'.",
    ),
    "cycle": (
        "các câu hỏi phụ thuộc vòng tròn: {}.",
        "questions depend on each other in a circle: {}.",
    ),
    # warnings
    "unknown_appearance": (
        "bỏ qua cách trình bày «{}».",
        "the appearance '{}' is ignored.",
    ),
    "if_exists": (
        "if(${{{0}}}, …) chỉ hỏi câu đó có tồn tại không; nên viết ${{{0}}} != ''.",
        "if(${{{0}}}, …) only asks whether the question exists; write ${{{0}}} != ''.",
    ),
}

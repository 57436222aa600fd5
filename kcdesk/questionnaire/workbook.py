"""From an XLSForm workbook to a questionnaire, or to the list of everything that is wrong with it.

Owns reading the sheets, the checks that need rows and columns, the call of pyxform, and where a problem lies.
pyxform stops at its first error and does not look into expressions. So the rows are checked here first, and what
is wrong is healed in a copy (a type becomes `text`, a bad cell becomes empty): pyxform and the form reader
then still find the rest, and all problems are told at once.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from kcdesk.domain.published.tables import ReportNeed
from kcdesk.questionnaire import xpath
from kcdesk.questionnaire.compiler import ExpressionProblem, check_call
from kcdesk.questionnaire.problems import (
    FormProblem,
    FormRefused,
    WorkbookProblem,
    WorkbookRefused,
    problem,
)
from kcdesk.questionnaire.profile import (
    APPEARANCES,
    MAX_NESTING,
    QUESTION_TYPES,
    RESERVED_NAMES,
    STRUCTURE_TYPES,
    WITH_LIST,
)
from kcdesk.questionnaire.pyxform_messages import translated
from kcdesk.questionnaire.questionnaire import Questionnaire
from kcdesk.questionnaire.xform import read_xform

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""An .xlsx is a zip file and may unpack to anything."""

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # .xls, and every workbook with a password
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")
_EXPRESSIONS = frozenset(
    {
        "relevant",
        "constraint",
        "calculation",
        "required",
        "readonly",
        "choice_filter",
        "repeat_count",
    }
)
_COLUMNS = {
    "relevance": "relevant",
    "calculate": "calculation",
    "read_only": "readonly",
    "jr:count": "repeat_count",
    "count": "repeat_count",
    "constraining_message": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
    "caption": "label",
    "command": "type",
    "tag": "name",
}
_OR_OTHER = re.compile(r"\s+or[ _](?:specify[ _])?other$", re.IGNORECASE)
"""What offers one more choice with a question for it, as pyxform spells and reads it."""
_YES_NO = frozenset({"yes", "no", "true", "false", "true()", "false()"})
_TEXTS = frozenset({"label", "hint", "constraint_message", "required_message"})
_REFERENCE = re.compile(r"\$\{([^}]*)\}")

_Rows = list[dict[str, str]]


def load_workbook(
    source: str | Path | bytes,
    media: Mapping[str, bytes] | None = None,
    needs: Sequence[ReportNeed] = (),
) -> Questionnaire:
    """The questionnaire of an XLSForm workbook (.xlsx), given as a path or as its bytes.

    media: csv files that the workbook names, by file name; without it they are read from the folder of `source`
    needs: which questions the reports need of which questionnaire; one that is missing is a problem like others

    Raises WorkbookRefused with every problem that was found, each with sheet, row and column.
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    folder = None if isinstance(source, bytes) else Path(source).parent
    try:
        return _load(data, media, folder, needs)
    except RecursionError:
        raise WorkbookRefused([problem("nested")]) from None


def _load(
    data: bytes,
    media: Mapping[str, bytes] | None,
    folder: Path | None,
    needs: Sequence[ReportNeed],
) -> Questionnaire:
    from pyxform.errors import PyXFormError  # noqa: PLC0415 - 270 ms, needed at import of a workbook only
    from pyxform.xls2xform import convert  # noqa: PLC0415

    book = _Workbook(_sheets(data))
    book.check()
    book.check_needs(needs)
    found = list(book.problems)
    try:
        converted = convert(book.healed(), warnings=[])
    except PyXFormError as error:
        raise WorkbookRefused([*found, _told(translated(error), found)]) from None
    files = dict(media) if media is not None else _beside(folder, converted.xform)
    try:
        form = read_xform(converted.xform, files)
    except FormRefused as refused:
        found += (book.place(one) for one in refused.problems)
    if found:
        raise WorkbookRefused(list(dict.fromkeys(found)))
    return Questionnaire(form, converted.xform, files, tuple(book.warnings))


def _sheets(data: bytes) -> dict[str, Any]:
    """The sheets of the workbook as pyxform reads them: rows of {heading: text}, blank rows included."""
    from pyxform.errors import PyXFormError  # noqa: PLC0415
    from pyxform.xls2json_backends import xlsx_to_dict  # noqa: PLC0415

    if data.startswith(_OLD_EXCEL):
        raise WorkbookRefused([problem("password")])
    if len(data) > MAX_BYTES:
        raise WorkbookRefused([problem("too_large", f"{len(data) // 1024 // 1024} MB")])
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise WorkbookRefused([problem("too_large", f"{unpacked // 1024 // 1024} MB")])
        return dict(xlsx_to_dict(BytesIO(data)))
    except (zipfile.BadZipFile, PyXFormError, ValueError, KeyError, IndexError, AttributeError):
        # openpyxl answers a damaged or foreign zip file with any of these
        raise WorkbookRefused([problem("not_workbook")]) from None


def _beside(folder: Path | None, xform: str) -> dict[str, bytes]:
    """The csv files that the form names, from the folder of the workbook."""
    names = re.findall(r'src="jr://file-csv/([^"/\\]+)"', xform)
    if folder is None:
        return {}
    return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}


def _told(error: WorkbookProblem, found: list[WorkbookProblem]) -> WorkbookProblem:
    """pyxform's error, unless a row that was healed had it already."""
    known = next((one for one in found if error.row is not None and one.row == error.row), None)
    return error if known is None or known.sheet != error.sheet else known


@dataclass(slots=True)
class _Workbook:
    sheets: dict[str, Any]
    problems: list[WorkbookProblem] = field(default_factory=list)
    warnings: list[WorkbookProblem] = field(default_factory=list)
    _survey: _Rows = field(default_factory=list)
    _row_of: dict[str, int] = field(default_factory=dict)
    _lists: set[str] = field(default_factory=set)

    def check(self) -> None:
        self._survey = [dict(row) for row in self.sheets.get("survey") or []]
        self._lists = {
            str(row.get("list_name") or row.get("list name") or "").strip()
            for row in self.sheets.get("choices") or []
        }
        if not any(self._survey):
            raise WorkbookRefused([problem("no_survey", sheet="survey")])
        names = [(number, self._cell(row, "name")) for number, row in self._rows()]
        for number, name in names:
            if name:
                self._row_of.setdefault(name, number)
        self._check_nesting()
        for number, row in self._rows():
            self._check_type(number, row)
            self._check_name(number, row)
            self._check_appearance(number, row)
            for heading in list(row):
                self._check_cell(number, row, heading)

    def check_needs(self, needs: Sequence[ReportNeed]) -> None:
        """Names that the reports need of this questionnaire: there, and bound to the field that is counted."""
        form_id = self._setting("form_id") or self._setting("id_string")
        last = max((number for number, _ in self._rows()), default=1)
        for need in needs:
            if need.questionnaire != form_id:
                continue
            number = self._row_of.get(need.question)
            if number is None:
                subject = f"{need.question} ({need.report})"
                self.problems.append(
                    problem("report_need", subject, sheet="survey", row=last + 1, column="name")
                )
            elif need.field is not None:
                row = self._survey[number - 2]
                if self._cell(row, "bind::kc:field") != need.field:
                    self._refuse("report_field", need.field, number, row, "bind::kc:field")

    def _setting(self, name: str) -> str:
        rows = self.sheets.get("settings") or []
        return next((str(row[name]).strip() for row in rows if row.get(name)), "")

    def healed(self) -> dict[str, Any]:
        """The sheets without what has been found wrong, in the form that pyxform takes."""
        return {**self.sheets, "survey": self._survey}

    def place(self, found: FormProblem) -> WorkbookProblem:
        """A problem of the form, at the row of its question and the column it was written in."""
        row = self._row_of.get(found.name)
        column = found.column or None
        if row is not None:
            column = next(
                (h for h in self._survey[row - 2] if canonical(h) == found.column), column
            )
        return problem(
            found.code, found.subject, sheet="survey" if row else None, row=row, column=column
        )

    # -- rows --------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        return (
            (number, row) for number, row in enumerate(self._survey, start=2) if any(row.values())
        )

    def _cell(self, row: Mapping[str, str], column: str) -> str:
        return next((str(v).strip() for h, v in row.items() if canonical(h) == column and v), "")

    def _refuse(
        self, code: str, subject: str, number: int, row: Mapping[str, str], column: str
    ) -> None:
        heading = next((h for h in row if canonical(h) == column), column)
        self.problems.append(problem(code, subject, sheet="survey", row=number, column=heading))

    def _check_nesting(self) -> None:
        depth = 0
        for number, row in self._rows():
            word, _ = split_type(self._cell(row, "type"))
            depth += word.startswith("begin_") - word.startswith("end_")
            if depth > MAX_NESTING:
                self._refuse("nested", "", number, row, "type")
                break

    def _check_type(self, number: int, row: dict[str, str]) -> None:
        written = self._cell(row, "type")
        if not written:
            self._refuse("no_type", "", number, row, "type")
            row.clear()
            return
        word, argument = split_type(written)
        if word in STRUCTURE_TYPES:
            return
        if word not in QUESTION_TYPES:
            self._refuse("type", written, number, row, "type")
        elif (
            QUESTION_TYPES[word] not in WITH_LIST
            or word.endswith("_file")
            or argument.startswith("${")
            or _OR_OTHER.sub("", argument) in self._lists
        ):
            self._respell(row, QUESTION_TYPES[word], word, argument)
            return
        else:
            self._refuse("list", argument, number, row, "type")
        for heading in list(row):
            if canonical(heading) in {"choice_filter", "parameters"}:
                del row[heading]
            elif canonical(heading) == "type":
                row[heading] = "text"

    def _respell(self, row: dict[str, str], type_: str, word: str, argument: str) -> None:
        """One spelling for pyxform, which knows fewer of them than people use."""
        heading = next(h for h in row if canonical(h) == "type")
        if type_ in WITH_LIST and not word.endswith("_file"):
            other = " or_other" if _OR_OTHER.search(argument) else ""
            row[heading] = f"{type_} {_OR_OTHER.sub('', argument)}{other}"
        elif type_ not in WITH_LIST and word != "barcode":
            row[heading] = "dateTime" if type_ == "datetime" else type_

    def _check_name(self, number: int, row: dict[str, str]) -> None:
        word, _ = split_type(self._cell(row, "type"))
        name = self._cell(row, "name")
        if not row or word.startswith("end_"):
            return
        if not name:
            if word not in {"note", "begin_group"}:  # pyxform names these itself
                self._refuse("no_name", "", number, row, "name")
                row["name"] = f"unnamed_row_{number}"
            return
        if not _NAME.fullmatch(name):
            self._refuse("name", name, number, row, "name")
        elif name in RESERVED_NAMES:
            self._refuse("reserved", name, number, row, "name")
        elif self._row_of[name] != number:
            self._refuse("duplicate", name, number, row, "name")
        else:
            return
        heading = next(h for h in row if canonical(h) == "name")
        row[heading] = f"renamed_row_{number}"

    def _check_appearance(self, number: int, row: dict[str, str]) -> None:
        for word in self._cell(row, "appearance").split():
            if word not in APPEARANCES and not re.fullmatch(r"w\d+|columns-\d+", word):
                self.warnings.append(
                    problem(
                        "unknown_appearance", word, sheet="survey", row=number, column="appearance"
                    )
                )

    # -- cells -------------------------------------------------------------------------------------

    def _check_cell(self, number: int, row: dict[str, str], heading: str) -> None:
        column, text = canonical(heading), str(row[heading] or "")
        if column in _EXPRESSIONS and text.strip().lower() not in _YES_NO:
            if not self._check_expression(number, row, column, text):
                row[heading] = "''" if column == "calculation" else ""
        elif column in _TEXTS or column in {"default", "trigger"}:
            unknown = [n for n in _REFERENCE.findall(text) if n.strip() not in self._row_of]
            for name in unknown:
                self._refuse("reference", name, number, row, column)
            if unknown:
                row[heading] = "-"
                if column in {"default", "trigger"}:
                    del row[heading]

    def _check_expression(self, number: int, row: dict[str, str], column: str, text: str) -> bool:
        if not text.strip():
            return True
        before = len(self.problems)
        try:
            tree = xpath.parse(text)
        except xpath.SyntaxProblem as trouble:
            self._refuse(trouble.code, trouble.found, number, row, column)
            return False
        for call in xpath.calls(tree):
            try:
                check_call(call)
            except ExpressionProblem as trouble:
                self._refuse(trouble.code, trouble.subject, number, row, column)
            if call.name == "if" and isinstance(call.arguments[:1], tuple) and call.arguments:
                self._warn_if(call.arguments[0], number, column)
        names = [*xpath.references(tree)]
        names += (n.strip() for n in _REFERENCE.findall(" ".join(literals(tree))))
        for name in dict.fromkeys(names):
            if name.removeprefix("last-saved#") not in self._row_of:
                self._refuse("reference", name, number, row, column)
        return len(self.problems) == before

    def _warn_if(self, test: xpath.Tree, number: int, column: str) -> None:
        if isinstance(test, xpath.Reference):
            self.warnings.append(
                problem("if_exists", test.name, sheet="survey", row=number, column=column)
            )


def literals(tree: xpath.Tree) -> Iterator[str]:
    """The quoted texts of an expression: `jr:choice-name` takes its path in one."""
    for call in xpath.calls(tree):
        yield from (a.text for a in call.arguments if isinstance(a, xpath.Literal))


def canonical(heading: str) -> str:
    """The column that a heading means, without language: `label::English (en)` -> `label`.

    >>> canonical("Relevance"), canonical("bind::relevant"), canonical("hint::vi"), canonical("bind::kc:field")
    ('relevant', 'relevant', 'hint', 'bind::kc:field')
    """
    first, _, rest = heading.partition("::")
    word = first.strip().lower().replace(" ", "_")
    if word == "bind":
        inner = rest.partition("::")[0].strip().lower()
        word = inner if inner in _EXPRESSIONS or inner in _COLUMNS else f"bind::{rest.strip()}"
    return _COLUMNS.get(word, word)


def split_type(written: str) -> tuple[str, str]:
    """The word of a type in the form of `profile.QUESTION_TYPES`, and the list or file it names.

    >>> split_type("select one from  markets"), split_type("begin group"), split_type("Select_Multiple x")
    (('select_one_from', 'markets'), ('begin_group', ''), ('select_multiple', 'x'))
    """
    words = written.split()
    for length in range(len(words), 0, -1):
        word = "_".join(words[:length]).lower()
        if word in QUESTION_TYPES or word in STRUCTURE_TYPES:
            return word, " ".join(words[length:])
    return "_".join(words).lower(), ""

"""A table in a text file (.csv, UTF-8), as spreadsheet programs save it: read whole, with every fault at once.

The first line names the columns, in any order; `;`, `,` or a tab stands between cells, as the first line shows. Owns
the reading of rows and cells; which columns there are is `tables`.
"""

from __future__ import annotations

import csv
import datetime
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import StringIO
from typing import TypeVar

from kcdesk.domain.published.editions import Fault

MAX_ROWS = 20_000
MAX_CELL = 2_000
Cell = str | int | bool | Decimal | datetime.date | None
T = TypeVar("T")


class BadCell(Exception):
    """What is wrong with a cell, as the sentence goes on after its place."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, how a cell is read (raises `BadCell`), and whether each row needs one."""

    name: str
    read: Callable[[str], Cell]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its line in the file, counted from 1, and its cells by column; None where nothing is written."""

    row: int
    cells: Mapping[str, Cell]


def read_lines(
    path: str, content: bytes, columns: Sequence[Column]
) -> tuple[list[Line], list[Fault]]:
    """The rows without faults, and all faults of the file."""
    try:
        text = unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return [], [Fault(path, "không phải văn bản UTF-8; lưu lại dạng “CSV UTF-8”")]
    if "\0" in text:
        return [], [Fault(path, "không phải tệp văn bản")]
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[Line] = []
    faults: list[Fault] = []
    try:
        headings = [heading.strip() for heading in next(rows, [])]
        faults += _heading_faults(path, headings, columns)
        if faults:
            return [], faults
        start = rows.line_num + 1
        for cells in rows:
            row, start = start, rows.line_num + 1
            if len(lines) >= MAX_ROWS:
                return lines, [*faults, Fault(path, f"nhiều hơn {MAX_ROWS} dòng", row)]
            if not any(map(str.strip, cells)):
                continue
            line, wrong = _read(path, row, headings, cells, columns)
            faults += wrong
            if not wrong:
                lines.append(line)
    except csv.Error:
        faults.append(Fault(path, "dấu ngoặc kép không khớp", rows.line_num))
    if not lines and not faults:
        faults.append(Fault(path, "không có dòng nào"))
    return lines, faults


def _heading_faults(
    path: str, headings: Sequence[str], columns: Sequence[Column]
) -> Iterator[Fault]:
    known = {column.name for column in columns}
    for heading in dict.fromkeys(headings):
        if heading not in known:
            yield Fault(path, "không hiểu cột này", 1, heading or "(không tên)")
        elif headings.count(heading) > 1:
            yield Fault(path, "có hai cột cùng tên", 1, heading)
    for column in columns:
        if column.required and column.name not in headings:
            yield Fault(path, "thiếu cột này", 1, column.name)


def _read(
    path: str, row: int, headings: Sequence[str], cells: Sequence[str], columns: Sequence[Column]
) -> tuple[Line, list[Fault]]:
    faults = []
    if len(cells) > len(headings) and any(map(str.strip, cells[len(headings) :])):
        faults.append(Fault(path, "nhiều ô hơn số cột", row))
    written = dict(zip(headings, map(str.strip, cells), strict=False))
    found: dict[str, Cell] = {}
    for column in columns:
        text = written.get(column.name, "")
        found[column.name] = None
        if not text:
            if column.required:
                faults.append(Fault(path, "chưa ghi gì", row, column.name))
            continue
        try:
            if len(text) > MAX_CELL:
                raise BadCell(f"dài hơn {MAX_CELL} chữ")
            found[column.name] = column.read(text)
        except BadCell as bad:
            faults.append(Fault(path, str(bad), row, column.name))
    return Line(row, found), faults


# Cells


def text(written: str) -> str:
    """Any text of one line."""
    if "\n" in written:
        raise BadCell("phải nằm trên một dòng")
    return written


def long_text(written: str) -> str:
    return written


def identifier(written: str) -> str:
    """A code that records name: capitals, digits, `.`, `_`, `-`."""
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9_.-]{0,63}", written):
        raise BadCell(f"“{written}” không phải là mã (chữ hoa không dấu, chữ số, dấu _ . -)")
    return written


def question_name(written: str) -> str:
    """A name as questionnaires have them, also of a field of a record: letters, digits, `_`, `-`, `.`, `/`."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./-]{0,127}", written):
        raise BadCell(f"“{written}” không phải là tên (chữ không dấu, chữ số, dấu _ - . /)")
    return written


def one_of(known: Collection[str]) -> Callable[[str], str]:
    """A code of a closed list."""

    def read(written: str) -> str:
        if written not in known:
            raise BadCell(f"“{written}” không có trong danh sách: {', '.join(known)}")
        return written

    return read


def integer(least: int, most: int) -> Callable[[str], int]:
    """A whole number in plain digits; dots between thousands are taken."""

    def read(written: str) -> int:
        digits = written
        if re.fullmatch(r"\d{1,3}(\.\d{3})+", written):
            digits = written.replace(".", "")
        if not re.fullmatch(r"\d{1,18}", digits) or not digits.isascii():
            raise BadCell(f"“{written}” không phải là số nguyên")
        if not least <= int(digits) <= most:
            raise BadCell(f"“{written}” phải từ {least} đến {most}")
        return int(digits)

    return read


def decimal(least: str, most: str) -> Callable[[str], Decimal]:
    """A number; the comma or dot before its decimals."""

    def read(written: str) -> Decimal:
        try:
            if not re.fullmatch(r"\d{1,12}([.,]\d{1,6})?", written):
                raise InvalidOperation
            number = Decimal(written.replace(",", "."))
        except InvalidOperation:
            raise BadCell(f"“{written}” không phải là số") from None
        if not Decimal(least) <= number <= Decimal(most):
            raise BadCell(f"“{written}” phải từ {least} đến {most}")
        return number

    return read


def date(written: str) -> datetime.date:
    """A day, `2026-01-31` or `31/01/2026`."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day = datetime.datetime.strptime(written, form).date()  # noqa: DTZ007
        except ValueError:
            continue
        if 1945 <= day.year <= 2200:
            return day
    raise BadCell(f"“{written}” không phải là ngày (31/01/2026)")


def day_of_year(written: str) -> str:
    """A day of every year, `20/05`; as `05-20`."""
    try:
        day = datetime.datetime.strptime(f"{written}/2024", "%d/%m/%Y")  # noqa: DTZ007 -- a leap year
    except ValueError:
        raise BadCell(f"“{written}” không phải là ngày của năm (20/05)") from None
    return f"{day:%m-%d}"


def duplicates(
    path: str, lines: Sequence[Line], key: Sequence[str], *, dated: bool
) -> Iterator[Fault]:
    """Rows that say something about the same thing at the same time. dated: rows are valid from and to a day."""
    first: dict[tuple[Cell, ...], list[Line]] = {}
    for line in lines:
        same = first.setdefault(tuple(line.cells[name] for name in key), [])
        other = next((one for one in same if not dated or _overlap(one, line)), None)
        if other is not None:
            when = ", cùng thời gian hiệu lực" if dated else ""
            yield Fault(path, f"trùng với dòng {other.row}{when}", line.row, key[0])
        same.append(line)


def backwards(path: str, lines: Sequence[Line]) -> Iterator[Fault]:
    """Rows that end before they begin."""
    for line in lines:
        begin, end = _span(line)
        if begin > end:
            yield Fault(path, "hết hiệu lực trước khi có hiệu lực", line.row, "valid_to")


def _overlap(one: Line, other: Line) -> bool:
    (a, b), (c, d) = _span(one), _span(other)
    return a <= d and c <= b


def _span(line: Line) -> tuple[datetime.date, datetime.date]:
    begin, end = line.cells.get("valid_from"), line.cells.get("valid_to")
    return (
        begin if isinstance(begin, datetime.date) else datetime.date.min,
        end if isinstance(end, datetime.date) else datetime.date.max,
    )

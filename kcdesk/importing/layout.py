"""Where things stand on a sheet: title and remarks, head, body, headings between, totals, what follows.

Owns rows as a whole. What columns mean is asked of `columns`, what cells say of `cells`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.money import MoneyUnit, find_unit, read_number
from kcdesk.domain.text import normalise
from kcdesk.errors import BadInput
from kcdesk.importing.cells import text_of
from kcdesk.importing.column_contents import ColumnContents
from kcdesk.importing.columns import meaning_of
from kcdesk.importing.workbook import Cell, Sheet

_HEAD_WITHIN = 60
"""A head is looked for in so many first rows; official lists have some ten lines above it at most."""

_HEAD_LETTERS = 60
"""A text longer than this names no column."""

_TELLING = 2
"""So many columns have to be told by their cells before a list without a head is one."""

_HEAD_ROWS = 4
"""So many rows a head has at most."""

_BARE_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_COLUMN_NUMBER = re.compile(r"\(?[0-9]{1,2}\)?|\([A-Za-z]\)|[A-Z]")
_TOTAL = re.compile(r"(?i)(tổng cộng|tổng số|tổng|cộng)(?![\w])(?! công ty)")
_ROMAN = re.compile("[IVXLC]+")
_LETTER = re.compile("[A-ZĐ]")
_GROUP = re.compile(
    r"(?i)(huyện|quận|thị xã|thành phố|tỉnh|xã|phường|thị trấn|toàn|cả|nhóm|ngành|lĩnh vực|khối|cụm)\s"
)
_YEAR = re.compile(r"(?i)\bnăm\s+([0-9]{4})\b")
_ESTIMATE = re.compile(r"(?i)\bước\b")
_UNIT_REMARK = re.compile(r"(?i)\b(đơn vị tính|đvt|đơn vị)\b(.*)")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of the sheet. number: as the spreadsheet shows it, from 1."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Layout:
    """A list taken apart.

    titles:   texts of the lines above the head
    head:     the last row of the head
    header:   its texts, one for each column, empty where nothing stands; of a head of several rows the texts above
              each other, `Lao động / Trong đó nữ`
    body:     rows of the list itself, in order
    totals:   rows that say sums of the rows above them
    headings: rows inside the list with a single text: names of groups
    remarks:  rows below the last total that belong to nobody: place, date, signatures
    group_sums: rows that name a group and say its sums, above the rows of the group
    """

    titles: tuple[str, ...]
    head: ListRow
    header: tuple[str, ...]
    body: tuple[ListRow, ...]
    totals: tuple[ListRow, ...]
    headings: tuple[ListRow, ...]
    remarks: tuple[ListRow, ...]
    group_sums: tuple[ListRow, ...] = ()


def read_layout(
    sheet: Sheet, heads: Collection[str] = (), contents: ColumnContents | None = None
) -> Layout:
    """Takes a sheet apart. Raises BadInput when no row looks like the head of a list.

    `heads`: heads of columns that a person named, whatever the words in them say. `contents`: where no row says what
    columns mean, the cells below may.
    """
    filled = [
        ListRow(number, cells)
        for number, cells in enumerate(sheet.rows, 1)
        if any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in cells)
    ]
    head = _find_head(filled, {normalise(text.split(" / ")[-1]).casefold() for text in heads})
    if head is None and contents is not None and (by_cells := head_by_cells(filled, contents)):
        head = by_cells
        if head not in filled:
            filled = sorted([*filled, head], key=lambda row: row.number)
    if head is None:
        raise BadInput(
            f"Không tìm thấy dòng tiêu đề của bảng trong trang “{sheet.name}” của tệp “{sheet.source}”.",
            hint="Bảng cần một dòng tiêu đề có tên các cột, ví dụ “Tên cơ sở” và “Xã, phường”.",
            code="no_header",
        )
    block = _head_block(filled, head)
    header = _joined(block)
    first, head = block[0], block[-1]
    stt = next(
        (i for i, text in enumerate(header) if (meaning_of(text) or ("",))[0] == "stt"), None
    )
    above = filled[: filled.index(first)]
    below = filled[filled.index(head) + 1 :]
    if below and _numbers_columns(below[0]):
        del below[0]

    body: list[ListRow] = []
    totals: list[ListRow] = []
    headings: list[ListRow] = []
    remarks: list[ListRow] = []
    group_sums: list[ListRow] = []
    for row in below:
        numbered = stt is not None and _is_number(row.cells[stt])
        texts = _count_texts(row, stt, up_to=2)
        if not numbered and is_total(row):
            totals.append(row)
            # What stood below an earlier total and above this one was part of the list after all.
            body += remarks
            remarks.clear()
        elif stt is not None and not numbered and _sums_of_group(row, stt):
            group_sums.append(row)
        elif numbered and texts == 0:
            continue  # a number prepared for a row that nobody filled in
        elif not numbered and texts <= 1:
            headings.append(row)
        elif not numbered and stt is not None and totals:
            remarks.append(row)
        else:
            body.append(row)
    if not any(stt is not None and _is_number(row.cells[stt]) for row in body):
        body += group_sums  # a list may number its rows in Roman
        group_sums.clear()
    titles = tuple(text for row in above for cell in row.cells if (text := text_of(cell)))
    return Layout(
        titles,
        head,
        header,
        tuple(sorted(body, key=lambda row: row.number)),
        tuple(totals),
        tuple(headings),
        tuple(remarks),
        tuple(group_sums),
    )


def head_by_cells(rows: list[ListRow], contents: ColumnContents) -> ListRow | None:
    """The head of a list whose heads say nothing known: the row above its first record, or an empty one before it.

    None where fewer than two columns hold something that can be told by its cells.
    """
    if not rows:
        return None
    width = max(len(row.cells) for row in rows)
    wide = [row for row in rows if _count_texts(row, None, up_to=2) > 1]
    guesses = contents.guess([row.cells for row in wide], range(width))
    if len(guesses) < _TELLING:
        return None

    def fits(row: ListRow) -> bool:
        said = [(key, row.cells[index]) for index, (key, _) in guesses.items()]
        return sum(contents.fits(key, cell) for key, cell in said) * 2 >= len(said)

    first = next((row for row in wide if fits(row)), None)
    if first is None:
        return None
    above = next((row for row in wide if _adjacent(row, first)), None)
    if above is not None and all(isinstance(cell, str) for cell in above.cells):
        return above
    return ListRow(first.number - 1, [""] * width)


def is_total(row: ListRow) -> bool:
    """Whether a row says sums: its first text is Tổng cộng, Tổng số, Tổng or Cộng, with or without more.

    >>> is_total(ListRow(9, ["", "Tổng cộng", 12.0])), is_total(ListRow(9, ["", "Công ty Cộng", 12.0]))
    (True, False)
    """
    return _TOTAL.match(first_text(row)) is not None


def first_text(row: ListRow) -> str:
    """The first text of a row; empty where it has numbers only."""
    return next(
        (text for cell in row.cells if isinstance(cell, str) and (text := normalise(cell))), ""
    )


def outline_level(row: ListRow) -> str:
    """How the group that a row names is numbered: `I` for Roman numbers, `A` for letters, nothing for none.

    >>> [outline_level(ListRow(1, [mark, "Huyện Bảo Yên"])) for mark in ("II", "B.", "")]
    ['I', 'A', '']
    """
    mark = first_text(row).rstrip(".")
    if _ROMAN.fullmatch(mark) and (len(mark) > 1 or mark in "IVX"):
        return "I"
    return "A" if _LETTER.fullmatch(mark) else ""


def year_and_basis(titles: tuple[str, ...]) -> tuple[int | None, FigureBasis]:
    """The year of the list's figures and whether they are estimates, from its title: "(ước năm 2020)".

    No year when the title names none, or several. Without "ước" the figures are actual ones.

    >>> year_and_basis(("DANH SÁCH CƠ SỞ (ước năm 2020)",))
    (2020, <FigureBasis.ESTIMATE: 'estimate'>)
    """
    years = {int(year) for title in titles for year in _YEAR.findall(normalise(title))}
    estimate = any(_ESTIMATE.search(normalise(title)) for title in titles)
    year = years.pop() if len(years) == 1 else None
    return year, FigureBasis.ESTIMATE if estimate else FigureBasis.ACTUAL


def unit_of_list(titles: tuple[str, ...]) -> MoneyUnit | None:
    """The unit of money that a remark above the table says for all of it: "Đơn vị tính: triệu đồng".

    >>> unit_of_list(("Đơn vị tính: triệu đồng",)).label
    'triệu đồng'
    """
    remarks = (match[2] for title in titles if (match := _UNIT_REMARK.search(normalise(title))))
    return next((unit for remark in remarks if (unit := find_unit(remark))), None)


def _find_head(rows: list[ListRow], named: Collection[str]) -> ListRow | None:
    """The row with most different meanings, or named heads, among the first ones; two are needed to be a head."""
    best: ListRow | None = None
    most = 1
    for row in rows[:_HEAD_WITHIN]:
        texts = [text_of(cell) for cell in row.cells if isinstance(cell, str) and cell]
        said = {text.casefold() for text in texts} & set(named)
        proposals = (meaning_of(text) for text in texts if text.casefold() not in said)
        meanings = len(said) + len({proposal[0] for proposal in proposals if proposal})
        if meanings > most:
            best, most = row, meanings
    return best


def _head_block(rows: list[ListRow], head: ListRow) -> list[ListRow]:
    """The head with the rows directly above and below it that belong to it: heads of groups, heads of parts."""
    first = last = rows.index(head)
    while last + 1 < len(rows) and _adjacent(rows[last], rows[last + 1]):
        if last - first >= _HEAD_ROWS - 1 or not _groups(rows[last], [rows[last + 1]]):
            break
        last += 1
    while first and _adjacent(rows[first - 1], rows[first]):
        if last - first >= _HEAD_ROWS - 1 or not _groups(rows[first - 1], rows[first : last + 1]):
            break
        first -= 1
    return rows[first : last + 1]


def _adjacent(upper: ListRow, lower: ListRow) -> bool:
    return lower.number == upper.number + 1


def _groups(upper: ListRow, lowers: list[ListRow]) -> bool:
    """Whether the first of `lowers` names the parts of what `upper` names: short texts only (or years), some below an
    empty cell, and each below a text or beside one. The others are the rows of the head below it."""
    lower = lowers[0]
    if not all(map(_names_something, (*upper.cells, *lower.cells))):
        return False
    heads = [text for cell in upper.cells if (text := text_of(cell))]
    texts = [(i, text) for i, cell in enumerate(lower.cells) if (text := text_of(cell))]
    if len(heads) < 2 or not any(map(meaning_of, heads)):  # a title, not a head
        return False
    if not texts or any(
        len(text) > _HEAD_LETTERS or (text[0].isdigit() and not _BARE_YEAR.fullmatch(text))
        for _, text in texts
    ):
        return False
    if _numbers_columns(lower):
        return False
    over = _spread(upper, lowers)
    beside = [i for i, _ in texts if not text_of(upper.cells[i])]
    known = [i for i, text in texts if meaning_of(f"{over[i]} / {text}" if over[i] else text)]
    return bool(beside) and all(over[i] for i, _ in texts) and len(known) * 2 >= len(texts)


def _names_something(cell: Cell) -> bool:
    """Whether a cell can stand in a head: nothing, a text, or a year."""
    return isinstance(cell, str) or _BARE_YEAR.fullmatch(text_of(cell)) is not None


def _spread(upper: ListRow, lowers: list[ListRow]) -> list[str]:
    """For each column the text of `upper` above it; a merged one stands over the empty cells to its right, as far as
    the rows below it go on."""
    spread: list[str] = []
    for index, cell in enumerate(upper.cells):
        below = any(text_of(row.cells[index]) for row in lowers)
        spread.append(text_of(cell) or (spread[-1] if spread and below else ""))
    return spread


def _joined(block: list[ListRow]) -> tuple[str, ...]:
    """The texts of a head, one for each column."""
    parts = [[text_of(cell)] if text_of(cell) else [] for cell in block[-1].cells]
    for place in range(len(block) - 2, -1, -1):
        for column, text in zip(parts, _spread(block[place], block[place + 1 :]), strict=True):
            if text:
                column.insert(0, text)
    return tuple(" / ".join(column) for column in parts)


def _numbers_columns(row: ListRow) -> bool:
    """The row `(1) (2) (3)`, or `A B 1 2`, that official forms have below the head."""
    texts = [text for cell in row.cells if (text := text_of(cell))]
    return len(texts) > 1 and all(_COLUMN_NUMBER.fullmatch(text) for text in texts)


def _count_texts(row: ListRow, stt: int | None, up_to: int) -> int:
    """How many cells beside the running number hold something, counted no further than `up_to`."""
    filled = (1 for i, cell in enumerate(row.cells) if i != stt and text_of(cell))
    return sum(islice(filled, up_to))


def _sums_of_group(row: ListRow, stt: int) -> bool:
    """Whether a row names a group and says numbers of it: `II | Huyện Bảo Yên | | 12`.

    Without a number of its own such a row is one only where its text names an area or a group; it may as well be a
    record that lacks its number.
    """
    others = [(text_of(c), c) for i, c in enumerate(row.cells) if i != stt and text_of(c)]
    words = [text for text, cell in others if isinstance(cell, str) and read_number(text) is None]
    if len(words) != 1 or len(others) < 2:
        return False
    return outline_level(row) != "" or (
        not text_of(row.cells[stt]) and _GROUP.match(words[0]) is not None
    )


def _is_number(cell: Cell) -> bool:
    return text_of(cell).rstrip(".").isdecimal()

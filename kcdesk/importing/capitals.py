"""Columns in capitals throughout, and how they read in proper case: offered to a person, never applied alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from kcdesk.importing.cells import column_letter, text_of
from kcdesk.importing.layout import ListRow
from kcdesk.importing.workbook import Cell, Sheet

_MOSTLY = 0.8
_AT_LEAST = 3
_KEPT = frozenset(("HTX", "TNHH", "MTV", "CP", "DNTN", "THT", "XNK", "TM", "DV", "SX", "CNNT"))
"""What stays in capitals: legal forms and what they are made of."""


def proper_case(text: str) -> str:
    """A name in capitals as people write it. What is not in capitals throughout stays as it is.

    >>> proper_case("HTX THỔ CẨM TẢ PHÌN"), proper_case("Hộ Vàng A PÁO")
    ('HTX Thổ Cẩm Tả Phìn', 'Hộ Vàng A PÁO')
    """
    if not text.isupper():
        return text
    return " ".join(word if word in _KEPT else word.capitalize() for word in text.split(" "))


def in_proper_case(sheet: Sheet, letters: Collection[str]) -> Sheet:
    """The sheet with these columns in proper case."""
    if not letters:
        return sheet
    rows: list[list[Cell]] = [
        [
            proper_case(cell) if isinstance(cell, str) and column_letter(index) in letters else cell
            for index, cell in enumerate(row)
        ]
        for row in sheet.rows
    ]
    return replace(sheet, rows=rows)


def is_in_capitals(rows: Sequence[ListRow], index: int) -> bool:
    """Whether nearly all texts of a column, and at least three, are in capitals throughout."""
    texts = [text for row in rows if len(text := text_of(row.cells[index])) > 2]
    capitals = sum(text.isupper() for text in texts)
    return capitals >= max(_AT_LEAST, _MOSTLY * len(texts))

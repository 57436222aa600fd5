"""Workbooks from before Unicode that a generator makes: 99.9 % of letters right, none changed that was right."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcdesk.importing.reading import Choices, read_in_unicode
from tests.importing.old_workbooks import make


@pytest.mark.parametrize("seed", range(24))
def test_letters_of_a_mixed_workbook(tmp_path: Path, seed: int) -> None:
    made = make(tmp_path, seed)
    sheet, columns = read_in_unicode(made.path, None, Choices())
    letters = wrong = 0
    for (row, column), meant in made.truth.items():
        read = str(sheet.rows[row - 1][column - 1])
        if column in made.plain:
            assert read == meant
        letters += len(meant)
        wrong += sum(a != b for a, b in zip(read.ljust(len(meant)), meant, strict=False))
    assert wrong <= letters / 1000, (wrong, letters)
    assert all(column.is_certain for column in columns if column.index + 1 not in made.plain)

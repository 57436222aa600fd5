"""Lists of choices: the secondary instances of a form, from its XML or from a csv file beside it.

Format of csv: ODK XForms specification, "Secondary instances from CSV".
"""

from __future__ import annotations

import csv
import io
from xml.etree.ElementTree import Element

from kcdesk.questionnaire.form import Item

MAX_CSV_ROWS = 100_000


def from_elements(instance: Element) -> Item:
    """The document above the root element of an inline instance."""
    document = Item("")
    for child in instance:
        _copy(child, document)
    return document


def _copy(element: Element, parent: Item) -> None:
    item = Item(element.tag.rpartition("}")[2], (element.text or "").strip(), parent)
    for child in element:
        _copy(child, item)


def from_csv(data: bytes) -> Item:
    """The document of a csv file: `/root/item/<column>`. Raises ValueError when it is no such file."""
    text = data.decode("utf-8-sig")  # UnicodeDecodeError is a ValueError
    heading = text.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in heading), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    document = Item("")
    root = Item("root", "", document)
    try:
        columns = [column.strip() for column in next(rows)]
        if not all(columns) or len(set(columns)) < len(columns):
            raise ValueError("column names must be there and differ")
        for number, row in enumerate(rows):
            if number >= MAX_CSV_ROWS:
                raise ValueError("too many rows")
            if row:
                item = Item("item", "", root)
                for column, cell in zip(columns, [*row, *[""] * len(columns)], strict=False):
                    Item(column, cell, item)
    except (csv.Error, StopIteration) as error:
        raise ValueError(str(error)) from error
    return document

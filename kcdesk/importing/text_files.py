"""Lists as text: comma, semicolon or tab between the cells, in whatever encoding they were saved.

Owns finding out encoding and separator. Bytes that are no Unicode are read one for one: old Vietnamese encodings are
recognised afterwards, column by column (`encoding_detection`).
"""

from __future__ import annotations

import codecs
import csv
import io

SEPARATORS = ",;\t|"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 64


def read_rows(content: bytes) -> list[list[str]] | None:
    """The rows of a text file, all equally long; None when the bytes are no text with separated cells.

    >>> read_rows("Tên;Xã\\nHộ A;Cốc Mỳ\\n".encode())
    [['Tên', 'Xã'], ['Hộ A', 'Cốc Mỳ']]
    """
    text = _decoded(content)
    if text is None:
        return None
    separator = _separator(text)
    if separator is None:
        return None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        return None
    width = max(map(len, rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _decoded(content: bytes) -> str | None:
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), None)
    if encoding is None and b"\0" in content:
        return None
    for name in [encoding] if encoding else ["utf-8", "cp1252", "latin-1"]:
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    return None


def _separator(text: str) -> str | None:
    """The character that parts most of the first lines into equally many cells, outside of quotation marks."""
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip()]
    if not lines:
        return None
    best: tuple[int, int, str] | None = None
    for separator in SEPARATORS:
        widths = [len(next(csv.reader([line], delimiter=separator), [])) for line in lines]
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        if usual > 1:
            best = max(best or (0, 0, ""), (widths.count(usual), usual, separator))
    return best[2] if best else None

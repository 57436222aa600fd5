"""The fonts of the cells of an OpenDocument sheet. Source: OpenDocument 1.2, part 1, 9 (tables) and 16 (styles)."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from zipfile import ZipFile

_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:"
_STYLE, _TABLE, _TEXT = (f"{_NAMES}{name}:1.0}}" for name in ("style", "table", "text"))
_FONT_FAMILY = (
    f"{_NAMES}xsl-fo-compatible:1.0}}font-family",
    f"{_NAMES}svg-compatible:1.0}}font-family",
)
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def fonts_of_ods(content: bytes, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """(row, column), both from 0, and the font of each cell with text. Raises BadZipFile, KeyError, ParseError."""
    with ZipFile(io.BytesIO(content)) as parts:
        body = ET.fromstring(parts.read("content.xml"))  # noqa: S314 -- expat reads no other files
        names = set(parts.namelist())
        common = parts.read("styles.xml") if "styles.xml" in names else b"<none/>"
        looks = _Looks(ET.fromstring(common), body)  # noqa: S314
    for table in body.iter(f"{_TABLE}table"):
        if table.get(f"{_TABLE}name") == sheet:
            yield from _of_table(table, looks)


class _Looks:
    """Which font a style of cells has, by itself or by the style it goes back to."""

    def __init__(self, *documents: ET.Element) -> None:
        self._faces: dict[str, str] = {}
        self._fonts: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        for document in documents:
            for face in document.iter(f"{_STYLE}font-face"):
                self._faces[face.get(f"{_STYLE}name", "")] = _family(face)
            for style in document.iter(f"{_STYLE}style"):
                if style.get(f"{_STYLE}family") == "table-cell":
                    name = style.get(f"{_STYLE}name", "")
                    self._parents[name] = style.get(f"{_STYLE}parent-style-name", "")
                    said = style.find(f"{_STYLE}text-properties")
                    self._fonts[name] = "" if said is None else self._font(said)

    def _font(self, said: ET.Element) -> str:
        face = said.get(f"{_STYLE}font-name", "")
        return self._faces.get(face) or face or _family(said)

    def of(self, style: str) -> str:
        passed: set[str] = set()
        while style and style not in passed:
            if self._fonts.get(style):
                return self._fonts[style]
            passed.add(style)
            style = self._parents.get(style, "")
        return ""


def _family(element: ET.Element) -> str:
    named = (element.get(attribute, "") for attribute in _FONT_FAMILY)
    return next(filter(None, named), "").strip("'\"")


def _of_table(table: ET.Element, looks: _Looks) -> Iterator[tuple[tuple[int, int], str]]:
    usual: list[str] = []
    for column in table.iter(f"{_TABLE}table-column"):
        style = column.get(f"{_TABLE}default-cell-style-name", "")
        usual += [style] * min(_repeated(column, "columns"), 1_024)
    at = 0
    for row in table.iter(f"{_TABLE}table-row"):
        said = list(_of_row(row, usual, looks))
        for number in range(at, at + (_repeated(row, "rows") if said else 0)):
            yield from (((number, column), font) for column, font in said)
        at += _repeated(row, "rows")


def _of_row(row: ET.Element, usual: list[str], looks: _Looks) -> Iterator[tuple[int, str]]:
    at = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        count = _repeated(cell, "columns")
        if cell.find(f"{_TEXT}p") is not None:
            for column in range(at, at + count):
                by_column = usual[column] if column < len(usual) else ""
                if font := looks.of(cell.get(f"{_TABLE}style-name", by_column)):
                    yield column, font
        at += count


def _repeated(element: ET.Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))
